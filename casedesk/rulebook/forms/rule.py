"""A rule as a form: fields made from its own clauses, so that every rule can be edited without code."""

from collections.abc import Mapping
from copy import deepcopy
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, StringField, TextAreaField
from wtforms.validators import DataRequired, InputRequired, Length, Optional, Regexp

from casedesk.policy.facts import Kind, vocabulary
from casedesk.policy.pack import Pack, Rule
from casedesk.rulebook import editing, words
from casedesk.rulebook.checking import table_of
from casedesk.rulebook.drafts import SaveRule
from casedesk.rulebook.editing import Entry, Leaf
from casedesk.rulebook.voice import Voice
from casedesk.web.fields import ChoiceField, LocalDateField
from casedesk.web.form import DeskForm
from casedesk.web.locale import reader_locale

SPARE = 2
"""Empty conditions at the foot of a list: two at a time are enough, for the form can be saved and opened again."""

_DAYS = {Kind.INSTANT, Kind.DAY, Kind.MOMENT, Kind.MONTH}
_NUMBERS = {Kind.COUNT, Kind.MONEY, Kind.SHARE}


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
    gates: list[Mapping[str, Any]]
    remedy: Mapping[str, Any] | None
    table: Mapping[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        blank = self.attaches_to.choices
        self.attaches_to.choices = [*blank, *fact_choices(_DAYS)]
        for name, field in self._fields.items():
            if name.endswith("_fact"):
                field.choices = [*field.choices[:1], *fact_choices()]
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
        for prefix, _old in self.conditions():
            good = self._read(prefix) and good
        return good

    def conditions(self) -> list[tuple[str, bool]]:
        """The prefix of every condition, and whether it stood there before."""
        return [
            (name.removesuffix("_value"), name[0] != "n") for name in self._fields if name.endswith("_value")
        ]

    def gate_rows(self, at: int) -> list[str]:
        """The prefixes of the conditions of one gate."""
        return [prefix for prefix, _old in self.conditions() if prefix.startswith(f"g{at}e")]

    def where_rows(self) -> list[str]:
        return [prefix for prefix, _old in self.conditions() if prefix.startswith(("w", "nw"))]

    def new_rows(self) -> list[str]:
        return [prefix for prefix, _old in self.conditions() if prefix.startswith("nc")]

    def _read(self, prefix: str) -> bool:
        """Read one condition; a fault is told at its value."""
        fact = self[f"{prefix}_fact"].data
        text = (self[f"{prefix}_value"].data or "").strip()
        self._entries[prefix] = None
        if fact not in vocabulary() or (prefix[0] != "n" and not text):
            return True
        spec, verb = vocabulary()[fact], self[f"{prefix}_verb"].data
        by_day, by_number = (
            verb in ("before", "until", "from", "after"),
            verb in ("below", "above", "at_most", "at_least"),
        )
        try:
            if (by_day and spec.kind not in _DAYS) or (by_number and spec.kind not in _NUMBERS):
                raise ValueError("verb")
            self._entries[prefix] = Entry(fact, verb, editing.read_value(spec, verb, _by_label(text)))
        except ValueError as fault:
            said = words.VALUE_FAULTS.get(str(fault), words.VALUE_FAULTS["empty"])
            listed = ", ".join(Voice(reader_locale()).value(fact, value) for value in spec.values)
            field = self[f"{prefix}_value"]
            field.errors = [*field.errors, str(said) % {"words": listed} if "%(" in str(said) else str(said)]
            return False
        return True

    @property
    def _entries(self) -> dict[str, Entry | None]:
        return self.__dict__.setdefault("_read_entries", {})

    def to_command(self, draft_id: int) -> SaveRule:
        """The rule as the form says it now."""
        rule = deepcopy(dict(self.table))
        rule.pop("like", None)
        self._words_into(rule)
        self._dates_into(rule)
        rule = editing.with_values(rule, self._leaf_values())
        self._gates_into(rule)
        when = None
        if self.remedy is not None and self.where_rows():
            when = editing.when_of([e for p in self.where_rows() if (e := self._entries[p])])
        return SaveRule(draft_id, int(self.edit.data or 0), rule, when)

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

    def _gates_into(self, rule: dict[str, Any]) -> None:
        kept: dict[str, list[Any]] = {"gate": [], "exception": []}
        for at, gate in enumerate(self.gates):
            if self[f"g{at}_drop"].data:
                continue
            rows = self.gate_rows(at)
            listed = [entry for prefix in rows if (entry := self._entries[prefix])]
            when = editing.when_of(listed) if listed else gate["when"]
            if rows and gate["answer"] == "no" and _is_turned(gate["when"]) and listed:
                when = editing.when_of([Entry(listed[0].fact, "is_not", listed[0].value)])
            written = {"when": when, "answer": gate["answer"], "code": gate["code"]}
            kept["exception" if gate.get("_exception") else "gate"].append(written)
        kept["gate"] += [new for prefix in self.new_rows() if (new := self._new_gate(prefix))]
        for key, listed_gates in kept.items():
            if listed_gates:
                rule[key] = listed_gates
            else:
                rule.pop(key, None)

    def _new_gate(self, prefix: str) -> dict[str, Any] | None:
        entry, effect = self._entries[prefix], self[f"{prefix}_effect"].data
        if entry is None:
            return None
        if effect == "only":
            turned = {"is": "is_not", "is_not": "is", "at_most": "above", "above": "at_most", "at_least": "below", "below": "at_least", "before": "from", "from": "before", "until": "after", "after": "until"}  # fmt: skip
            entry = Entry(entry.fact, turned[entry.verb], entry.value)
        answer = {"only": "no"}.get(effect, effect)
        return {"when": editing.when_of([entry]), "answer": answer, "code": f"house.{answer}"}


def made_for(rule: Rule, pack: Pack, edit: int) -> EditRule:
    """The form of this rule, filled with what it says now."""
    table = rule.table
    gates = [*table.get("gate", []), *({**one, "_exception": True} for one in table.get("exception", []))]
    remedy = next((one for one in _remedies(pack) if one["right"] == rule.id), None)
    leaves = editing.leaves(table)
    fields: dict[str, Any] = {"leaves": leaves, "gates": gates, "remedy": remedy, "table": table}
    data: dict[str, Any] = _words_of(rule, edit)
    for at, leaf in enumerate(leaves):
        _leaf_field(fields, data, at, leaf)
    for at, gate in enumerate(gates):
        fields[f"g{at}_drop"] = BooleanField(_l("Take this condition away"))
        shown = _turned(gate["when"]) if gate["answer"] == "no" and _is_turned(gate["when"]) else gate["when"]
        for n, entry in enumerate(editing.entries(shown) or []):
            _condition_fields(fields, data, f"g{at}e{n}", entry)
    if remedy is not None:
        for n, entry in enumerate(editing.entries(remedy.get("when", {})) or []):
            _condition_fields(fields, data, f"w{n}", entry)
        _condition_fields(fields, data, "nw0", None)
    for n in range(SPARE):
        fields[f"nc{n}_effect"] = ChoiceField(_l("Effect"), choices=tuple(words.EFFECTS.items()))
        _condition_fields(fields, data, f"nc{n}", None)
    made = type("EditThisRule", (EditRule,), fields)
    form: EditRule = made(data=data)
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


def _condition_fields(fields: dict[str, Any], data: dict[str, Any], prefix: str, entry: Entry | None) -> None:
    fields[f"{prefix}_fact"] = ChoiceField(_l("Fact"), blank=_l("no condition"))
    fields[f"{prefix}_verb"] = ChoiceField(_l("Comparison"), choices=tuple(words.VERBS.items()))
    fields[f"{prefix}_value"] = StringField(_l("Value"), [Length(max=200)])
    if entry is not None:
        told = _value_text(entry)
        data |= {f"{prefix}_fact": entry.fact, f"{prefix}_verb": entry.verb, f"{prefix}_value": told}


def _value_text(entry: Entry) -> str:
    """The value as people type it: labels for words, figures as they are."""
    voice = Voice(reader_locale())
    listed = entry.value if isinstance(entry.value, list) else [entry.value]
    if entry.verb in ("before", "until", "from", "after"):
        text = str(entry.value)
        return voice.label(text) if text in vocabulary() else text
    plain = [
        str(one) if isinstance(one, int) and not isinstance(one, bool) else _word(voice, entry.fact, one)
        for one in listed
    ]
    return ", ".join(plain)


def _word(voice: Voice, fact: str, value: object) -> str:
    told = voice.value(fact, value)
    return str(value).lower() if "," in told else told


def _by_label(text: str) -> str:
    """The name of a fact, where its label was typed."""
    folded = text.casefold()
    for name, spec in vocabulary().items():
        if folded in (label.casefold() for label in spec.label.values()):
            return name
    return text


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


def _is_turned(when: object) -> bool:
    """Is this `{fact: {not: value}}` alone?"""
    if not isinstance(when, Mapping) or len(when) != 1:
        return False
    wanted = next(iter(when.values()))
    return isinstance(wanted, Mapping) and list(wanted) == ["not"]


def _turned(when: Any) -> Any:
    name, wanted = next(iter(when.items()))
    return {name: wanted["not"]}


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
