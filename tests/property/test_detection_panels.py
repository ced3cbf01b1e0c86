"""What holds for every panel: names, units and products that do not matter, weeks that are not read."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from casedesk.detection.causes import elevated_cells
from casedesk.detection.changes import view_week
from casedesk.detection.panel import Panel, monday_of, week_of, whole_weeks
from casedesk.detection.timing import DAY_OF_WEEK, most_clustered

WEEKS = 44
MONDAY = 19_359


def a_panel(seed: int, missing: float = 0.1) -> Panel:
    rng = np.random.default_rng(seed)
    exposure = rng.uniform(200, 4000, (3, 2, 1)) * np.ones(WEEKS)
    exposure[rng.random((3, 2, WEEKS)) < missing] = np.nan
    counts = rng.poisson(rng.uniform(0.2, 12, (3, 3, 2, 1)) * np.ones(WEEKS))
    return Panel(counts, exposure, MONDAY, WEEKS)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), order=st.permutations(range(3)))
def test_the_order_of_sources_does_not_matter(seed, order):
    data = a_panel(seed)
    turned = Panel(data.counts[:, order], data.exposure[list(order)], MONDAY, WEEKS)
    one, two = view_week(data, WEEKS - 1), view_week(turned, WEEKS - 1)
    assert one is not None
    assert two is not None
    assert np.allclose(one.cells.tail[:, :, order], two.cells.tail, rtol=1e-6, equal_nan=True)
    assert np.allclose(one.causes.tail, two.causes.tail, rtol=1e-6, equal_nan=True)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), scale=st.sampled_from([0.01, 1000.0]))
def test_the_unit_of_exposure_does_not_matter(seed, scale):
    data = a_panel(seed)
    scaled = Panel(data.counts, data.exposure * scale, MONDAY, WEEKS)
    one, two = view_week(data, WEEKS - 1), view_week(scaled, WEEKS - 1)
    assert one is not None
    assert two is not None
    assert np.allclose(one.cells.expected, two.cells.expected, rtol=1e-5)
    assert (elevated_cells(data).found == elevated_cells(scaled).found).all()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_cases_of_unknown_exposure_change_nothing(seed):
    data = a_panel(seed, missing=0.2)
    lumped = data.counts + 500 * ~data.known[None]
    one, two = view_week(data, WEEKS - 1), view_week(Panel(lumped, data.exposure, MONDAY, WEEKS), WEEKS - 1)
    assert one is not None
    assert two is not None
    assert np.array_equal(one.cells.tail, two.cells.tail, equal_nan=True)
    assert np.array_equal(one.causes.tail, two.causes.tail, equal_nan=True)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), more=st.integers(1, 60))
def test_more_cases_in_the_last_week_are_never_less_surprising(seed, more):
    data = a_panel(seed, missing=0.0)
    raised = data.counts.copy()
    raised[1, 1, 0, -1] += more
    one, two = view_week(data, WEEKS - 1), view_week(Panel(raised, data.exposure, MONDAY, WEEKS), WEEKS - 1)
    assert one is not None
    assert two is not None
    assert (two.cells.tail[:, 1, 1] <= one.cells.tail[:, 1, 1] + 1e-12).all()


@given(day=st.integers(-20_000, 40_000))
def test_every_day_lies_in_the_week_of_its_monday(day):
    monday = monday_of(day)
    assert monday <= day < monday + 7
    assert (monday + 3) % 7 == 0
    assert week_of(np.array([day]), monday).tolist() == [0]


@given(weeks=st.integers(0, 300), days=st.integers(-50, 3000))
def test_complete_weeks_end_before_the_day(weeks, days):
    complete = whole_weeks(MONDAY, weeks, MONDAY + days)
    assert 0 <= complete <= weeks
    assert MONDAY + 7 * complete <= max(MONDAY + days, MONDAY)
    if complete < weeks:
        assert MONDAY + 7 * (complete + 1) > MONDAY + days


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), order=st.permutations(range(4)))
def test_the_order_of_causes_does_not_matter_for_clusters(seed, order):
    counts = np.random.default_rng(seed).poisson(30, (4, 7)).astype(float)
    plain, turned = most_clustered(counts, DAY_OF_WEEK), most_clustered(counts[list(order)], DAY_OF_WEEK)
    for place, cause in enumerate(order):
        one, two = plain[cause], turned[place]
        assert one is not None
        assert two is not None
        assert (one.low, one.high) == (two.low, two.high)
        assert np.isclose(one.surprise, two.surprise, rtol=1e-6)
