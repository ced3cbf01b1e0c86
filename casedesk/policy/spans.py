"""Counting from a day: the steps of a period as a pack writes them, and where it ends under each reading.

A path is a list of steps: "14 days", "12 months", "8 weeks", "10 business days",
"3 business days with saturdays", "notice_months months" (the number is a fact), "roll" (to the next
working day), "-1 days". The day of the event is not counted; months keep the day number of the day
that they are counted from, or take the last day of the month.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from casedesk.kernel.calendar import Calendar, Deadline, Rolled, add_months, deadline
from casedesk.policy.conditions import PackError
from casedesk.policy.facts import Kind, shown, vocabulary
from casedesk.policy.reading import Reading, covered
from casedesk.policy.verdict import Step


class End(NamedTuple):
    """Where a period ends under one reading."""

    day: date
    rolled: Rolled | None
    steps: tuple[Step, ...]


Stride = Callable[[date, Reading, Calendar | None], tuple[date, Step, Rolled | None]]


class Path:
    """The steps of one reading of a period, ready to walk."""

    __slots__ = ("by_calendar", "strides", "written")

    def __init__(self, written: object) -> None:
        if not isinstance(written, list) or not all(isinstance(step, str) for step in written):
            raise PackError("pack.path_is_no_list", value=shown(written))
        self.written: list[str] = written
        self.strides = [_stride(step) for step in written]
        self.by_calendar = any(step == "roll" or "business" in step for step in written)

    def walk(self, start: date, reading: Reading, calendar: Calendar | None) -> End:
        """Where the period that begins with the event of day `start` ends. Raises Needs, Open."""
        day, steps, rolled = start, [], None
        for stride in self.strides:
            day, step, moved = stride(day, reading, calendar)
            steps.append(step)
            rolled = moved
        return End(day, rolled, tuple(steps))


def paths(written: object) -> list[Path]:
    """One path, or a list of paths: the readings of one period. Raises PackError."""
    if isinstance(written, list) and written and all(isinstance(path, list) for path in written):
        return [Path(path) for path in written]
    return [Path(written)]


def walk_all(
    readings: Sequence[Path], start: date, reading: Reading, *, calendars: Sequence[Calendar] | None = None
) -> list[End]:
    """The end under every reading of the period, and under every calendar that may count."""
    ends = []
    for path in readings:
        if not path.by_calendar:
            ends.append(path.walk(start, reading, None))
            continue
        for calendar in calendars if calendars is not None else reading.calendars_in_question():
            ends.append(path.walk(start, reading, calendar))
    return ends


def deadline_of(end: End, reading: Reading) -> Deadline:
    """The deadline of an end, in the zone of the facts."""
    return deadline(end.day, reading.zone())


# --- one step ----------------------------------------------------------------------------------


def _stride(step: str) -> Stride:
    if step == "roll":
        return _roll
    number, _, unit = step.partition(" ")
    walker = _UNITS.get(unit)
    if walker is None or not number:
        raise PackError("pack.unknown_step", value=step)
    count = _number(number, step)
    return lambda day, reading, calendar: walker(day, count(reading), calendar)


def _number(text: str, step: str) -> Callable[[Reading], int]:
    spec = vocabulary().get(text)
    if spec is not None and spec.kind is Kind.COUNT:
        return lambda reading: int(reading.happened(text))
    try:
        fixed = int(text)
    except ValueError:
        raise PackError("pack.unknown_step", value=step) from None
    return lambda _reading: fixed


def _roll(day: date, _reading: Reading, calendar: Calendar | None) -> tuple[date, Step, Rolled | None]:
    rolled = _there(calendar, day).roll(day)
    return rolled.last, Step("roll", {"from": day, "to": rolled.last, "skipped": rolled.skipped}), rolled


def _days(day: date, count: int, _calendar: Calendar | None) -> tuple[date, Step, None]:
    end = day + timedelta(days=count)
    return end, Step("add_days", {"from": day, "count": count, "to": end}), None


def _weeks(day: date, count: int, _calendar: Calendar | None) -> tuple[date, Step, None]:
    end = day + timedelta(days=7 * count)
    return end, Step("add_weeks", {"from": day, "count": count, "to": end}), None


def _months(day: date, count: int, _calendar: Calendar | None) -> tuple[date, Step, None]:
    end = add_months(day, count)
    code = "add_months" if end.day == day.day else "add_months_clamped"
    return end, Step(code, {"from": day, "count": count, "to": end}), None


def _business(day: date, count: int, calendar: Calendar | None) -> tuple[date, Step, None]:
    end = _there(calendar, day).add_business_days(day, count)
    return end, Step("add_business_days", {"from": day, "count": count, "to": end}), None


def _business_saturdays(day: date, count: int, calendar: Calendar | None) -> tuple[date, Step, None]:
    end = _there(calendar, day).add_business_days(day, count, saturdays=True)
    return end, Step("add_business_days_saturdays", {"from": day, "count": count, "to": end}), None


def _there(calendar: Calendar | None, day: date) -> Calendar:
    if calendar is None:
        raise PackError("pack.path_without_calendar")
    covered(calendar, day)
    return calendar


_UNITS: Mapping[str, Callable[[date, int, Calendar | None], tuple[date, Step, None]]] = {
    "days": _days,
    "weeks": _weeks,
    "months": _months,
    "business days": _business,
    "business days with saturdays": _business_saturdays,
}
