"""Start, pause, resume, stop and cancel a clock. Each change computes the due instant anew and stores it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from casedesk.deadlines.models import Clock
from casedesk.store import outbox

Subject = tuple[str, int]


@dataclass(frozen=True)
class NewClock:
    """A clock to start: its name, when it is due, how that came about, and whether the law sets it."""

    name: str
    due_at: datetime
    working: dict[str, Any]
    by_law: bool = False


def start(session: Session, subject: Subject, new: NewClock, *, now: datetime) -> Clock:
    """Start a clock; one that runs under the same name is returned as it is."""
    running = _live(session, subject, new.name)
    if running is not None:
        return running
    clock = Clock(
        subject_kind=subject[0],
        subject_id=subject[1],
        name=new.name,
        round=_next_round(session, subject, new.name),
        state="running",
        by_law=new.by_law,
        started_at=now,
        due_at=new.due_at,
        working=new.working,
    )
    session.add(clock)
    session.flush()
    _watch(session, clock, now)
    return clock


def start_many(
    session: Session,
    subject_kind: str,
    subject_ids: Sequence[int],
    new: NewClock,
    *,
    held: Collection[int] = (),
    now: datetime,
) -> None:
    """Start the same clock for many subjects that have none yet, in two statements; those in `held` begin paused."""
    if not subject_ids:
        return
    rows = [
        {
            "subject_kind": subject_kind,
            "subject_id": subject_id,
            "name": new.name,
            "state": "paused" if subject_id in held else "running",
            "by_law": new.by_law,
            "started_at": now,
            "due_at": new.due_at,
            "paused_at": now if subject_id in held else None,
            "working": new.working,
        }
        for subject_id in subject_ids
    ]
    ids = session.scalars(
        insert(Clock).returning(Clock.id, sort_by_parameter_order=True),
        rows,
        execution_options={"render_nulls": True},
    )
    outbox.put_many(
        session,
        "clock.breach",
        [
            (f"clock-{clock_id}-v1", (subject_kind, subject_id), {"clock_id": clock_id})
            for clock_id, subject_id in zip(ids, subject_ids, strict=True)
        ],
        due_at=new.due_at,
        now=now,
    )


def set_due(session: Session, subject: Subject, new: NewClock, *, now: datetime) -> Clock:
    """Start the clock, or move one that runs to a new due instant (a statutory date that a fact has changed)."""
    clock = start(session, subject, new, now=now)
    if clock.due_at != new.due_at:
        clock.due_at, clock.working, clock.breached_at = new.due_at, new.working, None
        session.flush()
        _watch(session, clock, now)
    return clock


def stop(session: Session, subject: Subject, name: str, *, now: datetime) -> Clock | None:
    """What the clock asked for was done at `now`: kept, or late. None where no such clock runs."""
    clock = _live(session, subject, name)
    if clock is None:
        return None
    _resume(clock, now)
    clock.state = "kept" if now < clock.due_at else "late"
    clock.stopped_at = now
    session.flush()
    return clock


def cancel(session: Session, subject: Subject, name: str, *, now: datetime) -> None:
    """The clock no longer asks for anything."""
    clock = _live(session, subject, name)
    if clock is not None:
        clock.state, clock.stopped_at = "cancelled", now
        session.flush()


def pause(session: Session, subject: Subject, *, now: datetime) -> None:
    """Hold the service clocks of the subject; clocks of the law run on."""
    for clock in _of(session, subject, ("running",)):
        if not clock.by_law:
            clock.state, clock.paused_at = "paused", now
    session.flush()


def resume(session: Session, subject: Subject, *, now: datetime) -> None:
    """Let paused clocks run on, due later by the time they were held."""
    for clock in _of(session, subject, ("paused",)):
        _resume(clock, now)
        session.flush()
        _watch(session, clock, now)


def cancel_all(session: Session, subject: Subject, *, now: datetime) -> None:
    """End every clock of the subject that has not been kept or missed."""
    for clock in _of(session, subject, ("running", "paused")):
        clock.state, clock.stopped_at = "cancelled", now
    session.flush()


def _resume(clock: Clock, now: datetime) -> None:
    if clock.paused_at is not None:
        held = now - clock.paused_at
        clock.due_at += held
        pauses = [*clock.working.get("pauses", []), [clock.paused_at.isoformat(), now.isoformat()]]
        clock.working = {**clock.working, "pauses": pauses}
        clock.state, clock.paused_at = "running", None


def _watch(session: Session, clock: Clock, now: datetime) -> None:
    """Leave the look at the due instant in the outbox; a clock that moved on makes the look find nothing."""
    outbox.put(
        session,
        "clock.breach",
        key=f"clock-{clock.id}-v{clock.version}",
        due_at=clock.due_at,
        now=now,
        subject=(clock.subject_kind, clock.subject_id),
        clock_id=clock.id,
    )


def _live(session: Session, subject: Subject, name: str) -> Clock | None:
    return next((c for c in _of(session, subject, ("running", "paused")) if c.name == name), None)


def _of(session: Session, subject: Subject, states: tuple[str, ...]) -> list[Clock]:
    statement = (
        select(Clock)
        .where(Clock.subject_kind == subject[0], Clock.subject_id == subject[1], Clock.state.in_(states))
        .order_by(Clock.due_at, Clock.id)
    )
    return list(session.scalars(statement))


def _next_round(session: Session, subject: Subject, name: str) -> int:
    last = session.scalar(
        select(func.max(Clock.round)).where(
            Clock.subject_kind == subject[0], Clock.subject_id == subject[1], Clock.name == name
        )
    )
    return (last or 0) + 1
