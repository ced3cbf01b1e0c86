"""Unknown is not false, and never is not unknown: every rule, every fact that it reads, taken away or spoiled."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from casedesk.policy.evaluate import judge
from casedesk.policy.facts import NEVER, FactError, Facts, vocabulary
from casedesk.policy.pack import shipped
from casedesk.policy.verdict import Outcome, Verdict

OWN = Path(__file__).parents[2] / "scenarios" / "policy"
FIRM = (Outcome.ALLOWED, Outcome.REFUSED)


def firm_cases() -> dict[str, tuple[str, dict[str, Any]]]:
    """One scenario with a yes and one with a no for each rule that has them."""
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    for path in sorted(OWN.glob("*.yaml")):
        for case in yaml.safe_load(path.read_text(encoding="utf-8"))["cases"]:
            eligible = case["expected"].get("eligible", "yes")
            if eligible in ("yes", "no"):
                found.setdefault(f"{case['rule']}-{eligible}", (case["rule"], case["inputs"]))
    return found


CASES = firm_cases()


def verdict_of(rule: str, inputs: dict[str, Any]) -> Verdict:
    return judge(shipped(), Facts.of(inputs), rule)


def amounts(verdict: Verdict) -> dict[str, object]:
    return {key: value for key, value in verdict.answer.items() if key.endswith("_minor")}


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_fact_taken_away_never_leaves_an_answer_that_rests_on_it(name: str) -> None:
    """Without the fact the answer is open, or it is one that every probed value of the fact gives."""
    rule, inputs = CASES[name]
    for fact in inputs:
        without = {key: value for key, value in inputs.items() if key != fact}
        verdict = verdict_of(rule, without)
        if verdict.outcome not in FIRM:
            assert verdict.missing or verdict.doubts, (name, fact)
            continue
        for value in some_values(fact, inputs[fact]):
            supposed = judge(shipped(), Facts.of(without).with_fact(fact, value), rule)
            if supposed.outcome in FIRM:
                assert supposed.outcome is verdict.outcome, (name, fact, value)


def some_values(fact: str, written: object) -> list[object]:
    """A few values of a fact that were not chosen by the engine: the known one moved, every word, never."""
    spec = vocabulary()[fact]
    values: list[object] = [NEVER] if spec.never or spec.none else []
    values += list(spec.values)
    if spec.kind == "flag":
        values += [True, False]
    read = Facts.of({fact: written}).value(fact)
    if spec.kind in ("count", "money") and isinstance(read, int):
        values += [value for value in (0, 1, read + 7, read * 3 + 1) if spec.minimum <= value <= spec.maximum]
    if spec.kind in ("day", "instant") and not spec.many and hasattr(read, "replace"):
        values += [read.replace(year=year) for year in (2019, 2031) if (read.month, read.day) != (2, 29)]  # type: ignore[union-attr]
    return values


@pytest.mark.parametrize("name", sorted(CASES))
def test_null_is_the_same_as_absent(name: str) -> None:
    rule, inputs = CASES[name]
    for fact in inputs:
        absent = verdict_of(rule, {key: value for key, value in inputs.items() if key != fact})
        null = verdict_of(rule, {**inputs, fact: None})
        assert null == absent, (name, fact)


def read_or_refused(inputs: dict[str, Any]) -> tuple[Facts | None, str | None]:
    """The facts, or the name of the fact that was refused."""
    try:
        return Facts.of(inputs), None
    except FactError as error:
        return None, str(error.params["field"])


@pytest.mark.parametrize("name", sorted(CASES))
@pytest.mark.parametrize("spoiled", [[["x"]], {"x": 1}, object, float("nan"), "\x00", -1])
def test_a_value_of_the_wrong_type_is_a_named_error_or_a_doubt(name: str, spoiled: object) -> None:
    rule, inputs = CASES[name]
    for fact in inputs:
        facts, refused = read_or_refused({**inputs, fact: spoiled})
        assert refused in (None, fact)
        if facts is None:
            continue
        verdict = judge(shipped(), facts, rule)
        if verdict.outcome in FIRM:
            without = verdict_of(rule, {key: value for key, value in inputs.items() if key != fact})
            assert verdict.outcome is without.outcome, (name, fact, spoiled)


FRENCH: tuple[str, dict[str, Any]] = (
    "FR-WD-14",
    {
        "timezone": "Europe/Paris",
        "channel": "online",
        "contract_kind": "service",
        "consumer": True,
        "contract_concluded_at": "2026-03-02T10:15:00+01:00",
        "withdrawal_information_given_at": "2026-03-02T10:15:00+01:00",
        "action_at": "2026-03-04T10:00:00+01:00",
    },
)


def test_the_named_fact_is_the_one_that_matters() -> None:
    rule, inputs = FRENCH
    late = {**inputs, "withdrawal_information_given_at": None, "action_at": "2026-06-01T10:00:00+02:00"}
    verdict = verdict_of(rule, late)
    assert verdict.outcome is Outcome.NEEDS_INFORMATION
    assert verdict.missing == ("withdrawal_information_given_at",)


def test_a_fact_that_changes_nothing_is_unknown_and_not_missing() -> None:
    rule, inputs = FRENCH
    early = {**inputs, "withdrawal_information_given_at": None, "action_at": "2026-03-04T10:00:00+01:00"}
    verdict = verdict_of(rule, early)
    assert verdict.outcome is Outcome.ALLOWED
    assert verdict.missing == ()
    assert verdict.unknown == ("withdrawal_information_given_at",)
    assert "deadline_local_date" not in verdict.answer


def test_never_told_is_not_the_same_as_not_known_whether_told() -> None:
    rule, inputs = FRENCH
    late = {**inputs, "action_at": "2026-06-01T10:00:00+02:00"}
    assert verdict_of(rule, {**late, "withdrawal_information_given_at": "never"}).outcome is Outcome.ALLOWED
    assert (
        verdict_of(rule, {**late, "withdrawal_information_given_at": None}).outcome
        is Outcome.NEEDS_INFORMATION
    )
