"""Fields that rooms share: money, days, moments, ids, files. Each refuses with a sentence that says what to write."""

import calendar
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from wtforms import Field, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import StopValidation
from wtforms.widgets import DateInput, DateTimeLocalInput, HiddenInput, TextInput

from casedesk.web import locale
from casedesk.web.addresses import LARGEST_ID
from casedesk.web.amounts import AmountRefused, read_amount

FIRST_YEAR, LAST_YEAR = 1900, 2100


class MoneyField(Field):
    """An amount in minor units. `currency` may be set by the route before validation; data stays None if empty."""

    widget = TextInput()

    def __init__(
        self, label: Any = None, validators: Any = None, *, currency: str = "EUR", **more: Any
    ) -> None:
        more.setdefault("render_kw", {"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(label, validators, **more)
        self.currency = currency

    typed = ""
    data: int | None

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.typed = str(valuelist[0]).strip() if valuelist else ""
        self.data = None

    def pre_validate(self, form: Any) -> None:
        if not self.typed:
            return
        try:
            self.data = read_amount(self.typed, self.currency)
        except AmountRefused as refused:
            raise StopValidation(str(refused)) from None

    def _value(self) -> str:
        if self.typed:
            return self.typed
        return locale.amount(self.data, self.currency) if self.data is not None else ""


class _Read(Field):
    """A field that reads typed text; what cannot be read is refused before any other check speaks."""

    typed = ""
    refusal = ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.typed, self.refusal, self.data = (str(valuelist[0]).strip() if valuelist else ""), "", None
        if self.typed:
            try:
                self.data = self.read(self.typed)
            except ValueError as refused:
                self.refusal = str(refused)

    def pre_validate(self, form: Any) -> None:
        if self.refusal:
            raise StopValidation(self.refusal)

    def read(self, text: str) -> Any:
        raise NotImplementedError


class LocalDateField(_Read):
    """A calendar day: 2026-11-24 as browsers send it, or 24/11/2026 as people type it."""

    widget = DateInput()

    def read(self, text: str) -> date:
        return read_day(text)

    def _value(self) -> str:
        return self.typed or (self.data.isoformat() if self.data else "")


class LocalDateTimeField(_Read):
    """A moment on the reader's wall clock, kept as an instant in UTC."""

    widget = DateTimeLocalInput()

    def read(self, text: str) -> datetime:
        return read_moment(text, locale.zone())

    def _value(self) -> str:
        if self.typed:
            return self.typed
        return locale.local(self.data).strftime("%Y-%m-%dT%H:%M") if self.data else ""


class ChoiceField(SelectField):
    """One of a list of codes. Empty stays empty where `blank` names the empty choice; anything else is refused."""

    def __init__(
        self,
        label: Any = None,
        validators: Any = None,
        *,
        choices: Sequence[tuple[Any, Any]] = (),
        blank: Any = None,
        **more: Any,
    ) -> None:
        whole = [*([("", blank)] if blank is not None else []), *choices]
        super().__init__(label, validators, choices=listed(whole), **more)
        self.blank = blank

    def process_formdata(self, valuelist: list[Any]) -> None:
        if not valuelist and self.blank is not None:
            valuelist = [""]
        super().process_formdata(valuelist)

    def pre_validate(self, form: Any) -> None:
        if self.data not in [value for value, *_rest in self.iter_choices()]:
            raise StopValidation(_("Choose one of the list."))


class IdField(_Read):
    """The number of a row, None if empty. Whether the actor may see that row is for the action to ask."""

    widget = HiddenInput()

    def read(self, text: str) -> int:
        if not (text.isascii() and text.isdecimal()) or len(text) > 19 or int(text) > LARGEST_ID:
            raise ValueError(_("This is not one of the things to choose from. Choose again."))
        return int(text)

    def _value(self) -> str:
        return str(self.data) if self.data is not None else ""


def listed(pairs: Sequence[tuple[Any, Any]]) -> list[SelectChoice]:
    """(code, words) as the choices of a list or of radio buttons."""
    return [SelectChoice(value, label) for value, label in pairs]


def read_day(text: str) -> date:
    """The day that `text` writes. Raises ValueError with a sentence."""
    found = re.fullmatch(r"(\d{4})-(\d{1,2})-(\d{1,2})", text, re.ASCII)
    if found:
        year, month, day = (int(part) for part in found.groups())
    else:
        found = re.fullmatch(r"(\d{1,2})[/. ](\d{1,2})[/. ](\d{4})", text, re.ASCII)
        if not found:
            raise ValueError(_("“%(text)s” is not a date. Write it like 24/11/2026.", text=text[:40]))
        day, month, year = (int(part) for part in found.groups())
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise ValueError(
            _(
                "The year %(year)s is out of range: %(first)s to %(last)s.",
                year=year,
                first=FIRST_YEAR,
                last=LAST_YEAR,
            )
        )
    if not 1 <= month <= 12:
        raise ValueError(_("There is no month %(month)s. Write the date like 24/11/2026.", month=month))
    last = calendar.monthrange(year, month)[1]
    if not 1 <= day <= last:
        raise ValueError(
            _(
                "This date does not exist: %(month)s has %(days)s days.",
                month=locale.month(date(year, month, 1)),
                days=last,
            )
        )
    return date(year, month, day)


def read_moment(text: str, zone: str) -> datetime:
    """The instant at which clocks of `zone` show `text`; the first of two where they go back. Raises ValueError."""
    found = re.fullmatch(r"(.+?)[T ,]+(\d{1,2}):(\d{2})(?::\d{2})?", text, re.ASCII)
    if not found:
        raise ValueError(
            _("“%(text)s” is not a date with an hour. Write it like 24/11/2026 10:42.", text=text[:40])
        )
    day = read_day(found[1])
    if int(found[2]) > 23 or int(found[3]) > 59:
        raise ValueError(_("There is no hour %(hour)s. Write it like 10:42.", hour=f"{found[2]}:{found[3]}"))
    wall = datetime.combine(day, time(int(found[2]), int(found[3])), tzinfo=ZoneInfo(zone))
    instant = wall.astimezone(UTC)
    if instant.astimezone(wall.tzinfo).replace(tzinfo=None) != wall.replace(tzinfo=None):
        raise ValueError(
            _(
                "%(hour)s does not exist on that day: the clocks go forward. Write %(later)s.",
                hour=f"{wall:%H:%M}",
                later=f"{instant.astimezone(wall.tzinfo):%H:%M}",
            )
        )
    return instant
