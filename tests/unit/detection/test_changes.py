"""Rises week by week: where they are found, and what must raise none."""

import numpy as np
import pytest

from casedesk.detection.changes import expected_cases, flagged_weeks, starts, view_week
from casedesk.detection.panel import monday_of, week_of, whole_weeks
from tests.unit.detection.panels import MONDAY, panel, steady, wavering


def rows_of(data, first=60, last=None):
    last = data.complete - 1 if last is None else last
    weeks = flagged_weeks(data, first, last)
    return {(flag.cause, flag.source, flag.week) for _, flags in weeks for flag in flags if not flag.under}


def test_a_rise_at_one_source_is_that_sources_in_its_first_week():
    counts, exposure = steady()
    counts[2, 1, 0, 80:84] += 20
    found = rows_of(panel(counts, exposure))
    assert {(2, 1, week) for week in (80, 81, 82, 83)} <= found
    assert not {flag for flag in found if flag[1] is None}


def test_a_cause_that_rises_everywhere_is_one_finding():
    counts, exposure = steady(sources=6)
    counts[1, :, 0, 80:84] += 8
    at_eighty = {flag for flag in rows_of(panel(counts, exposure)) if flag[2] == 80}
    assert at_eighty == {(1, None, 80)}


def test_a_whole_cause_is_judged_by_its_sum_where_each_source_is_thin():
    counts, exposure = steady(sources=10, rate=1.0)
    counts[0, :, 0, 80:84] += 1
    view = view_week(panel(counts, exposure), 81)
    assert view is not None
    assert starts(view).causes.tolist() == [True, False, False, False]


def test_expected_cases_of_a_steady_cell_are_its_rate_times_its_exposure():
    counts = np.full((1, 2, 1, 60), 6)
    exposure = np.full((2, 1, 60), 1000.0)
    counts[0, 1], exposure[1] = 3, 500.0
    expected = expected_cases(panel(counts, exposure), 59)
    assert expected.cell[0, 0, -1] == pytest.approx(6.0, rel=1e-3)
    assert expected.cell[0, 1, -1] == pytest.approx(3.0, rel=1e-3)
    assert expected.cause[0, -1] == pytest.approx(9.0, rel=1e-3)


def test_a_campaign_that_doubles_subscriptions_and_cases_raises_nothing():
    counts, exposure = wavering()
    exposure[1, :, 80:] *= 2
    counts[:, 1, :, 80:] *= 2
    assert not rows_of(panel(counts, exposure), first=78)


def test_the_same_cases_without_knowing_of_the_campaign_would_be_a_rise():
    counts, exposure = wavering()
    counts[:, 1, :, 80:] *= 2
    assert {flag for flag in rows_of(panel(counts, exposure), first=78) if flag[1] in (1, None)}


def test_missing_exposure_is_missing_not_zero():
    counts, exposure = steady()
    exposure[2, :, 70:86] = np.nan
    counts[1, 2, 0, 82] = 90
    found = rows_of(panel(counts, exposure))
    assert not {flag for flag in found if flag[1] == 2 and 70 <= flag[2] < 86}
    # The cause as a whole is compared without that source's cases, so it neither rises nor falls.
    assert (1, None, 82) not in found


def test_zero_exposure_with_cases_enters_no_rate():
    counts, exposure = steady()
    exposure[0, :, 80:] = 0.0
    counts[0, 0, 0, 80:] += 50
    assert not {
        flag for flag in rows_of(panel(counts, exposure), first=80) if flag[:2] in ((0, 0), (0, None))
    }


def test_a_week_that_is_not_over_is_not_judged():
    counts, exposure = steady(weeks=91)
    counts[..., 90] = 60
    data = panel(counts, exposure, complete=90)
    assert max(view.week for view, _ in flagged_weeks(data, 85, 95) if view) == 89
    with pytest.raises(ValueError, match="not over"):
        view_week(data, 90)


def test_an_incomplete_week_does_not_lower_what_is_expected_later():
    counts, exposure = steady()
    before = view_week(panel(counts, exposure), 80)
    counts[..., 81:] = 0
    after = view_week(panel(counts, exposure), 80)
    assert before is not None
    assert after is not None
    assert np.array_equal(before.cells.expected, after.cells.expected)


def test_half_a_year_of_history_is_needed():
    counts, exposure = steady(weeks=40)
    assert view_week(panel(counts, exposure), 29) is None
    assert view_week(panel(counts, exposure), 30) is not None


def test_weeks_without_any_exposure_are_no_history():
    counts, exposure = steady(weeks=90)
    exposure[:, :, 10:70] = np.nan
    assert view_week(panel(counts, exposure), 89) is None


def test_a_source_that_is_new_is_too_few_to_judge_and_not_a_rise():
    counts, exposure = steady()
    counts[:, 3, :, :82], exposure[3, :, :82] = 0, np.nan
    counts[0, 3, 0, 82:] = 40
    view = view_week(panel(counts, exposure), 84)
    assert view is not None
    assert view.few_cells[:, 3].all()
    assert np.isnan(view.cells.tail[:, :, 3]).all()


def test_a_source_that_stops_raises_nothing_in_the_others():
    counts, exposure = steady(seed=5)
    counts[:, 0, :, 80:], exposure[0, :, 80:] = 0, np.nan
    assert not rows_of(panel(counts, exposure), first=80)


def test_another_mix_of_products_is_no_rise():
    # Product 1 has five times the rate; source 0 moves from product 0 to product 1.
    exposure = np.full((3, 2, 90), 1000.0)
    exposure[0, 0, 80:], exposure[0, 1, 80:] = 200.0, 1800.0
    rate = np.array([0.003, 0.015])
    counts = np.rint(exposure[None] * rate[None, None, :, None] * np.ones((3, 1, 1, 1))).astype(np.int64)
    crude = counts[0, 0, :, 80].sum() / counts[0, 0, :, 79].sum()
    assert crude > 1.5
    assert not rows_of(panel(counts, exposure), first=80)


def test_an_import_of_old_cases_on_their_own_dates_raises_nothing_now():
    counts, exposure = steady(seed=1)
    counts[:, :, :, 20:50] += 6
    assert not rows_of(panel(counts, exposure), first=84)


def test_a_month_of_extra_cases_is_flagged_while_it_lasts_and_not_after():
    counts, exposure = steady(seed=7)
    counts[0, 0, 0, 78:82] += 20
    weeks = sorted(
        week for cause, source, week in rows_of(panel(counts, exposure)) if (cause, source) == (0, 0)
    )
    assert weeks[:4] == [78, 79, 80, 81]
    assert max(weeks) <= 82


def test_a_week_judged_alone_is_judged_as_within_a_longer_walk():
    counts, exposure = steady(seed=11)
    counts[1, 1, 0, 70:78] += 9
    data = panel(counts, exposure)
    whole = rows_of(data, first=50)
    for week in range(70, 82):
        assert {flag for flag in whole if flag[2] == week} == rows_of(data, first=week, last=week)


def test_the_past_alone_decides():
    counts, exposure = steady(seed=12)
    counts[1, 1, 0, 70:74] += 15
    seen_then = rows_of(panel(counts[..., :75], exposure[..., :75]), first=68)
    later = counts.copy()
    later[..., 75:] += 40
    assert rows_of(panel(later, exposure), first=68, last=74) == seen_then


def test_the_same_panel_gives_the_same_figures_twice():
    counts, exposure = steady(seed=13)
    one, two = (view_week(panel(counts, exposure), 88) for _ in range(2))
    assert one is not None
    assert two is not None
    assert np.array_equal(one.cells.tail, two.cells.tail, equal_nan=True)
    assert np.array_equal(one.causes.tail, two.causes.tail, equal_nan=True)


def test_no_case_at_all_is_too_few_and_no_finding():
    counts, exposure = steady()
    counts[:] = 0
    view = view_week(panel(counts, exposure), 88)
    assert view is not None
    assert view.few_causes.all()
    assert not starts(view).causes.any()
    assert not starts(view).cells.any()


def test_two_years_of_history_are_read_for_a_season():
    weeks = 150
    season = 1 + 0.5 * np.sin(2 * np.pi * np.arange(weeks) / 52.18)
    counts = np.random.default_rng(8).poisson(20 * season * np.ones((2, 3, 1, 1)))
    exposure = np.full((3, 1, weeks), 1000.0)
    expected = expected_cases(panel(counts, exposure), weeks - 1)
    assert expected.cause[0, -1] == pytest.approx(60 * season[-1], rel=0.1)


def test_weeks_are_counted_through_a_year_of_53_weeks():
    # 2020 had 53 ISO weeks; 2020-12-28 began the last and 2021-01-04 the next year's first.
    days = np.array([18_624, 18_630, 18_631])  # 2020-12-28, 2021-01-03, 2021-01-04
    assert week_of(days, 18_624).tolist() == [0, 0, 1]
    assert monday_of(18_630) == 18_624


def test_a_week_is_over_when_its_sunday_is():
    assert whole_weeks(MONDAY, 5, MONDAY + 6) == 0
    assert whole_weeks(MONDAY, 5, MONDAY + 7) == 1
    assert whole_weeks(MONDAY, 5, MONDAY + 700) == 5
    assert whole_weeks(MONDAY, 5, MONDAY - 3) == 0
