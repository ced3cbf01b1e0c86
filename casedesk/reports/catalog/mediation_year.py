"""What the mediator reports once a year."""

from collections import defaultdict
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Date, bindparam, text

from casedesk.cases import words
from casedesk.reports import cube_sql, figures
from casedesk.reports.catalog import charts, parts
from casedesk.reports.catalog.base import Column, Desk, Figure, Made, Report, Row, Table

AMICABLE = ("agreement", "agreed", "settled")


def make(desk: Desk) -> Made:
    rows = _files(desk)
    states: dict[str, int] = defaultdict(int)
    causes: dict[str, int] = defaultdict(int)
    grounds: dict[str, int] = defaultdict(int)
    days: list[int] = []
    for row in rows:
        states[row.state] += 1
        causes[row.cause or ""] += 1
        if row.ground:
            grounds[row.ground] += 1
        if row.ended is not None and row.complete is not None:
            days.append((figures.as_date(row.ended) - figures.as_date(row.complete)).days)
    whole = len(rows)
    declined = states.get("declined", 0)
    across = sum(1 for row in rows if row.cross_border)
    stopped = sum(states.get(one, 0) for one in ("withdrawn", "lapsed"))
    sized = dict(sorted(causes.items(), key=lambda item: -item[1]))
    return Made(
        figures=(
            Figure(_("Filings"), whole),
            Figure(_("Declined"), parts.share(declined, whole), "percent"),
            Figure(_("Broken off"), parts.share(stopped, whole), "percent"),
            Figure(
                _("Days to the end, on average"), round(sum(days) / len(days), 1) if days else None, "ratio"
            ),
            Figure(_("Across a border"), across),
        ),
        tables=(
            _counts(
                _("What they are about"), _("Cause"), {desk.names.of("cause", k): n for k, n in sized.items()}
            ),
            _counts(
                _("Where they stand"),
                _("State"),
                {_state(k): n for k, n in sorted(states.items(), key=lambda i: -i[1])},
            ),
            _counts(
                _("Grounds of declining"),
                _("Ground"),
                {words.said({}, k): n for k, n in sorted(grounds.items(), key=lambda i: -i[1])},
            ),
        ),
        chart=charts.ranked(parts.ranked_points(desk, sized, "cause"), _("Filings")) if whole else None,
        chart_title=_("Filings, by cause"),
        notes=(
            _(
                "Words of a file, sealed notes and offers are never read for this report: it counts states, days and causes only."
            ),
        ),
        is_empty=not whole,
    )


def _files(desk: Desk) -> list[Any]:
    """The files that came in during the period. The zone is the organisation's."""
    d = cube_sql.teach(desk.session, desk.zone)
    requested = d.day("m.requested_at")
    statement = text(
        f"SELECT m.state AS state, m.cause AS cause, m.ground AS ground, m.cross_border AS cross_border, "
        f"{d.day('m.complete_at')} AS complete, {d.day('m.ended_at')} AS ended FROM mediations m "
        f"WHERE {requested} >= :start AND {requested} < :end"
    ).bindparams(bindparam("start", type_=Date()), bindparam("end", type_=Date()))
    return list(
        desk.session.execute(statement, {"start": desk.asked.period.start, "end": desk.asked.period.end})
    )


def _state(code: str) -> str:
    return {
        "requested": _("Asked for"),
        "declined": _("Declined"),
        "closed": _("Closed"),
        "withdrawn": _("Withdrawn"),
        "lapsed": _("Lapsed"),
    }.get(code, words.said({}, code))


def _counts(title: str, label: str, sizes: dict[str, int]) -> Table:
    whole = sum(sizes.values())
    columns = (Column("what", label, "text"), Column("n", _("Files")), Column("share", _("Share"), "percent"))
    return Table(title, columns, tuple(Row((name, n, parts.share(n, whole))) for name, n in sizes.items()))


REPORT = Report(
    "mediation_year",
    _l("Mediation year"),
    _l("What the mediator reports: filings, what they are about, declined, broken off, how long they took."),
    (
        _l(
            "A file counts on the day on which the mediation was asked for. Duration runs from the complete file to its end, in days."
        ),
        _l("The grounds and shares are those that a mediator publishes each year."),
    ),
    make,
    roles=("manager", "mediator"),
    filters=(),
    compares=False,
    group="causes",
    icon="scale",
)
