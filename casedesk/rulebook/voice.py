"""The phrases of one language: conditions, periods, events, figures and days as a rule's sentence needs them."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from importlib.resources import files

from babel.dates import format_date
from babel.numbers import format_decimal

from casedesk.policy.conditions import GROUPS
from casedesk.policy.facts import vocabulary
from casedesk.rulebook import wording

NB = "\u00a0"


@lru_cache(maxsize=1)
def table() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Every phrase by section, key and locale."""
    return tomllib.loads(files("casedesk.rulebook").joinpath("saying.toml").read_text(encoding="utf-8"))


class Voice:
    """The phrases of one language."""

    def __init__(self, locale: str) -> None:
        self.locale = locale

    # --- conditions -----------------------------------------------------------------------------

    def when(self, when: object) -> str:
        """A `when` table, or a list of which any may hold."""
        if isinstance(when, list):
            return self._any(when)
        assert isinstance(when, Mapping)
        return self.word("condition", "and").join(self._entry(str(name), want) for name, want in when.items())

    def _any(self, tables: list[object]) -> str:
        """Any of several; one that asks for more than one thing stands in brackets."""
        return self.word("condition", "or").join(
            f"({self.when(one)})" if isinstance(one, Mapping) and len(one) > 1 else self.when(one)
            for one in tables
        )

    def _group(self, how: str, tables: list[object]) -> str:
        """A group inside a condition, in brackets where it has more than one part."""
        if how == "all":
            return self.word("condition", "and").join(map(self.when, tables))
        told = self._any(tables)
        told = f"({told})" if len(tables) > 1 else told
        return self.word("condition", "none_of").format(value=told) if how == "none" else told

    def _entry(self, name: str, wanted: object) -> str:
        if name in GROUPS and isinstance(wanted, list):
            return self._group(name, wanted)
        if not isinstance(wanted, Mapping):
            return self._compared("is", name, self.values(name, wanted))
        told = []
        for verb, operand in wanted.items():
            if verb == "of":
                continue
            if verb == "not" and not isinstance(operand, Mapping):
                told.append(self._compared("is_not", name, self.values(name, operand)))
            elif verb == "not":
                told.append(self.word("condition", "none_of").format(value=self._entry(name, operand)))
            else:
                of = self.fact(str(wanted.get("of", "")))
                told.append(self._compared(str(verb), name, self.operand(name, operand), of=of))
        return self.word("condition", "and").join(told)

    def _compared(self, verb: str, name: str, value: str, of: str = "") -> str:
        return self.word("condition", verb).format(label=self.label(name), value=value, of=of)

    def values(self, name: str, wanted: object) -> str:
        """One word, or any of several, as people read them."""
        words = wanted if isinstance(wanted, list) else [wanted]
        return f"**{self.word('condition', 'or')}**".join(self.value(name, word) for word in words)

    def value(self, name: str, value: object) -> str:
        """A value of a fact as people read it."""
        if isinstance(value, int) and not isinstance(value, bool):
            return self.number(value)
        word = wording.answer_word(name, value, self.locale).replace("_", " ")
        return word[:1].lower() + word[1:] if word[1:2].islower() or word[1:2] in (" ", ",") else word

    def operand(self, name: str, value: object) -> str:
        """What a fact is compared with: a number, a day, or another fact."""
        if isinstance(value, str) and value in vocabulary():
            return self.fact(value)
        if isinstance(value, str):
            try:
                day = self.day(date.fromisoformat(value if len(value) == 10 else f"{value}-01"))
                return f"le{NB}{day}" if self.locale == "fr" else day
            except ValueError:
                return value
        return self.value(name, value)

    # --- periods and starts ---------------------------------------------------------------------

    def span(self, path: object) -> str:
        """The length of a period: its steps without the move to a working day; several readings joined."""
        if isinstance(path, list) and path and all(isinstance(one, list) for one in path):
            told = dict.fromkeys(self.span(one) for one in path)
            return self.part("or_reading").join(told)
        steps = [str(step) for step in path if step != "roll"] if isinstance(path, list) else []
        return self.part("then").join(self.step(step) for step in steps)

    def step(self, step: str) -> str:
        """`14 days` as **14 days**; a number that a fact holds is named by it."""
        number, _, unit = step.partition(" ")
        one, many = self.word("unit", unit).split("|")
        if number in vocabulary():
            return self.part("as_said", unit=many, fact=self.fact(number))
        return f"**{self.number(int(number))}{NB}{one if abs(int(number)) == 1 else many}**"

    def start(self, start: object) -> str:
        """The event that a period is counted from."""
        if isinstance(start, str):
            return self.fact(start)
        if not isinstance(start, Mapping):
            return str(start)
        if "latest" in start or "either" in start:
            key = "latest" if "latest" in start else "either"
            return self.part(
                key, all=self.word("condition", "and").join(self.start(one) for one in start[key])
            )
        if "by" in start:
            cases = {word: one for word, one in start.items() if word not in ("by", "else")}
            if list(cases) == ["goods"]:
                return self.part("goods", start=self.start(start["else"]), goods=self.start(cases["goods"]))
            told = ", ".join(
                f"{self.value(str(start['by']), word)}: {self.start(one)}" for word, one in cases.items()
            )
            return self.part(
                "by", start=self.start(start["else"]), by=self.label(str(start["by"])), cases=told
            )
        fact = self.fact(str(start.get("fact", "")))
        return self.part("last_of", fact=fact) if start.get("several") else fact

    # --- words ----------------------------------------------------------------------------------

    def fact(self, name: str) -> str:
        """A fact in quotation marks, by its label."""
        label = self.label(name)
        return f"«{NB}{label}{NB}»" if self.locale == "fr" else f"“{label}”"

    def label(self, name: str) -> str:
        """The label of a fact, without the French preposition that expects a date."""
        spec = vocabulary().get(name)
        text = spec.label[self.locale] if spec else name
        return re.sub(r" (le|du|au|jusqu’au)$", "", text)

    def part(self, key: str, **texts: str) -> str:
        return self._spaced(self.word("part", key).format(**texts))

    def word(self, section: str, key: str) -> str:
        return self._spaced(table()[section][key][self.locale])

    def clause_text(self, key: str, **texts: str) -> str:
        return self._spaced(table()["clause"][key][self.locale].format(**texts))

    def number(self, value: int) -> str:
        return format_decimal(value, locale=self.locale)

    def day(self, value: date) -> str:
        text = format_date(value, "d MMM y", locale=self.locale)
        return text.replace("1 ", "1er ", 1) if self.locale == "fr" and value.day == 1 else text

    @property
    def _semicolon(self) -> str:
        return f"{NB};" if self.locale == "fr" else ";"

    def _spaced(self, text: str) -> str:
        """French keeps its spaces together before ; : « » %."""
        if self.locale != "fr":
            return text
        return re.sub(r" (?=[;:!?»%])|(?<=«) ", NB, text)
