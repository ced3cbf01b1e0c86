"""Places whose holidays a calendar can keep, by the names that people know: the countries of the packs with their regions."""

from datetime import date
from functools import cache

from babel import Locale

from casedesk.deadlines.rules import region_of
from casedesk.kernel.calendar import UnknownCalendar, holidays_named, regions_of
from casedesk.web import locale

WITH_REGIONS = ("FR", "BE", "CH", "DE", "GB", "US", "CA")
"""Countries for which packs are shipped: with all regions that have days of their own."""

WHOLE = (
    "AT", "BG", "CY", "CZ", "DK", "EE", "ES", "FI", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL",
    "PT", "RO", "SE", "SI", "SK",
)  # fmt: skip


@cache
def regions(reader: str) -> tuple[tuple[str, str], ...]:
    """(code, name) of every place that is offered, country by country, in the language of `reader`."""
    found = []
    for country in WITH_REGIONS:
        found.append((country, country_name(country, reader)))
        found += [(code, f"{country_name(country, reader)}, {name}") for code, name in regions_of(country)]
    rest = sorted(((code, country_name(code, reader)) for code in WHOLE), key=lambda one: one[1])
    return (*found, *rest, ("TARGET2", "TARGET2"))


def country_name(code: str, reader: str) -> str:
    return str(Locale.parse(reader).territories.get(code, code))


def region_name(code: str) -> str:
    """The place of a code in the reader's language; the code itself where it is not one that is offered."""
    place = region_of(code)
    return dict(regions(locale.reader_locale())).get(place, place)


def region_code(typed: str) -> str:
    """The code of what somebody typed or chose: a code in any case, or a name in either language."""
    text = " ".join(typed.split())
    for reader in ("en", "fr"):
        for code, name in regions(reader):
            if text.casefold() in (code.casefold(), name.casefold()):
                return code
    return text.upper()


def holiday(region: str, day: date, listed: str) -> str:
    """The name of a day off in the reader's language where it has one, else as it is called there."""
    try:
        return holidays_named(region_of(region), locale.reader_locale()).get(day, listed)
    except UnknownCalendar:
        return listed
