"""What holds of customers and their contracts: kinds, contact points, consents, disclosures, ends."""

from datetime import date

KINDS = ("consumer", "business", "non_professional")
CONTACT_KINDS = ("mail", "phone", "post")
PURPOSES = ("marketing_mail", "marketing_phone", "marketing_sms", "profiling")
STATES = ("active", "ending", "ended", "paused")
LOCALES = ("en", "fr")

DISCLOSURES = (
    "withdrawal_information",
    "express_request",
    "express_consent",
    "loss_acknowledged",
    "confirmation",
    "renewal_reminder",
    "change_notice",
    "price_after_trial",
)
"""What a customer may have been told or have agreed to; the legal rules read these."""

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
