"""How many minor units is an amount as it is written: more decimals than the currency has are open.

amount = "amount_decimal"
"""

from casedesk.kernel.money import Money, minor_units
from casedesk.policy.clauses.base import Clause, Params
from casedesk.policy.reading import YES, Answer, Open, Reading
from casedesk.policy.verdict import Step


def read(params: Params) -> Clause:
    """The clause of a `minor_units` table."""
    amount = str(params.need("amount"))

    def judge(reading: Reading) -> Answer:
        text, currency = str(reading.get(amount)), reading.currency()
        minor = minor_units(text, currency)
        if minor is None:
            raise Open("amount.too_many_decimals", amount=text, currency=currency)
        answer = Answer(YES, "amount.minor_units")
        answer.keys = {"amount_minor": minor, "currency": currency}
        answer.steps = [Step("minor_units", {"text": text, "amount": Money(minor, currency)})]
        return answer

    return Clause(judge)
