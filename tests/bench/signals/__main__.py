"""python -m tests.bench.signals [--sets N] [--only NAME]: the figures of the detectors over seeded sets, as a table.

With something planted and with nothing; nominal against real false-alarm rate; power against effect size.
"""

import click
import numpy as np

from casedesk.detection import timing
from casedesk.detection.causes import elevated_cells
from casedesk.detection.changes import flagged_weeks
from casedesk.detection.panel import Panel
from casedesk.detection.series import judge_series
from tests.bench.signals import planted
from tests.bench.signals.scoring import Flag, FoundScore, SpikeScore

FIRST_NULL = 10_000  # seeds of sets with nothing planted


def panel_of(data: planted.CellSet) -> Panel:
    """A planted set as the detectors read it."""
    monday = data.monday.toordinal() - planted.EPOCH
    return Panel(data.counts, data.exposure, monday, data.complete)


def rises(data: planted.CellSet) -> list[Flag]:
    """The flagged weeks of the scored part."""
    weeks = flagged_weeks(panel_of(data), data.first_scored, data.complete - 1)
    return [(flag.cause, flag.source, flag.week) for _, flags in weeks for flag in flags]


def series_rises(data: planted.SeriesSet, level: float = 0.01) -> list[Flag]:
    """The flagged weeks of series that stand alone, at a nominal false-alarm rate."""
    counts = data.counts.astype(float)
    flags: list[Flag] = []
    for week in range(data.first_scored, counts.shape[1]):
        judged = judge_series(counts, week)
        assert judged is not None
        flags += [(int(row), None, week) for row in np.flatnonzero(judged.surprise < level)]
    return flags


def clusters(data: planted.TimingSet) -> list[tuple[int, str, int, int]]:
    """The clusters found, by cause and clock, with their bins."""
    bins = {
        timing.DAY_OF_WEEK: timing.weekday(data.opened),
        timing.DAY_OF_MONTH: timing.day_of_month(data.opened),
        timing.DAYS_SINCE_PURCHASE: data.opened - data.bought,
    }
    candidates: list[timing.Cluster | None] = []
    for clock, bin_of in bins.items():
        table = timing.table(data.cause, bin_of, data.causes, clock.bins)
        candidates += timing.most_clustered(table, clock)
    return [
        (one.cause, one.clock.name, one.low, one.high)
        for one in timing.clusters_held(candidates)
        if timing.comes_back(one, data.cause, bins[one.clock], timing.turn_of(one.clock, data.opened))
    ]


def _cells_found(data: planted.CellSet) -> set[tuple[int, int]]:
    return {(int(cause), int(source)) for cause, source in np.argwhere(elevated_cells(panel_of(data)).found)}


GOALS: dict[str, dict[str, tuple[float, float]]] = {
    "series of 624 weeks": {"F1": (0.42, 1), "FPR": (0, 0.011)},
    "series of 624 weeks, nothing planted, nominal 0.010": {"FPR": (0.005, 0.013)},
    "series of 156 weeks": {"F1": (0.37, 1)},
    "series of 156 weeks, nothing planted, nominal 0.010": {"FPR": (0.005, 0.013)},
    "rises, small": {"F1": (0.55, 1), "POD_exact": (0.65, 1), "false_episodes_a_week": (0, 0.2)},
    "rises, small, nothing planted": {"false_episodes_a_week": (0, 0.2)},
    "rises, medium": {
        "F1": (0.62, 1),
        "POD": (0.63, 1),
        "POD_exact": (0.6, 1),
        "PPV": (0.75, 1),
        "false_episodes_a_week": (0, 0.4),
        "step_POD": (0.95, 1),
        "step_delay": (0, 1),
    },
    "rises, medium, nothing planted": {"false_episodes_a_week": (0, 0.25)},
    "cells, small": {"F1": (0.8, 1), "FDP": (0, 0.1)},
    "cells, medium": {"F1": (0.95, 1), "FDP": (0, 0.1)},
    "cells, large": {"F1": (0.95, 1), "FDP": (0, 0.1)},
    "cells, small, nothing planted": {"sets_with_false": (0, 0.1)},
    "cells, medium, nothing planted": {"sets_with_false": (0, 0.1)},
    "cells, large, nothing planted": {"sets_with_false": (0, 0.1)},
    "timing, small": {"F1": (0.7, 1), "POD_located": (0.55, 1), "FPR": (0, 0.01)},
    "timing, medium": {"F1": (0.95, 1), "POD_located": (0.92, 1), "FPR": (0, 0.01)},
    "timing, large": {"F1": (0.97, 1), "POD_located": (0.95, 1), "FPR": (0, 0.01)},
}
"""What each figure must lie between, both ends included."""


def _line(name: str, count: int, figures: dict[str, float], single: list[float] | None = None) -> None:
    """A line of the table; `single`: the F1 of each set, for the spread. What misses its goal is said."""
    cells = [f"{figure} {value:.3f}" for figure, value in figures.items()]
    if single:
        cells.append(f"F1 of single sets {np.mean(single):.3f} ± {np.std(single, ddof=1):.3f}")
    goals = GOALS.get(name, {})
    missed = [figure for figure, (low, high) in goals.items() if not low <= round(figures[figure], 3) <= high]
    verdict = f"missed: {', '.join(missed)}" if missed else "met" if goals else ""
    click.echo(f"| {name} | {count} | {'; '.join(cells)} | {verdict} |")


def _f1_of(flags: list[Flag], data: planted.CellSet | planted.SeriesSet) -> float:
    score = SpikeScore()
    score.add(flags, data)
    return score.figures["F1"]


def _series(weeks: int, copies: int, sets: int) -> None:
    score, null = SpikeScore(), SpikeScore()
    single = []
    for seed in range(sets):
        data = planted.series(seed, weeks=weeks, copies=copies)
        flags = series_rises(data)
        score.add(flags, data)
        single.append(_f1_of(flags, data))
        nothing = planted.series(FIRST_NULL + seed, weeks=weeks, copies=copies, planted=False)
        null.add(series_rises(nothing), nothing)
    name = f"series of {weeks} weeks"
    _line(name, sets, score.figures, single)
    _line(f"{name}, nothing planted, nominal 0.010", sets, {"FPR": null.figures["FPR"]})


def _rises(size: str, sets: int) -> None:
    score, null = SpikeScore(), SpikeScore()
    single: list[float] = []
    for seed in range(sets):
        data = planted.cells(seed, size)
        flags = rises(data)
        score.add(flags, data)
        single.append(_f1_of(flags, data))
        nothing = planted.cells(FIRST_NULL + seed, size, planted=False)
        null.add(rises(nothing), nothing)
    _line(f"rises, {size}", sets, score.figures, single)
    quiet = {name: null.figures[name] for name in ("FPR", "false_episodes_a_week")}
    _line(f"rises, {size}, nothing planted", sets, quiet)


def _cells(size: str, sets: int) -> None:
    cells, none = FoundScore(), FoundScore()
    single: list[float] = []
    for seed in range(sets):
        data = planted.cells(seed, size)
        found, one = _cells_found(data), FoundScore()
        cells.add_cells(found, data)
        one.add_cells(found, data)
        single.append(one.figures["F1"])
        nothing = planted.cells(FIRST_NULL + seed, size, planted=False)
        none.add_cells(_cells_found(nothing), nothing)
    _line(f"cells, {size}", sets, cells.figures, single)
    _line(f"cells, {size}, nothing planted", sets, {"sets_with_false": none.figures["sets_with_false"]})


def _timing(size: str, sets: int) -> None:
    score, null = FoundScore(), FoundScore()
    single: list[float] = []
    for seed in range(sets):
        data, one = planted.timing(seed, size), FoundScore()
        found = clusters(data)
        for each in (score, one):
            each.add_clusters(found, data.truth, data.causes * len(timing.CLOCKS))
        single.append(one.figures["F1"])
        nothing = planted.timing(FIRST_NULL + seed, size, planted=False)
        null.add_clusters(clusters(nothing), {}, nothing.causes * len(timing.CLOCKS))
    _line(f"timing, {size}", sets, score.figures, single)
    quiet = {name: null.figures[name] for name in ("FPR", "sets_with_false")}
    _line(f"timing, {size}, nothing planted", sets, quiet)


def _power(sets: int) -> None:
    """Share of rises found by their size in standard deviations, and by the nominal rate held."""
    by_size: dict[str, list[bool]] = {}
    for seed in range(sets):
        data = planted.series(seed, weeks=156, copies=2)
        flags = set(series_rises(data))
        for spike in data.spikes:
            if spike.scored and spike.start >= data.first_scored:
                weeks = range(spike.start, spike.end + 1)
                found = any((spike.cause, None, week) in flags for week in weeks)
                by_size.setdefault(spike.kind, []).append(found)
    power = {
        kind: float(np.mean(found)) for kind, found in sorted(by_size.items(), key=lambda x: int(x[0][1:]))
    }
    _line("power: share found by size k (standard deviations)", sets, power)
    for level in (0.05, 0.01, 0.001):
        score = SpikeScore()
        for seed in range(sets):
            nothing = planted.series(FIRST_NULL + seed, weeks=156, copies=2, planted=False)
            score.add(series_rises(nothing, level), nothing)
        _line(f"nominal {level:g} against real", sets, {"FPR": score.figures["FPR"]})


@click.command()
@click.option(
    "--sets", default=10, show_default=True, help="Seeded data sets a line; four times as many small ones."
)
@click.option(
    "--only",
    type=click.Choice(["series", "rises", "cells", "timing", "power"]),
    help="One part of the table.",
)
def main(sets: int, only: str | None) -> None:
    """Print the table."""
    click.echo("| what | sets | pooled figures | goal |\n|---|---|---|---|")
    few = max(sets // 5, 2)
    if only in (None, "series"):
        _series(624, 1, sets)
        _series(156, 2, sets)
    if only in (None, "rises"):
        for size, count in (("small", sets * 4), ("medium", sets), ("large", few)):
            _rises(size, count)
    sizes = (("small", sets * 4), ("medium", sets), ("large", sets))
    if only in (None, "cells"):
        for size, count in sizes:
            _cells(size, count)
    if only in (None, "timing"):
        for size, count in sizes:
            _timing(size, count)
    if only in (None, "power"):
        _power(sets)


if __name__ == "__main__":
    main()
