"""A rule as a form changes it: what can be changed is found, what is changed is written, nothing else moves."""

import tomllib
from typing import Any

import pytest

from casedesk.policy.pack import load, shipped
from casedesk.rulebook import comparing, editing, rules
from casedesk.rulebook.tomltext import pack_text

PACKS = shipped().packs


def table(name: str) -> dict[str, Any]:
    return tomllib.loads(next(pack for pack in PACKS if pack.id == name).toml)


@pytest.mark.parametrize("pack", PACKS, ids=[pack.id for pack in PACKS])
def test_a_pack_written_back_is_the_same_pack(pack: Any) -> None:
    written = pack_text(tomllib.loads(pack.toml))
    assert tomllib.loads(written) == tomllib.loads(pack.toml)
    assert pack_text(tomllib.loads(written)) == written


@pytest.mark.parametrize("pack", PACKS, ids=[pack.id for pack in PACKS])
def test_a_form_that_changes_nothing_leaves_every_rule_as_it_was(pack: Any) -> None:
    for rule in pack.rules:
        values = {leaf.where: leaf.value for leaf in editing.leaves(rule.table)}
        assert editing.with_values(rule.table, values) == rule.table


def test_a_length_and_the_move_to_a_working_day_change_apart() -> None:
    rule = next(rule for pack in PACKS for rule in pack.rules if rule.id == "FR-WD-14")
    where = ("window", "path")
    longer = editing.with_values(rule.table, {(*where, 0): "21 days", where: False})
    assert longer["window"]["path"] == ["21 days"]
    assert editing.with_values(longer, {where: True})["window"]["path"] == ["21 days", "roll"]
    assert rule.table["window"]["path"] == ["14 days", "roll"]


def test_a_rule_that_goes_takes_its_remedy_with_it() -> None:
    changed = editing.without_rule(table("contract"), "CONTRACT-NOTICE-MONTHS")
    assert all(one["right"] != "CONTRACT-NOTICE-MONTHS" for one in changed["remedy"])
    load(pack_text(changed), "contract")


def test_conditions_of_a_remedy_are_written_and_dropped() -> None:
    rule = next(one for one in table("contract")["rule"] if one["id"] == "CONTRACT-NOTICE-MONTHS")
    changed = editing.with_rule(table("contract"), rule, remedy_when={"renewed": True})
    assert [one.get("when") for one in changed["remedy"]] == [None, {"renewed": True}]
    assert editing.with_rule(changed, rule, remedy_when={}) == table("contract")


def test_versions_of_one_day_follow_each_other() -> None:
    from datetime import date

    day = date(2026, 11, 24)
    first = rules.next_version(day, ["2026-01-01"])
    second = rules.next_version(day, ["2026-01-01", first])
    third = rules.next_version(day, [first, second])
    assert (
        [first, second, third]
        == ["2026-11-24", "2026-11-24.02", "2026-11-24.03"]
        == sorted([first, second, third])
    )
    assert rules.next_version(day, ["2027-01-01"]) == "2027-01-01.02"


def test_the_sentence_shows_what_went_and_what_came() -> None:
    from casedesk.rulebook.saying import Piece

    old, new = (Piece("within "), Piece("14 days", True)), (Piece("within "), Piece("21 days", True))
    told = comparing.sentences(old, new)
    assert [(one.text, one.change) for one in told] == [
        ("within ", ""), ("14", "del"), ("21", "ins"), (" days", ""),
    ]  # fmt: skip
