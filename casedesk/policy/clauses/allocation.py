"""How is an amount spread over lines: the sum is exact, the rest goes to the largest remainders.

amount = "amount_minor", weights = "weights", method = "method", only = "largest_remainder"
"""

from casedesk.kernel.money import Money, allocate
from casedesk.policy.clauses.base import Clause, Params
from casedesk.policy.reading import YES, Answer, Open, Reading
from casedesk.policy.verdict import Step


def read(params: Params) -> Clause:
    """The clause of an `allocation` table."""
    amount, weights = str(params.need("amount")), str(params.need("weights"))
    method, only = str(params.need("method")), str(params.need("only"))

    def judge(reading: Reading) -> Answer:
        chosen = reading.word(method)
        if chosen != only:
            raise Open("fact.not_listed", fact=method, value=str(chosen))
        minor, spread, currency = int(reading.get(amount)), reading.get(weights), reading.currency()
        if sum(spread) == 0:
            raise Open("allocation.no_weight")
        parts = allocate(minor, spread)
        answer = Answer(YES, "allocation.exact")
        answer.keys = {"refundable_minor": minor, "allocation_minor": parts, "currency": currency}
        answer.steps = [Step("to_refund", {"amount": Money(minor, currency)})]
        return answer

    return Clause(judge, reads=(method,))
