"""Lengths of time as people type and read them: ``8 h``, ``2 h 30``, ``45 min``, ``3 d`` of 24 hours."""

import re
from typing import Any

from flask_babel import gettext as _
from wtforms import Field
from wtforms.validators import StopValidation
from wtforms.widgets import TextInput

LONGEST = 400 * 1440

_SHAPE = re.compile(
    r"(?:(\d{1,4})\s*(?:d|j|days?|jours?))?\s*(?:(\d{1,5})\s*(?:h|hours?|heures?)\s*(\d{1,2})?)?\s*(?:(\d{1,6})\s*(?:m|min|minutes?))?",
    re.ASCII,
)


def read_minutes(text: str) -> int:
    """The minutes that `text` writes; a bare number is hours. Raises ValueError with a sentence."""
    plain = text.strip().lower().replace(",", ".")
    if re.fullmatch(r"\d{1,4}(\.\d{1,2})?", plain, re.ASCII):
        return _bounded(round(float(plain) * 60), text)
    found = _SHAPE.fullmatch(plain) if plain else None
    if found is None or not any(found.groups()):
        raise ValueError(
            _("“%(text)s” is no length of time. Write it like 8 h, 2 h 30 or 45 min.", text=text[:40])
        )
    days, hours, rest, minutes = (int(part or 0) for part in found.groups())
    return _bounded(days * 1440 + hours * 60 + rest + minutes, text)


def _bounded(minutes: int, text: str) -> int:
    if minutes > LONGEST:
        raise ValueError(_("“%(text)s” is too long: 400 days at most.", text=text[:40]))
    return minutes


def write_minutes(minutes: int) -> str:
    """``8 h``, ``2 h 30``, ``45 min``; the blanks do not break."""
    hours, rest = divmod(abs(minutes), 60)
    if not hours:
        return _("%(minutes)d min", minutes=rest)
    if not rest:
        return _("%(hours)d h", hours=hours)
    return _("%(hours)d h %(minutes)02d", hours=hours, minutes=rest)


class MinutesField(Field):
    """A length of time in minutes; None if empty."""

    widget = TextInput()
    typed = ""
    data: int | None

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.typed = str(valuelist[0]).strip() if valuelist else ""
        self.data = None

    def pre_validate(self, form: Any) -> None:
        if not self.typed:
            return
        try:
            self.data = read_minutes(self.typed)
        except ValueError as refused:
            raise StopValidation(str(refused)) from None

    def _value(self) -> str:
        if self.typed:
            return self.typed
        return write_minutes(self.data).replace("\u00a0", " ") if self.data is not None else ""
