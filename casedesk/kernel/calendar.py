"""Days that count: zones, legal days, working days, months from the original day, and deadlines.

Holidays come from the pinned `holidays` package through `calendar_for`, which takes out what the
package lists beside the days that are off by statute. A calendar covers FIRST_YEAR to LAST_YEAR
and carries a hash of its content, so that a judgement can name the very days it rested on.
"""

import json
from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple
from zoneinfo import ZoneInfo

import holidays

FIRST_YEAR = 2000
LAST_YEAR = 2060

_ONE_DAY = timedelta(days=1)
_WEEKEND = {5: "saturday", 6: "sunday"}


class UnknownCalendar(ValueError):
    """No list of holidays is kept under this code."""


class Skipped(NamedTuple):
    """A day that a deadline was moved over, with its reason: holiday:<name>, saturday or sunday."""

    day: date
    reason: str


class Rolled(NamedTuple):
    """Where a last day came to stand, and the days off that it was moved over."""

    raw: date
    last: date
    skipped: tuple[Skipped, ...]

    @property
    def reason(self) -> str:
        """The reasons of all skipped days in order, as people write them."""
        return "+".join(skipped.reason for skipped in self.skipped)


class Deadline(NamedTuple):
    """The last local day of a period; an act is in time if and only if it is before `utc_exclusive`."""

    last_local_date: date
    zone: str
    utc_exclusive: datetime

    @property
    def utc_last_second(self) -> datetime:
        """The last second of the day, for people; `utc_exclusive` is what decides."""
        return self.utc_exclusive - timedelta(seconds=1)


class Calendar:
    """The days off of one place, from FIRST_YEAR to LAST_YEAR."""

    __slots__ = ("_digest", "code", "days")

    def __init__(self, code: str, days: Mapping[date, str]) -> None:
        self.code = code
        self.days = dict(days)
        self._digest: str | None = None

    def covers(self, day: date) -> bool:
        """Are the holidays around `day` known here?"""
        return FIRST_YEAR <= day.year < LAST_YEAR

    def off(self, day: date) -> str | None:
        """Why `day` is no working day (holiday:<name>, saturday, sunday), or None."""
        name = self.days.get(day)
        return f"holiday:{name}" if name is not None else _WEEKEND.get(day.weekday())

    def roll(self, day: date) -> Rolled:
        """`day`, or where it is off the first working day after it, with the days skipped."""
        if day.weekday() < 5 and day not in self.days:
            return Rolled(day, day, ())
        skipped, last = [], day
        while (reason := self.off(last)) is not None:
            skipped.append(Skipped(last, reason))
            last += _ONE_DAY
        return Rolled(day, last, tuple(skipped))

    def add_business_days(self, day: date, count: int, *, saturdays: bool = False) -> date:
        """The `count`-th business day after `day`; Saturdays count where `saturdays` says so."""
        while count > 0:
            day += _ONE_DAY
            weekday = day.weekday()
            if day not in self.days and (weekday < 5 or (saturdays and weekday == 5)):
                count -= 1
        return day

    def content(self) -> str:
        """All days off as canonical JSON: what the digest covers and what a replay reads back."""
        days = {day.isoformat(): name for day, name in sorted(self.days.items())}
        return json.dumps({"code": self.code, "days": days}, sort_keys=True, ensure_ascii=False)

    @property
    def digest(self) -> str:
        """SHA-256 of the content, in hexadecimal."""
        if self._digest is None:
            self._digest = sha256(self.content().encode()).hexdigest()
        return self._digest

    @classmethod
    def from_content(cls, content: str) -> "Calendar":
        """The calendar that `content()` wrote."""
        read = json.loads(content)
        return cls(read["code"], {date.fromisoformat(day): name for day, name in read["days"].items()})


# --- the holidays package, wrapped -------------------------------------------------------------

# Departments whose local holidays the package files under another name.
_OTHER_NAME = {
    "FR-67": ("FR", "6AE"),
    "FR-68": ("FR", "6AE"),
    "FR-GP": ("FR", "971"),
    "FR-MQ": ("FR", "972"),
    "FR-GF": ("FR", "973"),
    "FR-RE": ("FR", "974"),
    "FR-YT": ("FR", "976"),
    "UK": ("GB", "ENG"),
    # Belgium's days off are those of the whole country in each of its regions.
    "BE-BRU": ("BE", ""),
    "BE-VLG": ("BE", ""),
    "BE-WAL": ("BE", ""),
}
# What the package keeps beside regions: school zones, a single town.
_NO_REGION = frozenset({"FR-Zone A", "FR-Zone B", "FR-Zone C", "BE-Flemish", "BE-French", "BE-German"})
# Listed by the package in these places, and not off by statute there.
_NOT_OFF = {
    "FR-971": ("Good Friday", "Mi-Careme", "Victor Schoelcher Day"),
    "FR-GP": ("Good Friday", "Mi-Careme", "Victor Schoelcher Day"),
    "FR-972": ("Good Friday", "Mi-Careme", "Victor Schoelcher Day"),
    "FR-MQ": ("Good Friday", "Mi-Careme", "Victor Schoelcher Day"),
    **dict.fromkeys(("BE", "BE-BRU", "BE-VLG", "BE-WAL"), ("Easter Sunday", "Pentecost")),
}
# Here the Friday or Monday beside a weekend holiday is a custom of employers, not a day off by statute.
_OBSERVED_IS_CUSTOM = frozenset({"US", "CA"})
# Good Friday is off in some communes of these places only: the caller says which.
GOOD_FRIDAY_BY_COMMUNE = frozenset({"FR-57", "FR-67", "FR-68", "FR-6AE"})
_GOOD_FRIDAY = "Good Friday"


@lru_cache(maxsize=256)
def calendar_for(code: str, *, good_friday: bool = True, observed: bool = False) -> Calendar:
    """The statutory days off under an ISO 3166 code (FR, FR-57, DE-BE, GB-ENG, ...) or TARGET2.

    `good_friday` is read where Good Friday is off in some communes only; `observed` where days
    observed beside a weekend holiday are a custom. Raises UnknownCalendar.
    """
    country = code.partition("-")[0]
    struck = set(_NOT_OFF.get(code, ()))
    if code in GOOD_FRIDAY_BY_COMMUNE and not good_friday:
        struck.add(_GOOD_FRIDAY)
    days = {}
    for day, listed in _listed(code, observed=observed).items():
        names = [name for name in listed.split("; ") if name not in struck]
        if names:
            days[day] = "; ".join(names)
    marks = [code]
    if code in GOOD_FRIDAY_BY_COMMUNE:
        marks.append("good-friday" if good_friday else "no-good-friday")
    if country in _OBSERVED_IS_CUSTOM and observed:
        marks.append("observed")
    return Calendar("+".join(marks), days)


@lru_cache(maxsize=32)
def regions_of(country: str) -> tuple[tuple[str, str], ...]:
    """The regions of `country` with days off of their own, by name: (code like DE-BY, name there). Raises UnknownCalendar."""
    parts = holidays.list_supported_countries(include_aliases=False).get(country)
    if parts is None:
        raise UnknownCalendar(country)
    names: dict[str, str] = {}
    for name, part in getattr(getattr(holidays, country), "subdivisions_aliases", {}).items():
        if len(name) > 3:
            names.setdefault(part, name)
    listed = {f"{country}-{part}": names.get(part, part) for part in parts}
    found = [(code, name) for code, name in listed.items() if code not in _NO_REGION]
    return tuple(sorted(found, key=lambda one: one[1]))


@lru_cache(maxsize=64)
def holidays_named(code: str, language: str) -> Mapping[date, str]:
    """The days under `code` by their names in `language` (en, fr); where the package lacks them, as it lists them.

    Raises UnknownCalendar.
    """
    country = code.partition("-")[0]
    spoken = getattr(getattr(holidays, country, None), "supported_languages", ())
    chosen = next((one for one in spoken if one.partition("_")[0] == language), None)
    struck = {name for names in _NOT_OFF.values() for name in names}
    return {day: name for day, name in _listed(code, language=chosen).items() if name not in struck}


def _listed(code: str, *, observed: bool = False, language: str | None = "en") -> Mapping[date, str]:
    """What the package lists under `code`: in English, in another language that it speaks, or in the country's own."""
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    if code == "TARGET2":
        return dict(holidays.financial_holidays("ECB", years=years, language="en_US"))
    country, _, part = code.partition("-")
    country, part = _OTHER_NAME.get(code, (country, part))
    supported = holidays.list_supported_countries(include_aliases=False)
    # The package accepts some aliases and then silently gives the national days only: not here.
    if country not in supported or (part and part not in supported[country]) or code in _NO_REGION:
        raise UnknownCalendar(code)
    custom = country in _OBSERVED_IS_CUSTOM
    return dict(
        holidays.country_holidays(
            country,
            subdiv=part or None,
            years=years,
            observed=observed if custom else True,
            language=_english(country) if language == "en" else language,
        )
    )


def _english(country: str) -> str | None:
    """The English that the package speaks for `country`, or None for its own language."""
    spoken = getattr(getattr(holidays, country), "supported_languages", ())
    return next((language for language in ("en_US", "en_GB") if language in spoken), None)


# --- days and zones ----------------------------------------------------------------------------


@lru_cache(maxsize=1024)
def zone_named(name: str) -> ZoneInfo:
    """The zone of the IANA name. Raises ValueError where there is none, or no data for it."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError, TypeError):  # what zoneinfo raises for odd names
        raise ValueError(f"unknown time zone {name!r}") from None


def local_day(instant: datetime, zone: str) -> date:
    """The calendar day of `instant` in `zone`."""
    return instant.astimezone(zone_named(zone)).date()


@lru_cache(maxsize=65536)
def start_of_day(day: date, zone: str) -> datetime:
    """The first instant of `day` in `zone`, in UTC, whatever the clocks do that night."""
    return datetime.combine(day, time(0), tzinfo=zone_named(zone)).astimezone(UTC)


@lru_cache(maxsize=65536)
def deadline(last_day: date, zone: str) -> Deadline:
    """The deadline whose last local day is `last_day` in `zone`."""
    return Deadline(last_day, zone, start_of_day(last_day + _ONE_DAY, zone))


def add_days(day: date, count: int) -> date:
    """`count` days after `day` (before, if negative): the day of the event is not counted."""
    return day + timedelta(days=count)


def add_months(day: date, count: int) -> date:
    """The same day `count` months on, or the last day of that month where it has no such day.

    Always from the original day: two steps of one month are not one step of two.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def add_months_overflowing(day: date, count: int) -> date:
    """As `add_months`, but the first of the next month where the month has no such day."""
    clamped = add_months(day, count)
    return clamped if clamped.day == day.day else clamped + _ONE_DAY


def last_of_month(year: int, month: int) -> date:
    """The last day of the month."""
    return date(year, month, monthrange(year, month)[1])


def days_between(first: date, last: date) -> int:
    """Days from `first` to `last`, the first not counted."""
    return (last - first).days
