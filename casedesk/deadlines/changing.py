"""Change what the desk sets for its clocks: calendars, service times, thresholds. Every change is on the desk's record."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.customers.models import Entity
from casedesk.deadlines.models import ClockThreshold, ServiceCalendar, ServiceTimeRow
from casedesk.deadlines.rules import DAY_MINUTES, WHO, Interval
from casedesk.deadlines.settings import forget
from casedesk.deadlines.weekly import crosses_into
from casedesk.kernel.calendar import UnknownCalendar, calendar_for, zone_named
from casedesk.kernel.errors import Conflict, InvalidInput, NotFound, RuleBroken
from casedesk.store import outbox
from casedesk.store.record import DESK, ActorRef, Line, append

TELL = ("owner", "team-lead", "manager")
LONGEST_MINUTES = 400 * DAY_MINUTES


@dataclass(frozen=True)
class SetCalendar:
    """A calendar as a form gives it; `calendar_id` None makes a new one."""

    name_en: str
    name_fr: str
    zone: str
    region: str
    weekly: tuple[tuple[Interval, ...], ...]
    closed: tuple[date, ...] = ()
    entity_id: int | None = None
    active: bool = True
    calendar_id: int | None = None
    version: int | None = None


@dataclass(frozen=True)
class SetTime:
    """A service time as a form gives it; `time_id` None makes a new one."""

    clock: str
    minutes: int
    kind: str | None = None
    priority: int | None = None
    customer: str | None = None
    entity_id: int | None = None
    calendar_id: int | None = None
    time_id: int | None = None
    version: int | None = None


@dataclass(frozen=True)
class SetThreshold:
    """A reminder before (`minutes` below zero) or a word after the due instant of a clock."""

    clock: str
    minutes: int
    tell: str = "owner"
    by_mail: bool = False


def set_calendar(
    session: Session, command: SetCalendar, *, actor: ActorRef, now: datetime
) -> ServiceCalendar:
    """The calendar as the command says; live clocks are reckoned anew by job. Raises InvalidInput, Conflict."""
    _check_calendar(session, command)
    values = {
        "name_en": command.name_en,
        "name_fr": command.name_fr or command.name_en,
        "zone": command.zone,
        "region": command.region,
        "weekly": [[list(one) for one in day] for day in command.weekly],
        "closed": [day.isoformat() for day in command.closed],
        "entity_id": command.entity_id,
        "active": command.active,
    }
    if command.calendar_id is None:
        row = ServiceCalendar(**values)
        session.add(row)
        session.flush()
        _note(session, "calendar.set", row.name_en, {"calendar": row.id}, actor, now)
        forget(session)
        return row
    row = _locked(session, ServiceCalendar, command.calendar_id, command.version)
    changes = _changes(row, values)
    if not changes:
        return row
    session.flush()
    _note(session, "calendar.set", row.name_en, {"calendar": row.id, "changes": changes}, actor, now)
    outbox.put(
        session,
        "clock.hours_changed",
        key=f"calendar-{row.id}-v{row.version}",
        due_at=now,
        now=now,
        calendar_id=row.id,
        version=row.version,
    )
    forget(session)
    return row


def set_time(session: Session, command: SetTime, *, actor: ActorRef, now: datetime) -> ServiceTimeRow:
    """The service time as the command says. Clocks that run keep what they were given. Raises InvalidInput, Conflict."""
    if not 0 < command.minutes <= LONGEST_MINUTES:
        raise InvalidInput("service_time.minutes", field="minutes")
    if command.customer is not None and command.customer not in WHO:
        raise InvalidInput("service_time.customer", field="customer")
    if command.calendar_id is not None and session.get(ServiceCalendar, command.calendar_id) is None:
        raise InvalidInput("service_time.calendar", field="calendar_id")
    values = {
        "clock": command.clock,
        "kind": command.kind,
        "priority": command.priority,
        "customer": command.customer,
        "entity_id": command.entity_id,
        "calendar_id": command.calendar_id,
        "minutes": command.minutes,
    }
    _refuse_twin(session, command, values)
    if command.time_id is None:
        row = ServiceTimeRow(**values)
        session.add(row)
    else:
        row = _locked(session, ServiceTimeRow, command.time_id, command.version)
        if not _changes(row, values):
            return row
    session.flush()
    _note(session, "service_time.set", command.clock, {"time": row.id, **values}, actor, now)
    forget(session)
    return row


def remove_time(session: Session, time_id: int, *, actor: ActorRef, now: datetime) -> None:
    row = _locked(session, ServiceTimeRow, time_id, None)
    _note(session, "service_time.removed", row.clock, {"time": row.id, "minutes": row.minutes}, actor, now)
    session.delete(row)
    session.flush()
    forget(session)


def set_threshold(session: Session, command: SetThreshold, *, actor: ActorRef, now: datetime) -> None:
    """The clock speaks at this threshold from its next look on. Raises InvalidInput."""
    if not command.minutes or abs(command.minutes) > LONGEST_MINUTES:
        raise InvalidInput("threshold.minutes", field="minutes")
    if command.tell not in TELL:
        raise InvalidInput("threshold.tell", field="tell")
    row = session.scalars(
        select(ClockThreshold).where(
            ClockThreshold.clock == command.clock, ClockThreshold.minutes == command.minutes
        )
    ).one_or_none()
    if row is None:
        row = ClockThreshold(clock=command.clock, minutes=command.minutes)
        session.add(row)
    row.tell, row.by_mail = command.tell, command.by_mail
    session.flush()
    body = {"threshold": row.id, "minutes": row.minutes, "tell": row.tell, "by_mail": row.by_mail}
    _note(session, "threshold.set", row.clock, body, actor, now)
    forget(session)


def remove_threshold(session: Session, threshold_id: int, *, actor: ActorRef, now: datetime) -> None:
    row = session.get(ClockThreshold, threshold_id)
    if row is None:
        raise NotFound("not_found")
    _note(session, "threshold.removed", row.clock, {"threshold": row.id, "minutes": row.minutes}, actor, now)
    session.delete(row)
    session.flush()
    forget(session)


def _check_calendar(session: Session, command: SetCalendar) -> None:
    if not any(command.weekly):
        raise InvalidInput("calendar.never_open", field="day_0")
    late = crosses_into(command.weekly)
    if late is not None:
        raise InvalidInput("calendar.crosses", field=f"day_{(late + 1) % 7}")
    try:
        zone_named(command.zone)
    except ValueError:
        raise InvalidInput("calendar.zone", field="zone", zone=command.zone[:60]) from None
    try:
        if command.region:
            calendar_for(command.region)
    except UnknownCalendar:
        raise InvalidInput("calendar.region", field="region", region=command.region[:40]) from None
    for column, value, field in (
        (ServiceCalendar.name_en, command.name_en, "name_en"),
        (ServiceCalendar.entity_id, command.entity_id, "entity_id"),
    ):
        taken = value is not None and session.scalar(select(ServiceCalendar.id).where(column == value))
        if taken and taken != command.calendar_id:
            code = "calendar.name_taken" if field == "name_en" else "calendar.entity_taken"
            raise InvalidInput(code, field=field)
    if command.entity_id is not None and session.get(Entity, command.entity_id) is None:
        raise InvalidInput("calendar.entity", field="entity_id")
    if not command.active and command.calendar_id is not None:
        used = select(ServiceTimeRow.id).where(ServiceTimeRow.calendar_id == command.calendar_id)
        if session.scalar(used.limit(1)) is not None:
            raise RuleBroken("calendar.in_use", field="active")


def _refuse_twin(session: Session, command: SetTime, values: dict[str, Any]) -> None:
    """Two times for the very same things would leave it to chance which of them counts."""
    same = select(ServiceTimeRow.id).where(
        ServiceTimeRow.clock == command.clock,
        *(
            getattr(ServiceTimeRow, name).is_(None)
            if values[name] is None
            else getattr(ServiceTimeRow, name) == values[name]
            for name in ("kind", "priority", "customer", "entity_id")
        ),
    )
    if any(found != command.time_id for found in session.scalars(same)):
        raise InvalidInput("service_time.twin", field="clock")


def _locked(session: Session, model: Any, key: int, version: int | None) -> Any:
    row = session.get(model, key, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound("not_found")
    if version is not None and row.version != version:
        raise Conflict("service.stale")
    return row


def _changes(row: Any, values: dict[str, Any]) -> dict[str, Any]:
    changes = {name: [getattr(row, name), v] for name, v in values.items() if getattr(row, name) != v}
    for name, (_, value) in changes.items():
        setattr(row, name, value)
    return changes


def _note(
    session: Session, kind: str, name: str, body: dict[str, Any], actor: ActorRef, now: datetime
) -> None:
    append(session, DESK, Line(kind, {"name": name, **body}), actor=actor, now=now)
