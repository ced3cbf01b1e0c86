"""May a refund be paid while, or after, the card holder disputes the charge: never twice.

    status = "dispute_status"
    nothing = [...], all_or_open = [...], payable = [...], less_disputed = [...]      lists of statuses
Any other status is open.
"""

from casedesk.kernel.money import Money
from casedesk.policy.clauses.base import Clause, Params
from casedesk.policy.reading import NO, YES, Answer, Open, Reading
from casedesk.policy.verdict import Step


def read(params: Params) -> Clause:
    """The clause of a `dispute_guard` table."""
    status = str(params.need("status"))
    groups = {
        name: frozenset(params.need(name)) for name in ("nothing", "all_or_open", "payable", "less_disputed")
    }

    def judge(reading: Reading) -> Answer:
        now = reading.word(status)
        if now in groups["nothing"]:
            return _pay(reading, 0, "dispute.open")
        if now in groups["all_or_open"]:
            paid = int(reading.get("paid_minor"))
            if int(reading.get("refund_requested_minor")) < paid:
                raise Open("dispute.part_of_an_inquiry")
            return _pay(reading, paid, "dispute.inquiry")
        if now in groups["payable"]:
            return _pay(reading, _asked(reading), "dispute.over", always=True)
        if now in groups["less_disputed"]:
            disputed = int(reading.get("disputed_minor"))
            return _pay(reading, max(0, _asked(reading) - disputed), "dispute.lost")
        raise Open("dispute.status", status=str(now))

    return Clause(judge, reads=("paid_minor", "refund_requested_minor", "disputed_minor"))


def _asked(reading: Reading) -> int:
    """What is asked, at most what was paid."""
    return min(int(reading.get("refund_requested_minor")), int(reading.get("paid_minor")))


def _pay(reading: Reading, minor: int, code: str, *, always: bool = False) -> Answer:
    currency = reading.currency() if minor else reading.optional("currency")
    answer = Answer(YES if minor or always else NO, code)
    answer.keys = {"refundable_minor": minor}
    if currency is not None:
        answer.keys["currency"] = currency
        answer.steps = [Step("to_refund", {"amount": Money(minor, currency)})]
    return answer
