"""Blind offers, over all figures: who meets whom, at what, and who gets the odd half."""

from hypothesis import given
from hypothesis import strategies as st

from casedesk.mediation.rules.offers import settle

MINOR = st.integers(0, 10**9)


@given(asks=MINOR, pays=MINOR, distance=MINOR)
def test_offers_settle_where_they_overlap_or_lie_within_the_distance(
    asks: int, pays: int, distance: int
) -> None:
    assert (settle(asks, pays, distance) is not None) == (asks - pays <= distance)


@given(asks=MINOR, pays=MINOR, distance=MINOR)
def test_the_sum_lies_between_the_figures_and_the_odd_half_goes_to_the_customer(
    asks: int, pays: int, distance: int
) -> None:
    settled = settle(asks, pays, distance)
    if settled is not None:
        assert min(asks, pays) <= settled.amount_minor <= max(asks, pays)
        assert 0 <= 2 * settled.amount_minor - (asks + pays) <= 1


@given(asks=MINOR, pays=MINOR, distance=MINOR, more=MINOR)
def test_a_longer_distance_never_stops_a_settlement(asks: int, pays: int, distance: int, more: int) -> None:
    if settle(asks, pays, distance) is not None:
        assert settle(asks, pays, distance + more) == settle(asks, pays, distance)


@given(asks=MINOR, pays=MINOR, more=MINOR)
def test_paying_more_never_gives_the_customer_less(asks: int, pays: int, more: int) -> None:
    before, after = settle(asks, pays, 0), settle(asks, pays + more, 0)
    if before is not None:
        assert after is not None
        assert after.amount_minor >= before.amount_minor
