"""The two clocks, charge and case: hazards by hand, delays from cohorts that are still young."""

import numpy as np
import pytest

from casedesk.detection.delay import (
    arrived_share,
    cohort_rates,
    exposure_due,
    hazard_since_purchase,
    share_by_delay,
)


def test_the_hazard_divides_by_the_purchases_that_have_reached_the_day():
    # Ten purchases on each of four days; on the third day since purchase only the first ten have been.
    hazard = hazard_since_purchase(np.array([0, 0, 1, 3]), np.full(4, 10.0), days=6)
    assert hazard.at_risk.tolist() == [40, 30, 20, 10, 0, 0]
    assert hazard.rate[:4] == pytest.approx([2 / 40, 1 / 30, 0, 1 / 10])
    assert np.isnan(hazard.rate[4:]).all()
    assert hazard.low[0] < 2 / 40 < hazard.high[0]


def test_a_case_of_unknown_purchase_is_not_a_case_of_day_zero():
    hazard = hazard_since_purchase(np.array([-1, 2]), np.full(5, 10.0), days=5)
    assert hazard.cases.tolist() == [0, 0, 1, 0, 0]


def test_delays_of_complete_cohorts_are_their_distribution():
    delay = np.array([0, 0, 1, 1, 1, 2, 3, 3])
    arrived = arrived_share(delay, np.full(8, 30), days=5)
    assert arrived == pytest.approx([2 / 8, 5 / 8, 6 / 8, 1.0, 1.0])


def test_young_cohorts_do_not_make_the_delay_look_short():
    # Half of the cases come at once, half after ten days; every second cohort is five days old.
    rng = np.random.default_rng(1)
    charges = 4000
    late = rng.random(charges) < 0.5
    delay, horizon = np.where(late, 10, 0), np.where(np.arange(charges) % 2, 5, 40)
    seen = delay <= horizon
    arrived = arrived_share(delay[seen], horizon[seen], days=15)
    naive = (delay[seen] == 0).mean()
    assert naive > 0.6
    assert arrived[0] == pytest.approx(0.5, abs=0.03)


def test_a_young_cohort_is_corrected_or_held_back_and_never_called_innocent():
    arrived = np.array([0.1, 0.5, 0.8, 1.0])
    cohorts = cohort_rates(
        cases=np.array([10.0, 8.0, 1.0]),
        purchases=np.array([100.0, 100.0, 100.0]),
        age=np.array([9, 2, 0]),
        arrived=arrived,
    )
    assert cohorts.rate[:2] == pytest.approx([0.1, 0.1])
    assert cohorts.held_back.tolist() == [False, False, True]
    assert np.isnan(cohorts.rate[2])
    assert cohorts.high[1] - cohorts.low[1] > cohorts.high[0] - cohorts.low[0] - 0.05


def test_a_cohort_of_the_future_or_without_purchases_is_held_back():
    cohorts = cohort_rates(
        np.array([0.0, 3.0]), np.array([50.0, 0.0]), np.array([-2, 5]), np.array([0.5, 1.0])
    )
    assert cohorts.held_back.all()


def test_no_case_leaves_every_share_at_one():
    assert arrived_share(np.array([], dtype=int), np.array([], dtype=int), days=4).tolist() == [1, 1, 1, 1]


def test_cases_of_unknown_charge_are_taken_to_be_about_their_own_week():
    share = share_by_delay(np.array([0, 1, 1, 2]), np.full(4, 9), 4, lags=4)
    assert share == pytest.approx([0.5 + 0.125, 0.25, 0.125, 0.0])
    assert share_by_delay(np.array([], dtype=int), np.array([], dtype=int), 3, lags=3).tolist() == [1, 0, 0]


def test_a_week_is_held_against_the_exposure_of_the_weeks_its_cases_are_about():
    # Half of the cases come at once, half a week later: worked by hand.
    shares = np.tile([0.5, 0.5], (4, 1))
    due = exposure_due(np.array([[100.0, 300.0, 100.0, 100.0]]), shares, complete=True)
    assert due[0].tolist() == [50.0, 200.0, 200.0, 100.0]  # nothing was sold before
    launched = exposure_due(np.array([[np.nan, 300.0, 100.0, 100.0]]), shares, complete=True)
    assert launched[0, 1:].tolist() == [150.0, 200.0, 100.0]
    assert np.isnan(launched[0, 0])


def test_what_most_cases_are_about_is_unknown_so_the_week_is_held_back():
    shares = np.tile([0.2, 0.4, 0.4], (5, 1))
    due = exposure_due(np.array([[10.0, 10.0, np.nan, 10.0, 10.0]]), shares, complete=False)
    # Week 0 knows a fifth of it, week 1 three fifths; week 2 is unknown itself; 3 and 4 know 0.6.
    assert np.isnan(due[0]).tolist() == [True, False, True, False, False]
    assert due[0, [1, 3, 4]] == pytest.approx([10.0, 10.0, 10.0])


def test_an_exposure_without_delay_stays_as_it_is():
    exposure = np.array([[5.0, np.nan, 7.0, 0.0]])
    due = exposure_due(exposure, np.tile([1.0, 0.0], (4, 1)), complete=False)
    assert np.array_equal(due, exposure, equal_nan=True)
