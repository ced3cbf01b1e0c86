"""Every scenario of the field gives the expected answer, by the shipped packs."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from casedesk.policy.pack import shipped
from casedesk.policy.scenarios import Judgement, answer_of, judge_all
from tests.shared_data import shared

OWN = Path(__file__).parents[2] / "scenarios" / "policy"
TODAY = date(2026, 11, 22)


def judged(document: Any) -> list[Judgement]:
    return list(judge_all(shipped(), document, on=TODAY))


def unmet(judgements: list[Judgement]) -> list[object]:
    return [
        (one.id, one.error or one.differences)
        for one in judgements
        if one.error is not None or one.differences
    ]


@pytest.mark.parametrize("path", sorted(OWN.glob("*.yaml")), ids=lambda path: path.stem)
def test_own_scenarios_give_the_expected_answers(path: Path) -> None:
    judgements = judged(yaml.safe_load(path.read_text(encoding="utf-8")))
    assert unmet(judgements) == []
    assert all(one.expected for one in judgements)


def test_shared_scenarios_give_the_expected_answers() -> None:
    document = yaml.safe_load(shared("policy/scenarios.yaml").read_text(encoding="utf-8"))
    assert unmet(judged(document)) == []


def test_every_rule_that_can_be_asked_has_a_scenario_of_its_own() -> None:
    asked = {
        case["rule"]
        for path in OWN.glob("*.yaml")
        for case in yaml.safe_load(path.read_text(encoding="utf-8"))["cases"]
    }
    assert set(shipped().ids(answerable=True)) - asked == set()


CASE = {
    "id": "ONE",
    "rule": "FR-WD-14",
    "inputs": {
        "timezone": "Europe/Paris",
        "channel": "online",
        "contract_kind": "service",
        "consumer": True,
        "contract_concluded_at": "2026-03-02T10:15:00+01:00",
        "withdrawal_information_given_at": "2026-03-02T10:15:00+01:00",
        "action_at": "2026-03-05T10:15:00+01:00",
    },
}


def with_inputs(**inputs: object) -> dict[str, object]:
    return {**CASE, "inputs": {**CASE["inputs"], **inputs}}  # type: ignore[dict-item]


def amount_with(**inputs: object) -> dict[str, object]:
    return {"id": "AMOUNT", "rule": "FR-WD-AMOUNT", "inputs": inputs}


@pytest.mark.parametrize(
    ("case", "code"),
    [
        ({**CASE, "rule": "NO-SUCH-RULE"}, "scenario.unknown_rule"),
        ({**CASE, "rule": "EU-WD-14"}, "scenario.unknown_rule"),
        ({**CASE, "rule": None}, "scenario.unknown_rule"),
        ({**CASE, "id": None}, "scenario.no_id"),
        ({**CASE, "inputs": None}, "scenario.no_inputs"),
        ({**CASE, "expected": ["yes"]}, "scenario.expected_is_no_table"),
        ("a text", "scenario.case_is_no_table"),
        (with_inputs(colour="blue"), "facts.unknown_fact"),
        (with_inputs(consumer=3), "facts.wrong_type"),
        (with_inputs(timezone="Europe/Pariss"), "facts.wrong_type"),
        (with_inputs(action_at="2026-02-30T10:00:00Z"), "facts.wrong_type"),
        (with_inputs(action_at="2026-03-05T10:15:00"), "facts.wrong_type"),
        (with_inputs(action_at="2026-03-05"), "facts.wrong_type"),
        (with_inputs(action_at=20260305), "facts.wrong_type"),
        (amount_with(currency="EURO"), "facts.wrong_type"),
        (amount_with(paid_minor=-1), "facts.wrong_type"),
        (amount_with(paid_minor=19.99), "facts.wrong_type"),
        (amount_with(paid_minor=10**15), "facts.wrong_type"),
        (amount_with(period_days=0), "facts.wrong_type"),
        (amount_with(express_request="yes"), "facts.wrong_type"),
        (amount_with(express_request="never"), "facts.wrong_type"),
        (amount_with(rounding={"aim": "retained"}), "facts.wrong_type"),
    ],
)
def test_a_malformed_case_says_what_to_change_and_the_others_are_still_judged(
    case: object, code: str
) -> None:
    first, second = judged({"cases": [case, {**CASE, "id": "TWO"}]})
    assert first.error is not None
    assert first.error.code == code
    assert first.verdict is None
    assert second.verdict is not None
    assert second.verdict.answer["eligible"] == "yes"


def test_the_same_id_twice_is_an_error_of_the_second() -> None:
    first, second = judged({"cases": [CASE, CASE]})
    assert first.error is None
    assert second.error is not None
    assert second.error.code == "scenario.id_twice"


def test_what_is_for_people_is_accepted_and_never_read() -> None:
    notes = with_inputs(
        note={"any": ["thing"]}, question="what?", network="visa", requested_at="2026-01-01T00:00:00Z"
    )
    (one,) = judged({"cases": [notes]})
    assert one.verdict is not None
    assert one.verdict.answer["eligible"] == "yes"


def test_a_fact_that_the_rule_does_not_list_is_never_an_error_whatever_it_holds() -> None:
    odd = with_inputs(reason=13.2, paid_minor="much", renewed_until="2026-02-30", employees=[1])
    (one,) = judged({"cases": [{**odd, "rule": "DE-WD-14"}]})
    assert one.error is None
    assert one.verdict is not None
    assert one.verdict.answer["eligible"] == "yes"


def test_expected_is_never_read_by_the_engine() -> None:
    (plain,) = judged({"cases": [CASE]})
    (claimed,) = judged(
        {"cases": [{**CASE, "expected": {"eligible": "no", "deadline_local_date": "1999-01-01"}}]}
    )
    assert plain.verdict == claimed.verdict
    assert [one.key for one in claimed.differences] == ["eligible", "deadline_local_date"]


def test_days_and_yes_as_yaml_reads_them_unquoted_are_understood() -> None:
    text = "{id: A, rule: AMILIA-ONLY-EARLIER, inputs: {current_cancellation_date: 2026-06-30, requested_cancellation_date: 2026-06-29}, expected: {eligible: yes}}"
    (one,) = judged({"cases": [yaml.safe_load(text)]})
    assert one.error is None
    assert one.differences == ()


def test_answers_are_written_as_scenario_files_write_them() -> None:
    (one,) = judged({"cases": [with_inputs(contract_concluded_at="2026-02-28T10:00:00+01:00")]})
    assert one.verdict is not None
    answer = answer_of(one.verdict)
    assert answer["eligible"] == "yes"
    late = judged({"cases": [with_inputs(contract_concluded_at="2026-02-28T10:00:00+01:00", withdrawal_information_given_at="2026-02-28T10:00:00+01:00")]})[0]  # fmt: skip
    assert late.verdict is not None
    assert answer_of(late.verdict)["rollover"] == {
        "raw_last_day": "2026-03-14",
        "skipped": [{"date": "2026-03-14", "reason": "saturday"}, {"date": "2026-03-15", "reason": "sunday"}],
        "reason": "saturday+sunday",
    }
    assert answer_of(late.verdict)["deadline_utc_exclusive"] == "2026-03-16T23:00:00Z"
