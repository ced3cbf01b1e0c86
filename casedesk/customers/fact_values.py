"""A fact as a person types or picks it, into the value that the rules read. Every fact can be entered."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from flask_babel import gettext as _

from casedesk.policy.facts import FactError, FactSpec, Kind, read_fact, vocabulary
from casedesk.web.amounts import read_amount
from casedesk.web.fields import read_day, read_moment

MOST_ROWS = 6
"""Rows that a form offers for a fact of several parts."""


def typed_value(name: str, text: str, *, currency: str, zone: str) -> Any:
    """The value of fact `name`, typed into one field, as files write it. Raises ValueError with a sentence."""
    spec = _spec(name)
    if spec.kind is Kind.RECORD:
        raise ValueError(_("This fact has several parts: set it on the page of the case."))
    if not text:
        raise ValueError(_("Enter the value, or say that nothing is known yet."))
    if not spec.many:
        return _checked(name, _one(spec.kind, spec, text, currency, zone))
    parts = [part.strip() for part in re.split(r"[;\n]", text) if part.strip()]
    return _checked(name, [_item(spec, part, currency, zone) for part in parts])


def _item(spec: FactSpec, text: str, currency: str, zone: str) -> Any:
    """One of several, or the word never for one that has not happened."""
    if text.lower() in ("never", "jamais") and spec.never:
        return "never"
    return _one(spec.kind, spec, text, currency, zone)


def typed_parts(name: str, sent: Mapping[str, str], prefix: str, *, currency: str, zone: str) -> Any:
    """The value of a fact of several parts, each typed into ``<prefix>-<row>-<part>``. Raises ValueError."""
    spec, rows = _spec(name), []
    for row in range(MOST_ROWS if spec.many else 1):
        typed = {part: (sent.get(f"{prefix}-{row}-{part}") or "").strip()[:200] for part in spec.fields}
        if any(typed.values()):
            rows.append(
                {
                    part: _one(spec.fields[part], spec, text, currency, zone)
                    for part, text in typed.items()
                    if text
                }
            )
    if not rows:
        raise ValueError(_("Enter the value, or say that nothing is known yet."))
    return _checked(name, rows if spec.many else rows[0])


def _spec(name: str) -> FactSpec:
    spec = vocabulary().get(name)
    if spec is None:
        raise ValueError(_("No rule reads a fact of this name. Choose one from the list."))
    return spec


def _checked(name: str, value: Any) -> Any:
    """`value`, if the rules can read it."""
    try:
        read_fact(name, value)
    except FactError:
        raise ValueError(
            _("The rules cannot read this value. Check it against the label and the limits.")
        ) from None
    return value


def _one(kind: Kind, spec: FactSpec, text: str, currency: str, zone: str) -> Any:
    return _TYPED[kind](spec, text, currency, zone)


def _instant(_of: FactSpec, text: str, _currency: str, zone: str) -> str:
    """A moment, or the end of the morning of a day alone."""
    if len(text) <= 10:
        return f"{read_day(text).isoformat()}T12:00:00Z"
    if text.endswith("Z"):
        return text
    return read_moment(text, zone).isoformat().replace("+00:00", "Z")


def _number(_of: FactSpec, text: str, _currency: str, _zone: str) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 15:
        raise ValueError(_("“%(text)s” is not a whole number.", text=text[:40]))
    return int(text)


def _numbers(spec: FactSpec, text: str, currency: str, zone: str) -> list[int]:
    return [_number(spec, part, currency, zone) for part in re.split(r"[\s,;]+", text) if part]


def _flag(_of: FactSpec, text: str, _currency: str, _zone: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError(_("Choose yes or no."))
    return text == "true"


def _word(spec: FactSpec, text: str, _currency: str, _zone: str) -> Any:
    value: Any = {"true": True, "false": False}.get(text, text)
    if value not in spec.values:
        raise ValueError(_("Choose one of the list."))
    return value


def _as_typed(_of: FactSpec, text: str, _currency: str, _zone: str) -> str:
    return text


_TYPED: dict[Kind, Callable[[FactSpec, str, str, str], Any]] = {
    Kind.INSTANT: _instant,
    Kind.MOMENT: _instant,
    Kind.DAY: lambda _of, text, _currency, _zone: read_day(text).isoformat(),
    Kind.MONTH: _as_typed,
    Kind.MONEY: lambda _of, text, currency, _zone: read_amount(text, currency),
    Kind.COUNT: _number,
    Kind.COUNTS: _numbers,
    Kind.SHARE: _number,
    Kind.FLAG: _flag,
    Kind.ENUMERATION: _word,
    Kind.TEXT: _as_typed,
    Kind.DECIMAL: lambda _of, text, _currency, _zone: text.replace(",", "."),
    Kind.CURRENCY: lambda _of, text, _currency, _zone: text.upper(),
    Kind.ZONE: _as_typed,
}
