"""How much comes back: all of it, none of it, or the part that was not provided.

    method = "full" | "none" | "pro_rata"
    paid = "paid_minor", already_refunded = "already_refunded_minor"
    price, period, used, parts, remaining, market = ...          for pro_rata
One exact calculation, one rounding at the end, on the retained part; refund = paid - retained.
"""

from fractions import Fraction

from casedesk.kernel.money import Money, Rounding, rounded
from casedesk.policy.clauses.base import Clause, Params
from casedesk.policy.conditions import PackError
from casedesk.policy.facts import NEVER
from casedesk.policy.reading import YES, Answer, Open, Reading
from casedesk.policy.verdict import Step


def read(params: Params) -> Clause:
    """The clause of an `amount` table."""
    method = str(params.need("method"))
    if method == "full":
        return _full(params)
    if method == "none":
        return _none()
    if method == "pro_rata":
        return _pro_rata(params)
    raise PackError("pack.unknown_method", key="method", value=method)


def refund(paid: int, retained: int, already: int, currency: str, steps: list[Step]) -> Answer:
    """The answer of an amount: what is kept, at most what was paid, and what comes back, at least nothing."""
    retained = min(retained, paid)
    back = max(0, paid - retained - already)
    answer = Answer(YES, "amount.computed", {"refund": Money(back, currency), "paid": Money(paid, currency)})
    answer.keys = {"refundable_minor": back, "retained_minor": retained, "currency": currency}
    answer.steps = [Step("paid", {"amount": Money(paid, currency)}), *steps]
    if already:
        answer.steps.append(Step("already_refunded", {"amount": Money(already, currency)}))
    answer.steps.append(Step("to_refund", {"amount": Money(back, currency)}))
    return answer


def _full(params: Params) -> Clause:
    paid, already = str(params.need("paid")), params.get("already_refunded")

    def judge(reading: Reading) -> Answer:
        before = 0 if already is None else int(reading.get(str(already)))
        return refund(int(reading.get(paid)), 0, before, reading.currency(), [Step("nothing_kept", {})])

    return Clause(judge)


def _none() -> Clause:
    def judge(reading: Reading) -> Answer:
        answer = Answer(YES, "amount.none")
        answer.keys = {"refundable_minor": 0, "currency": reading.currency()}
        return answer

    return Clause(judge)


def _pro_rata(params: Params) -> Clause:
    paid, price = str(params.need("paid")), str(params.need("price"))
    period, used = str(params.need("period")), str(params.need("used"))
    parts, remaining = str(params.need("parts")), str(params.need("remaining"))
    market, convention = str(params.need("market")), str(params.get("convention", "used_days_convention"))

    def judge(reading: Reading) -> Answer:
        if reading.optional(convention) is not None:
            reading.word(convention)
        value = reading.get(market)
        if value is not NEVER and value < reading.get(price):
            raise Open("amount.price_said_excessive", market=reading.money(market))
        apart = _separate(reading, parts)
        base = int(reading.get(price if apart is None else remaining))
        retained, steps = kept(reading, base, int(reading.get(used)), int(reading.get(period)))
        if apart:
            steps.append(Step("separate_parts", {"amount": Money(apart, reading.currency())}))
        return refund(int(reading.get(paid)), retained + (apart or 0), 0, reading.currency(), steps)

    return Clause(judge, reads=(convention,))


def _separate(reading: Reading, parts: str) -> int | None:
    """The prices of the parts that were supplied in full; None where the contract has no such parts."""
    written = reading.get(parts)
    if written is NEVER:
        return None
    if any(part.get("fully_supplied") is False for part in written):
        raise Open("amount.part_not_fully_supplied")
    if any(part.get("fully_supplied") is None or part.get("price_minor") is None for part in written):
        raise Open("amount.part_not_described")
    return sum(int(part["price_minor"]) for part in written)


def kept(reading: Reading, base: int, used: int, period: int) -> tuple[int, list[Step]]:
    """The retained share `base` x `used` / `period`, rounded once, and its working. Raises Needs, Open."""
    exact = Fraction(base * min(used, period), period)
    mode = Rounding.HALF_UP if exact.denominator == 1 else reading.rounding()
    retained, currency = rounded(exact, mode), reading.currency()
    return retained, [
        Step("used_share", {"used": used, "period": period}),
        Step(
            "kept_share",
            {
                "base": Money(base, currency),
                "used": used,
                "period": period,
                "exact": exact,
                "mode": mode.value,
                "amount": Money(retained, currency),
            },
        ),
    ]
