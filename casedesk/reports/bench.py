"""How fast the scan of a week and the backtest of a year are, on counts made up by a seed."""

import resource
import time
from collections.abc import Callable

import numpy as np

from casedesk.detection.causes import elevated_cells
from casedesk.detection.changes import flagged_weeks, view_week
from casedesk.detection.panel import Panel
from casedesk.detection.series import judge_series

_MONDAY = 19_359  # 2023-01-02
_BYTES_OF_MAXRSS = 1024


def made_up(cells: int, weeks: int, seed: int = 1) -> Panel:
    """A panel of about `cells` causes by sources: mean lognormal(-.5, 1.3), a yearly season, gamma shocks."""
    rng = np.random.default_rng(seed)
    causes = max(int(np.sqrt(cells)), 1)
    sources = -(-cells // causes)
    time_of = np.arange(weeks)
    season = 1 + 0.3 * np.sin(2 * np.pi * time_of / 52.18 + rng.uniform(0, 2 * np.pi, (causes, 1, 1)))
    mean = (
        rng.lognormal(-0.5, 1.3, (causes, sources, 1)) * season * rng.gamma(10, 0.1, (causes, sources, weeks))
    )
    counts = rng.poisson(mean)[:, :, None, :]
    return Panel(counts, np.ones((sources, 1, weeks)), _MONDAY, weeks)


def measure(cells: int, weeks: int) -> dict[str, float]:
    """Seconds for each part, and the most memory in MB that the process has held."""
    panel = made_up(cells, weeks)
    timings: dict[str, float] = {"cells": panel.shape[0] * panel.shape[1], "weeks": weeks}
    timings["scan_seconds"] = _seconds(lambda: view_week(panel, weeks - 1))
    timings["elevated_cells_seconds"] = _seconds(lambda: elevated_cells(panel))
    counts = panel.counts.sum(2).reshape(-1, weeks).astype(np.float64)
    timings["single_series_seconds"] = _seconds(lambda: judge_series(counts, weeks - 1))
    small = made_up(240, weeks)
    timings["backtest_52_weeks_240_cells_seconds"] = _seconds(
        lambda: list(flagged_weeks(small, weeks - 52, weeks - 1))
    )
    timings["peak_memory_mb"] = round(
        resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _BYTES_OF_MAXRSS / 1e6
    )
    return timings


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return round(time.perf_counter() - started, 3)
