"""An invoice made by mistake is voided: it is credited, access ends at once, only the invoices remain.

last_invoice = "last_invoice_minor", paid = "paid_minor", voided = "voided_at", remaining = "invoices_only"
"""

from casedesk.kernel.money import Money
from casedesk.policy.clauses.base import Clause, Params
from casedesk.policy.reading import YES, Answer, Reading
from casedesk.policy.verdict import Step


def read(params: Params) -> Clause:
    """The clause of a `void_invoice` table."""
    invoice, paid = str(params.need("last_invoice")), str(params.need("paid"))
    voided, remaining = str(params.need("voided")), str(params.need("remaining"))

    def judge(reading: Reading) -> Answer:
        back, currency = min(int(reading.get(invoice)), int(reading.get(paid))), reading.currency()
        answer = Answer(YES, "void.by_mistake", {"refund": Money(back, currency)})
        answer.keys = {"refundable_minor": back, "currency": currency, "record_remaining": remaining}
        answer.keys["access_ends_utc"] = reading.happened(voided)
        answer.steps = [Step("to_refund", {"amount": Money(back, currency)})]
        return answer

    return Clause(judge)
