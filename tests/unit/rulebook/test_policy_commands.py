"""`casedesk policy`: exit codes, one line a case, JSON lines, the working in two languages."""

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from casedesk.policy.pack import shipped_text
from casedesk.rulebook.cli import policy

CASE = {
    "id": "ONE",
    "rule": "AMILIA-ONLY-EARLIER",
    "inputs": {"current_cancellation_date": "2026-06-30", "requested_cancellation_date": "2026-06-29"},
    "expected": {"eligible": "yes"},
}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(policy, [str(argument) for argument in arguments])


def written(folder: Path, *cases: object) -> Path:
    path = folder / "cases.yaml"
    path.write_text(yaml.safe_dump({"cases": list(cases)}), encoding="utf-8")
    return path


def test_all_expected_answers_met_is_exit_0(tmp_path: Path) -> None:
    result = run("judge", written(tmp_path, CASE))
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "ONE  AMILIA-ONLY-EARLIER  yes  ok",
        "1 cases: 1 as expected, 0 not, 0 malformed",
    ]


def test_a_file_without_expectations_is_exit_0(tmp_path: Path) -> None:
    result = run("judge", written(tmp_path, {key: value for key, value in CASE.items() if key != "expected"}))
    assert result.exit_code == 0
    assert result.output.splitlines()[0] == "ONE  AMILIA-ONLY-EARLIER  yes"


def test_an_answer_that_differs_is_exit_1_and_shows_both(tmp_path: Path) -> None:
    result = run("judge", written(tmp_path, {**CASE, "expected": {"eligible": "no"}}))
    assert result.exit_code == 1
    assert 'eligible: expected "no", got "yes"' in result.output


def test_a_malformed_case_is_exit_2_with_what_to_change_and_the_others_judged(tmp_path: Path) -> None:
    broken = {**CASE, "id": "TWO", "inputs": {"current_cancellation_date": "2026-02-30"}}
    result = run("judge", written(tmp_path, broken, CASE))
    assert result.exit_code == 2
    assert "TWO  AMILIA-ONLY-EARLIER  error: current_cancellation_date" in result.output
    assert "ONE  AMILIA-ONLY-EARLIER  yes  ok" in result.output


@pytest.mark.parametrize("text", ["", "cases: 3", "- a\n- b", "cases: [", "\x00"])
def test_a_file_that_is_no_scenario_file_says_so(tmp_path: Path, text: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text, encoding="utf-8")
    result = run("judge", path)
    assert result.exit_code == 2
    assert "Error" in result.output


def test_json_holds_answer_and_whole_verdict_line_by_line(tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    assert run("judge", written(tmp_path, CASE), "--json", out).exit_code == 0
    (line,) = out.read_text(encoding="utf-8").splitlines()
    record = json.loads(line)
    assert record["answer"] == {"eligible": "yes"}
    assert record["verdict"]["outcome"] == "allowed"
    assert record["verdict"]["body"]["findings"]
    assert len(record["verdict"]["digest"]) == 64


@pytest.mark.parametrize(
    ("locale", "said"), [("en", "The new date is earlier"), ("fr", "La nouvelle date est antérieure")]
)
def test_the_working_of_one_case_is_told_in_both_languages(tmp_path: Path, locale: str, said: str) -> None:
    result = run("explain", f"{written(tmp_path, CASE)}#ONE", "--locale", locale)
    assert result.exit_code == 0
    assert said in result.output


def test_explaining_a_case_that_is_not_there_says_so(tmp_path: Path) -> None:
    result = run("explain", f"{written(tmp_path, CASE)}#TWO")
    assert result.exit_code == 1
    assert "has no case TWO" in result.output


def test_measuring_prints_judgements_a_second(tmp_path: Path) -> None:
    result = run("bench", written(tmp_path, CASE), "--n", 50, "--json")
    assert result.exit_code == 0
    (figure,) = json.loads(result.output)
    assert figure["n"] == 50
    assert figure["a_second"] > 0


def test_linting_shipped_packs_finds_nothing(tmp_path: Path) -> None:
    assert run("lint").exit_code == 0
    broken = tmp_path / "house.toml"
    broken.write_text("pack = 'x'", encoding="utf-8")
    result = run("lint", broken)
    assert result.exit_code == 1
    assert "house.toml" in result.output


def test_two_versions_of_a_pack_are_compared_rule_by_rule(tmp_path: Path) -> None:
    old, new = tmp_path / "old.toml", tmp_path / "new.toml"
    text = shipped_text("sepa/2026-01-01.toml")
    old.write_text(text, encoding="utf-8")
    new.write_text(text.replace('8 weeks"', '9 weeks"'), encoding="utf-8")
    assert run("diff", old, old).exit_code == 0
    result = run("diff", old, new)
    assert result.exit_code == 1
    assert result.output.splitlines() == ['SEPA-8W  window.path[0]: "8 weeks" -> "9 weeks"']
    broken = tmp_path / "broken.toml"
    broken.write_text("pack =", encoding="utf-8")
    assert run("diff", old, broken).exit_code == 2


_LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)
HOSTILE: dict[str, bytes] = {
    "deep.yaml": b"cases: " + b"[" * 200_000,
    "dashes.yaml": b"- " * 100_000 + b"x",
    "laughs.yaml": f"{_LAUGHS}cases:\n- {{id: A, rule: FR-WD-14, inputs: {{consumer: *j}}}}\n".encode(),
    "itself.yaml": b"cases: &a [*a]",
    "twice.yaml": b"cases: []\ncases: []\n",
    "latin.yaml": "cases: [{id: é}]".encode("latin-1"),
    "nul.yaml": b"cases: \x00",
    "huge.yaml": b"cases: [{id: A, rule: FR-WD-14, inputs: {employees: " + b"9" * 10_000 + b"}}]",
    "hex.yaml": b"cases: [{id: A, rule: FR-WD-14, inputs: {employees: 0x" + b"f" * 10_000 + b"}}]",
    "february.yaml": b"cases: [{id: A, rule: FR-WD-14, inputs: {contract_concluded_at: 2026-02-30}}]",
    "python.yaml": b"cases: [!!python/object/apply:os.system ['true']]",
    "keys.yaml": b"cases: [{id: [1], rule: {a: b}, inputs: 3}, 5, null, {id: B, rule: FR-WD-14, inputs: {[1, 2]: 3}}]",
    "expected.yaml": b"cases: [{id: A, rule: FR-WD-14, inputs: {}, expected: {rollover: {skipped: [1, {date: 3}]}, eligible: [1]}}]",
    "rows.jsonl.gz": b"\x1f\x8b broken",
    "rows.jsonl": b'{"facts": 3}\n',
    "words.jsonl": b"not json\n",
    "empty.jsonl": b"",
    "deep.toml": b"x = " + b"[" * 100_000,
    "huge.toml": b"x = " + b"9" * 10_000,
    "latin.toml": "x = 'é'".encode("latin-1"),
    "none.toml": b"",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("locale", ["en", "fr"])
def test_a_hostile_file_is_answered_with_a_sentence_by_every_command(
    tmp_path: Path, name: str, locale: str
) -> None:
    path = tmp_path / name
    path.write_bytes(HOSTILE[name])
    for command in (
        ["judge", path],
        ["explain", f"{path}#A"],
        ["bench", path, "--n", 5],
        ["lint", path],
        ["diff", path, path],
    ):
        result = run(*command, "--locale", locale)
        assert result.exception is None or isinstance(result.exception, SystemExit), (
            command,
            result.exception,
        )
        assert "Traceback" not in result.output
        assert result.exit_code != 0 or name == "expected.yaml", (command, result.output[:300])
        assert len(result.output) < 4_000


@pytest.mark.parametrize("count", ["0", "-5", "many", "9" * 40])
def test_a_number_of_judgements_that_cannot_be_made_is_refused(tmp_path: Path, count: str) -> None:
    assert run("bench", written(tmp_path, CASE), "--n", count).exit_code == 2


def test_an_output_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    result = run("judge", written(tmp_path, CASE), "--json", tmp_path / "no" / "such" / "folder.jsonl")
    assert result.exit_code == 2
    assert "cannot be written" in result.output
