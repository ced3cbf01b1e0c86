"""Dates and figures in a language, quickly: the words come from Babel's tables once, the writing is our own.

A list writes some two hundred of them a page; Babel looks its locale up for each.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import cache, lru_cache

from babel import Locale, numbers

Part = Callable[[date], str]

_FIELD = re.compile(r"EEEE|EEE|MMMM|MMM|HH|mm|d|y")


def dated(value: date, pattern: str, language: str) -> str:
    """`value` by a CLDR pattern of the fields EEEE EEE d MMMM MMM y HH mm."""
    return "".join([part if type(part) is str else part(value) for part in _parts(pattern, language)])  # type: ignore[operator]


@lru_cache(maxsize=8192)
def figure(minor: int, decimals: int, language: str) -> str:
    """Minor units as a grouped figure with `decimals` places: 1,234.50 or 1 234,50."""
    group, point, minus = _marks(language)
    whole, rest = divmod(abs(minor), 10**decimals)
    written = f"{whole:,}".replace(",", group)
    if decimals:
        written += f"{point}{rest:0{decimals}d}"
    return minus + written if minor < 0 else written


def money(minor: int, decimals: int, currency: str, language: str) -> str:
    """Amount and currency: ``1,234.50 EUR`` in English, ``1 234,50 €`` in French."""
    return f"{figure(minor, decimals, language)}\u00a0{_symbol(currency) if language == 'fr' else currency}"


@cache
def _symbol(currency: str) -> str:
    return numbers.get_currency_symbol(currency, locale="fr")


@cache
def _parts(pattern: str, language: str) -> tuple[str | Part, ...]:
    """The pattern cut into text and writers of fields."""
    parts: list[str | Part] = []
    at = 0
    for found in _FIELD.finditer(pattern):
        if found.start() > at:
            parts.append(pattern[at : found.start()])
        parts.append(_writer(found[0], language))
        at = found.end()
    if at < len(pattern):
        parts.append(pattern[at:])
    return tuple(parts)


def _writer(field: str, language: str) -> Part:
    locale = Locale(language)
    if field in ("EEE", "EEEE"):
        days = locale.days["format"]["abbreviated" if field == "EEE" else "wide"]
        return lambda value: str(days[value.weekday()])
    if field in ("MMM", "MMMM"):
        months = locale.months["format"]["abbreviated" if field == "MMM" else "wide"]
        return lambda value: str(months[value.month])
    if field == "HH":
        return lambda value: f"{value.hour:02d}" if isinstance(value, datetime) else "00"
    if field == "mm":
        return lambda value: f"{value.minute:02d}" if isinstance(value, datetime) else "00"
    return (lambda value: str(value.day)) if field == "d" else (lambda value: str(value.year))


@cache
def _marks(language: str) -> tuple[str, str, str]:
    """How thousands are grouped, decimals begin and less than nothing is marked."""
    symbols = Locale(language).number_symbols["latn"]
    return str(symbols["group"]), str(symbols["decimal"]), str(symbols["minusSign"])
