"""Who disputes more? Causes by source against the other sources, for the whole period, at the same mix of products."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from casedesk.detection.panel import Panel
from casedesk.detection.rates import ratio_interval, shrunken_ratio
from casedesk.detection.tails import false_discoveries_held, too_few, upper_tail

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class CellSettings:
    """`rate`: false findings among findings. `matters`: the least observed / expected that is worth a finding.

    `harmless`: a true ratio up to this is no finding, however many cases show it.
    """

    rate: float = 0.05
    matters: float = 1.5
    harmless: float = 1.05
    least_cases: int = 3
    suspicious_rate: float = 0.2
    suspicious_ratio: float = 1.3
    rounds: int = 8


DEFAULT = CellSettings()


@dataclass(frozen=True)
class Cells:
    """Every cause and source over the period; all arrays (causes, sources).

    crude: ratio without regard to the mix of products; ratio: adjusted for it, with its exact 95 % interval;
    shrunken: for ranking; tail: chance of as much, at a harmless ratio; found: held by the false-discovery rate;
    few: too few to judge; spread: variance of true ratios between usual cells.
    """

    observed: Array
    expected: Array
    crude: Array
    ratio: Array
    low: Array
    high: Array
    shrunken: Array
    tail: Array
    found: Mask
    few: Mask
    spread: float


def elevated_cells(panel: Panel, settings: CellSettings = DEFAULT) -> Cells:
    """Which sources dispute a cause more than the other sources do, over all complete weeks with known exposure.

    The expected cases of a cell come from the same products of the other sources; cells under suspicion are
    left out of the rates of the others, until the suspicion is stable.
    """
    cases = panel.comparable[..., : panel.complete].sum(3)
    at_risk = panel.at_risk[..., : panel.complete].sum(2)
    observed = cases.sum(2)
    suspicious = np.zeros(observed.shape, dtype=bool)
    for _ in range(settings.rounds):
        expected, error = expected_from_others(cases, at_risk, suspicious)
        spread = spread_between(observed, expected, error, ~suspicious)
        variance = expected * (1 + expected * (spread + error))
        tails = np.where(expected > 0, upper_tail(observed, expected, variance), np.nan)
        ratio = observed / np.maximum(expected, 1e-9)
        again = false_discoveries_held(tails, settings.suspicious_rate) & (ratio > settings.suspicious_ratio)
        if (again == suspicious).all():
            break
        suspicious = again
    usual = expected * settings.harmless
    tails = np.where(
        expected > 0, upper_tail(observed, usual, usual * (1 + usual * (spread + error))), np.nan
    )
    found = (
        false_discoveries_held(tails, settings.rate)
        & (ratio >= settings.matters)
        & (observed >= settings.least_cases)
    )
    known = expected > 0
    low, high = ratio_interval(observed, np.maximum(expected, 1e-9))
    nothing = np.full(observed.shape, np.nan)
    return Cells(
        observed,
        expected,
        np.where(known, crude_ratio(observed, at_risk), nothing),
        np.where(known, ratio, nothing),
        np.where(known, low, nothing),
        np.where(known, high, nothing),
        shrunken_ratio(observed, expected, spread),
        tails,
        found,
        too_few(expected, variance),
        spread,
    )


def crude_ratio(observed: Array, at_risk: Array) -> Array:
    """Cases per exposure of each source over that of all the other sources, products not told apart."""
    exposure = at_risk.sum(1)
    others = (observed.sum(1, keepdims=True) - observed) / np.maximum(exposure.sum() - exposure, 1e-9)
    return np.asarray(
        observed / np.maximum(exposure, 1e-9) / np.maximum(others, 1e-300), dtype=np.float64
    ) * np.where(others > 0, 1.0, np.nan)


def expected_from_others(cases: Array, at_risk: Array, left_out: Mask) -> tuple[Array, Array]:
    """Expected cases of each cell at the rates of the other sources, and the relative variance of that.

    cases: (causes, sources, products); at_risk: (sources, products); left_out: (causes, sources) cells that
    lend no rate. A product that no other source sells takes the rate of the others over all products. A source
    that is alone has no expectation: 0.
    """
    lent = ~left_out[:, :, None]
    lent_cases, lent_risk = cases * lent, at_risk[None] * lent
    other_cases = lent_cases.sum(1, keepdims=True) - lent_cases
    other_risk = np.maximum(lent_risk.sum(1, keepdims=True) - lent_risk, 0.0)
    compared = other_risk > 1e-9
    pooled = other_cases.sum(2) / np.maximum(other_risk.sum(2), 1e-9)
    rates = np.where(compared, other_cases / np.maximum(other_risk, 1e-9), pooled[:, :, None])
    expected = (at_risk[None] * rates).sum(2)
    square = (at_risk[None] ** 2 * rates / np.where(compared, other_risk, np.inf)).sum(2)
    return expected, square / np.maximum(expected, 1e-9) ** 2


def spread_between(
    observed: Array, expected: Array, error: Array, usual: Mask, *, least: float = 0.005
) -> float:
    """Variance of the true ratios between cells that are not under suspicion, by moments, between `least` and 0.3.

    Cells far from 1 (twice or half) are left to be judged and do not widen what counts as usual.
    """
    near = np.abs(np.log((observed + 0.5) / (expected + 0.5))) < np.log(2)
    bulk = usual & near & (expected >= 2)
    if not bulk.any():
        return least
    count, of_error = expected[bulk], error[bulk]
    excess = ((observed[bulk] - count) ** 2 - count) / count**2 - of_error
    weight = 1 / (1 / count + 0.02 + of_error) ** 2
    return float(np.clip((weight * excess).sum() / weight.sum(), least, 0.3))
