"""How many cases a view holds, without reading a large one to the end."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, Subquery, and_, case, func, literal, select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.cases.models import Case
from casedesk.cases.queries.filters import QueueFilter, condition
from casedesk.cases.queries.sight import visible
from casedesk.cases.queries.views import SOON, VIEWS, is_late
from casedesk.customers.models import Customer

MANY = 1_000
"""Beyond this a count says 'more than 1,000': nobody works from the exact figure."""


@dataclass(frozen=True)
class Tally:
    """What a filtered view holds. `count` is MANY + 1 where there are more; sums are then left out."""

    count: int
    asked_minor: int | None
    currency: str | None
    late: int
    past: int
    soon: int
    today: int
    week: int
    later: int

    @property
    def is_whole(self) -> bool:
        return self.count <= MANY


@dataclass(frozen=True)
class Bounds:
    """The instants that part the groups of a list by next clock, in the reader's zone."""

    now: datetime
    midnight: datetime
    week_end: datetime


def _few(code: str, actor: Actor, now: datetime) -> ScalarSelect[int]:
    one = select(literal(1).label("one")).select_from(Case)
    inner = one.where(visible(actor), VIEWS[code](actor, now)).limit(MANY + 1).subquery()
    return select(func.count()).select_from(inner).scalar_subquery()


def tallies(
    session: Session, actor: Actor, chosen: QueueFilter, views: list[str], bounds: Bounds
) -> tuple[dict[str, int], Tally]:
    """How many cases each view holds for `actor` (each counted up to MANY + 1), and the tally of the filtered
    view, in one statement."""
    inner = select(
        Case.claimed_minor,
        Case.currency,
        Case.next_due_at,
        Case.next_paused,
        case((is_late(bounds.now), 1), else_=0).label("late"),
    ).select_from(Case)
    if chosen.country:
        inner = inner.outerjoin(Customer, Customer.id == Case.customer_id)
    some = inner.where(condition(chosen, actor, bounds.now)).limit(MANY + 1).subquery()
    counts = [_few(code, actor, bounds.now).label(f"view_{code}") for code in views]
    row = session.execute(_sums(some, bounds).add_columns(*counts)).one()
    return {code: getattr(row, f"view_{code}") for code in views}, _tally(row)


def _tally(row: Row[Any]) -> Tally:
    single = row.low is not None and row.low == row.high
    return Tally(
        count=row.n,
        asked_minor=int(row.asked or 0) if single else None,
        currency=row.low if single else None,
        late=row.late or 0,
        past=row.past or 0,
        soon=row.soon or 0,
        today=row.today or 0,
        week=row.week or 0,
        later=row.later or 0,
    )


def _sums(some: Subquery, bounds: Bounds) -> Select[*tuple[Any, ...]]:
    due = some.c.next_due_at
    ahead = due > bounds.now

    running = some.c.next_paused.is_(False)
    return select(
        func.count().label("n"),
        func.sum(some.c.claimed_minor).label("asked"),
        func.min(some.c.currency).label("low"),
        func.max(some.c.currency).label("high"),
        func.sum(some.c.late).label("late"),
        _number(due <= bounds.now).label("past"),
        _number(ahead, running, due <= bounds.now + SOON).label("soon"),
        _number(ahead, due < bounds.midnight).label("today"),
        _number(ahead, due >= bounds.midnight, due < bounds.week_end).label("week"),
        _number(ahead, due >= bounds.week_end).label("later"),
    )


def _number(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows meet all of `conditions`."""
    return func.sum(case((and_(*conditions), 1), else_=0))
