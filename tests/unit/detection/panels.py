"""Small panels for the tests of detectors: built by hand, seeded where chance is meant."""

import numpy as np

from casedesk.detection.panel import Panel

MONDAY = 19_359  # 2023-01-02


def steady(
    *, causes: int = 4, sources: int = 4, products: int = 1, weeks: int = 90, rate: float = 6.0, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Poisson counts around `rate` cases a cell and week, and a constant exposure of 1,000."""
    rng = np.random.default_rng(seed)
    counts = rng.poisson(rate / products, (causes, sources, products, weeks))
    return counts, np.full((sources, products, weeks), 1000.0)


def wavering(*, causes: int = 4, sources: int = 4, weeks: int = 90) -> tuple[np.ndarray, np.ndarray]:
    """Counts that go 4, 5, 6, 7, 8 and again, a step apart in each cell, without chance; exposure 1,000."""
    at = np.add.outer(np.add.outer(np.arange(causes), 2 * np.arange(sources)), np.arange(weeks))
    return 4 + at[:, :, None, :] % 5, np.full((sources, 1, weeks), 1000.0)


def panel(counts: np.ndarray, exposure: np.ndarray, complete: int | None = None) -> Panel:
    """A panel whose weeks are all over, unless `complete` says otherwise."""
    return Panel(counts, exposure, MONDAY, counts.shape[-1] if complete is None else complete)
