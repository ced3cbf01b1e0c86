"""`when` tables of a pack, made into tests over a reading.

    when = {channel = "on_premises"}                     one word
    when = {notice_form = ["newsletter", "invoice"]}     one of these words
    when = {employees = {at_most = 5}}                   below, at_most, at_least, above; not
    when = {evaluate_at = {before = "2026-06-19"}}       local days: before, until, from, after a day or a fact
    when = {supply_begun_at = {no_later_than = "action_at"}}        instants
    when = {evaluate_at = {within_days = 14, of = "contract_concluded_at"}}
    when = [{...}, {...}]                                any of these tables

All entries of one table must hold; they are read in the order in which they are written.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta

from casedesk.kernel.errors import CasedeskError
from casedesk.policy.facts import NEVER, FactSpec, Kind, vocabulary
from casedesk.policy.reading import Reading

Test = Callable[[Reading], bool]


class PackError(CasedeskError):
    """A pack that cannot be used; `params`: file, rule, key, and what to change."""


def condition(written: object) -> Test:
    """The test that a `when` asks for. Raises PackError."""
    if isinstance(written, Mapping):
        return _all_of(written)
    if isinstance(written, Sequence) and not isinstance(written, str) and written:
        tests = [condition(table) for table in written]
        return lambda reading: any(test(reading) for test in tests)
    raise PackError("pack.when_is_no_table", value=repr(written))


def facts_of(written: object) -> list[str]:
    """The names of the facts that a `when` reads."""
    if isinstance(written, Mapping):
        named = list(written)
        for wanted in written.values():
            if isinstance(wanted, Mapping):
                named += [item for item in wanted.values() if isinstance(item, str) and item in vocabulary()]
        return named
    return [name for table in written for name in facts_of(table)] if isinstance(written, list) else []


def _all_of(table: Mapping[str, object]) -> Test:
    tests = [_entry(name, wanted) for name, wanted in table.items()]
    if len(tests) == 1:
        return tests[0]
    return lambda reading: all(test(reading) for test in tests)


def _entry(name: str, wanted: object) -> Test:
    spec = vocabulary().get(name)
    if spec is None:
        raise PackError("pack.unknown_fact", fact=name)
    if isinstance(wanted, Mapping):
        tests = [
            _comparison(spec, str(verb), operand, wanted) for verb, operand in wanted.items() if verb != "of"
        ]
        return tests[0] if len(tests) == 1 else lambda reading: all(test(reading) for test in tests)
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
    if listed is not None and word not in listed:
        raise PackError("pack.unreachable_word", fact=spec.name, value=repr(word))
    return word


def _comparison(spec: FactSpec, verb: str, operand: object, table: Mapping[str, object]) -> Test:
    name = spec.name
    if verb == "not":
        unwanted = _entry(name, operand)
        return lambda reading: not unwanted(reading)
    if verb in _NUMBERS and isinstance(operand, int) and spec.kind in (Kind.COUNT, Kind.MONEY, Kind.SHARE):
        compare = _NUMBERS[verb]
        limit = operand
        return lambda reading: _known(reading, name) and compare(reading.get(name), limit)
    if verb in _DAYS and isinstance(operand, str):
        compare_days, other = _DAYS[verb], _day_reader(operand)
        return lambda reading: _known(reading, name) and compare_days(reading.local(name), other(reading))
    if verb == "no_later_than" and operand in vocabulary():
        act = str(operand)
        return lambda reading: _known(reading, name) and _instant(reading, name) <= _instant(reading, act)
    if verb == "within_days" and isinstance(operand, int) and table.get("of") in vocabulary():
        start, length = str(table["of"]), timedelta(days=operand)
        return lambda reading: reading.local(name) <= reading.local(start) + length
    raise PackError("pack.unknown_comparison", fact=name, key=verb, value=repr(operand))


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
        return lambda reading: reading.local(operand)
    try:
        day = date.fromisoformat(operand if len(operand) == 10 else f"{operand}-01")
    except ValueError:
        raise PackError("pack.no_day", value=operand) from None
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
