"""What the desk has set for its clocks, read once a transaction: calendars, service times, thresholds."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.customers.models import Entity
from casedesk.deadlines.models import ClockThreshold, ServiceCalendar, ServiceTimeRow
from casedesk.deadlines.rules import (
    Matter,
    ServiceHours,
    ServiceTime,
    calendar_of,
    chosen,
    weekdays,
)

STATUTORY = "statutory"
"""The name under which thresholds of all duties of the law are kept."""

STATUTORY_PREFIX = "statutory."
"""How the names of their clocks begin."""


@dataclass(frozen=True)
class Settings:
    """Everything that is set; `hours` by calendar, `usual` the calendar of an entity."""

    hours: dict[int, ServiceHours]
    usual: dict[int, int]
    times: tuple[ServiceTime, ...]
    thresholds: dict[str, tuple[int, ...]]

    def time_for(self, matter: Matter) -> ServiceTime | None:
        return chosen(self.times, matter)

    def hours_for(self, entity: Entity, calendar_id: int | None = None) -> ServiceHours:
        """The hours of the calendar that is named, else the entity's usual ones, else Monday to Friday, 9 to 18."""
        wanted = calendar_id if calendar_id in self.hours else self.usual.get(entity.id)
        return self.hours[wanted] if wanted is not None else usual_hours(entity)


def usual_hours(entity: Entity) -> ServiceHours:
    """Monday to Friday, 9 to 18 in the entity's zone, less its country's holidays: where no calendar is set."""
    region = "GB-ENG" if entity.country == "GB" else entity.country
    return ServiceHours(weekdays(9, 18), entity.time_zone, calendar_of(region))


def settings_of(session: Session) -> Settings:
    """What is set, read once in a transaction: whoever changes a setting in it calls `forget`."""
    now = session.get_transaction()
    kept = session.info.get("service_settings")
    if now is not None and kept is not None and kept[0] is now:
        found: Settings = kept[1]
        return found
    read = _read(session)
    session.info["service_settings"] = (session.get_transaction(), read)
    return read


def forget(session: Session) -> None:
    """What is set was changed in this transaction: read it again when it is asked for."""
    session.info.pop("service_settings", None)


def hours_of(row: Any) -> ServiceHours:
    """The hours of a stored calendar."""
    return ServiceHours(
        tuple(tuple((a, b) for a, b in day) for day in row.weekly),
        row.zone,
        calendar_of(row.region),
        frozenset(date.fromisoformat(day) for day in row.closed),
        row.id,
        row.version,
    )


def _read(session: Session) -> Settings:
    calendars: Sequence[Any] = session.execute(select(*ServiceCalendar.__table__.columns)).all()
    times = session.execute(select(*ServiceTimeRow.__table__.columns))
    thresholds: dict[str, tuple[int, ...]] = {}
    for clock, minutes in session.execute(select(ClockThreshold.clock, ClockThreshold.minutes)):
        thresholds[clock] = (*thresholds.get(clock, ()), minutes)
    return Settings(
        {row.id: hours_of(row) for row in calendars},
        {row.entity_id: row.id for row in calendars if row.entity_id is not None and row.active},
        tuple(
            ServiceTime(t.id, t.clock, t.kind, t.priority, t.customer, t.entity_id, t.minutes, t.calendar_id)
            for t in times
        ),
        thresholds,
    )
