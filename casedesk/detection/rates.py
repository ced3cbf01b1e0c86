"""Ratios of observed to expected: their exact interval, their ranking when counts are small, expected counts by stratum."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln
from scipy.stats import chi2

Array = NDArray[np.float64]


def ratio_interval(observed: Array, expected: Array, level: float = 0.95) -> tuple[Array, Array]:
    """The exact interval of observed / expected, the expected count taken as known.

    Assumes a Poisson count. Zero observed gives a lower end of 0. Source: Garwood 1936, Biometrika 28:437.
    """
    observed = np.asarray(observed, dtype=np.float64)
    edge = (1 - level) / 2
    low = np.where(observed > 0, chi2.ppf(edge, 2 * np.maximum(observed, 1e-9)) / 2, 0.0)
    high = chi2.ppf(1 - edge, 2 * (observed + 1)) / 2
    return low / expected, high / expected


def shrunken_ratio(observed: Array, expected: Array, variance: float) -> Array:
    """Observed / expected drawn towards 1 by how little is known: for ranking, not for judging.

    `variance` is that of true ratios between rows. Source: DuMouchel 1999, The American Statistician 53:177
    (here with one component).
    """
    weight = 1 / max(variance, 1e-9)
    return np.asarray((observed + weight) / (expected + weight), dtype=np.float64)


def _log_marginal(observed: Array, expected: Array, shape: float, rate: float) -> Array:
    share = rate / (rate + expected)
    likelihood = (
        gammaln(observed + shape) - gammaln(shape) + shape * np.log(share) + observed * np.log1p(-share)
    )
    return np.asarray(likelihood, dtype=np.float64)


def usual_level(
    observed: Array, expected: Array, *, spread: float = 0.02, odd: float = 0.1
) -> tuple[Array, Array]:
    """The long-run ratio of each row and its variance, for rows of which most are near 1 and a few are not.

    Prior: a mixture of two gammas, one of mean 1 and variance `spread`, one wide (mean 1.5, shape 1) with
    weight `odd`. A row with few cases stays near 1; one with many goes where its cases are.
    Source: DuMouchel 1999, The American Statistician 53:177.
    """
    expected = np.maximum(expected, 1e-9)
    near, wide = 1 / spread, 1 / 1.5
    evidence = _log_marginal(observed, expected, 1.0, wide) - _log_marginal(observed, expected, near, near)
    weight = 1 / (1 + odd / (1 - odd) * np.exp(np.clip(evidence, -50, 50)))
    mean_near, mean_wide = (observed + near) / (expected + near), (observed + 1) / (expected + wide)
    mean = weight * mean_near + (1 - weight) * mean_wide
    square = weight * (mean_near**2 + mean_near / (expected + near)) + (1 - weight) * (
        mean_wide**2 + mean_wide / (expected + wide)
    )
    return mean, np.maximum(square - mean**2, 0.0)


def stratum_rates(cases: Array, exposure: Array, level: Array) -> Array:
    """Cases per unit of exposure of each cause and product, at the level 1: (causes, products).

    cases: (causes, sources, products); exposure: (sources, products), 0 where unknown; level: (causes, sources).
    """
    at_risk = np.einsum("cs,sp->cp", level, exposure)
    rate: Array = cases.sum(1) / np.maximum(at_risk, 1e-12)
    return rate


def levels_and_rates(
    cases: Array, exposure: Array, *, spread: float = 0.02, rounds: int = 3
) -> tuple[Array, Array, Array]:
    """What each source adds to a cause once its mix of products is allowed for.

    cases: (causes, sources, products); exposure: (sources, products). Returns level (causes, sources), its
    variance, and the rates (causes, products) at level 1.
    """
    level = np.ones(cases.shape[:2])
    variance = np.zeros(cases.shape[:2])
    for _ in range(rounds):
        rates = stratum_rates(cases, exposure, level)
        expected = np.einsum("sp,cp->cs", exposure, rates)
        level, variance = usual_level(cases.sum(2), expected, spread=spread)
    return level, variance, rates
