"""The queue's address into a filter: what is not understood is said and left out, never a broken page."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from casedesk.cases.queries import figured
from casedesk.cases.queries.filters import QueueFilter
from casedesk.cases.queries.queue import ORDERS
from casedesk.cases.queries.views import NEWEST_FIRST
from casedesk.cases.rules import KINDS, STATUSES
from casedesk.web.amounts import read_amount
from casedesk.web.fields import read_day
from casedesk.web.form import tidy

PLACE = ("after", "before", "last")
FIELDS = (
    "kind",
    "status",
    "owner",
    "team",
    "cause",
    "source",
    "country",
    "from",
    "to",
    "since",
    "until",
    "overdue",
    "figure",
)
_LONGEST = 80
_LONGEST_FIGURE = 2_000


def read_filter(
    args: MultiDict[str, str], views: list[str], *, zone: str, currency: str
) -> tuple[QueueFilter, dict[str, list[str]], list[str]]:
    """The filter, its fields as typed (for the forms and addresses), and a sentence for each one left out."""
    typed = {
        name: [
            tidy(v)[: _LONGEST_FIGURE if name == "figure" else _LONGEST]
            for v in args.getlist(name)
            if tidy(v)
        ]
        for name in FIELDS
    }
    typed = {name: values for name, values in typed.items() if values}
    view = args.get("view") or ""
    chosen = QueueFilter(view=view if view in views else views[0])
    faults = []
    for name, values in list(typed.items()):
        try:
            chosen = replace(chosen, **_READ[name](values, zone, currency))
        except (ValueError, OverflowError):
            faults.append(
                _(
                    "“%(value)s” is no %(name)s, so this filter is left out.",
                    value=", ".join(values),
                    name=_name(name),
                )
            )
            del typed[name]
    return _ordered(chosen, args), typed, faults


def _ordered(chosen: QueueFilter, args: MultiDict[str, str]) -> QueueFilter:
    """With the order asked for; views without clocks start with what was opened last."""
    sort = args.get("sort") or ""
    if sort in ORDERS:
        return replace(chosen, sort=sort, descending=args.get("dir") == "desc")
    if chosen.view in NEWEST_FIRST:
        return replace(chosen, sort="opened", descending=True)
    return chosen


def _several(field: str, known: tuple[str, ...]) -> Callable[[list[str], str, str], dict[str, Any]]:
    def read(values: list[str], zone: str, currency: str) -> dict[str, Any]:
        if any(value not in known for value in values):
            raise ValueError(field)
        return {field: tuple(values)}

    return read


def _text(field: str) -> Callable[[list[str], str, str], dict[str, Any]]:
    return lambda values, zone, currency: {field: values[-1]}


def _owner(values: list[str], zone: str, currency: str) -> dict[str, Any]:
    if values[-1] not in ("me", "nobody"):
        _id(values[-1])
    return {"owner": values[-1]}


def _id(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or int(text) >= 2**62:
        raise ValueError(text)
    return int(text)


def _amount(field: str) -> Callable[[list[str], str, str], dict[str, Any]]:
    return lambda values, zone, currency: {field: read_amount(values[-1], currency)}


def _since(values: list[str], zone: str, currency: str) -> dict[str, Any]:
    return {"opened_from": _start_of(read_day(values[-1]), zone)}


def _until(values: list[str], zone: str, currency: str) -> dict[str, Any]:
    return {"opened_before": _start_of(read_day(values[-1]) + timedelta(days=1), zone)}


def _start_of(day: date, zone: str) -> datetime:
    """The first instant of `day` in `zone`."""
    return datetime.combine(day, time(0), ZoneInfo(zone)).astimezone(UTC)


def _figure(code: str) -> str:
    figured.condition(code)
    return code


_READ: Mapping[str, Callable[[list[str], str, str], dict[str, Any]]] = {
    "kind": _several("kinds", KINDS),
    "status": _several("statuses", STATUSES),
    "owner": _owner,
    "team": lambda values, zone, currency: {"team_id": _id(values[-1])},
    "cause": _text("cause"),
    "source": _text("source"),
    "country": lambda values, zone, currency: {"country": values[-1].upper()},
    "from": _amount("amount_from"),
    "to": _amount("amount_to"),
    "since": _since,
    "until": _until,
    "overdue": lambda values, zone, currency: {"overdue": True},
    "figure": lambda values, zone, currency: {"figure": _figure(values[-1])},
}


def _name(field: str) -> str:
    return {
        "kind": _("kind of case"),
        "status": _("status"),
        "owner": _("owner"),
        "team": _("team"),
        "from": _("amount"),
        "to": _("amount"),
        "since": _("date"),
        "until": _("date"),
        "figure": _("figure of a report"),
    }.get(field, field)


def address(
    path: str, chosen: QueueFilter, typed: Mapping[str, list[str]], *, without: str = "", **changes: str
) -> str:
    """The address of the same list with `changes`; page cursors do not carry over. `without` drops one filter."""
    sorting = {"sort": chosen.sort, "dir": "desc" if chosen.descending else "asc"}
    if chosen.view in NEWEST_FIRST and (chosen.sort, chosen.descending) == ("opened", True):
        sorting = {}
    if (chosen.sort, chosen.descending) == ("clock", False) and chosen.view not in NEWEST_FIRST:
        sorting = {}
    parts: dict[str, Any] = {"view": chosen.view, **typed, **sorting, **changes}
    parts.pop(without, None)
    return f"{path}?{urlencode({k: v for k, v in parts.items() if v}, doseq=True)}"
