"""How many cases a view holds, without reading a large one to the end."""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, ScalarSelect, Select, Subquery, and_, case, func, literal, select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.cases.models import Case
from casedesk.cases.queries.filters import QueueFilter, condition
from casedesk.cases.queries.prepared import Reader, moment, reader_of, stand_in, values_of
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


def tally(session: Session, actor: Actor, chosen: QueueFilter, bounds: Bounds) -> Tally:
    """What the filtered view holds for `actor`, in one statement."""
    narrowed = replace(chosen, sort="clock", descending=False)
    asked = values_of(
        actor, bounds.now, soon=bounds.now + SOON, midnight=bounds.midnight, week_end=bounds.week_end
    )
    return _tally(session.execute(_statement(narrowed, MANY + 1, reader_of(actor)), asked).one())


def counts(session: Session, actor: Actor, views: list[str], now: datetime) -> dict[str, int]:
    """How many cases each view holds for `actor`, each counted up to MANY + 1, in one statement."""
    row = session.execute(_counts(tuple(views), MANY + 1, reader_of(actor)), values_of(actor, now)).one()
    return {code: getattr(row, f"view_{code}") for code in views}


@lru_cache(maxsize=256)
def _statement(chosen: QueueFilter, most: int, reader: Reader) -> Select[*tuple[Any, ...]]:
    """The tally with parameters for who asks and when, built once for each kind of reader."""
    actor, now = stand_in(reader), moment("now")
    inner = select(
        Case.claimed_minor,
        Case.currency,
        Case.next_due_at,
        Case.next_paused,
        case((is_late(now), 1), else_=0).label("late"),
    ).select_from(Case)
    if chosen.country:
        inner = inner.outerjoin(Customer, Customer.id == Case.customer_id)
    some = inner.where(condition(chosen, actor, now)).limit(most).subquery()
    return _sums(some)


@lru_cache(maxsize=64)
def _counts(views: tuple[str, ...], most: int, reader: Reader) -> Select[*tuple[Any, ...]]:
    actor, now = stand_in(reader), moment("now")
    return select(*(few(code, actor, now, most).label(f"view_{code}") for code in views))


def few(code: str, actor: Actor, now: datetime, most: int) -> ScalarSelect[int]:
    """The number of cases in a view that `actor` may see, read up to `most`."""
    one = select(literal(1).label("one")).select_from(Case)
    inner = one.where(visible(actor), VIEWS[code](actor, now)).limit(most).subquery()
    return select(func.count()).select_from(inner).scalar_subquery()


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


def _sums(some: Subquery) -> Select[*tuple[Any, ...]]:
    due = some.c.next_due_at
    now, soon, midnight, week_end = map(moment, ("now", "soon", "midnight", "week_end"))
    ahead = due > now
    running = some.c.next_paused.is_(False)
    return select(
        func.count().label("n"),
        func.sum(some.c.claimed_minor).label("asked"),
        func.min(some.c.currency).label("low"),
        func.max(some.c.currency).label("high"),
        func.sum(some.c.late).label("late"),
        _number(due <= now).label("past"),
        _number(ahead, running, due <= soon).label("soon"),
        _number(ahead, due < midnight).label("today"),
        _number(ahead, due >= midnight, due < week_end).label("week"),
        _number(ahead, due >= week_end).label("later"),
    )


def _number(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows meet all of `conditions`."""
    return func.sum(case((and_(*conditions), 1), else_=0))
