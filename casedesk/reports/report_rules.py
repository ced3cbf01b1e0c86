"""When a scheduled report leaves, and which days it reports. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from casedesk.reports.periods import Period, add_months

EVERY = ("day", "week", "month")
HOUR = time(7)
"""When a scheduled report leaves, in its reader's zone; never before the organisation's day has begun."""

LONGEST_NAME = 80
SHARED = ("agent", "manager", "mediator")


def next_start(every: str, today: date) -> date:
    """The first day after `today` on which a new period of that length begins."""
    if every == "day":
        return today + timedelta(days=1)
    if every == "week":
        return today + timedelta(days=7 - today.weekday())
    return add_months(today.replace(day=1), 1)


def period_before(every: str, start: date) -> Period:
    """The whole period that ends where the one of `start` begins."""
    if every == "day":
        return Period(start - timedelta(days=1), start)
    if every == "week":
        return Period(start - timedelta(days=7), start)
    return Period(add_months(start, -1), start)


def leaves_at(start: date, *, zone: str, reader_zone: str) -> datetime:
    """When the report on the period before `start` leaves: at seven where its reader is, once the organisation's day
    has begun."""
    begun = datetime.combine(start, time(0), ZoneInfo(zone))
    seven = datetime.combine(start, HOUR, ZoneInfo(reader_zone))
    return max(begun, seven).astimezone(UTC)
