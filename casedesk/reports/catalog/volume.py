"""How many cases came in, when, and of which kind."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casedesk.reports import figures
from casedesk.reports.catalog import charts, parts
from casedesk.reports.catalog.base import DESK, Desk, Figure, Made, Report
from casedesk.reports.catalog.labels import dimension_label

CUTS = ("kind", "team", "cause", "source", "plan", "channel")


def make(desk: Desk) -> Made:
    by = desk.by(*CUTS)
    cells = figures.counted(desk.session, desk.asked, "opened", by, step=desk.asked.grain)
    before = parts.before_cells(desk, "opened", by)
    whole = parts.total(cells)
    points, _named = parts.step_points(desk, cells, by, "opened")
    label = dimension_label(by)
    return Made(
        figures=(
            Figure(_("Cases opened"), whole, before=parts.total(before) if before is not None else None),
            Figure(_("A day"), round(whole / max(desk.asked.period.days, 1), 1), "ratio"),
        ),
        tables=(
            parts.cut_table(desk, cells, by, label, "opened", before=before),
            parts.step_table(desk, cells, by, "opened", _("Cases opened by step")),
        ),
        chart=charts.steps(points, _("Cases opened"), series="series"),
        chart_title=_("Cases opened, by %(cut)s", cut=label.lower()),
        notes=parts.partial_note(desk),
        is_empty=not whole,
    )


REPORT = Report(
    "volume",
    _l("Volume"),
    _l("How many cases came in, and of which kind."),
    (
        _l(
            "A case counts on the day on which it was opened. A case that was merged into another does not count; a re-opened case counts once."
        ),
    ),
    make,
    roles=DESK,
    steps=True,
    cuts=CUTS,
    icon="inbox",
)
