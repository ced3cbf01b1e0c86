"""Facts played through the record: customer, plan, terms, contract, charge, disclosures, acts; the rest by hand.

`played` builds what a desk would have on record for the facts of a scenario. What has a column or a register of
its own goes there; `by_hand` are the facts that a person enters on the page of the case.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from casedesk.accounts.actor import Actor
from casedesk.cases.actions import opening
from casedesk.cases.commands import OpenCase
from casedesk.cases.entries import ActLine
from casedesk.cases.facts import facts_of, jurisdiction
from casedesk.cases.models import Case, Cause
from casedesk.cases.queries.file import file_of_case
from casedesk.customers.models import Customer, Disclosure, Subscription
from casedesk.customers.rules import STATED
from casedesk.customers.stating import StateFact, state_fact
from casedesk.kernel.calendar import local_day
from casedesk.ledger import actions as ledger
from casedesk.ledger.rules import NewCharge
from casedesk.policy.facts import NEVER, Facts, written
from casedesk.store.db import db
from casedesk.store.transaction import transaction
from tests.factories import a_customer, a_plan, a_subscription, an_entity, stored, terms

PLACES = {
    "FR": ("FR", ""), "DE": ("DE", ""), "BE": ("BE", ""), "CH": ("CH", ""), "UK": ("GB", ""), "US": ("US", ""),
    "US-CA": ("US", "CA"), "CA-QC": ("CA", "QC"), "EU": ("LU", ""),
}  # fmt: skip
TOLD = {
    "express_request": "express_request",
    "loss_acknowledged": "loss_acknowledged",
    "confirmation_provided": "confirmation",
    "express_consent": "express_consent",
    "price_after_trial_clearly_disclosed": "price_after_trial",
}
TOLD_AT = {
    "withdrawal_information_given_at": "withdrawal_information",
    "notice_sent_at": "renewal_reminder",
    "change_notified_at": "change_notice",
}
LONG_AFTER = timedelta(days=4000)


@dataclass(frozen=True)
class Played:
    """A case on record. `now`: when its facts are looked at."""

    case_id: int
    now: datetime
    wanted: Mapping[str, Any]

    def facts(self) -> Facts:
        """What the adapter makes of the record."""
        db.session.remove()
        session = db.session()
        return facts_of(file_of_case(session, session.get_one(Case, self.case_id)), now=self.now)

    def by_hand(self, read: tuple[str, ...]) -> dict[str, tuple[str, Any]]:
        """What a person must still enter so that the record says what is wanted: (state, value as files write it)."""
        known, missing = self.facts(), {}
        for name in {*read, *self.wanted}:
            want = self.wanted.get(name)
            if known.value(name) == want or (name not in self.wanted and name not in read):
                continue
            if want is None:
                missing[name] = ("unknown", None)
            else:
                missing[name] = ("never", None) if want is NEVER else ("known", written(name, want))
        return missing


def play(inputs: Mapping[str, Any], agent: Actor) -> Played:
    """Put the facts of a scenario on record."""
    want = Facts.of({k: v for k, v in inputs.items() if k not in ("note", "question")}).known
    zone = str(want.get("timezone", "Europe/Paris"))
    act = want.get("action_at")
    asked = act if isinstance(act, datetime) else datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    evaluated = want.get("evaluate_at")
    customer, contract = _contract(want, zone)
    with transaction() as session:
        charge = _charge(session, want, customer, contract, asked, zone)
        charge_id = charge.id if charge else None
        _told(session, want, contract.id)
        for name in STATED["subscription"]:
            if name in want:
                _state(session, contract.id, name, want[name], agent, asked)
    cause = stored(Cause(code=f"cause-{contract.id}", label_en="Changed mind", label_fr="A changé d’avis"))
    if want.get("market_price_minor") is NEVER:
        with transaction() as session:
            session.get_one(Cause, cause.id).alleges_excess = False
    command = OpenCase(
        kind="refund",
        channel="mail",
        said="Bonjour.",
        cause_code=cause.code,
        said_at=asked,
        customer_id=customer.id,
        subscription_id=contract.id,
        charge_id=charge_id,
        claimed_minor=want.get("refund_requested_minor"),
        acts=_acts(want, asked),
    )
    with transaction() as session:
        case_id = opening.open_case(session, command, actor=agent, now=asked + LONG_AFTER)
    now = evaluated if isinstance(evaluated, datetime) else asked + LONG_AFTER
    return Played(case_id, now, want)


def _contract(want: Mapping[str, Any], zone: str) -> tuple[Customer, Subscription]:
    country, region = PLACES.get(str(want.get("jurisdiction")), ("FR", ""))
    calendar = str(want.get("holiday_calendar", ""))
    if calendar.startswith(f"{country}-") and not region and country != "GB":
        region = calendar.partition("-")[2]
    assert jurisdiction(country, region) is not None
    consumer = {True: "consumer", False: "business", "non_professionnel": "non_professional"}
    kind = want.get("consumer")
    customer = a_customer(
        country=country,
        region=region,
        time_zone=zone,
        kind=consumer.get(kind, "consumer"),
        kind_known=kind in consumer,
        employees=want.get("employees"),
    )
    entity = an_entity(currency=want.get("currency", "EUR"), time_zone=zone)
    concluded = want.get("contract_concluded_at", want.get("purchase_at"))
    at = concluded if isinstance(concluded, datetime) else datetime(2025, 1, 1, 9, 0, tzinfo=UTC)
    contract_kind = str(want.get("contract_kind", ""))
    plan = a_plan(
        entity,
        contract_kind="service" if contract_kind.startswith("service") else contract_kind,
        category=want.get("category", ""),
    )
    accepted = terms(entity, **_terms(want))
    renewed = want.get("renewed_at")
    contract = a_subscription(
        customer,
        plan,
        accepted,
        channel=want.get("channel", ""),
        concluded_at=at,
        concluded_known=isinstance(concluded, datetime),
        accepted_at=at,
        started_on=want.get("commitment_start", want.get("contract_start", local_day(at, zone))),
        renewed_at=renewed if isinstance(renewed, datetime) else None,
        billing_day=want.get("billing_day"),
        price_minor=want.get("price_minor", 0),
    )
    return customer, contract


def _terms(want: Mapping[str, Any]) -> dict[str, Any]:
    months = want.get("notice_months", want.get("contract_notice_months", 0))
    window, committed = want.get("contract_refund_window_days"), want.get("commitment_months")
    tacit = want.get("contract_kind") == "service_fixed_term_tacit_renewal"
    return {
        "refund_window_days": window if isinstance(window, int) else None,
        "proration": want.get("method", "") if want.get("method") in ("days", "full", "none") else "",
        "commitment_months": committed if isinstance(committed, int) else 0,
        "notice_months": months,
        "renewal": "tacit"
        if tacit
        else {"indefinite": "indefinite"}.get(str(want.get("renewal_clause")), ""),
        "renewal_months": want.get("term_months", 0),
    }


def _charge(
    session: Any,
    want: Mapping[str, Any],
    customer: Customer,
    contract: Subscription,
    asked: datetime,
    zone: str,
) -> Any:
    """The charge in dispute, if the facts speak of money; its period ends as many days after the act as are unused."""
    if "paid_minor" not in want or "currency" not in want or want["paid_minor"] <= 0:
        return None
    start, end = want.get("period_start"), want.get("period_end")
    if "period_days" in want and "used_days" in want:
        start = local_day(asked, zone) - timedelta(days=want["used_days"])
        end = start + timedelta(days=want["period_days"])
    days = isinstance(start, date) and isinstance(end, date) and not isinstance(start, datetime)
    day = want.get("paid_on", want.get("transaction_processing_date"))
    at = datetime.combine(day, time(12), UTC) if isinstance(day, date) else asked - timedelta(days=1)
    return ledger.capture(
        session,
        NewCharge(
            reference=f"CH-{contract.id}",
            entity_id=contract.entity_id,
            customer_id=customer.id,
            subscription_id=contract.id,
            amount_minor=want["paid_minor"],
            currency=want["currency"],
            captured_at=at,
            period_starts_on=start if days else None,
            period_ends_on=end if days else None,
        ),
    )


def _told(session: Any, want: Mapping[str, Any], subscription_id: int) -> None:
    lines: dict[str, Any] = {kind: want[name] for name, kind in TOLD.items() if name in want}
    lines |= {kind: want[name] for name, kind in TOLD_AT.items() if name in want}
    if "informed" in want:
        lines.setdefault("withdrawal_information", want["informed"])
        lines["price_of_use"] = want["informed"]
    for kind, value in lines.items():
        never = value is NEVER or value is False
        at = value if isinstance(value, datetime) else datetime(2025, 1, 1, tzinfo=UTC)
        session.add(
            Disclosure(
                subscription_id=subscription_id,
                kind=kind,
                given_at=None if never else at,
                never=never,
                medium=str(want.get("notice_form", "")) if kind == "renewal_reminder" else "",
                source="mail log",
                recorded_at=at,
            )
        )


def _state(session: Any, subscription_id: int, name: str, value: Any, agent: Actor, now: datetime) -> None:
    state = "never" if value is NEVER else "known"
    given = None if value is NEVER else written(name, value)
    command = StateFact("subscription", subscription_id, name, state, "signed contract", given)
    state_fact(session, command, actor=agent, now=now)


def _acts(want: Mapping[str, Any], asked: datetime) -> tuple[ActLine, ...]:
    acts = [ActLine("refund_request", declared_at=asked, sent_at=asked, received_at=asked)]
    given = want.get("termination_notice_at", want.get("notice_given_at"))
    received = want.get("termination_notice_received_at")
    if isinstance(given, datetime) or isinstance(received, datetime):
        acts.append(ActLine("termination", sent_at=given or received, received_at=received or given))
    if isinstance(complaint := want.get("written_complaint_at"), datetime):
        acts.append(ActLine("written_complaint", sent_at=complaint, received_at=complaint))
    return tuple(acts)
