"""When did a rise start? Each week against what was to be expected, for causes and for cause and source.

A cause has a baseline of its own: exposure by product, level, and from two years of history on trend and season.
A cell (cause and source) shares the curve of its cause and adds the level that is its own. The last one and
two weeks are held against it in the upper tail of a negative binomial that includes the error of the estimate.
Only weeks up to the judged one are read. Sources: Noufaily et al. 2013; Benjamini & Hochberg 1995.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from casedesk.detection.baseline import SEASON_NEEDS_WEEKS, design_matrix, fit_baseline
from casedesk.detection.panel import Panel
from casedesk.detection.rates import levels_and_rates
from casedesk.detection.tails import false_discoveries_held, too_few, upper_tail

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

WINDOWS = (1, 2)


@dataclass(frozen=True)
class SpikeSettings:
    """What the scan holds. The rates are of false findings among findings, a week and family.

    `level`: the false-alarm rate of a series that stands alone (no family). `windows_cost`: what testing one
    and two weeks instead of one costs, between 1 and 2. Half-lives in weeks.
    """

    cause_rate: float = 0.05
    cell_rate: float = 0.08
    level: float = 0.01
    windows_cost: float = 1.6
    left_out: int = 5  # weeks before the judged one that do not enter its baseline
    memory: float = 26.0
    memory_seasonal: float = 104.0
    memory_level: float = 52.0
    least_history: int = 26
    least_source_history: int = 13
    least_cases: int = 3
    still_high: float = 0.2  # an episode goes on while its last week alone has a tail below this
    carried: int = 6  # weeks that an episode may go on without a new finding
    rest_is_usual: float = 0.01


DEFAULT = SpikeSettings()


@dataclass(frozen=True)
class Sums:
    """The last one and two weeks of every row: arrays (windows, rows...). `tail` is NaN where nothing is known."""

    observed: Array
    expected: Array
    variance: Array
    tail: Array

    def surprise(self, cost: float) -> Array:
        """The smaller tail of the windows, paid for testing more than one: (rows...)."""
        smallest = np.where(np.isnan(self.tail), np.inf, self.tail).min(0)
        return np.where(np.isfinite(smallest), np.minimum(cost * smallest, 1.0), np.nan)


@dataclass(frozen=True)
class WeekView:
    """One week as it looked at its end: causes (windows, causes), cells (windows, causes, sources)."""

    week: int
    causes: Sums
    cells: Sums
    at_risk: Array  # (sources,), exposure of the week
    few_causes: Mask  # (causes,): too few to judge
    few_cells: Mask  # (causes, sources)


@dataclass(frozen=True)
class Expected:
    """What was expected, week by week, up to the judged one (the last): cases."""

    cause: Array  # (causes, weeks)
    cell: Array  # (causes, sources, weeks)
    cause_dispersion: Array  # (causes,)
    cell_shock: float  # variance of a common factor of cells
    cell_excess: Array  # (causes, sources), how much more than that a cell varies, 1 or more
    level_error: Array  # (causes, sources), relative variance
    curve_error: Array  # (causes, windows), variance of the summed estimate


def _fading(weeks: int, half_life: float) -> Array:
    return np.exp2(-np.arange(weeks)[::-1] / half_life)


def expected_cases(panel: Panel, week: int, settings: SpikeSettings = DEFAULT) -> Expected:
    """The expected cases of every cause and cell up to `week`, from the weeks before the ones left out."""
    history = week + 1 - settings.left_out
    cases, at_risk = panel.comparable[..., : week + 1], panel.at_risk[..., : week + 1]
    past = _fading(history, settings.memory_level)
    faded_cases = np.einsum("cspw,w->csp", cases[..., :history], past)
    faded_risk = np.einsum("spw,w->sp", at_risk[..., :history], past)
    level, level_variance, rates = levels_and_rates(faded_cases, faded_risk)
    base = np.einsum("cp,spw->csw", rates, at_risk) * level[:, :, None]
    observed = cases.sum(2)
    seasonal = int(panel.covered[:, :history].any(0).sum()) >= SEASON_NEEDS_WEEKS
    design, ridge = design_matrix(week + 1, seasonal=seasonal, ridge=10.0)
    memory = _fading(history, settings.memory_seasonal if seasonal else settings.memory)
    of_cause = base.sum(1)
    baseline = fit_baseline(
        observed.sum(1)[:, :history], of_cause[:, :history], design[:history], ridge, memory=memory
    )
    curve = baseline.rate(design)
    cause, cell = of_cause * curve, base * curve[:, None, :]
    shock, excess = _cell_spread(observed[..., :history], cell[..., :history], memory)
    error = np.stack([baseline.error(cause[:, -k:], design[-k:]) for k in WINDOWS], axis=1)
    return Expected(
        cause, cell, baseline.dispersion, shock, excess, level_variance / np.maximum(level, 1e-9) ** 2, error
    )


def _cell_spread(observed: Array, expected: Array, memory: Array) -> tuple[float, Array]:
    """How much cells vary beyond chance: one common variance of shocks, and what a cell varies beyond that."""
    chance = np.sqrt(expected + 0.05 * expected**2)
    weight = memory * ((observed - expected) < 3.5 * chance + 1) * (expected > 0)
    square = (weight * expected**2).sum()
    shock = float(max((weight * ((observed - expected) ** 2 - expected)).sum() / max(square, 1e-9), 0.0))
    supposed = expected + shock * expected**2
    ratio = weight * (observed - expected) ** 2 / np.maximum(supposed, 0.05)
    prior = 60.0  # weeks that the common variance is worth against a cell's own
    worth = weight.sum(-1) + prior
    own = (ratio.sum(-1) + prior) / worth
    return shock, np.maximum(own / (1 + np.sqrt(2 / worth)), 1.0)  # only what chance does not explain


def view_week(panel: Panel, week: int, settings: SpikeSettings = DEFAULT) -> WeekView | None:
    """How `week` looks at its end, or None while the history is too short to judge anything.

    Raises ValueError for a week that is not over.
    """
    if week >= panel.complete:
        raise ValueError(f"week {week} is not over")
    history = max(week + 1 - settings.left_out, 0)
    if panel.covered[:, :history].any(0).sum() < settings.least_history:
        return None
    expected = expected_cases(panel, week, settings)
    observed = panel.comparable[..., : week + 1].sum(2)
    causes = _cause_sums(observed.sum(1), expected)
    enough = panel.covered[:, :history].sum(1) >= settings.least_source_history
    cells = _cell_sums(observed, expected, panel.covered[:, week] & enough)
    return WeekView(
        week,
        causes,
        cells,
        panel.at_risk[..., week].sum(1),
        too_few(causes.expected[-1], causes.variance[-1]) | np.isnan(causes.tail[0]),
        too_few(cells.expected[-1], cells.variance[-1]) | np.isnan(cells.tail[0]),
    )


def _cause_sums(observed: Array, expected: Expected) -> Sums:
    seen = np.stack([observed[:, -k:].sum(1) for k in WINDOWS])
    usual = np.stack([expected.cause[:, -k:].sum(1) for k in WINDOWS])
    variance = usual * expected.cause_dispersion + expected.curve_error.T
    return Sums(seen, usual, variance, np.where(usual[:1] > 0, upper_tail(seen, usual, variance), np.nan))


def _cell_sums(observed: Array, expected: Expected, judged: Mask) -> Sums:
    seen = np.stack([observed[..., -k:].sum(-1) for k in WINDOWS])
    usual = np.stack([expected.cell[..., -k:].sum(-1) for k in WINDOWS])
    squares = np.stack([(expected.cell[..., -k:] ** 2).sum(-1) for k in WINDOWS])
    of_cause = np.maximum(expected.cause[:, -1], 1e-9)
    relative = expected.level_error + (expected.curve_error[:, 0] / of_cause**2)[:, None]
    variance = (usual + expected.cell_shock * squares) * expected.cell_excess + usual**2 * relative
    return Sums(seen, usual, variance, np.where(judged, upper_tail(seen, usual, variance), np.nan))


@dataclass(frozen=True)
class Started:
    """The rows that a week alone raises: causes as a whole (causes,), cells (causes, sources), cells under a cause."""

    causes: Mask
    cells: Mask
    under: Mask


def starts(view: WeekView, settings: SpikeSettings = DEFAULT) -> Started:
    """Which rows rise beyond chance this week, each where it happens.

    Two families: causes, cells. A row must also be high in the last week alone, or it is over already. Where
    a cause rises and one source (or the sources that rise) explains it, the finding is theirs.
    """
    causes, cells = view.causes.surprise(settings.windows_cost), view.cells.surprise(settings.windows_cost)
    enough_causes = (view.causes.tail[0] < settings.still_high) & (
        view.causes.observed[-1] >= settings.least_cases
    )
    enough_cells = (view.cells.tail[0] < settings.still_high) & (
        view.cells.observed[-1] >= settings.least_cases
    )
    risen = false_discoveries_held(causes, settings.cause_rate) & enough_causes
    apart = false_discoveries_held(cells, settings.cell_rate) & enough_cells
    whole, own, under = risen.copy(), apart.copy(), np.zeros_like(apart)
    for cause in np.flatnonzero(risen):
        candidates = apart[cause].copy()
        if not candidates.any():
            worst = int(np.argmin(np.where(np.isnan(cells[cause]), 2.0, cells[cause])))
            candidates[worst] = cells[cause, worst] < settings.rest_is_usual
        if candidates.any() and _rest_is_usual(view, int(cause), ~candidates, settings):
            whole[cause], own[cause] = False, candidates
        else:
            own[cause], under[cause] = False, apart[cause]
    return Started(whole, own, under)


def _rest_is_usual(view: WeekView, cause: int, rest: Mask, settings: SpikeSettings) -> bool:
    """Without the few sources that rise, is the cause as usual?"""
    sources = len(rest)
    if (~rest).sum() > max(sources // 3, 1):
        return False  # most sources rise: that is the cause
    observed = view.cells.observed[:, cause, rest].sum(1)
    expected = view.cells.expected[:, cause, rest].sum(1)
    own = view.causes.expected[:, cause]
    dispersion = view.causes.variance[:, cause] / np.maximum(own, 1e-9)
    tail = upper_tail(observed, expected, expected * dispersion)
    smallest = np.nanmin(tail) if np.isfinite(tail).any() else 1.0
    return bool(settings.windows_cost * smallest >= settings.rest_is_usual)


@dataclass(frozen=True)
class FlaggedWeek:
    """One week of one row that is flagged; `source` None is the cause as a whole.

    fresh: found this week, not only going on from before; under: a source of a cause that is flagged as a
    whole, part of that finding.
    """

    week: int
    cause: int
    source: int | None
    surprise: float
    fresh: bool
    under: bool


def flagged_weeks(
    panel: Panel, first: int, last: int, settings: SpikeSettings = DEFAULT
) -> Iterator[tuple[WeekView | None, list[FlaggedWeek]]]:
    """Each week from `first` to `last` (both included) with what it flags, from the data up to its end only.

    The same week gives the same answer whatever `first` is: a row goes on at most `carried` weeks without a
    finding of its own, and that many weeks are read before the first.
    """
    live: dict[tuple[int, int | None], int] = {}
    for week in range(max(first - settings.carried, 0), min(last, panel.complete - 1) + 1):
        view = view_week(panel, week, settings)
        flagged: list[FlaggedWeek] = []
        if view is None:
            live = {}
        else:
            flagged, live = _go_on(view, starts(view, settings), live, settings)
        if week >= first:
            yield view, flagged


def _go_on(
    view: WeekView, started: Started, live: dict[tuple[int, int | None], int], settings: SpikeSettings
) -> tuple[list[FlaggedWeek], dict[tuple[int, int | None], int]]:
    """The week's flags, and the rows that are up with the week of their last finding."""
    fresh: set[tuple[int, int | None]] = {(int(cause), None) for cause in np.flatnonzero(started.causes)}
    fresh |= {(int(cause), int(source)) for cause, source in np.argwhere(started.cells)}
    beneath = {(int(cause), int(source)) for cause, source in np.argwhere(started.under)}
    up = dict.fromkeys(fresh | beneath, view.week)
    for row, found in live.items():
        if row in up or view.week - found > settings.carried:
            continue
        tail = view.causes.tail[0, row[0]] if row[1] is None else view.cells.tail[0, row[0], row[1]]
        if tail < settings.still_high and not (row[1] is None and _moved_to_source(row[0], started)):
            up[row] = found
    causes = view.causes.surprise(settings.windows_cost)
    cells = view.cells.surprise(settings.windows_cost)
    flagged = [
        FlaggedWeek(
            view.week,
            row[0],
            row[1],
            float(causes[row[0]] if row[1] is None else cells[row[0], row[1]]),
            row in fresh or row in beneath,
            row[1] is not None and (row[0], None) in up,
        )
        for row in sorted(up, key=lambda row: (row[0], -1 if row[1] is None else row[1]))
    ]
    return flagged, up


def _moved_to_source(cause: int, started: Started) -> bool:
    return bool(started.cells[cause].any())
