"""Who has how much on the desk, and how old it is."""

from collections import defaultdict
from datetime import date, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casedesk.reports import figures
from casedesk.reports.catalog import charts, parts
from casedesk.reports.catalog.base import DESK, Behind, Column, Desk, Figure, Made, Report, Row, Table
from casedesk.reports.catalog.labels import dimension_label
from casedesk.reports.cube_rules import STANDING

AGES = (7, 14, 30, 60, 90)
CUTS = ("owner", "team", "kind", "cause")


def make(desk: Desk) -> Made:
    by = desk.by(*CUTS)
    column = {
        "owner": "coalesce(CAST(f.owner_id AS TEXT), '')",
        "team": "coalesce(CAST(f.team_id AS TEXT), '')",
    }.get(by, f"f.{by}")
    rows = figures.standing(
        desk.session, desk.asked, {"a": column, "day": "f.opened_day", "n": "count(*)"}, group=2
    )
    ages: dict[str, list[int]] = defaultdict(lambda: [0] * (len(AGES) + 1))
    days: list[tuple[int, int]] = []
    for row in rows:
        age = max((desk.today - figures.as_date(row.day)).days, 0)
        ages[row.a][sum(age >= edge for edge in AGES)] += int(row.n)
        days.append((age, int(row.n)))
    names = _age_names()
    order = sorted(ages, key=lambda value: -sum(ages[value]))
    whole = sum(n for _age, n in days)
    columns = (
        Column(by, dimension_label(by), "text"),
        Column("n", _("Open cases")),
        *(Column(f"age{i}", name) for i, name in enumerate(names)),
    )
    lines = [
        Row((desk.names.of(by, value), sum(ages[value]), *ages[value]), _behind(desk, {by: value}))
        for value in order
    ]
    sums = [sum(ages[value][i] for value in order) for i in range(len(names))]
    lines.append(Row((_("Total"), whole, *sums), _behind(desk, {}), total=True))
    return Made(
        figures=(
            Figure(_("Open cases"), whole),
            Figure(_("Half are older than"), _median(days), "days"),
            Figure(_("Older than 30 days"), sum(n for age, n in days if age >= 30)),
            *((Figure(_("Nobody’s"), sum(ages.get("", [0]))),) if by == "owner" else ()),
        ),
        tables=(Table(_("Open cases by age"), columns, tuple(lines)),),
        chart=charts.ranked(_points(desk, ages, order, by), _("Open cases")) if whole else None,
        chart_title=_("Open cases, by %(cut)s", cut=dimension_label(by).lower()),
        is_empty=not whole,
    )


def _points(desk: Desk, ages: dict[str, list[int]], order: list[str], by: str) -> list[dict[str, object]]:
    sizes = {value: sum(ages[value]) for value in order}
    return parts.ranked_points(desk, sizes, by, STANDING)


def _behind(desk: Desk, of: dict[str, str]) -> dict[str, Behind]:
    """The open cases of a row, and of each age by the days on which they were opened."""
    edges = (0, *AGES)
    found = {"n": Behind(STANDING, of)}
    for place, edge in enumerate(edges):
        last = desk.today - timedelta(days=edge) if edge else ""
        older = edges[place + 1] if place + 1 < len(edges) else None
        first = desk.today - timedelta(days=older - 1) if older else date.min
        found[f"age{place}"] = Behind(STANDING, {**of, "opened": f"{first}..{last}"})
    return found


def _age_names() -> list[str]:
    return [
        _("under 7 days"),
        _("7–13 days"),
        _("14–29 days"),
        _("30–59 days"),
        _("60–89 days"),
        _("90 days and more"),
    ]


def _median(days: list[tuple[int, int]]) -> int | None:
    whole, seen = sum(n for _age, n in days), 0
    for age, n in sorted(days):
        seen += n
        if seen * 2 >= whole:
            return age
    return None


REPORT = Report(
    "workload",
    _l("Workload and ageing"),
    _l("Who has how much on the desk now, and how old it is."),
    (
        _l(
            "Cases that are not closed now, whenever they were opened. Age is counted in days since the opening. The period does not matter here."
        ),
    ),
    make,
    roles=DESK,
    cuts=CUTS,
    compares=False,
    by_period=False,
    icon="clipboard-check",
)
