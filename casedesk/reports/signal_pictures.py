"""What the page draws of a finding, in plain values: weeks, sources, money asked, days after the charge. Worker only."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from casedesk.detection.causes import Cells
from casedesk.detection.changes import WeekView, expected_cases
from casedesk.detection.episodes import Episode
from casedesk.detection.rates import ratio_interval
from casedesk.detection.tails import too_few, usual_range
from casedesk.reports import signals
from casedesk.reports.findings import CellFound, ClusterFound
from casedesk.reports.signal_files import day_text
from casedesk.reports.signal_panel import EVERY, Loaded

SHOWN_WEEKS = 34
AGES = 28
Picture = dict[str, Any]


def rise_picture(data: Loaded, one: Episode, views: dict[int, WeekView]) -> Picture:
    inside = (data.cases.cause == one.cause) & np.isin(data.week, [week.week for week in one.weeks])
    if one.source is not None:
        inside &= data.source == one.source
    return {
        "series": list(_series(data, one, views)),
        "partial": _partial(data, one),
        "sources": _sources(data, one, views),
        "asked": _asked(data, inside),
        "ages": _ages(data, inside),
        "ahead": None if one.ended else _ahead(one),
    }


def _series(data: Loaded, one: Episode, views: dict[int, WeekView]) -> Iterator[list[Any]]:
    """[Monday, observed, expected, low, high] of the weeks before and during an episode.

    Before it, what one expected when it began; from then on, what each week's own view expected.
    """
    last = data.panel.complete - 1
    fit = expected_cases(data.panel, one.first)
    cases = data.panel.comparable[one.cause].sum(1)  # (sources, weeks)
    observed = cases.sum(0) if one.source is None else cases[one.source]
    end = min(last, one.last + 8)
    for week in range(max(min(one.first - 8, end - SHOWN_WEEKS + 1), 0), end + 1):
        view = views.get(week) if week >= one.first else None
        if view is not None:
            at = (0, one.cause) if one.source is None else (0, one.cause, one.source)
            sums = view.causes if one.source is None else view.cells
            expected, variance = float(sums.expected[at]), float(sums.variance[at])
        elif week > one.first:
            continue
        elif one.source is None:
            expected = float(fit.cause[one.cause, week])
            variance = expected * float(fit.cause_dispersion[one.cause])
        else:
            cell = (one.cause, one.source)
            expected = float(fit.cell[(*cell, week)])
            variance = (expected + fit.cell_shock * expected**2) * float(fit.cell_excess[cell])
        low, high = usual_range(np.array([expected]), np.array([variance]))
        yield [
            day_text(data.panel.day(week)),
            int(observed[week]),
            round(expected, 2),
            int(low[0]),
            int(high[0]),
        ]


def _partial(data: Loaded, one: Episode) -> dict[str, Any] | None:
    """The week that is not over: its cases so far and how many of its days are past."""
    week = data.panel.complete
    days = data.end_day - data.panel.day(week)
    if week >= data.panel.shape[3] or days <= 0 or one.ended:
        return None
    counts = data.panel.counts[one.cause, :, :, week].sum(1)
    so_far = counts.sum() if one.source is None else counts[one.source]
    return {"week": day_text(data.panel.day(week)), "observed": int(so_far), "days": int(days)}


def _sources(data: Loaded, one: Episode, views: dict[int, WeekView]) -> list[dict[str, Any]]:
    """Every source of the cause over the episode's weeks, the most surprising first."""
    if data.sources == (EVERY,):
        return []
    weeks = [views[week.week] for week in one.weeks]
    variance = np.sum([view.cells.variance[0, one.cause] for view in weeks], axis=0)
    few = too_few(one.sources_expected, variance)
    rising = {*one.other_sources_rise(), *([] if one.source is None else [one.source])}
    rows = []
    for source, name in enumerate(data.sources):
        observed, expected = int(one.sources_observed[source]), float(one.sources_expected[source])
        if not observed and expected < 0.05:
            continue
        low, high = ratio_interval(np.array([observed]), np.array([max(expected, 1e-9)]))
        thin = bool(few[source]) and source not in rising
        rows.append(
            {
                "source": name,
                "at_risk": signals.risk_of(data, source, one.last),
                "observed": observed,
                "expected": round(expected, 2),
                "ratio": None if thin else observed / max(expected, 1e-9),
                "low": None if thin else float(low[0]),
                "high": None if thin else float(high[0]),
                "says": "high" if source in rising else "few" if thin else "usual",
            }
        )
    order = {"high": 0, "usual": 1, "few": 2}
    return sorted(rows, key=lambda row: (order[row["says"]], -(row["ratio"] or 0), row["source"]))


def _asked(data: Loaded, inside: Any) -> dict[str, int]:
    """What is claimed in the cases, in minor units by currency."""
    sums = {
        currency: int(data.cases.minor[inside & (data.cases.currency == code)].sum())
        for code, currency in enumerate(data.cases.currencies)
    }
    return {currency: minor for currency, minor in sums.items() if currency and minor}


def _ages(data: Loaded, inside: Any) -> dict[str, Any]:
    """Cases by days since the charge, four weeks of them; `others`: the share of all other causes in each day."""
    cause = data.cases.cause[inside]
    ages = data.cases.age[inside]
    known = ages[ages >= 0]
    rest = np.ones(len(data.cases), dtype=bool) if not cause.size else data.cases.cause != cause[0]
    other = data.cases.age[rest & (data.cases.age >= 0)]
    return {
        "days": np.bincount(known[known < AGES], minlength=AGES).tolist(),
        "known": int(known.size),
        "others": (np.bincount(other[other < AGES], minlength=AGES) / max(other.size, 1)).round(4).tolist(),
    }


def _ahead(one: Episode) -> dict[str, Any]:
    """The next four weeks if nothing changes: the mean of the episode's last four, with its 95 % range."""
    recent = one.weeks[-4:]
    rate = sum(week.observed for week in recent) / len(recent)
    mean = np.array([4 * rate])
    low, high = usual_range(mean, mean * (1 + 4 / len(recent)))
    return {"weeks": 4, "cases": round(4 * rate), "low": int(low[0]), "high": int(high[0])}


def cell_picture(data: Loaded, cells: Cells, one: CellFound) -> Picture:
    """A source that disputes more: its weeks at the others' rate, and the cause at every source."""
    cause, source = data.causes.index(one.cause), data.sources.index(one.source)
    inside = (data.cases.cause == cause) & (data.source == source) & (data.week < data.panel.complete)
    return {
        "series": _cell_series(data, cause, source, one),
        "partial": None,
        "sources": _cell_sources(data, cells, cause),
        "asked": _asked(data, inside),
        "ages": _ages(data, inside),
        "ahead": None,
        "from": day_text(data.panel.day(0)),
    }


def _cell_series(data: Loaded, cause: int, source: int, one: CellFound) -> list[list[Any]]:
    """Weeks of the cell; expected at the others' rate, by its exposure of the week."""
    end = data.panel.complete
    at_risk = data.panel.at_risk[source, :, :end].sum(0)
    expected = one.expected * at_risk / max(float(at_risk.sum()), 1e-9)
    observed = data.panel.comparable[cause, source, :, :end].sum(0)
    return [
        [day_text(data.panel.day(week)), int(observed[week]), round(float(expected[week]), 2), None, None]
        for week in range(max(end - SHOWN_WEEKS, 0), end)
    ]


def _cell_sources(data: Loaded, cells: Cells, cause: int) -> list[dict[str, Any]]:
    rows = []
    for source, name in enumerate(data.sources):
        at = (cause, source)
        if not cells.expected[at] > 0:
            continue
        thin = bool(cells.few[at])
        rows.append(
            {
                "source": name,
                "at_risk": signals.risk_of(data, source, max(data.panel.complete - 1, 0)),
                "observed": int(cells.observed[at]),
                "expected": round(float(cells.expected[at]), 2),
                "crude": None if thin or np.isnan(cells.crude[at]) else float(cells.crude[at]),
                "ratio": None if thin else float(cells.ratio[at]),
                "low": None if thin else float(cells.low[at]),
                "high": None if thin else float(cells.high[at]),
                "says": "high" if cells.found[at] else "few" if thin else "usual",
            }
        )
    order = {"high": 0, "usual": 1, "few": 2}
    return sorted(rows, key=lambda row: (order[row["says"]], -(row["ratio"] or 0), row["source"]))


def cluster_picture(data: Loaded, one: ClusterFound) -> Picture:
    """A cause that clusters on a clock: its bins beside those of the other causes at the same size."""
    clock = signals.CLOCK_OF[one.dimension]
    bins = signals.bins_of(data)[clock]
    cause = data.causes.index(one.cause)
    mine = (data.cases.cause == cause) & (bins >= 0) & (bins < clock.bins)
    others = (data.cases.cause != cause) & (bins >= 0) & (bins < clock.bins)
    own = np.bincount(bins[mine], minlength=clock.bins)
    common = np.bincount(bins[others], minlength=clock.bins) / max(int(others.sum()), 1)
    inside = mine & (bins >= one.low - clock.first) & (bins <= one.high - clock.first)
    return {
        "bins": [
            [at + clock.first, int(own[at]), round(float(common[at] * own.sum()), 2)]
            for at in range(clock.bins)
        ],
        "of": int(own.sum()),
        "asked": _asked(data, inside),
        "sources": [],
        "series": [],
        "partial": None,
        "ahead": None,
    }
