"""One rise, from its first week to its end: flagged weeks that follow each other, with the figures of each week."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from casedesk.detection.changes import FlaggedWeek, WeekView
from casedesk.detection.rates import ratio_interval
from casedesk.detection.tails import upper_tail, usual_range

Array = NDArray[np.float64]

SILENT_WEEKS = 1  # a single week below does not end an episode


@dataclass(frozen=True)
class EpisodeWeek:
    """One week of an episode as it looked at its end: cases, the usual range (95 %), exposure at risk."""

    week: int
    observed: int
    expected: float
    low: int
    high: int
    at_risk: float
    surprise: float


@dataclass(frozen=True)
class Episode:
    """A rise of one cause at one source, or of the cause as a whole (source None).

    sources_observed, sources_expected: (sources,) cases over the episode's weeks, for what the other sources
    do; ended: a later week was judged and found as usual.
    """

    cause: int
    source: int | None
    weeks: tuple[EpisodeWeek, ...]
    sources_observed: Array
    sources_expected: Array
    ended: bool

    @property
    def first(self) -> int:
        """The week that it began."""
        return self.weeks[0].week

    @property
    def last(self) -> int:
        """The last week that was high."""
        return self.weeks[-1].week

    @property
    def peak(self) -> EpisodeWeek:
        """The week furthest above its expected cases; the earlier of two equal ones."""
        return max(self.weeks, key=lambda week: (week.observed - week.expected, -week.week))

    @property
    def observed(self) -> int:
        """Cases in its weeks."""
        return sum(week.observed for week in self.weeks)

    @property
    def expected(self) -> float:
        """Cases that its weeks would have had as usual."""
        return sum(week.expected for week in self.weeks)

    @property
    def excess(self) -> float:
        """Cases more than usual, not below zero."""
        return max(self.observed - self.expected, 0.0)

    @property
    def surprise(self) -> float:
        """The smallest tail of its weeks."""
        return min(week.surprise for week in self.weeks)

    @property
    def ratio(self) -> tuple[float, float, float]:
        """Times the usual, with its exact 95 % interval."""
        expected = max(self.expected, 1e-9)
        low, high = ratio_interval(np.array([self.observed]), np.array([expected]))
        return self.observed / expected, float(low[0]), float(high[0])

    @property
    def usual(self) -> tuple[int, int]:
        """The range that the sum of its weeks usually falls in: about 95 %, from the ranges of the weeks."""
        variance = sum((max(week.high - week.low, 1) / 3.92) ** 2 for week in self.weeks)
        low, high = usual_range(np.array([self.expected]), np.array([max(variance, self.expected)]))
        return int(low[0]), int(high[0])

    def other_sources_rise(self, level: float = 0.01) -> tuple[int, ...]:
        """The other sources (under a whole cause: the sources) that are above their usual in the same weeks."""
        tails = upper_tail(self.sources_observed, self.sources_expected, self.sources_expected * 1.1)
        return tuple(int(s) for s in np.flatnonzero(tails < level) if s != self.source)


def share_of_excess(minor: int, observed: int, excess: float) -> int:
    """What the excess cases cost: their share of the amount of all cases, in minor units, rounded to nearest."""
    return round(minor * excess / observed) if observed else 0


def _figures(view: WeekView, flag: FlaggedWeek) -> EpisodeWeek:
    at = (0, flag.cause) if flag.source is None else (0, flag.cause, flag.source)
    sums = view.causes if flag.source is None else view.cells
    expected, variance = sums.expected[at], sums.variance[at]
    low, high = usual_range(np.array([expected]), np.array([variance]))
    risk = view.at_risk.sum() if flag.source is None else view.at_risk[flag.source]
    return EpisodeWeek(
        view.week,
        int(sums.observed[at]),
        float(expected),
        int(low[0]),
        int(high[0]),
        float(risk),
        flag.surprise,
    )


def episodes(weeks: Iterable[tuple[WeekView | None, list[FlaggedWeek]]]) -> list[Episode]:
    """The episodes that the weeks hold, by cause and source, oldest first.

    The same weeks give the same episodes, however they were reached: week by week or from scratch.
    """
    runs: dict[tuple[int, int | None], list[list[tuple[WeekView, FlaggedWeek]]]] = {}
    judged = -1
    for view, flagged in weeks:
        if view is None:
            continue
        judged = view.week
        for flag in flagged:
            if flag.under:
                continue
            of_row = runs.setdefault((flag.cause, flag.source), [])
            if not of_row or view.week - of_row[-1][-1][0].week > SILENT_WEEKS + 1:
                of_row.append([])
            of_row[-1].append((view, flag))
    found = [
        _episode(row, run, judged)
        for row, of_row in sorted(runs.items(), key=lambda item: (item[0][0], item[0][1] or -1))
        for run in of_row
    ]
    return sorted(found, key=lambda one: (one.first, one.cause, -1 if one.source is None else one.source))


def _episode(row: tuple[int, int | None], run: list[tuple[WeekView, FlaggedWeek]], judged: int) -> Episode:
    observed = np.sum([view.cells.observed[0, row[0]] for view, _ in run], axis=0)
    expected = np.sum([view.cells.expected[0, row[0]] for view, _ in run], axis=0)
    return Episode(
        row[0],
        row[1],
        tuple(_figures(view, flag) for view, flag in run),
        observed,
        expected,
        ended=run[-1][0].week + SILENT_WEEKS < judged,
    )
