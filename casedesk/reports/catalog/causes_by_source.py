"""Which cause comes from which source more often than its plans explain."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from casedesk.reports import figures, periods
from casedesk.reports.catalog import charts, parts
from casedesk.reports.catalog.base import Behind, Column, Desk, Figure, Made, Report, Row, Table
from casedesk.reports.periods import Period

FEW = 5.0
"""Fewer expected cases than this are too few to judge a ratio."""
STRONG = 3.0
"""The ratio at which the scale of the map ends."""

PLACED = "placed"
"""Counts cases whose cause and plan are known."""

Key = tuple[str, str]


@dataclass(frozen=True)
class Ratio:
    """Cases seen of a cause from a source beside those expected of its exposure, plan by plan; 95 % interval."""

    cause: str
    source: str
    seen: int
    expected: float
    low: float
    high: float

    @property
    def ratio(self) -> float | None:
        """None where too few are expected to judge."""
        return self.seen / self.expected if self.expected >= FEW else None


def ratios(seen: Mapping[tuple[str, str, str], int], exposed: Mapping[Key, float]) -> list[Ratio]:
    """Indirectly standardised ratios. seen: cases by (cause, source, plan); exposed: exposure by (source, plan).

    Expected of a source: the rate of each plan over all sources times the source's exposure in that plan, so that a
    source that sells another mix of plans is not taken for a bad one. Interval: Byar's approximation to the exact
    Poisson interval of the cases seen. Source: Breslow and Day, Statistical Methods in Cancer Research II, 2.3.
    """
    plans: dict[str, float] = defaultdict(float)
    for (_source, plan), n in exposed.items():
        plans[plan] += n
    of_plan: dict[Key, int] = defaultdict(int)
    cells: dict[Key, int] = defaultdict(int)
    for (cause, source, plan), n in seen.items():
        if exposed.get((source, plan), 0) > 0:
            of_plan[cause, plan] += n
            cells[cause, source] += n
    sources = sorted({source for source, _plan in exposed})
    found = []
    for cause in sorted({cause for cause, _source in cells}):
        for source in sources:
            expected = sum(
                exposed.get((source, plan), 0) * of_plan.get((cause, plan), 0) / plans[plan]
                for plan in plans
                if plans[plan]
            )
            n = cells.get((cause, source), 0)
            low, high = interval(n)
            found.append(
                Ratio(
                    cause,
                    source,
                    n,
                    expected,
                    low / expected if expected else 0,
                    high / expected if expected else math.inf,
                )
            )
    return found


def interval(n: int) -> tuple[float, float]:
    """The 95 % interval of a Poisson count, by Byar's approximation."""
    z = 1.959964
    low = n * (1 - 1 / (9 * n) - z / (3 * math.sqrt(n))) ** 3 if n else 0.0
    m = n + 1
    return max(low, 0.0), m * (1 - 1 / (9 * m) + z / (3 * math.sqrt(m))) ** 3


def make(desk: Desk) -> Made:
    rows = figures.facts(
        desk.session,
        desk.asked,
        {"cause": "f.cause", "source": "f.source", "plan": "f.plan", "n": "count(*)"},
        group=3,
        where=("f.plan <> ''", "f.cause <> ''"),
    )
    exposed = _exposure(desk)
    # Exposure that was imported for all products together says nothing of the mix of plans.
    whole = bool(exposed) and all(plan == figures.ALL for _source, plan in exposed)
    seen: dict[tuple[str, str, str], int] = defaultdict(int)
    for row in rows:
        seen[row.cause, row.source, figures.ALL if whole else row.plan] += int(row.n)
    found = ratios(seen, exposed)
    judged = [one for one in found if one.ratio is not None]
    high = [one for one in judged if one.low > 1]
    return Made(
        figures=(
            Figure(_("Cases with cause, source and plan"), sum(seen.values())),
            Figure(_("Cells judged"), len(judged)),
            Figure(_("Clearly above the others"), len(high)),
        ),
        tables=(_table(desk, found, exposed),),
        chart=_chart(desk, found, exposed) if judged else None,
        chart_title=_("Cases beside what the source’s plans explain: 1 is as usual"),
        notes=(*parts.partial_note(desk), *_notes(found, judged, exposed)),
        is_empty=not found,
    )


def _exposure(desk: Desk) -> dict[Key, float]:
    """Subscription months by (source, plan): active on the first of each month that the period touches."""
    months = Period(periods.floor(desk.asked.period.start, "month"), desk.asked.period.end)
    exposed: dict[Key, float] = defaultdict(float)
    for cell in figures.exposure(desk.session, "active", months, by="ab"):
        exposed[cell.a, cell.b] += cell.n
    return exposed


def _notes(found: Sequence[Ratio], judged: Sequence[Ratio], exposed: Mapping[Key, float]) -> tuple[str, ...]:
    notes = []
    if not exposed:
        notes.append(
            _(
                "No active subscriptions are known in this period, so nothing can be expected. Import exposure, or choose a period with subscriptions."
            )
        )
    if few := len(found) - len(judged):
        notes.append(
            _(
                "%(count)d cells are too few to judge: fewer than five cases expected. They stay blank on the map.",
                count=few,
            )
        )
    if judged:
        notes.append(
            _(
                "Of %(count)d cells judged at 95 %%, about %(chance)d stand apart by chance alone; Signals corrects for that.",
                count=len(judged),
                chance=round(len(judged) * 0.05),
            )
        )
    return tuple(notes)


def _behind(one: Ratio, exposed: Mapping[Key, float]) -> Behind:
    """The cases of a cell: those of the plans that the source had subscriptions in."""
    plans = sorted(plan for (source, plan), n in exposed.items() if source == one.source and n > 0)
    return Behind(
        PLACED,
        {"cause": one.cause, "source": one.source} | ({} if plans == [figures.ALL] else {"plan": plans}),
    )


def _table(desk: Desk, found: Sequence[Ratio], exposed: Mapping[Key, float]) -> Table:
    columns = (
        Column("cause", _("Cause"), "text"),
        Column("source", _("Source"), "text"),
        Column("n", _("Cases")),
        Column("expected", _("Expected"), "ratio"),
        Column("ratio", _("Ratio"), "ratio"),
        Column("low", _("95 % from"), "ratio"),
        Column("high", _("to"), "ratio"),
        Column("says", _("Says"), "text"),
    )
    order = sorted(found, key=lambda one: (-(one.low if one.ratio is not None else -1), -one.seen))
    rows = []
    for one in order:
        if not one.seen and one.ratio is None:
            continue
        small = one.ratio is None
        rows.append(
            Row(
                (
                    desk.names.of("cause", one.cause),
                    desk.names.of("source", one.source),
                    one.seen,
                    round(one.expected, 1),
                    None if small else round(one.ratio or 0, 2),
                    None if small else round(one.low, 2),
                    None if small else round(one.high, 2),
                    _("too few to judge")
                    if small
                    else _("high")
                    if one.low > 1
                    else _("low")
                    if one.high < 1
                    else _("as usual"),
                ),
                {"n": _behind(one, exposed)},
            )
        )
    return Table(_("Cause by source"), columns, tuple(rows))


def _chart(desk: Desk, found: Sequence[Ratio], exposed: Mapping[Key, float]) -> charts.Spec:
    weight: dict[str, int] = defaultdict(int)
    across: dict[str, int] = defaultdict(int)
    for one in found:
        weight[one.cause] += one.seen
        across[one.source] += one.seen
    points = [
        {
            "y": desk.names.of("cause", one.cause),
            "x": desk.names.of("source", one.source),
            "n": one.seen,
            "behind": _behind(one, exposed),
            "text": "" if one.ratio is None else format_decimal(one.ratio, "0.0"),
            "strength": None if one.ratio is None else round(min(max(one.ratio - 1, 0) / (STRONG - 1), 1), 3),
        }
        for one in sorted(
            found, key=lambda one: (-weight[one.cause], one.cause, -across[one.source], one.source)
        )
    ]
    return charts.heat(points, ratio=True)


REPORT = Report(
    "causes_by_source",
    _l("Causes by source"),
    _l("Which cause comes from which source more often than its customers explain."),
    (
        _l(
            "Cases opened in the period, beside what was expected: the rate of each plan over all sources, times the source’s active subscriptions in that plan. So a source that sells another mix of plans is not taken for a bad one."
        ),
        _l(
            "The interval is the 95 % interval of the count (Byar). Cells with fewer than five expected cases are too few to judge and stay blank."
        ),
    ),
    make,
    filters=("kind", "team", "channel"),
    compares=False,
    group="causes",
    icon="table",
)
