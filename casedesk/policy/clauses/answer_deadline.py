"""Did an outcome come in time, by a clock that one event starts and that may be extended?

start, event = "start_event", right_event = "...", path, act, gap
extension = "extension"          counts if announced before the end and told to both parties
parts = "file_parts_received_at", keys = ["...", "..."]      a second clock from the last part
"""

from datetime import datetime

from casedesk.policy.clauses.base import Clause, Params
from casedesk.policy.conditions import PackError
from casedesk.policy.facts import NEVER
from casedesk.policy.reading import NO, Answer, Open, Reading
from casedesk.policy.spans import End, Path, deadline_of
from casedesk.policy.timing import clocks_of, deadline_keys, earliest, in_time, with_gap
from casedesk.policy.verdict import Step


def read(params: Params) -> Clause:
    """The clause of an `answer_deadline` table."""
    start, act, path = (
        str(params.need("start")),
        str(params.get("act", "action_at")),
        Path(params.need("path")),
    )
    event, right_events = str(params.need("event")), list(params.need("right_events"))
    extension, parts = params.get("extension"), params.get("parts")
    keys = [str(key) for key in params.get("keys", [])]
    if parts is not None and len(keys) != 2:
        raise PackError("pack.missing_key", key="keys")

    def judge(reading: Reading) -> Answer:
        happened = reading.word(event)
        if happened not in right_events:
            raise Open("deadline.other_event", event=str(happened))
        end = path.walk(reading.local(start), reading, None)
        ends = [end]
        always: dict[str, object] = {}
        if parts is not None:
            ends, always = _second_clock(reading, str(parts), path, end, keys)
        extended = _extended(reading, str(extension), end) if extension is not None else None
        ends = [extended] if extended is not None else with_gap(ends, reading)
        answer = _compare(ends, reading, act)
        answer.always.update(always)
        return answer

    def extras(reading: Reading) -> dict[str, object]:
        """Both clocks, also where the answer is open."""
        if parts is None or any(reading.optional(name) in (None, NEVER) for name in (str(parts), start)):
            return {}
        if reading.optional("timezone") is None:
            return {}
        end = path.walk(reading.local(start), reading, None)
        return _second_clock(reading, str(parts), path, end, keys)[1]

    return Clause(judge, extras, extras_always=True)


def _second_clock(
    reading: Reading, parts: str, path: Path, end: End, keys: list[str]
) -> tuple[list[End], dict[str, object]]:
    """The clock from the start event, and the one from the last part of the file."""
    received = reading.get(parts)
    if received is NEVER:
        return [end], {}
    if NEVER in received:
        raise Open("fact.never", fact=parts)
    second = path.walk(reading.day_of(max(received)), reading, None)
    return [end, second], {keys[0]: end.day, keys[1]: second.day}


def _extended(reading: Reading, extension: str, end: End) -> End | None:
    """The end that a valid extension sets; None where there is none. Raises Needs, Open."""
    written = reading.get(extension)
    if written is NEVER:
        return None
    announced, new_date = written.get("announced_at"), written.get("new_date")
    if not isinstance(announced, datetime) or new_date is None or written.get("parties_informed") is not True:
        raise Open("deadline.extension_not_shown")
    if announced >= deadline_of(end, reading).utc_exclusive:
        raise Open("deadline.extended_too_late")
    return End(new_date, None, (*end.steps, Step("extended", {"to": new_date})))


def _compare(ends: list[End], reading: Reading, act: str) -> Answer:
    moment = reading.get(act)
    if moment is not NEVER:
        return in_time(ends, moment, reading, name="answer", doubt="window.gap")
    first = earliest(ends)
    answer = Answer(NO, "window.never_done", keys=deadline_keys(first, reading))
    answer.steps, answer.clocks = [*first.steps], clocks_of(ends, reading, "answer")
    return answer
