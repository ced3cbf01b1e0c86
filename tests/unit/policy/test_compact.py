"""Decisions in great numbers: the same outcomes, reasons and gaps as the reference, and the same bytes."""

import gzip
import json
from typing import Any

import pytest

from casedesk.policy.bench import EXAMPLE_FILE, EXAMPLE_RULE
from casedesk.policy.compact import Decision, decision
from casedesk.policy.evaluate import judge
from casedesk.policy.facts import Facts
from casedesk.policy.pack import Packs, shipped_pack
from casedesk.policy.verdict import Outcome, Standing, Verdict
from tests.shared_data import shared

PACKS = Packs([shipped_pack(EXAMPLE_FILE)])
GOOD: dict[str, Any] = {
    "jurisdiction": "FR",
    "purchased_at": "2026-03-02T10:00:00+01:00",
    "requested_at": "2026-03-16T23:59:59+01:00",
    "usage_percent": 19.9,
    "final_sale": False,
    "commitment_ends_on": "none",
    "amount_minor": 19999,
    "currency": "EUR",
    "earlier_refunds": 1,
}


@pytest.fixture(scope="module")
def example() -> Decision:
    return decision(PACKS, EXAMPLE_RULE)


def outcome(example: Decision, **changed: object) -> tuple[Outcome, tuple[str, ...]]:
    verdict = example.judge(Facts.lenient({**GOOD, **changed}))
    return verdict.outcome, verdict.reasons


@pytest.mark.parametrize(
    ("changed", "reasons"),
    [
        ({"requested_at": "2026-03-17T00:00:00+01:00"}, ("window",)),
        ({"requested_at": "2026-03-01T23:59:59+01:00"}, ("window",)),
        ({"usage_percent": 20}, ("usage",)),
        ({"final_sale": True}, ("final_sale",)),
        ({"commitment_ends_on": "2026-03-16"}, ("commitment",)),
        ({"amount_minor": 20000}, ("amount",)),
        ({"currency": "USD"}, ("amount",)),
        ({"earlier_refunds": 2}, ("repeat",)),
        ({"usage_percent": 90, "earlier_refunds": 5, "final_sale": True}, ("usage", "final_sale", "repeat")),
    ],
)
def test_every_requirement_that_fails_is_a_reason(
    example: Decision, changed: dict[str, object], reasons: tuple[str, ...]
) -> None:
    assert outcome(example) == (Outcome.ALLOWED, ())
    assert outcome(example, **changed) == (Outcome.REFUSED, reasons)


def test_the_day_after_the_commitment_is_free(example: Decision) -> None:
    assert outcome(example, commitment_ends_on="2026-03-15") == (Outcome.ALLOWED, ())


@pytest.mark.parametrize("fact", sorted(GOOD))
@pytest.mark.parametrize("spoiled", [None, [], "", {}, object()])
def test_a_fact_that_is_not_known_never_allows(example: Decision, fact: str, spoiled: object) -> None:
    verdict = example.judge(Facts.lenient({**GOOD, fact: spoiled}))
    assert verdict.outcome is Outcome.NEEDS_INFORMATION
    assert verdict.missing == (fact,)


def test_a_refusal_stands_and_still_names_what_is_unknown(example: Decision) -> None:
    verdict = example.judge(Facts.lenient({**GOOD, "final_sale": True, "usage_percent": None}))
    assert (verdict.outcome, verdict.reasons) == (Outcome.REFUSED, ("final_sale",))
    assert (verdict.missing, verdict.unknown) == ((), ("usage_percent",))


def test_every_requirement_is_a_finding_with_its_operands_and_days(example: Decision) -> None:
    verdict = example.judge(Facts.lenient({**GOOD, "requested_at": "2026-03-17T00:00:00+01:00"}))
    window = verdict.findings[0]
    assert (window.rule, window.standing) == ("window", Standing.AGAINST)
    assert set(window.params) == {"jurisdiction", "purchased_at", "requested_at"}
    assert [step.params["to"].isoformat() for step in window.steps if "to" in step.params] == ["2026-03-16"]  # type: ignore[attr-defined]
    assert [finding.rule for finding in verdict.findings] == [
        "window",
        "usage",
        "final_sale",
        "commitment",
        "amount",
        "repeat",
    ]


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"final_sale": True},
        {"usage_percent": None},
        {"commitment_ends_on": "2026-03-15"},
        {"jurisdiction": "EU"},
    ],
)
def test_the_bytes_made_in_pieces_are_those_made_as_a_whole(
    example: Decision, changed: dict[str, object]
) -> None:
    verdict = example.judge(Facts.lenient({**GOOD, **changed}))
    whole = Verdict(verdict.asked, verdict.outcome, verdict.reasons, verdict.body)
    assert verdict.to_canonical() == whole.to_canonical()
    assert Verdict.from_canonical(verdict.to_canonical()) == whole


def test_asked_like_any_other_rule_it_answers_the_same(example: Decision) -> None:
    facts = Facts.lenient({**GOOD, "final_sale": True})
    assert judge(PACKS, facts, EXAMPLE_RULE) == example.judge(facts)


def test_a_batch_gives_what_one_by_one_gives(example: Decision) -> None:
    many = [
        Facts.lenient({**GOOD, "earlier_refunds": count, "usage_percent": 5 * count}) for count in range(8)
    ]
    one_by_one = [(one.outcome, one.reasons) for one in map(example.judge, many)]
    assert [example.outcome_of(code) for code in example.judge_many(many)] == one_by_one


def test_all_ten_thousand_decisions_come_out_as_expected(example: Decision) -> None:
    with gzip.open(shared("policy/decision6.jsonl.gz"), "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    assert len(rows) == 10_000
    wrong = []
    for row in rows:
        verdict = example.judge(Facts.lenient(row["facts"]))
        not_known = {*verdict.missing, *verdict.unknown}
        got = {
            "outcome": verdict.outcome.value,
            "reasons": list(verdict.reasons),
            "missing": [name for name in example.requirements.facts if name in not_known],
        }
        if got != row["expected"]:
            wrong.append((row["id"], got))
    assert wrong == []
