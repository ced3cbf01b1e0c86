"""A rule as a form: fields made from its own clauses, so that every rule can be edited without code."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp

from casedesk.policy.facts import Kind, vocabulary
from casedesk.policy.pack import Pack, Rule
from casedesk.rulebook import editing, words
from casedesk.rulebook.checking import table_of
from casedesk.rulebook.drafts import SaveRule
from casedesk.rulebook.editing import Leaf
from casedesk.rulebook.forms.asked import Asked
from casedesk.web.fields import ChoiceField, LocalDateField
from casedesk.web.form import DeskForm
from casedesk.web.locale import reader_locale

_DAYS = {Kind.INSTANT, Kind.DAY, Kind.MOMENT, Kind.MONTH}


def fact_choices(kinds: set[Kind] | None = None) -> list[tuple[str, str]]:
    """The facts of the vocabulary by their label, in the reader's language."""
    locale = reader_locale()
    listed = [(n, s.label[locale]) for n, s in vocabulary().items() if kinds is None or s.kind in kinds]
    return sorted(listed, key=lambda one: one[1].casefold())


class EditRule(DeskForm):
    """What every rule has; `made_for` adds the fields of its own clauses."""

    edit = HiddenField()
    title_en = StringField(_l("Title in English"), [DataRequired(_l("Give it a title in English."))])
    title_fr = StringField(_l("Title in French"), [DataRequired(_l("Give it a title in French."))])
    explain_en = TextAreaField(
        _l("Explanation in English"), [DataRequired(_l("Explain it in English.")), Length(max=4000)]
    )
    explain_fr = TextAreaField(
        _l("Explanation in French"), [DataRequired(_l("Explain it in French.")), Length(max=4000)]
    )
    instrument = StringField(_l("Rests on"), [DataRequired(_l("Say which text it rests on."))])
    article = StringField(_l("Article or clause"))
    url = StringField(
        _l("Link to the text"),
        [
            Optional(),
            Regexp(r"https?://\S+\Z", message=_l("Write an address like https://example.org/text.")),
        ],
    )
    confidence = ChoiceField(_l("Confidence"), choices=tuple(words.CONFIDENCES.items()), blank=_l("not said"))
    review_by = LocalDateField(_l("Review by"), [Optional()])
    effective_from = LocalDateField(_l("In force from"), [Optional()])
    effective_to = LocalDateField(_l("In force to"), [Optional()])
    attaches_to = ChoiceField(_l("Counted for the day of"), blank=_l("every case"))

    leaves: list[Leaf]
    table: Mapping[str, Any]
    asked: Asked

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        blank = self.attaches_to.choices
        self.attaches_to.choices = [*blank, *fact_choices(_DAYS)]
        for name, field in self._fields.items():
            if name.endswith("_start"):
                field.choices = fact_choices({Kind.INSTANT, Kind.DAY, Kind.MOMENT})

    def validate(self, extra_validators: Any = None) -> bool:
        good = bool(super().validate(extra_validators))
        if (
            self.effective_from.data
            and self.effective_to.data
            and self.effective_to.data < self.effective_from.data
        ):
            self.effective_to.errors = [*self.effective_to.errors, _("The end lies before the beginning.")]
            good = False
        return self.asked.read() and good

    @property
    def faults(self) -> list[tuple[str, str]]:
        return [*super().faults, *self.asked.faults()]

    def to_command(self, draft_id: int) -> SaveRule:
        """The rule as the form says it now."""
        rule = deepcopy(dict(self.table))
        rule.pop("like", None)
        self._words_into(rule)
        self._dates_into(rule)
        rule = editing.with_values(rule, self._leaf_values())
        rule = self.asked.into(rule)
        return SaveRule(draft_id, int(self.edit.data or 0), rule, self.asked.where())

    def _words_into(self, rule: dict[str, Any]) -> None:
        rule["title"] = {"en": self.title_en.data, "fr": self.title_fr.data}
        rule["explain"] = {"en": self.explain_en.data, "fr": self.explain_fr.data}
        cited = {"instrument": self.instrument.data, "article": self.article.data, "url": self.url.data}
        rule["citation"] = {key: text for key, text in cited.items() if text}
        for key, value in (("confidence", self.confidence.data), ("review_by", _iso(self.review_by.data))):
            if value:
                rule[key] = value
            else:
                rule.pop(key, None)

    def _dates_into(self, rule: dict[str, Any]) -> None:
        dates = {
            "from": _iso(self.effective_from.data),
            "to": _iso(self.effective_to.data),
            "attaches_to": self.attaches_to.data,
        }
        kept = {key: value for key, value in dates.items() if value}
        if kept:
            rule["effective"] = kept
        else:
            rule.pop("effective", None)

    def _leaf_values(self) -> dict[editing.Where, Any]:
        values: dict[editing.Where, Any] = {}
        for at, leaf in enumerate(self.leaves):
            if leaf.kind == "step":
                values[leaf.where] = f"{self[f'l{at}_n'].data} {self[f'l{at}_u'].data}"
            elif leaf.kind == "number":
                values[leaf.where] = self[f"l{at}_n"].data
            elif leaf.kind == "roll":
                values[leaf.where] = bool(self[f"l{at}_roll"].data)
            elif leaf.kind == "start":
                values[leaf.where] = self[f"l{at}_start"].data
            else:
                values[leaf.where] = self[f"l{at}_choice"].data
        return values


def made_for(rule: Rule, pack: Pack, edit: int) -> EditRule:
    """The form of this rule, filled with what it says now, or with what was typed."""
    table = rule.table
    remedy = next((one for one in _remedies(pack) if one["right"] == rule.id), None)
    leaves = editing.leaves(table)
    fields: dict[str, Any] = {"leaves": leaves, "table": table}
    data: dict[str, Any] = _words_of(rule, edit)
    for at, leaf in enumerate(leaves):
        _leaf_field(fields, data, at, leaf)
    form: EditRule = type("EditThisRule", (EditRule,), fields)(data=data)
    form.asked = Asked.of(table, remedy, request.form if form.is_submitted() else None)
    return form


def _leaf_field(fields: dict[str, Any], data: dict[str, Any], at: int, leaf: Leaf) -> None:
    label = words.LEAVES.get(leaf.name, leaf.name)
    required = InputRequired(_l("Write a whole number."))
    if leaf.kind == "step":
        number, _sep, unit = leaf.value.partition(" ")
        fields[f"l{at}_n"] = IntegerField(label, [required, _Between(-36_600, 36_600)])
        fields[f"l{at}_u"] = ChoiceField(
            _l("Counted in"), choices=[(u, words.UNITS[u]) for u in editing.UNITS]
        )
        data |= {f"l{at}_n": int(number), f"l{at}_u": unit}
    elif leaf.kind == "number":
        fields[f"l{at}_n"] = IntegerField(label, [required, _Between(0, 10**11)])
        data[f"l{at}_n"] = leaf.value
    elif leaf.kind == "roll":
        fields[f"l{at}_roll"] = BooleanField(_l("A last day off moves to the next working day"))
        data[f"l{at}_roll"] = leaf.value
    elif leaf.kind == "start":
        fields[f"l{at}_start"] = ChoiceField(label)
        data[f"l{at}_start"] = leaf.value
    else:
        listed = [(one, words.CHOICES[one]) for one in editing.CHOICES[leaf.name]]
        fields[f"l{at}_choice"] = ChoiceField(label, choices=listed)
        data[f"l{at}_choice"] = leaf.value


def _words_of(rule: Rule, edit: int) -> dict[str, Any]:
    cited = rule.citation
    return {
        "edit": edit,
        **{f"title_{locale}": rule.title.get(locale, "") for locale in ("en", "fr")},
        **{f"explain_{locale}": rule.explain.get(locale, "") for locale in ("en", "fr")},
        "instrument": cited.instrument,
        "article": cited.article,
        "url": cited.url,
        "confidence": rule.confidence,
        "review_by": _date(str(rule.table.get("review_by", ""))),
        "effective_from": rule.effective_from,
        "effective_to": rule.effective_to,
        "attaches_to": rule.attaches_to,
    }


def _remedies(pack: Pack) -> list[Mapping[str, Any]]:
    return list(table_of(pack.toml).get("remedy", []))


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


class _Between:
    """A whole number within limits."""

    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most

    def __call__(self, form: object, field: Any) -> None:
        if field.data is not None and not self.least <= field.data <= self.most:
            raise ValueError(
                _("Write a number from %(least)s to %(most)s.", least=self.least, most=self.most)
            )
