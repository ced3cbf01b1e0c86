"""Was an act in time, where a period may end on one day or another?

Before the earlier end: yes. From the later end on: no. Between the two: the point is open.
The deadline that is given is the earlier one.
"""

from collections.abc import Sequence
from datetime import datetime

from casedesk.kernel.calendar import Calendar, deadline
from casedesk.policy.reading import NO, REVIEW, YES, Answer, Reading, rolled_or_none
from casedesk.policy.spans import End, Path, deadline_of
from casedesk.policy.verdict import Clock, Step


def deadline_keys(end: End, reading: Reading) -> dict[str, object]:
    """The answer keys of one deadline."""
    last = deadline_of(end, reading)
    return {
        "deadline_local_date": last.last_local_date,
        "deadline_utc_last_second": last.utc_last_second,
        "deadline_utc_exclusive": last.utc_exclusive,
        "rollover": rolled_or_none(end.rolled),
    }


def earliest(ends: Sequence[End]) -> End:
    """The first end; of two on one day, the reading that stands first in the pack."""
    return min(ends, key=lambda end: end.day)


def latest(ends: Sequence[End]) -> End:
    """The last end."""
    return max(ends, key=lambda end: end.day)


def clocks_of(ends: Sequence[End], reading: Reading, name: str) -> list[Clock]:
    """The deadline as a clock; two, labelled, where two readings differ."""
    first, last = earliest(ends), latest(ends)
    zone = reading.zone()
    if first.day == last.day:
        return [Clock(name, deadline(first.day, zone), "", rolled_or_none(first.rolled))]
    return [
        Clock(name, deadline(first.day, zone), "", rolled_or_none(first.rolled), "earliest"),
        Clock(name, deadline(last.day, zone), "", rolled_or_none(last.rolled), "latest"),
    ]


def in_time(ends: Sequence[End], act: datetime, reading: Reading, *, name: str, doubt: str) -> Answer:
    """The answer for an act against every end of the period."""
    first, last = earliest(ends), latest(ends)
    if act < deadline_of(first, reading).utc_exclusive:
        eligible, code = YES, "window.inside"
    elif act >= deadline_of(last, reading).utc_exclusive:
        eligible, code = NO, "window.closed"
    else:
        eligible, code = REVIEW, doubt
    params = {"first": first.day, "last": last.day, "act": act, "act_day": reading.day_of(act)}
    answer = Answer(eligible, code, params, keys=deadline_keys(first, reading))
    answer.steps = [*first.steps]
    if last.day != first.day:
        answer.steps += [Step("other_reading", {"to": last.day}), *last.steps]
    answer.steps.append(Step("act_compared", {"act": act, "day": params["act_day"], "last": first.day}))
    answer.clocks = clocks_of(ends, reading, name)
    if eligible == REVIEW:
        answer.doubts = (doubt,)
    return answer


def with_gap(ends: list[End], reading: Reading, calendars: Sequence[Calendar] | None = None) -> list[End]:
    """The ends as they are and, as a second reading, moved to the next working day."""
    counted = calendars if calendars is not None else reading.calendars_in_question()
    rolled = [
        moved
        for calendar in counted
        for end in ends
        if (moved := ROLL.walk(end.day, reading, calendar)).day != end.day
    ]
    return ends + [End(end.day, end.rolled, end.steps) for end in rolled]


ROLL = Path(["roll"])
