"""Sources that dispute a cause more than the others: by hand, by mix, by size, by chance."""

import numpy as np
import pytest

from casedesk.detection.causes import crude_ratio, elevated_cells, expected_from_others, spread_between
from tests.unit.detection.panels import panel, steady


def test_expected_cases_come_from_the_other_sources_by_hand():
    cases = np.array([[[30.0, 8.0], [10.0, 4.0], [20.0, 12.0]]])
    exposure = np.array([[100.0, 50.0], [200.0, 100.0], [200.0, 60.0]])
    expected, error = expected_from_others(cases, exposure, np.zeros((1, 3), dtype=bool))
    assert expected[0, 0] == pytest.approx(100 * 30 / 400 + 50 * 16 / 160)
    assert error[0, 0] == pytest.approx(
        (100**2 * (30 / 400) / 400 + 50**2 * (16 / 160) / 160) / expected[0, 0] ** 2
    )


def test_a_suspicious_cell_lends_no_rate():
    cases = np.array([[[30.0], [10.0], [90.0]]])
    exposure = np.array([[100.0], [200.0], [200.0]])
    left_out = np.array([[False, False, True]])
    expected, _ = expected_from_others(cases, exposure, left_out)
    assert expected[0, 0] == pytest.approx(100 * 10 / 200)
    assert expected[0, 2] == pytest.approx(200 * 40 / 300)


def test_a_product_that_only_one_source_sells_takes_the_rate_of_the_others():
    cases = np.array([[[5.0, 9.0], [20.0, 0.0]]])
    exposure = np.array([[100.0, 100.0], [400.0, 0.0]])
    expected, _ = expected_from_others(cases, exposure, np.zeros((1, 2), dtype=bool))
    assert expected[0, 0] == pytest.approx(200 * 20 / 400)


def test_a_source_alone_has_nothing_to_be_compared_with():
    counts, exposure = steady(sources=1)
    cells = elevated_cells(panel(counts, exposure))
    assert not cells.found.any()
    assert cells.few.all()
    assert np.isnan(cells.ratio).all()


def test_three_times_the_rate_is_found_and_ranked():
    counts, exposure = steady(rate=2.0)
    counts[1, 2] *= 3
    cells = elevated_cells(panel(counts, exposure))
    assert np.argwhere(cells.found).tolist() == [[1, 2]]
    assert cells.low[1, 2] > 2
    assert np.unravel_index(np.argmax(cells.shrunken), (4, 4)) == (1, 2)


def test_a_million_cases_do_not_make_every_trifle_a_finding():
    counts, exposure = steady(rate=700.0)
    counts[0, 0] = counts[0, 0] * 12 // 10
    cells = elevated_cells(panel(counts, exposure))
    assert cells.low[0, 0] > 1.1
    assert not cells.found.any()


def test_the_mix_of_products_is_not_held_against_a_source():
    # Product 1 is disputed eight times as often; source 0 sells mostly that.
    exposure = np.ones((3, 2, 60)) * np.array([[200.0, 1800.0], [1800.0, 200.0], [1500.0, 500.0]])[:, :, None]
    counts = np.random.default_rng(1).poisson(exposure[None] * np.array([0.002, 0.016])[None, None, :, None])
    cells = elevated_cells(panel(counts, exposure))
    assert cells.crude[0, 0] > 2
    assert cells.ratio[0, 0] == pytest.approx(1.0, abs=0.25)
    assert not cells.found.any()


def test_weeks_of_unknown_exposure_take_their_cases_with_them():
    counts, exposure = steady()
    exposure[1, :, :40] = np.nan
    counts[0, 1, 0, :40] = 60
    cells = elevated_cells(panel(counts, exposure))
    assert not cells.found.any()
    assert cells.observed[0, 1] == counts[0, 1, 0, 40:].sum()


def test_a_week_that_is_not_over_does_not_count():
    counts, exposure = steady()
    counts[..., -1] = 500
    cells = elevated_cells(panel(counts, exposure, complete=89))
    assert cells.observed[0, 0] == counts[0, 0, 0, :89].sum()


def test_two_cases_are_too_few_to_judge():
    counts, exposure = steady(rate=0.004, seed=4)
    cells = elevated_cells(panel(counts, exposure))
    assert cells.few.all()
    assert not cells.found.any()


def test_the_crude_ratio_by_hand():
    observed = np.array([[30.0, 10.0]])
    exposure = np.array([[100.0, 50.0], [250.0, 50.0]])
    assert crude_ratio(observed, exposure)[0, 0] == pytest.approx((30 / 150) / (10 / 300))


def test_cells_that_differ_by_nature_widen_what_is_usual():
    rng = np.random.default_rng(6)
    expected = np.full((20, 12), 300.0)
    truly = rng.gamma(25.0, 0.04, expected.shape)
    usual = np.ones(expected.shape, dtype=bool)
    spread = spread_between(
        rng.poisson(expected * truly).astype(float), expected, np.zeros_like(expected), usual
    )
    assert spread == pytest.approx(0.04, rel=0.3)
    alike = spread_between(rng.poisson(expected).astype(float), expected, np.zeros_like(expected), usual)
    assert alike == 0.005
