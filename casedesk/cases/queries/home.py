"""What Home shows of cases: each panel is one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, func, literal, select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.cases.models import Case
from casedesk.cases.queries.queue import COLUMNS
from casedesk.cases.queries.sight import visible
from casedesk.cases.queries.tallies import MANY
from casedesk.cases.queries.views import LIVE, SOON, VIEWS, is_late
from casedesk.customers.models import Customer

SHOWN = 8


@dataclass(frozen=True)
class Few:
    """The first rows of a list, and how many it holds (MANY + 1 where there are more than MANY)."""

    rows: Sequence[Any]
    count: int


@dataclass(frozen=True)
class Load:
    """What one person has on the desk; `owner_id` None stands for the cases that nobody owns."""

    owner_id: int | None
    name: str | None
    live: int
    late: int
    soon: int


def mine_due_next(session: Session, actor: Actor, now: datetime) -> Few:
    """The actor's own live cases, the one that is due first on top; paused clocks last."""
    mine = VIEWS["mine"](actor, now)
    waits = and_(mine, Case.status.in_(("open", "waiting-third-party", "decided")))
    order = (Case.next_paused, Case.next_due_at.is_(None), Case.next_due_at, Case.id)
    return _few(session, waits, order)


def mine_unread(session: Session, actor: Actor, now: datetime) -> Few:
    """The actor's own cases in which the customer wrote last and nobody has read it yet, the oldest word first."""
    unread = and_(VIEWS["mine"](actor, now), Case.unread)
    return _few(session, unread, (Case.last_contact_at, Case.id))


def late_and_at_risk(session: Session, actor: Actor, now: datetime) -> tuple[Few, int, int]:
    """Cases whose running clock is past or has less than SOON left, worst first; how many are late, how many at risk."""
    late, soon = is_late(now), _at_risk(now)
    pressing = and_(LIVE, Case.next_due_at <= now + SOON, Case.next_paused.is_(False))
    extra = (
        _count(visible(actor), late).label("late"),
        _count(visible(actor), soon).label("soon"),
    )
    rows = session.execute(
        _rows(and_(visible(actor), pressing), extra).order_by(Case.next_due_at, Case.id).limit(SHOWN)
    ).all()
    if not rows:
        return Few((), 0), 0, 0
    return Few(rows, rows[0].late + rows[0].soon), rows[0].late, rows[0].soon


def workload(session: Session, actor: Actor, now: datetime) -> list[Load]:
    """Live cases by owner, the fullest desk first, nobody's last."""
    rows = session.execute(
        select(
            Case.owner_id,
            Person.name,
            func.count().label("live"),
            func.sum(case((is_late(now), 1), else_=0)).label("late"),
            func.sum(case((_at_risk(now), 1), else_=0)).label("soon"),
        )
        .select_from(Case)
        .outerjoin(Person, Person.id == Case.owner_id)
        .where(visible(actor), LIVE)
        .group_by(Case.owner_id, Person.name)
        .order_by(Case.owner_id.is_(None), func.count().desc(), Person.name)
    )
    return [Load(*row) for row in rows]


def _at_risk(now: datetime) -> ColumnElement[bool]:
    return and_(
        LIVE, Case.next_due_at > now, Case.next_due_at <= now + SOON, Case.next_paused.is_(False)
    )


def _few(session: Session, condition: ColumnElement[bool], order: Sequence[Any]) -> Few:
    rows = session.execute(
        _rows(condition, (_count(condition).label("total"),)).order_by(*order).limit(SHOWN)
    ).all()
    return Few(rows, rows[0].total if rows else 0)


def _rows(condition: ColumnElement[bool], extra: Sequence[Any]) -> Select[*tuple[Any, ...]]:
    return (
        select(*COLUMNS, *extra).outerjoin(Customer, Customer.id == Case.customer_id).where(condition)
    )


def _count(*conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    """How many cases meet all conditions, counted up to MANY + 1."""
    inner = select(literal(1).label("one")).select_from(Case).where(*conditions).limit(MANY + 1).subquery()
    return select(func.count()).select_from(inner).scalar_subquery()
