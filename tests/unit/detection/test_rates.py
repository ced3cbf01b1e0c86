"""Intervals, shrinking and stratified expectations, by hand and against statsmodels."""

import numpy as np
import pytest
from statsmodels.stats.rates import confint_poisson

from casedesk.detection.rates import levels_and_rates, ratio_interval, shrunken_ratio, usual_level


@pytest.mark.parametrize("observed", [1, 5, 41, 1200])
def test_the_exact_interval_is_that_of_another_implementation(observed):
    low, high = ratio_interval(np.array([observed]), np.array([14.0]))
    assert (low[0] * 14, high[0] * 14) == pytest.approx(confint_poisson(observed, 1, method="exact-c"))


def test_forty_one_where_fourteen_are_usual_is_two_point_one_to_four_times():
    low, high = ratio_interval(np.array([41]), np.array([14.0]))
    assert (round(low[0], 1), round(high[0], 1)) == (2.1, 4.0)


def test_no_case_has_an_interval_from_zero():
    low, high = ratio_interval(np.array([0]), np.array([2.0]))
    assert low[0] == 0
    assert high[0] == pytest.approx(3.689 / 2, abs=1e-3)


def test_shrinking_by_hand():
    # With a variance of .25 between rows, a row's own cases weigh against four expected ones.
    assert shrunken_ratio(np.array([6.0]), np.array([1.0]), 0.25)[0] == pytest.approx((6 + 4) / (1 + 4))


def test_a_level_stays_near_one_on_little_and_goes_where_many_cases_are():
    level, variance = usual_level(np.array([2.0, 400.0, 105.0]), np.array([1.0, 100.0, 100.0]))
    assert level[0] < 1.3
    assert level[1] == pytest.approx(4.0, rel=0.02)
    assert 1.0 < level[2] < 1.05
    assert variance[0] > variance[1] / 16  # relative to its square the thin row is the less certain


def test_a_source_that_sells_the_disputed_product_is_not_thereby_guilty():
    # Product B has ten times the rate of A; source 1 sells mostly B. No source has a level of its own.
    exposure = np.array([[9000.0, 1000.0], [1000.0, 9000.0], [5000.0, 5000.0]])
    cases = (exposure * np.array([0.001, 0.01]))[None]
    level, _, rates = levels_and_rates(cases, exposure)
    assert np.allclose(level, 1.0, atol=0.02)
    assert rates[0] == pytest.approx([0.001, 0.01], rel=0.02)
