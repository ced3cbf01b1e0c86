"""The head of a case: the case with its customer and contract, in one statement."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, case, func, select
from sqlalchemy.orm import Session, aliased

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person, Team
from casedesk.cases.models import Case, CaseTag, Cause
from casedesk.cases.queries.prepared import Reader, moment, reader_of, stand_in, values_of
from casedesk.cases.queries.sight import visible
from casedesk.customers.models import ContactPoint, Customer, Entity, Period, Plan, Subscription, Terms
from casedesk.kernel.errors import NotFound
from casedesk.ledger.models import Charge, LedgerEntry
from casedesk.rulebook.models import Judgement, PackVersion
from casedesk.store.drafts import DraftView
from casedesk.store.models import Draft

YEAR = timedelta(days=365)

_Stated, _Established, _Other = aliased(Cause), aliased(Cause), aliased(Case)


@dataclass(frozen=True)
class CustomerPart:
    """Whose case it is, with what the desk sees at a glance."""

    id: int
    name: str
    kind: str
    locale: str
    country: str
    city: str
    time_zone: str
    mail: str | None
    phone: str | None
    vulnerable: bool
    erased: bool
    other_open: int
    other_closed: int
    refunded_minor: int


@dataclass(frozen=True)
class ContractPart:
    """The contract in dispute."""

    id: int
    reference: str
    state: str
    plan: str
    terms: str
    accepted_at: datetime
    concluded_at: datetime
    channel: str
    renewal: str
    renewal_months: int
    started_on: date
    ends_on: date | None
    commitment_until: date | None
    period_starts_on: date | None
    period_ends_on: date | None
    payment: str
    payment_expiry: str


@dataclass(frozen=True)
class CaseSheet:
    """A case as its page needs it. `case` holds the plain columns, with the names of owner, team and entity, and
    the judgement that stands (`verdict` as stored, `judged_at`); `draft` what the reader has typed here."""

    case: Row[*tuple[Any, ...]]
    customer: CustomerPart | None
    contract: ContractPart | None
    tags: tuple[str, ...]
    draft: DraftView | None

    @property
    def name(self) -> str | None:
        """Who it is about: the customer, or who the caller said to be."""
        if self.customer:
            return self.customer.name
        claimed: str | None = self.case.claimed_name or self.case.claimed_contact
        return claimed

    @property
    def locale(self) -> str:
        """The language to write in."""
        return self.customer.locale if self.customer else str(self.case.entity_locale)


def sheet(session: Session, actor: Actor, case_id: int, place: str = "", *, now: datetime) -> CaseSheet:
    """The head of the case, with the reader's draft of `place`. Raises NotFound, also where the actor may not see it."""
    asked = values_of(actor, now, year_ago=now - YEAR, today=now.date(), case=case_id, place=place)
    row = session.execute(_statement(reader_of(actor)), asked).one_or_none()
    if row is None:
        raise NotFound("not_found")
    tags = tuple(sorted(row.tags.split(","))) if row.tags else ()
    draft = DraftView(place, row.draft_body, row.draft_saved_at) if row.draft_saved_at else None
    return CaseSheet(row, _customer(row), _contract(row), tags, draft)


@cache
def _statement(reader: Reader) -> Select[*tuple[Any, ...]]:
    """The head of a case with parameters, built once for each kind of reader."""
    actor = stand_in(reader)
    return (
        select(
            *Case.__table__.columns,
            _Stated.label_en.label("stated_en"),
            _Stated.label_fr.label("stated_fr"),
            _Established.label_en.label("established_en"),
            _Established.label_fr.label("established_fr"),
            Entity.name.label("entity_name"),
            Entity.locale.label("entity_locale"),
            Entity.sender_mail.label("entity_mail"),
            Person.name.label("owner_name"),
            Team.name.label("team_name"),
            Judgement.verdict.label("verdict"),
            Judgement.judged_at,
            select(func.max(PackVersion.id)).scalar_subquery().label("packs_published"),
            Draft.body.label("draft_body"),
            Draft.saved_at.label("draft_saved_at"),
            *_customer_columns(),
            *_contract_columns(),
            _tags().label("tags"),
        )
        .join(Entity, Entity.id == Case.entity_id)
        .outerjoin(Person, Person.id == Case.owner_id)
        .outerjoin(Team, Team.id == Case.team_id)
        .outerjoin(Judgement, Judgement.id == Case.judgement_id)
        .outerjoin(Draft, and_(Draft.person_id == actor.id, Draft.place == bindparam("place")))
        .outerjoin(_Stated, _Stated.id == Case.stated_cause_id)
        .outerjoin(_Established, _Established.id == Case.established_cause_id)
        .outerjoin(Customer, Customer.id == Case.customer_id)
        .outerjoin(Subscription, Subscription.id == Case.subscription_id)
        .outerjoin(Plan, Plan.id == Subscription.plan_id)
        .outerjoin(Terms, Terms.id == Subscription.terms_id)
        .where(Case.id == bindparam("case", type_=Case.id.type), visible(actor))
    )


def _customer_columns() -> list[Any]:
    return [
        Customer.name.label("customer_name"),
        Customer.kind.label("customer_kind"),
        Customer.locale.label("customer_locale"),
        Customer.country.label("customer_country"),
        Customer.city.label("customer_city"),
        Customer.time_zone.label("customer_zone"),
        Customer.vulnerable.label("customer_vulnerable"),
        Customer.erased_at.label("customer_erased_at"),
        _contact("mail").label("customer_mail"),
        _contact("phone").label("customer_phone"),
        _others(closed=False).label("other_open"),
        _others(closed=True).label("other_closed"),
        _refunded().label("refunded_minor"),
    ]


def _contract_columns() -> list[Any]:
    today = bindparam("today", type_=Period.starts_on.type)
    period = (
        Period.subscription_id == Case.subscription_id,
        Period.starts_on <= today,
        Period.ends_on > today,
    )
    return [
        Subscription.reference.label("contract_reference"),
        Subscription.state.label("contract_state"),
        Subscription.accepted_at,
        Subscription.concluded_at,
        Subscription.channel.label("contract_channel"),
        Subscription.started_on,
        Subscription.ends_on,
        Subscription.commitment_until,
        Subscription.payment_brand,
        Subscription.payment_last4,
        Subscription.payment_expiry,
        Plan.name.label("plan_name"),
        Terms.code.label("terms_code"),
        Terms.renewal,
        Terms.renewal_months,
        select(func.max(Period.starts_on)).where(*period).scalar_subquery().label("period_starts_on"),
        select(func.max(Period.ends_on)).where(*period).scalar_subquery().label("period_ends_on"),
    ]


def _contact(kind: str) -> ColumnElement[str | None]:
    return (
        select(ContactPoint.value)
        .where(ContactPoint.customer_id == Case.customer_id, ContactPoint.kind == kind)
        .order_by(ContactPoint.preferred.desc(), ContactPoint.id)
        .limit(1)
        .correlate(Case)
        .scalar_subquery()
    )


def _others(*, closed: bool) -> ColumnElement[int]:
    status = _Other.status == "closed" if closed else _Other.status != "closed"
    return (
        select(func.count())
        .select_from(_Other)
        .where(_Other.customer_id == Case.customer_id, _Other.id != Case.id, status)
        .correlate(Case)
        .scalar_subquery()
    )


def _refunded() -> ColumnElement[int]:
    """What was given back to the customer in twelve months, in the currency of the case."""
    moved = case((LedgerEntry.kind.in_(("refund", "credit")), LedgerEntry.amount_minor), else_=0)
    return (
        select(func.coalesce(func.sum(moved), 0))
        .select_from(LedgerEntry)
        .join(Charge, Charge.id == LedgerEntry.charge_id)
        .where(
            Charge.customer_id == Case.customer_id,
            Charge.currency == Case.currency,
            LedgerEntry.at >= moment("year_ago"),
        )
        .correlate(Case)
        .scalar_subquery()
    )


def _tags() -> ColumnElement[str | None]:
    return (
        select(func.aggregate_strings(CaseTag.tag, ","))
        .where(CaseTag.case_id == Case.id)
        .correlate(Case)
        .scalar_subquery()
    )


def _customer(row: Row[*tuple[Any, ...]]) -> CustomerPart | None:
    if row.customer_id is None:
        return None
    return CustomerPart(
        id=row.customer_id,
        name=row.customer_name,
        kind=row.customer_kind,
        locale=row.customer_locale,
        country=row.customer_country,
        city=row.customer_city,
        time_zone=row.customer_zone,
        mail=row.customer_mail,
        phone=row.customer_phone,
        vulnerable=row.customer_vulnerable,
        erased=row.customer_erased_at is not None,
        other_open=row.other_open,
        other_closed=row.other_closed,
        refunded_minor=int(row.refunded_minor or 0),
    )


def _contract(row: Row[*tuple[Any, ...]]) -> ContractPart | None:
    if row.subscription_id is None:
        return None
    return ContractPart(
        id=row.subscription_id,
        reference=row.contract_reference,
        state=row.contract_state,
        plan=row.plan_name,
        terms=row.terms_code,
        accepted_at=row.accepted_at,
        concluded_at=row.concluded_at,
        channel=row.contract_channel,
        renewal=row.renewal,
        renewal_months=row.renewal_months,
        started_on=row.started_on,
        ends_on=row.ends_on,
        commitment_until=row.commitment_until,
        period_starts_on=row.period_starts_on,
        period_ends_on=row.period_ends_on,
        payment=f"{row.payment_brand} {row.payment_last4}".strip(),
        payment_expiry=row.payment_expiry,
    )
