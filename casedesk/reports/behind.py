"""The cases behind a figure of a report, as a filter of the queue: the same conditions that counted them.

A code says the report, the event, the days, what was filtered and what the figure stands for, so that the queue's address
can be shared. It narrows what its reader sees of the queue and opens nothing more.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask_babel import gettext as _
from sqlalchemy import BigInteger, ColumnElement, Date, bindparam, text
from sqlalchemy.orm import Session

from casedesk.cases.models import Case
from casedesk.reports import figures, heads, spelled
from casedesk.reports.asked import FILTERS, Asked
from casedesk.reports.catalog import REPORTS
from casedesk.reports.catalog.base import Behind
from casedesk.reports.catalog.labels import dimension_label, event_label, span_label
from casedesk.reports.cube_rules import CUT_COLUMNS, SPANS, STANDING
from casedesk.reports.names import Names, names
from casedesk.reports.periods import Period

Of = tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True)
class Figured:
    """One figure: what it counts, in which days, under which filters, for which part (`of`) and whose eyes (`scope`)."""

    report: str
    event: str
    period: Period
    filters: Of = ()
    of: Of = ()
    scope: tuple[tuple[str, str], ...] = ()


def figured(report: str, asked: Asked, behind: Behind) -> Figured:
    """The figure of `report` that `behind` names, as it was asked for."""
    of = tuple(
        (name, (value,) if isinstance(value, str) else tuple(value)) for name, value in behind.of.items()
    )
    return Figured(report, behind.event, behind.days or asked.period, asked.filters, of, asked.scope)


def code_of(one: Figured) -> str:
    """The figure as text for an address; `read` gives it back."""
    fields = [
        ("report", one.report),
        ("event", one.event),
        ("start", one.period.start.isoformat()),
        ("end", one.period.end.isoformat()),
        *((f"f.{name}", value) for name, values in one.filters for value in values),
        *((f"o.{name}", value) for name, values in one.of for value in values),
        *((f"s.{name}", value) for name, value in one.scope),
    ]
    return urlencode(fields)


def read(code: str) -> Figured:
    """The figure of a code. Raises ValueError where it is none."""
    fields: dict[str, list[str]] = {}
    for name, value in parse_qsl(code, keep_blank_values=True, strict_parsing=True, max_num_fields=200):
        fields.setdefault(name, []).append(value)
    plain = {name: fields.pop(name, [""])[-1] for name in ("report", "event", "start", "end")}
    if plain["report"] not in REPORTS or plain["event"] not in figures.EVENTS:
        raise ValueError(code)
    period = Period(date.fromisoformat(plain["start"]), date.fromisoformat(plain["end"]))
    filters = _part(fields, "f.", FILTERS)
    of = _part(fields, "o.", (*CUT_COLUMNS, *SPANS, "detail"))
    scope = tuple((name, values[0]) for name, values in _part(fields, "s.", ("owner", "team")))
    if any(not name.startswith(("f.", "o.", "s.")) for name in fields):
        raise ValueError(code)
    for name, values in of:
        if name in SPANS:
            span_of(name, values[0])
    return Figured(plain["report"], plain["event"], period, filters, of, scope)


def _part(fields: Mapping[str, list[str]], prefix: str, known: Iterable[str]) -> Of:
    found = tuple(
        (name.removeprefix(prefix), tuple(values))
        for name, values in fields.items()
        if name.startswith(prefix)
    )
    if any(name not in tuple(known) for name, _values in found):
        raise ValueError(prefix)
    return found


def span_of(name: str, written: str) -> tuple[Any, Any]:
    """(first, last) of a span, both included; the last is None where it has no end. Raises ValueError."""
    first, dots, last = written.partition("..")
    if not dots:
        raise ValueError(written)
    kind = date.fromisoformat if name == "opened" else int
    low, high = kind(first), kind(last) if last else None
    if isinstance(low, int) and not all(abs(int(str(one))) < 2**31 for one in (low, high or 0)):
        raise ValueError(written)
    return low, high


class ReportFigures:
    """What the queue asks of the reports (cases.queries.figured)."""

    def condition(self, code: str) -> ColumnElement[bool]:
        statement, values = cases_of(read(code))
        chosen = text(statement).bindparams(
            *(bindparam(name, value, _type(value)) for name, value in values.items())
        )
        return Case.id.in_(chosen.columns(Case.id))

    def said(self, session: Session, code: str) -> str:
        one, known = read(code), names(session)
        parts = [f"{REPORTS[one.report].title}: {event_label(one.event)}"]
        if one.event != STANDING:
            parts.append(heads.days(one.period))
        for name, values in (*one.filters, *one.of):
            parts.append(f"{dimension_label(name)}: {_values(known, name, values)}")
        return ", ".join(parts)


def _type(value: object) -> Any:
    return Date() if isinstance(value, date) else BigInteger() if isinstance(value, int) else None


def _values(known: Names, name: str, values: tuple[str, ...]) -> str:
    if name in SPANS:
        return span_label(name, *span_of(name, values[0]))
    said = [known.of(name, value) for value in values]
    return (
        ", ".join(said) if len(said) <= 3 else _("%(count)s values", count=spelled.value(len(said), "count"))
    )


def cases_of(one: Figured) -> tuple[str, dict[str, Any]]:
    """A statement of the ids of the figure's cases, each once for each thing counted, and its values."""
    asked = Asked(one.period, "custom", None, "none", one.filters, scope=one.scope)
    source, where, values = figures.counted_rows(asked, one.event)
    for name, wanted in one.of:
        if name in SPANS:
            low, high = span_of(name, wanted[0])
            values |= {f"{name}_low": low} | ({f"{name}_high": high} if high is not None else {})
            where.append(f"{SPANS[name]} >= :{name}_low")
            where += [f"{SPANS[name]} <= :{name}_high"] if high is not None else []
        else:
            where.append(figures.one_of(name, wanted, values, f"of_{name}"))
    return f"SELECT f.case_id AS id FROM {source} WHERE {' AND '.join(where)}", values
