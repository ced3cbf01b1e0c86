"""May a date that was set be changed so: only to an earlier one, and never be taken away?

current = "current_cancellation_date", requested = "requested_cancellation_date"
"""

from casedesk.policy.clauses.base import Clause, Params
from casedesk.policy.facts import NEVER
from casedesk.policy.reading import NO, YES, Answer, Reading


def read(params: Params) -> Clause:
    """The clause of a `change_of_terms` table."""
    current, requested = str(params.need("current")), str(params.need("requested"))

    def judge(reading: Reading) -> Answer:
        if reading.get(requested) is NEVER:
            return Answer(NO, "change.not_removable")
        new, old = reading.local(requested), reading.local(current)
        earlier = new < old
        params = {"current": old, "requested": new}
        return Answer(YES if earlier else NO, "change.earlier" if earlier else "change.not_earlier", params)

    return Clause(judge)
