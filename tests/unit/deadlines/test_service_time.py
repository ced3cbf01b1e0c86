"""Service time against a slow reference that walks minute by minute."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casedesk.deadlines.rules import Interval, ServiceHours, due_after, weekdays
from casedesk.kernel.calendar import Calendar

NO_HOLIDAYS = Calendar("none", {})
PARIS = ZoneInfo("Europe/Paris")


def slow_due(started: datetime, minutes: int, hours: ServiceHours) -> datetime:
    """Walk one minute at a time and count those whose local minute lies in an interval of its day."""
    zone, at, left = ZoneInfo(hours.zone), started, minutes
    while left:
        local = at.astimezone(zone)
        minute = local.hour * 60 + local.minute
        working = local.date() not in hours.holidays.days and any(
            start <= minute < end for start, end in hours.weekly[local.weekday()]
        )
        left -= working
        at += timedelta(minutes=1)
    return at


@st.composite
def patterns(draw: st.DrawFn) -> tuple[tuple[Interval, ...], ...]:
    week = []
    for _ in range(7):
        cuts = sorted(draw(st.sets(st.integers(0, 96), min_size=0, max_size=4)))
        cuts = cuts[: len(cuts) // 2 * 2]
        week.append(tuple((cuts[i] * 15, cuts[i + 1] * 15) for i in range(0, len(cuts), 2)))
    if not any(week):
        week[draw(st.integers(0, 6))] = ((0, 1440),)
    return tuple(week)


@settings(max_examples=150, deadline=None)
@given(
    weekly=patterns(),
    after=st.integers(0, 78 * 24 * 60),
    minutes=st.integers(1, 2500),
    off=st.sets(st.integers(0, 120), max_size=12),
)
def test_due_agrees_with_counting_every_minute(
    weekly: tuple[tuple[Interval, ...], ...], after: int, minutes: int, off: set[int]
) -> None:
    holidays = Calendar("some", {date(2026, 1, 1) + timedelta(days=n): "x" for n in off})
    hours = ServiceHours(weekly, "Europe/Paris", holidays)
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=after)
    assert due_after(at, minutes, hours).at == slow_due(at, minutes, hours)


@given(minutes=st.integers(1, 20_000), more=st.integers(0, 5_000))
def test_more_minutes_are_never_due_earlier(minutes: int, more: int) -> None:
    hours = ServiceHours(weekdays(9, 18), "Europe/Paris", NO_HOLIDAYS)
    start = datetime(2026, 11, 20, 16, 38, tzinfo=PARIS)
    assert due_after(start, minutes, hours).at <= due_after(start, minutes + more, hours).at


def test_friday_late_afternoon_plus_one_hour_is_monday_morning() -> None:
    hours = ServiceHours(weekdays(9, 17), "Europe/Paris", NO_HOLIDAYS)
    due = due_after(datetime(2026, 11, 20, 16, 30, tzinfo=PARIS), 60, hours)
    assert due.at == datetime(2026, 11, 23, 9, 30, tzinfo=PARIS)


def test_the_minute_before_midnight_is_open_around_the_clock() -> None:
    hours = ServiceHours((((0, 1440),),) * 7, "Europe/Paris", NO_HOLIDAYS)
    start = datetime(2026, 11, 20, 23, 59, tzinfo=PARIS)
    assert due_after(start, 2, hours).at == datetime(2026, 11, 21, 0, 1, tzinfo=PARIS)


def test_hours_that_never_come_are_refused() -> None:
    hours = ServiceHours(((),) * 7, "Europe/Paris", NO_HOLIDAYS)
    with pytest.raises(ValueError, match="never add up"):
        due_after(datetime(2026, 11, 20, 9, 0, tzinfo=PARIS), 1, hours)
