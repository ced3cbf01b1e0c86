"""What would each answer to an unknown fact change? By trying: the values that the rule can tell apart.

A rule is judged on complete facts. Where it reads an unknown one, every value that may matter (probing.py)
is supposed in turn (exploring.py). A fact is missing if some value of it changes answer or amount; it is
merely unknown if none does.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from casedesk.policy.exploring import Differs, Explored, Supposed, TooMany, explore
from casedesk.policy.pack import Rule
from casedesk.policy.probing import probes
from casedesk.policy.reading import (
    REVIEW,
    Answer,
    Calendars,
    CalendarSource,
    Needs,
    Open,
    Reading,
    review,
)

__all__ = ["AMOUNT_KEYS", "MOST_COMBINATIONS", "Judged", "judge_rule", "probes"]

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
    may_matter: bool = False
    absent: tuple[str, ...] = ()  # unknown facts that were looked at, not asked for


def judge_rule(rule: Rule, known: Mapping[str, object], calendars: CalendarSource) -> Judged:
    """The answer of `rule`, with what is missing. Never raises on facts."""
    default = rule.calendar or rule.calendars.get(str(known.get("jurisdiction")), "")
    reading = Reading(known, calendar_default=default, source=calendars)
    try:
        answer = _answer(rule, reading)
    except Needs as needs:
        if isinstance(calendars, Calendars) and not calendars.tries:
            return Judged(rule, None, {}, (needs.fact,), (), reading.seen)
        return _Trial(rule, known, calendars, default).judged()
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
    return Judged(
        rule,
        answer,
        answer.shown(),
        missing,
        unknown,
        reading.seen,
        answer.doubts,
        absent=tuple(reading.absent),
    )


class _Trial:
    """One rule on facts with gaps, tried out."""

    def __init__(
        self, rule: Rule, known: Mapping[str, object], calendars: CalendarSource, default: str
    ) -> None:
        self.rule, self.known, self.calendars, self.default = rule, known, calendars, default
        self.seen: dict[str, object] = {}
        self.told = _Told()
        self._values: dict[tuple[str, bool], list[object]] = {}

    def judged(self) -> Judged:
        """Few far values of each unknown fact; then all of one at a time; then all of those that still change nothing.

        A difference that was found stays one, whatever else is tried; that there is none takes every value.
        """
        try:
            tried = self._explored(lambda _name: False)
            told, differing = self.told, set(tried.mattering())
            for name in [name for name in tried.names if name not in differing]:
                if self._differs(name):
                    differing.add(name)
            if len(set(tried.names) - differing) > 1 or not differing:
                tried = self._explored(lambda name: name not in differing)
                told = self.told
                differing |= set(tried.mattering())
        except TooMany as too_many:
            return Judged(self.rule, None, {}, too_many.names, (), self.seen, may_matter=True)
        missing = tuple(name for name in tried.names if name in differing)
        unknown = tuple(name for name in tried.names if name not in differing)
        return self._joined(told, missing, unknown)

    def _differs(self, asked: str) -> bool:
        """Does some value of one fact change anything, with few values of the others? Raises TooMany."""
        try:
            self._explored(lambda name: name == asked, asked)
        except Differs:
            return True
        return False

    def _explored(self, whole: Callable[[str], bool], asked: str = "") -> Explored:
        """Every branch, with all values of the facts that are `whole`, few of the others. Raises TooMany, Differs."""
        self.told = _Told()

        def values_of(name: str) -> list[object]:
            key = (name, not whole(name))
            if key not in self._values:
                self._values[key] = probes(name, self.rule, self.known, rough=key[1])
            return self._values[key]

        return explore(self._mark, values_of, MOST_COMBINATIONS, asked=asked)

    def _mark(self, supposed: Supposed) -> tuple[object, ...]:
        reading = Reading({**self.known, **supposed}, calendar_default=self.default, source=self.calendars)
        try:
            answer = _answer(self.rule, reading)
        finally:
            for name, value in reading.seen.items():
                if name not in supposed:
                    self.seen[name] = value
        keys = answer.shown()
        self.told.add(answer, keys)
        return _mark(answer, keys)

    def _joined(self, told: "_Told", missing: tuple[str, ...], unknown: tuple[str, ...]) -> Judged:
        """One answer where all trials agree; else what is missing."""
        doubts = tuple(told.doubts)
        if missing:
            certain = doubts if told.all_open else ()
            return Judged(self.rule, None, dict(told.always), missing, unknown, self.seen, certain)
        answer = told.first
        settled = Answer(answer.eligible, answer.code, answer.params, doubts=doubts)
        if told.same_steps:
            settled.steps, settled.clocks = answer.steps, answer.clocks
        settled.keys = dict(told.common)
        settled.always = settled.keys if answer.eligible == REVIEW else {}
        return Judged(self.rule, settled, settled.keys, (), unknown, self.seen, doubts)


class _Told:
    """What all answers of a trial have in common; the answers themselves are not kept."""

    __slots__ = ("all_open", "always", "common", "doubts", "first", "same_steps")

    first: Answer
    common: dict[str, object]
    always: dict[str, object]

    def __init__(self) -> None:
        self.doubts: dict[str, None] = {}
        self.same_steps = self.all_open = True

    def add(self, answer: Answer, keys: dict[str, object]) -> None:
        """One more answer, with the keys that come with it."""
        self.doubts.update(dict.fromkeys(answer.doubts))
        self.all_open = self.all_open and answer.eligible == REVIEW
        if not hasattr(self, "first"):
            self.first, self.common, self.always = answer, dict(keys), dict(answer.always)
            return
        self.common = _common(self.common, keys)
        self.always = _common(self.always, answer.always)
        self.same_steps = self.same_steps and answer.steps == self.first.steps


def _common(one: dict[str, object], other: Mapping[str, object]) -> dict[str, object]:
    """The keys that both give alike."""
    if not one or one == other:
        return one
    return {key: value for key, value in one.items() if key in other and other[key] == value}


def _mark(answer: Answer, keys: Mapping[str, object]) -> tuple[object, ...]:
    """What must not differ: the answer and every amount, in its currency unless it is nothing."""
    amounts = [str(keys.get(name, "-")) for name in AMOUNT_KEYS]
    nothing = all(amount in ("-", "0", "None") for amount in amounts)
    return (answer.eligible, *amounts, "" if nothing else str(keys.get("currency")))
