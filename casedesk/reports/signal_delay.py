"""Two clocks: cases come some time after the charge that they are about, so a week is held against the charges of then.

The delay is estimated from the cases that name their charge (in files of purchases: the purchase), allowing for
those that have not come yet. It is estimated anew every quarter from the cases opened before it, and a week keeps
the estimate of its quarter: a later scan changes no week of the past. Before enough cases are known nothing is corrected.
"""

import numpy as np
from numpy.typing import NDArray

from casedesk.detection.delay import arrived_share, exposure_due, share_by_delay
from casedesk.detection.panel import week_of
from casedesk.reports.findings import Note
from casedesk.reports.signal_files import UNKNOWN_AGE, Cases

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

LAGS = 26
"""Weeks; a case that comes later than half a year after its charge says nothing about the usual delay."""
QUARTER = 13
LEAST_CASES = 50


def shares_by_week(cases: Cases, delay: Ints, monday: int, weeks: int) -> Array:
    """How long cases take, as each week knows it: (weeks, LAGS). `monday`: the first week; delay: days, or UNKNOWN_AGE."""
    week = week_of(cases.day, monday)
    charged = week_of(cases.day - delay, monday)
    known = (delay != UNKNOWN_AGE) & (week - charged < LAGS)
    at_once = np.zeros(LAGS)
    at_once[0] = 1.0
    shares = np.tile(at_once, (weeks, 1))
    since = -(monday // 7) % QUARTER  # quarters begin on the same weeks whatever the first one is
    for begins in range(since - QUARTER, weeks, QUARTER):
        before = week < begins
        used = known & before
        if used.sum() >= LEAST_CASES:
            unknown = int((before & (delay == UNKNOWN_AGE)).sum())
            taken, could = week[used] - charged[used], begins - 1 - charged[used]
            shares[max(begins, 0) : begins + QUARTER] = share_by_delay(taken, could, unknown, lags=LAGS)
    return shares


def corrected(
    exposure: Array, cases: Cases, delay: Ints, monday: int, *, complete: bool
) -> tuple[Array, list[Note]]:
    """The exposure that each week's cases are about, as `exposure_due`, and what is to be said of it."""
    shares = shares_by_week(cases, delay, monday, exposure.shape[-1])
    if (shares[:, 0] == 1.0).all():
        return exposure, []
    return exposure_due(exposure, shares, complete=complete), [_how_long(cases, delay)]


def _how_long(cases: Cases, delay: Ints) -> Note:
    known = (delay != UNKNOWN_AGE) & (delay < 7 * LAGS)
    horizon = int(cases.day.max()) - (cases.day - delay)
    arrived = arrived_share(delay[known], horizon[known], days=7 * LAGS)
    half, most = (int(np.searchsorted(arrived, share)) for share in (0.5, 0.9))
    return Note("signals.delay", {"half": half, "most": most})


def held_back(raw: Array, used: Array, sources: tuple[str, ...]) -> list[Note]:
    """Sources with weeks whose exposure is known, and that of the charges their cases are about is not."""
    weeks = (np.isfinite(raw) & ~np.isfinite(used)).any(1).sum(-1)
    return [
        Note("signals.held_back", {"source": sources[source], "weeks": int(weeks[source])})
        for source in np.flatnonzero(weeks)
    ]
