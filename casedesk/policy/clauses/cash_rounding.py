"""What is paid out: cash to the nearest step, half a step up; anything else to the minor unit.

amount = "amount_minor", payout = "payout", cash = "cash", step = "cash_step_minor"
"""

from casedesk.kernel.money import Money, to_cash
from casedesk.policy.clauses.base import Clause, Params
from casedesk.policy.reading import YES, Answer, Reading
from casedesk.policy.verdict import Step


def read(params: Params) -> Clause:
    """The clause of a `cash_rounding` table."""
    amount, payout = str(params.need("amount")), str(params.need("payout"))
    cash, step = str(params.need("cash")), str(params.need("step"))

    def judge(reading: Reading) -> Answer:
        minor, currency = int(reading.get(amount)), reading.currency()
        in_cash = reading.word(payout) == cash
        out = to_cash(minor, int(reading.get(step))) if in_cash else minor
        answer = Answer(YES, "payout.cash" if in_cash else "payout.unchanged")
        answer.keys = {"refundable_minor": out, "currency": currency}
        answer.steps = [Step("to_refund", {"amount": Money(out, currency)})]
        return answer

    return Clause(judge)
