"""Periods of reports: whole days of the organisation's zone, and what they are compared with."""

import itertools
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casedesk.kernel.errors import InvalidInput
from casedesk.reports import periods, report_rules
from casedesk.reports.catalog.causes_by_source import interval, ratios
from casedesk.reports.catalog.consistency import wilson
from casedesk.reports.catalog.dispute_ratio import forecast
from casedesk.reports.periods import Period

TODAY = date(2026, 11, 22)
DAYS = st.dates(date(2000, 1, 1), date(2040, 12, 31))


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("this-month", date(2026, 11, 1), date(2026, 11, 23)),
        ("last-month", date(2026, 10, 1), date(2026, 11, 1)),
        ("last-30", date(2026, 10, 24), date(2026, 11, 23)),
        ("this-quarter", date(2026, 10, 1), date(2026, 11, 23)),
        ("last-quarter", date(2026, 7, 1), date(2026, 10, 1)),
        ("last-year", date(2025, 1, 1), date(2026, 1, 1)),
        ("last-12-months", date(2025, 11, 1), date(2026, 11, 1)),
    ],
)
def test_a_named_period_begins_and_ends_where_its_name_says(name: str, start: date, end: date) -> None:
    assert periods.preset(name, TODAY) == Period(start, end)


@given(DAYS)
def test_no_named_period_reaches_beyond_today(today: date) -> None:
    for name in periods.PRESETS:
        found = periods.preset(name, today)
        assert found.start < found.end
        assert found.last <= today


@given(DAYS, st.integers(1, 360))
def test_a_comparison_is_as_long_and_lies_before(today: date, days: int) -> None:
    period = periods.custom(str(date.fromordinal(today.toordinal() - days)), str(today), today)
    before = periods.compared(period, "before")
    assert before is not None
    assert before.end == period.start
    assert before.days == period.days or (period.start.day, period.end.day) == (1, 1)
    year = periods.compared(period, "year")
    assert year is not None
    assert not year.overlaps(period)


def test_whole_months_are_compared_with_whole_months() -> None:
    assert periods.compared(Period(date(2026, 3, 1), date(2026, 4, 1)), "before") == Period(
        date(2026, 2, 1), date(2026, 3, 1)
    )


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        ("2026-11-20", "2026-11-01", "report.ends_before"),
        ("2026-11-20", "2026-12-01", "report.future"),
        ("20/11/2026", "2026-11-21", "report.day"),
        ("", "2026-11-21", "report.day"),
        ("1980-01-01", "2026-11-21", "report.too_long"),
    ],
)
def test_a_period_that_cannot_be_is_refused(first: str, last: str, code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        periods.custom(first, last, TODAY)
    assert refused.value.code == code


def test_a_comparison_that_overlaps_is_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        periods.compared(Period(date(2025, 1, 1), date(2026, 11, 1)), "year")
    assert refused.value.code == "report.overlap"


@given(DAYS, st.integers(-30, 30))
def test_months_later_stay_in_that_month(day: date, months: int) -> None:
    later = periods.add_months(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or later.day >= 28


@given(DAYS, st.sampled_from(periods.GRAINS), st.integers(0, 400))
def test_steps_cover_the_period_without_a_gap(start: date, grain: str, days: int) -> None:
    period = Period(start, date.fromordinal(start.toordinal() + days + 1))
    found = periods.steps(period, grain)
    assert found[0] <= period.start
    assert periods.following(found[-1], grain) >= period.end
    assert all(periods.following(a, grain) == b for a, b in itertools.pairwise(found))


@pytest.mark.parametrize(
    ("every", "start"),
    [("day", date(2026, 11, 23)), ("week", date(2026, 11, 23)), ("month", date(2026, 12, 1))],
)
def test_a_schedule_reports_the_whole_period_before_its_start(every: str, start: date) -> None:
    assert report_rules.next_start(every, TODAY) == start
    assert report_rules.period_before(every, start).end == start


def test_a_scheduled_report_leaves_at_seven_of_its_reader_but_not_before_the_day_begins() -> None:
    start = date(2026, 11, 23)
    paris = report_rules.leaves_at(start, zone="Europe/Paris", reader_zone="Europe/Paris")
    assert paris == datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
    tokyo = report_rules.leaves_at(start, zone="Europe/Paris", reader_zone="Asia/Tokyo")
    assert tokyo == datetime(
        2026, 11, 22, 23, 0, tzinfo=UTC
    )  # midnight in Paris, eight in the morning in Tokyo


def test_a_source_that_sells_another_mix_of_plans_is_as_usual() -> None:
    # plan B disputes ten times as often as plan A, whoever sells it
    exposed = {("x", "A"): 10_000.0, ("x", "B"): 1_000.0, ("y", "A"): 1_000.0, ("y", "B"): 10_000.0}
    seen = {("c", "x", "A"): 100, ("c", "x", "B"): 100, ("c", "y", "A"): 10, ("c", "y", "B"): 1_000}
    assert [round(one.ratio or 0, 6) for one in ratios(seen, exposed)] == [1.0, 1.0]


def test_an_interval_is_near_the_exact_one() -> None:
    # exact Poisson limits (Garwood) of 10 cases: 4.795 to 18.390
    low, high = interval(10)
    assert (round(low, 1), round(high, 1)) == (4.8, 18.4)
    assert interval(0)[0] == 0


@given(st.integers(0, 200), st.integers(1, 200))
def test_a_share_lies_within_its_interval(part: int, more: int) -> None:
    whole = part + more
    low, high = wilson(part, whole)
    assert -1e-9 <= low <= part / whole <= high <= 1 + 1e-9


@given(st.integers(0, 500), st.integers(1, 50_000), st.integers(1, 29))
def test_a_forecast_keeps_the_ratio_and_its_interval_holds_it(disputes: int, charges: int, day: int) -> None:
    found = forecast(disputes, charges, day, 30)
    assert found is not None
    ratio, low, high = found
    assert abs(ratio - disputes / charges) < 1e-9
    assert low <= ratio <= high
