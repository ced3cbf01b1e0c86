"""Clocks that reach a threshold: noticed once, marked for ever, and told to the room of their subject.

The look that was left for a clock and the sweep that finds what was lost both end here; whichever comes first, the
other finds nothing. Set-based: a hundred thousand clocks are a matter of seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm import Session

from casedesk.deadlines.actions import look_key, planned
from casedesk.deadlines.models import Clock, ClockMark
from casedesk.deadlines.queries import thresholds_of
from casedesk.deadlines.rules import BREACH, hours_in
from casedesk.store.models import OutboxRow

_clocks: Any = Clock.__table__
_marks: Any = ClockMark.__table__
_outbox: Any = OutboxRow.__table__

_COLUMNS = (
    _clocks.c.id,
    _clocks.c.subject_kind,
    _clocks.c.subject_id,
    _clocks.c.name,
    _clocks.c.by_law,
    _clocks.c.due_at,
    _clocks.c.breached_at,
    _clocks.c.passed,
    _clocks.c.working,
    _clocks.c.version,
)


@dataclass(frozen=True)
class Swept:
    """What one sweep did. `longest` is how late the latest look came."""

    clocks: int = 0
    reminders: int = 0
    breaches: int = 0
    overdue: int = 0
    longest: timedelta = timedelta()
    more: bool = False

    def __add__(self, other: "Swept") -> "Swept":
        return Swept(
            self.clocks + other.clocks,
            self.reminders + other.reminders,
            self.breaches + other.breaches,
            self.overdue + other.overdue,
            max(self.longest, other.longest),
            other.more,
        )


@dataclass
class _Written:
    """Rows to be written for a set of clocks."""

    clocks: list[dict[str, Any]] = field(default_factory=list)
    marks: list[dict[str, Any]] = field(default_factory=list)
    work: list[dict[str, Any]] = field(default_factory=list)
    reminders: int = 0
    breaches: int = 0
    overdue: int = 0
    longest: timedelta = timedelta()


def look_at(session: Session, clock_id: int, *, now: datetime) -> Swept:
    """Notice what the clock has reached by now; nothing where it stands still, is held or was moved."""
    session.flush()
    rows = session.execute(
        select(*_COLUMNS)
        .where(_clocks.c.id == clock_id, _clocks.c.state == "running", _clocks.c.next_look_at <= now)
        .with_for_update()
    ).all()
    return _notice(session, rows, now, by_sweep=False)


def sweep(session: Session, *, now: datetime, grace: timedelta, limit: int) -> Swept:
    """Notice what up to `limit` running clocks reached more than `grace` ago and nobody looked at.

    Rows that somebody else holds are left to them (PostgreSQL).
    """
    session.flush()
    rows = session.execute(
        select(*_COLUMNS)
        .where(_clocks.c.state == "running", _clocks.c.next_look_at <= now - grace)
        .order_by(_clocks.c.next_look_at, _clocks.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    return _notice(session, rows, now, by_sweep=True, more=len(rows) == limit)


def _notice(
    session: Session, rows: Sequence[Any], now: datetime, *, by_sweep: bool, more: bool = False
) -> Swept:
    written = _Written()
    for row in rows:
        _reach(written, row, thresholds_of(session, row.name), now, by_sweep)
    if rows:
        _store(session, written)
    return Swept(len(rows), written.reminders, written.breaches, written.overdue, written.longest, more)


def _reach(written: _Written, row: Any, wanted: tuple[int, ...], now: datetime, by_sweep: bool) -> None:
    """What this clock has reached: a mark and a telling for each threshold, and the next look."""
    passed, breached_at, next_look = row.passed, row.breached_at, None
    hours = hours_in(row.working) if wanted else None
    for threshold, at in planned(wanted, row.passed, row.due_at, hours):
        if at > now:
            next_look = (threshold, at)
            break
        passed = threshold
        if threshold == BREACH:
            breached_at = now
        # A reminder that is noticed after the breach would only say what the breach says better.
        told = threshold >= BREACH or now < row.due_at
        written.marks.append(_mark(row, threshold, at, now, told, by_sweep))
        written.longest = max(written.longest, now - at)
        if told:
            written.work.append(_telling(written, row, threshold, at, now))
    written.clocks.append(
        {
            "of": row.id,
            "now_passed": passed,
            "now_breached_at": breached_at,
            "now_next_look_at": next_look[1] if next_look else None,
        }
    )
    if next_look:
        key = look_key(row.id, row.version + 1, next_look[0])
        written.work.append(_work("clock.look", key, row, next_look[1], now, {"clock_id": row.id}))


def _mark(
    row: Any, threshold: int, at: datetime, now: datetime, told: bool, by_sweep: bool
) -> dict[str, Any]:
    return {
        "clock_id": row.id,
        "due_at": row.due_at,
        "threshold": threshold,
        "planned_at": at,
        "noticed_at": now,
        "told": told,
        "by_sweep": by_sweep,
    }


def _telling(written: _Written, row: Any, threshold: int, at: datetime, now: datetime) -> dict[str, Any]:
    """The word to the subject's room: reminded, breached or overdue."""
    if threshold < BREACH:
        written.reminders += 1
        what = "clock_reminded"
    elif threshold == BREACH:
        written.breaches += 1
        what = "clock_breached"
    else:
        written.overdue += 1
        what = "clock_overdue"
    payload = {
        "clock": row.name,
        "clock_id": row.id,
        "subject_id": row.subject_id,
        "threshold": threshold,
        "due_at_was": row.due_at.isoformat(),
        "planned_at": at.isoformat(),
    }
    key = f"reached-{row.id}-{row.due_at:%Y%m%dT%H%M%S}-{threshold:+d}"
    return _work(f"{row.subject_kind}.{what}", key, row, now, now, payload)


def _work(
    kind: str, key: str, row: Any, due_at: datetime, now: datetime, payload: dict[str, Any]
) -> dict[str, Any]:
    return {
        "kind": kind,
        "key": key,
        "due_at": due_at,
        "created_at": now,
        "payload": payload,
        "state": "ready",
        "attempts": 0,
        "subject_kind": row.subject_kind,
        "subject_id": row.subject_id,
    }


def _store(session: Session, written: _Written) -> None:
    session.execute(
        update(_clocks)
        .where(_clocks.c.id == bindparam("of"))
        .values(
            passed=bindparam("now_passed"),
            breached_at=bindparam("now_breached_at"),
            next_look_at=bindparam("now_next_look_at"),
            version=_clocks.c.version + 1,
        ),
        written.clocks,
    )
    if written.marks:
        session.execute(insert(_marks), written.marks)
    if written.work:
        session.execute(insert(_outbox), written.work)
    session.expire_all()
