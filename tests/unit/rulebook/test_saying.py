"""Every shipped rule reads as a sentence in both languages, and what it says follows its numbers."""

import re
from datetime import date

import pytest

from casedesk.policy.pack import Pack, Rule, load, shipped
from casedesk.rulebook import editing, house
from casedesk.rulebook.saying import plain, told
from casedesk.rulebook.tomltext import pack_text

RULES = [(pack, rule) for pack in shipped().packs for rule in pack.rules]


@pytest.mark.parametrize(("pack", "rule"), RULES, ids=[rule.id for _, rule in RULES])
@pytest.mark.parametrize("locale", ["en", "fr"])
def test_every_shipped_rule_has_a_sentence(pack: Pack, rule: Rule, locale: str) -> None:
    spoken = told(rule, pack, locale)
    text = plain(spoken.say)
    assert text.endswith(".")
    assert len(text) > 15
    assert not re.search(r"[{}\[\]]|\*\*|None|_", text), text
    for line in spoken.conditions:
        assert not re.search(r"[{}\[\]]|\*\*|None", plain(line)), plain(line)
    assert spoken.counts
    assert spoken.force
    gates = [*rule.table.get("gate", []), *rule.table.get("exception", [])]
    assert len(spoken.conditions) == len(gates)


@pytest.mark.parametrize(("pack", "rule"), RULES, ids=[rule.id for _, rule in RULES])
def test_every_number_of_days_stands_in_the_sentence(pack: Pack, rule: Rule) -> None:
    steps = [
        leaf.value.split(" ")[0]
        for leaf in editing.leaves(rule.table)
        if leaf.kind == "step" and leaf.name == "path"
    ]
    text = plain(told(rule, pack, "en").say)
    assert [step for step in steps if not re.search(rf"\b{step.lstrip('-')}\b", text)] == []


def test_french_keeps_its_spaces_together() -> None:
    for pack, rule in RULES:
        assert not re.search(r" [;:!?»]|« ", plain(told(rule, pack, "fr").say)), rule.id


def test_the_numbers_are_emphasised() -> None:
    pack, rule = next((p, r) for p, r in RULES if r.id == "FR-WD-14")
    strong = [piece.text for piece in told(rule, pack, "en").say if piece.strong]
    assert strong[0] == "14\u00a0days"


def test_a_rule_of_the_house_says_for_whom_how_long_and_what_comes_back() -> None:
    new = house.NewRule(
        "HOUSE-RENEWAL-14", {"en": "Window", "fr": "Délai"}, "window", "full", "renewed_at", 14
    )
    table = house.with_new_rule(house.beginning("2026-01-01", "2027-01-01"), new)
    table["remedy"][0]["when"] = {"renewed": True}
    pack = load(pack_text(table), "house")
    rule = next(one for one in pack.rules if one.id == new.id)
    assert plain(told(rule, pack, "en").say) == (
        "Where “Tacitly renewed” is yes: the customer may act for 14\u00a0days from “Renewed”; everything that was paid comes back."
    )
    assert plain(told(rule, pack, "fr").say) == (
        "Lorsque «\u00a0Tacitement reconduit\u00a0»\u00a0: oui\u00a0: le client peut agir pendant 14\u00a0jours à compter de «\u00a0Reconduit\u00a0»\u00a0; tout ce qui a été payé est rendu."
    )


def test_the_force_names_the_day_and_the_fact_it_attaches_to() -> None:
    pack, rule = next((p, r) for p, r in RULES if r.id == "FR-WD-14")
    assert rule.effective_from == date(2014, 6, 13)
    assert (
        told(rule, pack, "en").force
        == "for cases whose “Contract concluded” lies in it, from 13 Jun 2014, no end"
    )
