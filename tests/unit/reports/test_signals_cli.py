"""The commands as a person runs them: scan and backtest from files, in both languages, and what bad input gets."""

import csv
import json

import pytest
from click.testing import CliRunner

from casedesk.reports.cli import signals
from tests.unit.reports.signal_csv import CASES, EXPOSURE, a_case, a_year, write


def run(*args):
    return CliRunner().invoke(signals, [str(arg) for arg in args])


def flags_in(path):
    with path.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def test_a_rise_is_said_in_a_sentence(tmp_path):
    cases, exposure = a_year(tmp_path, rise=14)
    result = run("scan", "--cases", cases, "--exposure", exposure)
    assert result.exit_code == 0
    assert "Price from Email: " in result.output
    assert "cases since 12 February 2024 where " in result.output
    assert "for 1,000 active subscriptions" in result.output
    assert "EUR more than usual. Other sources: as usual." in result.output


def test_the_same_in_french_with_its_spaces(tmp_path):
    cases, exposure = a_year(tmp_path, rise=14)
    result = run("scan", "--cases", cases, "--exposure", exposure, "--locale", "fr")
    assert "Price, provenance Email\u00a0: " in result.output
    assert "dossiers depuis le 12 février 2024" in result.output
    assert "Autres provenances\u00a0: comme d’habitude." in result.output


def test_nothing_unusual_is_said_so(tmp_path):
    cases, exposure = a_year(tmp_path)
    result = run("scan", "--cases", cases, "--exposure", exposure)
    assert result.output.startswith("Nothing beyond the usual.")
    assert "5\u00a0% of the sources that dispute more" in result.output


def test_json_carries_figures_notes_and_rates(tmp_path):
    cases, exposure = a_year(tmp_path, rise=14)
    data = json.loads(run("scan", "--cases", cases, "--exposure", exposure, "--json").output)
    (found,) = [one for one in data["findings"] if one["kind"] == "spike"]
    assert (found["cause"], found["source"], found["since"]) == ("price", "email", "2024-02-12")
    assert found["ratio_low"] < found["ratio"] < found["ratio_high"]
    assert found["excess_money"]["EUR"] == pytest.approx(1000 * found["excess"], abs=1)
    assert data["complete_weeks"] == 60
    assert data["false_discovery_rates"]["rises_of_causes"] == 0.05


def test_currencies_are_never_summed(tmp_path):
    cases, exposure = a_year(tmp_path, rise=14)
    with cases.open("a", encoding="utf-8", newline="") as text:
        rows = [a_case(f"2024-02-2{n}T09:0{n}:00Z", amount=500, currency="XAU") for n in range(5)]
        csv.writer(text).writerows(rows)
    data = json.loads(run("scan", "--cases", cases, "--exposure", exposure, "--json").output)
    (found,) = [one for one in data["findings"] if one["kind"] == "spike"]
    assert set(found["excess_money"]) == {"EUR", "XAU"}
    assert " + " in found["sentence"]


def test_backtest_flags_the_weeks_of_the_rise(tmp_path):
    cases, exposure = a_year(tmp_path, rise=14)
    out = tmp_path / "flags.csv"
    result = run(
        "backtest",
        "--cases",
        cases,
        "--exposure",
        exposure,
        "--from",
        "2023-12-04",
        "--to",
        "2024-03-04",
        "--out",
        out,
    )
    assert result.exit_code == 0
    flags = flags_in(out)
    assert {(f["kind"], f["period"], f["cause"], f["traffic_source"]) for f in flags} == {
        ("spike", "2024-02-12", "price", "email"),
        ("spike", "2024-02-19", "price", "email"),
    }
    assert all(float(f["score"]) < 0.01 for f in flags)


def test_the_scan_of_the_last_week_and_the_backtest_agree(tmp_path):
    cases, exposure = a_year(tmp_path, rise=14)
    scanned, tested = tmp_path / "s.csv", tmp_path / "b.csv"
    run("scan", "--cases", cases, "--exposure", exposure, "--out", scanned)
    run(
        "backtest",
        "--cases",
        cases,
        "--exposure",
        exposure,
        "--from",
        "2024-01-01",
        "--to",
        "2024-02-19",
        "--out",
        tested,
    )
    assert {f["period"] for f in flags_in(scanned) if f["kind"] == "spike"} == {
        f["period"] for f in flags_in(tested)
    }


def test_scanning_as_of_an_earlier_day_knows_nothing_of_later_weeks(tmp_path):
    cases, exposure = a_year(tmp_path, rise=14)
    data = json.loads(
        run("scan", "--cases", cases, "--exposure", exposure, "--on", "2024-02-12", "--json").output
    )
    assert not [one for one in data["findings"] if one["kind"] == "spike"]
    assert "signals.after_day" in {note["code"] for note in data["notes"]}


def test_a_matrix_is_backtested_by_series(tmp_path):
    rows = [[f"2023-{1 + w // 4:02}-01", 0, 0] for w in range(0)]
    from datetime import date, timedelta

    rows = [
        [(date(2023, 1, 2) + timedelta(weeks=w)).isoformat(), 9 + w % 3, 40 if w == 70 else 9 + w % 3]
        for w in range(80)
    ]
    matrix, out = write(tmp_path / "m.csv", ["period", "calm", "loud"], rows), tmp_path / "f.csv"
    result = run("backtest", "--counts", matrix, "--from", "2024-03-04", "--to", "2024-07-08", "--out", out)
    assert result.exit_code == 0
    flags = flags_in(out)
    assert flags[0] | {"score": ""} == {
        "kind": "spike",
        "period": "2024-05-06",
        "cause": "loud",
        "traffic_source": "-",
        "score": "",
        "dimension": "",
        "value": "",
    }
    assert {flag["cause"] for flag in flags} == {"loud"}


def test_six_weeks_are_too_few_to_judge(tmp_path):
    cases, exposure = a_year(tmp_path, weeks=6, rise=30)
    result = run("scan", "--cases", cases, "--exposure", exposure)
    assert "Too few to judge rises: a baseline needs 31 weeks of history, there are 6." in result.output
    assert "since" not in result.output.splitlines()[0]


def test_without_exposure_sources_are_not_judged(tmp_path):
    cases, _ = a_year(tmp_path)
    result = run("scan", "--cases", cases)
    assert result.exit_code == 0
    assert "Too few to judge which source disputes more" in result.output
    assert "No exposure is known" in result.output


def test_one_case_is_too_few_and_no_error(tmp_path):
    result = run("scan", "--cases", write(tmp_path / "c.csv", CASES, [a_case("2024-03-04T10:00:00Z")]))
    assert result.exit_code == 0
    assert result.output.startswith("Nothing beyond the usual.")


def test_relabelling_is_asked_where_one_cause_falls_as_another_rises(tmp_path):
    cases, exposure = a_year(tmp_path, weeks=60)
    with cases.open(encoding="utf-8", newline="") as text:
        header, *rows = list(csv.reader(text))
    for row in rows:
        if row[1] >= "2024-02-12" and row[2] == "renewal":
            row[2] = "price"
    result = run("scan", "--cases", write(tmp_path / "r.csv", header, rows), "--exposure", exposure)
    assert "Renewal fell by about as much in the same weeks: re-labelling?" in result.output


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["scan"], "Give --cases and --exposure, or --counts."),
        (["scan", "--cases", "none.csv"], "The file none.csv cannot be opened."),
        (["scan", "--cases", "CASES", "--zone", "Mars/Base"], "The time zone Mars/Base is not known."),
        (["scan", "--cases", "CASES", "--on", "soon"], "soon is not a date."),
        (["scan", "--cases", "CASES", "--on", "1999-01-01"], "There is no case to judge before that day."),
        (["scan", "--cases", "CASES", "--exposure", "NEGATIVE"], "has an exposure below zero"),
        (["scan", "--cases", "EXPOSURE"], "lacks the columns opened_at, cause."),
        (
            [
                "backtest",
                "--cases",
                "CASES",
                "--counts",
                "CASES",
                "--from",
                "2024-01-01",
                "--to",
                "2024-01-08",
            ],
            "Give --cases",
        ),
    ],
)
def test_bad_input_gets_a_sentence_and_status_one(tmp_path, args, said):
    cases, exposure = a_year(tmp_path, weeks=4)
    negative = write(tmp_path / "n.csv", EXPOSURE, [["2024-01-01", "email", "plan", -4, ""]])
    named = {"CASES": cases, "EXPOSURE": exposure, "NEGATIVE": negative}
    if args[0] == "backtest":
        args = [*args, "--out", tmp_path / "o.csv"]
    result = run(*(named.get(arg, arg) for arg in args))
    assert result.exit_code == 1
    assert said in result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    french = run(*(named.get(arg, arg) for arg in args), "--locale", "fr")
    assert french.exit_code == 1
    assert said not in french.output


def bad_files(folder):
    """Files as people really bring them, by name."""
    ahead = [a_case(f"2023-0{1 + n % 9}-1{n % 7}T1{n % 10}:00:00Z") for n in range(60)]
    ahead += [a_case("2199-01-01T10:00:00Z")] * 2
    row = ["2024-01-01", "email", "plan", 100]
    return {
        "AHEAD": write(folder / "ahead.csv", CASES, ahead),
        "NO_ROW": write(folder / "no_row.csv", EXPOSURE, []),
        "NO_FIGURE": write(folder / "no_figure.csv", EXPOSURE[:3], [row[:3]]),
        "NAN": write(folder / "nan.csv", EXPOSURE, [[*row[:3], "nan", ""]]),
        "TWICE": write(folder / "twice.csv", [*EXPOSURE[:4], "product"], [[*row, "plan"]]),
        "NO_CASE": write(folder / "no_case.csv", CASES, []),
        "NO_FOLDER": folder / "none" / "flags.csv",
    }


WEEKS = ["--from", "2023-01-09", "--to", "2023-01-16"]


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["scan", "--cases", "CASES", "--exposure", "NO_ROW"], "The file no_row.csv has no row."),
        (["scan", "--cases", "CASES", "--exposure", "NO_FIGURE"], "neither of the columns active_subscriptions"),
        (["scan", "--cases", "CASES", "--exposure", "NAN"], "Row 2 of nan.csv cannot be read"),
        (["scan", "--cases", "CASES", "--exposure", "TWICE"], "has the column product twice."),
        (["scan", "--cases", "CASES", "--on", "2199-01-01"], "2199-01-01 lies ahead."),
        (["scan", "--cases", "CASES", "--out", "NO_FOLDER"], "cannot be written."),
        (["scan", "--cases", "NO_CASE"], "There is no case to judge"),
        (["backtest", "--cases", "CASES", *WEEKS, "--out", "NO_FOLDER"], "cannot be written."),
        (["backtest", "--cases", "CASES", "--from", "2023-02-06", "--to", "2023-01-09"], "lies after the last"),
        (["backtest", "--cases", "CASES", "--from", "2019-01-07", "--to", "2019-02-04"], "which run from 2 January 2023"),
        (["backtest", "--cases", "NO_CASE", *WEEKS], "There is no case to judge"),
    ],
)  # fmt: skip
def test_files_as_people_bring_them_get_a_sentence(tmp_path, args, said):
    cases, _ = a_year(tmp_path, weeks=4)
    named = {"CASES": cases, **bad_files(tmp_path)}
    if args[0] == "backtest" and "--out" not in args:
        args = [*args, "--out", tmp_path / "o.csv"]
    result = run(*(named.get(arg, arg) for arg in args))
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert said in result.output
    assert isinstance(result.exception, SystemExit)


def test_a_mistyped_year_stretches_nothing(tmp_path):
    result = json.loads(run("scan", "--cases", bad_files(tmp_path)["AHEAD"], "--json").output)
    assert (result["cases"], result["complete_weeks"]) == (60, 35)
    assert result["notes"][0]["sentence"].startswith("Cases that are dated after today, not read: 2.")


def test_cases_without_a_cause_are_counted_as_such(tmp_path):
    path = write(tmp_path / "c.csv", CASES, [a_case("2024-03-04T10:00:00Z", cause="", source="")])
    assert json.loads(run("scan", "--cases", path, "--json").output)["cases"] == 1


@pytest.mark.parametrize("args", [["--cells", "0"], ["--cells", "-5"], ["--weeks", "0"], ["--weeks", "10"]])
def test_a_bench_of_nothing_is_refused(args):
    result = run("bench", *args)
    assert result.exit_code == 2
    assert "is not in the range" in result.output


def test_bench_says_how_long_it_takes():
    timings = json.loads(run("bench", "--cells", "100", "--weeks", "60", "--json").output)
    assert timings["cells"] == 100
    assert timings["scan_seconds"] < 5
