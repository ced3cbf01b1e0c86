"""Cases and exposure by cause, source, product and week: what the detectors of weeks and of cells read."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]

DAYS_OF_WEEK = 7


@dataclass(frozen=True)
class Panel:
    """Weekly cases and what they came from.

    counts: (causes, sources, products, weeks), cases opened; exposure: (sources, products, weeks), active
    subscriptions or purchases, NaN where unknown: missing is missing, never zero; monday: day of the first
    week (days since 1970-01-01, a Monday, in the organisation's zone); complete: how many leading weeks are over.
    Cases whose exposure is unknown or zero are left out of every comparison; `quality` reports them.
    """

    counts: Counts
    exposure: Array
    monday: int
    complete: int

    @property
    def shape(self) -> tuple[int, int, int, int]:
        """Causes, sources, products, weeks."""
        causes, sources, products, weeks = self.counts.shape
        return causes, sources, products, weeks

    @cached_property
    def known(self) -> Mask:
        """Where there is an exposure to compare with: (sources, products, weeks)."""
        return np.isfinite(self.exposure) & (self.exposure > 0)

    @cached_property
    def at_risk(self) -> Array:
        """The exposure, 0 where unknown: (sources, products, weeks)."""
        return np.where(self.known, self.exposure, 0.0)

    @cached_property
    def comparable(self) -> Array:
        """The cases whose exposure is known: (causes, sources, products, weeks)."""
        return np.asarray(np.where(self.known, self.counts, 0), dtype=np.float64)

    @cached_property
    def covered(self) -> Mask:
        """Which source has any known exposure in which week: (sources, weeks)."""
        return np.asarray(self.known.any(1))

    def day(self, week: int) -> int:
        """The Monday of a week, in days since 1970-01-01."""
        return self.monday + DAYS_OF_WEEK * week


def whole_weeks(monday: int, weeks: int, end_day: int) -> int:
    """How many of the weeks that begin at `monday` lie wholly before `end_day` (days since 1970-01-01)."""
    return int(np.clip((end_day - monday) // DAYS_OF_WEEK, 0, weeks))


def week_of(day: NDArray[np.int64], monday: int) -> NDArray[np.int64]:
    """The index of the week that a day lies in; negative before the first. 1970-01-01 was a Thursday."""
    return np.asarray((day - monday) // DAYS_OF_WEEK, dtype=np.int64)


def monday_of(day: int) -> int:
    """The Monday of the ISO week of a day, both in days since 1970-01-01."""
    return day - (day + 3) % DAYS_OF_WEEK
