"""A fact as people read it: its value in their language, whatever its kind."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from casedesk.policy.facts import NEVER, FactError, FactSpec, Kind, read_fact, vocabulary
from casedesk.web import locale


def said(name: str, value: object, currency: str = "EUR") -> str:
    """Fact `name` with `value` as files write it (never and none included), in the reader's language."""
    spec = vocabulary()[name]
    try:
        typed = read_fact(name, value)
    except FactError:
        return str(value)
    if typed is None:
        return str(_("not known"))
    if typed is NEVER:
        return str(_("It never happened") if spec.never else _("There is none"))
    return said_typed(spec, typed, currency)


def state_said(name: str, state: str, value: object, currency: str = "EUR") -> str:
    """Fact `name` in one of its three states: known with its value, never, unknown."""
    if state == "unknown":
        return str(_("not known"))
    if state == "never":
        return str(_("It never happened") if vocabulary()[name].never else _("There is none"))
    return said(name, value, currency)


def said_typed(spec: FactSpec, value: Any, currency: str) -> str:
    """A typed value that is neither unknown nor never."""
    if isinstance(value, tuple):
        return "; ".join(said_typed(spec, item, currency) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(
            _part(spec, part, item, currency) for part, item in value.items() if item is not None
        )
    return _one(spec, spec.kind, value, currency)


def _part(spec: FactSpec, name: str, value: Any, currency: str) -> str:
    language = locale.reader_locale()
    label = spec.field_labels.get(name, {}).get(language, name)
    word = spec.value_labels.get(str(value), {}).get(language) or _one(
        spec, spec.fields[name], value, currency
    )
    return str(_("%(label)s: %(value)s", label=label, value=word))


def _one(spec: FactSpec, kind: Kind, value: Any, currency: str) -> str:
    if value is NEVER:
        return str(_("It never happened"))
    labels = spec.value_labels.get(str(value).lower() if isinstance(value, bool) else str(value))
    if labels:
        return labels[locale.reader_locale()]
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    if isinstance(value, datetime):
        return locale.moment(value)
    if isinstance(value, date):
        return locale.day_year(value) if kind is not Kind.MONTH else f"{value:%Y-%m}"
    return _COUNTED.get(kind, _plain)(value, spec, currency)


def _plain(value: Any, spec: FactSpec, _currency: str) -> str:
    return str(value).replace("_", " ") if spec.kind is Kind.ENUMERATION else str(value)


def _count(value: int, spec: FactSpec, _currency: str) -> str:
    if spec.name.endswith("_months"):
        return str(ngettext("%(num)d month", "%(num)d months", value))
    if spec.name.endswith("_days"):
        return str(ngettext("%(num)d day", "%(num)d days", value))
    return str(value)


_COUNTED: dict[Kind, Callable[[Any, FactSpec, str], str]] = {
    Kind.MONEY: lambda value, _spec, currency: locale.money(value, currency),
    Kind.COUNT: _count,
}
