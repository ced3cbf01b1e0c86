"""Counts that stand alone: their own level, trend, season and dispersion."""

import numpy as np

from casedesk.detection.series import judge_series


def test_a_doubled_week_stands_out_and_the_others_do_not():
    rng = np.random.default_rng(1)
    counts = rng.poisson(40.0, (5, 120)).astype(float)
    counts[3, 119] = 90
    judged = judge_series(counts, 119)
    assert judged is not None
    assert np.flatnonzero(judged.surprise < 0.01).tolist() == [3]


def test_two_moderate_weeks_count_together():
    counts = np.full((1, 60), 9.0)
    counts[0, ::2] = 11.0
    once, twice = counts.copy(), counts.copy()
    once[0, 59] = 18.0
    twice[0, 58:] = 18.0
    alone, together = judge_series(once, 59), judge_series(twice, 59)
    assert alone is not None
    assert together is not None
    assert together.surprise[0] < alone.surprise[0]


def test_a_yearly_high_is_usual_from_the_third_year_on():
    weeks = 200
    season = 30 * (1 + 0.6 * np.sin(2 * np.pi * np.arange(weeks) / 52.18))
    counts = np.rint(season)[None]
    top = 169  # a crest in the fourth year
    judged = judge_series(counts, top)
    assert judged is not None
    assert judged.surprise[0] > 0.2


def test_half_a_year_of_history_is_needed():
    counts = np.ones((2, 40))
    assert judge_series(counts, 26) is None
    assert judge_series(counts, 27) is not None


def test_only_weeks_up_to_the_judged_one_are_read():
    counts = np.random.default_rng(3).poisson(5.0, (4, 100)).astype(float)
    later = counts.copy()
    later[:, 81:] = 99
    one, two = judge_series(counts, 80), judge_series(later, 80)
    assert one is not None
    assert two is not None
    assert np.array_equal(one.surprise, two.surprise)


def test_a_series_without_any_case_is_not_surprising():
    judged = judge_series(np.zeros((1, 60)), 59)
    assert judged is not None
    assert not judged.surprise[0] < 0.01
