"""Why customers leave."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casedesk.reports import figures
from casedesk.reports.catalog import charts, parts
from casedesk.reports.catalog.base import Behind, Column, Desk, Figure, Made, Report, Row, Table

UNWANTED = ("payment_failed", "failed_payment", "card_expired")
"""Causes under which a contract ended because a payment failed, not because its customer wished it."""


KIND = "cancellation"


def make(desk: Desk) -> Made:
    asked = desk.asked.narrowed(kind=KIND)
    cells = figures.counted(desk.session, asked, "opened", "cause", step=desk.asked.grain)
    before = (
        figures.counted(desk.session, desk.before.asked.narrowed(kind=KIND), "opened", "cause")
        if desk.before
        else None
    )
    sizes, whole = parts.by_value(cells), parts.total(cells)
    failed = sum(sizes.get(code, 0) for code in UNWANTED)
    points, _named = parts.step_points(desk, cells, "cause", "opened", kind=KIND)
    ends = figures.facts(desk.session, asked, {"outcome": "f.outcome", "n": "count(*)"}, group=1)
    return Made(
        figures=(
            Figure(
                _("Cancellations asked for"),
                whole,
                before=parts.total(before) if before is not None else None,
            ),
            Figure(_("Wished by the customer"), parts.share(whole - failed, whole), "percent"),
            Figure(_("After a failed payment"), parts.share(failed, whole), "percent"),
        ),
        tables=(
            parts.cut_table(desk, cells, "cause", _("Reason"), "opened", before=before, kind=KIND),
            _ends(desk, ends),
            parts.step_table(desk, cells, "cause", "opened", _("Reasons by step"), kind=KIND),
        ),
        chart=charts.steps(points, _("Cancellations"), series="series"),
        chart_title=_("Cancellations, by reason"),
        notes=parts.partial_note(desk),
        is_empty=not whole,
    )


def _ends(desk: Desk, ends: list[object]) -> Table:
    sizes = {row.outcome: int(row.n) for row in ends}  # type: ignore[attr-defined]
    whole = sum(sizes.values())
    columns = (
        Column("outcome", _("Outcome"), "text"),
        Column("n", _("Cases")),
        Column("share", _("Share"), "percent"),
    )
    rows = tuple(
        Row(
            (desk.names.of("outcome", value), n, parts.share(n, whole)),
            {"n": Behind("opened", {"kind": KIND, "outcome": value})},
        )
        for value, n in sorted(sizes.items(), key=lambda item: -item[1])
    )
    return Table(_("What became of them"), columns, rows)


REPORT = Report(
    "cancellations",
    _l("Cancellations"),
    _l("Why customers leave, and whether they wished it or a payment failed."),
    (
        _l("Cases of the kind cancellation, on the day on which they were opened, by their cause."),
        _l(
            "After a failed payment: cases whose cause says that a payment failed or a card expired. All others are wished by the customer."
        ),
    ),
    make,
    filters=("team", "source", "plan", "channel"),
    steps=True,
    group="causes",
    icon="door",
)
