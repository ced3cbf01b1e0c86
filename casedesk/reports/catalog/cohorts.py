"""Which month's purchases come back as cases."""

from collections import defaultdict
from datetime import date, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casedesk.reports import figures
from casedesk.reports.catalog import charts, parts
from casedesk.reports.catalog.base import Behind, Column, Desk, Figure, Made, Report, Row, Table
from casedesk.reports.catalog.labels import dimension_label
from casedesk.reports.cube_rules import COHORT_DAYS
from casedesk.reports.periods import Period, add_months
from casedesk.web import locale

CUTS = ("source", "plan")


def make(desk: Desk) -> Made:
    by = desk.by(*CUTS)
    part = "a" if by == "source" else "b"
    bought: dict[tuple[date, str], int] = defaultdict(int)
    for cell in figures.exposure(desk.session, "purchases", desk.asked.period, step="month", by=part):
        bought[cell.at, getattr(cell, part)] += cell.n
    cases: dict[tuple[date, str], int] = defaultdict(int)
    for cell in figures.counted(desk.session, desk.asked, "bought", by, step="month"):
        cases[cell.at, cell.a] += cell.n
    months = sorted({month for month, _a in bought})
    values = sorted({a for _m, a in bought}, key=lambda a: -sum(n for (_m, b), n in bought.items() if a == b))
    ripe = [month for month in months if _is_ripe(month, desk.today)]
    return Made(
        figures=(
            Figure(_("Purchases"), sum(bought.values())),
            Figure(_("Cases within 90 days"), sum(cases.values())),
            Figure(
                _("Of purchases old enough"),
                parts.share(
                    sum(n for (m, _a), n in cases.items() if m in ripe),
                    sum(n for (m, _a), n in bought.items() if m in ripe),
                ),
                "percent",
            ),
        ),
        tables=(_table(desk, months, values, bought, cases, by),),
        chart=charts.lines(
            _points(desk, ripe, values[:5], bought, cases, by), _("Cases of 100 purchases"), percent=True
        )
        if ripe
        else None,
        chart_title=_("Purchases that became a case within 90 days, by month of purchase"),
        notes=_young(months, ripe),
        is_empty=not bought,
    )


def _behind(desk: Desk, month: date, of: dict[str, str]) -> Behind:
    """The cases that a month's purchases became, as far as it lies in the period."""
    period = desk.asked.period
    end = min(add_months(month, 1), period.end)
    return Behind("bought", of, Period(max(month, period.start), end))


def _is_ripe(month: date, today: date) -> bool:
    """Have all purchases of the month had their 90 days?"""
    return month + timedelta(days=31 + COHORT_DAYS) <= today


def _young(months: list[date], ripe: list[date]) -> tuple[str, ...]:
    young = [month for month in months if month not in ripe]
    if not young:
        return ()
    return (
        _(
            "Purchases since %(month)s have not had their 90 days yet: their cases are still to come, so they are not in the chart.",
            month=locale.month(min(young)),
        ),
    )


def _table(
    desk: Desk,
    months: list[date],
    values: list[str],
    bought: dict[tuple[date, str], int],
    cases: dict[tuple[date, str], int],
    by: str,
) -> Table:
    columns = (
        Column("month", _("Month of purchase"), "text"),
        Column("bought", _("Purchases")),
        Column("n", _("Cases within 90 days")),
        Column("share", _("All"), "percent"),
        *(Column(value, desk.names.of(by, value), "percent") for value in values),
        Column("state", _("Old enough"), "text"),
    )
    rows = []
    for month in months:
        all_bought, all_cases = (
            sum(n for (at, _a), n in found.items() if at == month) for found in (bought, cases)
        )
        rows.append(
            Row(
                (
                    locale.month_short_year(month),
                    all_bought,
                    all_cases,
                    parts.share(all_cases, all_bought),
                    *(parts.share(cases.get((month, v), 0), bought.get((month, v), 0)) for v in values),
                    _("yes") if _is_ripe(month, desk.today) else _("not yet"),
                ),
                {"n": _behind(desk, month, {})},
            )
        )
    return Table(_("By month of purchase and %(cut)s", cut=dimension_label(by).lower()), columns, tuple(rows))


def _points(
    desk: Desk,
    months: list[date],
    values: list[str],
    bought: dict[tuple[date, str], int],
    cases: dict[tuple[date, str], int],
    by: str,
) -> list[dict[str, object]]:
    return [
        {
            "at": locale.month_short_year(month),
            "order": order,
            "series": desk.names.of(by, value),
            "n": cases.get((month, value), 0) / bought[month, value],
            "behind": _behind(desk, month, {by: value}),
        }
        for order, month in enumerate(months)
        for value in values
        if bought.get((month, value), 0) >= 10  # fewer purchases make a line jump
    ]


REPORT = Report(
    "cohorts",
    _l("Cohorts"),
    _l("Of the purchases of each month and source, how many became a case within 90 days."),
    (
        _l(
            "A purchase belongs to the month in which the contract was concluded. A case counts where it was opened within 90 days of that purchase, whatever came of it."
        ),
        _l(
            "A month whose purchases have not all had their 90 days is young, not good: it is in the table, marked, and not in the chart."
        ),
    ),
    make,
    filters=("kind", "cause"),
    cuts=CUTS,
    compares=False,
    group="causes",
    icon="calendar",
)
