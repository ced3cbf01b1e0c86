"""The names of dimensions, periods, comparisons and steps as pickers and tables say them."""

from datetime import date, timedelta

from flask_babel import format_date
from flask_babel import gettext as _

from casedesk.reports import spelled
from casedesk.reports.cube_rules import bin_edge
from casedesk.web import locale

MONDAY = date(2026, 1, 5)


def dimension_label(code: str) -> str:
    return {
        "kind": _("Kind"),
        "team": _("Team"),
        "cause": _("Cause"),
        "source": _("Source"),
        "plan": _("Plan"),
        "channel": _("Channel"),
        "owner": _("Owner"),
        "decider": _("Decided by"),
        "outcome": _("Outcome"),
        "clause": _("Rule"),
        "network": _("Network"),
        "detail": _("Which"),
        "reason": _("Reason"),
        "currency": _("Currency"),
        "entity": _("Entity"),
        "purchase": _("Days since the purchase"),
        "renewal": _("Days since the renewal"),
        "billing": _("Days since the last charge"),
        "hour_of_week": _("Day and hour"),
        "month_day": _("Day of the month"),
        "first_reply": _("Time"),
        "resolution": _("Time"),
        "messages": _("Messages from the customer"),
        "opened": _("Opened"),
    }.get(code, code)


def period_label(code: str) -> str:
    return {
        "this-month": _("This month"),
        "last-month": _("Last month"),
        "last-30": _("Last 30 days"),
        "last-90": _("Last 90 days"),
        "this-quarter": _("This quarter"),
        "last-quarter": _("Last quarter"),
        "this-year": _("This year"),
        "last-year": _("Last year"),
        "last-12-months": _("Last 12 whole months"),
        "custom": _("From … to …"),
    }[code]


def compare_label(code: str) -> str:
    return {
        "before": _("the period before"),
        "year": _("the same days a year earlier"),
        "none": _("nothing"),
    }[code]


def grain_label(code: str) -> str:
    return {"day": _("Day"), "week": _("Week"), "month": _("Month")}[code]


def event_label(event: str) -> str:
    """What a figure counted, over the list of its cases."""
    return {
        "opened": _("Cases opened"),
        "decided": _("Decisions"),
        "closed": _("Cases closed"),
        "exception": _("Exceptions"),
        "repeat": _("Repeat contacts"),
        "refund": _("Refunds paid"),
        "credit": _("Credits"),
        "dispute": _("Disputes"),
        "dispute_won": _("Disputes won"),
        "clock_kept": _("Clocks kept"),
        "clock_late": _("Clocks missed"),
        "reopened": _("Opened again"),
        "reversed": _("Decisions reversed"),
        "ruled": _("Decisions"),
        "placed": _("Cases opened"),
        "answered": _("Cases answered"),
        "resolved": _("Cases closed"),
        "bought": _("Cases within 90 days of the purchase"),
        "standing": _("Open cases"),
    }.get(event, event)


def span_label(name: str, low: int | date, high: int | date | None) -> str:
    """A span of numbers, hours, durations or days in words; no `high`: it has no end."""
    first, last = (_edge(name, one, upper=place == 1) for place, one in enumerate((low, high)))
    if isinstance(low, date) and low == date.min:
        return _("until %(last)s", last=last)
    if high is None:
        return (
            _("%(first)s and more", first=first)
            if not isinstance(low, date)
            else _("since %(first)s", first=first)
        )
    return first if first == last else f"{first}–{last}"


def _edge(name: str, one: int | date | None, *, upper: bool) -> str:
    if one is None:
        return ""
    if isinstance(one, date):
        return locale.day_year(one) if one > date.min else ""
    if name == "hour_of_week":
        day = format_date(MONDAY + timedelta(days=one // 24), "EEEE")
        return f"{day} {one % 24 + upper} h"
    if name in ("first_reply", "resolution"):
        return spelled.duration(bin_edge(one + upper))
    return str(one)
