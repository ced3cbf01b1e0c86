"""What Home and the pages of customers show of cases: short lists, each one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, and_, case, func, literal, select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.cases.models import Case, Decision
from casedesk.cases.queries.sight import visible
from casedesk.cases.queries.tallies import MANY
from casedesk.cases.queries.views import LIVE, VIEWS, is_late
from casedesk.customers.models import Customer
from casedesk.store.db import values

SHOWN = 8
OF_CUSTOMER = 50


@dataclass(frozen=True)
class CaseLine:
    """A case in a short list. `total` is how many the whole list holds, counted up to MANY + 1."""

    id: int
    number: str
    name: str | None
    kind: str
    status: str
    stage: str
    outcome: str | None
    unread: bool
    next_clock: str | None
    next_started_at: datetime | None
    next_due_at: datetime | None
    next_paused: bool
    opened_at: datetime
    last_contact_at: datetime | None
    claimed_minor: int | None
    currency: str
    total: int


@dataclass(frozen=True)
class ApprovalLine:
    """A proposed decision that waits for the actor."""

    id: int
    case_id: int
    number: str
    name: str | None
    amount_minor: int
    by_rule_minor: int | None
    currency: str
    proposer: str
    proposed_at: datetime
    total: int


@dataclass(frozen=True)
class Figures:
    """How the desk stands now, each counted up to MANY + 1."""

    late: int
    soon: int
    day: int
    unassigned: int
    waiting: int
    to_pay: int


@dataclass(frozen=True)
class Load:
    """What one person has on the desk; `owner_id` None stands for the cases that nobody owns."""

    owner_id: int | None
    name: str | None
    live: int
    late: int
    soon: int


def due_next(session: Session, actor: Actor) -> list[CaseLine]:
    """The actor's own live cases, the one that is due first on top; paused clocks and none last."""
    order = (Case.next_paused, Case.next_due_at.is_(None), Case.next_due_at, Case.id)
    return _lines(session, and_(Case.owner_id == actor.id, LIVE), order, SHOWN)


def unread(session: Session, actor: Actor) -> list[CaseLine]:
    """The actor's own cases in which the customer wrote and nobody has read it yet, the oldest word first."""
    mine = and_(Case.owner_id == actor.id, LIVE, Case.unread)
    return _lines(session, mine, (Case.last_contact_at, Case.id), SHOWN)


def pressing(session: Session, actor: Actor, *, soon: datetime) -> list[CaseLine]:
    """Cases whose running clock is past or ends by `soon`, worst first."""
    due = and_(visible(actor), LIVE, Case.next_due_at <= soon, Case.next_paused.is_(False))
    return _lines(session, due, (Case.next_due_at, Case.id), SHOWN)


def cases_of(
    session: Session, actor: Actor, *, customer_id: int | None = None, subscription_id: int | None = None
) -> list[CaseLine]:
    """The newest cases of the customer or the contract that the actor may see."""
    of = (
        Case.subscription_id == subscription_id
        if subscription_id is not None
        else Case.customer_id == customer_id
    )
    return _lines(session, and_(visible(actor), of), (Case.id.desc(),), OF_CUSTOMER)


def approvals(session: Session, actor: Actor) -> list[ApprovalLine]:
    """Proposals of others that wait for approval, the oldest first."""
    open_to = and_(Decision.state == "proposed", Decision.proposed_by != actor.id, visible(actor))
    inner = (
        select(literal(1).label("one"))
        .select_from(Decision)
        .join(Case, Case.id == Decision.case_id)
        .where(open_to)
        .limit(MANY + 1)
        .subquery()
    )
    rows = session.execute(
        select(
            Decision.id,
            Decision.case_id,
            func.coalesce(Case.number, ""),
            func.coalesce(Customer.name, Case.claimed_name),
            Decision.amount_minor,
            Decision.by_rule_minor,
            Decision.currency,
            Person.name,
            Decision.proposed_at,
            select(func.count()).select_from(inner).scalar_subquery(),
        )
        .select_from(Decision)
        .join(Case, Case.id == Decision.case_id)
        .join(Person, Person.id == Decision.proposed_by)
        .outerjoin(Customer, Customer.id == Case.customer_id)
        .where(open_to)
        .order_by(Decision.proposed_at, Decision.id)
        .limit(SHOWN)
    )
    return [ApprovalLine(*row) for row in rows]


def figures(session: Session, actor: Actor, *, now: datetime, soon: datetime, day: datetime) -> Figures:
    """How many cases are late, due by `soon`, due by `day`, nobody's, waiting for approval, to be paid."""
    seen = visible(actor)
    running = and_(LIVE, Case.next_paused.is_(False), Case.next_due_at > now)
    row = session.execute(
        select(
            _count(seen, is_late(now)),
            _count(seen, running, Case.next_due_at <= soon),
            _count(seen, running, Case.next_due_at <= day),
            *(_count(seen, VIEWS[view](actor, now)) for view in ("unassigned", "approve", "pay")),
        )
    ).one()
    return Figures(*values(row))


def workload(session: Session, actor: Actor, *, now: datetime, soon: datetime) -> list[Load]:
    """Live cases by owner, the fullest desk first, nobody's last."""
    at_risk = and_(Case.next_due_at > now, Case.next_due_at <= soon, Case.next_paused.is_(False))
    rows = session.execute(
        select(
            Case.owner_id,
            Person.name,
            func.count(),
            func.sum(case((is_late(now), 1), else_=0)),
            func.sum(case((at_risk, 1), else_=0)),
        )
        .select_from(Case)
        .outerjoin(Person, Person.id == Case.owner_id)
        .where(visible(actor), LIVE)
        .group_by(Case.owner_id, Person.name)
        .order_by(Case.owner_id.is_(None), func.count().desc(), Person.name)
    )
    return [Load(*row) for row in rows]


LINE = (
    Case.id,
    func.coalesce(Case.number, ""),
    func.coalesce(Customer.name, Case.claimed_name, Case.claimed_contact),
    Case.kind,
    Case.status,
    Case.stage,
    Case.outcome,
    Case.unread,
    Case.next_clock,
    Case.next_started_at,
    Case.next_due_at,
    Case.next_paused,
    Case.opened_at,
    Case.last_contact_at,
    Case.claimed_minor,
    Case.currency,
)
"""The columns of a CaseLine, all but its `total`."""


def _lines(
    session: Session, condition: ColumnElement[bool], order: Sequence[Any], limit: int
) -> list[CaseLine]:
    rows = session.execute(
        select(*LINE, _count(condition))
        .select_from(Case)
        .outerjoin(Customer, Customer.id == Case.customer_id)
        .where(condition)
        .order_by(*order)
        .limit(limit)
    )
    return [CaseLine(*values(row)) for row in rows]


def _count(*conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    """How many cases meet all conditions, counted up to MANY + 1."""
    inner = select(literal(1).label("one")).select_from(Case).where(*conditions).limit(MANY + 1).subquery()
    return select(func.count()).select_from(inner).scalar_subquery()
