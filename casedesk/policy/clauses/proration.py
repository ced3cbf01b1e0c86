"""What comes back of a paid period that ends early: by local days, by seconds in UTC, or by whole months.

    by = "days" | "seconds" | "months"
The period is [start, end); the day of the cancellation is free; a month is used once it has begun.
The number of days may also be given as such.
"""

from datetime import UTC, date, datetime

from casedesk.kernel.calendar import add_months, start_of_day
from casedesk.policy.clauses.amount import kept, refund
from casedesk.policy.clauses.base import Clause, Params
from casedesk.policy.conditions import PackError
from casedesk.policy.facts import NEVER
from casedesk.policy.reading import Answer, Open, Reading


def read(params: Params) -> Clause:
    """The clause of a `proration` table."""
    by = str(params.need("by"))
    if by not in _SHARES:
        raise PackError("pack.unknown_method", key="by", value=by)
    shares = _SHARES[by]

    def judge(reading: Reading) -> Answer:
        paid, already = int(reading.get("paid_minor")), int(reading.get("already_refunded_minor"))
        used, period = shares(reading)
        if period <= 0:
            raise Open("amount.period_is_empty")
        retained, steps = kept(reading, paid, max(0, used), period)
        return refund(paid, retained, already, reading.currency(), steps)

    return Clause(judge, reads=_READS)


def _days(reading: Reading) -> tuple[int, int]:
    """(used, period) in local days."""
    given = _given_days(reading)
    if given is not None:
        return given
    start, end = reading.local("period_start"), reading.local("period_end")
    return (_cancelled_day(reading, "cancelled_at", "cancelled_on") - start).days, (end - start).days


def _seconds(reading: Reading) -> tuple[int, int]:
    """(used, period) in seconds of UTC: a night with a clock change is longer or shorter."""
    given = _given_days(reading)
    if given is not None:
        return given
    start, end = (_instant(reading, name) for name in ("period_start", "period_end"))
    cancelled = _instant(reading, "cancelled_at")
    return int((cancelled - start).total_seconds()), int((end - start).total_seconds())


def _months(reading: Reading) -> tuple[int, int]:
    """(begun, all) months, each counted from the original day."""
    period = int(reading.get("months"))
    start, cancelled = reading.local("period_start"), _cancelled_day(reading, "cancelled_on", "cancelled_at")
    begun = next((count for count in range(period) if add_months(start, count) > cancelled), period)
    return begun, period


def _given_days(reading: Reading) -> tuple[int, int] | None:
    """The days where they are given as numbers; one of the two alone asks for the other."""
    period, used = reading.optional("period_days"), reading.optional("used_days")
    if period is None and used is None:
        return None
    if period is None and reading.optional("period_start") is not None:
        return None
    return int(reading.get("used_days")), int(reading.get("period_days"))


def _cancelled_day(reading: Reading, *names: str) -> date:
    """The local day of the cancellation, whichever fact tells it; the first is asked for."""
    for name in names:
        value = reading.optional(name)
        if value is not None and value is not NEVER:
            return reading.day_of(value)
    return reading.local(names[0])


def _instant(reading: Reading, name: str) -> datetime:
    value = reading.happened(name)
    return value if isinstance(value, datetime) else start_of_day(value, reading.zone()).astimezone(UTC)


_READS = (
    "paid_minor",
    "already_refunded_minor",
    "period_days",
    "used_days",
    "period_start",
    "period_end",
    "months",
    "cancelled_at",
    "cancelled_on",
)
_SHARES = {"days": _days, "seconds": _seconds, "months": _months}
