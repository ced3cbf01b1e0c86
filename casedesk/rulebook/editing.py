"""The table of a rule as a form changes it: numbers, lengths, roll-over, choices, conditions. Pure."""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from casedesk.policy.facts import FactSpec, Kind, vocabulary

Where = tuple[str | int, ...]
"""The keys that lead to a value inside the table of a rule."""

_PATHS = ("path", "never", "late", "inside", "reach")
CHOICES: Mapping[str, tuple[str, ...]] = {
    "method": ("full", "none"),
    "by": ("days", "seconds", "months"),
    "answer": ("yes", "no", "review"),
}
UNITS = ("days", "weeks", "months", "business days", "business days with saturdays")
VERBS = ("is", "is_not", "at_most", "at_least", "below", "above", "before", "until", "from", "after")
_STARTS = (Kind.INSTANT, Kind.DAY, Kind.MOMENT)


class Leaf(NamedTuple):
    """One value that a form changes. `kind`: step, number, roll, choice, start; `name` is the key it stands under."""

    where: Where
    kind: str
    name: str
    value: Any


@dataclass(frozen=True)
class Entry:
    """One condition: a fact, how it is compared, and with what."""

    fact: str
    verb: str
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


def entries(when: object) -> list[Entry] | None:
    """The conditions of a `when` one by one; None where it says more than a form can show."""
    if not isinstance(when, Mapping):
        return None
    found: list[Entry] = []
    for fact, wanted in when.items():
        if not isinstance(wanted, Mapping):
            found.append(Entry(str(fact), "is", wanted))
            continue
        for verb, operand in wanted.items():
            verb = "is_not" if verb == "not" else str(verb)
            if verb not in VERBS or isinstance(operand, Mapping):
                return None
            found.append(Entry(str(fact), verb, operand))
    return found


def when_of(listed: list[Entry]) -> dict[str, Any]:
    """The `when` that asks for all of these."""
    when: dict[str, Any] = {}
    for one in listed:
        if one.verb == "is":
            when[one.fact] = one.value
        else:
            verb = "not" if one.verb == "is_not" else one.verb
            before = when.get(one.fact)
            when[one.fact] = {**(before if isinstance(before, dict) else {}), verb: one.value}
    return when


def read_value(spec: FactSpec, verb: str, text: str) -> Any:
    """What a person typed, as the value that a pack holds. Raises ValueError where it is none (code in args)."""
    if verb in ("before", "until", "from", "after"):
        return _day_or_fact(text)
    if verb in ("below", "at_most", "at_least", "above"):
        return _number(spec, text)
    words = [_word(spec, part.strip()) for part in text.split(",") if part.strip()]
    if not words:
        raise ValueError("empty")
    return words[0] if len(words) == 1 else words


def _word(spec: FactSpec, text: str) -> Any:
    folded = text.casefold()
    if spec.never and folded in ("never", "jamais"):
        return "never"
    if spec.none and folded in ("none", "aucun", "aucune"):
        return "none"
    if spec.kind is Kind.FLAG or (spec.kind is Kind.ENUMERATION and set(spec.values) <= {True, False}):
        return _flag(folded)
    if spec.kind is Kind.ENUMERATION:
        for value in spec.values:
            key = str(value).lower() if isinstance(value, bool) else str(value)
            labels = [label.casefold() for label in spec.value_labels.get(key, {}).values()]
            if folded in (key.casefold(), key.replace("_", " ").casefold(), *labels):
                return value
        raise ValueError("word")
    if spec.kind in (Kind.COUNT, Kind.MONEY, Kind.SHARE):
        return _number(spec, text)
    return text


def _flag(folded: str) -> bool:
    if folded in ("yes", "oui", "true"):
        return True
    if folded in ("no", "non", "false"):
        return False
    raise ValueError("flag")


def _number(spec: FactSpec, text: str) -> int:
    plain = text.replace("\u00a0", "").replace("\u202f", "").replace(" ", "")
    if spec.kind not in (Kind.COUNT, Kind.MONEY, Kind.SHARE) or not plain.isascii() or not plain.isdigit():
        raise ValueError("number")
    number = int(plain[:19])
    if not spec.minimum <= number <= spec.maximum:
        raise ValueError("number")
    return number


def _day_or_fact(text: str) -> str:
    if text in vocabulary():
        return text
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("day") from None


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
