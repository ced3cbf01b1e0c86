"""The order of findings by what they cost: by rates that are known, currency by currency where none is, never summed."""

from dataclasses import dataclass, field

import pytest

from casedesk.reports.worth import Worth, alone, without_rate, worst_first


@dataclass(frozen=True)
class Finding:
    name: str
    excess: float
    excess_money: dict[str, int] = field(default_factory=dict)


def order(found, worth):
    return "".join(one.name for one in worst_first(found, worth))


def test_amounts_are_compared_at_the_rate_and_by_the_decimals_of_their_currency():
    worth = Worth("EUR", {"GBP": 1.2, "JPY": 0.006})
    assert worth.of({"EUR": 100, "GBP": 100}) == 220
    assert worth.of({"JPY": 1_000}) == 600  # a yen has no hundredths
    assert order([Finding("a", 1, {"JPY": 90_000}), Finding("b", 1, {"EUR": 60_000})], worth) == "ba"
    assert order([Finding("a", 1, {"EUR": 110}), Finding("b", 1, {"GBP": 100})], worth) == "ba"


def test_what_has_no_rate_counts_in_no_sum_and_comes_after_currency_by_currency():
    worth = Worth("EUR", {})
    found = [
        Finding("a", 9, {"USD": 900_000}),
        Finding("b", 9, {"GBP": 10}),
        Finding("c", 9, {"EUR": 5}),
        Finding("d", 9, {"GBP": 90_000}),
        Finding("e", 9, {"EUR": 4, "USD": 900_000}),
        Finding("f", 9, {}),
        Finding("g", 99, {}),
    ]
    assert worth.of({"EUR": 4, "USD": 900_000}) == 4
    assert order(found, worth) == "cedbagf"
    assert without_rate(found, worth) == ("GBP", "USD")


@pytest.mark.parametrize(
    ("moneys", "home", "apart"),
    [([{"USD": 5}, {"USD": 9}], "USD", ()), ([{"USD": 5}, {"EUR": 9}], "", ("EUR", "USD")), ([{}], "", ())],
)
def test_one_currency_needs_no_rate_and_two_are_not_compared(moneys, home, apart):
    found = [Finding("a", 1, money) for money in moneys]
    assert alone(found).home == home
    assert without_rate(found, alone(found)) == apart


def test_a_currency_that_nobody_knows_is_no_error():
    assert order([Finding("a", 1, {"XAU": 5}), Finding("b", 1, {"ABC": 9})], Worth("EUR", {})) == "ba"
