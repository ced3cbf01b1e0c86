"""Statute and contract together: the right lasts as long as the kinder of the two lets it.

statute = {...window table...}, gates = [...]      the window of the law, with its own gates
contract = {start = {...}, path = [...]}           the window of the contract
contract_days = "contract_refund_window_days"      known never: the contract gives no window
"""

from collections.abc import Callable
from typing import Any

from casedesk.policy.clauses.base import Clause, Params
from casedesk.policy.clauses.window import ends_of, start_of
from casedesk.policy.conditions import condition
from casedesk.policy.facts import NEVER
from casedesk.policy.reading import NO, REVIEW, YES, Answer, Open, Reading, review
from casedesk.policy.spans import End, Path
from casedesk.policy.timing import in_time
from casedesk.policy.verdict import Step

DOUBT = "window.two_readings"


def read(params: Params) -> Clause:
    """The clause of a `precedence` table."""
    statute = ends_of(Params(params.need("statute")))
    gates = [(condition(gate["when"]), gate["answer"], gate["code"]) for gate in params.get("gates", [])]
    contract = _contract(params.need("contract"), str(params.need("contract_days")))
    act = str(params.get("act", "action_at"))

    def judge(reading: Reading) -> Answer:
        given = contract(reading)
        stopped = next(((answer, code) for test, answer, code in gates if test(reading)), None)
        if stopped is not None:
            return _contract_alone(given, stopped, reading, act)
        found = statute(reading)
        if found is None:
            return Answer(YES, "window.not_begun")
        ends = [given if given is not None and given.day > end.day else end for end in found]
        answer = in_time(ends, reading.happened(act), reading, name="withdrawal", doubt=DOUBT)
        if given is not None:
            answer.steps.insert(0, Step("contract_window", {"to": given.day}))
        return answer

    return Clause(judge)


def _contract(table: Any, days: str) -> Callable[[Reading], End | None]:
    start, path = start_of(table["start"]), Path(table["path"])

    def end(reading: Reading) -> End | None:
        if reading.get(days) is NEVER:
            return None
        begun = start(reading)
        if begun is None:
            raise Open("window.not_begun")
        return path.walk(begun, reading, None)

    return end


def _contract_alone(given: End | None, stopped: tuple[str, str], reading: Reading, act: str) -> Answer:
    """The law gives nothing here, or is open: what the contract gives counts."""
    eligible, code = stopped
    if given is not None:
        answer = in_time([given], reading.happened(act), reading, name="withdrawal", doubt=DOUBT)
        if answer.eligible == YES or eligible == NO:
            return answer
    return review(code) if eligible == REVIEW else Answer(NO, code)
