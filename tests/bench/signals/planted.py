"""Seeded data with planted signals and known truth, after published and stated designs.

Series: Noufaily et al. 2013, Statistics in Medicine 32:1206 (42 scenarios of weekly counts).
Cells and timing: cases of causes by sources and products around an exposure, with campaigns, a migration,
missing exposure, seasons, slow trends and gamma shocks. Nothing here reads a file or the clock.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

EPOCH = date(1970, 1, 1).toordinal()

THETA = (0.1, -2.0, 1.5, 0.5, 2.5, 3.75, 5.0)
BETA = (0.0025, 0.005, 0.003, 0.002, 0.001, 0.001, 0.0001)
GAMMA1 = (0.6, 0.1, 0.2, 0.5, 1.0, 0.1, 0.05)
GAMMA2 = (0.6, 0.3, -0.4, 0.5, 0.1, -0.1, 0.01)
PHI = (1.5, 2.0, 1.0, 5.0, 3.0, 1.1, 1.2)

CELL_SIZES = {  # causes, sources, products, full weeks, cases, cells planted, spikes planted, scored weeks
    "small": (8, 6, 2, 78, 3_000, 3, 4, 26),
    "medium": (20, 12, 4, 156, 100_000, 12, 16, 52),
    "large": (40, 25, 5, 156, 1_000_000, 40, 40, 52),
}
TIMING_SIZES = {"small": (8, 3_000, 546), "medium": (20, 100_000, 1092), "large": (20, 1_000_000, 1092)}


@dataclass(frozen=True)
class Spike:
    """One planted rise: rows of the table (source None: every source), first and last week, both included."""

    cause: int
    source: int | None
    start: int
    end: int
    kind: str
    scored: bool


@dataclass(frozen=True)
class SeriesSet:
    counts: NDArray[np.int64]  # (series, weeks)
    monday: date
    first_scored: int
    spikes: list[Spike]


@dataclass(frozen=True)
class CellSet:
    counts: NDArray[np.int64]  # (causes, sources, products, weeks)
    exposure: Array  # (sources, products, weeks), NaN where missing
    monday: date
    first_scored: int
    complete: int  # weeks that are over
    spikes: list[Spike]
    elevated: set[tuple[int, int]]
    neutral: set[tuple[int, int]]


@dataclass(frozen=True)
class TimingSet:
    cause: NDArray[np.int64]  # (cases,)
    opened: NDArray[np.int64]  # days since 1970-01-01
    bought: NDArray[np.int64]
    purchases: NDArray[np.int64]  # (days,) from first_day
    first_day: int
    causes: int
    truth: dict[tuple[int, str], tuple[int, int]] = field(default_factory=dict)


def negative_binomial(rng: np.random.Generator, mean: Array, phi: float) -> NDArray[np.int64]:
    """Counts with variance phi x mean; Poisson where phi is 1."""
    if phi <= 1.0:
        return rng.poisson(mean)
    return rng.poisson(rng.gamma(mean / (phi - 1.0), phi - 1.0))


def _outbreak(rng: np.random.Generator, row: NDArray[np.int64], start: int, size: float) -> tuple[int, int]:
    extra = max(1, int(rng.poisson(size)))
    weeks = start + np.floor(rng.lognormal(0.0, 0.5, extra)).astype(int)
    weeks = weeks[weeks < row.size]
    if weeks.size == 0:
        return start, start
    np.add.at(row, weeks, 1)
    return int(weeks.min()), int(weeks.max())


def series(seed: int, *, weeks: int = 624, copies: int = 1, planted: bool = True) -> SeriesSet:
    """The 42 scenarios, `copies` of each; the last 49 weeks are scored."""
    rng = np.random.default_rng([seed, weeks])
    first = weeks - 49
    t = np.arange(1, weeks + 1, dtype=float)
    rows, spikes = [], []
    for cluster in range(7):
        for trend in (0, 1):
            for harmonics in (0, 1, 2):
                for _ in range(copies):
                    beta = BETA[cluster] * (624 / weeks) * trend
                    log_mean = THETA[cluster] + beta * t
                    for m in range(1, harmonics + 1):
                        angle = 2 * np.pi * m * t / 52
                        log_mean = (
                            log_mean + GAMMA1[cluster] * np.cos(angle) + GAMMA2[cluster] * np.sin(angle)
                        )
                    mean = np.exp(log_mean)
                    row = negative_binomial(rng, mean, PHI[cluster])
                    if planted:
                        index = len(rows)
                        deviation = np.sqrt(PHI[cluster] * mean)
                        for start in rng.choice(np.arange(20, first - 8), 4, replace=False):
                            k = rng.choice([0, 2, 3, 5, 10])
                            if k:
                                low, high = _outbreak(rng, row, int(start), k * deviation[start])
                                spikes.append(Spike(index, None, low, high, f"k{k}", high >= first))
                        start, k = int(rng.integers(first, weeks - 4)), index % 10 + 1
                        low, high = _outbreak(rng, row, start, k * deviation[start])
                        spikes.append(Spike(index, None, low, high, f"k{k}", scored=True))
                    rows.append(row)
    monday = date(2025, 12, 29) - timedelta(weeks=weeks)
    return SeriesSet(np.array(rows), monday, first, spikes)


def _exposure(
    rng: np.random.Generator, sources: int, products: int, weeks: int, scored: int
) -> tuple[Array, Array]:
    """Active subscriptions (sources, products, weeks) and the mask of rows that go missing."""
    size = rng.lognormal(0.0, 1.1, sources)
    mix = rng.lognormal(0.0, 1.0, (sources, products))
    drift = (
        rng.normal(0.004, 0.004, sources)[:, None, None]
        + rng.normal(0, 0.001, (sources, products))[..., None]
    )
    walk = np.cumsum(rng.normal(0, 0.01, (sources, products, weeks)), axis=2)
    exposure = 20_000 * size[:, None, None] * mix[..., None] * np.exp(drift * np.arange(weeks) + walk)
    chosen = rng.permutation(sources)
    for campaign in chosen[:2]:
        start = int(rng.integers(scored, weeks - 6))
        exposure[campaign, :, start : start + 5] *= 1.6
    exposure[chosen[2], :, int(rng.integers(scored, weeks - 10)) :] *= 2
    missing = np.zeros((sources, products, weeks), dtype=bool)
    missing[chosen[3], :, rng.choice(weeks, int(0.15 * weeks), replace=False)] = True
    return np.round(exposure), missing


def _plant_spike(
    rng: np.random.Generator, mean: Array, taken: set[tuple[int, int]], window: tuple[int, int], kind: str
) -> tuple[Array, Spike] | None:
    """Extra expected cases (causes, sources, weeks) of one rise inside the weeks of `window`."""
    causes, sources, _ = mean.shape
    extra = np.zeros_like(mean)
    cause = int(rng.integers(causes))
    if kind == "step_cause":
        length = int(rng.integers(4, 9))
        start = int(rng.integers(window[0], window[1] - length))
        if any(t[0] == cause for t in taken):
            return None
        ratio = rng.choice([1.8, 2.5, 4.0])
        extra[cause, :, start : start + length] = mean[cause, :, start : start + length] * (ratio - 1)
        taken.add((cause, -1))
        return extra, Spike(cause, None, start, start + length - 1, kind, scored=True)
    source = int(rng.integers(sources))
    if (cause, -1) in taken or (cause, source) in taken:
        return None
    taken.add((cause, source))
    length = int(rng.integers(3, 8)) if kind == "step_cell" else 4
    start = int(rng.integers(window[0], window[1] - length))
    total = mean[cause, source, start : start + (length if kind == "step_cell" else 2)].sum()
    size = max(5.0, rng.uniform(3, 12) * np.sqrt(total))
    if kind == "step_cell":
        extra[cause, source, start : start + length] = size / length
    else:
        lag = np.floor(rng.lognormal(0.0, 0.5, 4000)).astype(int)
        share = np.bincount(np.minimum(lag, 3), minlength=4) / 4000
        extra[cause, source, start : start + 4] = size * share
        length = 3
    return extra, Spike(cause, source, start, start + length - 1, kind, scored=True)


def cells(seed: int, size: str = "small", *, planted: bool = True) -> CellSet:
    """Causes x sources x products by week around an exposure, the last row three days of a week."""
    causes, sources, products, full, total, n_cells, n_spikes, scored_weeks = CELL_SIZES[size]
    rng = np.random.default_rng([seed, full, causes])
    weeks, first = full + 1, full - scored_weeks
    exposure, missing = _exposure(rng, sources, products, weeks, first)
    t = np.arange(weeks)
    rate = rng.lognormal(0.0, 0.85, causes)[:, None] * rng.lognormal(0.0, 0.35, (causes, products))
    level = np.exp(rng.normal(0, 0.06, sources)[None, :] + rng.normal(0, 0.08, (causes, sources)))
    amplitude = rng.uniform(0.1, 0.4, causes) * (rng.random(causes) < 0.5)
    season = 1 + amplitude[:, None] * np.sin(2 * np.pi * (t / 52.18 + rng.random(causes)[:, None]))
    trend = np.exp(rng.normal(0, 0.15, causes)[:, None] * (t / full - 0.5))
    shape = season * trend * rng.gamma(1 / 0.015, 0.015, (causes, weeks))
    mean = rate[:, None, :, None] * exposure[None] * level[:, :, None, None] * shape[:, None, None, :]
    mean *= total / mean.sum()
    plain = mean.copy()
    mean = mean * rng.gamma(1 / 0.03, 0.03, (causes, sources, 1, weeks))
    elevated: set[tuple[int, int]] = set()
    spikes: list[Spike] = []
    if planted:
        order = np.argwhere(plain.sum((2, 3)) >= (8 if size == "small" else 20))
        for i, at in enumerate(rng.permutation(order)[:n_cells]):
            elevated.add((int(at[0]), int(at[1])))
            mean[at[0], at[1]] *= (1.8, 2.5, 4.0)[i % 3]
        by_week, taken = mean.sum(2), set(elevated)
        kinds = ["step_cause", "pulse_cell", "step_cell", "pulse_cell"]
        for past, count in ((False, n_spikes), (True, n_spikes // 2)):
            window = (first - 30, first - 4) if past else (first, full)
            done = 0
            for _ in range(10_000):
                if done == count:
                    break
                one = _plant_spike(rng, by_week, taken, window, kinds[done % 4])
                if one is None:
                    continue
                done += 1
                mean += one[0][:, :, None, :] * (plain / plain.sum(2, keepdims=True))
                spikes.append(
                    Spike(one[1].cause, one[1].source, one[1].start, one[1].end, one[1].kind, not past)
                )
    ratio = mean.sum((2, 3)) / plain.sum((2, 3))
    neutral = {(int(c), int(s)) for c, s in np.argwhere(ratio >= 1.3)} - elevated
    mean[..., -1] *= 3 / 7
    counts = rng.poisson(mean)
    shown = np.where(missing, np.nan, exposure)
    return CellSet(counts, shown, date(2023, 1, 2), first, full, spikes, elevated, neutral)


def timing(seed: int, size: str = "small", *, planted: bool = True) -> TimingSet:
    """Cases that follow purchases by a falling hazard over 120 days; some causes cluster on bins of one clock."""
    causes, total, days = TIMING_SIZES[size]
    rng = np.random.default_rng([seed, days, causes, total])
    first = (date(2023, 1, 2) - date(1970, 1, 1)).days
    purchases = rng.poisson(280 * (1 + 0.15 * np.sin(np.arange(days) / 58)) * rng.gamma(50, 1 / 50, days))
    age = np.arange(121)
    hazard = np.exp(-age / 30) + 0.15
    calendar = [date(1970, 1, 1) + timedelta(days=first + d) for d in range(days)]
    weekday = np.array([d.weekday() for d in calendar])
    monthday = np.array([d.day for d in calendar])
    weekly = rng.uniform(0.7, 1.3, 7)[weekday]
    share = rng.lognormal(0, 0.6, causes)
    share /= share.sum()
    truth: dict[tuple[int, str], tuple[int, int]] = {}
    parts = []
    for cause in range(causes):
        on_day, on_age = np.ones(days), np.ones(121)
        if planted and rng.random() >= 0.4:
            ratio = float(rng.choice([1.6, 2.2, 3.5]))
            kind = rng.choice(["day_of_week", "day_of_month", "days_since_purchase"])
            if kind == "day_of_week":
                low = high = int(rng.integers(7))
                on_day[weekday == low] = ratio
            elif kind == "day_of_month":
                low = int(rng.choice([1, 5, 15, 25]))
                high = low + 1
                on_day[(monthday == low) | (monthday == high)] = ratio
            else:
                low = int(rng.choice([7, 14, 30, 31, 60, 90]))
                high = low + 3
                on_age[low : high + 1] = ratio * 1.5
            truth[(cause, str(kind))] = (low, high)
        shock = rng.gamma(50, 1 / 50, days)
        mean = np.zeros((days, 121))
        for a in age:
            mean[a:, a] = purchases[: days - a] * hazard[a] * on_age[a]
        mean *= (weekly * on_day * shock)[:, None]
        counts = rng.poisson(mean * (share[cause] * total / mean.sum()))
        day, lag = np.nonzero(counts)
        repeat = counts[day, lag]
        parts.append(
            (
                np.full(repeat.sum(), cause),
                np.repeat(day + first, repeat),
                np.repeat(day - lag + first, repeat),
            )
        )
    cause_of, opened, bought = (np.concatenate([p[i] for p in parts]) for i in range(3))
    return TimingSet(cause_of, opened, bought, purchases, first, causes, truth)
