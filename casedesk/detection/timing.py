"""When does a cause come? Its bins of one clock (weekday, day of month, days since purchase) against the other causes.

Weekends and the ageing of purchases are common to all causes, so each cause is compared with the others, bin by
bin: a window of bins with more of the cause's cases than its share elsewhere, given what the others have there.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from casedesk.detection.tails import false_discoveries_held, upper_tail

Array = NDArray[np.float64]
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Clock:
    """One way of counting time: its bins, how wide a cluster may be, and what searching all windows costs.

    `tests`: the number of independent tests that the search is worth, from simulation with nothing planted.
    """

    name: str
    bins: int
    first: int
    widths: tuple[int, ...]
    tests: float


DAY_OF_WEEK = Clock("day_of_week", 7, 0, (1, 2), 12.0)
DAY_OF_MONTH = Clock("day_of_month", 31, 1, (1, 2, 3), 70.0)
DAYS_SINCE_PURCHASE = Clock("days_since_purchase", 121, 0, (1, 2, 3, 4, 5, 7), 500.0)
HOUR = Clock("hour", 24, 0, (1, 2, 3, 4), 50.0)
BILLING_DAY = Clock("billing_day", 31, 0, (1, 2, 3), 70.0)  # days since the last billing day
CLOCKS = (DAY_OF_WEEK, DAY_OF_MONTH, DAYS_SINCE_PURCHASE)


@dataclass(frozen=True)
class TimingSettings:
    """`rate`: false findings among findings. `matters`: the least observed / expected worth a finding."""

    rate: float = 0.05
    matters: float = 1.3
    least_cases: int = 5
    suspicious_tail: float = 1e-3
    suspicious_ratio: float = 1.2
    rounds: int = 4
    least_weeks: int = 26  # that have cases: as long as a baseline needs; less is too few to call a rhythm
    without_busiest: float = 0.05  # tail that must hold without the window's busiest turn
    least_turns: int = 6  # weeks, months or days that the data must hold


DEFAULT = TimingSettings()


@dataclass(frozen=True)
class Cluster:
    """The most surprising window of one cause on one clock; bins `low` to `high`, both included, as people count."""

    cause: int
    clock: Clock
    low: int
    high: int
    observed: float
    expected: float
    surprise: float

    @property
    def ratio(self) -> float:
        """Observed over expected cases in the window."""
        return self.observed / max(self.expected, 1e-9)


def table(cause: Ints, bin_of: Ints, causes: int, bins: int) -> Array:
    """Cases by cause and bin; a bin outside 0 to `bins` - 1 (unknown) is left out: (causes, bins)."""
    inside = (bin_of >= 0) & (bin_of < bins)
    flat = np.bincount(cause[inside] * bins + bin_of[inside], minlength=causes * bins)
    return flat.reshape(causes, bins).astype(np.float64)


def weekday(day: Ints) -> Ints:
    """0 for Monday to 6 for Sunday, of days since 1970-01-01 (a Thursday)."""
    return np.asarray((day + 3) % 7, dtype=np.int64)


def day_of_month(day: Ints) -> Ints:
    """0 for the first to 30 for the thirty-first, of days since 1970-01-01."""
    dates = day.astype("datetime64[D]")
    return np.asarray((dates - dates.astype("datetime64[M]")).astype(np.int64))


def most_clustered(counts: Array, clock: Clock, settings: TimingSettings = DEFAULT) -> list[Cluster | None]:
    """The most surprising window of each cause, or None where a cause has too few cases to say anything.

    counts: (causes, bins). What other causes do in windows under suspicion lends no reference.
    """
    suspicious = np.zeros(counts.shape, dtype=bool)
    found: list[Cluster | None] = [None] * len(counts)
    for _ in range(settings.rounds):
        found, raw = _search(counts, clock, suspicious, settings)
        again = np.zeros_like(suspicious)
        for one, tail in zip(found, raw, strict=True):
            odd = (
                one is not None and tail < settings.suspicious_tail and one.ratio > settings.suspicious_ratio
            )
            if odd and one is not None:
                again[one.cause, one.low - clock.first : one.high - clock.first + 1] = True
        if (again == suspicious).all():
            break
        suspicious = again
    return found


def _search(
    counts: Array, clock: Clock, suspicious: Mask, settings: TimingSettings
) -> tuple[list[Cluster | None], Array]:
    size, common = _shares(counts, ~suspicious)
    lent = counts * ~suspicious
    lent_size = (size[:, None] * ~suspicious).sum(0)
    other_cases = lent.sum(0) - lent
    other_size = lent_size - size[:, None] * ~suspicious
    reference = np.where(other_size > 1e-9, other_cases / np.maximum(other_size, 1e-9), common)
    shock = _shock(counts, size[:, None] * reference, other_cases, ~suspicious)
    total, whole = counts.sum(1, keepdims=True), reference.sum(1, keepdims=True)
    first, best = np.full(len(counts), np.inf), np.ones(len(counts))
    found: list[Cluster | None] = [None] * len(counts)
    for width in clock.widths:
        observed, share, lending = (_windows(x, width) for x in (counts, reference, other_cases))
        outside = total - observed
        expected = outside * share / np.maximum(whole - share, 1e-9)
        # The conditional binomial test of two counts is the tail of a negative binomial of shape others + 1.
        per_case = np.where(
            lending > 0,
            expected / np.maximum(lending, 1e-9),
            outside / np.maximum(other_cases.sum(1, keepdims=True), 1.0),
        )
        plausible = per_case * (lending + 1)
        variance = plausible + plausible**2 * (
            shock / width + 1 / (lending + 1) + 1 / np.maximum(outside, 1.0)
        )
        tail = np.where(total >= settings.least_cases, upper_tail(observed, plausible, variance), np.nan)
        rank = _rank(tail, (observed - plausible) / np.sqrt(np.maximum(variance, 1e-9)))
        for cause in np.flatnonzero(np.isfinite(tail).any(1)):
            at = int(np.nanargmin(rank[cause]))
            if rank[cause, at] < first[cause]:
                first[cause], best[cause] = rank[cause, at], tail[cause, at]
                low = at + clock.first
                found[cause] = Cluster(
                    int(cause),
                    clock,
                    low,
                    low + width - 1,
                    float(observed[cause, at]),
                    float(plausible[cause, at]),
                    _paid(float(best[cause]), clock.tests),
                )
    return found, best


def _rank(tail: Array, deviations: Array) -> Array:
    """The order of windows, the most surprising first; by standard deviations where tails are too small for a number."""
    least = 1e-300
    return np.where(
        tail > least, np.log(np.maximum(tail, least)), np.log(least) - np.maximum(deviations, 0.0)
    )


def _paid(tail: float, tests: float) -> float:
    """The chance of a tail this small somewhere among `tests` independent ones."""
    return float(-np.expm1(tests * np.log1p(-min(tail, 1 - 1e-12))))


def _windows(counts: Array, width: int) -> Array:
    """Sums over `width` neighbouring bins: (rows, bins - width + 1)."""
    running = np.cumsum(np.pad(counts, ((0, 0), (1, 0))), axis=1)
    return running[:, width:] - running[:, :-width]


def _shares(counts: Array, kept: Mask) -> tuple[Array, Array]:
    """Sizes of causes and shares of bins of the table size x share that fits the kept cells: quasi-independence."""
    size = counts.sum(1)
    share = np.ones(counts.shape[1])
    for _ in range(20):
        share = (counts * kept).sum(0) / np.maximum((size[:, None] * kept).sum(0), 1e-9)
        size = (counts * kept).sum(1) / np.maximum((kept * share).sum(1), 1e-9)
    return size, share


def _shock(counts: Array, expected: Array, lending: Array, kept: Mask) -> float:
    """Variance of a bin's own factor in usual cells, from the median of squared residuals: 0 where chance suffices."""
    usual = kept & (expected >= 3)
    if usual.sum() <= 20:
        return 0.0
    mean, square = expected[usual], (counts[usual] - expected[usual]) ** 2
    error = 1 / np.maximum(lending[usual], 0.5)
    tried = np.concatenate([[0.0], np.geomspace(1e-5, 0.2, 60)])
    medians = np.array([np.median(square / (mean + mean**2 * (shock + error))) for shock in tried])
    median_of_chi2 = 0.4549
    return (
        0.0
        if medians[0] <= median_of_chi2
        else float(tried[int(np.argmin(np.abs(medians - median_of_chi2)))])
    )


def clusters_held(
    candidates: list[Cluster | None], settings: TimingSettings = DEFAULT, *, rate: float | None = None
) -> list[Cluster]:
    """The clusters that are findings: false discoveries held over all causes and clocks together, and large enough."""
    tried = [one for one in candidates if one is not None]
    held = false_discoveries_held(np.array([one.surprise for one in tried]), rate or settings.rate)
    return [
        one
        for one, kept in zip(tried, held, strict=True)
        if kept and one.ratio >= settings.matters and one.observed >= settings.least_cases
    ]


def comes_back(
    cluster: Cluster, cause: Ints, bin_of: Ints, repeat: Ints, settings: TimingSettings = DEFAULT
) -> bool:
    """Is the window high in more than one turn of its clock: also without the turn that has most of its cases?

    An import, an outage or a few weeks of data put many cases on one date; that is an event, not a rhythm.
    cause, bin_of, repeat: (cases,); bin_of counts from 0; repeat numbers the turns: weeks for days of the week,
    months for days of the month, days for the time since purchase. The data must hold `least_turns` of them.
    """
    if np.unique(repeat).size < settings.least_turns:
        return False
    low, high = cluster.low - cluster.clock.first, cluster.high - cluster.clock.first
    inside = (cause == cluster.cause) & (bin_of >= low) & (bin_of <= high)
    turns, cases = np.unique(repeat[inside], return_counts=True)
    if turns.size < 2:
        return False
    left = cluster.observed - float(cases.max())
    usual = cluster.expected * (1 - 1 / turns.size)
    tail = upper_tail(np.array([left]), np.array([usual]), np.array([usual]))
    return bool(tail[0] < settings.without_busiest and left > usual)


def turn_of(clock: Clock, day: Ints) -> Ints:
    """Which turn of the clock each day (since 1970-01-01) belongs to: its week, its month, else the day itself."""
    if clock.name == DAY_OF_WEEK.name:
        return np.asarray((day + 3) // 7, dtype=np.int64)
    if clock.name == DAY_OF_MONTH.name:
        return np.asarray(day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64))
    return day
