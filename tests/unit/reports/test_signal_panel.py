"""From files to a panel: weeks, sources, exposure by day or week, and what is said about it."""

import numpy as np
import pytest

from casedesk.kernel.errors import InvalidInput
from casedesk.reports.signal_files import day_number, read_cases, read_exposure
from casedesk.reports.signal_panel import load
from tests.unit.reports.signal_csv import CASES, EXPOSURE, a_case, a_year, write


def loaded(tmp_path, cases, exposure=None, on=None):
    read = None if exposure is None else read_exposure(write(tmp_path / "e.csv", EXPOSURE, exposure))
    return load(
        read_cases(write(tmp_path / "c.csv", CASES, cases)), read, None if on is None else day_number(on)
    )


def codes(data):
    return [note.code for note in data.notes]


def test_the_last_week_is_complete_only_when_the_data_go_beyond_it(tmp_path):
    cases = [a_case("2024-01-01T10:00:00Z"), a_case("2024-01-14T10:00:00Z")]
    data = loaded(tmp_path, cases)
    assert (data.panel.shape[3], data.panel.complete) == (2, 1)
    assert "signals.incomplete_week" in codes(data)
    assert loaded(tmp_path, cases, on="2024-01-15").panel.complete == 2


def test_cases_from_the_day_on_are_not_read(tmp_path):
    cases = [a_case("2024-01-01T10:00:00Z"), a_case("2031-01-14T10:00:00Z")]
    data = loaded(tmp_path, cases, on="2024-01-15")
    assert len(data.cases) == 1
    assert "signals.after_day" in codes(data)


def test_weeks_run_through_the_53rd_of_2020(tmp_path):
    cases = [a_case("2020-12-21T10:00:00Z"), a_case("2020-12-31T10:00:00Z"), a_case("2021-01-04T10:00:00Z")]
    data = loaded(tmp_path, cases)
    assert data.week.tolist() == [0, 1, 2]


def test_a_source_without_exposure_rows_is_missing_not_zero(tmp_path):
    cases = [a_case("2024-01-01T10:00:00Z"), a_case("2024-01-09T10:00:00Z", source="ads")]
    data = loaded(tmp_path, cases, [["2024-01-01", "email", "plan", 50, ""]], on="2024-01-15")
    assert data.sources == ("ads", "email")
    assert np.isnan(data.panel.exposure[0]).all()
    assert "signals.unknown_exposure" in codes(data)


def test_zero_exposure_with_a_case_is_said(tmp_path):
    data = loaded(
        tmp_path, [a_case("2024-01-01T10:00:00Z")], [["2024-01-01", "email", "plan", 0, ""]], on="2024-01-08"
    )
    assert "signals.zero_exposure" in codes(data)


def test_daily_subscriptions_are_averaged_and_daily_purchases_scaled_to_the_week(tmp_path):
    days = [f"2024-01-{day:02}" for day in range(1, 15)]
    case = [a_case("2024-01-14T10:00:00Z")]
    active = loaded(tmp_path, case, [[day, "email", "plan", 100, ""] for day in days])
    assert active.panel.exposure[0, 0].tolist() == [100, 100]
    bought = loaded(tmp_path, case, [[day, "email", "plan", "", 10] for day in days])
    assert bought.panel.exposure[0, 0].tolist() == [70, 70]


def test_a_week_with_three_of_seven_days_of_exposure_is_missing(tmp_path):
    rows = [[f"2024-01-{day:02}", "email", "plan", 100, ""] for day in (1, 2, 3, 8, 9, 10, 11)]
    data = loaded(tmp_path, [a_case("2024-01-14T10:00:00Z")], rows)
    assert np.isnan(data.panel.exposure[0, 0, 0])
    assert data.panel.exposure[0, 0, 1] == 100


def test_one_source_by_the_day_and_another_by_the_week_are_both_read(tmp_path):
    rows = [[f"2024-01-{day:02}", "email", "plan", "", 10] for day in range(1, 15)]
    rows += [["2024-01-01", "ads", "plan", "", 70], ["2024-01-08", "ads", "plan", "", 70]]
    data = loaded(tmp_path, [a_case("2024-01-14T10:00:00Z")], rows)
    assert data.panel.exposure[:, 0].tolist() == [[70, 70], [70, 70]]


def test_totals_beside_their_parts_are_left_out_and_said(tmp_path):
    rows = [["2024-01-01", "email", "plan", 50, ""], ["2024-01-01", "*", "plan", 80, ""]]
    data = loaded(tmp_path, [a_case("2024-01-01T10:00:00Z")], rows, on="2024-01-08")
    assert data.panel.exposure[0, 0, 0] == 50
    assert [note.params for note in data.notes if note.code == "signals.totals"] == [{"rows": 1}]


def test_exposure_of_all_sources_together_lets_no_source_be_judged(tmp_path):
    data = loaded(tmp_path, [a_case("2024-01-01T10:00:00Z")], [["2024-01-01", "*", "plan", "", 50]])
    assert data.sources == ("*",)
    assert not data.cells_judged


def test_without_exposure_a_week_without_any_case_is_unknown(tmp_path):
    data = loaded(tmp_path, [a_case("2024-01-01T10:00:00Z"), a_case("2024-01-22T10:00:00Z")])
    assert data.panel.covered.any(0).tolist() == [True, False, False, True]
    assert "signals.no_exposure" in codes(data)


def test_an_import_with_its_own_date_is_left_out_and_said(tmp_path):
    cases = [a_case(f"2024-01-{1 + n % 28:02}T10:{n % 60:02}:00Z") for n in range(200)]
    cases += [a_case("2024-01-30T03:00:00Z", cause="fraud")] * 80
    data = loaded(tmp_path, cases)
    assert len(data.cases) == 200
    assert [note.params["cases"] for note in data.notes if note.code == "signals.stamped"] == [80]


def test_ten_thousand_sources_fit_and_a_million_do_not(tmp_path):
    cases = [a_case("2024-01-01T10:00:00Z", source=f"s{n}") for n in range(10_000)]
    data = load(read_cases(write(tmp_path / "c.csv", CASES, cases)), None, day_number("2024-01-08"))
    assert data.panel.shape[1] == 10_000
    wide = [a_case("2023-01-01T10:00:00Z", cause=f"c{n % 50}", source=f"s{n}") for n in range(15_000)]
    wide.append(a_case("2024-12-31T10:00:00Z"))
    with pytest.raises(InvalidInput) as caught:
        load(read_cases(write(tmp_path / "w.csv", CASES, wide)), None)
    assert caught.value.code == "signals.too_large"


def test_a_mistyped_century_is_refused(tmp_path):
    with pytest.raises(InvalidInput) as caught:
        loaded(tmp_path, [a_case("2024-01-01T10:00:00Z"), a_case("2224-01-01T10:00:00Z")])
    assert caught.value.code == "signals.span"


def test_no_case_is_refused_with_a_sentence(tmp_path):
    with pytest.raises(InvalidInput) as caught:
        loaded(tmp_path, [])
    assert caught.value.code == "signals.no_cases"


def test_a_change_of_zone_moves_cases_to_their_local_week(tmp_path):
    cases, exposure = a_year(tmp_path, weeks=5)
    late = [a_case("2023-01-08T23:30:00Z")]
    path = write(tmp_path / "late.csv", CASES, late)
    utc, paris = read_cases(path), read_cases(path, "Europe/Paris")
    assert paris.day[0] - utc.day[0] == 1
    assert (paris.day[0] + 3) % 7 == 0  # a Monday there
    assert load(read_cases(cases), read_exposure(exposure)).panel.complete == 5
