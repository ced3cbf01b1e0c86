"""Packs with one thing wrong: a message with the rule and what to change, or a pack that judges; never anything else."""

import random
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from datetime import UTC, date, datetime
from typing import Any

import pytest

from casedesk.policy.conditions import PackError
from casedesk.policy.evaluate import judge
from casedesk.policy.facts import Facts
from casedesk.policy.lint import lint_all, lint_rule
from casedesk.policy.pack import Packs, load, shipped, shipped_names, shipped_text
from casedesk.policy.remedies import judge_case
from casedesk.rulebook.saying import told
from casedesk.rulebook.tomltext import pack_text
from casedesk.rulebook.wording import error_sentence

HOSTILE: tuple[Any, ...] = (
    "", "x", "\u202e", "never", "none", "roll", "14 fortnights", "-1 days", "0 days", "99999999999 days", "days 14",
    "2026-02-30", "2026-13-01", "0000-00-00", "Mars/Olympus", "XXX", 0, -1, 10**15, 10**400, 1.5, float("inf"), float("nan"),
    True, [], [[]], [{}], {}, {"en": 1}, {"fact": "no_such"}, ["14 days", 3], [["14 days"], "roll"], {"when": {}},
    date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), "consumer", ["consumer"], {"consumer": True},
)  # fmt: skip
FACTS = Facts.of(
    {
        "jurisdiction": "FR",
        "timezone": "Europe/Paris",
        "holiday_calendar": "FR",
        "currency": "EUR",
        "consumer": True,
        "channel": "online",
        "contract_kind": "service",
        "contract_concluded_at": "2026-11-01T10:00:00Z",
        "purchase_at": "2026-11-01T10:00:00Z",
        "action_at": "2026-11-05T10:00:00Z",
        "evaluate_at": "2026-11-05T10:00:00Z",
        "withdrawal_information_given_at": "2026-11-01T10:00:00Z",
        "paid_minor": 47_880,
        "price_minor": 47_880,
        "already_refunded_minor": 0,
        "express_request": True,
        "informed": True,
        "period_days": 365,
        "used_days": 4,
        "renewed": False,
    }
)


def places(value: Any, where: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place inside a table."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield (*where, key)
        yield from places(inner, (*where, key))


def spoiled(table: dict[str, Any], where: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """The table with one value put in another's place."""
    changed = deepcopy(table)
    inside: Any = changed
    for key in where[:-1]:
        inside = inside[key]
    inside[where[-1]] = value
    return changed


@pytest.mark.parametrize("name", [name for name in shipped_names() if "2026" in name])
def test_a_pack_with_one_value_spoiled_is_refused_with_a_sentence_or_judges(name: str) -> None:
    rng, table = random.Random(name), tomllib.loads(shipped_text(name))
    every = [where for where in places(table) if "example" not in where and where[-1] not in ("en", "fr")]
    for where in rng.sample(every, min(10, len(every))):
        value = rng.choice(HOSTILE)
        text = pack_text(spoiled(table, where, value))
        try:
            pack = load(text, "draft.toml")
        except PackError as error:
            for locale in ("en", "fr"):
                said = error_sentence(error, locale)
                assert "draft.toml" in said, (where, value, said)
                assert len(said) < 900
            continue
        packs = Packs([*shipped().packs, pack])
        asked = next((rule for rule in pack.rules if len(where) > 1 and where[0] == "rule" and rule.id == table["rule"][where[1]]["id"]), None)  # fmt: skip
        if asked is not None:
            told(asked, pack, "en")
            for problem in lint_rule(asked, packs):
                assert error_sentence(problem, "fr")
            assert judge(packs, FACTS, asked.id, on=date(2026, 11, 22)).to_canonical()
        assert judge_case(packs, FACTS, "refund", on=date(2026, 11, 22)).to_canonical()


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "[" * 100_000,
        "x = " + "9" * 10_000,
        "x = 0x" + "f" * 10_000,
        "pack = 'a'\npack = 'b'",
        "\x00",
        "rule = 3",
        "[rule]\nid = 'x'",
        "[[rule]]\nid = 'x'",
        "[[rule]]\nkind = 'duty'",
        "level = 'law'",
        "x = 2026-02-30",
    ],
)
def test_hostile_toml_is_refused_with_the_file(text: str) -> None:
    (problem,) = [one for one in lint_all([("mine.toml", text)]) if one.params.get("file") == "mine.toml"]
    for locale in ("en", "fr"):
        said = error_sentence(problem, locale)
        assert "mine.toml" in said
        assert len(said) < 900


def test_rules_that_are_like_each_other_in_a_ring_are_refused() -> None:
    ring = "".join(f'\n[[rule]]\nid = "R{at}"\nlike = "R{(at + 1) % 3}"\n' for at in range(3))
    head = "\n".join(shipped_text(next(iter(shipped_names()))).splitlines()[:0])
    base = 'pack = "ring"\nversion = "2026-01-01"\nlevel = "house"\njurisdiction = "house"\ntitle = {en = "a", fr = "b"}\n'
    with pytest.raises(PackError) as refused:
        load(head + base + ring, "ring.toml")
    assert refused.value.code == "pack.like_goes_round"


def test_a_zone_that_no_machine_knows_is_refused_where_it_is_written() -> None:
    name = next(name for name in shipped_names() if name.startswith("example-refund/"))
    table = tomllib.loads(shipped_text(name))
    rule = next(one for one in table["rule"] if one["kind"] == "requirements")
    place = next(iter(rule["requirements"]["tables"]["zone"]))
    rule["requirements"]["tables"]["zone"][place] = "Mars/Olympus"
    with pytest.raises(PackError) as refused:
        load(pack_text(table), "mine.toml")
    assert "Mars/Olympus" in error_sentence(refused.value, "en")
