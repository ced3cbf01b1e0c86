"""Start, pause, resume, stop and cancel a clock. Each change computes the due instant anew, stores it, and leaves the
look at its next threshold in the outbox."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from casedesk.deadlines.models import Clock
from casedesk.deadlines.queries import thresholds_of
from casedesk.deadlines.rules import (
    BREACH,
    ServiceHours,
    holds_in,
    hours_in,
    instant_of,
    law_due,
    next_threshold,
    reckoned,
    resumed,
)
from casedesk.store import outbox
from casedesk.store.bulk import insert_rows, take_ids
from casedesk.store.transaction import remembered

Subject = tuple[str, int]


@dataclass(frozen=True)
class NewClock:
    """A clock to start: its name, when it is due, how that came about, and whether the law sets it.

    A clock of the law keeps in its working the hours of the desk (`hours`), so that reminders come when it works.
    """

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
    threshold = _look_next(session, clock, now)
    session.add(clock)
    session.flush()
    _all(session, subject).append(clock)
    _watch(session, clock, threshold, now)
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
    first = _upcoming(thresholds_of(session, new.name), None, new.due_at, hours_in(new.working), now)
    ids = take_ids(session, Clock, len(subject_ids))
    rows = [
        {
            "id": clock_id,
            "subject_kind": subject_kind,
            "subject_id": subject_id,
            "name": new.name,
            "state": "paused" if subject_id in held else "running",
            "by_law": new.by_law,
            "started_at": now,
            "due_at": new.due_at,
            "paused_at": now if subject_id in held else None,
            "passed": first.passed,
            "next_look_at": first.at,
            "working": new.working,
        }
        for clock_id, subject_id in zip(ids, subject_ids, strict=True)
    ]
    insert_rows(session, Clock, rows)
    for subject_id in subject_ids:
        remembered(session).pop(("clocks", (subject_kind, subject_id)), None)
    outbox.put_many(
        session,
        "clock.look",
        [
            (look_key(clock_id, 1, first.threshold), (subject_kind, subject_id), {"clock_id": clock_id})
            for clock_id, subject_id in zip(ids, subject_ids, strict=True)
            if subject_id not in held
        ],
        due_at=first.at or new.due_at,
        now=now,
    )


def set_due(session: Session, subject: Subject, new: NewClock, *, now: datetime) -> Clock:
    """Start the clock, or move one that runs to a new due instant (a statutory date that a fact has changed).

    What the law held of it before counts for the new date too.
    """
    clock = start(session, subject, new, now=now)
    kept = {key: clock.working[key] for key in ("holds",) if key in clock.working}
    working = {**new.working, **kept}
    due = law_due(working) or new.due_at
    if clock.due_at != due:
        clock.working = working
        _move(session, clock, due, now)
    return clock


def hold_by_law(
    session: Session, subject: Subject, name: str, why: Mapping[str, str], *, now: datetime
) -> bool:
    """Hold a running clock of the law, because the law says so: `why` gives code, by (the rule) and then. Did it stop?

    A clock that has run out is late and stays so.
    """
    clock = _live(session, subject, name)
    if clock is None or clock.state != "running" or "law_due" not in clock.working or clock.due_at <= now:
        return False
    holds = [*holds_in(clock.working), {**why, "since": now.isoformat(), "until": None}]
    clock.working = {**clock.working, "holds": holds}
    clock.state, clock.paused_at = "paused", now
    session.flush()
    return True


def release_by_law(session: Session, subject: Subject, name: str, *, now: datetime) -> bool:
    """Let a clock run on that the law held. Did it?"""
    clock = _live(session, subject, name)
    if clock is None or clock.state != "paused" or not clock.by_law:
        return False
    _resume(clock, now)
    threshold = _look_next(session, clock, now)
    session.flush()
    _watch(session, clock, threshold, now)
    return True


def remeasure(session: Session, subject: Subject, new: NewClock, *, now: datetime) -> bool:
    """Give a live clock another length or other hours, from its own start and with its own pauses. Did it move?

    Nothing happens where no such clock lives: whoever changes a priority starts no clock.
    """
    clock = _live(session, subject, new.name)
    if clock is None or clock.by_law or "started" not in clock.working:
        return False
    changed = {key: new.working[key] for key in ("minutes", "hours")}
    if all(clock.working.get(key) == value for key, value in changed.items()):
        return False
    working = {**clock.working, **changed}
    due = reckoned(working)
    if due is None:
        return False
    clock.working = working
    _move(session, clock, due, now)
    return True


def reckon_again(session: Session, clock: Clock, hours: ServiceHours, *, now: datetime) -> bool:
    """The clock under hours that were changed: its due instant from its own start, length and pauses. Did it move?"""
    due = reckoned(clock.working, hours)
    if due is None:
        return False
    before = clock.due_at
    clock.working = {**clock.working, "hours": hours.plain()}
    _move(session, clock, due, now)
    return due != before


def stop(session: Session, subject: Subject, name: str, *, now: datetime) -> Clock | None:
    """What the clock asked for was done at `now`: kept, or late. None where no such clock runs."""
    clock = _live(session, subject, name)
    if clock is None:
        return None
    _resume(clock, now)
    clock.state = "kept" if now < clock.due_at else "late"
    clock.stopped_at, clock.next_look_at = now, None
    session.flush()
    return clock


def cancel(session: Session, subject: Subject, name: str, *, now: datetime) -> None:
    """The clock no longer asks for anything."""
    clock = _live(session, subject, name)
    if clock is not None:
        _cancel(clock, now)
        session.flush()


def pause(session: Session, subject: Subject, *, now: datetime) -> None:
    """Hold the service clocks of the subject; clocks of the law run on."""
    for clock in _of(session, subject, ("running",)):
        if not clock.by_law:
            clock.state, clock.paused_at = "paused", now
    session.flush()


def resume(session: Session, subject: Subject, *, now: datetime) -> None:
    """Let paused service clocks run on with the service time that they had left when they were held."""
    for clock in _of(session, subject, ("paused",)):
        if clock.by_law:
            continue  # held by the law, which releases it itself
        _resume(clock, now)
        threshold = _look_next(session, clock, now)
        session.flush()
        _watch(session, clock, threshold, now)


def cancel_all(session: Session, subject: Subject, *, but: Collection[str] = (), now: datetime) -> None:
    """End every clock of the subject that has not been kept or missed, those named in `but` apart."""
    for clock in _of(session, subject, ("running", "paused")):
        if clock.name not in but:
            _cancel(clock, now)
    session.flush()


def live_names(session: Session, subject: Subject) -> list[str]:
    """The names of the subject's clocks that run or are held."""
    return [clock.name for clock in _of(session, subject, ("running", "paused"))]


def _cancel(clock: Clock, now: datetime) -> None:
    clock.state, clock.stopped_at, clock.next_look_at = "cancelled", now, None


def _resume(clock: Clock, now: datetime) -> None:
    if clock.paused_at is not None and clock.by_law:
        holds = [{**one, "until": one["until"] or now.isoformat()} for one in holds_in(clock.working)]
        clock.working = {**clock.working, "holds": holds}
        clock.due_at = law_due(clock.working) or clock.due_at
        clock.state, clock.paused_at = "running", None
    elif clock.paused_at is not None:
        clock.due_at = resumed(clock.due_at, clock.paused_at, now, hours_in(clock.working))
        pauses = [*clock.working.get("pauses", []), [clock.paused_at.isoformat(), now.isoformat()]]
        clock.working = {**clock.working, "pauses": pauses}
        clock.state, clock.paused_at = "running", None


def _move(session: Session, clock: Clock, due: datetime, now: datetime) -> None:
    """A new due instant: what was noticed of the one before counts for that one only."""
    if due == clock.due_at:
        session.flush()
        return
    clock.due_at, clock.passed = due, None
    if due > now:
        clock.breached_at = None
    threshold = _look_next(session, clock, now)
    session.flush()
    if clock.state == "running":
        _watch(session, clock, threshold, now)


@dataclass(frozen=True)
class Look:
    """The next look at a clock: for which threshold, at which instant (None: there is none), what is passed by then."""

    passed: int | None
    threshold: int | None = None
    at: datetime | None = None


def _look_next(session: Session, clock: Clock, now: datetime) -> int | None:
    """Say when the clock is looked at next, and for which threshold."""
    wanted = thresholds_of(session, clock.name)
    look = _upcoming(wanted, clock.passed, clock.due_at, hours_in(clock.working), now)
    clock.passed, clock.next_look_at = look.passed, look.at
    return look.threshold


def _upcoming(
    wanted: Collection[int], passed: int | None, due: datetime, hours: ServiceHours | None, now: datetime
) -> Look:
    """The next look; a reminder whose instant has passed when its clock starts or moves is of no use."""
    for threshold, at in planned(wanted, passed, due, hours):
        if threshold >= BREACH or at > now:
            return Look(passed, threshold, at)
        passed = threshold
    return Look(passed)


def planned(
    wanted: Collection[int], passed: int | None, due: datetime, hours: ServiceHours | None
) -> Iterator[tuple[int, datetime]]:
    """The thresholds after `passed` with their instants, in order."""
    while (threshold := next_threshold(wanted, passed)) is not None:
        yield threshold, instant_of(threshold, due, hours)
        passed = threshold


def look_key(clock_id: int, version: int, threshold: int | None) -> str:
    """The look at one threshold of one version of a clock: work that exists once, for ever."""
    return f"clock-{clock_id}-v{version}-{threshold or 0:+d}"


def _watch(session: Session, clock: Clock, threshold: int | None, now: datetime) -> None:
    """Leave the next look in the outbox; a clock that moved on makes the look find nothing."""
    if clock.next_look_at is None:
        return
    outbox.put(
        session,
        "clock.look",
        key=look_key(clock.id, clock.version, threshold),
        due_at=clock.next_look_at,
        now=now,
        subject=(clock.subject_kind, clock.subject_id),
        clock_id=clock.id,
    )


def _live(session: Session, subject: Subject, name: str) -> Clock | None:
    return next((c for c in _of(session, subject, ("running", "paused")) if c.name == name), None)


def _of(session: Session, subject: Subject, states: tuple[str, ...]) -> list[Clock]:
    found = [clock for clock in _all(session, subject) if clock.state in states]
    return sorted(found, key=lambda clock: (clock.due_at, clock.id))


def _next_round(session: Session, subject: Subject, name: str) -> int:
    return max((clock.round for clock in _all(session, subject) if clock.name == name), default=0) + 1


def _all(session: Session, subject: Subject) -> list[Clock]:
    """Every clock that the subject ever had, read once a transaction: who changes clocks has locked their subject."""
    known = remembered(session)
    found: list[Clock] | None = known.get(("clocks", subject))
    if found is None or any(clock not in session for clock in found):  # a long work lets go of what it read
        asked = {"kind": subject[0], "id": subject[1]}
        found = known["clocks", subject] = list(session.scalars(_CLOCKS, asked))
    return found


_CLOCKS = select(Clock).where(Clock.subject_kind == bindparam("kind"), Clock.subject_id == bindparam("id"))


def begin(session: Session, subject: Subject) -> None:
    """Say that the subject was stored in this transaction: it has no clock yet, and none is looked for."""
    remembered(session)["clocks", subject] = []


def next_live(session: Session, subject: Subject) -> Clock | None:
    """The live clock that is due first; running ones before paused ones. As `queries.next_clock`, inside a deed."""
    live = _of(session, subject, ("running", "paused"))
    return min(live, key=lambda clock: clock.state == "paused", default=None)
