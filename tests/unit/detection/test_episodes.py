"""Episodes: flagged weeks that follow each other, and their figures."""

import numpy as np
import pytest

from casedesk.detection.changes import flagged_weeks
from casedesk.detection.episodes import episodes, share_of_excess
from tests.unit.detection.panels import panel, steady, wavering


def walked(counts, exposure, first=60):
    data = panel(counts, exposure)
    return list(flagged_weeks(data, first, data.complete - 1))


def raised():
    counts, exposure = steady(seed=21)
    counts[2, 1, 0, 74:78] = [18, 30, 26, 20]
    return counts, exposure


def test_weeks_that_follow_each_other_are_one_episode_with_start_peak_and_end():
    counts, exposure = raised()
    (one,) = [e for e in episodes(walked(counts, exposure)) if (e.cause, e.source) == (2, 1)]
    assert (one.first, one.peak.week, one.last) == (74, 75, 77)
    assert one.ended
    assert [week.observed for week in one.weeks] == [18, 30, 26, 20]


def test_an_episode_counts_its_excess_and_its_ratio():
    counts, exposure = raised()
    (one,) = [e for e in episodes(walked(counts, exposure)) if (e.cause, e.source) == (2, 1)]
    assert one.observed == 94
    assert one.expected == pytest.approx(24, rel=0.15)
    assert one.excess == pytest.approx(94 - one.expected)
    ratio, low, high = one.ratio
    assert low < ratio < high
    assert ratio == pytest.approx(94 / one.expected)
    assert one.weeks[0].low <= one.weeks[0].expected <= one.weeks[0].high
    assert one.weeks[0].at_risk == 1000


def test_an_episode_that_is_still_high_has_not_ended():
    counts, exposure = steady(seed=22)
    counts[0, 0, 0, -3:] += 25
    (one,) = [e for e in episodes(walked(counts, exposure)) if (e.cause, e.source) == (0, 0)]
    assert not one.ended


def test_two_rises_months_apart_are_two_episodes():
    counts, exposure = wavering(weeks=110)
    counts[0, 0, 0, 70:72] += 25
    counts[0, 0, 0, 95:97] += 25
    found = [e.first for e in episodes(walked(counts, exposure)) if (e.cause, e.source) == (0, 0)]
    assert found == [70, 95]


def test_week_by_week_and_from_scratch_give_the_same_episodes():
    counts, exposure = raised()
    data = panel(counts, exposure)
    stepwise = [pair for week in range(60, 90) for pair in flagged_weeks(data, week, week)]
    one, two = episodes(stepwise), episodes(walked(counts, exposure))
    assert [(e.cause, e.source, e.weeks, e.ended) for e in one] == [
        (e.cause, e.source, e.weeks, e.ended) for e in two
    ]


def test_the_sources_under_a_cause_are_named():
    counts, exposure = steady(sources=5, seed=24)
    counts[1, :4, 0, 80:83] += 9
    (one,) = [e for e in episodes(walked(counts, exposure)) if (e.cause, e.source) == (1, None)]
    assert set(one.other_sources_rise()) == {0, 1, 2, 3}


def test_other_sources_are_as_usual_where_one_rises():
    counts, exposure = raised()
    (one,) = [e for e in episodes(walked(counts, exposure)) if (e.cause, e.source) == (2, 1)]
    assert one.other_sources_rise() == ()


def test_no_week_no_episode():
    assert episodes([(None, [])]) == []


def test_the_money_of_the_excess_is_its_share():
    assert share_of_excess(2_050_00, 41, 27.0) == 1_350_00
    assert share_of_excess(0, 0, 0.0) == 0
    assert np.isfinite(share_of_excess(999, 3, 1.4))
