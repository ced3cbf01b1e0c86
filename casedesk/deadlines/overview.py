"""Calendars, service times and thresholds as the pages of the desk's settings show them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.customers.models import Entity
from casedesk.deadlines.models import ClockThreshold, ServiceCalendar, ServiceTimeRow
from casedesk.deadlines.rules import ServiceHours, due_after
from casedesk.deadlines.settings import hours_of
from casedesk.kernel.calendar import zone_named
from casedesk.store.db import values

HOLIDAYS_SHOWN = 6


@dataclass(frozen=True)
class CalendarLine:
    """A calendar with what it gives: open time a week, the next days off, and an example."""

    id: int
    name_en: str
    name_fr: str
    zone: str
    region: str
    weekly: tuple[tuple[tuple[int, int], ...], ...]
    closed: tuple[date, ...]
    entity_id: int | None
    entity: str | None
    active: bool
    version: int
    open_week: timedelta
    days_off: Sequence[tuple[date, str]]
    eight_hours_from_now: datetime | None


def calendars(session: Session, *, now: datetime) -> list[CalendarLine]:
    """All calendars, those in use first, by name."""
    rows = session.execute(
        select(*ServiceCalendar.__table__.columns, Entity.name.label("entity"))
        .outerjoin(Entity, Entity.id == ServiceCalendar.entity_id)
        .order_by(ServiceCalendar.active.desc(), ServiceCalendar.name_en)
    )
    return [_calendar(row, now) for row in rows]


def _calendar(row: Any, now: datetime) -> CalendarLine:
    hours = hours_of(row)
    return CalendarLine(
        row.id,
        row.name_en,
        row.name_fr,
        row.zone,
        row.region,
        hours.weekly,
        tuple(sorted(hours.closed)),
        row.entity_id,
        row.entity,
        row.active,
        row.version,
        timedelta(minutes=sum(b - a for day in hours.weekly for a, b in day)),
        days_off(hours, now),
        _example(hours, now),
    )


def days_off(hours: ServiceHours, now: datetime) -> list[tuple[date, str]]:
    """The next days within a year on which the desk would be open and is not."""
    day = now.astimezone(zone_named(hours.zone)).date()
    found: list[tuple[date, str]] = []
    for _ in range(366):
        why = hours.why_closed(day)
        if why and hours.weekly[day.weekday()]:
            found.append((day, why))
            if len(found) == HOLIDAYS_SHOWN:
                break
        day += timedelta(days=1)
    return found


def _example(hours: ServiceHours, now: datetime) -> datetime | None:
    try:
        return due_after(now, 8 * 60, hours).at
    except ValueError:
        return None


@dataclass(frozen=True)
class TimeLine:
    """A service time with the names of its entity and calendar."""

    id: int
    clock: str
    kind: str | None
    priority: int | None
    customer: str | None
    entity_id: int | None
    calendar_id: int | None
    minutes: int
    version: int
    entity: str | None
    calendar_en: str | None
    calendar_fr: str | None


def times(session: Session) -> list[TimeLine]:
    """All service times, by clock, the general ones first."""
    rows = session.execute(
        select(
            ServiceTimeRow.id,
            ServiceTimeRow.clock,
            ServiceTimeRow.kind,
            ServiceTimeRow.priority,
            ServiceTimeRow.customer,
            ServiceTimeRow.entity_id,
            ServiceTimeRow.calendar_id,
            ServiceTimeRow.minutes,
            ServiceTimeRow.version,
            Entity.name,
            ServiceCalendar.name_en,
            ServiceCalendar.name_fr,
        )
        .outerjoin(Entity, Entity.id == ServiceTimeRow.entity_id)
        .outerjoin(ServiceCalendar, ServiceCalendar.id == ServiceTimeRow.calendar_id)
    )
    lines = [TimeLine(*values(row)) for row in rows]
    return sorted(
        lines,
        key=lambda t: (
            t.clock,
            sum(x is not None for x in (t.kind, t.priority, t.customer, t.entity_id)),
            t.id,
        ),
    )


@dataclass(frozen=True)
class ThresholdLine:
    id: int
    clock: str
    minutes: int
    tell: str
    by_mail: bool


def thresholds(session: Session) -> list[ThresholdLine]:
    """When clocks speak, by clock and instant."""
    rows = session.execute(
        select(
            ClockThreshold.id,
            ClockThreshold.clock,
            ClockThreshold.minutes,
            ClockThreshold.tell,
            ClockThreshold.by_mail,
        ).order_by(ClockThreshold.clock, ClockThreshold.minutes)
    )
    return [ThresholdLine(*values(row)) for row in rows]


def entities(session: Session) -> list[tuple[int, str]]:
    """Every legal entity by name."""
    return [
        (row.id, row.name) for row in session.execute(select(Entity.id, Entity.name).order_by(Entity.name))
    ]
