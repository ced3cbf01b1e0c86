"""Was something sent between so many days before an event and so many? Counted backwards: nothing rolls.

sent = "notice_sent_at", before = "price_change_effective", at_least = 7, at_most = 30
"""

from casedesk.kernel.calendar import days_between
from casedesk.policy.clauses.base import Clause, Params
from casedesk.policy.facts import NEVER
from casedesk.policy.reading import NO, YES, Answer, Reading
from casedesk.policy.verdict import Step


def read(params: Params) -> Clause:
    """The clause of a `backward_window` table."""
    sent, event = str(params.need("sent")), str(params.need("before"))
    at_least, at_most = int(params.need("at_least")), int(params.need("at_most"))

    def judge(reading: Reading) -> Answer:
        if reading.get(sent) is NEVER:
            return Answer(NO, "backward.never_sent")
        sent_on, event_on = reading.local(sent), reading.local(event)
        days = days_between(sent_on, event_on)
        eligible = YES if at_least <= days <= at_most else NO
        code = (
            "backward.inside" if eligible == YES else "backward.late" if days < at_least else "backward.early"
        )
        answer = Answer(eligible, code, {"days": days, "at_least": at_least, "at_most": at_most})
        answer.keys = {"days_before": days}
        answer.steps = [Step("days_before", {"from": sent_on, "to": event_on, "count": days})]
        return answer

    return Clause(judge)
