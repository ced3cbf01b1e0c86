"""How a page asks for one fact: the question, the kind of input, the words to choose from, its parts."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import gettext as _

from casedesk.customers.fact_values import MOST_ROWS
from casedesk.policy.facts import FactSpec, Kind, vocabulary
from casedesk.web import locale

Choices = list[tuple[str, str]]

_INPUTS = {
    Kind.INSTANT: "datetime-local",
    Kind.MOMENT: "datetime-local",
    Kind.DAY: "date",
    Kind.MONTH: "month",
    Kind.COUNT: "number",
}


@dataclass(frozen=True)
class PartField:
    """One part of a fact that has several."""

    name: str
    label: str
    input: str
    choices: Choices
    suffix: str


@dataclass(frozen=True)
class FactField:
    """One fact as a form asks for it; `choices` empty where it is typed, `parts` where it has several."""

    name: str
    label: str
    question: str
    input: str
    choices: Choices
    states: Choices
    suffix: str = ""
    parts: tuple[PartField, ...] = ()
    rows: int = 0
    several: bool = False


def fact_field(name: str, currency: str = "EUR") -> FactField | None:
    """The field for fact `name`; None where there is no such fact."""
    spec = vocabulary().get(name)
    if spec is None:
        return None
    language = locale.reader_locale()
    states = [("known", _("Its value"))]
    if spec.never or spec.none:
        states.append(("never", _("It never happened") if spec.never else _("There is none")))
    states.append(("unknown", _("Nothing yet")))
    return FactField(
        name,
        spec.label[language],
        spec.ask[language],
        "text" if spec.many else _INPUTS.get(spec.kind, "text"),
        _choices(spec, spec.kind),
        states,
        currency if spec.kind is Kind.MONEY else "",
        tuple(_part(spec, part, kind, currency) for part, kind in spec.fields.items()),
        (MOST_ROWS if spec.many else 1) if spec.fields else 0,
        spec.many and not spec.fields,
    )


def _part(spec: FactSpec, name: str, kind: Kind, currency: str) -> PartField:
    language = locale.reader_locale()
    label = spec.field_labels.get(name, {}).get(language, name.replace("_", " "))
    suffix = currency if kind is Kind.MONEY else ""
    choices = _choices(spec, kind) or _offered(spec, name)
    return PartField(name, label, _INPUTS.get(kind, "text"), choices, suffix)


def _offered(spec: FactSpec, part: str) -> Choices:
    """The words that a part may have, where the vocabulary labels them."""
    words = {str(probe[part]): None for probe in spec.probes if isinstance(probe, Mapping) and part in probe}
    return [(word, _word(spec, word)) for word in words if word in spec.value_labels]


def _choices(spec: FactSpec, kind: Kind) -> Choices:
    if kind is Kind.FLAG:
        return [("true", _("Yes")), ("false", _("No"))]
    if kind is Kind.ENUMERATION:
        written = [str(v).lower() if isinstance(v, bool) else str(v) for v in spec.values]
        return [(v, _word(spec, v)) for v in written]
    return []


def _word(spec: FactSpec, value: str) -> str:
    labels: Mapping[str, str] = spec.value_labels.get(value, {})
    return labels.get(locale.reader_locale(), value.replace("_", " "))
