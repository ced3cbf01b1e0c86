"""Tails, families of tests and what is too thin to judge, against exact values and other implementations."""

import numpy as np
import pytest
from scipy.stats import false_discovery_control, nbinom, poisson

from casedesk.detection.tails import false_discoveries_held, too_few, upper_tail, usual_range


def test_three_cases_where_one_is_usual_come_by_chance_in_eight_of_a_hundred():
    tail = upper_tail(np.array([3.0]), np.array([1.0]), np.array([1.0]))
    by_hand = 1 - np.exp(-1) * (1 + 1 + 1 / 2)
    assert tail[0] == pytest.approx(by_hand, rel=1e-4)


def test_more_variance_makes_the_same_count_less_surprising():
    tail = upper_tail(np.array([10.0, 10.0]), np.array([4.0, 4.0]), np.array([4.0, 12.0]))
    assert tail[0] < tail[1]
    assert tail[1] == pytest.approx(nbinom.sf(9, 2.0, 1 / 3))


def test_no_case_is_never_surprising():
    assert upper_tail(np.array([0.0]), np.array([3.0]), np.array([5.0]))[0] == pytest.approx(1.0)


def test_where_nothing_is_expected_nothing_is_judged():
    assert np.isnan(upper_tail(np.array([5.0]), np.array([0.0]), np.array([0.0]))[0])


def test_the_usual_range_of_a_poisson_count():
    low, high = usual_range(np.array([14.0]), np.array([14.0]))
    assert (low[0], high[0]) == (poisson.ppf(0.025, 14), poisson.ppf(0.975, 14)) == (7, 22)


def test_five_tails_by_hand_the_third_carries_the_second():
    # Limits at rate .05 of five: .01 .02 .03 .04 .05. The second, .025, is above its own and below the third's.
    tails = np.array([0.001, 0.025, 0.029, 0.5, 0.9])
    assert false_discoveries_held(tails, 0.05).tolist() == [True, True, True, False, False]


def test_held_tests_are_those_whose_adjusted_tail_is_below_the_rate():
    rng = np.random.default_rng(4)
    tails = np.concatenate([rng.random(200), rng.random(12) * 1e-3])
    ours = false_discoveries_held(tails, 0.1)
    assert (ours == (false_discovery_control(tails) <= 0.1)).all()
    assert 5 <= ours.sum() <= 15


def test_a_test_that_was_not_made_costs_nothing():
    tails = np.array([0.04, np.nan, np.nan])
    assert false_discoveries_held(tails, 0.05).tolist() == [True, False, False]
    assert not false_discoveries_held(np.array([np.nan]), 0.05).any()


def test_the_shape_of_a_family_is_kept():
    assert false_discoveries_held(np.full((3, 4), 1e-9), 0.05).all()
    assert false_discoveries_held(np.full((3, 4), 1e-9), 0.05).shape == (3, 4)


def test_half_a_case_a_week_is_too_few_and_five_are_not():
    expected = np.array([0.5, 5.0, 0.0, np.nan])
    assert too_few(expected, expected).tolist() == [True, False, True, True]
