"""The conditions of a rule as a form: groups and comparisons in named fields, changed by buttons without a script.

A condition stands under a key of its own (g0 the first gate, n0 the first new one, w the cases of its remedy, c0 and on what
stands deeper in the rule). A part is named by its place: g0-1 the second part of g0, g0-1-0 the first part of that group.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict

from casedesk.policy.conditions import MOST_DAYS, MOST_DEPTH
from casedesk.policy.facts import FactError, FactSpec, Kind, read_fact, vocabulary
from casedesk.rulebook import words
from casedesk.rulebook.tree import Compared, Group, Part
from casedesk.rulebook.voice import Voice
from casedesk.web.fields import read_day
from casedesk.web.form import tidy
from casedesk.web.locale import reader_locale

MOST_PARTS, DEEPEST = 80, 4
LONGEST = 200

_WORDS = frozenset({Kind.FLAG, Kind.ENUMERATION})
_NUMBERS = frozenset({Kind.COUNT, Kind.MONEY, Kind.SHARE})
_TEXTS = frozenset({Kind.TEXT, Kind.ZONE, Kind.CURRENCY, Kind.DECIMAL})
_BY_DAY = ("before", "until", "from", "after")
_BY_NUMBER = ("at_most", "at_least", "below", "above")
_BY_FACT = frozenset({Kind.INSTANT, Kind.DAY, Kind.MOMENT, Kind.MONTH})


@dataclass
class Row:
    """One comparison as it was typed. `words`: the chosen words; `other`: the fact that it is compared with."""

    key: str
    fact: str
    verb: str = ""
    words: list[str] = field(default_factory=list)
    typed: str = ""
    days: str = ""
    other: str = ""
    error: str = ""

    @property
    def spec(self) -> FactSpec:
        return vocabulary()[self.fact]

    @property
    def label(self) -> str:
        return Voice(reader_locale()).label(self.fact)

    @property
    def verbs(self) -> list[tuple[str, Any]]:
        return [(verb, words.VERBS[verb]) for verb in verbs_of(self.spec)]

    @property
    def input(self) -> str:
        """What is asked beside the comparison: words, day, month, number or text."""
        kind = self.spec.kind
        if kind in _WORDS:
            return "words"
        if kind in _BY_FACT:
            return "month" if kind is Kind.MONTH else "day"
        return "number" if kind in _NUMBERS else "text"

    @property
    def choices(self) -> list[tuple[str, str]]:
        """The words that this fact can be, by their label."""
        voice = Voice(reader_locale())
        listed = [*self.spec.values] if self.spec.kind is Kind.ENUMERATION else [True, False]
        told = [(_key(value), voice.value(self.fact, value)) for value in listed]
        return told + [(word, voice.value(self.fact, word)) for word in _absences(self.spec)]

    @property
    def others(self) -> list[tuple[str, str]]:
        """The facts whose day this one can be compared with."""
        return _named(spec for spec in vocabulary().values() if _dated(spec) and spec.name != self.fact)


@dataclass
class Knot:
    """A group as it was typed: of its parts all, any or none must hold."""

    key: str
    how: str = "all"
    parts: "list[Row | Knot]" = field(default_factory=list)
    error: str = ""

    @property
    def deep(self) -> int:
        return self.key.count("-")

    @property
    def fillable(self) -> bool:
        """May another group stand in this one?"""
        return self.deep < DEEPEST - 1


def verbs_of(spec: FactSpec) -> tuple[str, ...]:
    """How a fact of this kind can be compared; none where a form cannot ask about it."""
    happened = ("never", "ever") if _absences(spec) else ()
    if spec.many or spec.kind in (Kind.RECORD, Kind.COUNTS):
        return happened
    if spec.kind in _WORDS:
        return ("is", "is_not")
    if spec.kind in _NUMBERS:
        return ("is", "is_not", *_BY_NUMBER, *happened)
    if spec.kind is Kind.INSTANT:
        return (*_BY_DAY, "no_later_than", "within_days", *happened)
    if spec.kind in _BY_FACT:
        return (
            *_BY_DAY,
            "within_days",
            *(("is", "is_not") if spec.kind is not Kind.MOMENT else ()),
            *happened,
        )
    return ("is", "is_not", *happened)


def facts_to_ask() -> list[tuple[str, str]]:
    """Every fact that a condition can be about, by its label."""
    return _named(spec for spec in vocabulary().values() if verbs_of(spec))


def _named(specs: Iterator[FactSpec]) -> list[tuple[str, str]]:
    voice = Voice(reader_locale())
    return sorted(((spec.name, voice.label(spec.name)) for spec in specs), key=lambda one: one[1].casefold())


def _dated(spec: FactSpec) -> bool:
    return spec.kind in _BY_FACT and not spec.many


def _absences(spec: FactSpec) -> list[str]:
    """The word for what is known not to be, where this fact has one."""
    return ["never"] if spec.never else ["none"] if spec.none else []


def _key(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


# --- from a pack to the form ---------------------------------------------------------------------


def shown(key: str, group: Group) -> Knot:
    """A condition of a pack as the form shows it."""
    return Knot(key, group.how, [_shown(f"{key}-{at}", part) for at, part in enumerate(group.parts)])


def _shown(key: str, part: Part) -> Row | Knot:
    if isinstance(part, Group):
        return shown(key, part)
    spec = vocabulary()[part.fact]
    listed = part.value if isinstance(part.value, list) else [part.value]
    if spec.kind in _WORDS:
        return Row(key, part.fact, part.verb, [_key(one) for one in listed])
    if listed in (["never"], ["none"]) and part.verb in ("is", "is_not"):
        return Row(key, part.fact, "never" if part.verb == "is" else "ever")
    if part.verb == "within_days":
        return Row(key, part.fact, part.verb, days=str(part.value), other=part.of)
    if isinstance(part.value, str) and part.value in vocabulary() and part.verb not in ("is", "is_not"):
        return Row(key, part.fact, part.verb, other=part.value)
    return Row(key, part.fact, part.verb, typed=", ".join(str(one) for one in listed))


# --- from what was typed -------------------------------------------------------------------------

_PLACE = re.compile(r"(?P<key>[a-z]{1,2}\d{0,3}(?:-\d{1,3}){0,8})-(?P<what>how|fact)\Z")


def keys_in(typed: Mapping[str, Any], prefix: str) -> list[str]:
    """The keys of the conditions that were typed under this prefix, in their order."""
    found = {name.partition("-")[0] for name in typed if re.match(rf"{prefix}\d{{1,3}}-", name)}
    return sorted(found, key=lambda key: int(key[len(prefix) :]))


def typed_under(key: str, typed: "MultiDict[str, str]") -> Knot | None:
    """The condition that was typed under a key; None where none was."""
    if f"{key}-how" not in typed:
        return None
    places: dict[str, str] = {}
    for name in typed:
        if (found := _PLACE.match(name)) and (found["key"] == key or found["key"].startswith(f"{key}-")):
            places[found["key"]] = found["what"]
    return _typed(key, places, typed, [0])


def _typed(key: str, places: Mapping[str, str], typed: "MultiDict[str, str]", count: list[int]) -> Knot:
    how = typed.get(f"{key}-how", "all")
    knot = Knot(key, how if how in words.GROUPS else "all")
    below = sorted(
        (place for place in places if place.rpartition("-")[0] == key),
        key=lambda place: int(place.rpartition("-")[2]),
    )
    for place in below:
        count[0] += 1
        if count[0] > MOST_PARTS:
            knot.error = _("This is more than a rule can ask: %(most)s parts at most.", most=MOST_PARTS)
            break
        if places[place] == "how" and knot.deep < MOST_DEPTH:
            knot.parts.append(_typed(place, places, typed, count))
        elif typed.get(f"{place}-fact") in vocabulary():
            knot.parts.append(_typed_row(place, typed))
    return knot


def _typed_row(key: str, typed: "MultiDict[str, str]") -> Row:
    return Row(
        key,
        typed[f"{key}-fact"],
        typed.get(f"{key}-verb", ""),
        [tidy(word)[:LONGEST] for word in typed.getlist(f"{key}-word")[:50]],
        tidy(typed.get(f"{key}-typed"))[:LONGEST],
        tidy(typed.get(f"{key}-days"))[:LONGEST],
        typed.get(f"{key}-other", ""),
    )


# --- changing it by a button ---------------------------------------------------------------------


def act_on(knot: Knot, act: str, typed: Mapping[str, str]) -> None:
    """Do what a button says: `row KEY` and `group KEY` add to a group, `drop KEY` takes a part away."""
    verb, _sep, key = act.partition(" ")
    if verb == "drop":
        _drop(knot, key)
        return
    group = next((one for one in groups(knot) if one.key == key), None)
    if group is None:
        return
    if verb == "group" and group.fillable:
        group.parts.append(Knot(_next(group), "any" if group.how == "all" else "all"))
    elif verb == "row":
        add_chosen(group, typed)


def add_chosen(group: Knot, typed: Mapping[str, str]) -> bool:
    """A comparison of the fact that was chosen under this group; False where none was."""
    fact = typed.get(f"{group.key}-new", "")
    if fact not in vocabulary() or not verbs_of(vocabulary()[fact]):
        if typed.get("act", "") == f"row {group.key}":
            group.error = _("Choose the fact to compare.")
        return False
    error = "" if typed.get("act") else _("Say what this fact is compared with, then save again.")
    group.parts.append(Row(_next(group), fact, verbs_of(vocabulary()[fact])[0], error=error))
    return True


def _next(group: Knot) -> str:
    used = [int(part.key.rpartition("-")[2]) for part in group.parts]
    return f"{group.key}-{max(used, default=-1) + 1}"


def _drop(knot: Knot, key: str) -> None:
    knot.parts = [part for part in knot.parts if part.key != key]
    for part in knot.parts:
        if isinstance(part, Knot):
            _drop(part, key)


def groups(knot: Knot) -> Iterator[Knot]:
    """The group and every group in it."""
    yield knot
    for part in knot.parts:
        if isinstance(part, Knot):
            yield from groups(part)


def faults(knot: Knot) -> Iterator[tuple[str, str]]:
    """(id, sentence) of everything that was told at this condition."""
    if knot.error:
        yield f"{knot.key}-how", knot.error
    for part in knot.parts:
        if isinstance(part, Knot):
            yield from faults(part)
        elif part.error:
            yield f"{part.key}-verb", part.error


# --- and to the pack -----------------------------------------------------------------------------


def read(knot: Knot, *, may_be_empty: bool = False) -> Group | None:
    """The tree that was typed; None where something cannot be meant, which is told at its part."""
    parts: list[Part | None] = [_read(part) for part in knot.parts]
    if not parts and not may_be_empty and not knot.error:
        knot.error = _("This group is empty. Add a comparison, or take the group away.")
    if knot.error or None in parts:
        return None
    return Group(knot.how, tuple(part for part in parts if part is not None))


def _read(part: "Row | Knot") -> Part | None:
    if isinstance(part, Knot):
        return read(part)
    if part.error:
        return None
    try:
        return _compared(part)
    except ValueError as fault:
        part.error = str(fault)
        return None


def _compared(row: Row) -> Compared:
    """The comparison that a row says. Raises ValueError with what to change."""
    spec, verb = row.spec, row.verb
    if verb not in verbs_of(spec):
        raise ValueError(_("This fact cannot be compared so. Choose a comparison of the list."))
    if verb in ("never", "ever"):
        return Compared(row.fact, "is" if verb == "never" else "is_not", _absences(spec)[0])
    if spec.kind in _WORDS:
        return Compared(row.fact, verb, _alone(_chosen(row)))
    if verb in _BY_NUMBER:
        return Compared(row.fact, verb, _number(spec, row.typed))
    if verb == "within_days":
        return Compared(row.fact, verb, _days(row.days), _other(row))
    if verb == "no_later_than":
        other = _other(row)
        if vocabulary()[other].kind is not Kind.INSTANT:
            raise ValueError(_("Choose a fact that has an hour: this comparison is to the second."))
        return Compared(row.fact, verb, other)
    if verb in _BY_DAY:
        return Compared(row.fact, verb, _other(row) if row.other else _day(spec, row.typed))
    texts = [text.strip() for text in row.typed.split(",") if text.strip()]
    if not texts:
        raise ValueError(_("Write what the fact is compared with."))
    return Compared(row.fact, verb, _alone([_value(spec, text) for text in texts]))


def _alone(listed: list[Any]) -> Any:
    return listed[0] if len(listed) == 1 else listed


def _chosen(row: Row) -> list[Any]:
    """The ticked words as a pack writes them, in the order of the vocabulary."""
    spec = row.spec
    listed = [*spec.values] if spec.kind is Kind.ENUMERATION else [True, False]
    every = [*listed, *_absences(spec)]
    found = [value for value in every if _key(value) in row.words]
    if not found or len(found) != len(set(row.words)):
        raise ValueError(_("Tick at least one of the words."))
    return found


def _other(row: Row) -> str:
    if row.other not in vocabulary() or not _dated(vocabulary()[row.other]):
        raise ValueError(_("Choose the fact whose day it is compared with."))
    return row.other


def _days(text: str) -> int:
    number = int(text) if _is_number(text) else -1
    if not 0 <= number <= MOST_DAYS:
        raise ValueError(_("Write a number of days from 0 to %(most)s.", most=MOST_DAYS))
    return number


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _number(spec: FactSpec, text: str) -> int:
    plain = re.sub("[\\s\u00a0\u202f]", "", text)
    value = int(plain) if _is_number(plain) else None
    try:
        if value is not None and read_fact(spec.name, value) is not None:
            return value
    except FactError:
        pass
    if spec.kind is Kind.SHARE:
        raise ValueError(_("Write a whole number from 0 to 100."))
    raise ValueError(_("Write a whole number that this fact can have."))


def _day(spec: FactSpec, text: str) -> str:
    if not text:
        raise ValueError(_("Give a day, or choose the fact whose day it is compared with."))
    if spec.kind is Kind.MONTH:
        return _month(text)
    return read_day(text).isoformat()


def _month(text: str) -> str:
    if not re.fullmatch(r"(19[7-9]\d|20\d\d|21\d\d)-(0[1-9]|1[0-2])", text):
        raise ValueError(_("Write a month like 2027-01."))
    return text


def _value(spec: FactSpec, text: str) -> Any:
    """One value that a fact may be. Raises ValueError."""
    if spec.kind in _NUMBERS:
        return _number(spec, text)
    if spec.kind is Kind.DAY:
        return read_day(text).isoformat()
    if spec.kind is Kind.MONTH:
        return _month(text)
    try:
        read_fact(spec.name, text)
    except FactError:
        told = {
            Kind.CURRENCY: _l("Write the three letters of a currency, like EUR."),
            Kind.ZONE: _l("Write the name of a time zone, like Europe/Paris."),
            Kind.DECIMAL: _l("Write a plain number, like 19.99."),
        }
        raise ValueError(str(told.get(spec.kind, _l("This fact cannot have this value.")))) from None
    return text
