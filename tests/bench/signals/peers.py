"""python -m tests.bench.signals.peers: R's Farrington flexible on the same seeded sets under the same scorer, where R is here.

Debian: r-base-core and r-cran-surveillance. Nothing of it is a dependency; without it this says so and ends.
"""

import csv
import shutil
import subprocess
import tempfile
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from tests.bench.signals import planted
from tests.bench.signals.__main__ import rises, series_rises
from tests.bench.signals.scoring import Flag, SpikeScore

SCRIPT = Path(__file__).with_name("farrington.R")
LEVEL = 0.01


def farrington(
    counts: NDArray[np.int64], exposure: NDArray[np.float64] | None, first: int
) -> list[tuple[int, int]]:
    """(week, series) of each alarm from the week `first` on. counts, exposure: (series, weeks)."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        np.savetxt(place / "counts.csv", counts.T, fmt="%d", delimiter=",")
        population = "-"
        if exposure is not None:
            population = str(place / "population.csv")
            np.savetxt(population, exposure.T, fmt="%.1f", delimiter=",")
        out = place / "alarms.csv"
        asked = [str(place / "counts.csv"), population, str(first + 1), str(LEVEL), str(out)]
        subprocess.run(["Rscript", "--vanilla", str(SCRIPT), *asked], check=True)
        with out.open(newline="") as text:
            return [(int(week), int(series)) for week, series in csv.reader(text)]


def filled(exposure: NDArray[np.float64]) -> NDArray[np.float64]:
    """Missing weeks as the week before: R has no word for them."""
    known = np.where(np.isfinite(exposure) & (exposure > 0), np.arange(exposure.shape[-1]), 0)
    return np.take_along_axis(exposure, np.maximum.accumulate(known, axis=-1), -1)


def of_cells(data: planted.CellSet, *, exposed: bool) -> list[Flag]:
    """Each cell and each cause as a series of its own, with the exposure of its source or without."""
    end = data.complete
    causes, sources = data.counts.shape[:2]
    cells = data.counts[..., :end].sum(2)
    risk = filled(np.where(np.isnan(data.exposure).all(1), np.nan, np.nansum(data.exposure, 1)))[:, :end]
    counts = np.concatenate([cells.reshape(-1, end), cells.sum(1)])
    exposure = np.concatenate([np.tile(risk, (causes, 1)), np.tile(risk.sum(0), (causes, 1))])
    flags: list[Flag] = []
    for week, series in farrington(counts, exposure if exposed else None, data.first_scored):
        whole = series >= causes * sources
        cause = series - causes * sources if whole else series // sources
        flags.append((cause, None if whole else series % sources, week))
    return flags


def _line(name: str, sets: int, score: SpikeScore) -> None:
    shown = ("F1", "POD", "POD_exact", "PPV", "FPR", "false_episodes_a_week")
    figures = "; ".join(f"{figure} {score.figures[figure]:.3f}" for figure in shown)
    click.echo(f"| {name} | {sets} | {figures} |")


@click.command()
@click.option("--sets", default=2, show_default=True, help="Seeded data sets a line.")
def main(sets: int) -> None:
    """Print the table: ours and Farrington's, line under line."""
    if shutil.which("Rscript") is None:
        click.echo("R is not here (Debian: r-base-core r-cran-surveillance): nothing is compared.")
        return
    click.echo("| what | sets | pooled figures |\n|---|---|---|")
    for weeks, copies in ((624, 1), (156, 2)):
        ours, theirs = SpikeScore(), SpikeScore()
        for seed in range(sets):
            data = planted.series(seed, weeks=weeks, copies=copies)
            ours.add(series_rises(data), data)
            alarms = farrington(data.counts, None, data.first_scored)
            theirs.add([(series, None, week) for week, series in alarms], data)
        _line(f"series of {weeks} weeks, ours", sets, ours)
        _line(f"series of {weeks} weeks, Farrington flexible", sets, theirs)
    ours, exposed, plain = SpikeScore(), SpikeScore(), SpikeScore()
    for seed in range(sets):
        cells = planted.cells(seed, "medium")
        ours.add(rises(cells), cells)
        exposed.add(of_cells(cells, exposed=True), cells)
        plain.add(of_cells(cells, exposed=False), cells)
    _line("rises, medium, ours", sets, ours)
    _line("rises, medium, Farrington flexible with exposure", sets, exposed)
    _line("rises, medium, Farrington flexible without exposure", sets, plain)


if __name__ == "__main__":
    main()
