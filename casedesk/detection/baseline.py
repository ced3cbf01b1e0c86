"""What was to be expected: a log-linear baseline, fitted for all rows at once, that past outbreaks do not lift.

Model: cases in week w of row r are counts with mean exposure[r, w] x exp(design[w] . beta[r]) and variance
dispersion[r] x mean (quasi-Poisson). A light ridge on season and trend; unusually high weeks weigh less.
Sources: Farrington et al. 1996, JRSS A 159:547; Noufaily et al. 2013, Statistics in Medicine 32:1206.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

YEAR_IN_WEEKS = 365.25 / 7
SEASON_NEEDS_WEEKS = 100  # two years less the weeks that are left out
OUTLYING = 2.4  # standardised Anscombe residual above which a past week weighs less
_LARGEST_LOG = 30.0
# Rows are fitted in blocks whose products stay below what linear algebra libraries split over threads: on a busy
# machine the threads cost ten times what they save, and the sums come out the same on every machine.
_SMALL_PRODUCT = 200_000


@dataclass(frozen=True)
class Baseline:
    """The fit of one design to many rows.

    beta: (rows, terms); covariance: (rows, terms, terms), without the dispersion; dispersion: (rows,), 1 or more.
    """

    beta: Array
    covariance: Array
    dispersion: Array

    def rate(self, design: Array) -> Array:
        """Expected cases per unit of exposure: (rows, weeks of `design`)."""
        return np.exp(np.clip(self.beta @ design.T, -_LARGEST_LOG, _LARGEST_LOG))

    def error(self, expected: Array, design: Array) -> Array:
        """Variance of the estimate of the summed `expected` (rows, weeks) cases: (rows,), cases squared."""
        gradient = expected @ design
        return np.asarray(
            np.einsum("rk,rkl,rl->r", gradient, self.covariance, gradient) * self.dispersion, dtype=np.float64
        )


def design_matrix(
    weeks: int, *, seasonal: bool, harmonics: int = 1, ridge: float = 1.0
) -> tuple[Array, Array]:
    """Terms of the baseline for weeks 0 to `weeks` - 1 and the ridge on each: (weeks, terms), (terms,).

    Level alone, or level, trend and `harmonics` of a year. The year is measured in days, so that a year of
    53 weeks moves nothing. `ridge` is worth that many cases against the first harmonic and the trend.
    """
    time = np.arange(weeks, dtype=np.float64)
    if not seasonal:
        return np.ones((weeks, 1)), np.array([1e-3])
    columns, penalty = [np.ones(weeks), (time - weeks / 2) / max(weeks, 1)], [1e-3, ridge]
    for order in range(1, harmonics + 1):
        angle = 2 * np.pi * order * time / YEAR_IN_WEEKS
        columns += [np.cos(angle), np.sin(angle)]
        penalty += [ridge * order] * 2
    return np.column_stack(columns), np.array(penalty)


def fit(
    counts: Array,
    exposure: Array,
    design: Array,
    *,
    weights: Array,
    ridge: Array,
    start: Array | None = None,
    rounds: int = 8,
) -> tuple[Array, Array, Array]:
    """Coefficients (rows, terms), their covariance (rows, terms, terms) and the mean (rows, weeks).

    counts, exposure, weights: (rows, weeks); a week without exposure must have weight 0 and exposure 0.
    Weighted penalised Poisson likelihood by Newton steps; deterministic.
    """
    block = max(_SMALL_PRODUCT // (len(design) * design.shape[1] ** 2), 1)
    parts = [
        _fit_block(
            counts[at : at + block],
            exposure[at : at + block],
            design,
            weights=weights[at : at + block],
            ridge=ridge,
            start=None if start is None else start[at : at + block],
            rounds=rounds,
        )
        for at in range(0, max(len(counts), 1), block)
    ]
    beta, covariance, mean = (np.concatenate(part) for part in zip(*parts, strict=True))
    return beta, covariance, mean


def _fit_block(
    counts: Array,
    exposure: Array,
    design: Array,
    *,
    weights: Array,
    ridge: Array,
    start: Array | None,
    rounds: int,
) -> tuple[Array, Array, Array]:
    rows, terms = counts.shape[0], design.shape[1]
    offset = np.log(np.maximum(exposure, 1e-12))
    if start is None:
        beta = np.zeros((rows, terms))
        beta[:, 0] = np.log(
            ((weights * counts).sum(1) + 0.5) / np.maximum((weights * exposure).sum(1), 1e-12)
        )
    else:
        beta = start
    products = (design[:, :, None] * design[:, None, :]).reshape(len(design), -1)
    for _ in range(rounds):
        mean = np.exp(np.clip(beta @ design.T + offset, -_LARGEST_LOG, _LARGEST_LOG))
        slope = (weights * (counts - mean)) @ design - beta * ridge
        curvature = ((weights * mean) @ products).reshape(rows, terms, terms) + np.diag(ridge)
        step = np.linalg.solve(curvature, slope[..., None])[..., 0]
        beta = beta + np.clip(step, -3.0, 3.0)
        if np.abs(step).max(initial=0.0) < 1e-9:
            break
    mean = np.exp(np.clip(beta @ design.T + offset, -_LARGEST_LOG, _LARGEST_LOG))
    curvature = ((weights * mean) @ products).reshape(rows, terms, terms) + np.diag(ridge)
    covariance = np.asarray(np.linalg.inv(curvature), dtype=np.float64)
    return beta, covariance, np.asarray(mean, dtype=np.float64)


def anscombe(counts: Array, mean: Array, dispersion: Array) -> Array:
    """Residuals that are about standard normal for counts with variance dispersion x mean."""
    mean = np.maximum(mean, 1e-9)
    residual = 1.5 * (counts ** (2 / 3) - mean ** (2 / 3)) / (mean ** (1 / 6) * np.sqrt(dispersion)[:, None])
    return np.asarray(residual, dtype=np.float64)


def fit_baseline(
    counts: Array, exposure: Array, design: Array, ridge: Array, *, memory: Array, rounds: int = 6
) -> Baseline:
    """The baseline of each row, with weeks above what the others say weighed down.

    counts: (rows, weeks), cases; exposure: (rows, weeks), subscriptions or expected cases, 0 where unknown;
    memory: (weeks,) in [0, 1], how much each past week counts. The dispersion is Pearson's, at least 1.
    """
    known = (exposure > 0) * memory
    weights = known.copy()
    beta, covariance, mean = fit(counts, exposure, design, weights=weights, ridge=ridge)
    dispersion = np.ones(len(counts))
    for turn in range(rounds):
        if turn:
            beta, covariance, mean = fit(
                counts, exposure, design, weights=weights, ridge=ridge, start=beta, rounds=3
            )
        total = weights.sum(1)
        effective = total**2 / np.maximum((weights**2).sum(1), 1e-12)
        freedom = total * np.maximum(1 - design.shape[1] / np.maximum(effective, 1e-12), 0.2)
        pearson = (weights * (counts - mean) ** 2 / np.maximum(mean, 0.05)).sum(1)
        dispersion = np.maximum(pearson / np.maximum(freedom, 1e-12), 1.0)
        if turn < rounds - 1:
            usual = np.minimum(dispersion, _dispersion_of_the_middle(counts, mean, known))
            residual = np.maximum(anscombe(counts, mean, usual), OUTLYING)
            weights = known * (OUTLYING / residual) ** 2
    return Baseline(beta, covariance, dispersion)


def _dispersion_of_the_middle(counts: Array, mean: Array, known: Array) -> Array:
    """The dispersion that the middle half of the weeks shows, which a great outbreak does not hide behind: (rows,).

    Infinite where counts are too small for a median to say anything (a mean below 3).
    """
    found = np.full(len(counts), np.inf)
    inside = known > 0
    large = np.where(inside, mean, 0.0).sum(1) / np.maximum(inside.sum(1), 1) >= 3
    if large.any():
        square = (counts[large] - mean[large]) ** 2 / np.maximum(mean[large], 0.05)
        middle = np.nanmedian(np.where(inside[large], square, np.nan), axis=1)
        found[large] = np.maximum(middle / 0.4549, 1.0)  # the median of chi-square of one degree
    return found
