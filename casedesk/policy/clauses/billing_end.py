"""When do access and invoices end, where a subscription runs from billing day to billing day?

    rule = "day_before_next_billing": billing = ..., words = [...], purchase, cancelled, path
    rule = "chosen_month": month, configured, billing_day
Billing days are the purchase day plus n months, always from the original day.
"""

from datetime import date, timedelta

from casedesk.kernel.calendar import add_months, last_of_month
from casedesk.policy.clauses.base import Clause, Params
from casedesk.policy.conditions import PackError
from casedesk.policy.reading import YES, Answer, Reading
from casedesk.policy.spans import End
from casedesk.policy.timing import clocks_of, deadline_keys
from casedesk.policy.verdict import Step

_ONE_DAY = timedelta(days=1)


def read(params: Params) -> Clause:
    """The clause of a `billing_end` table."""
    rule = str(params.need("rule"))
    if rule == "day_before_next_billing":
        return _day_before(params)
    if rule == "chosen_month":
        return _chosen_month(params)
    raise PackError("pack.unknown_method", key="rule", value=rule)


def _ends(last: date, step: Step, keys: dict[str, object], reading: Reading) -> Answer:
    end = End(last, None, (step,))
    answer = Answer(YES, "access.ends", {"last": last})
    answer.keys = {**deadline_keys(end, reading), "last_access_local_date": last, **keys}
    answer.steps, answer.clocks = [step], clocks_of([end], reading, "access_end")
    return answer


def _day_before(params: Params) -> Clause:
    purchase, cancelled = str(params.need("purchase")), str(params.need("cancelled"))
    words = [str(name) for name in params.need("words")]

    def judge(reading: Reading) -> Answer:
        for word in words:
            reading.word(word)
        bought, ended = reading.local(purchase), reading.local(cancelled)
        count = max(1, (ended.year - bought.year) * 12 + ended.month - bought.month)
        while add_months(bought, count) <= ended:
            count += 1
        billing = add_months(bought, count)
        step = Step("next_billing", {"from": bought, "cancelled": ended, "count": count, "day": billing})
        keys = {"next_billing_date": billing, "further_invoices": 0}
        return _ends(billing - _ONE_DAY, step, keys, reading)

    return Clause(judge)


def _chosen_month(params: Params) -> Clause:
    month, configured = str(params.need("month")), str(params.need("configured"))
    day_fact = str(params.need("billing_day"))

    def judge(reading: Reading) -> Answer:
        chosen = reading.get(month)
        last = last_of_month(chosen.year, chosen.month)
        if not reading.get(configured):
            last = last.replace(day=min(int(reading.get(day_fact)), last.day)) - _ONE_DAY
        invoiced = add_months(chosen, -1).isoformat()[:7]
        step = Step("chosen_month", {"month": chosen.isoformat()[:7], "day": last, "last_invoice": invoiced})
        return _ends(last, step, {"last_invoice_month": invoiced}, reading)

    return Clause(judge)
