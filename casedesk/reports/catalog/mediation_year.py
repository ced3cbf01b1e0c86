"""What the mediator reports once a year: the mediation room's own figures, over any days, for files and paper."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casedesk.mediation import report_words
from casedesk.mediation.queries.report import report_of_days
from casedesk.mediation.report_words import FigureRow
from casedesk.reports.catalog import charts
from casedesk.reports.catalog.base import Column, Desk, Figure, Made, Report, Row, Table, Value


def make(desk: Desk) -> Made:
    period = desk.asked.period
    found = report_of_days(desk.session, period.start, period.end, desk.zone)
    rows = report_words.rows(found, desk.names.known.get("cause", {}))
    by_key = {row.key: row for row in rows}
    asked = [row for row in rows if row.key.startswith("question-")]
    said = tuple(Row((words, n)) for words, n in found.recommendations)
    advised = Table(
        _("Recommendations"), (Column("said", _("Recommendation"), "text"), Column("n", _("Count"))), said
    )
    return Made(
        figures=(
            Figure(_("Filings"), found.filed),
            Figure(_("Files ended"), found.ended),
            Figure(_("Declined"), by_key["declined"].share, "percent"),
            Figure(_("Broken off"), by_key["interrupted"].share, "percent"),
            Figure(_("Mean duration, days"), _rounded(by_key["duration"]), "ratio"),
        ),
        tables=(
            *(_table(group, members) for group, members in report_words.grouped(rows)),
            *((advised,) if said else ()),
        ),
        chart=charts.ranked([{"name": row.label, "n": row.count} for row in asked[:15]], _("Filings"))
        if asked
        else None,
        chart_title=_("Filings, by question"),
        notes=(
            _(
                "Words of a file, sealed notes and offers are never read for this report: it counts states, days and causes only."
            ),
        ),
        is_empty=not (found.filed or found.ended),
    )


def _table(group: str, rows: list[FigureRow]) -> Table:
    """One heading of the law with its figures, each with how it was counted; the mean where one is told."""
    timed = any(row.mean_days is not None for row in rows)
    mean = (Column("days", _("Mean, days"), "ratio"),) if timed else ()
    columns = (
        Column("what", _("Figure"), "text"),
        Column("n", _("Count")),
        Column("of", _("Whole")),
        Column("share", _("Share"), "percent"),
        *mean,
        Column("how", _("Counted how"), "text"),
    )
    return Table(group, columns, tuple(Row(_values(row, timed=timed)) for row in rows))


def _values(row: FigureRow, *, timed: bool) -> tuple[Value, ...]:
    days = (_rounded(row),) if timed else ()
    return (row.label, row.count, row.of, row.share, *days, row.how)


def _rounded(row: FigureRow) -> float | None:
    return None if row.mean_days is None else round(row.mean_days, 1)


REPORT = Report(
    "mediation_year",
    _l("Mediation year"),
    _l(
        "What the mediator reports: requests, questions, declined, broken off, how long they took, how they ended."
    ),
    (
        _l(
            "A file counts as filed on the day on which the mediation was asked for, and as ended on the day of its agreement, opinion or other end."
        ),
        _l("The figures are those of the page Mediation year, which opens each of them into its files."),
    ),
    make,
    roles=("manager", "mediator"),
    filters=(),
    compares=False,
    group="causes",
    icon="scale",
)
