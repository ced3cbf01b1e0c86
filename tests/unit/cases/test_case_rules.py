"""Who may move a case where, and when a decision needs a second person: the tables, pair by pair."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casedesk.cases.ladder import FOUND, TRIGGERS, Rule, Situation, found_in, highest, holds, rung
from casedesk.cases.rules import (
    STAGE_CHANGES,
    STAGES,
    STATUSES,
    TRANSITIONS,
    Ceilings,
    Owed,
    approval_reasons,
    below_statute,
    may_change_stage,
    may_change_status,
    may_take_up,
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


STEPS = {
    # (before, after): letters of who may: a agent, m manager, d mediator, s a rule of escalation
    ("intake", "desk"): "ams",
    ("intake", "team-lead"): "ams",
    ("intake", "manager"): "ams",
    ("desk", "intake"): "am",
    ("desk", "team-lead"): "ams",
    ("desk", "manager"): "ams",
    ("desk", "mediation"): "mds",
    ("team-lead", "desk"): "am",
    ("team-lead", "manager"): "ams",
    ("team-lead", "mediation"): "mds",
    ("manager", "desk"): "m",
    ("manager", "team-lead"): "m",
    ("manager", "mediation"): "mds",
    ("manager", "outside-body"): "m",
    ("mediation", "manager"): "mds",
    ("mediation", "outside-body"): "mds",
    ("outside-body", "manager"): "m",
}
OF_STAGES = LETTER | {"mediator": "d"}


@pytest.mark.parametrize(("before", "after"), list(itertools.product(STAGES, STAGES)))
def test_each_pair_of_stages_is_open_to_exactly_these_roles(before: str, after: str) -> None:
    expected = STEPS.get((before, after), "")
    for role, letter in OF_STAGES.items():
        assert may_change_stage(role, before, after) is (letter in expected), role


def test_every_stage_can_be_reached_and_left() -> None:
    assert {after for _, after in STAGE_CHANGES} == set(STAGES)
    assert {before for before, _ in STAGE_CHANGES} == set(STAGES)


@pytest.mark.parametrize("role", ["agent", "manager", "mediator", "administrator", "system"])
@pytest.mark.parametrize("is_lead", [True, False])
def test_a_raised_case_is_taken_up_by_who_stands_on_its_rung_or_a_manager(role: str, is_lead: bool) -> None:
    assert may_take_up(role, is_lead, "team-lead") is (role == "manager" or (role == "agent" and is_lead))
    assert may_take_up(role, is_lead, "manager") is (role == "manager")
    assert may_take_up(role, is_lead, "mediation") is (role in ("manager", "mediator", "system"))
    assert not may_take_up(role, is_lead, "outside-body")
    assert not may_take_up(role, is_lead, "desk")


RULES = {
    "clock_breached": Rule(1, "clock_breached", "team-lead", clock="decide", minutes=60),
    "amount_above": Rule(2, "amount_above", "team-lead", amount_minor=50_000),
    "verdict_in_doubt": Rule(3, "verdict_in_doubt", "team-lead"),
    "second_contact": Rule(4, "second_contact", "team-lead", times=3),
    "words": Rule(5, "words", "manager", words="lawyer"),
    "vulnerable": Rule(6, "vulnerable", "manager"),
    "exception_refused": Rule(7, "exception_refused", "manager"),
}
HOLDING = {
    "clock_breached": {"clock": "decide", "minutes": 60},
    "amount_above": {"claimed_minor": 50_000},
    "verdict_in_doubt": {"verdict": "needs_review"},
    "second_contact": {"contacts": 3},
    "words": {"words": "lawyer"},
    "vulnerable": {"vulnerable": True},
    "exception_refused": {},
}
SHORT = {
    # one step short of what the rule asks
    "clock_breached": {"clock": "decide", "minutes": 0},
    "amount_above": {"claimed_minor": 49_999},
    "verdict_in_doubt": {"verdict": "needs_information"},
    "second_contact": {"contacts": 2},
    "words": {"words": "regulator"},
    "vulnerable": {"vulnerable": False},
}


def situation(trigger: str, **facts: object) -> Situation:
    return Situation(trigger, "refund", "desk", **facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(("of_rule", "happened"), list(itertools.product(TRIGGERS, TRIGGERS)))
def test_a_rule_holds_of_its_own_trigger_and_of_no_other(of_rule: str, happened: str) -> None:
    now = situation(happened, **HOLDING[happened])
    assert holds(RULES[of_rule], now) is (of_rule == happened)


@pytest.mark.parametrize("trigger", list(SHORT))
def test_a_rule_does_not_hold_one_step_short(trigger: str) -> None:
    assert not holds(RULES[trigger], situation(trigger, **SHORT[trigger]))


def test_kind_and_amount_narrow_every_rule_and_currencies_are_not_compared() -> None:
    vulnerable = {"vulnerable": True}
    assert not holds(Rule(1, "vulnerable", "manager", kind="dispute"), situation("vulnerable", **vulnerable))
    narrow = Rule(1, "vulnerable", "manager", amount_minor=10_000, currency="GBP")
    assert not holds(narrow, situation("vulnerable", claimed_minor=99_999, **vulnerable))
    assert holds(narrow, situation("vulnerable", claimed_minor=10_000, currency="GBP", **vulnerable))
    assert not holds(Rule(1, "amount_above", "manager"), situation("amount_above", claimed_minor=1))


def test_of_several_rules_the_one_that_raises_furthest_counts() -> None:
    rules = [
        Rule(1, "vulnerable", "team-lead"),
        Rule(2, "vulnerable", "mediation"),
        Rule(3, "vulnerable", "manager"),
    ]
    assert highest(rules, situation("vulnerable", vulnerable=True)) == rules[1]
    assert highest(rules, situation("vulnerable")) is None
    assert [rung(stage) for stage in STAGES] == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        ("Je veux parler à votre responsable, immédiatement.", {"superior"}),
        ("Mon avocat vous écrira ; je saisirai la DGCCRF.", {"lawyer", "regulator"}),
        ("I will dispute this charge with my bank and call my solicitor", {"lawyer", "chargeback"}),
        ("je fais opposition au prélèvement", {"chargeback"}),
        ("Please put me through to your manager.", {"superior"}),
        ("Ma mère est décédée, je suis sous curatelle", {"hardship"}),
        ("Je demande un médiateur", {"mediation"}),
        ("L’avocat de l’immeuble n’a rien à voir ; merci pour la salle", {"lawyer"}),
        ("I love the avocado toast of the bar, and managed to climb 6a", set()),
        ("Bonjour, je souhaite être remboursée.", set()),
        ("", set()),
    ],
)
def test_words_are_found_as_whole_words_in_both_languages(said: str, kinds: set[str]) -> None:
    assert set(found_in(said)) == kinds
    assert kinds <= set(FOUND)


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
