"""Service time: which minutes count, and when a number of them will have passed. Half-open intervals throughout.

A minute counts where the wall clock of the zone stands in an interval of its day, whatever the clocks do that night:
an hour that is skipped in spring counts nothing, one that comes twice in autumn counts twice.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from casedesk.kernel.calendar import (
    Calendar,
    UnknownCalendar,
    calendar_for,
    local_day,
    start_of_day,
    zone_named,
)

Interval = tuple[int, int]
"""[start, end) in minutes after local midnight; 1440 is the midnight after, more is the next morning."""

Span = tuple[datetime, datetime]

DAY_MINUTES = 1440
HORIZON_DAYS = 3 * 366
NO_HOLIDAYS = Calendar("", {})
_ONE_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class ServiceHours:
    """When the desk works: intervals by weekday (Monday first), in one zone, less holidays and days closed.

    An interval past midnight belongs to the day on which it starts: a holiday closes it to its end.
    """

    weekly: tuple[tuple[Interval, ...], ...]
    zone: str
    holidays: Calendar
    closed: frozenset[date] = frozenset()
    calendar_id: int | None = None
    version: int = 0

    def open_intervals(self, after: datetime) -> Iterator[Span]:
        """Working intervals [start, end) from `after` on, in time order, for at most three years."""
        day = after.astimezone(zone_named(self.zone)).date()
        for _ in range(HORIZON_DAYS):
            for begins, ends in self.of_day(day):
                if ends > after:
                    yield max(begins, after), ends
            day += _ONE_DAY

    def open_before(self, until: datetime) -> Iterator[Span]:
        """Working intervals [start, end) that lie before `until`, the latest first, for at most three years."""
        day = until.astimezone(zone_named(self.zone)).date()
        for _ in range(HORIZON_DAYS):
            for begins, ends in reversed(self.of_day(day)):
                if begins < until:
                    yield begins, min(ends, until)
            day -= _ONE_DAY

    def of_day(self, day: date) -> list[Span]:
        """The open spans whose wall clock shows `day`, in time order."""
        minutes = self.minutes_of(day)
        return [
            (begins + (max(first, start) - first) * _MINUTE, begins + (min(last, end) - first) * _MINUTE)
            for begins, first, last in _stretches(day, self.zone)
            for start, end in minutes
            if max(first, start) < min(last, end)
        ]

    def minutes_of(self, day: date) -> list[Interval]:
        """The open intervals of `day` within [0, 1440), with what is left of the evening before."""
        own = [(a, min(b, DAY_MINUTES)) for a, b in self._starting(day) if a < DAY_MINUTES]
        spill = [
            (max(a, DAY_MINUTES) - DAY_MINUTES, b - DAY_MINUTES) for a, b in self._starting(day - _ONE_DAY)
        ]
        return merged([*own, *(one for one in spill if one[0] < one[1])])

    def why_closed(self, day: date) -> str | None:
        """The holiday's name, ``closed`` for a day of the house's own, None on other days."""
        return self.holidays.days.get(day) or ("closed" if day in self.closed else None)

    def plain(self) -> dict[str, Any]:
        """What a clock keeps of these hours, so that its due instant can be reckoned again."""
        return {
            "calendar_id": self.calendar_id,
            "version": self.version,
            "weekly": [[list(one) for one in day] for day in self.weekly],
            "zone": self.zone,
            "region": self.holidays.code,
            "holidays": self.holidays.digest,
            "closed": sorted(day.isoformat() for day in self.closed),
        }

    def _starting(self, day: date) -> tuple[Interval, ...]:
        return () if self.why_closed(day) else self.weekly[day.weekday()]


@lru_cache(maxsize=4096)
def _stretches(day: date, zone: str) -> tuple[tuple[datetime, int, int], ...]:
    """`day` cut where its clocks are changed: (first instant, minute shown then, minute shown at its end)."""
    begins, ends, place = start_of_day(day, zone), start_of_day(day + _ONE_DAY, zone), zone_named(zone)

    def offset(at: datetime) -> timedelta:
        return at.astimezone(place).utcoffset() or timedelta()

    cuts = [begins]
    if offset(begins) != offset(ends - _MINUTE):
        low, high = 0, int((ends - begins) / _MINUTE) - 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (
                (middle, high) if offset(begins + middle * _MINUTE) == offset(begins) else (low, middle)
            )
        cuts.append(begins + high * _MINUTE)
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - the wall clock, apart from any zone
    found = []
    for at, until in zip(cuts, [*cuts[1:], ends], strict=True):
        first = int((at.astimezone(place).replace(tzinfo=None) - midnight) / _MINUTE)
        found.append((at, first, first + int((until - at) / _MINUTE)))
    return tuple(found)


def merged(intervals: Sequence[Interval]) -> list[Interval]:
    """The same minutes as intervals that neither touch nor overlap, in order."""
    found: list[Interval] = []
    for start, end in sorted(intervals):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


@dataclass(frozen=True)
class Due:
    """When a clock is due, and how that came about (JSON-able, so that it can be shown)."""

    at: datetime
    working: dict[str, Any]


def due_after(started: datetime, minutes: int, hours: ServiceHours) -> Due:
    """When `minutes` of service time after `started` have passed. Raises ValueError for hours that never come."""
    working = {
        "kind": "service_hours",
        "started": started.isoformat(),
        "minutes": minutes,
        "hours": hours.plain(),
    }
    return Due(after(started, timedelta(minutes=minutes), hours), working)


def after(started: datetime, left: timedelta, hours: ServiceHours) -> datetime:
    """The instant at which `left` of service time since `started` have passed. Raises ValueError."""
    if not left:
        return started
    for begins, ends in hours.open_intervals(started):
        if ends - begins >= left:
            return begins + left
        left -= ends - begins
    raise ValueError("these service hours never add up to the time asked for")


def before(due: datetime, minutes: int, hours: ServiceHours) -> datetime:
    """The latest instant from which `minutes` of service time are left until `due`. Raises ValueError."""
    left = minutes * _MINUTE
    for begins, ends in hours.open_before(due):
        if ends - begins >= left:
            return ends - left
        left -= ends - begins
    raise ValueError("these service hours never add up to the time asked for")


def open_time(since: datetime, until: datetime, hours: ServiceHours) -> timedelta:
    """How much service time lies in [since, until)."""
    total = timedelta()
    for begins, ends in hours.open_intervals(since):
        if begins >= until:
            break
        total += min(ends, until) - begins
    return total


def resumed(due: datetime, paused: datetime, now: datetime, hours: ServiceHours | None) -> datetime:
    """Where a clock held in [paused, now) is due then: the service time that was left, counted from `now` on.

    Without hours (kept by an older release) it moves by the time itself. What was late stays where it was.
    """
    if due <= paused:
        return due
    if hours is None:
        return due + (now - paused)
    return after(now, open_time(paused, due, hours), hours)


AT_ONCE = "at_once"
"""A duty that was held is due when the wait ends, at the earliest on its own last day; else the days that were left
run on."""


def held_by_law(due: datetime, zone: str, holds: Sequence[Mapping[str, Any]]) -> datetime:
    """When a duty whose period would end at `due` is due, once the law has held it (`holds`: since, until, then).

    Whole local days only are given back: a day of which a part was held counts. What was late stays where it was.
    """
    for one in holds:
        if one["until"] is None:
            continue
        since, until = datetime.fromisoformat(one["since"]), datetime.fromisoformat(one["until"])
        if due <= since:
            continue
        first, last = local_day(since, zone), local_day(until, zone)
        if one["then"] == AT_ONCE:
            due = max(due, start_of_day(last + _ONE_DAY, zone))
            continue
        more = max(0, (last - first).days - 1) * _ONE_DAY
        day = local_day(due, zone)
        due = start_of_day(day + more, zone) if due == start_of_day(day, zone) else due + more
    return due


def holds_in(working: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What held a clock of the law, in order; `until` is None where it is held now."""
    return list(working.get("holds", ()))


def law_due(working: Mapping[str, Any]) -> datetime | None:
    """The due instant of a clock of the law by what it keeps; None where it keeps no such day."""
    if "law_due" not in working:
        return None
    return held_by_law(datetime.fromisoformat(working["law_due"]), working["zone"], holds_in(working))


def opening(at: datetime, hours: ServiceHours | None) -> datetime:
    """`at` where somebody is there to read, else the next opening. The end of an interval still counts."""
    if hours is None:
        return at
    begins, _ = next(hours.open_intervals(at - _MINUTE), (at, at))
    return max(at, begins)


# --- what a clock keeps, read again --------------------------------------------------------------


def hours_in(working: Mapping[str, Any]) -> ServiceHours | None:
    """The hours that a clock was reckoned with; None where it keeps none."""
    plain = working.get("hours")
    return _hours(json.dumps(plain, sort_keys=True)) if plain else None


@lru_cache(maxsize=512)
def _hours(plain: str) -> ServiceHours:
    read = json.loads(plain)
    return ServiceHours(
        tuple(tuple((a, b) for a, b in day) for day in read["weekly"]),
        read["zone"],
        calendar_of(read["region"]),
        frozenset(date.fromisoformat(day) for day in read["closed"]),
        read["calendar_id"],
        read["version"],
    )


def calendar_of(region: str) -> Calendar:
    """The holidays of `region`; none for an empty one and for one that today's package does not know any more."""
    code, *marks = region.split("+")
    try:
        return calendar_for(code, good_friday="no-good-friday" not in marks) if code else NO_HOLIDAYS
    except UnknownCalendar:
        return Calendar(region, {})


def region_of(code: str) -> str:
    """The region of a calendar's code, without its marks."""
    return code.partition("+")[0]


def reckoned(working: Mapping[str, Any], hours: ServiceHours | None = None) -> datetime | None:
    """The due instant by what the clock keeps (with other `hours` where given); None where it is not of that kind."""
    if "law_due" in working:
        return law_due(working)
    hours = hours or hours_in(working)
    if working.get("kind") != "service_hours" or hours is None:
        return None
    due = after(datetime.fromisoformat(working["started"]), working["minutes"] * _MINUTE, hours)
    for since, until in pauses_in(working):
        due = resumed(due, since, until, hours)
    return due


def pauses_in(working: Mapping[str, Any]) -> list[Span]:
    return [(datetime.fromisoformat(a), datetime.fromisoformat(b)) for a, b in working.get("pauses", ())]


def counted(working: Mapping[str, Any], due: datetime) -> list[Span]:
    """The spans of service time that led to `due`, in time order: their sum is the time that the clock gives."""
    hours = hours_in(working)
    if hours is None or "started" not in working:
        return []
    spans: list[Span] = []
    at = datetime.fromisoformat(working["started"])
    for since, until in [*pauses_in(working), (due, due)]:
        spans += [(a, min(b, since)) for a, b in _until(hours.open_intervals(at), min(since, due))]
        at = max(until, at)
        if since >= due:
            break
    return [(a, b) for a, b in spans if a < b]


def _until(spans: Iterator[Span], end: datetime) -> Iterator[Span]:
    for begins, ends in spans:
        if begins >= end:
            return
        yield begins, ends


def weekdays(start: int, end: int) -> tuple[tuple[Interval, ...], ...]:
    """Monday to Friday from `start` to `end`, in hours."""
    working: tuple[Interval, ...] = ((start * 60, end * 60),)
    return (working,) * 5 + ((), ())


# --- which time a clock gives, and when it speaks -------------------------------------------------

WHO = ("consumer", "business", "non_professional", "vulnerable")
"""Whom a service time may be for: what the customer is, or that he or she is marked as vulnerable."""


@dataclass(frozen=True)
class Matter:
    """What a clock is about: all that a service time may name."""

    clock: str
    kind: str
    priority: int
    customer: frozenset[str]
    entity_id: int


@dataclass(frozen=True)
class ServiceTime:
    """So many minutes on one clock, for what it names; what is None is any."""

    id: int
    clock: str
    kind: str | None
    priority: int | None
    customer: str | None
    entity_id: int | None
    minutes: int
    calendar_id: int | None


def fits(time: ServiceTime, matter: Matter) -> bool:
    return (
        time.clock == matter.clock
        and time.kind in (None, matter.kind)
        and time.priority in (None, matter.priority)
        and (time.customer is None or time.customer in matter.customer)
        and time.entity_id in (None, matter.entity_id)
    )


def chosen(times: Collection[ServiceTime], matter: Matter) -> ServiceTime | None:
    """The service time for `matter`: the one that names most; of equals the one for the vulnerable, then by
    priority, customer, kind, entity; then the shorter one."""
    fitting = [time for time in times if fits(time, matter)]
    return max(fitting, key=_rank) if fitting else None


def _rank(time: ServiceTime) -> tuple[int, ...]:
    named = [time.priority, time.customer, time.kind, time.entity_id]
    return (
        sum(one is not None for one in named),
        time.customer == "vulnerable",
        *(one is not None for one in named),
        -time.minutes,
        -time.id,
    )


BREACH = 0


def next_threshold(thresholds: Collection[int], passed: int | None) -> int | None:
    """The first threshold after `passed`, in minutes of service time before (negative) or after the due instant."""
    left = sorted(one for one in {*thresholds, BREACH} if passed is None or one > passed)
    return left[0] if left else None


def instant_of(threshold: int, due: datetime, hours: ServiceHours | None) -> datetime:
    """When a threshold is reached: in service time where the clock has hours, else by the wall clock."""
    if threshold == BREACH:
        return due
    if hours is None:
        return due + threshold * _MINUTE
    try:
        return before(due, -threshold, hours) if threshold < 0 else after(due, threshold * _MINUTE, hours)
    except ValueError:
        return due + threshold * _MINUTE
