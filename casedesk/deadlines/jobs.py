"""The look at a clock when a threshold is due, the sweep for looks that were lost, and clocks under changed hours.

A dead worker makes a look late, never lost: the row waits in the outbox, and where the row itself is gone the sweep
finds the clock. Every look says how late it came.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.deadlines import passing
from casedesk.deadlines.actions import reckon_again
from casedesk.deadlines.models import Clock
from casedesk.deadlines.settings import settings_of
from casedesk.store import outbox
from casedesk.store.work import Timed

GRACE = timedelta(minutes=2)
"""How long the look that was left for a clock has, before the sweep takes it for lost."""

AT_ONCE = 2_000
RECKONED_AT_ONCE = 200


def look(session: Session, payload: dict[str, Any], *, now: datetime) -> None:
    """Notice what a running clock has reached, and tell the subject's room once of each threshold."""
    passing.look_at(session, payload["clock_id"], now=now)


def sweep(session: Session, payload: dict[str, Any], *, now: datetime) -> datetime | None:
    """Notice what was not looked at; comes back at once while there is more."""
    return now if passing.sweep(session, now=now, grace=GRACE, limit=AT_ONCE).more else None


def hours_changed(session: Session, payload: dict[str, Any], *, now: datetime) -> None:
    """Reckon the live clocks of a calendar anew after it was changed, some at a time."""
    calendar_id, last = payload["calendar_id"], payload.get("after", 0)
    hours = settings_of(session).hours.get(calendar_id)
    clocks = session.scalars(
        select(Clock)
        .where(Clock.id > last, Clock.state.in_(("running", "paused")), Clock.by_law.is_(False))
        .order_by(Clock.id)
        .limit(RECKONED_AT_ONCE)
        .with_for_update()
    ).all()
    if hours is None or not clocks:
        return
    for clock in clocks:
        kept = clock.working.get("hours") or {}
        if kept.get("calendar_id") == calendar_id and reckon_again(session, clock, hours, now=now):
            _tell_moved(session, clock, now)
    if len(clocks) == RECKONED_AT_ONCE:
        outbox.put(
            session,
            "clock.hours_changed",
            key=f"calendar-{calendar_id}-v{payload['version']}-{clocks[-1].id}",
            due_at=now,
            now=now,
            calendar_id=calendar_id,
            version=payload["version"],
            after=clocks[-1].id,
        )


def _tell_moved(session: Session, clock: Clock, now: datetime) -> None:
    outbox.put(
        session,
        f"{clock.subject_kind}.clock_moved",
        key=f"moved-{clock.id}-v{clock.version}",
        due_at=now,
        now=now,
        subject=(clock.subject_kind, clock.subject_id),
        subject_id=clock.subject_id,
    )


HANDLERS = {
    "clock.look": look,
    "clock.breach": look,  # left by releases that looked at the due instant only
    "clock.sweep": sweep,
    "clock.hours_changed": hours_changed,
}

SCHEDULE = (Timed("clock.sweep", timedelta(minutes=1)),)
