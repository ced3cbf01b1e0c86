"""A small run of the simulation: what is planted is found, and where nothing is planted hardly anything is called.

The full table: python -m tests.bench.signals.
"""

import numpy as np

from casedesk.detection.changes import view_week
from casedesk.reports.bench import made_up, measure
from tests.bench.signals import planted
from tests.bench.signals.__main__ import _cells_found, clusters, rises, series_rises
from tests.bench.signals.scoring import FoundScore, SpikeScore


def test_planted_rises_are_found_and_few_others():
    score = SpikeScore()
    for seed in range(12):
        data = planted.cells(seed)
        score.add(rises(data), data)
    figures = score.figures
    assert figures["F1"] > 0.5
    assert figures["POD_exact"] > 0.6
    assert figures["false_episodes_a_week"] < 0.2


def test_nothing_planted_raises_less_than_one_episode_in_five_weeks():
    score = SpikeScore()
    for seed in range(12):
        data = planted.cells(500 + seed, planted=False)
        score.add(rises(data), data)
    assert score.figures["false_episodes_a_week"] < 0.2


def test_planted_cells_are_found_at_a_held_rate():
    score = FoundScore()
    for seed in range(40):
        data = planted.cells(seed)
        score.add_cells(_cells_found(data), data)
    assert score.figures["F1"] > 0.72
    assert score.figures["FDP"] < 0.12


def test_planted_clusters_are_located():
    score = FoundScore()
    for seed in range(20):
        data = planted.timing(seed)
        score.add_clusters(clusters(data), data.truth, data.causes * 3)
    assert score.figures["F1"] > 0.7
    assert score.figures["FPR"] < 0.02


def test_the_nominal_rate_of_series_is_the_real_one():
    score = SpikeScore()
    for seed in range(4):
        data = planted.series(900 + seed, weeks=156, copies=2, planted=False)
        score.add(series_rises(data), data)
    assert 0.005 <= score.figures["FPR"] <= 0.015


def test_larger_outbreaks_are_found_more_often():
    found: dict[bool, list[bool]] = {True: [], False: []}
    for seed in range(4):
        data = planted.series(seed, weeks=156)
        flags = set(series_rises(data))
        for spike in data.spikes:
            if spike.scored:
                weeks = range(spike.start, spike.end + 1)
                large = int(spike.kind[1:]) >= 6
                found[large].append(any((spike.cause, None, week) in flags for week in weeks))
    assert np.mean(found[True]) > np.mean(found[False]) + 0.3


def test_the_same_seed_gives_the_same_set():
    one, two = planted.cells(3), planted.cells(3)
    assert np.array_equal(one.counts, two.counts)
    assert rises(one) == rises(two)


def test_ten_thousand_cells_are_scanned_in_seconds():
    panel = made_up(400, 60)
    assert panel.shape[:2] == (20, 20)
    assert view_week(panel, 59) is not None
    timings = measure(400, 60)
    assert timings["scan_seconds"] < 2
