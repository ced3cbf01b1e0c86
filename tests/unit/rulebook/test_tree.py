"""Conditions as trees: each `when` of a pack has one, each tree has a `when` that asks for the same."""

import tomllib
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from casedesk.policy.conditions import GROUPS, PackError, condition, facts_of
from casedesk.policy.facts import NEVER, vocabulary
from casedesk.policy.pack import load, shipped
from casedesk.policy.reading import Reading
from casedesk.rulebook import editing
from casedesk.rulebook.saying import condition as told
from casedesk.rulebook.tree import Compared, Group, Part, normal, opposite, tree, when_of

SOME = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
LEAVES: list[Part] = [
    Compared("consumer", "is", True),
    Compared("consumer", "is_not", ["non_professionnel", False]),
    Compared("employees", "at_most", 5),
    Compared("employees", "at_least", 2),
    Compared("employees", "is", [3, 7]),
    Compared("notice_months", "above", 1),
    Compared("contract_refund_window_days", "is", "none"),
    Compared("renewed", "is", False),
    Compared("purchase_date", "before", "2026-06-19"),
    Compared("purchase_date", "from", "commitment_start"),
    Compared("purchase_date", "within_days", 14, "commitment_start"),
    Compared("purchase_date", "is", "2026-06-18"),
]
TREES = st.recursive(
    st.sampled_from(LEAVES),
    lambda inner: st.builds(
        lambda how, parts: Group(how, tuple(parts)),
        st.sampled_from(GROUPS),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=7,
).map(lambda part: part if isinstance(part, Group) else Group("all", (part,)))
KNOWN = st.fixed_dictionaries(
    {
        "consumer": st.sampled_from([True, False, "non_professionnel"]),
        "employees": st.integers(0, 8),
        "notice_months": st.integers(0, 2),
        "contract_refund_window_days": st.sampled_from([NEVER, 14]),
        "renewed": st.booleans(),
        "purchase_date": st.dates(date(2026, 6, 1), date(2026, 6, 30)),
        "commitment_start": st.dates(date(2026, 6, 1), date(2026, 6, 30)),
    }
)


def conditions() -> Iterator[Any]:
    for pack in shipped().packs:
        for entry in [*tomllib.loads(pack.toml).get("remedy", []), *(rule.table for rule in pack.rules)]:
            listed = [*entry.get("gate", []), *entry.get("exception", []), *entry.get("case", []), entry]
            yield from (one["when"] for one in listed if "when" in one)
            yield from (
                editing.value_at(entry, where) for where in editing.inner_conditions(entry) if "kind" in entry
            )


def holds(part: Part, known: dict[str, Any]) -> bool:
    """By plain words, beside the compiled tests."""
    if isinstance(part, Group):
        found = [holds(one, known) for one in part.parts]
        return {"all": all(found), "any": any(found), "none": not any(found)}[part.how]
    return bool(condition({part.fact: _alone(part)})(Reading(known)))


def _alone(part: Compared) -> Any:
    if part.verb == "is":
        return part.value
    if part.verb == "is_not":
        return {"not": part.value}
    return {part.verb: part.value, **({"of": part.of} if part.of else {})}


def test_no_fact_is_called_as_a_group() -> None:
    assert not set(GROUPS) & set(vocabulary())


def test_every_condition_of_the_packs_is_written_back_as_it_was() -> None:
    every = list(conditions())
    assert len(every) > 100
    for when in every:
        assert when_of(tree(when)) == when
        assert normal(opposite(opposite(tree(when)))) == tree(when)


@given(found=TREES, known=KNOWN)
@SOME
def test_a_tree_and_its_when_ask_for_the_same(found: Group, known: dict[str, Any]) -> None:
    when = when_of(found)
    assert condition(when)(Reading(known)) == holds(found, known)
    assert condition(when_of(opposite(found)))(Reading(known)) != holds(found, known)
    assert normal(normal(found)) == normal(found)
    assert set(facts_of(when)) >= {one.fact for one in _leaves(found)}
    for locale in ("en", "fr"):
        assert told(when, locale)


def _leaves(part: Part) -> Iterator[Compared]:
    if isinstance(part, Compared):
        yield part
    else:
        for one in part.parts:
            yield from _leaves(one)


@pytest.mark.parametrize(
    ("when", "code"),
    [
        ({}, "pack.when_is_no_table"),
        ([], "pack.when_is_no_table"),
        ("renewed", "pack.when_is_no_table"),
        ({"any": []}, "pack.when_is_no_table"),
        ({"any": {"renewed": True}}, "pack.when_is_no_table"),
        ({"renewed": {}}, "pack.when_is_no_table"),
        ({"renewed": 1}, "pack.unreachable_word"),
        ({"employees": "five"}, "pack.unreachable_word"),
        ({"purchase_date": "2026-02-30"}, "pack.unreachable_word"),
        ({"employees": {"at_most": True}}, "pack.unknown_comparison"),
        ({"consumer": {"before": "2026-01-01"}}, "pack.unknown_comparison"),
        ({"purchase_date": {"before": "consumer"}}, "pack.no_day"),
        ({"purchase_date": {"before": "2026-02-30"}}, "pack.no_day"),
        ({"purchase_date": {"within_days": 10**15, "of": "commitment_start"}}, "pack.unknown_comparison"),
        ({"purchase_date": {"within_days": 14, "of": "consumer"}}, "pack.unknown_comparison"),
        ({"purchase_date": {"no_later_than": "action_at"}}, "pack.unknown_comparison"),
        ({"goods_received_at": {"before": "2026-01-01"}}, "pack.unknown_comparison"),
        ({"no_such": True}, "pack.unknown_fact"),
    ],
)
def test_a_condition_that_can_never_be_judged_is_refused(when: Any, code: str) -> None:
    with pytest.raises(PackError) as refused:
        condition(when)
    assert refused.value.code == code


def test_a_condition_that_stands_too_deep_is_refused() -> None:
    when: Any = {"renewed": True}
    for _ in range(40):
        when = {"none": [when]}
    with pytest.raises(PackError) as refused:
        condition(when)
    assert refused.value.code == "pack.when_too_deep"


def test_facts_inside_groups_are_facts_that_the_rule_reads() -> None:
    text = next(pack for pack in shipped().packs if pack.id == "contract").toml
    rule = """
[[rule]]
id = "X-GROUPS"
kind = "duty"
title = {en = "a", fr = "b"}
duty = {answer = "yes", code = "duty.applies"}
[[rule.gate]]
when = {none = [{sector = "gym"}, {all = [{employees = {at_most = 5}}, {any = [{court_seized = true}, {impact = "minor"}]}]}]}
answer = "no"
code = "house.no"
"""
    found = next(one for one in load(text + rule, "x").rules if one.id == "X-GROUPS")
    assert {"sector", "employees", "court_seized", "impact"} <= set(found.reads)
