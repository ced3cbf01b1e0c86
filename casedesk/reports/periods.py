"""Periods of a report: [start, next start) in days of the organisation's zone, and what they are compared with."""

from dataclasses import dataclass
from datetime import date, timedelta

from casedesk.kernel.errors import InvalidInput

PRESETS = (
    "this-month",
    "last-month",
    "last-30",
    "last-90",
    "this-quarter",
    "last-quarter",
    "this-year",
    "last-year",
    "last-12-months",
)
DEFAULT = "last-90"
COMPARISONS = ("before", "year", "none")
GRAINS = ("day", "week", "month")
FIRST = date(1990, 1, 1)
LONGEST_DAYS = 366 * 10


@dataclass(frozen=True)
class Period:
    """Days from `start` up to and not including `end`."""

    start: date
    end: date

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def last(self) -> date:
        """The last day in it."""
        return self.end - timedelta(days=1)

    @property
    def grain(self) -> str:
        """The step that a chart over the period reads well in."""
        return "day" if self.days <= 35 else "week" if self.days <= 200 else "month"

    def overlaps(self, other: "Period") -> bool:
        return self.start < other.end and other.start < self.end


def preset(name: str, today: date) -> Period:
    """The period of that name as of `today`, which is its last day at the latest. Raises InvalidInput."""
    tomorrow = today + timedelta(days=1)
    month = today.replace(day=1)
    quarter = month.replace(month=(month.month - 1) // 3 * 3 + 1)
    year = today.replace(month=1, day=1)
    found = {
        "this-month": (month, tomorrow),
        "last-month": (add_months(month, -1), month),
        "last-30": (today - timedelta(days=29), tomorrow),
        "last-90": (today - timedelta(days=89), tomorrow),
        "this-quarter": (quarter, tomorrow),
        "last-quarter": (add_months(quarter, -3), quarter),
        "this-year": (year, tomorrow),
        "last-year": (add_months(year, -12), year),
        "last-12-months": (add_months(month, -12), month),
    }.get(name)
    if found is None:
        raise InvalidInput("report.period", field="period", period=name[:40])
    return Period(*found)


def custom(first: str, last: str, today: date) -> Period:
    """From the day `first` to the day `last`, both included. Raises InvalidInput with what is wrong with them."""
    start, end = _day(first, "from"), _day(last, "to")
    if end < start:
        raise InvalidInput("report.ends_before", field="to", first=start, last=end)
    if start > today or end > today:
        raise InvalidInput("report.future", field="to", day=max(start, end), today=today)
    if start < FIRST or (end - start).days >= LONGEST_DAYS:
        raise InvalidInput("report.too_long", field="from", years=LONGEST_DAYS // 366)
    return Period(start, end + timedelta(days=1))


def compared(period: Period, how: str) -> Period | None:
    """The period to compare with: as long, just before; the same days a year earlier; or none. Raises InvalidInput."""
    if how == "none":
        return None
    if how == "before":
        return _whole_before(period) or Period(period.start - timedelta(days=period.days), period.start)
    if how != "year":
        raise InvalidInput("report.comparison", field="compare", comparison=how[:40])
    other = Period(add_months(period.start, -12), add_months(period.end, -12))
    if other.overlaps(period):
        raise InvalidInput("report.overlap", field="compare", first=other.start, last=other.last)
    return other


def _whole_before(period: Period) -> Period | None:
    """Whole months are compared with as many whole months."""
    if period.start.day != 1 or period.end.day != 1:
        return None
    months = (period.end.year - period.start.year) * 12 + period.end.month - period.start.month
    return Period(add_months(period.start, -months), period.start)


def add_months(day: date, months: int) -> date:
    """The same day `months` later, or the last one of that month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=day.day - 1), following - timedelta(days=1))


def steps(period: Period, grain: str) -> list[date]:
    """The first days of the period's steps; the first and last step may be partial."""
    found, at = [], floor(period.start, grain)
    while at < period.end:
        found.append(at)
        at = following(at, grain)
    return found


def floor(day: date, grain: str) -> date:
    if grain == "month":
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if grain == "week" else day


def following(day: date, grain: str) -> date:
    return add_months(day, 1) if grain == "month" else day + timedelta(days=7 if grain == "week" else 1)


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InvalidInput("report.day", field=field, text=text[:40]) from None
