"""What was given beyond the rule, why, and what it cost."""

from collections import defaultdict

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casedesk.reports import figures
from casedesk.reports.catalog import charts, money, parts
from casedesk.reports.catalog.base import Desk, Figure, Made, Report
from casedesk.reports.catalog.labels import dimension_label

CUTS = ("reason", "cause", "clause", "decider")


def make(desk: Desk) -> Made:
    by = desk.by(*CUTS)
    cells = figures.counted(desk.session, desk.asked, "exception", by)
    decided = parts.total(figures.counted(desk.session, desk.asked, "decided"))
    before = desk.before
    earlier = parts.money_of(figures.counted(desk.session, before.asked, "exception")) if before else None
    whole = parts.total(cells)
    sizes: dict[str, int] = defaultdict(int)
    for cell in cells:
        sizes[cell.a] += cell.n
    label = dimension_label(by)
    ordered = dict(sorted(sizes.items(), key=lambda item: -item[1]))
    return Made(
        figures=(
            Figure(_("Exceptions"), whole, before=parts.counts_before(desk, "exception")),
            Figure(_("Of all decisions"), parts.share(whole, decided), "percent"),
            *money.figure(_("Given beyond the rule"), parts.money_of(cells), earlier),
        ),
        tables=(
            money.table(
                desk, cells, by, label, "exception", counted=_("Exceptions"), amount=_("Beyond the rule")
            ),
        ),
        chart=charts.ranked(parts.ranked_points(desk, ordered, by, "exception"), _("Exceptions")),
        chart_title=_("Exceptions, by %(cut)s", cut=label.lower()),
        notes=parts.partial_note(desk),
        is_empty=not whole,
    )


REPORT = Report(
    "exceptions",
    _l("Exceptions"),
    _l("What was given beyond the rule, why, and what it cost."),
    (
        _l(
            "A decision in force that gives more than its stored verdict. The cost is the difference, in the currency of the case, on the day of the decision."
        ),
    ),
    make,
    cuts=CUTS,
    group="money",
    icon="alert-triangle",
)
