"""Counts that stand alone, without exposure or family: which weeks of each series are beyond its usual?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from casedesk.detection.baseline import SEASON_NEEDS_WEEKS, design_matrix, fit_baseline
from casedesk.detection.tails import upper_tail

Array = NDArray[np.float64]

WINDOWS = (1, 2)


@dataclass(frozen=True)
class SeriesSettings:
    """`level`: the false-alarm rate of a series and week. `windows_cost`: what testing two sums costs.

    `left_out`: the weeks before the judged one (itself included) that its baseline does not read.
    """

    level: float = 0.01
    windows_cost: float = 2.0
    left_out: int = 2
    memory: float = 26.0
    least_history: int = 26


DEFAULT = SeriesSettings()


@dataclass(frozen=True)
class SeriesWeek:
    """One week of every series: expected cases (series,) and the paid smaller tail of one and two weeks."""

    expected: Array
    variance: Array
    surprise: Array


def judge_series(counts: Array, week: int, settings: SeriesSettings = DEFAULT) -> SeriesWeek | None:
    """How surprising the week `week` is in each series, from the weeks up to it; None where history is too short.

    counts: (series, weeks), cases; negative or missing counts are refused by the reader. Each series has its
    own level, and from two years on its trend, season (two harmonics) and dispersion; all are fitted at once.
    """
    history = week + 1 - settings.left_out
    if history < settings.least_history:
        return None
    seasonal = history >= SEASON_NEEDS_WEEKS
    design, ridge = design_matrix(week + 1, seasonal=seasonal, harmonics=2)
    fading = np.exp2(-np.arange(history)[::-1] / settings.memory)
    memory = np.ones(history) if seasonal else fading
    past = counts[:, :history].astype(np.float64)
    baseline = fit_baseline(past, np.ones_like(past), design[:history], ridge, memory=memory)
    tails = []
    expected = variance = np.zeros(len(counts))
    for weeks in WINDOWS:
        now = design[-weeks:]
        mean = baseline.rate(now)
        expected = mean.sum(1)
        variance = expected * baseline.dispersion + baseline.error(mean, now)
        tails.append(upper_tail(counts[:, week + 1 - weeks : week + 1].sum(1), expected, variance))
    surprise = np.minimum(settings.windows_cost * np.min(tails, axis=0), 1.0)
    return SeriesWeek(expected, variance, surprise)
