"""Load what the rules may read of a case (or of one that is being typed) in five statements at most."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, String, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from casedesk.cases.facts import ActFact, CaseFile, DisclosureLine, SuppliedLine
from casedesk.cases.models import Act, Case, Cause, SuppliedFact
from casedesk.customers.models import (
    ContractFact,
    Customer,
    Disclosure,
    Entity,
    Plan,
    Subscription,
    Terms,
)
from casedesk.ledger.models import Charge, ChargeBalance
from casedesk.store.models import Entry

_SUBSCRIPTION = (
    "channel",
    "concluded_at",
    "concluded_known",
    "billing_day",
    "started_on",
    "price_minor",
    "renewed_at",
    "commitment_until",
    "currency",
)
_PLAN = ("code", "contract_kind", "category")
_TERMS = (
    "code",
    "refund_window_days",
    "proration",
    "commitment_months",
    "notice_months",
    "renewal",
    "renewal_months",
)
_CHARGE = ("reference", "amount_minor", "currency", "captured_at", "period_starts_on", "period_ends_on")


@dataclass(frozen=True)
class Subjects:
    """What a case is about, by id; the typed form of a case that may not exist yet."""

    kind: str
    asked_at: datetime
    entity_id: int
    customer_id: int | None = None
    subscription_id: int | None = None
    charge_id: int | None = None
    claimed_minor: int | None = None
    cause_id: int | None = None
    cause_code: str | None = None
    acts: tuple[ActFact, ...] = ()
    supplied: tuple[SuppliedLine, ...] = ()


def file_of_case(session: Session, case: Case) -> CaseFile:
    """The file of a stored case."""
    return file_of(
        session,
        Subjects(
            kind=case.kind,
            asked_at=case.occurred_at,
            entity_id=case.entity_id,
            customer_id=case.customer_id,
            subscription_id=case.subscription_id,
            charge_id=case.charge_id,
            claimed_minor=case.claimed_minor,
            cause_id=case.stated_cause_id,
            acts=_acts(session, case.id),
            supplied=_supplied(session, case.id),
        ),
    )


def file_of(session: Session, subjects: Subjects) -> CaseFile:
    """The file of a case with these subjects."""
    row = session.execute(
        _FILE,
        {
            "entity": subjects.entity_id,
            "customer": subjects.customer_id,
            "subscription": subjects.subscription_id,
            "charge": subjects.charge_id,
            "cause": subjects.cause_id,
            "cause_code": subjects.cause_code,
        },
    ).one()
    customer, entity = row.Customer, row.Entity
    return CaseFile(
        kind=subjects.kind,
        asked_at=subjects.asked_at,
        time_zone=customer.time_zone if customer else entity.time_zone,
        country=customer.country if customer else entity.country,
        region=customer.region if customer else "",
        known_customer=customer is not None,
        customer_kind=customer.kind if customer and customer.kind_known else None,
        employees=customer.employees if customer else None,
        subscription=_picked(row.Subscription, _SUBSCRIPTION),
        plan=_picked(row.Plan, _PLAN),
        terms=_picked(row.Terms, _TERMS),
        charge=_charge(row.Charge, row.refunded),
        claimed_minor=subjects.claimed_minor,
        disclosures=_disclosures(session, subjects.subscription_id),
        acts=subjects.acts,
        cause=row.Cause.code if row.Cause else None,
        alleges_excess=row.Cause.alleges_excess if row.Cause else None,
        stated=_stated(session, row.Subscription),
        supplied=subjects.supplied,
    )


_FILE = (
    select(Entity, Customer, Subscription, Plan, Terms, Charge, ChargeBalance.refunded, Cause)
    .select_from(Entity)
    .outerjoin(Customer, Customer.id == bindparam("customer", type_=BigInteger))
    .outerjoin(Subscription, Subscription.id == bindparam("subscription", type_=BigInteger))
    .outerjoin(Plan, Plan.id == Subscription.plan_id)
    .outerjoin(Terms, Terms.id == Subscription.terms_id)
    .outerjoin(Charge, Charge.id == bindparam("charge", type_=BigInteger))
    .outerjoin(ChargeBalance, ChargeBalance.charge_id == Charge.id)
    .outerjoin(
        Cause,
        or_(
            Cause.id == bindparam("cause", type_=BigInteger),
            Cause.code == bindparam("cause_code", type_=String),
        ),
    )
    .where(Entity.id == bindparam("entity"))
)


def _charge(charge: Charge | None, refunded: int | None) -> dict[str, Any]:
    return {**_picked(charge, _CHARGE), "refunded": refunded or 0} if charge else {}


def _picked(thing: object | None, names: Sequence[str]) -> dict[str, Any]:
    return {} if thing is None else {name: getattr(thing, name) for name in names}


def _disclosures(session: Session, subscription_id: int | None) -> tuple[DisclosureLine, ...]:
    if subscription_id is None:
        return ()
    rows = session.execute(_DISCLOSURES, {"subscription": subscription_id})
    newest = {r.kind: DisclosureLine(r.kind, r.given_at, r.never, r.medium, r.source) for r in rows}
    return tuple(newest.values())


_DISCLOSURES = (
    select(Disclosure.kind, Disclosure.given_at, Disclosure.never, Disclosure.medium, Disclosure.source)
    .where(Disclosure.subscription_id == bindparam("subscription"))
    .order_by(Disclosure.id)
)


def _stated(session: Session, contract: Subscription | None) -> tuple[SuppliedLine, ...]:
    """What is stated of the terms, the plan and the contract; of each the newest word, the closest last."""
    if contract is None:
        return ()
    ranked = {"terms": contract.terms_id, "plan": contract.plan_id, "subscription": contract.id}
    rows = session.execute(_STATED, ranked)
    newest = {
        (r.subject_kind, r.name): SuppliedLine(
            r.name, r.state, (r.value or {}).get("v"), f"{r.subject_kind}: {r.source}"
        )
        for r in rows
    }
    order = list(ranked)
    return tuple(newest[key] for key in sorted(newest, key=lambda key: (order.index(key[0]), key[1])))


_STATED = (
    select(
        ContractFact.subject_kind,
        ContractFact.name,
        ContractFact.state,
        ContractFact.value,
        ContractFact.source,
    )
    .where(
        or_(
            *(
                and_(ContractFact.subject_kind == kind, ContractFact.subject_id == bindparam(kind))
                for kind in ("terms", "plan", "subscription")
            )
        )
    )
    .order_by(ContractFact.id)
)


def _acts(session: Session, case_id: int) -> tuple[ActFact, ...]:
    rows = session.execute(_ACTS, {"case": case_id})
    return tuple(
        ActFact(r.kind, r.sent_at or r.declared_at or r.happened_at, r.received_at, r.entry_id) for r in rows
    )


_ACTS = (
    select(Act.kind, Act.declared_at, Act.sent_at, Act.received_at, Act.entry_id, Entry.happened_at)
    .join(Entry, Entry.id == Act.entry_id)
    .where(Act.case_id == bindparam("case"))
    .order_by(Act.id)
)


def _supplied(session: Session, case_id: int) -> tuple[SuppliedLine, ...]:
    rows = session.execute(_SUPPLIED, {"case": case_id})
    newest = {r.name: SuppliedLine(r.name, r.state, (r.value or {}).get("v"), r.source) for r in rows}
    return tuple(newest.values())


_SUPPLIED = (
    select(SuppliedFact.name, SuppliedFact.state, SuppliedFact.value, SuppliedFact.source)
    .where(SuppliedFact.case_id == bindparam("case"))
    .order_by(SuppliedFact.id)
)
