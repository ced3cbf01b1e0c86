"""For every rule and every fact that it reads: absent, null or of the wrong type asks or is refused as unreadable, and
never founds a yes or a no. And the engine never raises on facts, whatever they are."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casedesk.policy.evaluate import judge, judge_case
from casedesk.policy.facts import FactError, Facts, vocabulary
from casedesk.policy.pack import shipped
from casedesk.policy.verdict import Outcome, Verdict

OWN = Path(__file__).parents[2] / "scenarios" / "policy"
TODAY = date(2026, 11, 22)
SETTLED = (Outcome.ALLOWED, Outcome.REFUSED)
WRONG: tuple[Any, ...] = (
    {"a": 1}, object(), 3.5, -1, "", "\x00", "2026-02-30", "2026-13-01T00:00:00Z", [[]], 10**15, True, "n/a",
)  # fmt: skip


def settled_scenarios() -> dict[str, list[dict[str, Any]]]:
    """For every rule the facts of ours that give it a yes or a no."""
    found: dict[str, list[dict[str, Any]]] = {}
    for path in sorted(OWN.glob("*.yaml")):
        for case in yaml.safe_load(path.read_text(encoding="utf-8"))["cases"]:
            facts = {
                k: v for k, v in case["inputs"].items() if k not in ("note", "question") and v is not None
            }
            if case["expected"].get("eligible") in ("yes", "no"):
                found.setdefault(case["rule"], []).append(facts)
    return found


SCENARIOS = settled_scenarios()


def gaps(rule: str) -> Iterator[tuple[str, dict[str, Any], Verdict]]:
    """(fact, facts with it, the verdict on them) for every fact that a settled scenario of the rule gives."""
    for facts in SCENARIOS[rule][:3]:
        whole = judge(shipped(), Facts.of(facts), rule, on=TODAY)
        for name in facts:
            if name in shipped().rule(rule)[1].reads:
                yield name, facts, whole


@pytest.mark.parametrize("rule", sorted(SCENARIOS))
def test_a_fact_that_is_absent_or_null_founds_nothing(rule: str) -> None:
    for name, facts, whole in gaps(rule):
        absent = {key: value for key, value in facts.items() if key != name}
        null = {**facts, name: None}
        without = judge(shipped(), Facts.of(absent), rule, on=TODAY)
        assert judge(shipped(), Facts.of(null), rule, on=TODAY) == without
        if without.outcome in SETTLED:
            # Only what every value of the fact would give may stand, and the fact is not among what it rests on.
            assert without.outcome is whole.outcome, (name, facts)
            assert all(name != one.name for finding in without.findings for one in finding.inputs), name
        else:
            assert name in (*without.missing, *without.unknown) or without.doubts, (name, facts)


@pytest.mark.parametrize("rule", sorted(SCENARIOS))
def test_a_fact_of_the_wrong_type_is_a_named_error_or_is_not_there(rule: str) -> None:
    names = {name: facts for name, facts, _ in gaps(rule)}
    for name, facts in names.items():
        absent = judge(
            shipped(), Facts.of({key: value for key, value in facts.items() if key != name}), rule, on=TODAY
        )
        for wrong in WRONG:
            try:
                read = Facts.of({**facts, name: wrong})
            except FactError as error:
                assert error.params["field"] == name  # noqa: PT017 (what follows needs the same words)
                lenient = judge(shipped(), Facts.lenient({**facts, name: wrong}), rule, on=TODAY)
                assert lenient.outcome is absent.outcome, (name, wrong)
            else:
                judge(shipped(), read, rule, on=TODAY).to_canonical()


def test_every_rule_that_can_be_asked_was_looked_at() -> None:
    open_always = set(shipped().ids(answerable=True)) - SCENARIOS.keys()
    for rule in open_always:  # rules that leave their question to a person
        for facts in ({}, {"evaluate_at": "2030-01-01T00:00:00Z"}):
            assert judge(shipped(), Facts.of(facts), rule, on=TODAY).outcome not in SETTLED, rule


ANYTHING = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30), st.dates(), st.datetimes(),
    st.lists(st.integers(), max_size=3), st.dictionaries(st.text(max_size=5), st.integers(), max_size=3),
    st.sampled_from(["never", "none", "2026-03-02", "2026-03-02T10:15:00+01:00", "2026-06", "EUR", "Europe/Paris", 10**15]),
)  # fmt: skip
GARBAGE = st.dictionaries(st.sampled_from(sorted(vocabulary())), ANYTHING, max_size=12)
PLACES = st.sampled_from(["FR", "DE", "BE", "UK", "CH", "US", "US-CA", "CA-QC", "EU"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(written=GARBAGE, rule=st.sampled_from(sorted(shipped().ids(answerable=True))))
def test_no_rule_raises_on_any_facts(written: dict[str, Any], rule: str) -> None:
    verdict = judge(shipped(), Facts.lenient(written), rule, on=TODAY)
    assert Verdict.from_canonical(verdict.to_canonical()) == verdict


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    written=GARBAGE,
    place=PLACES,
    subject=st.sampled_from(["refund", "cancellation", "chargeback", "mediation"]),
)
def test_no_case_raises_on_any_facts(written: dict[str, Any], place: str, subject: str) -> None:
    facts = Facts.lenient({**written, "jurisdiction": place, "timezone": "Europe/Paris"})
    verdict = judge_case(shipped(), facts, subject, on=TODAY)
    assert Verdict.from_canonical(verdict.to_canonical()) == verdict
    assert verdict.outcome is not Outcome.NEEDS_INFORMATION or verdict.missing
