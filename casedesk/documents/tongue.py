"""Say something in a given language, whoever reads the page or runs the job."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import dates

from casedesk.web import locale as reader
from casedesk.web.locale import LOCALES, translations


def language(locale: str) -> str:
    """The language of ours for a customer's `locale`: English where we do not speak theirs."""
    return locale[:2] if locale[:2] in LOCALES else "en"


@dataclass(frozen=True)
class Tongue:
    """The language and zone of who will read it."""

    locale: str
    zone: str = "UTC"

    def gettext(self, msgid: str, **params: object) -> str:
        """The catalogue's sentence for `msgid`, filled."""
        said = str(translations(self.locale).gettext(msgid))
        return said % params if params else said

    def ngettext(self, one: str, many: str, count: int, **params: object) -> str:
        said = str(translations(self.locale).ngettext(one, many, count))
        return said % {"num": count, **params}

    def money(self, minor: int, currency: str) -> str:
        return reader.money(minor, currency, self.locale)

    def day(self, value: date | datetime) -> str:
        """``24 November 2026``, ``24 novembre 2026``, ``1er décembre 2026``; the day stays with its month."""
        on = value.astimezone(ZoneInfo(self.zone)).date() if isinstance(value, datetime) else value
        number = "1er" if self.locale == "fr" and on.day == 1 else str(on.day)
        return f"{number}\u00a0{dates.format_date(on, 'MMMM y', locale=self.locale)}"

    def weekday(self, value: date) -> str:
        """``Friday 27 November 2026``, ``vendredi 27 novembre 2026``."""
        return f"{dates.format_date(value, 'EEEE', locale=self.locale)} {self.day(value)}"
