"""The names of dimensions, periods, comparisons and steps as pickers and tables say them."""

from flask_babel import gettext as _


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
