"""What holds of customers and their contracts: kinds, contact points, consents, disclosures, ends."""

from datetime import date

KINDS = ("consumer", "business", "non_professional")
CONTACT_KINDS = ("mail", "phone", "post")
PURPOSES = ("marketing_mail", "marketing_phone", "marketing_sms", "profiling")
CONTRACT_STATES = ("active", "ending", "ended", "paused")
LOCALES = ("en", "fr")

DISCLOSURES = (
    "withdrawal_information",
    "price_of_use",
    "express_request",
    "express_consent",
    "loss_acknowledged",
    "confirmation",
    "renewal_reminder",
    "change_notice",
    "price_after_trial",
)
"""What a customer may have been told or have agreed to; the legal rules read these."""

STATED = {
    "plan": (
        "leisure_specific_date",
        "separately_priced_parts",
        "supplied_over_period",
        "sector",
        "trader_sells_online",
        "commitment_months",
        "renewal_clause",
        "merchant_kind",
        "billing",
        "billing_day_configured",
        "lessons",
        "delivery_pattern",
        "button_available",
    ),
    "terms": (
        "contract_refund_window_days",
        "proration_method",
        "contract_notice_months",
        "notice_months",
        "commitment_months",
        "renewal_clause",
        "mediator_min_wait_months",
    ),
    "subscription": (
        "leisure_specific_date",
        "separately_priced_parts",
        "remaining_price_minor",
        "supplied_over_period",
        "service_fully_performed_at",
        "supply_begun_at",
        "goods_received_at",
        "unsealed",
        "delivery_pattern",
        "main_activity",
        "renewed",
        "extended",
        "extended_at",
        "trial_converted_at",
        "initial_term_end",
        "contract_end",
        "commitment_until",
        "current_cancellation_date",
        "contract_copy_received",
        "sale_place",
        "services_begun",
        "lessons",
        "lessons_given",
    ),
}
"""What may be stated of a plan, of a version of terms and of a contract: the facts that their columns do not hold."""

STATES = ("known", "never", "unknown")

NOTICE_FORMS = ("dedicated_with_box", "dedicated_without_box", "newsletter", "invoice", "other")
"""How a renewal reminder looked: the form decides whether it counts."""

MEDIA = ("mail", "letter", "checkout", "portal", "phone", "paper")


def media_of(kind: str) -> tuple[str, ...]:
    """The media that make sense for a disclosure of `kind`."""
    return NOTICE_FORMS if kind == "renewal_reminder" else MEDIA


def end_of(*, at_period_end: bool, asked: date | None, today: date, period_ends_on: date | None) -> date:
    """The last day of a contract that is ended: with the paid period, on the day asked for, or today."""
    if at_period_end and period_ends_on is not None:
        return max(period_ends_on, today)
    return asked or today


def state_at(ends_on: date, today: date) -> str:
    """Whether a contract that ends on `ends_on` runs out or is over."""
    return "ended" if ends_on <= today else "ending"
