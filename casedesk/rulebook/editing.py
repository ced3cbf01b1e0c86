"""The table of a rule as a form changes it: numbers, lengths, roll-over, choices, conditions. Pure."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any, NamedTuple

from casedesk.policy.facts import Kind, vocabulary

Where = tuple[str | int, ...]
"""The keys that lead to a value inside the table of a rule."""

_PATHS = ("path", "never", "late", "inside", "reach")
CHOICES: Mapping[str, tuple[str, ...]] = {
    "method": ("full", "none"),
    "by": ("days", "seconds", "months"),
    "answer": ("yes", "no", "review"),
}
UNITS = ("days", "weeks", "months", "business days", "business days with saturdays")
_STARTS = (Kind.INSTANT, Kind.DAY, Kind.MOMENT)


class Leaf(NamedTuple):
    """One value that a form changes. `kind`: step, number, roll, choice, start; `name` is the key it stands under."""

    where: Where
    kind: str
    name: str
    value: Any


def leaves(rule: Mapping[str, Any]) -> list[Leaf]:
    """Everything in the clauses of a rule that a form can change, in the order of the text."""
    found = list(_leaves(rule.get(rule["kind"], {}), (rule["kind"],)))
    for at, case in enumerate(rule.get("case", [])):
        found += _leaves(case.get(case["kind"], {}), ("case", at, case["kind"]))
    return found


def _leaves(written: object, where: Where) -> Iterator[Leaf]:
    name = str(next((key for key in reversed(where) if isinstance(key, str)), ""))
    if isinstance(written, Mapping):
        if name == "start" and list(written) == ["fact"]:
            yield Leaf((*where, "fact"), "start", name, written["fact"])
            return
        for key, inner in written.items():
            yield from _leaves(inner, (*where, str(key)))
    elif isinstance(written, list) and name in _PATHS and all(isinstance(step, str) for step in written):
        for at, step in enumerate(written):
            if step != "roll" and step.split(" ")[0].lstrip("-").isdigit():
                yield Leaf((*where, at), "step", name, step)
        yield Leaf(where, "roll", name, "roll" in written[-1:])
    elif isinstance(written, list):
        for at, inner in enumerate(written):
            yield from _leaves(inner, (*where, at))
    elif isinstance(written, int) and not isinstance(written, bool):
        yield Leaf(where, "number", name, written)
    elif isinstance(written, str) and name == "start" and written in vocabulary():
        yield Leaf(where, "start", name, written)
    elif isinstance(written, str) and written in CHOICES.get(name, ()):
        yield Leaf(where, "choice", name, written)


def starts() -> list[str]:
    """The facts that a period can be counted from."""
    return [name for name, spec in vocabulary().items() if spec.kind in _STARTS]


def with_values(rule: Mapping[str, Any], values: Mapping[Where, Any]) -> dict[str, Any]:
    """The rule with these leaves set; a roll is put last in its path or taken away."""
    changed = deepcopy(dict(rule))
    rolls = {where: value for where, value in values.items() if isinstance(value, bool)}
    for where, value in values.items():
        if where not in rolls:
            _parent(changed, where)[where[-1]] = value
    for where, rolled in rolls.items():
        path = _parent(changed, where)[where[-1]]
        if rolled and path[-1:] != ["roll"]:
            path.append("roll")
        elif not rolled and path[-1:] == ["roll"]:
            path.pop()
    return changed


def _parent(table: Any, where: Where) -> Any:
    for key in where[:-1]:
        table = table[key]
    return table


# --- conditions ----------------------------------------------------------------------------------


def inner_conditions(rule: Mapping[str, Any]) -> list[Where]:
    """Where conditions stand in a rule beside its own gates: those that choose a case, those inside a clause."""
    return [
        where
        for key, written in rule.items()
        if key not in _OWN
        for where in _conditions(written, (str(key),))
    ]


_OWN = ("gate", "exception", "example")


def _conditions(written: object, where: Where) -> Iterator[Where]:
    if where[-1] in ("when", "unless"):
        yield where
    elif isinstance(written, Mapping):
        for key, inner in written.items():
            yield from _conditions(inner, (*where, str(key)))
    elif isinstance(written, list):
        for at, inner in enumerate(written):
            yield from _conditions(inner, (*where, at))


def value_at(rule: Mapping[str, Any], where: Where) -> Any:
    """What stands there."""
    return _parent(rule, where)[where[-1]]


def with_conditions(rule: Mapping[str, Any], conditions: Mapping[Where, Any]) -> dict[str, Any]:
    """The rule with these conditions set."""
    changed = deepcopy(dict(rule))
    for where, when in conditions.items():
        _parent(changed, where)[where[-1]] = when
    return changed


# --- a pack's rules ------------------------------------------------------------------------------


def with_rule(pack: Mapping[str, Any], rule: Mapping[str, Any], *, remedy_when: Any = None) -> dict[str, Any]:
    """The pack with this rule in the place of the one of its id, and the condition of its remedy, where it has one."""
    changed = deepcopy(dict(pack))
    listed = changed.setdefault("rule", [])
    at = next((n for n, one in enumerate(listed) if one["id"] == rule["id"]), None)
    if at is None:
        listed.append(dict(rule))
    else:
        listed[at] = dict(rule)
    for remedy in changed.get("remedy", []):
        if remedy["right"] == rule["id"] and remedy_when is not None:
            if remedy_when:
                remedy["when"] = remedy_when
            else:
                remedy.pop("when", None)
    return changed


def without_rule(pack: Mapping[str, Any], rule_id: str) -> dict[str, Any]:
    """The pack without this rule, and without the remedies that rest on it."""
    changed = deepcopy(dict(pack))
    changed["rule"] = [one for one in changed.get("rule", []) if one["id"] != rule_id]
    changed["remedy"] = [one for one in changed.get("remedy", []) if one["right"] != rule_id]
    for key in ("clocks", "guards"):
        if key in changed:
            changed[key] = [name for name in changed[key] if name != rule_id]
    return changed
