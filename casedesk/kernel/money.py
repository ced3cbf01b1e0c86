"""Amounts in minor units, exact sums, and roundings that each have a name."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction

# ISO 4217 decimals where they are not two. Locale databases differ (they give the usual cash
# decimals, for instance none for IQD), so the list stands here.
_NO_DECIMALS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE_DECIMALS = "BHD IQD JOD KWD LYD OMR TND"
_FOUR_DECIMALS = "CLF UYW"
_TWO_DECIMALS = (
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF "
    "CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL "
    "HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP "
    "MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD "
    "SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS "
    "VED VES WST XCD XCG YER ZAR ZMW ZWG ZWL CUC HRK SLL"
)

EXPONENTS: dict[str, int] = {
    **dict.fromkeys(_TWO_DECIMALS.split(), 2),
    **dict.fromkeys(_NO_DECIMALS.split(), 0),
    **dict.fromkeys(_THREE_DECIMALS.split(), 3),
    **dict.fromkeys(_FOUR_DECIMALS.split(), 4),
}

# Providers count in units of their own: what is sent to them is scaled by these, never by ISO 4217.
PROVIDER_EXPONENTS: dict[str, dict[str, int]] = {
    "stripe": {
        **EXPONENTS,
        **dict.fromkeys(
            [
                "BIF",
                "CLP",
                "DJF",
                "GNF",
                "JPY",
                "KMF",
                "KRW",
                "MGA",
                "PYG",
                "RWF",
                "UGX",
                "VND",
                "VUV",
                "XAF",
                "XOF",
                "XPF",
            ],
            0,
        ),
        # Zero decimals by ISO 4217 (or by use), two in the provider's interface.
        **dict.fromkeys(["ISK", "UGX", "HUF", "TWD"], 2),
    },
}

MAXIMUM_MINOR = 10**15


class Rounding(StrEnum):
    """How the one rounding at the end of a calculation goes."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    FLOOR = "floor"


def rounded(amount: Fraction, mode: Rounding) -> int:
    """The whole number for `amount` under `mode`; half-up goes away from zero at exactly one half."""
    whole, rest = divmod(amount.numerator, amount.denominator)
    twice = 2 * rest - amount.denominator
    if mode is Rounding.FLOOR or twice < 0:
        return whole
    if twice > 0:
        return whole + 1
    if mode is Rounding.HALF_EVEN:
        return whole + (whole & 1)
    return whole + 1 if whole >= 0 else whole


def exponent(currency: str, *, provider: str | None = None) -> int:
    """Decimals of `currency` by ISO 4217, or as `provider` counts it. Raises ValueError if unknown."""
    table = EXPONENTS if provider is None else PROVIDER_EXPONENTS[provider]
    if currency not in table:
        raise ValueError(f"unknown currency {currency!r}")
    return table[currency]


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount in minor units: Money(1999, "EUR") is 19.99 EUR."""

    minor: int
    currency: str

    def __add__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        self._same_currency(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __bool__(self) -> bool:
        return self.minor != 0

    def times(self, share: Fraction, rounding: Rounding) -> "Money":
        """`share` of this amount, rounded once by `rounding`."""
        return Money(rounded(self.minor * share, rounding), self.currency)

    def decimal(self) -> Decimal:
        """The amount in major units, exactly."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def _same_currency(self, other: "Money") -> None:
        if self.currency != other.currency:
            raise ValueError(f"cannot join {self.currency} and {other.currency}")


def minor_units(text: str, currency: str, *, provider: str | None = None) -> int | None:
    """The minor units that the decimal `text` writes; None where it has more decimals than the currency.

    Raises ValueError for what is no plain decimal number.
    """
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError(f"not a decimal number: {text!r}") from None
    if not value.is_finite() or value.adjusted() > 18:
        raise ValueError(f"not an amount: {text!r}")
    scaled = value.scaleb(exponent(currency, provider=provider))
    return int(scaled) if scaled == scaled.to_integral_value() else None


def to_cash(minor: int, step: int) -> int:
    """`minor` to the nearest multiple of `step`; half a step goes up."""
    return (2 * minor + step) // (2 * step) * step


def allocate(minor: int, weights: Sequence[int]) -> list[int]:
    """`minor` spread over `weights`: largest remainder, ties to the earliest; the sum is exact."""
    total = sum(weights)
    if total <= 0 or any(weight < 0 for weight in weights):
        raise ValueError("weights are whole numbers from zero on, and not all zero")
    shares = [divmod(minor * weight, total) for weight in weights]
    parts = [whole for whole, _ in shares]
    by_remainder = sorted(range(len(parts)), key=lambda place: (-shares[place][1], place))
    for place in by_remainder[: minor - sum(parts)]:
        parts[place] += 1
    return parts
