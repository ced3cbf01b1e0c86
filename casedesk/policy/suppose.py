"""What would each answer to an unknown fact change? By trying: the values that the rule can tell apart.

A rule is judged on complete facts. Where it reads an unknown one, every value that may matter is
supposed in turn: for words all of them, for numbers those around the numbers that the rule names, for
days and instants those around the known days, moved by the lengths that the rule names. A fact is
missing if some value of it changes answer or amount; it is merely unknown if none does.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from itertools import product
from math import prod
from typing import Any

from casedesk.kernel.calendar import FIRST_YEAR, LAST_YEAR, add_months, local_day
from casedesk.policy.facts import NEVER, FactSpec, Kind, read_fact, vocabulary
from casedesk.policy.pack import Rule
from casedesk.policy.reading import REVIEW, Answer, CalendarSource, Needs, Open, Reading, review

MOST_COMBINATIONS = 4096
AMOUNT_KEYS = ("refundable_minor", "retained_minor", "surcharge_minor", "amount_minor", "allocation_minor")


@dataclass(slots=True)
class Judged:
    """What a rule answers on facts that may have gaps."""

    rule: Rule
    answer: Answer | None  # None: facts are missing
    keys: dict[str, object]
    missing: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    seen: Mapping[str, object] = field(default_factory=dict)
    doubts: tuple[str, ...] = ()
    outcomes: tuple[tuple[str, object, Answer], ...] = ()  # (fact, value, answer) for a single missing fact
    may_matter: bool = False


def judge_rule(rule: Rule, known: Mapping[str, object], calendars: CalendarSource) -> Judged:
    """The answer of `rule`, with what is missing. Never raises on facts."""
    default = rule.calendar or rule.calendars.get(str(known.get("jurisdiction")), "")
    reading = Reading(known, calendar_default=default, source=calendars)
    try:
        answer = _answer(rule, reading)
    except Needs as needs:
        return _explore(rule, known, calendars, default, needs.fact, reading)
    return _settled(rule, answer, reading)


def _answer(rule: Rule, reading: Reading) -> Answer:
    """The rule's answer; a point that is open becomes a review. Raises Needs."""
    try:
        return rule.judge(reading)
    except Needs:
        raise
    except Open as opened:
        answer = review(opened.code, **opened.params)
        answer.always = rule.always_keys(reading)
        return answer
    except Exception as error:  # a rule that fails says so in the verdict, and a person looks
        return review("rule.failed", reason=type(error).__name__)


def _settled(rule: Rule, answer: Answer, reading: Reading) -> Judged:
    unsure = tuple(dict.fromkeys(reading.unsure))
    missing, unknown = (unsure, ()) if answer.eligible == REVIEW else ((), unsure)
    return Judged(rule, answer, answer.shown(), missing, unknown, reading.seen, answer.doubts)


# --- trying out --------------------------------------------------------------------------------


def _explore(
    rule: Rule,
    known: Mapping[str, object],
    calendars: CalendarSource,
    default: str,
    first: str,
    reading: Reading,
) -> Judged:
    """First a few far values of each unknown fact; all values of those that so far change nothing."""
    rough = _try(rule, known, calendars, default, first, reading, lambda _name: True)
    if rough.answer is None and not rough.unknown and not rough.may_matter:
        return rough
    return _try(rule, known, calendars, default, first, reading, lambda name: name in rough.missing)


def _try(
    rule: Rule,
    known: Mapping[str, object],
    calendars: CalendarSource,
    default: str,
    first: str,
    reading: Reading,
    rough: Callable[[str], bool],
) -> Judged:
    """Every combination of the values of the unknown facts that the rule comes to read."""
    names, seen = [first], dict(reading.seen)
    while True:
        values = [probes(name, rule, known, rough=rough(name)) for name in names]
        if prod(len(choices) for choices in values) > MOST_COMBINATIONS:
            return Judged(rule, None, {}, tuple(names), (), seen, may_matter=True)
        tried: dict[tuple[int, ...], Answer] = {}
        further = None
        for places in product(*(range(len(choices)) for choices in values)):
            supposed = {name: values[at][places[at]] for at, name in enumerate(names)}
            trial = Reading({**known, **supposed}, calendar_default=default, source=calendars)
            try:
                tried[places] = _answer(rule, trial)
            except Needs as needs:
                further = needs.fact
                break
            seen.update({name: value for name, value in trial.seen.items() if name not in supposed})
        if further is None:
            return _joined(rule, names, values, tried, seen)
        names = [*names, further]


def _joined(
    rule: Rule,
    names: list[str],
    values: list[list[object]],
    tried: Mapping[tuple[int, ...], Answer],
    seen: dict[str, object],
) -> Judged:
    """One answer where all trials agree; else what is missing."""
    answers = list(tried.values())
    marks = {places: _mark(answer) for places, answer in tried.items()}
    shown = [answer.shown() for answer in answers]
    common = {
        key: value
        for key, value in shown[0].items()
        if all(key in keys and keys[key] == value for keys in shown[1:])
    }
    doubts = tuple(dict.fromkeys(doubt for answer in answers for doubt in answer.doubts))
    if len(set(marks.values())) == 1:
        answer = answers[0]
        settled = Answer(answer.eligible, answer.code, answer.params, doubts=doubts)
        if all(other.steps == answer.steps for other in answers):
            settled.steps, settled.clocks = answer.steps, answer.clocks
        settled.keys = common
        settled.always = common if answer.eligible == REVIEW else {}
        return Judged(rule, settled, common, (), tuple(names), seen, doubts)
    missing = tuple(name for at, name in enumerate(names) if _matters(at, marks))
    unknown = tuple(name for name in names if name not in missing)
    always = [answer.always for answer in answers]
    kept = {
        key: value
        for key, value in always[0].items()
        if all(key in keys and keys[key] == value for keys in always)
    }
    single: tuple[tuple[str, object, Answer], ...] = ()
    if len(missing) == 1:
        at = names.index(missing[0])
        single = tuple((missing[0], values[at][places[at]], answer) for places, answer in tried.items())
    certain = doubts if all(answer.eligible == REVIEW for answer in answers) else ()
    return Judged(rule, None, kept, missing, unknown, seen, certain, single)


def _mark(answer: Answer) -> tuple[object, ...]:
    """What must not differ: the answer and every amount, in its currency unless it is nothing."""
    keys = answer.shown()
    amounts = [str(keys.get(name, "-")) for name in AMOUNT_KEYS]
    nothing = all(amount in ("-", "0", "None") for amount in amounts)
    return (answer.eligible, *amounts, "" if nothing else str(keys.get("currency")))


def _matters(at: int, marks: Mapping[tuple[int, ...], tuple[object, ...]]) -> bool:
    """Does changing only the fact at place `at` change the answer somewhere?"""
    seen: dict[tuple[int, ...], tuple[object, ...]] = {}
    for places, mark in marks.items():
        rest = places[:at] + places[at + 1 :]
        if seen.setdefault(rest, mark) != mark:
            return True
    return False


# --- values to try -----------------------------------------------------------------------------

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
