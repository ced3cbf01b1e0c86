"""Is a surcharge due for lateness, and how much by a scale whose brackets touch?

    days = "days_late", due = ..., paid = ..., amount = "refund_minor"
    brackets = [{below = 10, basis = "legal_interest"}, {below = 20, basis = "pct_5", share = 5}, ...]
    from_day = 90                beyond the last bracket the scale is open
A day that stands on the edge of two brackets is open too.
"""

from fractions import Fraction
from typing import Any

from casedesk.kernel.calendar import days_between
from casedesk.kernel.money import Money, Rounding, rounded
from casedesk.policy.clauses.base import Clause, Params
from casedesk.policy.reading import NO, YES, Answer, Open, Reading
from casedesk.policy.verdict import Step


def read(params: Params) -> Clause:
    """The clause of a `penalty_scale` table."""
    days, due, paid = str(params.need("days")), str(params.need("due")), str(params.need("paid"))
    amount, brackets = str(params.need("amount")), list(params.need("brackets"))

    def judge(reading: Reading) -> Answer:
        late = _days_late(reading, days, due, paid)
        if late <= 0:
            answer = Answer(NO, "penalty.in_time")
            answer.keys = {"surcharge_minor": 0}
            currency = reading.optional("currency")
            if currency is not None:
                answer.keys["currency"] = currency
            return answer
        bracket = next((item for item in brackets if late <= item["below"]), None)
        if bracket is None:
            raise Open("penalty.beyond_the_scale", days=late)
        if late == bracket["below"]:
            raise Open("penalty.on_the_edge", days=late)
        return _surcharge(reading, bracket, late, amount)

    return Clause(judge)


def _days_late(reading: Reading, days: str, due: str, paid: str) -> int:
    given = reading.optional(days)
    if given is not None:
        return int(given)
    if reading.optional(due) is None and reading.optional(paid) is None:
        return int(reading.get(days))
    return days_between(reading.local(due), reading.local(paid))


def _surcharge(reading: Reading, bracket: dict[str, Any], late: int, amount: str) -> Answer:
    share, basis = bracket.get("share"), str(bracket["basis"])
    answer = Answer(YES, "penalty.due", {"days": late, "basis": basis})
    if share is None:
        answer.keys = {"surcharge_minor": None, "surcharge_basis": basis}
        currency = reading.optional("currency")
        if currency is not None:
            answer.keys["currency"] = currency
        answer.steps = [Step("days_late", {"count": late})]
        return answer
    base, currency = int(reading.get(amount)), reading.currency()
    surcharge = rounded(Fraction(base * int(share), 100), Rounding.HALF_UP)
    answer.keys = {"surcharge_minor": surcharge, "surcharge_basis": basis, "currency": currency}
    answer.steps = [
        Step("days_late", {"count": late}),
        Step(
            "surcharge",
            {"base": Money(base, currency), "share": int(share), "amount": Money(surcharge, currency)},
        ),
    ]
    return answer
