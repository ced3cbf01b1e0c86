"""How surprising is a count? Upper tails, the false discoveries among many, and when there is too little to tell."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import nbinom

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


def upper_tail(observed: Array, expected: Array, variance: Array) -> Array:
    """The chance of `observed` cases or more where `expected` are usual; 1 where nothing was observed.

    Negative binomial with the given mean and variance (cases squared); a variance at or below the mean is
    taken as that of a Poisson count. All arrays broadcast; an expected count of zero gives NaN: no judgement.
    """
    observed, expected, variance = np.broadcast_arrays(observed, expected, variance)
    tail = np.full(expected.shape, np.nan)
    known = expected > 0
    mean = expected[known]
    spread = np.maximum(variance[known], mean * (1 + 1e-6))
    success = mean / spread
    tail[known] = nbinom.sf(observed[known] - 1, mean * success / (1 - success), success)
    return tail


def usual_range(expected: Array, variance: Array, level: float = 0.95) -> tuple[Array, Array]:
    """The counts between which `level` of all weeks fall while nothing unusual happens, both ends included."""
    mean = np.maximum(expected, 1e-9)
    spread = np.maximum(variance, mean * (1 + 1e-6))
    success = mean / spread
    size = mean * success / (1 - success)
    edge = (1 - level) / 2
    return nbinom.ppf(edge, size, success), nbinom.ppf(1 - edge, size, success)


def false_discoveries_held(tails: Array, rate: float) -> Mask:
    """Which of the tests may be called findings so that at most `rate` of the findings are false.

    NaN is a test that was not made. Source: Benjamini & Hochberg 1995, JRSS B 57:289.
    """
    flat = np.asarray(tails, dtype=np.float64).ravel()
    made = np.isfinite(flat)
    found = np.zeros(flat.size, dtype=bool)
    count = int(made.sum())
    if count == 0:
        return found.reshape(np.shape(tails))
    order = np.argsort(np.where(made, flat, np.inf), kind="stable")[:count]
    below = np.flatnonzero(flat[order] <= rate * np.arange(1, count + 1) / count)
    if below.size:
        found[order[: below[-1] + 1]] = True
    return found.reshape(np.shape(tails))


def too_few(expected: Array, variance: Array, *, times: float = 4.0, level: float = 0.01) -> Mask:
    """Could even `times` the usual number of cases not be told from chance here?

    A state of its own: neither "as usual" nor a finding. True also where nothing is expected or known.
    """
    expected = np.asarray(expected, dtype=np.float64)
    tail = upper_tail(np.ceil(times * np.nan_to_num(expected)), expected, variance)
    return ~(tail <= level)
