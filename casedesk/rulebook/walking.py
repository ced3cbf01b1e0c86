"""The ambiguity check: a rule walked over the days on which it could be read in two ways.

For each start worth asking (an ordinary day, one whose last day is a Saturday, a Sunday or a holiday, one with a clock
change inside, the end of a long month, a leap day) the rule answers the evening before the last day, the last minute of
the last day and the first minute after it. Where two readings differ, or a person must decide, the line says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from casedesk.kernel.calendar import UnknownCalendar, add_months, calendar_for
from casedesk.policy.facts import FactSpec, Kind, vocabulary
from casedesk.policy.findings import eligible_word, judged_rule, outcome_of
from casedesk.policy.pack import Packs, Rule
from casedesk.policy.suppose import Judged, probes

PLAIN, SATURDAY, SUNDAY, HOLIDAY = "plain", "saturday", "sunday", "holiday"
SPRING, AUTUMN, MONTH_END, LEAP = "spring", "autumn", "month_end", "leap"
MOST_FILLED = 24
_STARTS = (Kind.INSTANT, Kind.DAY, Kind.MOMENT)


@dataclass(frozen=True)
class Said:
    """What the rule says at one moment; `code` names its sentence."""

    at: datetime
    answer: str
    code: str


@dataclass(frozen=True)
class Walk:
    """One start walked over its boundary. `last`: the last day, two where readings differ."""

    kind: str
    start: datetime
    last: tuple[date, ...]
    holiday: str
    said: tuple[Said, ...]

    @property
    def open(self) -> bool:
        """Two readings, or an answer other than yes, yes, no."""
        return len(self.last) > 1 or tuple(one.answer for one in self.said) != ("yes", "yes", "no")


@dataclass(frozen=True)
class Walked:
    """The whole check. `assumed`: the facts that were supposed so that the rule answers at all."""

    start: str
    act: str
    zone: str
    calendar: str
    walks: tuple[Walk, ...]
    assumed: Mapping[str, object]


def walk(rule: Rule, packs: Packs, *, year: int, zone: str, calendar: str, place: str) -> Walked | None:
    """The boundaries of a rule in `year`; None where it counts no days from an event to an act."""
    start, act = _start_of(rule), _act_of(rule)
    if start is None or act is None:
        return None
    given: dict[str, object] = {"timezone": zone, "holiday_calendar": calendar, "jurisdiction": place}
    for done in (True, False):
        assumed = _assumed(rule, packs, given, start, act, year, zone, done=done)
        known = {**given, **assumed}
        walks = tuple(
            one
            for kind, day in _starts(rule, packs, known, start, act, year, zone, calendar)
            if (one := _walk(rule, packs, known, start, act, kind, day, zone, calendar)) is not None
        )
        if walks:
            return Walked(start, act, zone, calendar, walks, assumed)
    return None


# --- one start -----------------------------------------------------------------------------------


def _walk(
    rule: Rule,
    packs: Packs,
    known: Mapping[str, object],
    start: str,
    act: str,
    kind: str,
    day: date,
    zone: str,
    calendar: str,
) -> Walk | None:
    begun = datetime.combine(day, time(10), ZoneInfo(zone))
    ends = _ends(_judge(rule, packs, known, start, begun, act, begun + timedelta(hours=1)))
    if not ends:
        return None
    first, last = ends[0], ends[-1]
    moments = (
        datetime.combine(first - timedelta(days=1), time(23, 59), ZoneInfo(zone)),
        datetime.combine(first, time(23, 59), ZoneInfo(zone)),
        datetime.combine(last + timedelta(days=1), time(0), ZoneInfo(zone)),
    )
    said = tuple(_said(_judge(rule, packs, known, start, begun, act, at), at) for at in moments)
    return Walk(kind, begun, tuple(ends), _day_off(calendar, first), said)


def _judge(
    rule: Rule, packs: Packs, known: Mapping[str, object], start: str, begun: datetime, act: str, at: datetime
) -> Judged:
    moved = {name: begun for name, value in known.items() if isinstance(value, datetime)}
    facts = {**known, **moved, start: _typed(start, begun), act: _typed(act, at)}
    return judged_rule(packs, facts, rule.id, calendar_for)[0]


def _said(judged: Judged, at: datetime) -> Said:
    code = judged.answer.code if judged.answer else "facts.missing"
    return Said(at, eligible_word(outcome_of(judged)), code)


def _ends(judged: Judged) -> list[date]:
    """The last days that the rule names, earliest first."""
    if judged.answer is None:
        return []
    days = {clock.deadline.last_local_date for clock in judged.answer.clocks}
    named = judged.keys.get("deadline_local_date")
    if not days and isinstance(named, date):
        days = {named}
    return sorted(days)


def _typed(name: str, at: datetime) -> object:
    kind, many = vocabulary()[name].kind, vocabulary()[name].many
    value: object = at if kind is Kind.INSTANT else at.date()
    return (value,) if many else value


# --- which starts --------------------------------------------------------------------------------


def _starts(
    rule: Rule,
    packs: Packs,
    known: Mapping[str, object],
    start: str,
    act: str,
    year: int,
    zone: str,
    calendar: str,
) -> Iterator[tuple[str, date]]:
    """One start of each kind, the first of the year that is of it, by trying every day."""
    yield PLAIN, _ordinary(year)
    wanted = [SATURDAY, SUNDAY, HOLIDAY, SPRING, AUTUMN]
    for n in range(366):
        day = date(year, 1, 1) + timedelta(days=n)
        if not wanted:
            break
        begun = datetime.combine(day, time(10), ZoneInfo(zone))
        ends = _ends(_judge(rule, packs, known, start, begun, act, begun + timedelta(hours=1)))
        if ends:
            kind = next(
                (one for one in wanted if _is(one, day, _unrolled(rule, day, ends[0]), zone, calendar)), None
            )
            if kind:
                wanted.remove(kind)
                yield kind, day
    yield MONTH_END, date(year, 1, 31)
    yield LEAP, date(year + (4 - year % 4) % 4, 2, 29)


def _ordinary(year: int) -> date:
    """A Tuesday in the middle of June."""
    day = date(year, 6, 10)
    return day + timedelta(days=(1 - day.weekday()) % 7)


def _unrolled(rule: Rule, start: date, end: date) -> date:
    """The day on which the period would end if nothing moved, as far as its first plain length tells."""
    path = rule.table.get(rule.kind, {}).get("path") or []
    steps = path if path and isinstance(path[0], str) else (path[0] if path else [])
    if "roll" not in steps:
        return end
    for step in steps:
        number, _, unit = step.partition(" ")
        if number.lstrip("-").isdigit() and unit in ("days", "weeks"):
            start += timedelta(days=int(number) * (7 if unit == "weeks" else 1))
        elif number.isdigit() and unit == "months":
            start = add_months(start, int(number))
    return start


def _is(kind: str, start: date, end: date, zone: str, calendar: str) -> bool:
    if kind == SATURDAY:
        return end.weekday() == 5 and not _day_off(calendar, end)
    if kind == SUNDAY:
        return end.weekday() == 6
    if kind == HOLIDAY:
        return end.weekday() < 5 and bool(_day_off(calendar, end))
    begun, over = (datetime.combine(day, time(12), ZoneInfo(zone)).utcoffset() for day in (start, end))
    if begun is None or over is None or begun == over:
        return False
    return (over > begun) == (kind == SPRING)


def _day_off(calendar: str, day: date) -> str:
    """The name of the public holiday of a day; empty where it is none."""
    try:
        reason, _, name = (calendar_for(calendar).off(day) or "").partition(":")
    except UnknownCalendar:
        return ""
    return name or reason if reason == "holiday" else ""


# --- what is supposed ----------------------------------------------------------------------------


def _start_of(rule: Rule) -> str | None:
    """The event that the period of a rule is counted from."""
    return next((name for name in _named(rule.table.get(rule.kind, {}).get("start"))), None)


def _named(start: Any) -> Iterator[str]:
    if isinstance(start, str) and start in vocabulary() and vocabulary()[start].kind in _STARTS:
        yield start
    elif isinstance(start, Mapping):
        for key in ("fact", "else"):
            yield from _named(start.get(key))
        for key in ("latest", "either"):
            for one in start.get(key, []):
                yield from _named(one)


def _act_of(rule: Rule) -> str | None:
    if rule.kind in ("window", "answer_deadline"):
        return str(rule.table.get(rule.kind, {}).get("act", "action_at"))
    return None


def _assumed(
    rule: Rule,
    packs: Packs,
    given: Mapping[str, object],
    start: str,
    act: str,
    year: int,
    zone: str,
    *,
    done: bool,
) -> dict[str, object]:
    """Values for the facts that the rule asks for, such that an act on the first day is in time.

    `done`: other acts are supposed to have been done on the day of the start, else never.
    """
    begun = datetime.combine(_ordinary(year), time(10), ZoneInfo(zone))
    assumed: dict[str, object] = {}
    for _ in range(MOST_FILLED):
        judged = _judge(rule, packs, {**given, **assumed}, start, begun, act, begun + timedelta(hours=1))
        missing = [
            name for name in (*judged.missing, *judged.unknown) if name not in assumed and name not in given
        ]
        if not missing:
            break
        name = missing[0]
        assumed[name] = _kindest(rule, packs, {**given, **assumed}, start, begun, act, name, done)
    return assumed


def _kindest(
    rule: Rule,
    packs: Packs,
    known: Mapping[str, object],
    start: str,
    begun: datetime,
    act: str,
    name: str,
    done: bool,
) -> object:
    """The value of a fact under which the rule says yes, or leaves least open."""
    spec: FactSpec = vocabulary()[name]
    tried = list(probes(name, rule, {**known, start: begun}))
    if spec.kind is Kind.INSTANT and done:
        tried.insert(0, begun)
    if spec.kind is Kind.FLAG and not done:
        tried.insert(0, False)
    if spec.kind is Kind.COUNT:
        tried.insert(0, max(spec.minimum, min(_USUAL, spec.maximum)))
    ranked = {"yes": 0, "needs-review": 1, "no": 2}

    def rank(value: object) -> tuple[int, int]:
        judged = _judge(rule, packs, {**known, name: value}, start, begun, act, begun + timedelta(hours=1))
        return ranked.get(eligible_word(outcome_of(judged)), 3), len(judged.missing)

    return min(tried, key=rank) if tried else None


_USUAL = 14
"""A count that is supposed where none is known: two weeks, so that a period of that many days has an inside."""
