"""A fact as a person types or picks it, into the value that the rules read."""

from typing import Any

from flask_babel import gettext as _

from casedesk.policy.facts import FactSpec, Kind, vocabulary
from casedesk.web.amounts import read_amount
from casedesk.web.fields import read_day, read_moment

TYPEABLE = frozenset(
    {
        Kind.INSTANT,
        Kind.DAY,
        Kind.MOMENT,
        Kind.MONEY,
        Kind.COUNT,
        Kind.SHARE,
        Kind.FLAG,
        Kind.ENUMERATION,
        Kind.TEXT,
    }
)
"""Kinds that one field can ask for."""


def typed_value(name: str, text: str, *, currency: str, zone: str) -> Any:
    """The value of fact `name` as files write it. Raises ValueError with a sentence."""
    spec = vocabulary().get(name)
    if spec is None or spec.kind not in TYPEABLE:
        raise ValueError(_("No rule reads a fact of this name. Choose one from the list."))
    if not text:
        raise ValueError(_("Enter the value, or say that nothing is known yet."))
    if spec.kind in (Kind.INSTANT, Kind.MOMENT):
        return _instant(text, zone)
    if spec.kind is Kind.DAY:
        return read_day(text).isoformat()
    if spec.kind is Kind.MONEY:
        return read_amount(text, currency)
    if spec.kind in (Kind.COUNT, Kind.SHARE):
        return _number(text, spec)
    return _listed(text, spec)


def _instant(text: str, zone: str) -> str:
    """A moment, or the end of the morning of a day alone."""
    if len(text) <= 10:
        return f"{read_day(text).isoformat()}T12:00:00Z"
    if text.endswith("Z"):
        return text
    return read_moment(text, zone).isoformat().replace("+00:00", "Z")


def _number(text: str, spec: FactSpec) -> int:
    if not (text.isascii() and text.isdecimal()) or len(text) > 10:
        raise ValueError(_("“%(text)s” is not a whole number.", text=text[:40]))
    return int(text)


def _listed(text: str, spec: FactSpec) -> Any:
    if spec.kind is Kind.TEXT:
        return text
    truth = {"true": True, "false": False}
    value: Any = truth.get(text, text)
    if spec.kind is Kind.FLAG and not isinstance(value, bool):
        raise ValueError(_("Choose yes or no."))
    if spec.kind is Kind.ENUMERATION and value not in spec.values:
        raise ValueError(_("Choose one of the list."))
    return value
