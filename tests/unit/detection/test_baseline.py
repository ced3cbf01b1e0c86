"""The log-linear baseline against statsmodels on the same model, and what past outbreaks and seasons do to it."""

import numpy as np
import pytest
import statsmodels.api as sm

from casedesk.detection.baseline import YEAR_IN_WEEKS, anscombe, design_matrix, fit, fit_baseline


def _rows(seed: int = 1, weeks: int = 156):
    rng = np.random.default_rng(seed)
    design, _ = design_matrix(weeks, seasonal=True, harmonics=2)
    exposure = rng.uniform(500, 2000, (3, weeks))
    beta = np.array(
        [[-6.0, 0.4, 0.2, -0.1, 0.0, 0.1], [-4.0, -0.3, 0.0, 0.3, 0.1, 0.0], [-7.5, 0, 0, 0, 0, 0]]
    )
    return rng.poisson(exposure * np.exp(beta @ design.T)).astype(float), exposure, design


def test_the_fit_is_that_of_a_weighted_poisson_regression():
    counts, exposure, design = _rows()
    weights = np.random.default_rng(2).uniform(0.2, 1.0, counts.shape)
    beta, covariance, mean = fit(
        counts, exposure, design, weights=weights, ridge=np.full(6, 1e-12), rounds=25
    )
    for row in range(3):
        model = sm.GLM(
            counts[row],
            design,
            family=sm.families.Poisson(),
            offset=np.log(exposure[row]),
            freq_weights=weights[row],
        ).fit()
        assert beta[row] == pytest.approx(model.params, abs=1e-6)
        assert mean[row] == pytest.approx(model.fittedvalues, rel=1e-6)
        assert covariance[row] == pytest.approx(model.cov_params(), abs=1e-6)


def test_the_dispersion_is_pearsons_where_no_week_stands_out():
    counts, exposure, design = _rows(seed=3)
    baseline = fit_baseline(counts, exposure, design, np.full(6, 1e-9), memory=np.ones(156), rounds=1)
    for row in range(3):
        model = sm.GLM(counts[row], design, family=sm.families.Poisson(), offset=np.log(exposure[row])).fit()
        # Means below .05 are counted as .05, so the rarest row is a little lower.
        assert baseline.dispersion[row] == pytest.approx(
            max(model.pearson_chi2 / model.df_resid, 1.0), rel=0.02
        )


def test_a_level_alone_is_cases_over_exposure():
    counts, exposure = np.array([[3.0, 5.0, 4.0]]), np.array([[100.0, 200.0, 100.0]])
    design, ridge = design_matrix(3, seasonal=False)
    beta, _, _ = fit(counts, exposure, design, weights=np.ones((1, 3)), ridge=ridge)
    assert np.exp(beta[0, 0]) == pytest.approx(12 / 400, rel=1e-3)


def test_a_past_outbreak_hardly_lifts_the_baseline():
    counts = np.full((1, 60), 10.0)
    counts[0, ::2] += 2
    with_outbreak = counts.copy()
    with_outbreak[0, 20:24] += 60
    design, ridge = design_matrix(60, seasonal=False)
    plain, lifted = (
        fit_baseline(rows, np.ones((1, 60)), design, ridge, memory=np.ones(60), rounds=3)
        for rows in (counts, with_outbreak)
    )
    averaged = with_outbreak.mean() / counts.mean()
    assert np.exp(lifted.beta[0, 0] - plain.beta[0, 0]) - 1 < (averaged - 1) / 3


def test_a_week_of_unknown_exposure_does_not_count_as_a_week_without_cases():
    counts = np.full((1, 40), 8.0)
    exposure = np.full((1, 40), 100.0)
    counts[0, 10:20], exposure[0, 10:20] = 0.0, 0.0
    design, ridge = design_matrix(40, seasonal=False)
    baseline = fit_baseline(counts, exposure, design, ridge, memory=np.ones(40))
    assert baseline.rate(design)[0, 0] == pytest.approx(0.08, rel=1e-3)


def test_fading_memory_follows_the_newer_level():
    counts = np.concatenate([np.full(60, 10.0), np.full(20, 20.0)])[None]
    design, ridge = design_matrix(80, seasonal=False)
    memory = np.exp2(-np.arange(80)[::-1] / 10)
    baseline = fit_baseline(counts, np.ones((1, 80)), design, ridge, memory=memory)
    assert baseline.rate(design)[0, 0] > 16


def test_seasons_return_by_the_day_of_the_year_in_years_of_53_weeks_too():
    weeks = 7 * 53
    design, _ = design_matrix(weeks, seasonal=True)
    cosine = design[:, 2]
    tops = [week for week in range(1, weeks - 1) if cosine[week] >= max(cosine[week - 1], cosine[week + 1])]
    # Six years on, the top lies 6 x 52.18 weeks on: 313, one week more than six years of 52.
    assert tops[5] - tops[0] == round(5 * YEAR_IN_WEEKS)
    assert tops[6] == round(7 * YEAR_IN_WEEKS) or tops[5] == round(6 * YEAR_IN_WEEKS)


def test_residuals_are_about_standard_normal_for_overdispersed_counts():
    rng = np.random.default_rng(5)
    mean, dispersion = 20.0, 3.0
    counts = rng.poisson(rng.gamma(mean / (dispersion - 1), dispersion - 1, (1, 40_000))).astype(float)
    residual = anscombe(counts, np.full_like(counts, mean), np.array([dispersion]))
    assert residual.std() == pytest.approx(1.0, abs=0.05)
    assert abs(residual.mean()) < 0.15


def test_the_same_rows_give_the_same_fit_alone_or_together():
    counts, exposure, design = _rows()
    ridge = np.full(6, 1.0)
    together = fit_baseline(counts, exposure, design, ridge, memory=np.ones(156))
    alone = fit_baseline(counts[1:2], exposure[1:2], design, ridge, memory=np.ones(156))
    assert alone.beta[0] == pytest.approx(together.beta[1], abs=1e-7)
    assert alone.dispersion[0] == pytest.approx(together.dispersion[1], rel=1e-6)
