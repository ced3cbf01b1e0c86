"""What findings cost beside each other: converted by rates of exchange that are known, never summed without one. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from casedesk.kernel.money import exponent


class Costing(Protocol):
    """What is ordered: cases beyond the usual, and their money in minor units by currency."""

    @property
    def excess(self) -> float: ...
    @property
    def excess_money(self) -> Mapping[str, int]: ...


C = TypeVar("C", bound=Costing)


@dataclass(frozen=True)
class Worth:
    """Rates: what one unit of a currency is worth in units of `home`. Without a home nothing is converted."""

    home: str = ""
    rates: Mapping[str, float] = field(default_factory=dict)

    def of(self, amounts: Mapping[str, int]) -> int:
        """The part of `amounts` that a rate is known for, in minor units of home."""
        return round(sum(self._in_home(minor, currency) for currency, minor in amounts.items()))

    def _in_home(self, minor: int, currency: str) -> float:
        if currency == self.home:
            return minor
        rate = self.rates.get(currency)
        return 0.0 if rate is None else minor * rate * 10.0 ** (exponent(self.home) - exponent(currency))

    def unrated(self, amounts: Iterable[str]) -> tuple[str, ...]:
        """The currencies of `amounts` that cannot be converted, by name."""
        return tuple(sorted(one for one in amounts if one != self.home and one not in self.rates))


def worst_first(found: Iterable[C], worth: Worth) -> list[C]:
    """By worth in home; those that no rate helps after them, currency by currency; those without money last, by cases."""

    def place(one: C) -> tuple[int, bool, tuple[str, ...], int, float]:
        value, apart = worth.of(one.excess_money), worth.unrated(one.excess_money)
        if value or not apart:
            return -value, not value, (), 0, -one.excess
        return 0, False, apart, -one.excess_money[apart[0]], -one.excess

    return sorted(found, key=place)


def without_rate(found: Sequence[Costing], worth: Worth) -> tuple[str, ...]:
    """The currencies that do not count in the order of `found`."""
    return tuple(sorted({one for each in found for one in worth.unrated(each.excess_money)}))


def alone(found: Sequence[Costing]) -> Worth:
    """Without rates (files bring none): one currency is compared with itself, several are not compared at all."""
    currencies = {currency for one in found for currency in one.excess_money}
    return Worth(currencies.pop()) if len(currencies) == 1 else Worth()
