"""The two clocks, charge and case: hazards by hand, delays from cohorts that are still young."""

import numpy as np
import pytest

from casedesk.detection.delay import arrived_share, cohort_rates, hazard_since_purchase


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
