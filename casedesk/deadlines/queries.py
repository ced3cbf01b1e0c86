"""The clocks of a subject and of the desk as pages and commands show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session

from casedesk.deadlines.models import Clock, ClockMark
from casedesk.deadlines.rules import ServiceHours, Span, counted, hours_in, pauses_in, reckoned
from casedesk.deadlines.settings import STATUTORY, STATUTORY_PREFIX, settings_of
from casedesk.kernel.calendar import zone_named


@dataclass(frozen=True)
class ClockLine:
    """One clock; `late` where it was, or now is, past its due instant without having been stopped in time."""

    name: str
    state: str
    by_law: bool
    started_at: datetime
    due_at: datetime
    stopped_at: datetime | None
    late: bool
    working: dict[str, Any]
    id: int = 0
    breached_at: datetime | None = None
    paused_at: datetime | None = None


def clocks_of(session: Session, subject: tuple[str, int], *, now: datetime) -> list[ClockLine]:
    """All clocks of the subject, live ones first, each group by due instant."""
    rows = session.execute(_OF_SUBJECT, {"kind": subject[0], "id": subject[1]})
    return sorted((_line(r, now) for r in rows), key=lambda line: line.state not in ("running", "paused"))


_LINE = (
    Clock.id,
    Clock.name,
    Clock.state,
    Clock.by_law,
    Clock.started_at,
    Clock.due_at,
    Clock.stopped_at,
    Clock.working,
    Clock.breached_at,
    Clock.paused_at,
)
_OF_SUBJECT = (
    select(*_LINE)
    .where(Clock.subject_kind == bindparam("kind"), Clock.subject_id == bindparam("id"))
    .order_by(Clock.due_at, Clock.id)
)


def _line(row: Any, now: datetime) -> ClockLine:
    return ClockLine(
        name=row.name,
        state=row.state,
        by_law=row.by_law,
        started_at=row.started_at,
        due_at=row.due_at,
        stopped_at=row.stopped_at,
        late=row.state == "late" or (row.state == "running" and row.due_at <= now),
        working=row.working,
        id=row.id,
        breached_at=row.breached_at,
        paused_at=row.paused_at,
    )


@dataclass(frozen=True)
class NextClock:
    """The live clock that is due first: what a list shows of a subject."""

    name: str
    started_at: datetime
    due_at: datetime
    paused: bool


def next_clock(session: Session, subject: tuple[str, int]) -> NextClock | None:
    """The live clock that is due first; running ones before paused ones. None where none is live."""
    row = session.execute(
        select(Clock.name, Clock.started_at, Clock.due_at, Clock.state)
        .where(
            Clock.subject_kind == subject[0],
            Clock.subject_id == subject[1],
            Clock.state.in_(("running", "paused")),
        )
        .order_by((Clock.state == "paused").asc(), Clock.due_at, Clock.id)
        .limit(1)
    ).first()
    return NextClock(row.name, row.started_at, row.due_at, row.state == "paused") if row else None


def thresholds_of(session: Session, clock: str) -> tuple[int, ...]:
    """The thresholds set for the clock of this name; duties of the law share one list where they have none of their own."""
    found = settings_of(session).thresholds
    return found.get(clock, found.get(STATUTORY, ()) if clock.startswith(STATUTORY_PREFIX) else ())


# --- the working of one clock --------------------------------------------------------------------


@dataclass(frozen=True)
class Closed:
    """A day of the reckoning on which the desk was closed, with the holiday's name (empty: a day of the house's own)."""

    day: date
    name: str


@dataclass(frozen=True)
class Marked:
    """A threshold that was noticed: when it was planned, when it was, whether anybody was told."""

    threshold: int
    planned_at: datetime
    noticed_at: datetime
    told: bool
    by_sweep: bool

    @property
    def late(self) -> timedelta:
        return self.noticed_at - self.planned_at


@dataclass(frozen=True)
class Working:
    """How a clock's due instant came about: the spans counted, the days closed between, the pauses, what was noticed.

    `reckoned_at` is the due instant reckoned anew from what the clock keeps: the same as stored, or something is wrong.
    """

    clock: ClockLine
    subject: tuple[str, int]
    hours: ServiceHours | None
    counted: Sequence[Span]
    closed: Sequence[Closed]
    pauses: Sequence[Span]
    reckoned_at: datetime | None
    marks: Sequence[Marked]

    @property
    def agrees(self) -> bool:
        return self.reckoned_at is None or self.reckoned_at == self.clock.due_at


def working_of(session: Session, clock_id: int, *, now: datetime) -> Working | None:
    """The working of one clock; None where there is no such clock."""
    row = session.execute(
        select(*_LINE, Clock.subject_kind, Clock.subject_id).where(Clock.id == clock_id)
    ).one_or_none()
    if row is None:
        return None
    return explained(
        _line(row, now), (row.subject_kind, row.subject_id), _marks(session, [clock_id]).get(clock_id, [])
    )


def workings_of(session: Session, subject: tuple[str, int], *, now: datetime) -> list[Working]:
    """The workings of all clocks of a subject, live ones first. Two statements."""
    lines = clocks_of(session, subject, now=now)
    marks = _marks(session, [line.id for line in lines])
    return [explained(line, subject, marks.get(line.id, [])) for line in lines]


def explained(line: ClockLine, subject: tuple[str, int], marks: Sequence[Marked] = ()) -> Working:
    """The working by what the clock keeps."""
    hours = hours_in(line.working)
    own = hours if line.working.get("kind") == "service_hours" else None
    return Working(
        line,
        subject,
        hours,
        counted(line.working, line.due_at) if own else [],
        _closed(line, own) if own else [],
        pauses_in(line.working),
        reckoned(line.working) if own or "law_due" in line.working else None,
        marks,
    )


def _closed(line: ClockLine, hours: ServiceHours) -> list[Closed]:
    """The days between start and due on which a holiday or a closure of the house kept the desk shut."""
    zone = zone_named(hours.zone)
    day, last = line.started_at.astimezone(zone).date(), line.due_at.astimezone(zone).date()
    found = []
    while day <= last:
        why = hours.why_closed(day)
        if why and hours.weekly[day.weekday()]:
            found.append(Closed(day, "" if why == "closed" else why))
        day += timedelta(days=1)
    return found


def _marks(session: Session, clock_ids: Sequence[int]) -> dict[int, list[Marked]]:
    found: dict[int, list[Marked]] = {}
    if not clock_ids:
        return found
    rows = session.execute(
        select(
            ClockMark.clock_id,
            ClockMark.threshold,
            ClockMark.planned_at,
            ClockMark.noticed_at,
            ClockMark.told,
            ClockMark.by_sweep,
        )
        .where(ClockMark.clock_id.in_(clock_ids))
        .order_by(ClockMark.id)
    )
    for row in rows:
        found.setdefault(row.clock_id, []).append(Marked(*row[1:]))
    return found


# --- lists of the whole desk ---------------------------------------------------------------------


@dataclass(frozen=True)
class DeskClock:
    """A clock in a list of the desk."""

    id: int
    subject_kind: str
    subject_id: int
    name: str
    state: str
    by_law: bool
    started_at: datetime
    due_at: datetime
    breached_at: datetime | None


WANTED = ("running", "late", "risk", "paused", "unnoticed", "all")


def desk_clocks(
    session: Session, wanted: str, *, now: datetime, risk: timedelta, limit: int
) -> list[DeskClock]:
    """Clocks by what is wanted of them (one of WANTED), due first first."""
    running = Clock.state == "running"
    condition = {
        "running": running,
        "late": or_(Clock.state == "late", and_(running, Clock.due_at <= now)),
        "risk": and_(running, Clock.due_at > now, Clock.due_at <= now + risk),
        "paused": Clock.state == "paused",
        "unnoticed": and_(running, Clock.next_look_at <= now),
        "all": Clock.id > 0,
    }[wanted]
    rows = session.execute(
        select(
            Clock.id,
            Clock.subject_kind,
            Clock.subject_id,
            Clock.name,
            Clock.state,
            Clock.by_law,
            Clock.started_at,
            Clock.due_at,
            Clock.breached_at,
        )
        .where(condition)
        .order_by(Clock.due_at, Clock.id)
        .limit(limit)
    )
    return [DeskClock(*row) for row in rows]
