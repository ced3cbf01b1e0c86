"""What did not hold: cases opened again and decisions reversed."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casedesk.reports import figures
from casedesk.reports.catalog import charts, parts
from casedesk.reports.catalog.base import Behind, Column, Desk, Figure, Made, Report, Row, Table
from casedesk.reports.catalog.labels import dimension_label

CUTS = ("cause", "team", "decider")


def make(desk: Desk) -> Made:
    by = desk.by(*CUTS)
    reopened = figures.counted(desk.session, desk.asked, "reopened", by)
    turned = figures.counted(desk.session, desk.asked, "reversed", by)
    decided = figures.counted(desk.session, desk.asked, "decided", by)
    again, other, whole = parts.total(reopened), parts.total(turned), parts.total(decided)
    a, b, n = parts.by_value(reopened), parts.by_value(turned), parts.by_value(decided)
    columns = (
        Column(by, dimension_label(by), "text"),
        Column("decided", _("Decisions")),
        Column("reopened", _("Opened again")),
        Column("reversed", _("Reversed")),
        Column("share", _("Reversed, of decisions"), "percent"),
    )
    order = sorted({*a, *b, *n}, key=lambda v: (-(a.get(v, 0) + b.get(v, 0)), -n.get(v, 0), v))
    rows = [
        Row(
            (
                desk.names.of(by, v),
                n.get(v, 0),
                a.get(v, 0),
                b.get(v, 0),
                parts.share(b.get(v, 0), n.get(v, 0)),
            ),
            _behind({by: v}),
        )
        for v in order
    ]
    rows.append(Row((_("Total"), whole, again, other, parts.share(other, whole)), _behind({}), total=True))
    points = [
        {
            "name": desk.names.of(by, v),
            "series": label,
            "n": sizes.get(v, 0),
            "behind": Behind(event, {by: v}),
        }
        for v in order[:12]
        for label, sizes, event in (
            (_("Opened again"), a, "reopened"),
            (_("Reversed"), b, "reversed"),
        )
        if a.get(v, 0) + b.get(v, 0)
    ]
    return Made(
        figures=(
            Figure(_("Opened again"), again, before=parts.counts_before(desk, "reopened"), good="down"),
            Figure(_("Decisions reversed"), other, before=parts.counts_before(desk, "reversed"), good="down"),
            Figure(_("Reversed, of decisions"), parts.share(other, whole), "percent"),
        ),
        tables=(
            Table(
                dimension_label(by),
                columns,
                tuple(rows),
                note=_("A row’s name leads to the cases opened again."),
            ),
        ),
        chart=charts.ranked(points, _("Cases"), series="series") if points else None,
        chart_title=_("Opened again and reversed, by %(cut)s", cut=dimension_label(by).lower()),
        notes=parts.partial_note(desk),
        is_empty=not (again or other or whole),
    )


def _behind(of: dict[str, str]) -> dict[str, Behind]:
    return {
        "reopened": Behind("reopened", of),
        "reversed": Behind("reversed", of),
        "decided": Behind("decided", of),
    }


REPORT = Report(
    "reopened",
    _l("Reopened and reversed"),
    _l("What did not hold: cases opened again after their closing, decisions replaced by a later one."),
    (
        _l(
            "A reopening counts on its day, each time. A reversal is a decision in force that a later one replaced; it counts on the day of the replacement. Both stand under the cause and team that the case has now."
        ),
    ),
    make,
    cuts=CUTS,
    icon="refresh",
)
