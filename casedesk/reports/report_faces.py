"""The report page in the reader's words: pickers, figures, tables with their links, the chart."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import url_for
from flask_babel import gettext as _

from casedesk.reports import asked as asking
from casedesk.reports import heads, paper, periods
from casedesk.reports.asked import Asked
from casedesk.reports.catalog.base import Report
from casedesk.reports.catalog.labels import compare_label, dimension_label, grain_label, period_label
from casedesk.reports.making import Answer, reports_for
from casedesk.reports.names import Names
from casedesk.reports.paper import FigureFace, TableFace

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


def face(answer: Answer) -> Face:
    made, asked = answer.made, answer.asked
    query = asking.query_of(asked)
    return Face(
        title=str(answer.report.title),
        days=heads.days(asked.period) if answer.report.by_period else _("as of now"),
        compared=heads.compared(asked),
        filters=heads.filters(asked, answer.names),
        figures=[paper.figure_face(one) for one in made.figures],
        tables=[paper.table_face(one) for one in made.tables],
        chart=json.dumps(made.chart, ensure_ascii=False, default=str) if made.chart else "",
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


def cases_url(code: str, query: str, cases_of: dict[str, str]) -> str:
    """The address of the cases behind one row."""
    return f"{url_for('reports.cases', code=code)}?{query}&{urlencode(cases_of)}"


QUEUE_FIELDS = {"kind": "kind", "team": "team", "cause": "cause", "source": "source", "owner": "owner"}


def queue_url(asked: Asked, event: str, dimensions: dict[str, str]) -> str:
    """The Queue narrowed to the same cases, where its filters can say it; else empty."""
    wanted = {**{name: values[-1] for name, values in asked.filters if len(values) == 1}, **dimensions}
    if event != "opened" or any(name not in QUEUE_FIELDS or not value for name, value in wanted.items()):
        return ""
    fields: dict[str, Any] = {
        "view": "all",
        "since": asked.period.start.isoformat(),
        "until": asked.period.last.isoformat(),
    }
    return f"/cases?{urlencode(fields | {QUEUE_FIELDS[name]: value for name, value in wanted.items()})}"


def of_dimensions(args: dict[str, list[str]]) -> dict[str, str]:
    """The dimensions of a figure out of an address: ``of_cause=health``."""
    return {name.removeprefix("of_"): values[-1] for name, values in args.items() if name.startswith("of_")}


def said_of(names: Names, dimensions: dict[str, str]) -> str:
    return ", ".join(
        f"{dimension_label(name)}: {names.of(name, value)}" for name, value in dimensions.items()
    )


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
    }.get(event, event)


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
