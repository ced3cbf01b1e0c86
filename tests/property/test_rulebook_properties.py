"""Properties of drafts: a difference read both ways gives both texts; a trial says what judging everything says."""

import json
import tomllib
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casedesk.policy.facts import Facts
from casedesk.policy.pack import load, shipped
from casedesk.policy.remedies import outcome_and_amount
from casedesk.rulebook import comparing, editing, house
from casedesk.rulebook.saying import Piece
from casedesk.rulebook.tomltext import inline, pack_text
from casedesk.rulebook.trial import Trial

SOME = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
LINES = st.lists(st.text("abc =", max_size=6), max_size=12).map("\n".join)
VALUES = st.recursive(
    st.one_of(st.booleans(), st.integers(-(2**40), 2**40), st.text(max_size=20)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(min_size=1, max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(old=LINES, new=LINES)
@SOME
def test_the_lines_of_a_difference_give_both_texts_back(old: str, new: str) -> None:
    lines = comparing.lines(old, new, context=10_000)
    if old.splitlines() != new.splitlines():
        assert [one.text for one in lines if one.sign != "+"] == old.splitlines()
        assert [one.text for one in lines if one.sign != "-"] == new.splitlines()
    else:
        assert lines == ()


@given(
    old=st.lists(st.text("ab ", max_size=5), max_size=6), new=st.lists(st.text("ab ", max_size=5), max_size=6)
)
@SOME
def test_a_compared_sentence_gives_both_sentences_back(old: list[str], new: list[str]) -> None:
    told = comparing.sentences([Piece(text) for text in old], [Piece(text) for text in new])
    assert "".join(one.text for one in told if one.change != "ins") == "".join(old)
    assert "".join(one.text for one in told if one.change != "del") == "".join(new)


@given(value=VALUES)
@SOME
def test_whatever_a_table_holds_is_read_back(value: Any) -> None:
    assert tomllib.loads(f"key = {inline(value)}")["key"] == value


FR = next(pack for pack in shipped().packs if pack.id == "consumer-fr")
CONTRACT = next(pack for pack in shipped().packs if pack.id == "contract")
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)

CASES = st.fixed_dictionaries(
    {
        "jurisdiction": st.sampled_from(["FR", "DE", "UK"]),
        "concluded": st.integers(0, 40),
        "asked": st.integers(0, 20),
        "renewed": st.booleans(),
        "consumer": st.sampled_from([True, False, None]),
        "channel": st.sampled_from(["online", "on_premises", None]),
        "window": st.sampled_from([None, 7, 14, 30]),
        "told": st.booleans(),
        "back": st.sampled_from([0, 0, 1_000, 47_880, None]),
        "dispute": st.sampled_from([None, None, None, "needs_response", "won"]),
        "bought_before": st.integers(0, 30),
        "left_out": st.sets(
            st.sampled_from(
                ["contract_kind", "contract_concluded_at", "express_request", "informed", "currency",
                 "paid_minor", "holiday_calendar", "renewed", "proration_method", "market_price_minor",
                 "timezone", "renewed_at"]
            ),
            max_size=2,
        ),
    }
)  # fmt: skip


def facts(case: dict[str, Any]) -> dict[str, Any]:
    concluded = NOW - timedelta(days=case["concluded"])
    asked = concluded + timedelta(days=case["asked"])
    known = {
        "jurisdiction": case["jurisdiction"],
        "timezone": "Europe/Paris",
        "holiday_calendar": "FR",
        "currency": "EUR",
        "paid_minor": 47_880,
        "price_minor": 47_880,
        "already_refunded_minor": case["back"],
        "disputed_minor": 20_000,
        "dispute_status": case["dispute"],
        "contract_kind": "service",
        "contract_concluded_at": concluded.isoformat(),
        "purchase_at": (concluded - timedelta(days=case["bought_before"])).isoformat(),
        "period_start": concluded.date().isoformat(),
        "period_end": (concluded + timedelta(days=365)).date().isoformat(),
        "notice_months": 1,
        "notice_given_at": asked.isoformat(),
        "renewed_at": concluded.isoformat(),
        "renewed": case["renewed"],
        "action_at": asked.isoformat(),
        "consumer": case["consumer"],
        "channel": case["channel"],
        "contract_refund_window_days": case["window"],
        "proration_method": "full",
        "express_request": False,
        "informed": True,
        "withdrawal_information_given_at": concluded.isoformat() if case["told"] else None,
        "market_price_minor": "none",
        "separately_priced_parts": "none",
    }
    kept = {name: value for name, value in known.items() if name not in case["left_out"]}
    return {name: {"value": value, "source": ""} for name, value in kept.items() if value is not None}


def drafts() -> st.SearchStrategy[dict[str, Any]]:
    """A shorter or longer right of the law, another method of the contract, one or two new rules of the house."""
    paid, days = st.sampled_from(["full", "days"]), st.integers(1, 30)
    return st.one_of(
        days.map(_french_days),
        st.sampled_from(["full", "none"]).map(_contract_method),
        st.tuples(days, paid).map(lambda one: _house(*one)),
        st.tuples(days, paid, paid).map(lambda one: _house_twice(*one)),
    )


def _french_days(days: int) -> dict[str, Any]:
    table = tomllib.loads(FR.toml)
    for name in ("FR-WD-14", "FR-WD-EXT", "FR-WD-EXC"):
        rule = next(one for one in FR.rules if one.id == name)
        table = editing.with_rule(
            table, editing.with_values(rule.table, {("window", "path", 0): f"{days} days"})
        )
    return {**table, "version": "2026-11-24"}


def _contract_method(method: str) -> dict[str, Any]:
    rule = next(one for one in CONTRACT.rules if one.id == "CONTRACT-REFUND-AMOUNT").table
    amount = {"method": method} if method == "none" else {"method": method, "paid": "paid_minor"}
    changed = {key: value for key, value in rule.items() if key != "case"} | {
        "kind": "amount",
        "amount": amount,
    }
    return {**editing.with_rule(tomllib.loads(CONTRACT.toml), changed), "version": "2026-11-24"}


def _house(days: int, pays: str) -> dict[str, Any]:
    new = house.NewRule("HOUSE-RENEWAL", {"en": "a", "fr": "b"}, "window", pays, "renewed_at", days)
    table = house.with_new_rule(house.beginning("2026-11-24", "2027-01-01"), new)
    table["remedy"][0]["when"] = {"renewed": True}
    return table


def _house_twice(days: int, pays: str, always: str) -> dict[str, Any]:
    """The rule of `_house`, and a right of the house without a period for gyms."""
    new = house.NewRule("HOUSE-ALWAYS", {"en": "c", "fr": "d"}, "always", always)
    return house.with_new_rule(_house(days, pays), new)


@given(draft=drafts(), case=CASES, subject=st.sampled_from(["refund", "refund", "cancellation"]))
@settings(SOME, max_examples=60)
def test_a_trial_says_what_judging_everything_again_says(
    draft: dict[str, Any], case: dict[str, Any], subject: str
) -> None:
    pack, plain = load(pack_text(draft), "draft"), facts(case)
    trial = Trial(shipped(), pack)
    read = Facts.from_plain(plain)
    before, after = (_result(packs, read, subject) for packs in (shipped(), trial.after))
    tried = trial.judge(json.dumps({"subject": subject, "facts": plain}), before, current=True)
    assert (tried.before, tried.after) == (before, after)
    assert (tried.change == "same") == (before == after)


@given(days=st.integers(1, 13), case=CASES)
@SOME
def test_a_draft_that_gives_less_than_the_law_is_named_so(days: int, case: dict[str, Any]) -> None:
    trial, plain = Trial(shipped(), load(pack_text(_french_days(days)), "draft")), facts(case)
    before = _result(shipped(), Facts.from_plain(plain))
    tried = trial.judge({"subject": "refund", "facts": plain}, before, current=True)
    law = _result(trial.law, Facts.from_plain(plain))
    gives_less = before[0] == law[0] == "allowed" and (
        tried.after[0] == "refused" or (tried.after[0] == "allowed" and (tried.after[1] or 0) < (law[1] or 0))
    )
    assert tried.below_law or not gives_less


def _result(packs: Any, known: Facts, subject: str = "refund") -> tuple[str, int | None]:
    outcome, amount = outcome_and_amount(packs, known, subject)
    return outcome.value, None if amount is None else amount.minor
