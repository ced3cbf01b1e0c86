"""How a clause reads facts, and what it answers.

A clause reads through a `Reading`. An unknown fact raises `Needs`; a point that is open raises `Open`.
Both are answers, not accidents: suppose.py turns them into what is missing and what is in doubt.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from casedesk.kernel.calendar import (
    GOOD_FRIDAY_BY_COMMUNE,
    Calendar,
    Rolled,
    UnknownCalendar,
    calendar_for,
    local_day,
)
from casedesk.kernel.money import Money, Rounding
from casedesk.policy.facts import NEVER, vocabulary
from casedesk.policy.verdict import Clock, Step

YES, NO, REVIEW = "yes", "no", "review"
CalendarSource = Callable[..., Calendar]


class Needs(Exception):
    """A clause read a fact that is unknown."""

    def __init__(self, fact: str) -> None:
        super().__init__(fact)
        self.fact = fact


class Open(Exception):
    """The law or the evidence leaves this open; `code` says which point."""

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


class Calendars:
    """The calendars of one case: remembers which were read, and what rules answered by them on the same facts."""

    __slots__ = ("_source", "answered", "tries", "used")

    def __init__(self, source: CalendarSource) -> None:
        self._source = source
        self.used: dict[str, Calendar] = {}
        self.answered: dict[tuple[object, ...], Any] = {}
        self.tries = True  # a rule that misses a fact is tried out; if not, it only says what it misses

    def without_trying(self) -> "Calendars":
        """The same calendars, for whoever supposes the facts himself."""
        other = Calendars(self._source)
        other.used, other.tries = self.used, False
        return other

    def __call__(self, code: str, **choice: bool) -> Calendar:
        calendar = self._source(code, **choice)
        self.used[calendar.code] = calendar
        return calendar

    def digests(self) -> tuple[tuple[str, str], ...]:
        """The name and the content's digest of every calendar that was read."""
        return tuple((code, self.used[code].digest) for code in sorted(self.used))


@dataclass(slots=True)
class Answer:
    """What one rule answers on complete facts."""

    eligible: str  # YES, NO or REVIEW
    code: str
    params: Mapping[str, object] = field(default_factory=dict)
    keys: dict[str, object] = field(default_factory=dict)  # typed values by answer key
    always: dict[str, object] = field(default_factory=dict)  # keys that also come with a review
    steps: list[Step] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    doubts: tuple[str, ...] = ()

    def shown(self) -> dict[str, object]:
        """The answer keys that come with this answer."""
        return {**self.always} if self.eligible == REVIEW else {**self.keys, **self.always}


def review(code: str, **params: object) -> Answer:
    """The answer that the point `code` is open."""
    return Answer(REVIEW, code, params, doubts=(code,))


class Reading:
    """One pass over known facts: what was read, in order."""

    __slots__ = ("_source", "absent", "calendar_default", "known", "seen", "unsure")

    def __init__(
        self,
        known: Mapping[str, object],
        *,
        calendar_default: str = "",
        source: CalendarSource = calendar_for,
    ) -> None:
        self.known = known
        self.seen: dict[str, object] = {}
        self.absent: list[str] = []  # unknown facts that were looked at without asking for them
        self.unsure: list[str] = []  # unknown facts of which every value was counted as a reading
        self.calendar_default = calendar_default
        self._source = source

    def get(self, name: str) -> Any:
        """The value of a fact, NEVER included. Raises Needs."""
        value = self.known.get(name)
        if value is None:
            if name not in vocabulary():  # the rule asks for what is no fact: nobody could answer
                raise LookupError(name)
            raise Needs(name)
        self.seen[name] = value
        return value

    def optional(self, name: str) -> Any:
        """The value, or None where it is unknown and nobody needs to ask."""
        value = self.known.get(name)
        if value is not None:
            self.seen[name] = value
        else:
            self.absent.append(name)
        return value

    def word(self, name: str) -> Any:
        """The value of an enumeration; a word that is not listed is a doubt. Raises Needs, Open."""
        value = self.get(name)
        if value is not NEVER and value not in vocabulary()[name].values:
            raise Open("fact.not_listed", fact=name, value=str(value))
        return value

    def happened(self, name: str) -> Any:
        """A value that must be there for the question to make sense. Raises Needs, Open."""
        value = self.get(name)
        if value is NEVER:
            raise Open("fact.never", fact=name)
        return value

    def zone(self) -> str:
        """The zone of the legal days. Raises Needs."""
        return str(self.get("timezone"))

    def local(self, name: str) -> date:
        """The legal day of an instant or a day. Raises Needs, Open."""
        return self.day_of(self.happened(name))

    def day_of(self, value: datetime | date) -> date:
        """The legal day of a moment. Raises Needs."""
        return local_day(value, self.zone()) if isinstance(value, datetime) else value

    def currency(self) -> str:
        """The currency of the amounts. Raises Needs."""
        return str(self.get("currency"))

    def rounding(self) -> Rounding:
        """The named rounding of the retained part. Raises Needs, Open."""
        record = self.get("rounding")
        target, mode = record.get("target"), record.get("mode")
        if target is None or mode is None:
            raise Needs("rounding")
        if target != "retained" or mode not in set(Rounding):
            raise Open("fact.not_listed", fact="rounding", value=str(mode))
        return Rounding(mode)

    def money(self, name: str) -> Money:
        """A `*_minor` fact with the currency of the facts. Raises Needs."""
        return Money(self.get(name), self.currency())

    def calendars_in_question(self) -> tuple[Calendar, ...]:
        """The calendars that may count; two where it is unknown whether Good Friday is off here."""
        code = str(self.known.get("holiday_calendar") or self.calendar_default)
        if not code:
            raise Needs("holiday_calendar")
        if "holiday_calendar" in self.known:
            self.seen["holiday_calendar"] = code
        if code not in GOOD_FRIDAY_BY_COMMUNE:
            return (self._calendar(code),)
        flag = self.optional("good_friday_is_holiday_here")
        if flag is None:
            self.unsure.append("good_friday_is_holiday_here")
        answers = (False, True) if flag is None else (bool(flag),)
        return tuple(self._calendar(code, good_friday=answer) for answer in answers)

    def calendar(self, *, observed: bool) -> Calendar:
        """The calendar with, or without, the days observed beside a weekend holiday."""
        code = str(self.known.get("holiday_calendar") or self.calendar_default)
        if not code:
            raise Needs("holiday_calendar")
        return self._calendar(code, observed=observed)

    def _calendar(self, code: str, **choice: bool) -> Calendar:
        try:
            return self._source(code, **choice)
        except UnknownCalendar:
            raise Open("calendar.unknown", calendar=code) from None


def covered(calendar: Calendar, day: date) -> date:
    """`day`, if the calendar knows the holidays around it. Raises Open."""
    if not calendar.covers(day):
        raise Open("calendar.out_of_range", calendar=calendar.code, day=day)
    return day


def rolled_or_none(rolled: Rolled | None) -> Rolled | None:
    """The roll-over, where something was skipped."""
    return rolled if rolled is not None and rolled.skipped else None
