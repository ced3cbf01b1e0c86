"""An advance less what was performed, to be repaid within a period; late or in time, the amount is the same.

paid, period, used = ...; window = {...window table...}; act = "action_at" (known never: not paid yet)
"""

from casedesk.policy.clauses.amount import kept, refund
from casedesk.policy.clauses.base import Clause, Params
from casedesk.policy.clauses.window import ends_of
from casedesk.policy.facts import NEVER
from casedesk.policy.reading import NO, YES, Answer, Reading, review
from casedesk.policy.timing import clocks_of, deadline_keys, earliest, in_time


def read(params: Params) -> Clause:
    """The clause of an `advance` table."""
    ends = ends_of(Params(params.need("window")))
    paid, period, used = str(params.need("paid")), str(params.need("period")), str(params.need("used"))
    act, doubt = str(params.get("act", "action_at")), str(params.get("doubt", "window.gap"))
    convention = str(params.get("convention", "used_days_convention"))

    def judge(reading: Reading) -> Answer:
        if reading.optional(convention) is not None:
            reading.word(convention)
        found = ends(reading)
        if found is None:
            return review("window.not_begun")
        advance = int(reading.get(paid))
        retained, steps = kept(reading, advance, int(reading.get(used)), int(reading.get(period)))
        due = refund(advance, retained, 0, reading.currency(), steps)
        moment = reading.get(act)
        if moment is NEVER:
            first = earliest(found)
            owed = due.keys["refundable_minor"] != 0
            answer = Answer(YES if owed else NO, "advance.due" if owed else "advance.used_up")
            answer.keys = deadline_keys(first, reading)
            answer.steps, answer.clocks = [*first.steps], clocks_of(found, reading, "refund_by")
        else:
            answer = in_time(found, moment, reading, name="refund_by", doubt=doubt)
        answer.keys.update(due.keys)
        answer.steps += due.steps
        return answer

    return Clause(judge, reads=(convention,))
