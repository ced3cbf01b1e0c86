"""The values of an unknown fact that a rule can tell apart: tried in turn where the fact is missing.

For words all of them, for numbers those around the numbers that the rule names, for days and instants
those around the known days, moved by the lengths that the rule names.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from typing import Any

from casedesk.kernel.calendar import FIRST_YEAR, LAST_YEAR, add_months, local_day
from casedesk.policy.facts import NEVER, FactSpec, Kind, read_fact, vocabulary
from casedesk.policy.pack import Rule

_BEGINNING, _END = date(FIRST_YEAR, 1, 3), date(LAST_YEAR - 1, 11, 30)
_LADDER = (
    0,
    1,
    2,
    3,
    5,
    6,
    10,
    12,
    14,
    24,
    30,
    60,
    90,
    120,
    180,
    365,
    540,
    1000,
    10**4,
    10**6,
    10**9,
    10**12,
)


def probes(name: str, rule: Rule, known: Mapping[str, object], *, rough: bool = False) -> list[object]:
    """The values of an unknown fact that a rule may tell apart; with `rough` a few that lie far apart."""
    spec = vocabulary()[name]
    values: list[object] = [NEVER] if spec.never or spec.none else []
    values += [read_fact(name, value) for value in spec.probes]
    values += _by_kind(spec, rule, known, rough=rough)
    distinct = list({repr(value): value for value in values if value is not None}.values())
    return distinct or [NEVER]


def _by_kind(spec: FactSpec, rule: Rule, known: Mapping[str, object], *, rough: bool) -> list[Any]:
    if spec.kind is Kind.FLAG:
        return [True, False]
    if spec.kind is Kind.ENUMERATION:
        return list(spec.values)
    if spec.kind in (Kind.COUNT, Kind.MONEY):
        return [
            number for number in _numbers(rule, known, rough=rough) if spec.minimum <= number <= spec.maximum
        ]
    if spec.kind is Kind.SHARE:
        return [Fraction(number) for number in _numbers(rule, known, rough=rough) if 0 <= number <= 100]
    if spec.kind is Kind.MONTH:
        return [day.replace(day=1) for day in _days(rule, known, rough=rough)]
    if spec.kind in (Kind.DAY, Kind.MOMENT):
        return list(_days(rule, known, rough=rough))
    if spec.kind is Kind.INSTANT:
        instants = list(_instants(rule, known, rough=rough))
        return [(instant,) for instant in instants] if spec.many else instants
    if spec.kind is Kind.DECIMAL:
        return ["1", "1.00001"]
    if spec.kind is Kind.COUNTS:
        return [(1,), (1, 2)]
    return []


def _numbers(rule: Rule, known: Mapping[str, object], *, rough: bool) -> list[int]:
    """A ladder of sizes, and what lies around the numbers of the rule and of the known facts."""
    if rough:
        return list(_LADDER[::4])
    named = set(rule.numbers)
    named |= {value for value in known.values() if isinstance(value, int) and not isinstance(value, bool)}
    return sorted({near for number in named for near in (number - 1, number, number + 1)} | set(_LADDER))


def _days(rule: Rule, known: Mapping[str, object], *, rough: bool) -> list[date]:
    """Days around the known ones and around the rule's own, moved by the lengths that the rule names."""
    zone = str(known.get("timezone", "UTC"))
    bases = {
        _day_of(value, zone) for name, value in known.items() if name in rule.reads for value in _each(value)
    }
    if rough:
        return sorted({_BEGINNING, _END, *rule.days, *(base for base in bases if base is not None)})
    lengths = _lengths(rule, known)
    around = {day for base in bases if base is not None for day in _moved(base, lengths)}
    around |= set(rule.days)
    days = {day + timedelta(days=shift) for day in around for shift in (-1, 0, 1)} | {_BEGINNING, _END}
    return sorted(day for day in days if _BEGINNING <= day <= _END)


def _each(value: object) -> Iterable[object]:
    return value if isinstance(value, tuple) else (value,)


def _day_of(value: object, zone: str) -> date | None:
    if isinstance(value, datetime):
        return local_day(value, zone)
    return value if isinstance(value, date) else None


def _moved(base: date, lengths: list[tuple[int, int]]) -> set[date]:
    """`base`, and `base` moved by each length of the rule, and by two of them, both ways."""
    moves = [move for move in lengths if move != (0, 0)]
    moves += [
        (first[0] + second[0], first[1] + second[1]) for first in moves for second in moves if first < second
    ]
    found = {base}
    for months, days in moves:
        for sign in (1, -1):
            try:
                found.add(add_months(base, sign * months) + timedelta(days=sign * days))
            except (OverflowError, ValueError):
                continue
    return found


def _lengths(rule: Rule, known: Mapping[str, object]) -> list[tuple[int, int]]:
    """(months, days) of every length that the rule's tables and the known facts name."""
    found = set()
    for key, text in _texts(rule.table):
        number, _, unit = str(text).partition(" ")
        written = str(known.get(number, number))
        if not written.lstrip("-").isdigit():
            continue
        count = int(written)
        if unit == "months" or key.endswith("months"):
            found.add((count, 0))
        elif unit in ("days", "weeks"):
            found.add((0, count * (7 if unit == "weeks" else 1)))
        elif unit.startswith("business"):
            found.add((0, count + 2 * (count // 5 + 1)))
        elif key in _DAY_KEYS:
            found.add((0, count))
    for name in rule.reads:
        value = known.get(name)
        if name.endswith("_months") and isinstance(value, int):
            found.add((min(value, 1200), 0))
    return sorted(found)


_DAY_KEYS = frozenset({"at_least", "at_most", "within_days"})


def _texts(value: object, key: str = "") -> Iterable[tuple[str, object]]:
    """Every text and number inside a table, with the key that it stands under."""
    if isinstance(value, (str, int)):
        yield key, value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _texts(item, str(name))
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, key)


def _instants(rule: Rule, known: Mapping[str, object], *, rough: bool) -> Iterable[datetime]:
    """Noon of the days that may matter, and the known instants themselves with their neighbours."""
    for day in _days(rule, known, rough=rough):
        yield datetime.combine(day, time(12), tzinfo=UTC)
    if rough:
        return
    for name, value in known.items():
        if name in rule.reads and isinstance(value, datetime):
            yield from (value - timedelta(seconds=1), value, value + timedelta(seconds=1))
