"""The effect of a change: against statsmodels on the same model, by hand, and by simulation."""

import numpy as np
import pytest
import statsmodels.api as sm

from casedesk.detection.effect import step_effect


def _weeks(before: int, after: int) -> np.ndarray:
    return np.arange(before + after) >= before


@pytest.mark.parametrize(("before", "after"), [(8, 8), (30, 28)])
def test_it_is_the_quasi_poisson_model_of_statsmodels(before: int, after: int) -> None:
    rng = np.random.default_rng(before)
    since = _weeks(before, after)
    expected = rng.uniform(3, 12, since.size)
    observed = rng.negative_binomial(4, 4 / (4 + expected * np.where(since, 0.8, 2.0))).astype(float)
    found = step_effect(observed, expected, since)
    assert found is not None
    columns = [np.ones(since.size), since.astype(float)]
    if min(before, after) >= 26:
        columns.append(np.arange(since.size, dtype=float))
    model = sm.GLM(
        observed, np.column_stack(columns), family=sm.families.Poisson(), offset=np.log(expected)
    ).fit(scale="X2")
    low, high = np.exp(model.conf_int()[1])
    assert found.change == pytest.approx(np.exp(model.params[1]), rel=1e-6)
    # the interval is Student's, a little wider than the normal one of statsmodels
    assert found.low < low < found.change < high < found.high
    reach, normal = np.log(found.high / found.change), np.log(high / found.change)
    assert 1.0 < reach / normal < 1.12


def test_a_small_case_by_hand() -> None:
    found = step_effect(np.array([8.0, 8, 8, 2, 2, 2]), np.full(6, 4.0), _weeks(3, 3))
    assert found is not None
    assert (found.before, found.after, found.weeks_before, found.weeks_after) == (2.0, 0.5, 3, 3)
    assert found.change == pytest.approx(0.25)
    assert found.high == pytest.approx(0.25 * np.exp(2.7764 * np.sqrt(1 / 24 + 1 / 6)), rel=1e-3)


def test_two_weeks_say_nothing() -> None:
    assert step_effect(np.ones(10), np.ones(10), _weeks(8, 2)) is None


def test_a_side_without_a_case_has_an_interval() -> None:
    found = step_effect(np.array([6.0, 5, 7, 0, 0, 0, 0]), np.full(7, 3.0), _weeks(3, 4))
    assert found is not None
    assert found.after == 0
    assert 0 < found.low < found.change < found.high < 1


def test_weeks_without_exposure_are_left_out() -> None:
    expected = np.array([4.0, 4, 4, 0, 4, 4, 4])
    found = step_effect(np.array([4.0, 4, 4, 9, 4, 4, 4]), expected, _weeks(4, 3))
    assert found is not None
    assert (found.weeks_before, found.weeks_after, found.change) == (3, 3, pytest.approx(1.0))


def test_a_source_that_doubles_its_subscriptions_is_no_effect() -> None:
    since = _weeks(12, 12)
    expected = np.where(since, 10.0, 5.0)
    found = step_effect(expected.copy(), expected, since)
    assert found is not None
    assert found.change == pytest.approx(1.0)


@pytest.mark.parametrize(("true", "shape"), [(1.0, None), (0.5, None), (0.5, 5.0), (1.0, 5.0)])
def test_the_interval_holds_the_truth_as_often_as_it_says(true: float, shape: float | None) -> None:
    """600 simulated actions each, weekly mean 6, eight weeks a side; Poisson and over-dispersed by a gamma shock."""
    rng = np.random.default_rng(11)
    since = _weeks(8, 8)
    expected = np.full(since.size, 3.0)
    held = 0
    for _ in range(600):
        mean = expected * np.where(since, 2.0 * true, 2.0)
        if shape:
            mean = mean * rng.gamma(shape, 1 / shape, since.size)
        found = step_effect(rng.poisson(mean), expected, since)
        assert found is not None
        held += found.low <= true <= found.high
    assert 0.93 <= held / 600 <= 0.985
