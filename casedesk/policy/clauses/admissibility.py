"""May a mediator take the case: not after the year, and not before the wait that the charter asks for?

complaint, seized, path = ["12 months"], wait = "mediator_min_wait_months", reply = "trader_reply"
no_wait = ["refused"]            answers to the complaint after which nobody waits
"""

from datetime import date

from casedesk.kernel.calendar import add_months
from casedesk.policy.clauses.base import Clause, Params
from casedesk.policy.facts import NEVER
from casedesk.policy.reading import NO, YES, Answer, Needs, Open, Reading, review
from casedesk.policy.spans import End, Path
from casedesk.policy.timing import clocks_of, deadline_keys, in_time, with_gap
from casedesk.policy.verdict import Step


def read(params: Params) -> Clause:
    """The clause of an `admissibility` table."""
    complaint, seized = str(params.need("complaint")), str(params.need("seized"))
    path, abusive = Path(params.need("path")), str(params.need("abusive"))
    wait, reply, no_wait = (
        str(params.need("wait")),
        str(params.need("reply")),
        frozenset(params.need("no_wait")),
    )

    def last_day(reading: Reading) -> End:
        return path.walk(reading.local(complaint), reading, None)

    def earliest(reading: Reading) -> date | None:
        """The first day of a silent trader's case, where a wait is set."""
        if reading.optional(reply) is not NEVER or reading.optional(wait) in (None, NEVER):
            return None
        return add_months(reading.local(complaint), int(reading.get(wait)))

    def extras(reading: Reading) -> dict[str, object]:
        try:
            keys = deadline_keys(last_day(reading), reading)
            first = earliest(reading)
        except (Needs, Open):
            return {}
        return keys if first is None else {**keys, "earliest_local_date": first}

    def judge(reading: Reading) -> Answer:
        end = last_day(reading)
        answer = in_time(
            with_gap([end], reading), reading.happened(seized), reading, name="mediator", doubt="window.gap"
        )
        if answer.eligible == NO:
            return answer
        answer.keys.update(extras(reading))
        waited = _waited(reading)
        if waited == NO:
            return _refused(answer, reading, end)
        if reading.get(abusive):
            return review("mediation.said_abusive")
        return review("mediation.wait_unclear") if waited != YES and answer.eligible == YES else answer

    def _refused(answer: Answer, reading: Reading, end: End) -> Answer:
        stopped = Answer(NO, "mediation.too_early", {"earliest": earliest(reading)}, keys=answer.keys)
        stopped.steps = [*answer.steps, Step("wait", {"count": reading.get(wait), "to": earliest(reading)})]
        stopped.clocks = clocks_of([end], reading, "mediator")
        return stopped

    def _waited(reading: Reading) -> str:
        """Has the wait passed: yes, no, or open where the trader gave a part of what was asked?"""
        answered = reading.word(reply)
        if answered in no_wait:
            return YES
        months = reading.get(wait)
        if months is NEVER or reading.local(seized) >= add_months(reading.local(complaint), months):
            return YES
        return NO if answered is NEVER else "open"

    return Clause(judge, extras)
