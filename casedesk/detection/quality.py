"""What is odd about the data itself, said beside the findings: gaps, cases without exposure, vanished sources, renamings, lumps."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import poisson

from casedesk.detection.changes import WeekView
from casedesk.detection.panel import Panel

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Gap:
    """A source whose exposure is unknown in some weeks between its first and last known one."""

    source: int
    weeks: tuple[int, ...]


@dataclass(frozen=True)
class Uncovered:
    """Cases of a source with no exposure to compare with; `zero`: the exposure says zero, otherwise it is missing."""

    source: int
    cases: int
    weeks: int
    zero: bool


@dataclass(frozen=True)
class Vanished:
    """A source that stops: its exposure (`exposure` True) or only its cases, after `last` (a week)."""

    source: int
    last: int
    exposure: bool


@dataclass(frozen=True)
class Relabelled:
    """A cause that rises while another falls by about as much, at the same source: probably renamed."""

    risen: int
    fallen: int
    source: int | None


def exposure_gaps(panel: Panel) -> list[Gap]:
    """Sources with weeks of unknown exposure among known ones, over the complete weeks. Those weeks are not judged."""
    found = []
    for source, known in enumerate(panel.covered[:, : panel.complete]):
        weeks = np.flatnonzero(known)
        if weeks.size:
            missing = [int(w) for w in range(weeks[0], weeks[-1] + 1) if not known[w]]
            if missing:
                found.append(Gap(source, tuple(missing)))
    return found


def cases_without_exposure(panel: Panel) -> list[Uncovered]:
    """Sources with cases where the exposure is zero or missing: they are left out of all rates, and said."""
    found = []
    cases = panel.counts.sum(0)[..., : panel.complete]
    exposure = panel.exposure[..., : panel.complete]
    for zero in (True, False):
        odd = cases * ((exposure <= 0) if zero else np.isnan(exposure))
        for source in np.flatnonzero(odd.sum((1, 2))):
            weeks = int((odd[source].sum(0) > 0).sum())
            found.append(Uncovered(int(source), int(odd[source].sum()), weeks, zero))
    return found


def vanished_sources(panel: Panel, *, silent: int = 4, level: float = 1e-4) -> list[Vanished]:
    """Sources without exposure in the last `silent` complete weeks, or with no case where many were usual.

    A source with fewer weeks than twice `silent` of exposure is too young to be missed.
    """
    end = panel.complete
    found = []
    for source in range(panel.shape[1]):
        known = np.flatnonzero(panel.covered[source, :end])
        if known.size < 2 * silent:
            continue
        if known[-1] < end - silent:
            found.append(Vanished(source, int(known[-1]), exposure=True))
            continue
        cases = panel.counts[:, source, :, :end].sum((0, 1))
        usual = cases[: end - silent].mean() * silent
        came = np.flatnonzero(cases)
        if came.size and cases[end - silent :].sum() == 0 and np.exp(-usual) < level:
            found.append(Vanished(source, int(came[-1]), exposure=False))
    return found


def relabelled(view: WeekView, cause: int, source: int | None, *, level: float = 1e-3) -> list[Relabelled]:
    """Causes that fell in the same one or two weeks by about what `cause` rose (half to double), at the same source."""
    sums = view.causes if source is None else view.cells
    observed, expected = sums.observed[-1], sums.expected[-1]
    if source is not None:
        observed, expected = observed[:, source], expected[:, source]
    rise = observed[cause] - expected[cause]
    found = []
    for other in range(len(observed)):
        fall = expected[other] - observed[other]
        if other == cause or rise <= 0 or not 0.5 * rise <= fall <= 2 * rise:
            continue
        if poisson.cdf(observed[other], expected[other]) < level:
            found.append(Relabelled(cause, other, source))
    return found


def stamped_together(opened: Ints, *, least: int = 50, times: int = 20) -> Mask:
    """Cases that share one instant with far more others than instants usually hold: an import stamped with its own date.

    opened: (cases,), seconds. They say nothing about when the cases came, so a scan leaves them out and says so.
    Nothing is said of a file that knows days only (a real outage looks the same there) or one instant only.
    """
    instants, back, cases = np.unique(opened, return_inverse=True, return_counts=True)
    if instants.size < 2 or (instants % 86_400 == 0).all():
        return np.zeros(opened.size, dtype=bool)
    return np.asarray((cases >= max(least, times * float(np.median(cases))))[back])
