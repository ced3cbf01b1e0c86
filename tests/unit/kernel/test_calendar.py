"""Days that count: against reference lists, and against a slow walk through the days."""

import csv
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casedesk.cases.regions import region_code, regions
from casedesk.kernel.calendar import (
    Calendar,
    UnknownCalendar,
    add_days,
    add_months,
    add_months_overflowing,
    calendar_for,
    deadline,
    holidays_named,
    last_of_month,
    local_day,
    start_of_day,
    zone_named,
)
from tests.shared_data import shared

FRANCE = calendar_for("FR")
DAYS = st.dates(date(2010, 1, 1), date(2049, 12, 31))


def slow_roll(calendar: Calendar, day: date) -> date:
    """The next working day, looked for from scratch."""
    while day.isoweekday() > 5 or day in calendar.days:
        day = date.fromordinal(day.toordinal() + 1)
    return day


def slow_business_days(calendar: Calendar, day: date, count: int, *, saturdays: bool) -> date:
    """Walks day by day and ticks off."""
    ticked = 0
    while ticked < count:
        day = date.fromordinal(day.toordinal() + 1)
        open_on = {1, 2, 3, 4, 5, 6} if saturdays else {1, 2, 3, 4, 5}
        ticked += day.isoweekday() in open_on and day not in calendar.days
    return day


def slow_months(day: date, count: int) -> date:
    """Counts month by month, and looks for the day number from the 31st down."""
    year, month = day.year, day.month
    for _ in range(count):
        month += 1
        if month == 13:
            year, month = year + 1, 1
    for number in range(day.day, 0, -1):
        try:
            return date(year, month, number)
        except ValueError:
            continue
    raise AssertionError(day)


@given(DAYS)
def test_rolling_agrees_with_a_slow_walk(day: date) -> None:
    rolled = FRANCE.roll(day)
    assert rolled.last == slow_roll(FRANCE, day)
    assert [skipped.day for skipped in rolled.skipped] == [
        day + timedelta(days=n) for n in range((rolled.last - day).days)
    ]


@given(DAYS)
def test_rolling_twice_moves_no_further(day: date) -> None:
    once = FRANCE.roll(day).last
    assert FRANCE.roll(once).last == once


@given(DAYS, st.integers(0, 40), st.booleans())
def test_business_days_agree_with_a_slow_walk(day: date, count: int, saturdays: bool) -> None:
    expected = slow_business_days(FRANCE, day, count, saturdays=saturdays)
    assert FRANCE.add_business_days(day, count, saturdays=saturdays) == expected


@given(DAYS, st.integers(0, 60))
def test_months_agree_with_a_slow_walk(day: date, count: int) -> None:
    assert add_months(day, count) == slow_months(day, count)


@given(DAYS, st.integers(-60, 60))
def test_months_keep_the_day_number_or_take_the_last_day(day: date, count: int) -> None:
    moved = add_months(day, count)
    assert moved.day == min(day.day, last_of_month(moved.year, moved.month).day)
    overflowing = add_months_overflowing(day, count)
    assert overflowing == moved if moved.day == day.day else overflowing == moved + timedelta(days=1)


def test_two_steps_of_one_month_are_not_one_step_of_two() -> None:
    anchor = date(2026, 1, 31)
    assert add_months(add_months(anchor, 1), 1) == date(2026, 3, 28)
    assert add_months(anchor, 2) == date(2026, 3, 31)


def test_date_steps_of_another_library_agree() -> None:
    with shared("date_arithmetic/openfisca_instant_offset.csv").open(encoding="utf-8") as lines:
        rows = [
            row
            for row in csv.DictReader(lines)
            if row["expected"] and row["offset"] not in ("first-of", "last-of")
        ]
    assert rows
    for row in rows:
        start, count = date.fromisoformat(row["instant"]), int(row["offset"])
        got = {
            "year": lambda start=start, count=count: add_months(start, 12 * count),
            "month": lambda start=start, count=count: add_months(start, count),
            "week": lambda start=start, count=count: add_days(start, 7 * count),
            "day": lambda start=start, count=count: add_days(start, count),
            "weekday": lambda start=start, count=count: add_days(start, count),
        }[row["unit"]]()
        assert got.isoformat() == row["expected"], row


ETALAB = {
    "Métropole": "FR",
    "Guyane": "FR-973",
    "La Réunion": "FR-974",
    "Mayotte": "FR-976",
    "Guadeloupe": "FR-971",
    "Martinique": "FR-972",
    "Saint-Pierre-et-Miquelon": "FR-PM",
}


def days_by_zone(path: Path) -> dict[str, set[date]]:
    found: dict[str, set[date]] = defaultdict(set)
    with path.open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            found[row["zone"]].add(date.fromisoformat(row["date"]))
    return found


@pytest.mark.parametrize("zone", sorted(ETALAB))
def test_french_holidays_agree_with_the_official_list(zone: str) -> None:
    listed = days_by_zone(shared("holidays/fr_jours_feries_etalab.csv"))[zone]
    kept = {day for day in calendar_for(ETALAB[zone]).days if 2010 <= day.year <= 2026}
    assert kept == listed


def test_alsace_moselle_has_two_days_more() -> None:
    listed = days_by_zone(shared("holidays/fr_jours_feries_etalab.csv"))["Alsace-Moselle"]
    for code in ("FR-57", "FR-67", "FR-68", "FR-6AE"):
        assert {day for day in calendar_for(code).days if 2010 <= day.year <= 2026} == listed


@pytest.mark.parametrize(
    ("country", "region"), [("DE", "BE"), ("DE", "BY"), ("GB", "ENG"), ("LU", ""), ("BE", "")]
)
def test_other_places_agree_with_a_second_list(country: str, region: str) -> None:
    listed = set()
    with shared("holidays/date_holidays_npm.csv").open(encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            if (row["country"], row["region"], row["type"]) == (country, region, "public"):
                listed.add(date.fromisoformat(row["date"]))
    if not listed:
        pytest.skip("The shared data have no such place.")
    calendar = calendar_for(f"{country}-{region}" if region else country)
    years = {day.year for day in listed}
    kept = {day for day in calendar.days if day.year in years}
    weekdays = {day for day in kept ^ listed if day.isoweekday() < 6}
    assert weekdays == set()


@pytest.mark.parametrize(
    ("code", "day", "off"),
    [
        ("FR", date(2026, 4, 3), False),
        ("DE", date(2026, 4, 3), True),
        ("TARGET2", date(2026, 4, 3), True),
        ("FR", date(2026, 5, 8), True),
        ("BE", date(2026, 5, 8), False),
        ("BE", date(2026, 7, 21), True),
        ("FR-971", date(2026, 4, 3), False),
        ("FR-974", date(2027, 12, 20), True),
        ("US", date(2026, 7, 3), False),
        ("US", date(2026, 6, 19), True),
        ("GB-ENG", date(2026, 12, 28), True),
        ("DE-BE", date(2025, 5, 8), True),
        ("DE-BY", date(2025, 6, 19), True),
    ],
)
def test_the_traps_of_holiday_lists_do_not_bite(code: str, day: date, off: bool) -> None:
    assert (calendar_for(code).off(day) is not None) is off


def test_easter_sunday_in_belgium_is_a_sunday_and_no_holiday() -> None:
    assert calendar_for("BE").off(date(2026, 4, 5)) == "sunday"


def test_a_holiday_on_a_saturday_is_named_as_the_holiday() -> None:
    assert FRANCE.off(date(2026, 8, 15)) == "holiday:Assumption Day"


def test_good_friday_in_alsace_moselle_is_for_the_commune_to_say() -> None:
    friday = date(2026, 4, 3)
    assert calendar_for("FR-57", good_friday=True).off(friday) is not None
    assert calendar_for("FR-57", good_friday=False).off(friday) is None


def test_observed_days_are_a_choice_where_they_are_a_custom() -> None:
    assert calendar_for("US", observed=True).off(date(2026, 7, 3)) is not None


@pytest.mark.parametrize("code", ["ZZ", "FR-GES", "FR-XX", "", "fr"])
def test_a_code_without_a_list_is_refused_and_never_silently_the_national_one(code: str) -> None:
    with pytest.raises(UnknownCalendar):
        calendar_for(code)


def test_a_calendar_is_known_by_its_content_and_read_back() -> None:
    again = Calendar.from_content(FRANCE.content())
    assert again.digest == FRANCE.digest
    assert again.days == FRANCE.days
    assert Calendar("FR", {**FRANCE.days, date(2030, 1, 2): "New"}).digest != FRANCE.digest


@pytest.mark.parametrize(
    ("day", "zone", "utc"),
    [
        (date(2026, 3, 29), "Europe/Paris", "2026-03-28T23:00:00+00:00"),
        (date(2026, 3, 30), "Europe/Paris", "2026-03-29T22:00:00+00:00"),
        (date(2026, 10, 26), "Europe/Paris", "2026-10-25T23:00:00+00:00"),
        (date(2018, 11, 4), "America/Sao_Paulo", "2018-11-04T03:00:00+00:00"),
        (date(2026, 3, 17), "Pacific/Kiritimati", "2026-03-16T10:00:00+00:00"),
    ],
)
def test_a_day_begins_when_its_clocks_say(day: date, zone: str, utc: str) -> None:
    assert start_of_day(day, zone).isoformat() == utc


def test_the_second_before_the_end_is_in_and_the_end_is_out() -> None:
    end = deadline(date(2026, 3, 16), "Europe/Paris")
    assert end.utc_exclusive == datetime(2026, 3, 16, 23, tzinfo=UTC)
    assert local_day(end.utc_last_second, "Europe/Paris") == date(2026, 3, 16)
    assert local_day(end.utc_exclusive, "Europe/Paris") == date(2026, 3, 17)


@given(
    DAYS, st.sampled_from(["Europe/Paris", "America/New_York", "Asia/Kathmandu", "America/Sao_Paulo", "UTC"])
)
def test_every_instant_before_the_exclusive_end_lies_on_the_day_or_before(day: date, zone: str) -> None:
    end = deadline(day, zone)
    assert local_day(end.utc_exclusive, zone) > day
    assert local_day(end.utc_exclusive - timedelta(microseconds=1), zone) <= day


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd", "Europe"])
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="unknown time zone"):
        zone_named(name)


def test_every_region_that_is_offered_has_days_and_names() -> None:
    for code, name in regions("en"):
        days = [day for day in calendar_for(code).days if day.year == 2027]
        assert len(days) >= 4, code
        assert name
    named = dict(regions("fr"))
    assert {named[code] for code in ("FR-6AE", "DE-BY", "CH-GE", "GB-SCT", "US-CA", "CA-QC")} == {
        "France, Alsace", "Allemagne, Bayern", "Suisse, Genève", "Royaume-Uni, Scotland", "États-Unis, California",
        "Canada, Quebec",
    }  # fmt: skip


@pytest.mark.parametrize("code", ["BE-BRU", "BE-VLG", "BE-WAL"])
def test_the_regions_of_belgium_have_the_days_of_the_country(code: str) -> None:
    assert calendar_for(code).days == calendar_for("BE").days


@pytest.mark.parametrize("code", ["FR-Zone A", "BE-Flemish", "FR-75", "XX", "DE-ZZ", "fr"])
def test_a_place_that_is_no_region_is_unknown(code: str) -> None:
    with pytest.raises(UnknownCalendar):
        calendar_for(code)


def test_a_place_may_be_typed_by_its_name_in_either_language() -> None:
    assert region_code(" allemagne,  bayern ") == "DE-BY"
    assert region_code("Germany, Bayern") == "DE-BY"
    assert region_code("ch-stadt zurich") == "CH-Stadt Zurich"
    assert region_code("mars") == "MARS"


def test_days_off_have_their_french_names_where_the_place_speaks_french() -> None:
    assert holidays_named("FR-57", "fr")[date(2026, 12, 26)] == "Saint-Étienne"
    assert holidays_named("FR-57", "en")[date(2026, 12, 26)] == "Saint Stephen's Day"
