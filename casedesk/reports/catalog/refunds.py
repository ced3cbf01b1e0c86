"""What was paid back or credited, and why."""

from collections import defaultdict

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casedesk.kernel.money import EXPONENTS
from casedesk.reports import figures
from casedesk.reports.catalog import charts, money, parts
from casedesk.reports.catalog.base import Behind, Desk, Figure, Made, Report
from casedesk.reports.catalog.labels import dimension_label

CUTS = ("cause", "source", "plan", "clause", "team")


def make(desk: Desk) -> Made:
    by = desk.by(*CUTS)
    paid = figures.counted(desk.session, desk.asked, "refund", by)
    credited = figures.counted(desk.session, desk.asked, "credit", by)
    before = desk.before
    earlier = parts.money_of(figures.counted(desk.session, before.asked, "refund")) if before else None
    days = figures.counted(desk.session, desk.asked, "refund", step="day")
    sums, notes = money.converted(desk, days, _("Refunded"))
    label = dimension_label(by)
    tables = [money.table(desk, paid, by, label, "refund", counted=_("Refunds"), amount=_("Refunded"))]
    if credited:
        tables.append(
            money.table(
                desk, credited, by, _("Credits"), "credit", counted=_("Credits"), amount=_("Credited")
            )
        )
    return Made(
        figures=(
            Figure(_("Refunds paid"), parts.total(paid)),
            *money.figure(_("Refunded"), parts.money_of(paid), earlier),
            *money.figure(_("Credited"), parts.money_of(credited), None),
            *sums,
        ),
        tables=tuple(tables),
        chart=charts.ranked(
            _points(desk, paid, by), _("Refunded, in units of each currency"), series="series"
        ),
        chart_title=_("Refunded, by %(cut)s", cut=label.lower()),
        notes=(*parts.partial_note(desk), *notes),
        is_empty=not (paid or credited),
    )


def _points(desk: Desk, cells: list[figures.Cell], by: str) -> list[dict[str, object]]:
    summed: dict[tuple[str, str], int] = defaultdict(int)
    for cell in cells:
        summed[cell.a, cell.currency] += cell.amount_minor
    first = next(iter(money.currencies_of(cells)), "")
    order = sorted({a for a, _c in summed}, key=lambda a: -summed.get((a, first), 0))[:12]
    return [
        {
            "name": desk.names.of(by, a),
            "series": one,
            "n": summed[a, one] / 10 ** EXPONENTS.get(one, 2),
            "behind": Behind("refund", {by: a, "currency": one}),
        }
        for a in order
        for one in money.currencies_of(cells)
        if (a, one) in summed
    ]


REPORT = Report(
    "refunds",
    _l("Refunds and credits"),
    _l("What was paid back or credited, by cause, source, plan and rule."),
    (
        _l(
            "Money counts on the day on which it was paid out or credited, as the ledger has it, not on the day of the decision."
        ),
        _l(
            "Each currency stands in its own column. The sum in one currency uses the rate of each day, where it was entered."
        ),
    ),
    make,
    filters=("kind", "team", "cause", "source", "plan", "channel", "currency"),
    cuts=CUTS,
    group="money",
    icon="receipt-refund",
)
