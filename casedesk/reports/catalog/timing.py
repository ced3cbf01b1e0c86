"""When cases come: after the purchase, after the renewal, in the week, against the charge."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casedesk.reports import figures
from casedesk.reports.catalog import charts, parts
from casedesk.reports.catalog.base import Behind, Column, Desk, Figure, Made, Report, Row, Table
from casedesk.reports.hazard import Week, weeks
from casedesk.reports.periods import Period

WEEKS = 26
MONDAY = date(2026, 1, 5)
FEW_AT_RISK = 50
LAST_FIVE = 26


@dataclass(frozen=True)
class Since:
    """One clock of the contract as a hazard: the name of its cases' span, its words, its weeks."""

    span: str
    title: str
    week_label: str
    weeks: list[Week]


def make(desk: Desk) -> Made:
    clocks = figures.timing(
        desk.session, desk.asked, "hour_of_week", "purchase", "renewal", "billing", "month_day"
    )
    bought, renewed = _since(desk, dict(clocks["purchase"]), dict(clocks["renewal"]))
    hours = clocks["hour_of_week"]
    whole = sum(n for _bin, n in hours)
    weekday: dict[int, int] = defaultdict(int)
    for hour, n in hours:
        weekday[hour // 24] += n
    return Made(
        figures=(
            Figure(_("Cases opened"), whole),
            Figure(_("Most likely in week, since the purchase"), _peak(bought.weeks)),
            Figure(_("Most likely in week, since the renewal"), _peak(renewed.weeks)),
            Figure(_("On Saturday and Sunday"), parts.share(weekday[5] + weekday[6], whole), "percent"),
        ),
        tables=(
            _hazard_table(bought),
            _hazard_table(renewed),
            _days_table(clocks["billing"], _("Days since the last charge")),
            _week_table(hours),
            _month_table(dict(clocks["month_day"])),
        ),
        chart=charts.lines(
            [*_points(bought), *_points(renewed)],
            _("Cases for 1,000 contracts of that week"),
            x=_("Weeks since the purchase or the renewal"),
        ),
        chart_title=_("Cases by week since the purchase and since the renewal, for 1,000 contracts that old"),
        notes=(*parts.partial_note(desk), *_young([*bought.weeks, *renewed.weeks])),
        is_empty=not whole,
    )


def _since(desk: Desk, purchase: dict[int, int], renewal: dict[int, int]) -> tuple[Since, Since]:
    """The hazards since the purchase and since the renewal."""
    period, reach = desk.asked.period, timedelta(days=7 * WEEKS)
    only = {
        part: some for part, name in (("a", "source"), ("b", "plan")) if (some := desk.asked.values(name))
    }
    purchases = figures.exposure(
        desk.session, "purchases", Period(period.start - reach, period.end), step="day", only=only
    )
    bought: dict[tuple[int, int | None], int] = {(cell.at.toordinal(), None): cell.n for cell in purchases}
    renewed = figures.renewals(desk.session, period, 7 * WEEKS, only)
    start, end = period.start.toordinal(), period.end.toordinal()
    return (
        Since(
            "purchase",
            _("Since the purchase"),
            _("Week since the purchase"),
            weeks(bought, purchase, start, end, WEEKS),
        ),
        Since(
            "renewal",
            _("Since the renewal"),
            _("Week since the renewal"),
            weeks(renewed, renewal, start, end, WEEKS),
        ),
    )


def _peak(hazard: list[Week]) -> int | None:
    """The week with most cases for its contracts, of those with enough of them; None without a case."""
    judged = [one for one in hazard if one.at_risk >= FEW_AT_RISK and one.cases]
    return max(judged, key=lambda one: one.cases / one.risk_days).week + 1 if judged else None


def _rate(one: Week) -> float | None:
    return 1000 * 7 * one.cases / one.risk_days if one.at_risk >= FEW_AT_RISK else None


def _points(since: Since) -> list[dict[str, object]]:
    return [
        {
            "at": str(one.week + 1),
            "order": one.week,
            "series": since.title,
            "n": round(rate, 2),
            "behind": _behind(since, one),
        }
        for one in since.weeks
        if (rate := _rate(one)) is not None
    ]


def _behind(since: Since, one: Week) -> Behind:
    return Behind("opened", {since.span: f"{7 * one.week}..{7 * one.week + 6}"})


def _young(hazard: list[Week]) -> tuple[str, ...]:
    if any(one.at_risk < FEW_AT_RISK for one in hazard):
        return (_("Weeks with fewer than %(count)d contracts that old are not judged.", count=FEW_AT_RISK),)
    return ()


def _hazard_table(since: Since) -> Table:
    columns = (
        Column("week", since.week_label, "text"),
        Column("at_risk", _("Contracts that old")),
        Column("n", _("Cases")),
        Column("rate", _("For 1,000"), "ratio"),
    )
    rows = tuple(
        Row(
            (str(one.week + 1), one.at_risk, one.cases, None if rate is None else round(rate, 1)),
            {"n": _behind(since, one)},
        )
        for one in since.weeks
        for rate in [_rate(one)]
    )
    return Table(since.title, columns, rows)


def _days_table(days: list[tuple[int, int]], label: str) -> Table:
    """Weeks since the last charge; the last line holds the rest."""
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
            ),
            {"n": Behind("opened", {"billing": f"{7 * week}..{7 * week + 6}" if week < 8 else "56.."})},
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
        behind = {"total": Behind("opened", {"hour_of_week": f"{24 * day}..{24 * day + 23}"})} | {
            f"h{4 * part}": Behind(
                "opened", {"hour_of_week": f"{24 * day + 4 * part}..{24 * day + 4 * part + 3}"}
            )
            for part in range(6)
        }
        name = format_date(MONDAY + timedelta(days=day), "EEEE").capitalize()
        rows.append(Row((name, *line, sum(line)), behind))
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
        Row(
            (f"{low}–{high}", n, parts.share(n, whole)),
            {"n": Behind("opened", {"month_day": f"{low}..{high}"})},
        )
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
            "Since the purchase and since the renewal: cases of a week of the contract’s life, for 1,000 contracts that were that old in the period. So young contracts are not taken for innocent ones."
        ),
        _l(
            "At risk in a week are the contracts whose purchase or renewal lies that many weeks back, each for the days of that week that fall into the period. A renewal counts until the next one; a contract that ended stays, for its customer may still complain."
        ),
        _l(
            "Since the last charge: counts of cases, as many days after it as the case was opened. Day and hour are those of the opening."
        ),
    ),
    make,
    compares=False,
    group="causes",
    icon="clock",
)
