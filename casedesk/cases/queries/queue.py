"""One page of the queue, by keyset: the last page costs what the first does.

Where the sort column may be empty the list is two runs, first the rows that have a value, then those without;
each run is one indexed read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Row, Select, bindparam, select, tuple_
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.cases.models import Case
from casedesk.cases.queries.filters import QueueFilter, condition
from casedesk.cases.queries.prepared import Reader, moment, reader_of, stand_in, values_of
from casedesk.customers.models import Customer
from casedesk.kernel.errors import InvalidInput
from casedesk.web.paging import read_cursor, write_cursor

PAGE = 25


@dataclass(frozen=True)
class Order:
    """A sort column; `empty` where it may hold no value, `instant` where it holds an instant, `indexed` with the id."""

    column: Any
    empty: bool = False
    instant: bool = False
    indexed: bool = False


BY_ID = Order(Case.id)

ORDERS: dict[str, Order] = {
    "clock": Order(Case.next_due_at, empty=True, instant=True, indexed=True),
    "case": BY_ID,
    "customer": Order(Customer.name_key, empty=True),
    "kind": Order(Case.kind),
    "verdict": Order(Case.verdict_minor, empty=True),
    "amount": Order(Case.claimed_minor, empty=True),
    "stage": Order(Case.status),
    "owner": Order(Person.name, empty=True),
    "contact": Order(Case.last_contact_at, empty=True, instant=True),
    "opened": Order(Case.opened_at, instant=True),
}

COLUMNS = (
    Case.id,
    Case.number,
    Case.kind,
    Case.status,
    Case.stage,
    Case.outcome,
    Case.owner_id,
    Customer.name.label("customer"),
    Case.claimed_name,
    Case.stated_cause_id,
    Case.established_cause_id,
    Case.claimed_minor,
    Case.currency,
    Case.verdict_outcome,
    Case.verdict_minor,
    Case.verdict_missing,
    Case.next_clock,
    Case.next_started_at,
    Case.next_due_at,
    Case.next_paused,
    Case.last_contact_at,
    Case.last_contact_channel,
    Case.last_contact_inbound,
    Case.opened_at,
    Case.unread,
)


@dataclass(frozen=True)
class QueuePage:
    """Rows of one page, the cursors on both sides (None at the ends) and the place of the first row (None: unknown)."""

    rows: Sequence[Row[Any]]
    before: str | None
    after: str | None
    first: int | None


@dataclass(frozen=True)
class Place:
    """Where a page starts: after or before a row; `last` asks for the end of the list."""

    after: str = ""
    before: str = ""
    last: bool = False

    @property
    def backward(self) -> bool:
        return self.last or bool(self.before)


def page(
    session: Session, actor: Actor, chosen: QueueFilter, place: Place, *, now: datetime, size: int = PAGE
) -> QueuePage:
    """The page of the filtered view that starts at `place`. Raises InvalidInput for a cursor that is none."""
    order = ORDERS[chosen.sort]
    cursor = _read(place.after or place.before, order)
    rows = _read_rows(session, actor, chosen, place, cursor, now, size + 1)
    more = len(rows) > size
    rows = rows[:size]
    if place.backward:
        rows.reverse()
    first = _first(place, cursor, len(rows))
    earlier = more if place.backward else bool(place.after)
    later = bool(place.before) if place.backward else more
    return QueuePage(
        rows,
        _write(rows[0], order, first) if rows and earlier else None,
        _write(rows[-1], order, first + len(rows) - 1 if first else None) if rows and later else None,
        first,
    )


def _read_rows(
    session: Session,
    actor: Actor,
    chosen: QueueFilter,
    place: Place,
    cursor: list[Any] | None,
    now: datetime,
    limit: int,
) -> list[Row[Any]]:
    order = ORDERS[chosen.sort]
    descending = chosen.descending != place.backward
    rows: list[Row[Any]] = []
    for position, run in enumerate(_runs(order, place, cursor)):
        start = cursor if position == 0 else None
        read = _statement(chosen, run, start is not None, descending, reader_of(actor))
        asked = values_of(actor, now, rows=limit - len(rows))
        if start is not None:
            asked |= {"at_key": start[1], "at_id": start[2]}
        rows += session.execute(read, asked).all()
        if len(rows) == limit:
            break
    return rows


def _runs(order: Order, place: Place, cursor: list[Any] | None) -> list[str]:
    """The runs of the list from the cursor on: first the rows with a value, then those without; or the other way."""
    runs = ["value", "none"] if order.empty else ["value"]
    if place.backward:
        runs.reverse()
    if cursor is None:
        return runs
    at = "none" if cursor[1] is None else "value"
    return runs[runs.index(at) :] if at in runs else runs


@lru_cache(maxsize=512)
def _statement(
    chosen: QueueFilter, run: str, from_cursor: bool, descending: bool, reader: Reader
) -> Select[*tuple[Any, ...]]:
    """One run of the list as a statement with parameters, built once for each kind of reader."""
    statement = _from(chosen).where(condition(chosen, stand_in(reader), moment("now")))
    run_of = _run(statement, ORDERS[chosen.sort], run, from_cursor, descending)
    return run_of.limit(bindparam("rows", type_=Integer()))


def _from(chosen: QueueFilter) -> Select[*tuple[Any, ...]]:
    joined: Select[*tuple[Any, ...]] = select(
        *COLUMNS, ORDERS[chosen.sort].column.label("sort_key")
    ).outerjoin(Customer, Customer.id == Case.customer_id)
    if chosen.sort == "owner":
        joined = joined.outerjoin(Person, Person.id == Case.owner_id)
    return joined


def _run(
    statement: Select[*tuple[Any, ...]], order: Order, run: str, from_cursor: bool, descending: bool
) -> Select[*tuple[Any, ...]]:
    """One run of the list: the rows with a value in the sort column, or those without."""
    column: ColumnElement[Any] = order.column
    keys: list[Any] = [Case.id]
    if run == "none":
        statement = statement.where(column.is_(None))
    elif order is not BY_ID:
        keys = [column, Case.id]
        if order.empty:
            statement = statement.where(column.is_not(None))
    if from_cursor:
        at = [bindparam("at_id", type_=Case.id.type)]
        if len(keys) > 1:
            at.insert(0, bindparam("at_key", type_=column.type))
        here = tuple_(*keys) if len(keys) > 1 else keys[0]
        there = tuple_(*at) if len(keys) > 1 else at[0]
        statement = statement.where(here < there if descending else here > there)
    if run == "none" and order.indexed:
        # The column is the same in every row of this run. Named, it leads PostgreSQL to the index that holds them
        # together; by the id alone it would read the whole table for a run that is empty.
        keys = [column, Case.id]
    return statement.order_by(*(key.desc() if descending else key.asc() for key in keys))


def _first(place: Place, cursor: list[Any] | None, count: int) -> int | None:
    """The place in the list of the page's first row, where the cursor tells it."""
    if place.last:
        return None
    if cursor is None:
        return 1
    if cursor[0] is None:
        return None
    return int(cursor[0]) - count if place.before else int(cursor[0]) + 1


def _write(row: Row[Any], order: Order, position: int | None) -> str:
    key = row.sort_key
    return write_cursor(position, key.isoformat() if order.instant and key is not None else key, row.id)


def _read(text: str, order: Order) -> list[Any] | None:
    """[position, sort key, id] of a cursor; None for none."""
    if not text:
        return None
    position, key, case_id = read_cursor(text, 3)
    if not _fits(position, key, case_id, order):
        raise InvalidInput("page.cursor")
    if order.instant and key is not None:
        try:
            key = datetime.fromisoformat(key)
        except ValueError as error:
            raise InvalidInput("page.cursor") from error
        if key.tzinfo is None:
            raise InvalidInput("page.cursor")
    return [position, key, case_id]


def _fits(position: Any, key: Any, case_id: Any, order: Order) -> bool:
    """Is this the kind of key that the order writes? Numbers stay within the database's 64 bits."""
    numbers = [n for n in (position, case_id) if n is not None]
    if any(type(n) is not int or abs(n) >= 2**62 for n in numbers) or case_id is None:
        return False
    if key is None:
        return order.empty
    if order.column in (Case.id, Case.verdict_minor, Case.claimed_minor):
        return type(key) is int and abs(key) < 2**62
    return isinstance(key, str)
