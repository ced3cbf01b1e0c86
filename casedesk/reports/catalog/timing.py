"""When cases come: after the purchase, after the renewal, in the week, against the charge."""

from collections import defaultdict
from datetime import date, timedelta

from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casedesk.reports import figures
from casedesk.reports.catalog import charts, parts
from casedesk.reports.catalog.base import Column, Desk, Figure, Made, Report, Row, Table
from casedesk.reports.periods import Period

WEEKS = 26
MONDAY = date(2026, 1, 5)
FEW_AT_RISK = 50
LAST_FIVE = 26


def make(desk: Desk) -> Made:
    hazard = _hazard(desk)
    clocks = figures.timing(desk.session, desk.asked, "hour_of_week", "renewal", "billing", "month_day")
    hours = clocks["hour_of_week"]
    whole = sum(n for _bin, n in hours)
    peak = max(hazard, key=lambda one: one[2] / one[1] if one[1] >= FEW_AT_RISK else -1, default=None)
    weekday: dict[int, int] = defaultdict(int)
    for hour, n in hours:
        weekday[hour // 24] += n
    return Made(
        figures=(
            Figure(_("Cases opened"), whole),
            Figure(_("Most likely in week"), peak[0] + 1 if peak and peak[2] else None),
            Figure(_("On Saturday and Sunday"), parts.share(weekday[5] + weekday[6], whole), "percent"),
        ),
        tables=(
            _hazard_table(hazard),
            _days_table(clocks["renewal"], _("Days since the renewal")),
            _days_table(clocks["billing"], _("Days since the last charge")),
            _week_table(hours),
            _month_table(dict(clocks["month_day"])),
        ),
        chart=charts.histogram(
            _points(hazard), _("Weeks since the purchase"), _("Cases for 1,000 customers of that week")
        ),
        chart_title=_("Cases by week since the purchase, for 1,000 customers that old"),
        notes=(*parts.partial_note(desk), *_young(hazard)),
        is_empty=not whole,
    )


def _hazard(desk: Desk) -> list[tuple[int, int, int]]:
    """(week since the purchase, purchases that were that old in the period, cases of theirs in that week)."""
    period = desk.asked.period
    reach = timedelta(days=7 * WEEKS)
    bought = figures.exposure(
        desk.session, "purchases", Period(period.start - reach, period.end), step="day", by="ab"
    )
    sources, plans = desk.asked.values("source"), desk.asked.values("plan")
    by_day: dict[date, int] = defaultdict(int)
    for cell in bought:
        if (not sources or cell.a in sources) and (not plans or cell.b in plans):
            by_day[cell.at] += cell.n
    rows = figures.facts(
        desk.session,
        desk.asked,
        {"age": "f.days_since_purchase", "n": "count(*)"},
        group=1,
        where=("f.days_since_purchase IS NOT NULL", f"f.days_since_purchase < {7 * WEEKS}"),
    )
    cases: dict[int, int] = defaultdict(int)
    for row in rows:
        cases[int(row.age) // 7] += int(row.n)
    found = []
    for week in range(WEEKS):
        # A purchase is at risk in a week of its life for the share of that week's days that fall into the period.
        days = sum(
            n
            * max(
                (
                    min(day + timedelta(days=7 * week + 7), period.end)
                    - max(day + timedelta(days=7 * week), period.start)
                ).days,
                0,
            )
            for day, n in by_day.items()
        )
        found.append((week, days // 7, cases[week]))
    return found


def _points(hazard: list[tuple[int, int, int]]) -> list[dict[str, object]]:
    return [
        {"name": str(week + 1), "order": week, "n": round(1000 * n / risk, 2) if risk >= FEW_AT_RISK else 0}
        for week, risk, n in hazard
    ]


def _young(hazard: list[tuple[int, int, int]]) -> tuple[str, ...]:
    if any(risk < FEW_AT_RISK for _week, risk, _n in hazard):
        return (_("Weeks with fewer than %(count)d customers that old are not judged.", count=FEW_AT_RISK),)
    return ()


def _hazard_table(hazard: list[tuple[int, int, int]]) -> Table:
    columns = (
        Column("week", _("Week since the purchase"), "text"),
        Column("at_risk", _("Customers that old")),
        Column("n", _("Cases")),
        Column("rate", _("For 1,000"), "ratio"),
    )
    rows = tuple(
        Row((str(week + 1), risk, n, round(1000 * n / risk, 1) if risk >= FEW_AT_RISK else None))
        for week, risk, n in hazard
    )
    return Table(_("Since the purchase"), columns, rows)


def _days_table(days: list[tuple[int, int]], label: str) -> Table:
    """Weeks since something; the last line holds the rest."""
    sizes: dict[int, int] = defaultdict(int)
    for day, n in days:
        sizes[min(day // 7, 8)] += n
    whole = sum(sizes.values())
    columns = (Column("days", label, "text"), Column("n", _("Cases")), Column("share", _("Share"), "percent"))
    rows = tuple(
        Row(
            (
                f"{7 * week}–{7 * week + 6}" if week < 8 else _("56 and more"),
                sizes[week],
                parts.share(sizes[week], whole),
            )
        )
        for week in range(9)
    )
    return Table(label, columns, rows)


def _week_table(hours: list[tuple[int, int]]) -> Table:
    """Days of the week down, six hours across, the sum at the end."""
    sizes: dict[tuple[int, int], int] = defaultdict(int)
    for hour, n in hours:
        sizes[hour // 24, hour % 24 // 4] += n
    columns = (
        Column("day", _("Day of the week"), "text"),
        *(Column(f"h{4 * part}", f"{4 * part:02d}–{4 * part + 4:02d}") for part in range(6)),
        Column("total", _("Total")),
    )
    rows = []
    for day in range(7):
        line = [sizes[day, part] for part in range(6)]
        rows.append(Row((format_date(MONDAY + timedelta(days=day), "EEEE").capitalize(), *line, sum(line))))
    sums = [sum(sizes[day, part] for day in range(7)) for part in range(6)]
    rows.append(Row((_("Total"), *sums, sum(sums)), total=True))
    return Table(_("Day and hour"), columns, tuple(rows), note=_("Hours of the organisation’s zone."))


def _month_table(sizes: dict[int, int]) -> Table:
    """Five days of the month together; the last line holds six."""
    whole = sum(sizes.values())
    columns = (
        Column("day", _("Day of the month"), "text"),
        Column("n", _("Cases")),
        Column("share", _("Share"), "percent"),
    )
    rows = tuple(
        Row((f"{low}–{high}", n, parts.share(n, whole)))
        for low in range(1, 31, 5)
        for high in [31 if low == LAST_FIVE else low + 4]
        for n in [sum(sizes.get(day, 0) for day in range(low, high + 1))]
    )
    return Table(_("Day of the month"), columns, rows)


REPORT = Report(
    "timing",
    _l("Timing"),
    _l("When cases come: after the purchase, the renewal and the charge, in the week and in the month."),
    (
        _l(
            "Since the purchase: cases of a week of the contract’s life, for 1,000 contracts that were that old in the period. So young contracts are not taken for innocent ones."
        ),
        _l(
            "Since the renewal and since the last charge: counts of cases, as many days after it as the case was opened. Day and hour are those of the opening."
        ),
    ),
    make,
    compares=False,
    group="causes",
    icon="clock",
)
