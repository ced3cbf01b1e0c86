"""The report page in the reader's words: pickers, figures, tables with their links, the chart."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import url_for
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from casedesk.reports import asked as asking
from casedesk.reports import heads, paper, periods
from casedesk.reports.asked import Asked
from casedesk.reports.catalog.base import Behind, Report, Spec
from casedesk.reports.catalog.labels import compare_label, dimension_label, grain_label, period_label
from casedesk.reports.making import Answer, reports_for
from casedesk.reports.names import Names
from casedesk.reports.paper import FigureFace, TableFace
from casedesk.reports.periods import Period

Choices = list[tuple[str, str]]


@dataclass(frozen=True)
class Pickers:
    """What may be chosen, and what is."""

    periods: Choices
    compares: Choices
    grains: Choices
    cuts: Choices
    filters: list[tuple[str, str, Choices, str]]


def pickers(report: Report, names: Names, chosen: Asked | None, typed: dict[str, list[str]]) -> Pickers:
    shown = [
        (
            dimension,
            dimension_label(dimension),
            sorted(names.known.get(dimension, {}).items(), key=lambda item: item[1].lower()),
            (typed.get(dimension) or [""])[-1],
        )
        for dimension in report.filters
    ]
    return Pickers(
        periods=[(code, period_label(code)) for code in (*periods.PRESETS, "custom")],
        compares=[(code, compare_label(code)) for code in periods.COMPARISONS] if report.compares else [],
        grains=[(code, grain_label(code)) for code in periods.GRAINS] if report.steps else [],
        cuts=[(code, dimension_label(code)) for code in report.cuts],
        filters=[one for one in shown if one[2]],
    )


@dataclass(frozen=True)
class ReportLink:
    code: str
    title: str
    sentence: str
    url: str
    current: bool
    icon: str


@dataclass(frozen=True)
class Group:
    title: str
    links: list[ReportLink]


def groups(role: str, current: str = "") -> list[Group]:
    """The reports that the role may open, in three groups."""
    titles = {"work": _("Work"), "money": _("Money and fairness"), "causes": _("Causes and timing")}
    found = []
    for code, title in titles.items():
        links = [
            ReportLink(
                one.code,
                str(one.title),
                str(one.sentence),
                url_for("reports.show", code=one.code),
                one.code == current,
                one.icon,
            )
            for one in reports_for(role)
            if one.group == code
        ]
        if links:
            found.append(Group(title, links))
    return found


@dataclass(frozen=True)
class Face:
    """One report as made."""

    title: str
    days: str
    compared: str
    filters: list[tuple[str, str]]
    figures: list[FigureFace]
    tables: list[TableFace]
    chart: str
    chart_title: str
    chart_alt: str
    notes: tuple[str, ...]
    counted: list[str]
    zone: str
    made_at: str
    own_only: bool
    is_empty: bool
    exports: list[tuple[str, str]]
    query: str


def face(answer: Answer, *, may_see_cases: bool) -> Face:
    made, asked = answer.made, answer.asked
    query = asking.query_of(asked)

    def href(one: Behind) -> str:
        return cases_url(answer.report.code, query, one)

    chart = linked(made.chart, href if may_see_cases else None) if made.chart else None
    return Face(
        title=str(answer.report.title),
        days=heads.days(asked.period) if answer.report.by_period else _("as of now"),
        compared=heads.compared(asked),
        filters=heads.filters(asked, answer.names),
        figures=[paper.figure_face(one) for one in made.figures],
        tables=[paper.table_face(one) for one in made.tables],
        chart=json.dumps(chart, ensure_ascii=False, default=str) if chart else "",
        chart_title=made.chart_title,
        chart_alt=_("%(title)s. The table below says the same in figures.", title=made.chart_title),
        notes=made.notes,
        counted=[str(said) for said in answer.report.counted],
        zone=answer.zone,
        made_at=heads.made_at(answer),
        own_only=answer.own_only,
        is_empty=made.is_empty,
        exports=[
            (label, f"{url_for('reports.export', code=answer.report.code, format_=code)}?{query}")
            for code, label in (("csv", "CSV"), ("xlsx", "Excel"), ("json", "JSON"))
        ],
        query=query,
    )


def cases_url(code: str, query: str, one: Behind) -> str:
    """The address of the cases behind a figure."""
    fields: list[tuple[str, str]] = [("event", one.event)]
    for name, values in one.of.items():
        fields += [(f"of_{name}", value) for value in ((values,) if isinstance(values, str) else values)]
    if one.days is not None:
        fields.append(("days", f"{one.days.start}..{one.days.last}"))
    return f"{url_for('reports.cases', code=code)}?{query}&{urlencode(fields)}"


def behind_of(args: MultiDict[str, str]) -> Behind:
    """What `cases_url` wrote into an address. Raises ValueError."""
    of = {name.removeprefix("of_"): tuple(args.getlist(name)) for name in args if name.startswith("of_")}
    first, dots, last = args.get("days", "").partition("..")
    days = Period(date.fromisoformat(first), date.fromisoformat(last) + timedelta(days=1)) if dots else None
    return Behind(args.get("event", ""), of, days)


def linked(spec: Spec, href: Callable[[Behind], str] | None) -> Spec:
    """The chart with the addresses of the cases behind its marks, where its reader may see cases."""

    def point(one: dict[str, Any]) -> dict[str, Any]:
        said = {name: value for name, value in one.items() if name != "behind"}
        behind = one.get("behind")
        return said | {"href": href(behind)} if href and isinstance(behind, Behind) else said

    return {**spec, "data": {"values": [point(one) for one in spec["data"]["values"]]}}


@dataclass(frozen=True)
class Spark:
    """Twelve small bars: geometry of each (x, y, height) in a box of 96 x 24."""

    bars: list[tuple[float, float, float]]
    total: int


def spark(counts: Sequence[int]) -> Spark:
    top = max([*counts, 1])
    bars = [
        (8.0 * n, round(24 - 22 * count / top, 1), round(22 * count / top, 1))
        for n, count in enumerate(counts)
    ]
    return Spark(bars, sum(counts))


SPARKS = {
    "volume": "opened",
    "outcomes": "closed",
    "clocks_kept": "clock_late",
    "repeat_contacts": "repeat",
    "reopened": "reopened",
    "refunds": "refund",
    "by_clause": "decided",
    "exceptions": "exception",
    "dispute_ratio": "dispute",
}
"""The event whose last twelve weeks stand beside a report on the list."""
