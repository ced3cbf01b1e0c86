"""Service time against a slow reference that walks minute by minute."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casedesk.deadlines.rules import (
    Interval,
    ServiceHours,
    after,
    before,
    counted,
    due_after,
    hours_in,
    open_time,
    opening,
    reckoned,
    resumed,
    weekdays,
)
from casedesk.kernel.calendar import Calendar

NO_HOLIDAYS = Calendar("none", {})
PARIS = ZoneInfo("Europe/Paris")
MINUTE = timedelta(minutes=1)

Weekly = tuple[tuple[Interval, ...], ...]


def is_open(at: datetime, hours: ServiceHours) -> bool:
    """Does the wall clock stand in an interval of its day, or of the evening before, of a day that is not off?"""
    local = at.astimezone(ZoneInfo(hours.zone))
    minute, day = local.hour * 60 + local.minute, local.date()
    return any(
        not hours.why_closed(on) and any(a <= minute + more < b for a, b in hours.weekly[on.weekday()])
        for on, more in ((day, 0), (day - timedelta(days=1), 1440))
    )


def slow_due(started: datetime, minutes: int, hours: ServiceHours) -> datetime:
    at = started
    while minutes:
        minutes -= is_open(at, hours)
        at += MINUTE
    return at


@st.composite
def patterns(draw: st.DrawFn) -> Weekly:
    """Weekly hours: several intervals a day, the last one past midnight now and then, 24:00, days off."""
    week: list[tuple[Interval, ...]] = []
    for _ in range(7):
        cuts = sorted(draw(st.sets(st.integers(0, 96), min_size=0, max_size=6)))
        cuts = cuts[: len(cuts) // 2 * 2]
        day = [(cuts[i] * 15, cuts[i + 1] * 15) for i in range(0, len(cuts), 2)]
        if day and draw(st.booleans()):
            day[-1] = (day[-1][0], 1440 + draw(st.integers(1, 20)) * 15)
        week.append(tuple(day))
    if not any(week):
        week[draw(st.integers(0, 6))] = ((0, 1440),)
    return tuple(week)


@st.composite
def calendars(draw: st.DrawFn) -> ServiceHours:
    """Hours with holidays and days closed, in zones that change their clocks at different hours and by different steps."""
    off = draw(st.sets(st.integers(0, 400), max_size=20))
    shut = draw(st.sets(st.integers(0, 400), max_size=5))
    first = date(2026, 1, 1)
    zone = draw(
        st.sampled_from(
            ["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Cairo"]
        )
    )
    return ServiceHours(
        draw(patterns()),
        zone,
        Calendar("some", {first + timedelta(days=n): "x" for n in off}),
        frozenset(first + timedelta(days=n) for n in shut),
    )


# Around the days on which Paris, New York, Lord Howe and Cairo change their clocks, and far from them.
starts = st.one_of(
    st.integers(0, 300 * 24 * 60),
    *(st.integers(day * 1440 - 2 * 1440, day * 1440 + 1440) for day in (66, 87, 93, 113, 276, 297, 304)),
).map(lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes))


@settings(max_examples=200, deadline=None)
@given(hours=calendars(), start=starts, minutes=st.integers(1, 1200))
def test_due_agrees_with_counting_every_minute(hours: ServiceHours, start: datetime, minutes: int) -> None:
    due = due_after(start, minutes, hours)
    assert due.at == slow_due(start, minutes, hours)
    assert open_time(start, due.at, hours) == minutes * MINUTE


@settings(max_examples=100, deadline=None)
@given(hours=calendars(), start=starts, length=st.integers(1, 3000))
def test_open_time_agrees_with_counting_every_minute(
    hours: ServiceHours, start: datetime, length: int
) -> None:
    slow = sum(is_open(start + n * MINUTE, hours) for n in range(length))
    assert open_time(start, start + length * MINUTE, hours) == slow * MINUTE


@settings(max_examples=100, deadline=None)
@given(
    hours=calendars(),
    start=starts,
    minutes=st.integers(1, 900),
    held=st.integers(1, 4000),
    at=st.integers(0, 2000),
)
def test_a_pause_takes_no_service_time_and_the_working_tells_the_same(
    hours: ServiceHours, start: datetime, minutes: int, held: int, at: int
) -> None:
    due = due_after(start, minutes, hours)
    paused = start + at * MINUTE
    until = paused + held * MINUTE
    moved = resumed(due.at, paused, until, hours)
    if paused >= due.at:
        assert moved == due.at
        return
    spent = open_time(start, paused, hours)
    left = minutes * MINUTE - spent
    assert open_time(until, moved, hours) == left
    working = {**due.working, "pauses": [[paused.isoformat(), until.isoformat()]]}
    rebuilt = hours_in(working)
    assert rebuilt is not None
    assert rebuilt.weekly == hours.weekly
    plain = {**working, "hours": {**working["hours"], "region": ""}}
    if not hours.holidays.days:
        assert reckoned(plain) == moved
    assert reckoned(working, hours) == moved


@settings(max_examples=100, deadline=None)
@given(
    weekly=patterns(),
    start=starts,
    minutes=st.integers(1, 900),
    held=st.integers(1, 4000),
    at=st.integers(0, 2000),
)
def test_the_spans_of_a_working_add_up_to_the_time_that_the_clock_gives(
    weekly: Weekly, start: datetime, minutes: int, held: int, at: int
) -> None:
    hours = ServiceHours(weekly, "Europe/Paris", Calendar("", {}))
    due = due_after(start, minutes, hours)
    paused, until = start + at * MINUTE, start + (at + held) * MINUTE
    working, last = due.working, due.at
    if paused < due.at:
        working = {**working, "pauses": [[paused.isoformat(), until.isoformat()]]}
        last = resumed(due.at, paused, until, hours)
    spans = counted(working, last)
    assert sum(((b - a) for a, b in spans), timedelta()) == minutes * MINUTE
    assert all(b <= c for (_, b), (c, _) in pairwise(spans))


@settings(max_examples=100, deadline=None)
@given(hours=calendars(), due=starts, minutes=st.integers(1, 900))
def test_a_reminder_comes_while_somebody_is_there_and_leaves_the_time_that_it_says(
    hours: ServiceHours, due: datetime, minutes: int
) -> None:
    at = before(due, minutes, hours)
    assert is_open(at, hours)
    assert open_time(at, due, hours) == minutes * MINUTE


@settings(max_examples=100, deadline=None)
@given(hours=calendars(), at=starts)
def test_a_word_at_night_waits_for_the_morning(hours: ServiceHours, at: datetime) -> None:
    told = opening(at, hours)
    assert told >= at
    assert is_open(told, hours) or is_open(told - MINUTE, hours)
    assert open_time(at, told, hours) == timedelta()


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


def test_a_night_shift_before_a_holiday_runs_to_its_end_and_one_on_it_does_not_begin() -> None:
    nights: Weekly = (((22 * 60, 26 * 60),),) * 7
    hours = ServiceHours(nights, "Europe/Paris", Calendar("x", {date(2026, 11, 11): "Armistice"}))
    evening = datetime(2026, 11, 10, 23, 0, tzinfo=PARIS)
    assert after(evening, 3 * 60 * MINUTE, hours) == datetime(2026, 11, 11, 2, 0, tzinfo=PARIS)
    assert after(evening, 4 * 60 * MINUTE, hours) == datetime(2026, 11, 12, 23, 0, tzinfo=PARIS)


def test_an_hour_that_is_skipped_counts_nothing_and_one_that_comes_twice_counts_twice() -> None:
    hours = ServiceHours((((60, 240),),) * 7, "Europe/Paris", NO_HOLIDAYS)  # 1:00 to 4:00
    spring, autumn = datetime(2026, 3, 29, tzinfo=PARIS), datetime(2026, 10, 25, tzinfo=PARIS)
    assert open_time(
        spring.astimezone(UTC), spring.astimezone(UTC) + timedelta(hours=12), hours
    ) == timedelta(hours=2)
    assert open_time(
        autumn.astimezone(UTC), autumn.astimezone(UTC) + timedelta(hours=12), hours
    ) == timedelta(hours=4)


def test_hours_that_never_come_are_refused() -> None:
    hours = ServiceHours(((),) * 7, "Europe/Paris", NO_HOLIDAYS)
    with pytest.raises(ValueError, match="never add up"):
        due_after(datetime(2026, 11, 20, 9, 0, tzinfo=PARIS), 1, hours)
