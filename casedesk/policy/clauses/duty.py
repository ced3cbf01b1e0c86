"""A duty or a state of the law that the gates before it settle; this says what holds where none does.

answer = "yes" | "no" | "review", code = "duty.applies"
"""

from casedesk.policy.clauses.base import Clause, Params
from casedesk.policy.reading import REVIEW, Answer, Reading, review


def read(params: Params) -> Clause:
    """The clause of a `duty` table."""
    eligible, code = str(params.need("answer")), str(params.need("code"))

    def judge(_reading: Reading) -> Answer:
        return review(code) if eligible == REVIEW else Answer(eligible, code)

    return Clause(judge)
