"""A duty or a state of the law that the gates before it settle; this says what holds where none does.

answer = "yes" | "no" | "review", code = "duty.applies"
"""

from casedesk.policy.clauses.base import Clause, Params
from casedesk.policy.conditions import PackError
from casedesk.policy.reading import NO, REVIEW, YES, Answer, Reading, review


def read(params: Params) -> Clause:
    """The clause of a `duty` table."""
    eligible, code = str(params.need("answer")), str(params.need("code"))
    if eligible not in (YES, NO, REVIEW):
        raise PackError("pack.unknown_answer", value=eligible)

    def judge(_reading: Reading) -> Answer:
        return review(code) if eligible == REVIEW else Answer(eligible, code)

    return Clause(judge)
