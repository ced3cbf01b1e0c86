"""What is odd about the data is said, once, and in its own words."""

import numpy as np

from casedesk.detection.changes import view_week
from casedesk.detection.quality import (
    Relabelled,
    Uncovered,
    Vanished,
    cases_without_exposure,
    exposure_gaps,
    relabelled,
    stamped_together,
    vanished_sources,
)
from tests.unit.detection.panels import panel, wavering


def test_a_gap_in_exposure_is_named_with_its_weeks():
    counts, exposure = wavering()
    exposure[1, :, [20, 21, 40]] = np.nan
    (gap,) = exposure_gaps(panel(counts, exposure))
    assert (gap.source, gap.weeks) == (1, (20, 21, 40))


def test_a_source_that_starts_late_has_no_gap():
    counts, exposure = wavering()
    exposure[1, :, :30] = np.nan
    assert exposure_gaps(panel(counts, exposure)) == []


def test_cases_where_exposure_is_zero_or_missing_are_told_apart():
    counts, exposure = wavering()
    counts[:, :2] = 0
    exposure[0, :, 10:12], exposure[1, :, 50] = 0.0, np.nan
    counts[0, 0, 0, 10:12], counts[2, 1, 0, 50] = 4, 3
    assert cases_without_exposure(panel(counts, exposure)) == [
        Uncovered(source=0, cases=8, weeks=2, zero=True),
        Uncovered(source=1, cases=3, weeks=1, zero=False),
    ]


def test_a_source_whose_exposure_stops_has_vanished():
    counts, exposure = wavering()
    exposure[2, :, 80:] = np.nan
    assert vanished_sources(panel(counts, exposure)) == [Vanished(2, 79, exposure=True)]


def test_a_source_whose_cases_stop_while_it_sells_on_has_lost_its_feed():
    counts, exposure = wavering()
    counts[:, 3, :, 85:] = 0
    assert vanished_sources(panel(counts, exposure)) == [Vanished(3, 84, exposure=False)]


def test_a_small_source_without_a_case_this_month_has_not_vanished():
    counts, exposure = wavering()
    counts[:, 3] = 0
    counts[0, 3, 0, ::9] = 1
    assert vanished_sources(panel(counts, exposure)) == []


def test_a_fall_as_large_as_a_rise_asks_for_relabelling():
    counts, exposure = wavering()
    counts[1, :, :, 80:] += counts[2, :, :, 80:]
    counts[2, :, :, 80:] = 0
    view = view_week(panel(counts, exposure), 81)
    assert view is not None
    assert relabelled(view, 1, None) == [Relabelled(1, 2, None)]
    assert relabelled(view, 1, 0) == [Relabelled(1, 2, 0)]


def test_a_rise_without_a_fall_is_no_relabelling():
    counts, exposure = wavering()
    counts[1, :, :, 80:] += 8
    view = view_week(panel(counts, exposure), 81)
    assert view is not None
    assert relabelled(view, 1, None) == []


def test_an_import_stamped_with_one_instant_is_seen():
    opened = np.concatenate([np.arange(500) * 977, np.full(120, 300_000)])
    stamped = stamped_together(opened)
    assert stamped.sum() == 120
    assert stamped[500:].all()


def test_cases_dated_by_day_alone_are_no_import():
    opened = np.repeat(np.arange(60) * 86_400, 70)
    assert not stamped_together(opened).any()


def test_an_outage_in_a_file_that_knows_days_only_is_no_import():
    opened = np.concatenate([np.repeat(np.arange(60) * 86_400, 2), np.full(90, 30 * 86_400)])
    assert not stamped_together(opened).any()


def test_one_instant_alone_says_nothing():
    assert not stamped_together(np.full(500, 1_234_567)).any()


def test_no_case_is_no_import():
    assert stamped_together(np.array([], dtype=int)).size == 0
