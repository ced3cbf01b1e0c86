"""Files of cases, exposure and counts: zones, daylight saving, and one clear refusal per bad file."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casedesk.detection.timing import HOUR, clusters_held, most_clustered, table
from casedesk.kernel.errors import InvalidInput
from casedesk.reports.signal_files import (
    UNKNOWN_AGE,
    Flag,
    day_text,
    local_days,
    local_hours,
    read_cases,
    read_exposure,
    read_matrix,
    write_flags,
)
from tests.unit.reports.signal_csv import CASES, EXPOSURE, a_case, write


def days_of(path, zone="UTC"):
    return [day_text(day) for day in read_cases(path, zone).day.tolist()]


def refused(read, path):
    with pytest.raises(InvalidInput) as caught:
        read(path)
    return caught.value


def test_a_case_late_in_the_evening_is_of_the_next_day_further_east(tmp_path):
    path = write(tmp_path / "c.csv", CASES, [a_case("2024-03-04T23:30:00Z")])
    assert days_of(path) == ["2024-03-04"]
    assert days_of(path, "Europe/Paris") == ["2024-03-05"]
    assert days_of(path, "America/New_York") == ["2024-03-04"]


def test_two_zones_in_one_file_are_one_clock(tmp_path):
    path = write(
        tmp_path / "c.csv", CASES, [a_case("2024-03-04T23:30:00+02:00"), a_case("2024-03-04T21:30:00Z")]
    )
    cases = read_cases(path)
    assert cases.opened[0] == cases.opened[1]


def test_the_night_of_daylight_saving_has_each_hour_on_its_day():
    # Paris, 31 March 2024: 01:00 UTC is 03:00. Paris, 27 October 2024: 00:30 and 01:30 UTC are both 02:30.
    texts = ["2024-03-30T22:59", "2024-03-30T23:00", "2024-03-31T21:59", "2024-03-31T22:00"]
    texts += ["2024-10-26T22:00", "2024-10-27T22:59", "2024-10-27T23:00"]
    seconds = np.array([int(datetime.fromisoformat(text + ":00+00:00").timestamp()) for text in texts])
    days = [day_text(day) for day in local_days(seconds, "Europe/Paris").tolist()]
    assert days == [
        "2024-03-30",
        "2024-03-31",
        "2024-03-31",
        "2024-04-01",
        "2024-10-27",
        "2024-10-27",
        "2024-10-28",
    ]


def test_the_hour_that_comes_twice_and_the_one_that_is_missing_are_no_rhythm():
    # A case of each cause every hour of two years: 02 h is missing in two nights and double in two, for all alike.
    seconds = np.arange(1_672_531_200, 1_735_689_600, 3600)
    hours = local_hours(seconds, "Europe/Paris")
    counts = table(np.tile([0, 1, 2], hours.size), np.repeat(hours, 3), 3, 24)
    assert counts[0].sum() == seconds.size
    assert clusters_held(most_clustered(counts, HOUR)) == []


@given(
    seconds=st.lists(st.integers(0, 4_000_000_000), max_size=20),
    zone=st.sampled_from(
        ["Europe/Paris", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns", "UTC"]
    ),
)
def test_the_local_day_is_that_of_the_zone(seconds, zone):
    expected = [datetime.fromtimestamp(s, ZoneInfo(zone)).date().isoformat() for s in seconds]
    assert [day_text(day) for day in local_days(np.array(seconds, dtype=np.int64), zone).tolist()] == expected


def test_age_is_in_whole_local_days_and_unknown_before_the_purchase(tmp_path):
    rows = [a_case("2024-03-04T10:00:00Z") for _ in range(3)]
    rows[0][7], rows[1][7], rows[2][7] = "2024-02-28", "2024-03-09", ""
    assert read_cases(write(tmp_path / "c.csv", CASES, rows)).age.tolist() == [5, UNKNOWN_AGE, UNKNOWN_AGE]


def test_gzip_is_known_by_its_content(tmp_path):
    packed = write(tmp_path / "c.csv.gz", CASES, [a_case("2024-03-04T10:00:00Z")])
    renamed = packed.rename(tmp_path / "c.csv")
    assert len(read_cases(renamed)) == 1


def test_a_case_without_a_cause_keeps_a_name_for_that(tmp_path):
    path = write(tmp_path / "c.csv", CASES, [a_case("2024-03-04T10:00:00Z", cause=" ")])
    assert read_cases(path).causes == ("(none)",)


def test_missing_columns_are_named(tmp_path):
    path = write(tmp_path / "c.csv", ["opened_at", "cause"], [])
    problem = refused(read_cases, path)
    assert (problem.code, problem.params["columns"]) == ("signals.columns", "traffic_source, product")


@pytest.mark.parametrize("opened", ["", "yesterday", "2024-02-30T10:00:00Z", "2024-03-04T25:00:00"])
def test_a_bad_date_names_its_row(tmp_path, opened):
    path = write(tmp_path / "c.csv", CASES, [a_case("2024-03-04T10:00:00Z"), a_case(opened)])
    problem = refused(read_cases, path)
    assert (problem.code, problem.params["row"]) == ("signals.bad_row", 3)


def test_a_short_row_names_itself(tmp_path):
    path = write(tmp_path / "c.csv", CASES, [["C", "2024-03-04T10:00:00Z"]])
    assert refused(read_cases, path).code == "signals.bad_row"


def test_a_file_that_is_no_text_is_refused(tmp_path):
    path = tmp_path / "c.csv"
    path.write_bytes(b"opened_at,cause,traffic_source,product\n\xff\xfe\x00\x01,\xff\n")
    assert refused(read_cases, path).code == "signals.not_csv"


def test_a_cut_off_gzip_is_refused(tmp_path):
    packed = write(tmp_path / "c.csv.gz", CASES, [a_case("2024-03-04T10:00:00Z")] * 500)
    packed.write_bytes(packed.read_bytes()[:40])
    assert refused(read_cases, packed).code == "signals.not_csv"


def test_a_file_that_is_not_there_is_refused(tmp_path):
    assert refused(read_cases, tmp_path / "none.csv").code == "signals.no_file"


@pytest.mark.parametrize("amount", ["-1", "inf", "-inf"])
def test_an_exposure_below_zero_or_without_end_is_refused(tmp_path, amount):
    path = write(tmp_path / "e.csv", EXPOSURE, [["2024-01-01", "email", "plan", amount, ""]])
    assert refused(read_exposure, path).code == "signals.negative_exposure"


def test_two_rows_for_one_period_are_refused(tmp_path):
    row = ["2024-01-01", "email", "plan", 5, ""]
    path = write(tmp_path / "e.csv", EXPOSURE, [row, row])
    problem = refused(read_exposure, path)
    assert (problem.code, problem.params["row"]) == ("signals.overlap", 3)


def test_purchases_stand_in_where_no_subscription_is_counted(tmp_path):
    path = write(tmp_path / "e.csv", EXPOSURE, [["2024-01-01", "*", "plan", "", 40]])
    exposure = read_exposure(path)
    assert (exposure.measure, exposure.amount.tolist()) == ("purchases", [40.0])


def test_a_matrix_is_read_as_series_by_week(tmp_path):
    path = write(tmp_path / "m.csv", ["period", "a", "b"], [["2024-01-01", 3, 4], ["2024-01-08", 5, 6]])
    matrix = read_matrix(path)
    assert matrix.names == ("a", "b")
    assert matrix.counts.tolist() == [[3, 5], [4, 6]]


@pytest.mark.parametrize(
    "rows",
    [
        [["2024-01-01", 3], ["2024-01-15", 4]],
        [["2024-01-01", -3]],
        [["2024-01-01", "x"]],
        [["2024-01-01", 3, 4]],
    ],
)
def test_a_matrix_with_a_gap_or_a_bad_count_is_refused(tmp_path, rows):
    assert refused(read_matrix, write(tmp_path / "m.csv", ["period", "a"], rows)).code == "signals.bad_row"


def test_an_empty_matrix_is_refused(tmp_path):
    assert refused(read_matrix, write(tmp_path / "m.csv", ["period", "a"], [])).code == "signals.empty"


@pytest.mark.parametrize("name", ["f.csv", "f.csv.gz", "f.json"])
def test_flags_are_written_in_the_form_of_their_ending(tmp_path, name):
    path = tmp_path / name
    write_flags(path, [Flag("timing", "", "price", "*", 0.00012345, "day_of_month", "5-6")])
    content = path.read_bytes()
    if name.endswith("gz"):
        import gzip

        content = gzip.decompress(content)
    assert b"0.000123" in content
    assert b"day_of_month" in content


def test_instants_without_an_offset_are_taken_as_utc(tmp_path):
    path = write(
        tmp_path / "c.csv", CASES, [a_case("2024-03-04T10:00:00"), a_case("2024-03-04 10:00:00.250")]
    )
    expected = int(datetime(2024, 3, 4, 10, tzinfo=UTC).timestamp())
    assert read_cases(path).opened.tolist() == [expected, expected]
