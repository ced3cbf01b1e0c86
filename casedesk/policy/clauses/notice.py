"""When does the contract end after notice: the day of the notice plus the months of notice?

start = "notice_given_at", months = "notice_months", at_most = 2
"""

from casedesk.kernel.calendar import add_months
from casedesk.policy.clauses.base import Clause, Params
from casedesk.policy.reading import YES, Answer, Reading
from casedesk.policy.spans import End
from casedesk.policy.timing import clocks_of, deadline_keys
from casedesk.policy.verdict import Step


def read(params: Params) -> Clause:
    """The clause of a `notice` table."""
    start, months = str(params.need("start")), str(params.need("months"))
    at_most = params.get("at_most")

    def judge(reading: Reading) -> Answer:
        asked = int(reading.happened(months))
        count = asked if at_most is None else min(asked, int(at_most))
        day = reading.local(start)
        step = Step("notice", {"from": day, "count": count, "asked": asked, "to": add_months(day, count)})
        end = End(add_months(day, count), None, (step,))
        answer = Answer(YES, "notice.ends", {"end": end.day, "count": count})
        answer.keys = {**deadline_keys(end, reading), "contract_ends_local_date": end.day}
        answer.steps, answer.clocks = [step], clocks_of([end], reading, "notice_end")
        return answer

    return Clause(judge)
