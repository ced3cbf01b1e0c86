"""The clocks of a subject as a page shows them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.deadlines.models import Clock


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


def clocks_of(session: Session, subject: tuple[str, int], *, now: datetime) -> list[ClockLine]:
    """All clocks of the subject, live ones first, each group by due instant."""
    rows = session.execute(
        select(
            Clock.name,
            Clock.state,
            Clock.by_law,
            Clock.started_at,
            Clock.due_at,
            Clock.stopped_at,
            Clock.working,
        )
        .where(Clock.subject_kind == subject[0], Clock.subject_id == subject[1])
        .order_by(Clock.due_at, Clock.id)
    )
    lines = [
        ClockLine(
            name=r.name,
            state=r.state,
            by_law=r.by_law,
            started_at=r.started_at,
            due_at=r.due_at,
            stopped_at=r.stopped_at,
            late=r.state == "late" or (r.state == "running" and r.due_at <= now),
            working=r.working,
        )
        for r in rows
    ]
    return sorted(lines, key=lambda line: line.state not in ("running", "paused"))


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
