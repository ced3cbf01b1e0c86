"""What the merchant may keep when a contract for lessons or access is ended early.

rule = "share_of_price": within the first part of the term, at most a share of the price is kept
rule = "given_and_share_of_rest": the price of what was given, and a capped share of the rest
begun = "services_begun"                 not begun: all comes back
"""

from fractions import Fraction

from casedesk.kernel.money import Money, Rounding, rounded
from casedesk.policy.clauses.amount import refund
from casedesk.policy.clauses.base import Clause, Params
from casedesk.policy.conditions import PackError
from casedesk.policy.reading import Answer, Open, Reading
from casedesk.policy.verdict import Step


def read(params: Params) -> Clause:
    """The clause of a `capped_retention` table."""
    rule, begun = str(params.need("rule")), str(params.need("begun"))
    kinds = {"share_of_price": _share_of_price, "given_and_share_of_rest": _given_and_share_of_rest}
    if rule not in kinds:
        raise PackError("pack.unknown_method", key="rule", value=rule)
    after = kinds[rule](params)

    def judge(reading: Reading) -> Answer:
        if not reading.get(begun):
            return refund(int(reading.get("paid_minor")), 0, 0, reading.currency(), [Step("not_begun", {})])
        return after.judge(reading)

    return Clause(judge, reads=("paid_minor", "price_minor"))


def _share_of_price(params: Params) -> Clause:
    start, end, sent = str(params.need("start")), str(params.need("end")), str(params.need("sent"))
    part = int(params.need("part"))

    def judge(reading: Reading) -> Answer:
        first, sent_on = reading.local(start), reading.local(sent)
        term, used = (reading.local(end) - first).days, (sent_on - first).days + 1
        if used > term // part:
            raise Open("retention.after_the_first_part", used=used, limit=term // part)
        price, currency = int(reading.get("price_minor")), reading.currency()
        kept = price // part
        steps = [
            Step("first_part", {"used": used, "limit": term // part, "term": term}),
            Step("part_of_price", {"part": part, "amount": Money(kept, currency)}),
        ]
        return refund(int(reading.get("paid_minor")), kept, 0, currency, steps)

    return Clause(judge)


def _given_and_share_of_rest(params: Params) -> Clause:
    lessons, given = str(params.need("units")), str(params.need("given"))
    part, cap = int(params.need("part")), int(params.need("cap_minor"))

    def judge(reading: Reading) -> Answer:
        count = int(reading.get(lessons))
        done = min(int(reading.get(given)), count)
        price, currency = int(reading.get("price_minor")), reading.currency()
        used = Fraction(price * done, count)
        penalty = min(Fraction(cap), (price - used) / part)
        kept = rounded(used + penalty, Rounding.HALF_UP)
        steps = [
            Step("used_share", {"used": done, "period": count}),
            Step("given_and_penalty", {"used": used, "penalty": penalty, "amount": Money(kept, currency)}),
        ]
        return refund(int(reading.get("paid_minor")), kept, 0, currency, steps)

    return Clause(judge)
