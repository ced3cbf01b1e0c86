"""Service time: which minutes count, and when a number of them will have passed. Half-open intervals throughout."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from casedesk.kernel.calendar import Calendar

Interval = tuple[int, int]
"""[start, end) in minutes after local midnight; 1440 is the midnight after."""


@dataclass(frozen=True)
class ServiceHours:
    """When the desk works: intervals by weekday (Monday first), in one zone, less one calendar's holidays."""

    weekly: tuple[tuple[Interval, ...], ...]
    zone: str
    holidays: Calendar

    def open_intervals(self, after: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Working intervals [start, end) from `after` on, in time order, for at most three years."""
        zone = ZoneInfo(self.zone)
        first = after.astimezone(zone).date()
        for number in range(3 * 366):
            day = first + timedelta(days=number)
            for start, end in self._of_day(day):
                begins, ends = _instant(day, start, zone), _instant(day, end, zone)
                if ends > after:
                    yield max(begins, after), ends

    def _of_day(self, day: date) -> tuple[Interval, ...]:
        if day in self.holidays.days:
            return ()
        return self.weekly[day.weekday()]


@dataclass(frozen=True)
class Due:
    """When a clock is due, and how that came about (JSON-able, so that it can be shown)."""

    at: datetime
    working: dict[str, object]


def due_after(started: datetime, minutes: int, hours: ServiceHours) -> Due:
    """When `minutes` of service time after `started` have passed. Raises ValueError for hours that never come."""
    left = timedelta(minutes=minutes)
    for begins, ends in hours.open_intervals(started):
        if ends - begins >= left:
            return Due(begins + left, _working(started, minutes, hours))
        left -= ends - begins
    raise ValueError("these service hours never add up to the time asked for")


def _working(started: datetime, minutes: int, hours: ServiceHours) -> dict[str, object]:
    return {
        "kind": "service_hours",
        "started": started.isoformat(),
        "minutes": minutes,
        "zone": hours.zone,
        "calendar": hours.holidays.digest,
    }


def _instant(day: date, minute: int, zone: ZoneInfo) -> datetime:
    day, minute = day + timedelta(days=minute // 1440), minute % 1440
    local = datetime.combine(day, time(minute // 60, minute % 60), zone)
    return local.astimezone(ZoneInfo("UTC"))


def weekdays(start: int, end: int) -> tuple[tuple[Interval, ...], ...]:
    """Monday to Friday from `start` to `end`, in hours."""
    working: tuple[Interval, ...] = ((start * 60, end * 60),)
    return (working,) * 5 + ((), ())
