"""Packs: read strictly, versioned by date, linted in both languages; what is malformed says where and why."""

from datetime import date

import pytest

from casedesk.kernel.errors import CasedeskError
from casedesk.policy.conditions import PackError
from casedesk.policy.evaluate import judge
from casedesk.policy.facts import Facts
from casedesk.policy.lint import lint_all
from casedesk.policy.pack import Packs, in_force, load, shipped, shipped_names, shipped_pack, shipped_text
from casedesk.policy.verdict import Outcome

HEAD = """
pack = "house"
version = "2026-01-01"
level = "house"
jurisdiction = "contract"
review_by = "2027-01-01"
title = {en = "House", fr = "Maison"}
notice = {en = "House rules.", fr = "Règles de la maison."}
"""
RULE = """
[[rule]]
id = "HOUSE-1"
kind = "window"
title = {en = "Window", fr = "Délai"}
explain = {en = "Seven days.", fr = "Sept jours."}
effective = {from = "2026-01-01", attaches_to = "purchase_at"}
window = {start = "purchase_at", path = ["7 days"]}
"""
FACTS = {
    "timezone": "Europe/Paris",
    "purchase_at": "2026-05-01T10:00:00+02:00",
    "action_at": "2026-05-09T10:00:00+02:00",
}


def test_every_shipped_pack_is_without_a_slip() -> None:
    assert lint_all() == []


@pytest.mark.parametrize("name", shipped_names())
def test_a_shipped_pack_carries_its_notice_and_review_date_in_both_languages(name: str) -> None:
    pack = shipped_pack(name)
    assert pack.review_by
    if not pack.example_only:
        assert "not legal advice" in pack.notice["en"]
        assert "avis juridique" in pack.notice["fr"]


def test_the_next_wording_of_a_rule_is_a_new_file_and_nothing_else() -> None:
    newer = HEAD.replace("2026-01-01", "2026-06-01") + RULE.replace("2026-01-01", "2026-06-01").replace(
        "7 days", "10 days"
    )
    packs = Packs([load(HEAD + RULE, "house/1"), load(newer, "house/2")])
    before = judge(packs, Facts.of(FACTS), "HOUSE-1")
    after = judge(packs, Facts.of({**FACTS, "purchase_at": "2026-06-01T00:00:00+02:00", "action_at": "2026-06-09T10:00:00+02:00"}), "HOUSE-1")  # fmt: skip
    assert (before.outcome, before.findings[0].version) == (Outcome.REFUSED, "2026-01-01")
    assert (after.outcome, after.findings[0].version) == (Outcome.ALLOWED, "2026-06-01")


def test_a_rule_is_chosen_by_the_day_of_the_fact_and_not_by_today() -> None:
    newer = HEAD.replace("2026-01-01", "2026-06-01") + RULE.replace("2026-01-01", "2026-06-01").replace(
        "7 days", "10 days"
    )
    packs = Packs([load(HEAD + RULE, "house/1"), load(newer, "house/2")])
    verdict = judge(packs, Facts.of(FACTS), "HOUSE-1", on=date(2030, 1, 1))
    assert verdict.findings[0].version == "2026-01-01"
    assert verdict.judged_for == date(2026, 5, 1)


def test_facts_older_than_the_first_wording_are_for_a_person() -> None:
    packs = Packs([load(HEAD + RULE, "house/1")])
    verdict = judge(packs, Facts.of({**FACTS, "purchase_at": "2025-12-31T10:00:00+01:00"}), "HOUSE-1")
    assert verdict.outcome is Outcome.NEEDS_REVIEW
    assert verdict.doubts[0].code == "rule.before_first_version"


def test_two_packs_at_odds_on_one_date_are_reported_and_not_picked_silently() -> None:
    other = HEAD.replace('"house"', '"shop"', 1) + RULE
    assert Packs([load(HEAD + RULE, "a"), load(other, "b")]).conflicts() == ("HOUSE-1",)


def test_only_packs_published_by_the_day_are_in_force() -> None:
    packs = Packs([load(HEAD + RULE, "house/1")])
    assert "HOUSE-1" not in in_force(packs, date(2025, 12, 31))
    assert "HOUSE-1" in in_force(packs, date(2026, 1, 1))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("this is = not toml =", "pack.not_toml"),
        (HEAD + RULE + RULE, "pack.rule_twice"),
        (HEAD + RULE.replace("window =", "windo ="), "pack.unknown_key"),
        (HEAD + RULE.replace("path =", "pth ="), "pack.missing_key"),
        (HEAD + RULE.replace("{start =", "{strt = 1, start ="), "pack.unknown_key"),
        (HEAD + RULE.replace('"7 days"', '"seven days"'), "pack.unknown_step"),
        (HEAD + RULE.replace('"7 days"', '"7 fortnights"'), "pack.unknown_step"),
        (HEAD + RULE.replace('start = "purchase_at"', 'start = "purchase_day"'), "pack.unknown_fact"),
        (HEAD + RULE.replace('kind = "window"', 'kind = "windo"'), "pack.unknown_key"),
        (HEAD + RULE.replace('kind = "window"', 'kind = "window"\nlike = "HOUSE-1"'), "pack.like_goes_round"),
        (HEAD + RULE.replace('kind = "window"', 'kind = "window"\nlike = "HOUSE-2"'), "pack.unknown_rule"),
        (HEAD + RULE + '[[rule.gate]]\nwhen = {colour = "blue"}\nanswer = "no"\ncode = "x.y"\n', "pack.unknown_fact"),
        (HEAD + RULE + '[[rule.gate]]\nwhen = {channel = "pigeon"}\nanswer = "no"\ncode = "x.y"\n', "pack.unreachable_word"),
        (HEAD + RULE + '[[rule.gate]]\nwhen = {channel = "online"}\nanswer = "perhaps"\ncode = "x.y"\n', "pack.unknown_answer"),
        (HEAD + RULE + "[[rule.gate]]\nwhen = {employees = {around = 5}}\nanswer = 'no'\ncode = 'x.y'\n", "pack.unknown_comparison"),
        (HEAD + RULE + "[[rule.gate]]\nwhen = {debit_date = {before = '2026-02-30'}}\nanswer = 'no'\ncode = 'x.y'\n", "pack.no_day"),
        (HEAD + "rule = 3", "pack.wrong_shape"),
        (HEAD.replace('"house"', "5", 1).replace('level = "house"', 'level = "divine"') + RULE, "pack.wrong_shape"),
        ("pack = 'x'", "pack.malformed"),
    ],
)  # fmt: skip
def test_a_malformed_pack_says_where_and_what_to_change(text: str, code: str) -> None:
    with pytest.raises(PackError) as caught:
        load(text, "house/broken.toml")
    assert caught.value.code == code
    assert caught.value.params["file"] == "house/broken.toml"
    assert isinstance(caught.value, CasedeskError)


def codes_of(text: str) -> list[str]:
    return [problem.code for problem in lint_all([("house.toml", text)])]


def test_lint_finds_what_a_reader_would_trip_over() -> None:
    assert codes_of(HEAD + RULE) == []
    assert codes_of(HEAD + RULE.replace(', fr = "Délai"', "")) == ["pack.missing_translation"]
    assert codes_of(HEAD.replace('review_by = "2027-01-01"', "") + RULE) == ["pack.no_review_date"]
    gate = '[[rule.gate]]\nwhen = {channel = "online"}\nanswer = "no"\ncode = "x.y"\n'
    assert codes_of(HEAD + RULE + gate + gate) == ["pack.unreachable_gate"]
    remedy = '[[remedy]]\nid = "r"\nsubjects = ["refund"]\ncode = "c"\nright = "NO-RULE"\n'
    assert codes_of(HEAD + RULE + remedy) == ["pack.unknown_reference"]


def test_lint_runs_the_examples_that_stand_beside_a_rule() -> None:
    example = '[[rule.example]]\nid = "{id}"\neligible = "{eligible}"\nfacts = {{timezone = "Europe/Paris", purchase_at = "2026-05-01T10:00:00+02:00", action_at = "2026-05-09T10:00:00+02:00"}}\n'
    assert codes_of(HEAD + RULE + example.format(id="late", eligible="no")) == []
    assert codes_of(HEAD + RULE + example.format(id="late", eligible="yes")) == ["pack.example_fails"]


def test_ten_thousand_rules_are_read_and_a_hostile_nest_is_refused() -> None:
    many = HEAD + "".join(RULE.replace("HOUSE-1", f"HOUSE-{at}") for at in range(2_000))
    assert len(load(many, "many").rules) == 2_000
    with pytest.raises(PackError):
        load("x = " + "[" * 5_000 + "]" * 5_000, "nest")


def test_a_pack_has_a_digest_of_its_very_text() -> None:
    name = shipped_names()[0]
    assert load(shipped_text(name), name).digest == shipped_pack(name).digest
    assert load(shipped_text(name) + "\n", name).digest != shipped_pack(name).digest


def test_every_rule_of_law_cites_its_source() -> None:
    for name in shipped().ids():
        _pack, rule = shipped().rule(name)
        assert rule.citation.instrument, name
