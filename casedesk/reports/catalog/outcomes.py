"""How cases ended."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casedesk.reports import figures
from casedesk.reports.catalog import charts, parts
from casedesk.reports.catalog.base import DESK, Desk, Figure, Made, Report
from casedesk.reports.catalog.labels import dimension_label

GIVEN = ("granted", "partly-granted", "settled")


def make(desk: Desk) -> Made:
    cells = figures.counted(desk.session, desk.asked, "closed", "outcome", step=desk.asked.grain)
    before = parts.before_cells(desk, "closed", "outcome")
    sizes, whole = parts.by_value(cells), parts.total(cells)
    given = sum(sizes.get(one, 0) for one in GIVEN)
    earlier = parts.by_value(before) if before is not None else {}
    share_before = parts.share(sum(earlier.get(one, 0) for one in GIVEN), parts.total(before or []))
    points, _named = parts.step_points(desk, cells, "outcome", "closed")
    return Made(
        figures=(
            Figure(_("Cases closed"), whole, before=parts.total(before) if before is not None else None),
            Figure(
                _("Granted in whole or in part"), parts.share(given, whole), "percent", before=share_before
            ),
        ),
        tables=(
            parts.cut_table(desk, cells, "outcome", dimension_label("outcome"), "closed", before=before),
            parts.step_table(desk, cells, "outcome", "closed", _("Outcomes by step")),
        ),
        chart=charts.steps(points, _("Cases closed"), series="series"),
        chart_title=_("Cases closed, by outcome"),
        notes=parts.partial_note(desk),
        is_empty=not whole,
    )


REPORT = Report(
    "outcomes",
    _l("Outcomes"),
    _l("How cases ended: granted, refused, withdrawn."),
    (
        _l(
            "A case counts on the day on which it was closed, with the outcome it has now. A case that was opened again does not count until it is closed again."
        ),
    ),
    make,
    roles=DESK,
    steps=True,
    icon="check",
)
