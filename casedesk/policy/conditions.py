"""`when` tables of a pack, made into tests over a reading.

    when = {channel = "on_premises"}                     one word
    when = {notice_form = ["newsletter", "invoice"]}     one of these words
    when = {employees = {at_most = 5}}                   below, at_most, at_least, above; not
    when = {evaluate_at = {before = "2026-06-19"}}       local days: before, until, from, after a day or a fact
    when = {supply_begun_at = {no_later_than = "action_at"}}        instants
    when = {evaluate_at = {within_days = 14, of = "contract_concluded_at"}}
    when = [{...}, {...}]                                any of these tables
    when = {any = [{...}, {...}], none = [{...}]}        inside a table: any of these, all of these, none of these

All entries of one table must hold; they are read in the order in which they are written.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta

from casedesk.kernel.errors import CasedeskError
from casedesk.policy.facts import NEVER, FactError, FactSpec, Kind, read_fact, shown, vocabulary
from casedesk.policy.reading import Reading

Test = Callable[[Reading], bool]

GROUPS = ("all", "any", "none")
"""Keys of a table that hold tables of their own; no fact is called so (a test looks)."""

MOST_DEPTH = 8
DAYS = frozenset({Kind.INSTANT, Kind.DAY, Kind.MOMENT, Kind.MONTH})
NUMBERS = frozenset({Kind.COUNT, Kind.MONEY, Kind.SHARE})


class PackError(CasedeskError):
    """A pack that cannot be used; `params`: file, rule, key, and what to change."""


def condition(written: object, depth: int = 0) -> Test:
    """The test that a `when` asks for. Raises PackError."""
    if depth > MOST_DEPTH:
        raise PackError("pack.when_too_deep", value=MOST_DEPTH)
    if isinstance(written, Mapping) and written:
        return _all_of(written, depth)
    if isinstance(written, Sequence) and not isinstance(written, str) and written:
        return _any(_each(written, depth))
    raise PackError("pack.when_is_no_table", value=shown(written))


def facts_of(written: object) -> list[str]:
    """The names of the facts that a `when` reads."""
    if isinstance(written, list):
        return [name for table in written for name in facts_of(table)]
    if not isinstance(written, Mapping):
        return []
    named: list[str] = []
    for name, wanted in written.items():
        if name in GROUPS:
            named += facts_of(wanted)
            continue
        named.append(name)
        named += _compared_with(wanted)
    return named


def _compared_with(wanted: object) -> list[str]:
    """The other facts that a comparison names."""
    if not isinstance(wanted, Mapping):
        return []
    others = [item for item in wanted.values() if isinstance(item, str) and item in vocabulary()]
    return others + _compared_with(wanted.get("not"))


def _each(written: object, depth: int) -> list[Test]:
    """The tests of a list of tables. Raises PackError where it is none."""
    if not isinstance(written, list) or not written:
        raise PackError("pack.when_is_no_table", value=shown(written))
    return [condition(table, depth + 1) for table in written]


def _any(tests: list[Test]) -> Test:
    return lambda reading: any(test(reading) for test in tests)


def _all(tests: list[Test]) -> Test:
    return tests[0] if len(tests) == 1 else lambda reading: all(test(reading) for test in tests)


def _none(tests: list[Test]) -> Test:
    return lambda reading: not any(test(reading) for test in tests)


_JOINED: dict[str, Callable[[list[Test]], Test]] = {"all": _all, "any": _any, "none": _none}


def _all_of(table: Mapping[str, object], depth: int) -> Test:
    return _all(
        [
            _JOINED[name](_each(wanted, depth)) if name in _JOINED else _entry(name, wanted)
            for name, wanted in table.items()
        ]
    )


def _entry(name: str, wanted: object) -> Test:
    spec = vocabulary().get(name)
    if spec is None:
        raise PackError("pack.unknown_fact", fact=name)
    if isinstance(wanted, Mapping):
        tests = [
            _comparison(spec, str(verb), operand, wanted) for verb, operand in wanted.items() if verb != "of"
        ]
        if not tests:
            raise PackError("pack.when_is_no_table", value=shown(wanted))
        return _all(tests)
    words = wanted if isinstance(wanted, list) else [wanted]
    values = [_value(spec, word) for word in words]
    if spec.kind is Kind.ENUMERATION:
        return lambda reading: reading.word(name) in values
    return lambda reading: reading.get(name) in values


def _value(spec: FactSpec, word: object) -> object:
    """A word of a `when` as the typed value it stands for. Raises PackError where it can never be met."""
    if (word == "never" and spec.never) or (word == "none" and spec.none):
        return NEVER
    listed = {Kind.ENUMERATION: spec.values, Kind.FLAG: (True, False)}.get(spec.kind)
    if listed is not None and not any(word == one and type(word) is type(one) for one in listed):
        raise PackError("pack.unreachable_word", fact=spec.name, value=shown(word))
    try:
        value = read_fact(spec.name, word)
    except FactError:
        value = None
    if value is None:
        raise PackError("pack.unreachable_word", fact=spec.name, value=shown(word))
    return value


def _comparison(spec: FactSpec, verb: str, operand: object, table: Mapping[str, object]) -> Test:
    name = spec.name
    if verb == "not":
        unwanted = _entry(name, operand)
        return lambda reading: not unwanted(reading)
    if verb in _NUMBERS and spec.kind in NUMBERS and type(operand) is int:
        compare = _NUMBERS[verb]
        limit = operand
        return lambda reading: _known(reading, name) and compare(reading.get(name), limit)
    if verb in _DAYS and _has_day(name) and isinstance(operand, str):
        compare_days, other = _DAYS[verb], _day_reader(operand)
        return lambda reading: _known(reading, name) and compare_days(reading.local(name), other(reading))
    if verb == "no_later_than" and _is_instant(name) and _is_instant(operand):
        act = str(operand)
        return lambda reading: _known(reading, name) and _instant(reading, name) <= _instant(reading, act)
    if verb == "within_days" and _has_day(name) and type(operand) is int and _has_day(table.get("of")):
        if not 0 <= operand <= MOST_DAYS:
            raise PackError("pack.unknown_comparison", fact=name, key=verb, value=shown(operand))
        start, length = str(table["of"]), timedelta(days=operand)
        return lambda reading: reading.local(name) <= reading.local(start) + length
    raise PackError("pack.unknown_comparison", fact=name, key=verb, value=shown(operand))


MOST_DAYS = 36_600


def _has_day(name: object) -> bool:
    """Is this a fact that falls on one day?"""
    spec = vocabulary().get(name) if isinstance(name, str) else None
    return spec is not None and spec.kind in DAYS and not spec.many


def _is_instant(name: object) -> bool:
    spec = vocabulary().get(name) if isinstance(name, str) else None
    return spec is not None and spec.kind is Kind.INSTANT and not spec.many


def _known(reading: Reading, name: str) -> bool:
    """Is there a value to compare? What never happened lies on no side of a limit."""
    return reading.get(name) is not NEVER


def _instant(reading: Reading, name: str) -> datetime:
    value = reading.happened(name)
    if not isinstance(value, datetime):
        raise PackError("pack.no_instant", fact=name)
    return value


def _day_reader(operand: str) -> Callable[[Reading], date]:
    """A day written in the pack, or the local day of another fact."""
    if operand in vocabulary():
        if not _has_day(operand):
            raise PackError("pack.no_day", value=operand)
        return lambda reading: reading.local(operand)
    try:
        day = date.fromisoformat(operand if len(operand) == 10 else f"{operand}-01")
    except ValueError:
        raise PackError("pack.no_day", value=operand[:80]) from None
    return lambda _reading: day


_NUMBERS: dict[str, Callable[[int, int], bool]] = {
    "below": lambda value, limit: value < limit,
    "at_most": lambda value, limit: value <= limit,
    "at_least": lambda value, limit: value >= limit,
    "above": lambda value, limit: value > limit,
}
_DAYS: dict[str, Callable[[date, date], bool]] = {
    "before": lambda day, limit: day < limit,
    "until": lambda day, limit: day <= limit,
    "from": lambda day, limit: day >= limit,
    "after": lambda day, limit: day > limit,
}
