"""Amounts: one rounding with a name, minor units of the currency, sums that stay exact."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casedesk.kernel.money import (
    EXPONENTS,
    Money,
    Rounding,
    allocate,
    exponent,
    minor_units,
    rounded,
    to_cash,
)


@pytest.mark.parametrize(
    ("amount", "half_up", "half_even", "floor"),
    [
        (Fraction(5, 2), 3, 2, 2),
        (Fraction(7, 2), 4, 4, 3),
        (Fraction(-5, 2), -3, -2, -3),
        (Fraction(1, 3), 0, 0, 0),
        (Fraction(2, 3), 1, 1, 0),
        (Fraction(4), 4, 4, 4),
    ],
)
def test_every_rounding_goes_the_way_its_name_says(
    amount: Fraction, half_up: int, half_even: int, floor: int
) -> None:
    assert rounded(amount, Rounding.HALF_UP) == half_up
    assert rounded(amount, Rounding.HALF_EVEN) == half_even
    assert rounded(amount, Rounding.FLOOR) == floor


@pytest.mark.parametrize(("currency", "places"), [("EUR", 2), ("JPY", 0), ("IQD", 3), ("MGA", 2), ("CLF", 4)])
def test_decimals_follow_iso_4217_and_no_locale_database(currency: str, places: int) -> None:
    assert exponent(currency) == places


def test_a_provider_counts_in_units_of_its_own() -> None:
    assert exponent("MGA", provider="stripe") == 0
    assert exponent("MGA") == 2


def test_an_unknown_currency_is_refused_and_not_guessed() -> None:
    with pytest.raises(ValueError, match="unknown currency"):
        exponent("XYZ")


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("19.99", "EUR", 1999),
        ("1500", "JPY", 1500),
        ("1500.0", "JPY", 1500),
        ("0.001", "BHD", 1),
        ("19.999", "EUR", None),
    ],
)
def test_decimals_beyond_the_currency_are_never_rounded_away(
    text: str, currency: str, minor: int | None
) -> None:
    assert minor_units(text, currency) == minor


@pytest.mark.parametrize("text", ["", "abc", "NaN", "Infinity", "1e30"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        minor_units(text, "EUR")


def test_half_a_cash_step_goes_up() -> None:
    assert [to_cash(minor, 5) for minor in (1000, 1002, 1003, 1005)] == [1000, 1000, 1005, 1005]
    assert to_cash(25, 50) == 50


def test_two_currencies_are_never_added() -> None:
    with pytest.raises(ValueError, match="cannot join"):
        Money(1, "EUR") + Money(1, "USD")
    assert Money(3, "EUR") - Money(1, "EUR") == Money(2, "EUR")


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any))
def test_the_parts_of_a_split_add_up(minor: int, weights: list[int]) -> None:
    parts = allocate(minor, weights)
    assert sum(parts) == minor
    total = sum(weights)
    assert all(
        abs(Fraction(minor * weight, total) - part) < 1 for weight, part in zip(weights, parts, strict=True)
    )


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**6))
def test_no_rounding_moves_further_than_one(numerator: int, denominator: int) -> None:
    exact = Fraction(numerator, denominator)
    for mode in Rounding:
        assert abs(rounded(exact, mode) - exact) < 1
    assert abs(rounded(exact, Rounding.HALF_UP) - exact) <= Fraction(1, 2)


def test_every_currency_has_three_letters() -> None:
    assert all(len(code) == 3 and code.isupper() for code in EXPONENTS)
