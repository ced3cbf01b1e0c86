"""What shape each key of a pack has, looked at before anything is made of it: text, texts, day, list, table.

A pack that comes through may still say what no rule can hold; then its clause says so. Nothing here knows a clause.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from casedesk.policy.conditions import PackError
from casedesk.policy.facts import shown

Check = Callable[[object], bool]
MOST_DEPTH = 24


def _text(value: object) -> bool:
    return isinstance(value, str)


def _name(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 120 and value.isprintable()


def _texts(value: object) -> bool:
    return isinstance(value, Mapping) and all(isinstance(one, str) for one in value.values())


def _names(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _tables(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(one, Mapping) for one in value)


def _table(value: object) -> bool:
    return isinstance(value, Mapping)


def _truth(value: object) -> bool:
    return isinstance(value, bool)


def _day(value: object) -> bool:
    if type(value) is date:
        return True
    try:
        return isinstance(value, str) and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _version(value: object) -> bool:
    """A day, and where there are several of one day a number behind it."""
    return isinstance(value, str) and _day(value[:10]) and (value[10:] == "" or value[10:11] == ".")


PACK: Mapping[str, tuple[Check, str]] = {
    "pack": (_name, "name"),
    "version": (_version, "day"),
    "level": (_name, "name"),
    "jurisdiction": (_name, "name"),
    "calendar": (_text, "text"),
    "review_by": (_day, "day"),
    "title": (_texts, "texts"),
    "notice": (_texts, "texts"),
    "rule": (_tables, "tables"),
    "remedy": (_tables, "tables"),
    "calendars_by_jurisdiction": (_texts, "texts"),
    "clocks": (_names, "names"),
    "guards": (_names, "names"),
    "example_only": (_truth, "truth"),
}
RULE: Mapping[str, tuple[Check, str]] = {
    "id": (_name, "name"),
    "kind": (_name, "name"),
    "like": (_name, "name"),
    "title": (_texts, "texts"),
    "question": (_texts, "texts"),
    "explain": (_texts, "texts"),
    "citation": (_texts, "texts"),
    "effective": (_table, "table"),
    "subjects": (_names, "names"),
    "confidence": (_text, "text"),
    "verified": (_text, "text"),
    "level": (_name, "name"),
    "gate": (_tables, "tables"),
    "exception": (_tables, "tables"),
    "case": (_tables, "tables"),
    "suspended": (_tables, "tables"),
    "example": (_tables, "tables"),
    "amounts": (_names, "names"),
    "pays_all": (_table, "table"),
    "product_only": (_truth, "truth"),
    "review_by": (_day, "day"),
}
REMEDY: Mapping[str, tuple[Check, str]] = {
    **dict.fromkeys(("id", "right", "code"), (_name, "name")),
    **dict.fromkeys(("amount", "obligation", "whole", "end", "on_record", "window"), (_text, "text")),
    **dict.fromkeys(("subjects", "but_not", "fells"), (_names, "names")),
    "instead": (_texts, "texts"),
}


def look(table: Mapping[str, Any]) -> None:
    """Raises PackError for the first value of a pack that has not the shape of its key."""
    _no_fractions(table)
    _of(table, PACK, rule="")
    for entry in table.get("rule", []):
        _of(entry, RULE, rule=_id(entry))
    for entry in table.get("remedy", []):
        _of(entry, REMEDY, rule=_id(entry))


def _id(entry: Mapping[str, Any]) -> str:
    name = entry.get("id", "")
    return name if _name(name) else ""


def _of(table: Mapping[str, Any], shapes: Mapping[str, tuple[Check, str]], *, rule: str) -> None:
    for key, value in table.items():
        check, expected = shapes.get(key, (None, ""))
        if check is not None and not check(value):
            raise PackError("pack.wrong_shape", rule=rule, key=key, value=shown(value), expected=expected)


def _no_fractions(table: Mapping[str, Any]) -> None:
    """Amounts and numbers of days are whole; and nothing is nested without end."""
    waiting: list[tuple[object, str, int]] = [(table, "", 0)]
    while waiting:
        value, key, depth = waiting.pop()
        if isinstance(value, float):
            raise PackError("pack.wrong_shape", rule="", key=key, value=shown(value), expected="whole")
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) > _LARGEST:
            raise PackError("pack.wrong_shape", rule="", key=key, value=shown(value), expected="whole")
        if depth > MOST_DEPTH:
            raise PackError("pack.when_too_deep", rule="", value=MOST_DEPTH)
        if isinstance(value, Mapping):
            waiting += [(inner, str(name), depth + 1) for name, inner in value.items()]
        elif isinstance(value, list):
            waiting += [(inner, key, depth + 1) for inner in value]


_LARGEST = 10**12
