"""Facts that follow from others: days of a period, days used. Each names the facts that it follows from."""

from casedesk.policy.facts import NEVER, Facts
from casedesk.policy.reading import Needs, Open, Reading

SOURCE = "derived"


def derived(facts: Facts) -> Facts:
    """The facts with what follows from them; what is known already is left alone."""
    period = _days(facts, "period_start", "period_end")
    facts = _add(facts, "period_days", period, "period_start, period_end")
    used = _days(facts, "period_start", "action_at")
    if used is not None and period is not None:
        used = min(max(0, used), period)
    return _add(facts, "used_days", used, "period_start, action_at")


def _days(facts: Facts, start: str, end: str) -> int | None:
    """Local days from `start` to `end`, the last one not counted."""
    if any(facts.value(name) in (None, NEVER) for name in (start, end)):
        return None
    reading = Reading(facts.known)
    try:
        days = (reading.local(end) - reading.local(start)).days
    except (Needs, Open):
        return None
    return days if days >= 0 else None


def _add(facts: Facts, name: str, value: int | None, basis: str) -> Facts:
    if value is None or facts.value(name) is not None or (name == "period_days" and value == 0):
        return facts
    return facts.with_fact(name, value, f"{SOURCE}: {basis}")
