"""A period that begins with an event, and an act that must fall inside it.

start = {fact = "contract_concluded_at"}       or {latest = [...]}, or {by = "contract_kind", goods = {...}, else = {...}}
path = ["14 days", "roll"]                     or several paths: two readings
act = "action_at"
gap = true                                     whether the end moves to a working day is not settled
calendars = ["plain", "observed"]              business days with and without observed days: two readings
cap = {start = {...}, path = [...]}            the period ends then at the latest
open_end = true                                a further reading: the end is not known
condition = {fact, of, path, code}             an act that must fall within a first period, or the answer is no
extension = {informed = ..., never = [...], late = [...], inside = ["14 days"], reach = ["12 months"]}
"""

from collections.abc import Callable
from datetime import date
from typing import Any

from casedesk.policy.clauses.base import Clause, Params
from casedesk.policy.conditions import PackError
from casedesk.policy.facts import NEVER, shown, vocabulary
from casedesk.policy.reading import NO, REVIEW, YES, Answer, Open, Reading, review
from casedesk.policy.spans import End, Path, paths, walk_all
from casedesk.policy.timing import clocks_of, deadline_keys, earliest, in_time, latest, with_gap

Start = Callable[[Reading], "date | None"]  # None: the event never happened
Ends = Callable[[Reading], "list[End] | None"]


def read(params: Params) -> Clause:
    """The clause of a `window` table."""
    ends = ends_of(params)
    act, name = str(params.get("act", "action_at")), str(params.get("clock", "window"))
    doubt = str(params.get("doubt", "window.two_readings"))
    not_started, never_act = str(params.get("not_started", REVIEW)), str(params.get("never_act", REVIEW))
    open_end = bool(params.get("open_end", False))
    unmet = _condition(params.get("condition"))

    def judge(reading: Reading) -> Answer:
        if unmet is not None and (code := unmet(reading)):
            return Answer(NO, code)
        found = ends(reading)
        if found is None:
            return _not_begun(not_started)
        moment = reading.get(act)
        if moment is NEVER:
            return _never_done(found, reading, never_act, name)
        answer = in_time(found, moment, reading, name=name, doubt=doubt)
        if open_end and answer.eligible != YES:
            answer.eligible, answer.code, answer.doubts = REVIEW, "window.open_end", ("window.open_end",)
        return answer

    return Clause(judge)


def _condition(written: Any) -> Callable[[Reading], str] | None:
    """The code of a condition that is not met, or the empty text: an act within a first period."""
    if written is None:
        return None
    fact, start, path = str(written["fact"]), start_of(written["of"]), Path(written["path"])
    code = str(written["code"])

    def unmet(reading: Reading) -> str:
        begun = start(reading)
        if reading.get(fact) is NEVER or begun is None:
            return code
        days = {end.day for end in walk_all([path], begun, reading)}
        done = reading.local(fact)
        if min(days) < done <= max(days):
            raise Open("window.two_readings")
        return "" if done <= min(days) else code

    return unmet


def _not_begun(eligible: str) -> Answer:
    answer = Answer(eligible, "window.not_begun")
    return review("window.not_begun") if eligible == REVIEW else answer


def _never_done(ends: list[End], reading: Reading, eligible: str, name: str) -> Answer:
    """The act is known not to have been done."""
    if eligible == REVIEW:
        answer = review("window.never_done")
    else:
        answer = Answer(eligible, "window.never_done", keys=deadline_keys(earliest(ends), reading))
        answer.steps = [*earliest(ends).steps]
    answer.clocks = clocks_of(ends, reading, name)
    return answer


# --- the start ---------------------------------------------------------------------------------


def start_of(written: Any) -> Start:
    """The day that a period is counted from; None from it where the event never happened."""
    if isinstance(written, str):
        written = {"fact": written}
    if not isinstance(written, dict):
        raise PackError("pack.start_is_no_table", value=shown(written))
    if "latest" in written:
        return _latest(written)
    if "either" in written:
        return _either([str(name) for name in written["either"]])
    if "by" in written:
        return _by(written)
    name = written.get("fact")
    if name not in vocabulary():
        raise PackError("pack.unknown_fact", fact=str(name))
    if "several" in written:
        return _deliveries(str(name), written["several"])

    def one(reading: Reading) -> date | None:
        value = reading.get(str(name))
        return None if value is NEVER else reading.day_of(value)

    return one


def _latest(written: dict[str, Any]) -> Start:
    starts = [start_of(name) for name in written["latest"]]
    ignore_never = bool(written.get("ignore_never", False))

    def last(reading: Reading) -> date | None:
        days = [start(reading) for start in starts]
        known = [day for day in days if day is not None]
        return max(known) if known and (ignore_never or len(known) == len(days)) else None

    return last


def _either(names: list[str]) -> Start:
    """The first of several facts that is known; the first one is asked for."""
    starts = {name: start_of(name) for name in names}

    def known(reading: Reading) -> date | None:
        name = next((name for name in names if reading.optional(name) is not None), names[0])
        return starts[name](reading)

    return known


def _by(written: dict[str, Any]) -> Start:
    fact = str(written["by"])
    choices = {word: start_of(table) for word, table in written.items() if word not in ("by", "else")}
    otherwise = start_of(written["else"])
    return lambda reading: choices.get(str(reading.word(fact)), otherwise)(reading)


def _deliveries(name: str, several: dict[str, str]) -> Start:
    """The first or the last of several deliveries, by the pattern that another fact names."""
    pattern = several["by"]

    def chosen(reading: Reading) -> date | None:
        values = reading.get(name)
        if values is NEVER:
            return None
        which = "last" if len(values) == 1 else several[str(reading.word(pattern))]
        happened = [value for value in values if value is not NEVER]
        if not happened or (which == "last" and len(happened) < len(values)):
            return None
        return reading.day_of(min(happened) if which == "first" else max(happened))

    return chosen


# --- the ends ----------------------------------------------------------------------------------


def ends_of(params: Params) -> Ends:
    """Every end of the period under every reading; None where it has not begun."""
    start = start_of(params.need("start"))
    plain = paths(params.need("path"))
    extended = _extension(params.get("extension"), plain)
    gap, cap = bool(params.get("gap", False)), _cap(params.get("cap"))
    choices = params.get("calendars")

    def ends(reading: Reading) -> list[End] | None:
        begun = start(reading)
        if begun is None:
            return None
        found = extended(begun, reading) if extended else _walk(plain, begun, reading, choices)
        if cap is not None:
            found = cap(found, reading)
        return with_gap(found, reading) if gap else found

    return ends


def _walk(plain: list[Path], begun: date, reading: Reading, choices: list[str] | None) -> list[End]:
    calendars = None
    if choices is not None:
        calendars = [reading.calendar(observed=choice == "observed") for choice in choices]
    return walk_all(plain, begun, reading, calendars=calendars)


def _cap(written: Any) -> Callable[[list[End], Reading], list[End]] | None:
    if written is None:
        return None
    start, path = start_of(written["start"]), Path(written.get("path", []))

    def capped(ends: list[End], reading: Reading) -> list[End]:
        begun = start(reading)
        if begun is None:
            return ends
        limit = path.walk(begun, reading, None)
        return [end if end.day <= limit.day else limit for end in ends]

    return capped


def _extension(written: Any, first: list[Path]) -> Callable[[date, Reading], list[End]] | None:
    """The longer period of those who were not told of their right in time."""
    if written is None:
        return None
    table = Params(written)
    informed, never, late = str(table.need("informed")), paths(table.need("never")), paths(table.need("late"))
    inside, reach = Path(table.need("inside")), Path(table.need("reach"))
    inside_both = bool(table.get("inside_two_readings", True))
    unread = list(table.unread())
    if unread:
        raise PackError("pack.unknown_key", key=unread[0])

    def ends(begun: date, reading: Reading) -> list[End]:
        told = reading.get(informed)
        if told is NEVER:
            return walk_all(never, begun, reading)
        told_on = reading.day_of(told)
        if told_on <= begun:
            return walk_all(first, begun, reading)
        if told_on <= inside.walk(begun, reading, None).day:
            from_information = walk_all(late, told_on, reading)
            return walk_all(first, begun, reading) + from_information if inside_both else from_information
        if told_on <= reach.walk(begun, reading, None).day:
            return walk_all(late, told_on, reading)
        without = walk_all(never, begun, reading)
        if told_on <= latest(without).day:
            return without + walk_all(late, told_on, reading)
        return without

    return ends
