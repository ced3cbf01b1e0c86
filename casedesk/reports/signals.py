"""The scan of all kinds of findings as of a day, and the backtest of rises week by week."""

from dataclasses import replace

import numpy as np

from casedesk.detection import timing
from casedesk.detection.causes import Cells, elevated_cells
from casedesk.detection.changes import DEFAULT, FlaggedWeek, WeekView, flagged_weeks
from casedesk.detection.episodes import Episode, episodes, share_of_excess
from casedesk.detection.quality import relabelled
from casedesk.detection.series import DEFAULT as SERIES
from casedesk.detection.series import judge_series
from casedesk.kernel.errors import InvalidInput
from casedesk.reports.findings import CellFound, ClusterFound, Found, Note, RiseFound, Scan
from casedesk.reports.signal_files import Flag, Matrix, day_text
from casedesk.reports.signal_panel import EVERY, Loaded
from casedesk.reports.worth import Worth, alone, without_rate, worst_first

LOOKED_BACK = 26  # weeks that a scan walks to find the start of what is open


def scan(data: Loaded, worth: Worth | None = None) -> Scan:
    """Open rises as of the last complete week, elevated cells and clusters over the whole period, each worst first.

    `worth`: the rates of exchange that are known; None for files, which bring none.
    """
    rises, notes = _rises(data)
    (of_cells, _), more = cells(data)
    clustered, last = clusters(data)
    costing: list[RiseFound | CellFound] = [*rises, *of_cells]
    by = alone(costing) if worth is None else worth
    found: list[Found] = [*worst_first(rises, by), *worst_first(of_cells, by), *clustered]
    apart = without_rate(costing, by)
    if apart:
        notes = [*notes, Note("signals.no_rate", {"currencies": ", ".join(apart)})]
    return Scan(
        day_text(data.end_day),
        len(data.cases),
        data.panel.complete,
        tuple(found),
        (*data.notes, *notes, *more, *last),
    )


def _rises(data: Loaded) -> tuple[list[RiseFound], list[Note]]:
    last = data.panel.complete - 1
    walked = list(flagged_weeks(data.panel, max(last - LOOKED_BACK + 1, 0), last))
    view = walked[-1][0] if walked else None
    if view is None:
        return [], [short_history(data)]
    views = {seen.week: seen for seen, _ in walked if seen is not None}
    rises = [
        rise_found(data, one, views[one.first])
        for one in episodes(with_sources(data, walked))
        if not one.ended
    ]
    return rises, few_notes(data, view)


def short_history(data: Loaded) -> Note:
    """How many weeks are known, and how many a baseline needs."""
    known = int(data.panel.covered[:, : data.panel.complete].any(0).sum())
    needed = DEFAULT.least_history + DEFAULT.left_out
    return Note("signals.short_history", {"weeks": known, "needed": needed})


def few_notes(data: Loaded, view: WeekView | None) -> list[Note]:
    """How many causes, and causes at a source, are too few to judge this week."""
    if view is None:
        return []
    notes = []
    if view.few_causes.any():
        notes.append(
            Note("signals.few_causes", {"count": int(view.few_causes.sum()), "of": len(view.few_causes)})
        )
    if data.cells_judged and view.few_cells.any():
        notes.append(
            Note("signals.few_rows", {"count": int(view.few_cells.sum()), "of": view.few_cells.size})
        )
    return notes


def with_sources(
    data: Loaded, walked: list[tuple[WeekView | None, list[FlaggedWeek]]]
) -> list[tuple[WeekView | None, list[FlaggedWeek]]]:
    """The weeks as they are, or without rows of sources where sources are not told apart."""
    if data.sources != (EVERY,):
        return walked
    return [(view, [_whole(flag) for flag in flags if not flag.under]) for view, flags in walked]


def _whole(flag: FlaggedWeek) -> FlaggedWeek:
    return replace(flag, source=None)


def rise_found(data: Loaded, one: Episode, began: WeekView) -> RiseFound:
    """An episode in plain values, with the money of its excess and what it may be confused with."""
    weeks = [week.week for week in one.weeks]
    inside = (data.cases.cause == one.cause) & np.isin(data.week, weeks)
    if one.source is not None:
        inside &= data.source == one.source
    ratio, low, high = one.ratio
    usual_low, usual_high = one.usual
    renamed = relabelled(began, one.cause, one.source)
    return RiseFound(
        cause=data.causes[one.cause],
        source=None if one.source is None else data.sources[one.source],
        since=day_text(data.panel.day(one.first)),
        last=day_text(data.panel.day(one.last)),
        peak=day_text(data.panel.day(one.peak.week)),
        ended=one.ended,
        observed=one.observed,
        expected=one.expected,
        usual_low=usual_low,
        usual_high=usual_high,
        ratio=ratio,
        ratio_low=low,
        ratio_high=high,
        at_risk=risk_of(data, one.source, one.last),
        measure=data.measure,
        excess=one.excess,
        excess_money=_money(data, inside, one.observed, one.excess),
        others=None
        if data.sources == (EVERY,)
        else tuple(data.sources[source] for source in one.other_sources_rise()),
        renamed_from=tuple(data.causes[other.fallen] for other in renamed),
        score=one.surprise,
        weeks=tuple(day_text(data.panel.day(week)) for week in weeks),
    )


def risk_of(data: Loaded, source: int | None, week: int) -> float | None:
    """The exposure of a week as people know it, at a source or in all; None where none is known at all."""
    if not data.measure:
        return None
    return float(data.at_risk[:, week].sum() if source is None else data.at_risk[source, week])


def _money(data: Loaded, inside: np.ndarray, observed: int, excess: float) -> dict[str, int]:
    """The excess in minor units of each currency; never summed over currencies."""
    by_currency = {}
    for code, currency in enumerate(data.cases.currencies):
        minor = int(data.cases.minor[inside & (data.cases.currency == code)].sum())
        if currency and minor:
            by_currency[currency] = share_of_excess(minor, observed, excess)
    return by_currency


def cells(data: Loaded) -> tuple[tuple[list[CellFound], Cells | None], list[Note]]:
    """The sources that dispute a cause more, the figures of all cells, and what is to be said beside them."""
    if not data.cells_judged:
        return ([], None), [Note("signals.cells_not_judged", {})]
    judged = elevated_cells(data.panel)
    found = []
    for cause, source in np.argwhere(judged.found):
        at = (cause, source)
        inside = (data.cases.cause == cause) & (data.source == source) & (data.week < data.panel.complete)
        observed, excess = int(judged.observed[at]), float(judged.observed[at] - judged.expected[at])
        found.append(
            CellFound(
                data.causes[cause],
                data.sources[source],
                observed,
                float(judged.expected[at]),
                float(judged.ratio[at]),
                float(judged.low[at]),
                float(judged.high[at]),
                float(judged.crude[at]),
                float(judged.shrunken[at]),
                excess,
                _money(data, inside, observed, excess),
                float(judged.tail[at]),
            )
        )
    notes = []
    if judged.few.any():
        notes.append(Note("signals.few_cells", {"count": int(judged.few.sum()), "of": judged.few.size}))
    return (found, judged), notes


CLOCK_OF = {
    clock.name: clock
    for clock in (
        timing.DAY_OF_WEEK,
        timing.DAY_OF_MONTH,
        timing.DAYS_SINCE_PURCHASE,
        timing.HOUR,
        timing.BILLING_DAY,
    )
}


def bins_of(data: Loaded) -> dict[timing.Clock, np.ndarray]:
    """The bin of every case on each clock that the data know; hour and billing day only from the database."""
    cases = data.cases
    bins = {
        timing.DAY_OF_WEEK: timing.weekday(cases.day),
        timing.DAY_OF_MONTH: timing.day_of_month(cases.day),
        timing.DAYS_SINCE_PURCHASE: cases.age,
    }
    return bins | {CLOCK_OF[name]: of for name, of in cases.clocks.items()}


def clusters(data: Loaded) -> tuple[list[ClusterFound], list[Note]]:
    """The causes that cluster on a clock, the surest first, and what is to be said beside them."""
    cases, causes = data.cases, len(data.causes)
    weeks = int(np.unique(data.week).size)
    if weeks < timing.DEFAULT.least_weeks:
        needed = timing.DEFAULT.least_weeks
        return [], [Note("signals.timing_short", {"weeks": weeks, "needed": needed})]
    bins = bins_of(data)
    candidates: list[timing.Cluster | None] = []
    for clock, bin_of in bins.items():
        candidates += timing.most_clustered(timing.table(cases.cause, bin_of, causes, clock.bins), clock)
    if causes < 2 or not any(candidates):
        return [], [Note("signals.timing_not_judged", {})]
    found = [
        ClusterFound(
            data.causes[one.cause],
            one.clock.name,
            one.low,
            one.high,
            int(one.observed),
            one.expected,
            one.ratio,
            one.surprise,
        )
        for one in timing.clusters_held(candidates)
        if timing.comes_back(one, cases.cause, bins[one.clock], timing.turn_of(one.clock, cases.day))
    ]
    return sorted(found, key=lambda one: one.score), []


def flags_of(result: Scan) -> list[Flag]:
    """The rows of a flags file: each week of the open rises, the cells, the clusters."""
    rows: list[Flag] = []
    for one in result.found:
        if isinstance(one, RiseFound):
            rows += [Flag("spike", week, one.cause, one.source or EVERY, one.score) for week in one.weeks]
        elif isinstance(one, CellFound):
            rows.append(Flag("cell", "", one.cause, one.source, one.score))
        else:
            value = str(one.low) if one.low == one.high else f"{one.low}-{one.high}"
            rows.append(Flag("timing", "", one.cause, EVERY, one.score, one.dimension, value))
    return rows


def backtest(data: Loaded, first: int, last: int) -> list[Flag]:
    """The rises that each week from `first` to `last` (indices, both included) would have flagged at its end."""
    _within(data.panel.monday, data.panel.complete, first, last)
    walked = list(flagged_weeks(data.panel, max(first, 0), last))
    return [
        Flag(
            "spike",
            day_text(data.panel.day(flag.week)),
            data.causes[flag.cause],
            EVERY if flag.source is None else data.sources[flag.source],
            flag.surprise,
        )
        for _, flags in with_sources(data, walked)
        for flag in flags
    ]


def _within(monday: int, weeks: int, first: int, last: int) -> None:
    """Raises InvalidInput where the weeks asked for run backwards, or none of them is in the data."""
    if first > last:
        raise InvalidInput("signals.backwards")
    if last < 0 or first >= weeks:
        ends = day_text(monday + 7 * max(weeks - 1, 0))
        raise InvalidInput("signals.outside", first=day_text(monday), last=ends)


def backtest_series(matrix: Matrix, first: int, last: int) -> list[Flag]:
    """The same for counts that stand alone, each series at its own false-alarm rate."""
    rows = []
    _within(matrix.monday, matrix.counts.shape[1], first, last)
    counts = matrix.counts.astype(np.float64)
    for week in range(max(first, 0), min(last, matrix.counts.shape[1] - 1) + 1):
        judged = judge_series(counts, week)
        if judged is None:
            continue
        period = day_text(matrix.monday + 7 * week)
        for series in np.flatnonzero(judged.surprise < SERIES.level):
            rows.append(Flag("spike", period, matrix.names[series], "-", float(judged.surprise[series])))
    return rows
