"""Who may move a case where, and when a decision needs a second person: the tables, pair by pair."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casedesk.cases.rules import (
    STATUSES,
    TRANSITIONS,
    Ceilings,
    Owed,
    approval_reasons,
    below_statute,
    may_change_status,
    outcome_of,
)

EXPECTED = {
    # (before, after): letters of who may: a agent, m manager, s the customer's message or a job
    ("open", "waiting-customer"): "am",
    ("open", "waiting-third-party"): "am",
    ("open", "waiting-approval"): "am",
    ("open", "decided"): "am",
    ("open", "closed"): "am",
    ("waiting-customer", "open"): "ams",
    ("waiting-customer", "waiting-third-party"): "am",
    ("waiting-customer", "waiting-approval"): "am",
    ("waiting-customer", "decided"): "am",
    ("waiting-customer", "closed"): "am",
    ("waiting-third-party", "open"): "ams",
    ("waiting-third-party", "waiting-customer"): "am",
    ("waiting-third-party", "waiting-approval"): "am",
    ("waiting-third-party", "decided"): "am",
    ("waiting-third-party", "closed"): "am",
    ("waiting-approval", "open"): "ms",
    ("waiting-approval", "decided"): "m",
    ("decided", "open"): "ams",
    ("decided", "closed"): "ams",
    ("closed", "open"): "ams",
}
LETTER = {"agent": "a", "manager": "m", "system": "s", "mediator": "-", "administrator": "-"}


@pytest.mark.parametrize(("before", "after"), list(itertools.product(STATUSES, STATUSES)))
def test_each_pair_of_statuses_is_open_to_exactly_these_roles(before: str, after: str) -> None:
    expected = EXPECTED.get((before, after), "")
    for role, letter in LETTER.items():
        assert may_change_status(role, before, after) is (letter in expected), role


def test_every_status_can_be_reached_and_left() -> None:
    assert {after for _, after in TRANSITIONS} == set(STATUSES)
    assert {before for before, _ in TRANSITIONS} == set(STATUSES)


amounts = st.integers(0, 10**9)


@given(owed=amounts, proposed=amounts)
def test_nobody_decides_less_than_the_statute_gives(owed: int, proposed: int) -> None:
    verdict = Owed("allowed", owed, by_statute=True)
    assert below_statute(verdict, proposed) is (proposed < owed)
    assert not below_statute(Owed("allowed", owed, by_statute=False), proposed)


def test_nobody_keeps_a_customer_whom_the_law_lets_go() -> None:
    free = Owed("allowed", None, by_statute=True, leaving=True)
    assert below_statute(free, 0, ends_contract=False)
    assert not below_statute(free, 0, ends_contract=True)
    assert not below_statute(Owed("refused", None, by_statute=True, leaving=True), 0, ends_contract=False)


@given(owed=amounts, proposed=amounts, goodwill=amounts, ceiling=st.integers(1, 10**9))
def test_what_is_decided_alone_lies_within_rule_and_ceilings(
    owed: int, proposed: int, goodwill: int, ceiling: int
) -> None:
    reasons = approval_reasons(Owed("allowed", owed, False), proposed, Ceilings(goodwill, ceiling))
    alone = owed <= proposed <= owed + goodwill and proposed <= ceiling
    assert (reasons == ()) is alone


@given(proposed=amounts, more=amounts, goodwill=amounts)
def test_a_higher_ceiling_never_asks_for_more_approval(proposed: int, more: int, goodwill: int) -> None:
    verdict = Owed("refused", 0, False)
    low = approval_reasons(verdict, proposed, Ceilings(goodwill, 0))
    high = approval_reasons(verdict, proposed, Ceilings(goodwill + more, 0))
    assert set(high) <= set(low)


@pytest.mark.parametrize("outcome", ["needs_information", "needs_review"])
def test_an_open_verdict_always_needs_a_second_person(outcome: str) -> None:
    assert "verdict_open" in approval_reasons(Owed(outcome, None, False), 0, Ceilings(10**9, 0))


@pytest.mark.parametrize(
    ("amount", "claimed", "ends", "expected"),
    [
        (0, 5000, False, "refused"),
        (0, None, True, "granted"),
        (0, 5000, True, "refused"),
        (4999, 5000, False, "partly-granted"),
        (5000, 5000, False, "granted"),
        (5001, 5000, False, "granted"),
        (100, None, False, "granted"),
    ],
)
def test_the_outcome_follows_from_what_was_asked_and_given(
    amount: int, claimed: int | None, ends: bool, expected: str
) -> None:
    assert outcome_of(amount, claimed, ends_contract=ends) == expected
