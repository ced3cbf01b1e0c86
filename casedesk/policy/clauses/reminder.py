"""Was the renewal reminder duly sent? Where it was not, the renewed contract may be ended free.

    limit = "non_renewal_limit_date", sent = "notice_sent_at", form = "notice_form", right_form = "..."
    first_months = 3, last_months = 1        the window before the limit date, both edges in
Counted backwards: nothing rolls. Where a month lacks the day, its last day and the first of the next
are two readings of that edge.
"""

from datetime import date, timedelta

from casedesk.kernel.calendar import add_months, add_months_overflowing
from casedesk.policy.clauses.base import Clause, Params
from casedesk.policy.facts import NEVER
from casedesk.policy.reading import NO, YES, Answer, Needs, Open, Reading, review
from casedesk.policy.verdict import Step


def read(params: Params) -> Clause:
    """The clause of a `reminder` table."""
    limit, sent = str(params.need("limit")), str(params.need("sent"))
    form, right_form = str(params.need("form")), str(params.need("right_form"))
    months = int(params.need("first_months")), int(params.need("last_months"))

    def extras(reading: Reading) -> dict[str, object]:
        try:
            return _keys(reading, limit, sent, months)
        except (Needs, Open):
            return {}

    def judge(reading: Reading) -> Answer:
        keys = extras(reading)
        if reading.get(sent) is NEVER:
            return Answer(YES, "reminder.never_sent", keys=keys)
        sent_on, limit_on = reading.local(sent), reading.local(limit)
        inside = _inside(sent_on, limit_on, months)
        answer = Answer(YES, "reminder.outside", keys=keys)
        if True in inside:
            if reading.word(form) != right_form:
                answer.code = "reminder.wrong_form"
            elif False in inside:
                return review("reminder.month_without_day", sent=sent_on, limit=limit_on)
            else:
                answer.eligible, answer.code = NO, "reminder.duly_sent"
        answer.steps = _steps(sent_on, limit_on, months)
        answer.params = {"sent": sent_on, "limit": limit_on}
        return answer

    return Clause(judge, extras)


def _inside(sent: date, limit: date, months: tuple[int, int]) -> set[bool]:
    """Was the notice inside the window, under each reading of each edge?"""
    edges = [(add_months(limit, -count), add_months_overflowing(limit, -count)) for count in months]
    return {first <= sent <= last for first in edges[0] for last in edges[1]}


def _keys(reading: Reading, limit: str, sent: str, months: tuple[int, int]) -> dict[str, object]:
    limit_on = reading.local(limit)
    first, last = add_months(limit_on, -months[0]), add_months(limit_on, -months[1])
    keys: dict[str, object] = {"notice_window_first_day": first, "notice_window_last_day": last}
    notice = reading.optional(sent)
    if notice is not None:
        keys["notice_in_window"] = notice is not NEVER and first <= reading.day_of(notice) <= last
    return keys


def _steps(sent: date, limit: date, months: tuple[int, int]) -> list[Step]:
    first, last = add_months(limit, -months[0]), add_months(limit, -months[1])
    steps = [
        Step("reminder_limit", {"day": limit}),
        Step("reminder_first", {"count": months[0], "day": first}),
        Step("reminder_last", {"count": months[1], "day": last}),
        Step("reminder_sent", {"day": sent}),
    ]
    if sent > last:
        steps.append(Step("reminder_late", {"days": (sent - last) // timedelta(days=1)}))
    if sent < first:
        steps.append(Step("reminder_early", {"days": (first - sent) // timedelta(days=1)}))
    steps.append(Step("backwards_no_roll", {}))
    return steps
