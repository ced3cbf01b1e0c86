"""Run an import: batches of things, each in a transaction of its own, every row stored, known already or refused.

What breaks a batch is looked for by halves, in savepoints: one bad row takes no other with it.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from casedesk.imports.errorfile import Line, written
from casedesk.imports.faults import FileFault, RowFault
from casedesk.imports.mapping import Mapping
from casedesk.imports.reading import Table, read_table
from casedesk.imports.sentences import sentence
from casedesk.imports.shaping import Item, OpenFile, shape
from casedesk.imports.storing.base import Context, Ready, entity, known, remember
from casedesk.imports.storing.stores import STORES
from casedesk.kernel.errors import CasedeskError, Conflict, Unavailable
from casedesk.store.transaction import transaction
from casedesk.web.locale import exponent

log = logging.getLogger("casedesk.imports")

BATCH = 500
"""Rows of one transaction: on SQLite nobody else can save anything for as long as it takes."""

TRIES = 5

STORED, KNOWN, REFUSED = "stored", "known", "refused"
STATES = (STORED, KNOWN, REFUSED)


@dataclass
class Tally:
    """The control totals of a run: rows and sums by what became of them. Rows in = stored + known + refused."""

    rows_in: int = 0
    rows: Counter[str] = field(default_factory=Counter)
    things: Counter[str] = field(default_factory=Counter)
    money: dict[str, dict[str, Decimal]] = field(
        default_factory=lambda: defaultdict(lambda: defaultdict(Decimal))
    )
    left_out: Counter[str] = field(default_factory=Counter)
    counted: dict[str, dict[str, list[Any]]] = field(default_factory=lambda: defaultdict(dict))

    def add(self, item: Item, state: str, count_by: Sequence[str]) -> None:
        self.rows[state] += len(item.rows)
        self.things[state] += 1
        if item.sum is not None:
            self.money[item.sum.currency][state] += item.sum.exact
        for name in count_by:
            value = item.rows[0].cells.get(name, "")
            count = self.counted[name].setdefault(value, [0, Decimal(0)])
            count[0] += 1
            count[1] += item.sum.exact if item.sum else 0

    @property
    def done(self) -> int:
        return sum(self.rows.values())

    def plain(self) -> dict[str, Any]:
        """The totals as JSON; sums as exact decimal text."""
        return {
            "things": {state: self.things[state] for state in STATES},
            "money": {
                currency: {state: _plain(sums.get(state, Decimal(0)), currency) for state in STATES}
                | {"in": _plain(sum(sums.values(), Decimal(0)), currency)}
                for currency, sums in sorted(self.money.items())
            },
            "left_out": dict(self.left_out),
            "counted": {
                name: {value: [n, f"{total:f}"] for value, (n, total) in sorted(values.items())}
                for name, values in self.counted.items()
            },
        }


def _plain(total: Decimal, currency: str) -> str:
    """At least the decimals of the currency, and as many more as the sum has."""
    least = Decimal(1).scaleb(-exponent(currency))
    bare = total.normalize() if total else Decimal(0)
    return f"{bare.quantize(least) if bare == bare.quantize(least) else bare:f}"


@dataclass
class Run:
    """A file opened under a mapping, ready to be stored batch by batch."""

    table: Table
    mapping: Mapping
    items: list[Item]
    tally: Tally
    refused: list[tuple[int, Line]] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def error_file(self) -> bytes | None:
        """The rows that were refused, in the order of the file; None where there are none."""
        lines = [line for _, line in sorted(self.refused, key=lambda one: one[0])]
        return written(self.table, lines) if lines else None


def open_run(data: bytes, mapping: Mapping, open_file: OpenFile, *, first: int | None = None) -> Run:
    """Read and shape the file; `first` keeps that many things only. Raises FileFault."""
    table = read_table(data, mapping.read)
    shaped = shape(table, mapping, open_file)
    items = shaped.items[:first] if first is not None else shaped.items
    tally = Tally(rows_in=sum(len(item.rows) for item in items), left_out=shaped.left_out)
    return Run(table, mapping, items, tally)


def batches(run: Run, size: int = BATCH) -> Iterator[list[Item]]:
    for start in range(0, len(run.items), size):
        yield run.items[start : start + size]


class _DryRun(Exception):
    """Takes back what a dry run stored."""


def store_all(
    run: Run,
    *,
    dry_run: bool,
    clock: Callable[[], datetime],
    progress: Callable[[Tally], None] = lambda _tally: None,
    kept: Callable[[Session, Tally], None] = lambda _session, _tally: None,
) -> None:
    """Store every batch in a transaction of its own. `kept` writes down how far the run is, in the same commit.

    Raises FileFault where the house is missing, Conflict or Unavailable where the database is: feeding the file
    again goes on from there.
    """
    for items in batches(run):
        as_read = [item.fault for item in items]
        for attempt in range(1, TRIES + 1):
            for item, fault in zip(items, as_read, strict=True):
                item.fault = fault
            try:
                states = _in_transaction(run, items, dry_run=dry_run, now=clock(), kept=kept)
                break
            except Conflict:
                if attempt == TRIES:
                    raise
        _note(run, items, states)
        progress(run.tally)


def _in_transaction(
    run: Run,
    items: list[Item],
    *,
    dry_run: bool,
    now: datetime,
    kept: Callable[[Session, Tally], None],
) -> list[str]:
    states: list[str] = []
    try:
        with transaction() as session:
            states = store_batch(session, run, items, now=now)
            kept(session, run.tally)
            if dry_run:
                raise _DryRun
    except _DryRun:
        return states
    return states


def store_batch(session: Session, run: Run, items: Sequence[Item], *, now: datetime) -> list[str]:
    """Store what is new of `items` and answer the state of each: stored, known or refused."""
    mapping = run.mapping
    before = known(
        session, mapping.kind, mapping.source, (item.reference for item in items if item.reference)
    )
    seen: set[str] = set()
    states, new = [], []
    for item in items:
        reference = item.reference
        if item.fault is not None:
            states.append(REFUSED)
        elif reference in before or reference in run.seen or reference in seen:
            states.append(KNOWN)
        else:
            seen.add(reference)
            states.append(STORED)
            new.append(item)
    context = Context(mapping, now)
    entity(session, context)  # before any savepoint, so that a row that breaks one does not take it back
    _store_some(session, new, context)
    return [REFUSED if item.fault is not None else state for item, state in zip(items, states, strict=True)]


def _store_some(session: Session, items: Sequence[Item], context: Context) -> None:
    """Store `items`, or find by halves which of them cannot be stored."""
    if not items:
        return
    error = _attempt(session, items, context)
    if error is None:
        return
    context.cache = {"entity": context.cache["entity"]}
    if len(items) == 1:
        items[0].fault = _as_fault(error, items[0])
        return
    for item in items:
        item.fault = None
    half = len(items) // 2
    _store_some(session, items[:half], context)
    _store_some(session, items[half:], context)


def _attempt(session: Session, items: Sequence[Item], context: Context) -> Exception | None:
    """Store `items` in a savepoint; answer what broke it, after taking everything back."""
    store, kind, source = STORES[context.mapping.kind], context.mapping.kind, context.mapping.source
    try:
        with session.begin_nested():
            ready: list[Ready] = store.prepare(session, items, context)
            if ready:
                ids = store.insert(session, ready, context)
                references = [item.reference for item, _ in ready]
                remember(session, kind, source, list(zip(references, ids, strict=True)))
    except (FileFault, Conflict, Unavailable, OperationalError):
        raise
    except Exception as error:
        return error
    return None


def _as_fault(error: Exception, item: Item) -> RowFault:
    if isinstance(error, RowFault):
        return error
    if isinstance(error, CasedeskError):
        return RowFault("import.refused", reason=str(error))
    log.warning("row %s: %s: %.500s", item.rows[0].number, type(error).__name__, error)
    return RowFault("import.unexpected", kind=type(error).__name__)


def _note(run: Run, items: Sequence[Item], states: Sequence[str]) -> None:
    for item, state in zip(items, states, strict=True):
        run.tally.add(item, state, run.mapping.count_by)
        if state == STORED:
            run.seen.add(item.reference)
        if state == REFUSED:
            for row in item.rows:
                run.refused.append((row.number, (row.cells, _said(item, row))))


def _said(item: Item, row: Any) -> str:
    if item.bad_row is not None and row is not item.bad_row:
        return sentence(RowFault("import.held_back", row=item.bad_row.number))
    return sentence(item.fault or RowFault("import.unexpected", kind=""))
