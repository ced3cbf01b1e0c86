"""May the customer leave on the day asked for, or does a commitment still run?

    start = "commitment_start", months = "commitment_months", leaving = "requested_end", cause = "cause"
The last committed day is start + months - 1 day; leaving on that day is free.
"""

from datetime import timedelta

from casedesk.kernel.calendar import add_months
from casedesk.policy.clauses.base import Clause, Params
from casedesk.policy.facts import NEVER
from casedesk.policy.reading import NO, YES, Answer, Reading, review
from casedesk.policy.spans import End
from casedesk.policy.timing import clocks_of, deadline_keys
from casedesk.policy.verdict import Step


def read(params: Params) -> Clause:
    """The clause of a `commitment` table."""
    start, months = str(params.need("start")), str(params.need("months"))
    leaving, cause = str(params.need("leaving")), str(params.need("cause"))

    def judge(reading: Reading) -> Answer:
        count = reading.get(months)
        if count is NEVER:
            return Answer(YES, "commitment.none")
        begun, asked = reading.local(start), reading.local(leaving)
        last = add_months(begun, count) - timedelta(days=1)
        step = Step("commitment", {"from": begun, "count": count, "to": last})
        if asked < last and reading.word(cause) is not NEVER:
            return review("commitment.cause", cause=str(reading.word(cause)), last=last)
        free = asked >= last
        answer = Answer(YES if free else NO, "commitment.over" if free else "commitment.runs", {"last": last})
        end = End(last, None, (step,))
        answer.keys, answer.steps = deadline_keys(end, reading), [step]
        answer.clocks = clocks_of([end], reading, "commitment_end")
        return answer

    return Clause(judge)
