"""The small forms of a draft: another rule, an example, a replay, a word back to the author."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, NumberRange, Optional, Regexp

from casedesk.policy.facts import FactSpec, Kind, vocabulary, written
from casedesk.policy.pack import Rule
from casedesk.rulebook import words
from casedesk.rulebook.drafts import AddExample
from casedesk.rulebook.forms.rule import fact_choices
from casedesk.rulebook.house import NewRule
from casedesk.rulebook.replaying import Chosen
from casedesk.rulebook.voice import Voice
from casedesk.web.fields import ChoiceField, LocalDateField, LocalDateTimeField
from casedesk.web.form import DeskForm
from casedesk.web.locale import reader_locale, zone

MOST_FACTS = 24


class AddRule(DeskForm):
    edit = HiddenField()
    id = StringField(
        _l("Id, for reports and letters"),
        [
            DataRequired(_l("Give it an id.")),
            Length(max=40),
            Regexp(
                r"[A-Z][A-Z0-9-]+\Z", message=_l("Write capitals, digits and hyphens, like HOUSE-RENEWAL-14.")
            ),
        ],
    )
    title_en = StringField(_l("Title in English"), [DataRequired(_l("Give it a title in English."))])
    title_fr = StringField(_l("Title in French"), [DataRequired(_l("Give it a title in French."))])
    shape = ChoiceField(
        _l("What kind of rule"),
        choices=[("window", _l("A period to ask in")), ("always", _l("A right without a period"))],
    )
    start = ChoiceField(_l("Counted from"))
    days = IntegerField(
        _l("Calendar days"),
        [Optional(), NumberRange(1, 3660, _l("Write a number from 1 to 3660."))],
        default=14,
    )
    pays = ChoiceField(
        _l("How much comes back"), choices=[("full", _l("everything")), ("days", _l("the days not used"))]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.start.choices = fact_choices({Kind.INSTANT, Kind.DAY, Kind.MOMENT})
        if not self.is_submitted():
            self.start.data = "purchase_at"

    def to_command(self) -> NewRule:
        return NewRule(
            str(self.id.data),
            {"en": str(self.title_en.data), "fr": str(self.title_fr.data)},
            str(self.shape.data),
            str(self.pays.data),
            str(self.start.data),
            int(self.days.data or 14),
        )


class Note(DeskForm):
    note = TextAreaField(
        _l("What should change"), [DataRequired(_l("Say what should change.")), Length(max=2000)]
    )


class AskReplay(DeskForm):
    since = LocalDateField(_l("Judged from"), [DataRequired(_l("Choose the first day."))])
    until = LocalDateField(_l("Judged until"), [DataRequired(_l("Choose the last day."))])
    asked = ChoiceField(_l("Kind"), choices=tuple(words.ASKED.items()), blank=_l("all"))
    cause = ChoiceField(_l("Cause"), blank=_l("all"))
    source = StringField(_l("Source"), [Optional(), Length(max=80)])
    plan = ChoiceField(_l("Plan"), blank=_l("all"))

    def offer(self, causes: Mapping[str, str], plans: Mapping[str, str]) -> "AskReplay":
        """The form with the causes and plans of the desk to choose from."""
        for field, named in ((self.cause, causes), (self.plan, plans)):
            field.choices = [*list(field.choices or [])[:1], *sorted(named.items(), key=lambda one: one[1])]
        return self

    def validate(self, extra_validators: Any = None) -> bool:
        good = bool(super().validate(extra_validators))
        if good and _day(self.until) < _day(self.since):
            self.until.errors = [*self.until.errors, _("The end lies before the beginning.")]
            return False
        return good

    def to_command(self) -> Chosen:
        return Chosen(
            _day(self.since),
            _day(self.until),
            asked=self.asked.data or "",
            cause=self.cause.data or "",
            source=self.source.data or "",
            plan=self.plan.data or "",
        )


def _day(field: LocalDateField) -> date:
    """The day of a field that was found good."""
    assert field.data is not None
    return field.data


class Example(DeskForm):
    """Facts that a rule reads, each in a field of its kind; left empty it is unknown."""

    edit = HiddenField()
    label = StringField(
        _l("What it shows"), [DataRequired(_l("Say what the example shows.")), Length(max=120)]
    )
    expected = ChoiceField(
        _l("Expected answer"),
        choices=[("yes", _l("yes")), ("no", _l("no")), ("needs-review", _l("a person decides"))],
    )

    def validate(self, extra_validators: Any = None) -> bool:
        good = bool(super().validate(extra_validators))
        if good and not self.facts():
            self.label.errors = [*self.label.errors, _("Fill in at least one fact.")]
            return False
        return good

    def facts(self) -> dict[str, Any]:
        """The facts as a pack writes them."""
        told: dict[str, Any] = {}
        for name, field in self._fields.items():
            if name.startswith("f_") and field.data not in (None, ""):
                told[name[2:]] = _plain(name[2:], field.data)
        return told

    def to_command(self, draft_id: int, rule_id: str) -> AddExample:
        return AddExample(
            draft_id,
            int(self.edit.data or 0),
            rule_id,
            str(self.label.data),
            self.facts(),
            str(self.expected.data),
        )


def example_for(rule: Rule, edit: int) -> Example:
    """The form of an example of this rule, with a field for each fact that it reads."""
    fields: dict[str, Any] = {}
    data: dict[str, Any] = {"edit": edit, "f_timezone": zone()}
    for name in ("timezone", *rule.reads)[:MOST_FACTS]:
        if (made := _field(vocabulary()[name])) is not None:
            fields.setdefault(f"f_{name}", made)
    form: Example = type("ExampleOfThisRule", (Example,), fields)(data=data)
    return form


def _field(spec: FactSpec) -> Any:
    """The field for a fact of this kind; None where a form cannot hold it."""
    locale = reader_locale()
    label = Voice(locale).label(spec.name)
    if spec.kind is Kind.FLAG:
        return ChoiceField(label, choices=[("true", _l("yes")), ("false", _l("no"))], blank=_l("unknown"))
    if spec.kind is Kind.ENUMERATION:
        listed = [(_key(value), Voice(locale).value(spec.name, value)) for value in spec.values]
        listed += [("never", _l("never"))] if spec.never else []
        listed += [("none", _l("none"))] if spec.none else []
        return ChoiceField(label, choices=listed, blank=_l("unknown"))
    if spec.kind is Kind.INSTANT:
        return LocalDateTimeField(label, [Optional()])
    if spec.kind in (Kind.DAY, Kind.MOMENT):
        return LocalDateField(label, [Optional()])
    if spec.kind in (Kind.COUNT, Kind.MONEY):
        low, high = spec.minimum, min(spec.maximum, 10**12)
        within = _l("This number is out of range for this fact.")
        return IntegerField(label, [Optional(), NumberRange(low, high, within)])
    if spec.kind in (Kind.TEXT, Kind.ZONE, Kind.CURRENCY):
        return StringField(label, [Optional(), Length(max=80)])
    return None


def _key(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _plain(name: str, value: Any) -> Any:
    """A value of a form as a pack writes it."""
    spec = vocabulary()[name]
    if spec.kind in (Kind.FLAG, Kind.ENUMERATION):
        words_of = {"true": True, "false": False}
        return words_of.get(value, value) if True in spec.values or spec.kind is Kind.FLAG else value
    if spec.kind is Kind.INSTANT:
        return written(name, value) if not spec.many else [written(name, (value,))[0]]  # type: ignore[index]
    if isinstance(value, date):
        return value.isoformat()
    return value
