"""The clocks of a case: first reply and next reply, decide, approval, resolution; and what the verdict obliges us to."""

from datetime import datetime

from sqlalchemy.orm import Session

from casedesk.cases.actions.writing import show_next_clock, subject_of
from casedesk.cases.models import Case
from casedesk.cases.rules import PAUSING
from casedesk.customers.models import Entity
from casedesk.deadlines import actions as deadlines
from casedesk.deadlines.actions import NewClock
from casedesk.deadlines.rules import ServiceHours, due_after, weekdays
from casedesk.kernel.calendar import calendar_for

SERVICE_MINUTES = {
    "first_reply": 8 * 60,
    "next_reply": 8 * 60,
    "decide": 3 * 9 * 60,
    "approval": 9 * 60,
    "resolution": 15 * 9 * 60,
}
"""Working minutes by clock: a day of the desk is nine hours, 9 to 18."""


def service_hours(entity: Entity) -> ServiceHours:
    """When the desk of `entity` works: Monday to Friday, 9 to 18 in its zone, less its country's holidays."""
    return ServiceHours(
        weekdays(9, 18),
        entity.time_zone,
        calendar_for("GB-ENG" if entity.country == "GB" else entity.country),
    )


def start(session: Session, case: Case, *names: str, now: datetime) -> None:
    """Start service clocks by name."""
    hours = service_hours(session.get_one(Entity, case.entity_id))
    for name in names:
        due = due_after(now, SERVICE_MINUTES[name], hours)
        deadlines.start(session, subject_of(case), NewClock(name, due.at, due.working), now=now)
    show_next_clock(session, case)


def start_by_law(
    session: Session, case: Case, name: str, due_at: datetime, working: dict[str, object], *, now: datetime
) -> None:
    """Start a clock that the law sets, or move it where a fact changed its date."""
    deadlines.set_due(session, subject_of(case), NewClock(name, due_at, working, by_law=True), now=now)
    show_next_clock(session, case)


def stop(session: Session, case: Case, *names: str, now: datetime) -> None:
    """What these clocks asked for is done."""
    for name in names:
        deadlines.stop(session, subject_of(case), name, now=now)
    show_next_clock(session, case)


def cancel(session: Session, case: Case, *names: str, now: datetime) -> None:
    for name in names:
        deadlines.cancel(session, subject_of(case), name, now=now)
    show_next_clock(session, case)


def follow_status(session: Session, case: Case, before: str, *, now: datetime) -> None:
    """Hold or release the desk's clocks as the status says whose turn it is."""
    if case.status in PAUSING and before not in PAUSING:
        deadlines.pause(session, subject_of(case), now=now)
    if case.status not in PAUSING and before in PAUSING:
        deadlines.resume(session, subject_of(case), now=now)
    if case.status == "closed":
        deadlines.cancel_all(session, subject_of(case), now=now)
    show_next_clock(session, case)
