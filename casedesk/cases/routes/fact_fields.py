"""How a page asks for one fact: the question, the kind of input, the words to choose from."""

from dataclasses import dataclass

from flask_babel import gettext as _

from casedesk.cases.forms.fact_values import TYPEABLE
from casedesk.policy.facts import Kind, vocabulary
from casedesk.web import locale

_INPUTS = {
    Kind.INSTANT: "datetime-local",
    Kind.MOMENT: "datetime-local",
    Kind.DAY: "date",
    Kind.COUNT: "number",
}


@dataclass(frozen=True)
class FactField:
    """One fact as a form asks for it; `choices` empty where it is typed."""

    name: str
    label: str
    question: str
    input: str
    choices: list[tuple[str, str]]
    states: list[tuple[str, str]]
    suffix: str = ""


def fact_field(name: str, currency: str = "EUR") -> FactField | None:
    """The field for fact `name`; None where there is no such fact, or one field cannot ask for it."""
    spec = vocabulary().get(name)
    if spec is None or spec.kind not in TYPEABLE:
        return None
    language = locale.reader_locale()
    choices: list[tuple[str, str]] = []
    if spec.kind is Kind.FLAG:
        choices = [("true", _("Yes")), ("false", _("No"))]
    elif spec.kind is Kind.ENUMERATION:
        written = [str(v).lower() if isinstance(v, bool) else str(v) for v in spec.values]
        choices = [(v, spec.value_labels.get(v, {}).get(language, v.replace("_", " "))) for v in written]
    states = [("known", _("Its value"))]
    if spec.never or spec.none:
        states.append(("never", _("It never happened") if spec.never else _("There is none")))
    states.append(("unknown", _("Nothing yet")))
    suffix = currency if spec.kind is Kind.MONEY else ""
    return FactField(
        name,
        spec.label[language],
        spec.ask[language],
        _INPUTS.get(spec.kind, "text"),
        choices,
        states,
        suffix,
    )
