"""What holds for every count: tails, families, intervals, delays."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from casedesk.detection.delay import arrived_share
from casedesk.detection.rates import ratio_interval, shrunken_ratio
from casedesk.detection.tails import false_discoveries_held, upper_tail

COUNTS = st.integers(0, 400)
MEANS = st.floats(0.01, 300)
SPREADS = st.floats(1.0, 20.0)
TAILS = st.lists(st.floats(1e-9, 1.0), min_size=1, max_size=40)


@given(observed=COUNTS, more=st.integers(0, 50), mean=MEANS, spread=SPREADS)
def test_more_cases_are_never_less_surprising(observed, more, mean, spread):
    tails = upper_tail(np.array([observed, observed + more]), np.array([mean]), np.array([mean * spread]))
    assert 0 <= tails[1] <= tails[0] <= 1


@given(observed=st.integers(1, 400), mean=MEANS, more=st.floats(0, 50), spread=SPREADS)
def test_where_more_is_expected_the_same_count_is_less_surprising(observed, mean, more, spread):
    means = np.array([mean, mean + more])
    tails = upper_tail(np.array([observed]), means, means * spread)
    assert tails[0] <= tails[1] + 1e-12


@given(tails=TAILS, rate=st.floats(0.001, 0.3), looser=st.floats(0, 0.3))
def test_a_looser_rate_keeps_every_finding(tails, rate, looser):
    strict, loose = (false_discoveries_held(np.array(tails), r) for r in (rate, rate + looser))
    assert not (strict & ~loose).any()


@given(tails=TAILS, rate=st.floats(0.001, 0.3), seed=st.integers(0, 1000))
def test_the_order_of_a_family_does_not_matter(tails, rate, seed):
    order = np.random.default_rng(seed).permutation(len(tails))
    held = false_discoveries_held(np.array(tails), rate)
    assert (false_discoveries_held(np.array(tails)[order], rate) == held[order]).all()


@given(tails=TAILS, rate=st.floats(0.001, 0.3))
def test_a_finding_never_has_a_larger_tail_than_what_is_none(tails, rate):
    values = np.array(tails)
    held = false_discoveries_held(values, rate)
    if held.any() and not held.all():
        assert values[held].max() <= values[~held].min()


@given(observed=COUNTS, expected=MEANS)
def test_the_interval_holds_the_ratio(observed, expected):
    low, high = ratio_interval(np.array([observed]), np.array([expected]))
    assert low[0] <= observed / expected <= high[0]


@given(observed=COUNTS, expected=MEANS, variance=st.floats(0.001, 1.0))
def test_shrinking_goes_towards_one_and_not_past_it(observed, expected, variance):
    shrunken = shrunken_ratio(np.array([observed]), np.array([expected]), variance)[0]
    plain = observed / expected
    assert min(plain, 1.0) - 1e-9 <= shrunken <= max(plain, 1.0) + 1e-9


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), max_size=60))
def test_the_share_that_has_come_never_falls(pairs):
    delay = np.array([min(pair) for pair in pairs], dtype=int)
    horizon = np.array([max(pair) for pair in pairs], dtype=int)
    arrived = arrived_share(delay, horizon, days=41)
    assert (np.diff(arrived) >= -1e-12).all()
    assert 0 <= arrived[0] <= arrived[-1] == 1
