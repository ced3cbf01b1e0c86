"""How near the share of disputed payments comes to what the networks allow, and where the month ends."""

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from casedesk.policy.pack import Rule
from casedesk.policy.verdict import Citation
from casedesk.reports import figures, periods
from casedesk.reports.catalog import charts, parts
from casedesk.reports.catalog.base import Behind, Column, Desk, Figure, Made, Report, Row, Table
from casedesk.reports.catalog.causes_by_source import interval
from casedesk.reports.periods import Period
from casedesk.rulebook import packs, wording
from casedesk.web import locale

KIND = "chargeback"


@dataclass(frozen=True)
class Threshold:
    """A network's limit as its pack states it: ten-thousandths from a month on, and how many disputes it takes."""

    title: Mapping[str, str]
    citation: Citation
    steps: tuple[tuple[str, int, tuple[str, ...]], ...]
    more_than: int

    def at(self, month: date) -> int | None:
        """The lowest limit that holds anywhere in `month`, in ten-thousandths; None where none does yet."""
        found = None
        for since, bps, _regions in self.steps:
            if f"{month:%Y-%m}" >= since:
                found = bps
        return found


def thresholds(session: Session) -> list[Threshold]:
    """Every limit on a ratio in the packs published, the newest version of each rule."""
    known = packs.published(session)
    rules = (known.rule(code)[1] for code in known.ids())
    return [_threshold(rule) for rule in rules if rule.kind == "ratio_threshold"]


def _threshold(rule: Rule) -> Threshold:
    table = rule.table.get(rule.kind, rule.table)
    steps = tuple(
        (str(one["from"]), int(one["bps"]), tuple(one.get("regions", ()))) for one in table["thresholds"]
    )
    return Threshold(rule.title, rule.citation, steps, int(table["more_than"]))


@dataclass(frozen=True)
class Month:
    """Disputes against charges of one month and network; for the month that runs, where it will end (95 %)."""

    month: date
    network: str
    disputes: int
    charges: int
    forecast: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def ratio(self) -> float | None:
        return parts.share(self.disputes, self.charges)


def forecast(disputes: int, charges: int, day: int, days: int) -> tuple[float, float, float] | None:
    """The ratio at the end of a month of `days` after `day` of them: disputes go on as so far, and so do charges.

    The interval is that of the count to come; None on a month without charges.
    """
    if not charges or not 0 < day < days:
        return None
    scale = days / day
    low, high = interval(disputes)
    at_end = charges * scale
    return (
        disputes * scale / at_end,
        (disputes + low * (scale - 1)) / at_end,
        (disputes + high * (scale - 1)) / at_end,
    )


def make(desk: Desk) -> Made:
    period = Period(periods.floor(desk.asked.period.start, "month"), desk.asked.period.end)
    asked = desk.asked.over(period).narrowed(kind=KIND)
    disputes: dict[tuple[date, str], int] = defaultdict(int)
    for cell in figures.counted(desk.session, asked, "opened", "kind", "network", step="month"):
        disputes[cell.at, cell.b] += cell.n
    charges: dict[tuple[date, str], int] = defaultdict(int)
    for cell in figures.exposure(desk.session, "charges", period, step="month", by="a"):
        charges[cell.at, cell.a] += cell.n
    networks = sorted(
        {network for _m, network in (*disputes, *charges)},
        key=lambda one: -sum(n for (_m, k), n in charges.items() if k == one),
    )
    months = [
        _month(desk, at, network, disputes, charges)
        for at in periods.steps(period, "month")
        for network in networks
    ]
    months = [one for one in months if one.disputes or one.charges]
    limits = thresholds(desk.session)
    current = [one for one in months if one.forecast is not None]
    return Made(
        figures=tuple(_figures(desk, months, current)),
        tables=(_table(desk, months, limits),),
        chart=charts.lines(_points(desk, months, limits), _("Disputes, of charges"), percent=True)
        if months
        else None,
        chart_title=_("Disputed payments, of the month’s charges"),
        notes=_notes(desk, months, limits),
        is_empty=not months,
    )


def _month(
    desk: Desk,
    at: date,
    network: str,
    disputes: Mapping[tuple[date, str], int],
    charges: Mapping[tuple[date, str], int],
) -> Month:
    n, base = disputes.get((at, network), 0), charges.get((at, network), 0)
    end = periods.add_months(at, 1)
    if at <= desk.today < end:
        days = (end - at).days
        found = forecast(n, base, desk.today.day, days)
        if found:
            return Month(at, network, n, base, *found)
    return Month(at, network, n, base)


def _behind(desk: Desk, one: Month) -> Behind:
    whole = Period(one.month, min(periods.add_months(one.month, 1), desk.asked.period.end))
    return Behind("opened", {"kind": KIND, "network": one.network}, whole)


def _figures(desk: Desk, months: list[Month], current: list[Month]) -> list[Figure]:
    n, base = sum(one.disputes for one in months), sum(one.charges for one in months)
    found = [Figure(_("Disputes"), n), Figure(_("Of charges"), parts.share(n, base), "percent")]
    for one in current:
        if one.network and one.disputes:
            found.append(
                Figure(
                    _("%(network)s at month’s end", network=desk.names.of("network", one.network)),
                    one.forecast,
                    "percent",
                )
            )
    return found


def _table(desk: Desk, months: list[Month], limits: list[Threshold]) -> Table:
    columns = [
        Column("month", _("Month"), "text"),
        Column("network", _("Network"), "text"),
        Column("disputes", _("Disputes")),
        Column("charges", _("Charges")),
        Column("ratio", _("Share"), "percent"),
        Column("forecast", _("At month’s end"), "percent"),
        Column("low", _("95 % from"), "percent"),
        Column("high", _("to"), "percent"),
    ]
    if limits:
        columns += [
            Column("limit", _("Limit"), "percent"),
            Column("left", _("Disputes until the limit")),
            Column("says", _("Says"), "text"),
        ]
    rows = []
    for one in reversed(months):
        line: list[Any] = [
            locale.month_short_year(one.month),
            desk.names.of("network", one.network),
            one.disputes,
            one.charges,
            one.ratio,
            one.forecast,
            one.low,
            one.high,
        ]
        if limits:
            line += _against(one, limits)
        rows.append(Row(tuple(line), {"disputes": _behind(desk, one)}))
    return Table(_("By month and network"), tuple(columns), tuple(rows))


def _against(one: Month, limits: list[Threshold]) -> list[Any]:
    """Limit, how many more disputes reach it, and what that says."""
    known = next(
        (
            limit
            for limit in limits
            if any(
                one.network and one.network in words.lower()
                for words in (*limit.title.values(), limit.citation.text)
            )
        ),
        None,
    )
    bps = known.at(one.month) if known else None
    if known is None or bps is None or not one.charges:
        return [None, None, ""]
    left = max(max(math.ceil(bps * one.charges / 10_000), known.more_than + 1) - one.disputes, 0)
    over = (one.ratio or 0) * 10_000 >= bps
    if over and one.disputes > known.more_than:
        said = _("above the limit")
    elif over:
        said = _("share above, number below the limit")
    else:
        said = _("below the limit")
    return [bps / 10_000, left, said]


def _points(desk: Desk, months: list[Month], limits: list[Threshold]) -> list[dict[str, object]]:
    order = {month: n for n, month in enumerate(sorted({one.month for one in months}))}
    points: list[dict[str, object]] = [
        {
            "at": locale.month_short_year(one.month),
            "order": order[one.month],
            "series": desk.names.of("network", one.network),
            "n": one.ratio,
            "behind": _behind(desk, one),
        }
        for one in months
        if one.ratio is not None and one.network
    ]
    for limit in limits:
        name = _("Limit: %(rule)s", rule=limit.title.get(_spoken(), limit.title.get("en", "")))
        points += [
            {"at": locale.month_short_year(month), "order": n, "series": name, "n": bps / 10_000}
            for month, n in order.items()
            if (bps := limit.at(month)) is not None
        ]
    return points


def _notes(desk: Desk, months: list[Month], limits: list[Threshold]) -> tuple[str, ...]:
    notes = list(parts.partial_note(desk))
    for limit in limits:
        regions = sorted({region for _since, _bps, where in limit.steps for region in where})
        said = _(
            "Limits as the rulebook states them: %(rule)s (%(citation)s), and more than %(count)d disputes in the month.",
            rule=limit.title.get(_spoken(), ""),
            citation=wording.cited(limit.citation, _spoken()),
            count=limit.more_than,
        )
        if regions:
            said += " " + _("The lowest one holds in %(regions)s.", regions=", ".join(regions))
        notes.append(said)
    if not limits:
        notes.append(_("No pack in force states a limit."))
    if any(one.disputes and not one.charges for one in months):
        notes.append(
            _("Some disputes belong to a month or network without charges here: their share is not known.")
        )
    return tuple(notes)


def _spoken() -> str:
    return str(get_locale() or "en")[:2]


REPORT = Report(
    "dispute_ratio",
    _l("Dispute ratio"),
    _l("How near disputed payments come to what the card networks allow, and where this month will end."),
    (
        _l(
            "Chargeback cases opened in a month, against the charges captured in the same month, by network. A network counts fraud reports as well; those that never became a case are not here, so its own figure can be higher."
        ),
        _l(
            "The forecast lets disputes and charges go on as in the days so far; its interval is the 95 % interval of the count."
        ),
    ),
    make,
    filters=(),
    compares=False,
    group="money",
    icon="credit-card",
)
