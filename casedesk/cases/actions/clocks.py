"""The clocks of a case: first reply and next reply, decide, approval, resolution, acknowledging an escalation; dates
that were given (evidence), and what the verdict obliges us to."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from casedesk.cases.actions.writing import show_next_clock, subject_of
from casedesk.cases.models import Case
from casedesk.cases.queries.paying import still_paying
from casedesk.cases.rules import GIVEN, PAUSING
from casedesk.customers.models import Customer, Entity
from casedesk.deadlines import actions as deadlines
from casedesk.deadlines.actions import NewClock
from casedesk.deadlines.rules import Matter, ServiceHours, due_after
from casedesk.deadlines.settings import STATUTORY_PREFIX, settings_of, usual_hours

SERVICE_MINUTES = {
    "first_reply": 8 * 60,
    "next_reply": 8 * 60,
    "decide": 3 * 9 * 60,
    "approval": 9 * 60,
    "acknowledge": 2 * 60,
    "resolution": 15 * 9 * 60,
}
"""Working minutes by clock where the desk has set none: a day of the desk is nine hours, 9 to 18."""


def service_hours(entity: Entity) -> ServiceHours:
    """When the desk of `entity` works where no calendar is set: Monday to Friday, 9 to 18, less holidays."""
    return usual_hours(entity)


def start(session: Session, case: Case, *names: str, now: datetime) -> None:
    """Start service clocks by name."""
    for name in names:
        deadlines.start(session, subject_of(case), _service_clock(session, case, name, now), now=now)
    show_next_clock(session, case)


def follow_change(session: Session, case: Case, *, now: datetime) -> None:
    """Give live service clocks the time of what the case is now: its priority, kind or customer was changed."""
    for name in deadlines.live_names(session, subject_of(case)):
        if name in SERVICE_MINUTES:
            deadlines.remeasure(session, subject_of(case), _service_clock(session, case, name, now), now=now)
    show_next_clock(session, case)


def hours_of(session: Session, case: Case) -> ServiceHours:
    """The usual hours of the case's entity."""
    return settings_of(session).hours_for(session.get_one(Entity, case.entity_id))


def start_by_law(
    session: Session, case: Case, name: str, due_at: datetime, working: dict[str, Any], *, now: datetime
) -> None:
    """Start a clock that the law sets, or move it where a fact changed its date. Only the law holds it."""
    kept = {**working, "hours": hours_of(session, case).plain()}
    deadlines.set_due(session, subject_of(case), NewClock(name, due_at, kept, by_law=True), now=now)
    show_next_clock(session, case)


def follow_law(
    session: Session, case: Case, name: str, held: Mapping[str, str] | None, *, now: datetime
) -> None:
    """Hold a clock of the law where its rule says that the period is held now, else let it run on."""
    if held is None:
        deadlines.release_by_law(session, subject_of(case), name, now=now)
    else:
        deadlines.hold_by_law(session, subject_of(case), name, held, now=now)
    show_next_clock(session, case)


def lives(session: Session, case: Case, name: str) -> bool:
    """Does a clock of this name run, or is it held?"""
    return name in deadlines.live_names(session, subject_of(case))


def drop_by_law(session: Session, case: Case, wanted: Collection[str], prefix: str, *, now: datetime) -> None:
    """Cancel clocks of duties that the law does not ask of us any more, by the verdict that stands now."""
    for name in deadlines.live_names(session, subject_of(case)):
        if name.startswith(prefix) and name not in wanted and name not in GIVEN:
            deadlines.cancel(session, subject_of(case), name, now=now)


def stop_by_law(session: Session, case: Case, *, now: datetime) -> None:
    """Everything that the law asked to be done by a date is done; dates that were given stay."""
    stop(session, case, *_by_law(session, case), now=now)


def _by_law(session: Session, case: Case) -> list[str]:
    names = deadlines.live_names(session, subject_of(case))
    return [name for name in names if name.startswith(STATUTORY_PREFIX) and name not in GIVEN]


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
        # What the law wants paid by a date runs until it is paid, also where the desk has closed the case before.
        owed = _by_law(session, case) if still_paying(session, case) else []
        deadlines.cancel_all(session, subject_of(case), but=owed, now=now)
    show_next_clock(session, case)


def hold(session: Session, case: Case, *, now: datetime) -> None:
    """Hold the desk's clocks: the matter is before somebody whose own clocks run. Those of the law go on."""
    deadlines.pause(session, subject_of(case), now=now)
    show_next_clock(session, case)


def release(session: Session, case: Case, *, now: datetime) -> None:
    """Let the desk's clocks run on: the matter is the desk's again."""
    deadlines.resume(session, subject_of(case), now=now)
    show_next_clock(session, case)


def _service_clock(session: Session, case: Case, name: str, now: datetime) -> NewClock:
    """The clock by the service time that fits the case best, in the hours that it names or the entity's usual ones."""
    settings = settings_of(session)
    time = settings.time_for(_matter(session, case, name))
    hours = settings.hours_for(session.get_one(Entity, case.entity_id), time.calendar_id if time else None)
    due = due_after(now, time.minutes if time else SERVICE_MINUTES[name], hours)
    return NewClock(name, due.at, due.working)


def _matter(session: Session, case: Case, name: str) -> Matter:
    customer = session.get(Customer, case.customer_id) if case.customer_id else None
    who = {customer.kind} if customer else set()
    if case.vulnerable:
        who.add("vulnerable")
    return Matter(name, case.kind, case.priority, frozenset(who), case.entity_id)
