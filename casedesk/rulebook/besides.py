"""What a verdict leaves open beside its answer: how late it was, how the contract could end, what an exception costs."""

from collections.abc import Iterator
from datetime import date

from flask_babel import gettext as _
from flask_babel import ngettext

from casedesk.kernel.money import Money
from casedesk.policy.verdict import Outcome, Standing, Verdict
from casedesk.web.locale import day, money

_ENDS = ("access_end", "notice_end", "termination")


def besides(verdict: Verdict, claimed: Money | None = None) -> Iterator[str]:
    """Sentences in the reader's language; none for a verdict that still asks."""
    if verdict.outcome not in (Outcome.ALLOWED, Outcome.REFUSED):
        return
    if verdict.outcome is Outcome.REFUSED:
        yield from _closed(verdict)
    yield from _other_rights(verdict)
    yield from _ends(verdict)
    yield from _exception(verdict, claimed)


def _closed(verdict: Verdict) -> Iterator[str]:
    """How long before the act each window that it rests on had closed: the last to close."""
    closings = [
        (found.params["last"], found.params["act_day"])
        for found in verdict.findings
        if found.code == "window.closed" and found.rule in verdict.reasons
    ]
    days = [(last, act) for last, act in closings if isinstance(last, date) and isinstance(act, date)]
    if days:
        last, act = max(days)
        since = (act - last).days
        yield str(
            ngettext(
                "Closed %(num)d day before it was asked, on %(day)s.",
                "Closed %(num)d days before it was asked, on %(day)s.",
                since,
                day=day(last),
            )
        )


def _other_rights(verdict: Verdict) -> Iterator[str]:
    """What else would be lawful to give: rights that hold beside the one that prevails."""
    for found in verdict.findings:
        if (
            found.standing is Standing.SET_ASIDE
            and found.amount is not None
            and found.amount != verdict.amount
        ):
            amount = money(found.amount.minor, found.amount.currency)
            yield str(_("By the contract alone: %(amount)s.", amount=amount))


def _ends(verdict: Verdict) -> Iterator[str]:
    """When the contract ends, if it is cancelled on the day of the act."""
    told = verdict.answer.get("contract_ends_local_date")
    clocks = {clock.name: clock.deadline.last_local_date for clock in verdict.clocks if clock.name in _ENDS}
    end = told if isinstance(told, date) else next((clocks[name] for name in _ENDS if name in clocks), None)
    if end is not None:
        yield str(_("Cancelled on the day it was asked, the contract ends on %(day)s.", day=day(end)))


def _exception(verdict: Verdict, claimed: Money | None) -> Iterator[str]:
    """What it costs beyond the rule to give all that is asked for."""
    if verdict.asked != "refund" or claimed is None:
        return
    beyond = claimed.minor - (verdict.amount.minor if verdict.amount else 0)
    if beyond > 0:
        cost = money(beyond, claimed.currency)
        yield str(_("An exception for all that is asked costs %(amount)s.", amount=cost))
