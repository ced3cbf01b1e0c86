"""The reader's language, zone, money and dates. Catalogues are the rooms' .po files, read at the start."""

import io
from contextvars import ContextVar
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import flask_babel
from babel import numbers
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, g, has_app_context, has_request_context, request
from flask_babel import Babel, Domain, get_locale, get_timezone, refresh
from markupsafe import Markup

from casedesk.kernel.money import EXPONENTS
from casedesk.web import spelling

LOCALES = ("en", "fr")
CATALOGUES = Path(__file__).parent.parent / "translations"

_reading: ContextVar[tuple[str, ZoneInfo] | None] = ContextVar("reading", default=None)
"""Language and zone of this request once they are chosen: a list asks for them hundreds of times."""


class RoomCatalogues(Domain):
    """All .po files of a language as one catalogue; English is the msgid itself."""

    def get_translations(self) -> NullTranslations:
        return translations(_locale())

    def gettext(self, string: str, **variables: Any) -> str:
        """As the domain's own, without its detours: a case page asks a hundred times."""
        text = translations(_locale()).gettext(string)
        return text % variables if variables else text


class RoomBabel(Babel):
    @property
    def domain_instance(self) -> Domain:
        return _DOMAIN


_DOMAIN = RoomCatalogues()


@cache
def translations(locale: str) -> NullTranslations:
    """The merged catalogue of `locale` (``fr`` or ``fr_FR``); empty for English."""
    merged = Translations()
    for path in sorted((CATALOGUES / locale[:2]).glob("*.po")):
        binary = io.BytesIO()
        with path.open("rb") as text:
            write_mo(binary, read_po(text, locale=locale[:2]))
        binary.seek(0)
        of_room = Translations(binary)
        merged.merge(of_room)
        merged.plural = of_room.plural  # merging alone keeps the English rule, by which none is several
    return merged


def init_app(app: Flask, default_zone: str) -> None:
    """Choose language and zone per request and give the templates their filters."""
    # One desk has one domain; flask-babel would look it up for every word, through three proxies.
    flask_babel.get_domain = lambda: _DOMAIN
    RoomBabel().init_app(
        app,
        default_timezone=default_zone,
        locale_selector=reader_locale,
        timezone_selector=lambda: reader_zone(default_zone),
    )
    app.jinja_env.filters.update(
        money=money,
        amount=amount,
        day=day,
        day_short=day_short,
        day_short_year=day_short_year,
        hour=hour,
        moment=moment,
        percent=percent,
    )
    app.jinja_env.globals.update(time_tag=time_tag, reader_locale=reader_locale)
    app.teardown_request(_forget_reader)


def reader_locale() -> str:
    """The signed-in person's language, else the best match of what the browser asks for."""
    reader = getattr(g, "actor", None)
    if reader is not None and reader.locale in LOCALES:
        return str(reader.locale)
    if not has_request_context():
        return "en"
    chosen = request.cookies.get("lang", "")
    if chosen in LOCALES:
        return chosen
    return request.accept_languages.best_match(LOCALES) or "en"


def forget() -> None:
    """Choose language and zone again: somebody else reads from here on."""
    _reading.set(None)
    refresh()


def _forget_reader(_error: BaseException | None) -> None:
    _reading.set(None)


def reader_zone(default: str) -> str:
    reader = getattr(g, "actor", None)
    return reader.time_zone if reader is not None else default


def exponent(currency: str) -> int:
    """Decimals of `currency` by ISO 4217 (2 where it is unknown)."""
    return EXPONENTS.get(currency, 2)


def amount(minor: int | None, currency: str, locale: str | None = None) -> str:
    """The figure alone, with the decimals of its currency: 1,234.50; a dash where there is none."""
    if minor is None:
        return "–"
    return spelling.figure(minor, exponent(currency), (locale or _locale())[:2])


def money(minor: int | None, currency: str, locale: str | None = None) -> str:
    """Amount and currency: ``1,234.50 EUR`` in English, ``1 234,50 €`` in French."""
    if minor is None:
        return "–"
    return spelling.money(minor, exponent(currency), currency, (locale or _locale())[:2])


def percent(share: float) -> str:
    return numbers.format_percent(share, "0.0 %", locale=_locale())


def day(value: date | datetime | None) -> str:
    """``Fri 20 Nov 2026``; in the reader's zone where it is an instant."""
    return _format(value, {"en": "EEE d MMM y", "fr": "EEE d MMM y"})


def day_short(value: date | datetime | None) -> str:
    return _format(value, {"en": "d MMM", "fr": "d MMM"})


def day_short_year(value: date | datetime | None) -> str:
    """``12 Jan 2027``: where the weekday does not matter."""
    return _format(value, {"en": "d MMM y", "fr": "d MMM y"})


def hour(value: datetime | None) -> str:
    return _format(value, {"en": "HH:mm", "fr": "HH:mm"})


def weekday_hour(value: datetime | None) -> str:
    """``Wed 25, 12:00``: enough within a week."""
    return _format(value, {"en": "EEE d, HH:mm", "fr": "EEE d, HH:mm"})


def day_long(value: date | datetime | None) -> str:
    """``Friday 20 November``."""
    return _format(value, {"en": "EEEE d MMMM", "fr": "EEEE d MMMM"})


def day_long_year(value: date | datetime | None) -> str:
    """``Friday 20 November 2026``."""
    return _format(value, {"en": "EEEE d MMMM y", "fr": "EEEE d MMMM y"})


def month_short(value: date) -> str:
    """``Nov``."""
    return _format(value, {"en": "MMM", "fr": "MMM"})


def month_short_year(value: date) -> str:
    """``Jan 2027``."""
    return _format(value, {"en": "MMM y", "fr": "MMM y"})


def weekday_short(value: date | datetime | None) -> str:
    """``Mon 23``: enough within a week."""
    return _format(value, {"en": "EEE d", "fr": "EEE d"})


def day_year(value: date | datetime | None) -> str:
    """``20 Nov 2026``."""
    return _format(value, {"en": "d MMM y", "fr": "d MMM y"})


def moment(value: datetime | None) -> str:
    """Day and hour in the reader's zone: ``Fri 20 Nov 2026 16:38``."""
    return _format(value, {"en": "EEE d MMM y HH:mm", "fr": "EEE d MMM y HH:mm"})


def month(value: date) -> str:
    """``February 2026``."""
    return _format(value, {"en": "MMMM y", "fr": "MMMM y"})


def local(value: datetime) -> datetime:
    """`value` in the reader's zone."""
    return value.astimezone(_chosen()[1])


def time_tag(value: datetime, text: str | None = None) -> Markup:
    """A ``<time>`` with the exact instant and zone on hover."""
    exact = local(value)
    title = f"{moment(value)}:{exact:%S} {exact.tzname()} ({_zone()})"
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        value.astimezone(UTC).isoformat(timespec="seconds"), title, text or moment(value)
    )


def language() -> str:
    """The reader's language, by its two letters."""
    return _locale()


def zone() -> str:
    """The reader's time zone."""
    return _zone()


def _format(value: date | datetime | None, patterns: dict[str, str]) -> str:
    if value is None:
        return "–"
    language = _locale()
    at = local(value) if isinstance(value, datetime) else value
    return spelling.dated(at, patterns[language], language)


def _locale() -> str:
    """The language of this request, by its two letters."""
    return _chosen()[0]


def _zone() -> str:
    return _chosen()[1].key


def _chosen() -> tuple[str, ZoneInfo]:
    chosen = _reading.get()
    if chosen is None:
        if not has_app_context():
            return "en", ZoneInfo("UTC")
        language, there = get_locale(), get_timezone()
        chosen = str(language.language) if language else "en", ZoneInfo(str(there or "UTC"))
        if has_request_context():  # outside of one, whoever works may speak to several people
            _reading.set(chosen)
    return chosen
