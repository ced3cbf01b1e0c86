"""Two clocks: when a charge was made and when its case was opened. How much of a young cohort is still to come?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from casedesk.detection.rates import ratio_interval

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Hazard:
    """Cases per purchase at risk on each day since purchase: arrays (days,); at_risk counts purchases."""

    cases: Array
    at_risk: Array
    rate: Array
    low: Array
    high: Array


def hazard_since_purchase(age: Ints, purchases: Array, *, days: int) -> Hazard:
    """The daily rate of cases since purchase, allowing for purchases that are too young to have had the day.

    age: (cases,), whole days from purchase to case, cases whose purchase is unknown left out (negative);
    purchases: (calendar days,), the last entry is the last day that is over. A day that no purchase has
    reached has NaN. The interval is the exact Poisson one.
    """
    cases = np.bincount(age[(age >= 0) & (age < days)], minlength=days).astype(np.float64)
    reached = np.cumsum(purchases)[::-1].astype(np.float64)
    at_risk = np.zeros(days)
    at_risk[: min(days, reached.size)] = reached[:days]
    known = np.where(at_risk > 0, at_risk, np.nan)
    low, high = ratio_interval(cases, known)
    return Hazard(cases, at_risk, cases / known, low, high)


def arrived_share(delay: Ints, horizon: Ints, *, days: int) -> Array:
    """The share of a cohort's cases that have come within 0, 1, ... `days` - 1 days: (days,), the last is 1.

    delay: (cases,) days from charge to case; horizon: (cases,) days from charge to now, the longest delay that
    could have been seen. Assumes that the delay does not change with the calendar and that none is longer than
    `days` - 1. Source: Lawless 1994, Canadian Journal of Statistics 22:15 (reverse-time hazard).
    """
    used = (delay >= 0) & (delay <= horizon) & (delay < days)
    seen, limit = delay[used], np.minimum(horizon[used], days - 1)
    at = np.bincount(seen, minlength=days).astype(np.float64)
    # cases with delay <= x <= horizon: those that could have been seen at x and came by x
    eligible = np.zeros(days + 1)
    np.add.at(eligible, seen, 1.0)
    np.add.at(eligible, limit + 1, -1.0)
    reverse = np.where(np.cumsum(eligible[:days]) > 0, at / np.maximum(np.cumsum(eligible[:days]), 1.0), 0.0)
    arrived = np.ones(days)
    arrived[:-1] = np.cumprod((1 - reverse[1:])[::-1])[::-1]
    return arrived


@dataclass(frozen=True)
class Cohorts:
    """Cases per purchase by cohort: rate corrected for what has not come yet, NaN where the cohort is held back."""

    share: Array
    rate: Array
    low: Array
    high: Array
    held_back: Mask


def cohort_rates(
    cases: Array, purchases: Array, age: Ints, arrived: Array, *, least_share: float = 0.5
) -> Cohorts:
    """The rate that each cohort is heading for, or "held back" while less than `least_share` of it has come.

    cases, purchases, age: (cohorts,), age in days at which the cohort was counted; arrived: from `arrived_share`.
    """
    share = np.where(age < 0, 0.0, arrived[np.clip(age, 0, len(arrived) - 1)])
    held_back = (share < least_share) | (purchases <= 0)
    come = np.where(held_back, np.nan, purchases * share)
    low, high = ratio_interval(cases, come)
    return Cohorts(share, cases / come, low, high, held_back)


def share_by_delay(delay: Ints, horizon: Ints, unknown: int, *, lags: int) -> Array:
    """The share of the cases of a week that are about charges of 0, 1, ... `lags` - 1 weeks before: (lags,), sums to 1.

    delay, horizon: (cases,) weeks, as for `arrived_share`; unknown: cases that are about no known charge, which
    are taken to be about the week they come in.
    """
    known = delay.size
    share = np.diff(arrived_share(delay, horizon, days=lags), prepend=0.0) if known else np.zeros(lags)
    share *= known / max(known + unknown, 1)
    share[0] += 1.0 - share.sum()
    return share


def exposure_due(exposure: Array, shares: Array, *, complete: bool, least_share: float = 0.5) -> Array:
    """The exposure that each week's cases are about: that of the weeks before it, by how long cases take.

    exposure: (..., weeks), NaN where unknown; shares: (weeks, lags), row w from `share_by_delay` as it was known
    by week w; complete: what has no exposure before its first week had none, otherwise nobody knows. The known
    weeks stand for unknown ones; a week of which less than `least_share` is known is held back (NaN), as is a
    week whose own exposure is unknown. Young charges count only as far as their cases can have come.
    """
    weeks, lags = shares.shape
    known = np.isfinite(exposure)
    amount = np.where(known, exposure, 0.0)
    counts = known | (np.logical_not(np.logical_or.accumulate(known, axis=-1)) if complete else False)
    due, seen = np.zeros(exposure.shape), np.zeros(exposure.shape)
    for lag in range(min(lags, weeks)):
        share = shares[lag:, lag]
        due[..., lag:] += amount[..., : weeks - lag] * share
        seen[..., lag:] += counts[..., : weeks - lag] * share
    if complete:  # the weeks before the first one that is asked about
        seen += np.array([shares[week, week + 1 :].sum() for week in range(weeks)])
    held = (seen < least_share) | ~known
    return np.where(held, np.nan, due / np.where(held, 1.0, seen))
