"""Did a change help? The step in a rate at the week of an action: an interrupted time series.

Model: cases in week w are counts with mean expected[w] x exp(a + b x after[w] (+ c x time)) and variance dispersion x
mean (quasi-Poisson); exp(b) is the change. `expected` carries exposure and what is usual, so that a growing source is
no effect. The log-linear trend enters only where both sides are long enough to tell it from the step.
Sources: Bernal, Cummins & Gasparrini 2017, International Journal of Epidemiology 46:348; McCullagh & Nelder 1989.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

from casedesk.detection.baseline import fit

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

TREND_NEEDS_WEEKS = 26
LEAST_WEEKS = 3
_HALF = 0.5  # a case, added to a side that has none: a ratio of zero has no interval


@dataclass(frozen=True)
class Effect:
    """Times the usual before and after, and the change (after over before) with its 95 % interval."""

    before: float
    after: float
    change: float
    low: float
    high: float
    weeks_before: int
    weeks_after: int


def step_effect(observed: Array, expected: Array, after: Mask) -> Effect | None:
    """The step at the first week of `after`; None where a side has fewer than LEAST_WEEKS weeks with something expected.

    observed, expected, after: (weeks,), cases; the week of the action itself is left out by the caller. The
    interval is Student's on the log, with the dispersion from the residuals, at least 1.
    """
    known = expected > 0
    observed, expected, after = observed[known].astype(np.float64), expected[known], after[known]
    before = ~after
    if min(int(before.sum()), int(after.sum())) < LEAST_WEEKS:
        return None
    columns = [np.ones(after.size), after.astype(np.float64)]
    if min(int(before.sum()), int(after.sum())) >= TREND_NEEDS_WEEKS:
        columns.append(np.arange(after.size) / after.size - 0.5)
    counts = _never_none(observed, before, after)
    design = np.column_stack(columns)
    beta, covariance, mean = fit(
        counts[None], expected[None], design, weights=np.ones((1, after.size)), ridge=np.full(len(columns), 1e-9),
        rounds=40,
    )  # fmt: skip
    freedom = after.size - len(columns)
    pearson = float(((counts - mean[0]) ** 2 / np.maximum(mean[0], 1e-9)).sum())
    dispersion = max(pearson / max(freedom, 1), 1.0)
    reach = float(student.ppf(0.975, max(freedom, 1))) * float(np.sqrt(covariance[0, 1, 1] * dispersion))
    step = float(beta[0, 1])
    return Effect(
        float(observed[before].sum() / expected[before].sum()),
        float(observed[after].sum() / expected[after].sum()),
        float(np.exp(step)),
        float(np.exp(step - reach)),
        float(np.exp(step + reach)),
        int(before.sum()),
        int(after.sum()),
    )


def _never_none(observed: Array, before: Mask, after: Mask) -> Array:
    """The counts, with half a case spread over a side that has none."""
    counts = observed.copy()
    for side in (before, after):
        if not counts[side].sum():
            counts[side] = _HALF / int(side.sum())
    return counts
