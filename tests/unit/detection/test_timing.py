"""Clusters in time: located, compared with the other causes, and told from a single event."""

from datetime import date

import numpy as np
import pytest
from scipy.stats import binom

from casedesk.detection import timing
from casedesk.detection.timing import (
    DAY_OF_MONTH,
    DAY_OF_WEEK,
    DAYS_SINCE_PURCHASE,
    clusters_held,
    comes_back,
    day_of_month,
    most_clustered,
    table,
    turn_of,
    weekday,
)

EPOCH = date(1970, 1, 1).toordinal()


def day(text):
    return date.fromisoformat(text).toordinal() - EPOCH


def counts_with(extra, clock=DAY_OF_WEEK, causes=6, each=40, seed=0):
    counts = np.random.default_rng(seed).poisson(each, (causes, clock.bins)).astype(float)
    for (cause, low, high), more in extra.items():
        counts[cause, low : high + 1] += more
    return counts


def test_a_cause_that_comes_on_mondays_is_located_there():
    (one,) = clusters_held(most_clustered(counts_with({(2, 0, 0): 60}), DAY_OF_WEEK))
    assert (one.cause, one.low, one.high) == (2, 0, 0)
    assert one.ratio > 1.8


def test_days_of_the_month_are_counted_from_one():
    counts = counts_with({(1, 14, 15): 60}, DAY_OF_MONTH)
    (one,) = clusters_held(most_clustered(counts, DAY_OF_MONTH))
    assert (one.low, one.high) == (15, 16)


def test_four_days_after_a_month_since_purchase_are_one_window():
    counts = counts_with({(3, 30, 33): 20}, DAYS_SINCE_PURCHASE, each=6)
    (one,) = clusters_held(most_clustered(counts, DAYS_SINCE_PURCHASE))
    assert one.cause == 3
    assert 28 <= one.low <= 31
    assert 32 <= one.high <= 35


def test_the_whole_window_is_located_where_tails_are_too_small_for_a_number():
    counts = counts_with({(3, 30, 33): 40_000}, DAYS_SINCE_PURCHASE, each=10_000)
    (one,) = clusters_held(most_clustered(counts, DAYS_SINCE_PURCHASE))
    assert (one.low, one.high) == (30, 33)


def test_a_weekend_that_all_causes_share_is_no_finding():
    counts = counts_with({(cause, 5, 6): 80 for cause in range(6)})
    assert clusters_held(most_clustered(counts, DAY_OF_WEEK)) == []


def test_a_cause_as_large_as_all_others_is_compared_with_them_not_with_itself():
    counts = counts_with({})
    counts[0] = 200
    counts[0, 4] = 420
    (one,) = clusters_held(most_clustered(counts, DAY_OF_WEEK))
    assert (one.cause, one.low, one.high) == (0, 4, 4)


def test_the_tail_is_the_conditional_binomial_test_where_others_are_few():
    # One bin against the rest, two causes: 12 of 20 here, 10 of 40 there, no shock between bins.
    counts = np.array([[12.0, 8.0], [10.0, 30.0]])
    clock = timing.Clock("two", 2, 0, (1,), 1.0)
    (one, _) = most_clustered(counts, clock)
    assert one is not None
    # 8 outside against 30 outside: a case in the bin is the first cause's with odds 8 to 30.
    exact = binom.sf(11, 22, 8 / 38)
    assert one.surprise > exact  # the share of the outside is itself uncertain
    assert one.surprise < 100 * exact
    assert one.surprise < 0.05


def test_one_cause_alone_has_nothing_to_be_compared_with():
    counts = counts_with({(0, 2, 2): 100}, causes=1)
    assert clusters_held(most_clustered(counts, DAY_OF_WEEK)) == []


def test_a_cause_with_four_cases_says_nothing():
    counts = counts_with({})
    counts[5] = 0
    counts[5, 1] = 4
    assert most_clustered(counts, DAY_OF_WEEK)[5] is None


def test_no_case_no_cluster():
    assert most_clustered(np.zeros((3, 7)), DAY_OF_WEEK) == [None, None, None]


def test_an_outage_on_one_day_is_an_event_and_not_a_rhythm():
    days = np.repeat(np.arange(day("2024-01-01"), day("2024-07-01")), 4)
    cause = np.tile([0, 1, 2, 3], days.size // 4)
    lump = np.full(150, day("2024-03-15"))
    days, cause = np.concatenate([days, lump]), np.concatenate([cause, np.zeros(150, dtype=int)])
    bins = day_of_month(days)
    found = clusters_held(most_clustered(table(cause, bins, 4, 31), DAY_OF_MONTH))
    assert [(one.cause, one.low) for one in found] == [(0, 15)]
    assert not comes_back(found[0], cause, bins, turn_of(DAY_OF_MONTH, days))


def test_a_rhythm_comes_back_every_month():
    days = np.repeat(np.arange(day("2024-01-01"), day("2024-12-31")), 4)
    cause = np.tile([0, 1, 2, 3], days.size // 4)
    extra = np.repeat([day(f"2024-{month:02}-05") for month in range(1, 13)], 6)
    days, cause = np.concatenate([days, extra]), np.concatenate([cause, np.zeros(extra.size, dtype=int)])
    bins = day_of_month(days)
    (one,) = clusters_held(most_clustered(table(cause, bins, 4, 31), DAY_OF_MONTH))
    assert (one.low, one.high) == (5, 5)
    assert comes_back(one, cause, bins, turn_of(DAY_OF_MONTH, days))


def test_six_weeks_hold_no_rhythm_of_months():
    days = np.arange(day("2024-01-01"), day("2024-02-12"))
    cluster = timing.Cluster(0, DAY_OF_MONTH, 5, 5, 40.0, 4.0, 1e-9)
    bins = day_of_month(days)
    assert not comes_back(cluster, np.zeros(days.size, dtype=int), bins, turn_of(DAY_OF_MONTH, days))


def test_days_are_those_of_the_calendar_in_leap_years_too():
    days = np.array([day("2024-02-29"), day("2024-12-31"), day("1969-12-31")])
    assert day_of_month(days).tolist() == [28, 30, 30]
    assert weekday(days).tolist() == [3, 1, 2]


def test_turns_are_weeks_months_or_days():
    days = np.array([day("2024-01-07"), day("2024-01-08"), day("2024-02-01")])
    assert np.diff(turn_of(DAY_OF_WEEK, days)).tolist() == [1, 3]
    assert np.diff(turn_of(DAY_OF_MONTH, days)).tolist() == [0, 1]
    assert turn_of(DAYS_SINCE_PURCHASE, days).tolist() == days.tolist()


def test_unknown_bins_are_left_out_of_the_table():
    counted = table(np.array([0, 0, 1]), np.array([-1, 3, 200]), 2, 121)
    assert counted.sum() == 1
    assert counted[0, 3] == 1


def test_the_search_is_paid_for():
    counts = counts_with({(2, 0, 0): 30})
    cheap = timing.Clock("day_of_week", 7, 0, (1, 2), 1.0)
    one, dear = most_clustered(counts, cheap)[2], most_clustered(counts, DAY_OF_WEEK)[2]
    assert one is not None
    assert dear is not None
    assert dear.surprise == pytest.approx(1 - (1 - one.surprise) ** 12, rel=1e-6)
