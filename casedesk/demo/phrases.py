"""Sentences from many fragments, by language, cause and mood; filled with what is true of the case."""

import random
import tomllib
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from babel.dates import format_date

from casedesk.web.locale import money

Words = dict[str, Any]


@cache
def words(locale: str) -> Words:
    """The fragments of a language."""
    source = resources.files("casedesk.demo") / "words" / f"{locale}.toml"
    return tomllib.loads(source.read_text(encoding="utf-8"))


def day(value: date, locale: str, today: date) -> str:
    """A day as people write it: with its year where it is not of the last ten months."""
    pattern = "d MMMM" if abs((today - value).days) < 300 else "d MMMM y"
    text = format_date(value, pattern, locale="en_GB" if locale == "en" else "fr")
    return text.replace("1 ", "1er ", 1) if locale == "fr" and value.day == 1 else text


def sum_of(minor: int, currency: str, locale: str) -> str:
    """A sum as a customer writes it."""
    if locale == "en" and currency == "GBP":
        return f"£{minor / 100:,.2f}"
    return money(minor, currency, "fr" if locale == "fr" else "en")


class Voice:
    """One customer's way of writing about one case, and the desk's answers in the same language."""

    def __init__(self, locale: str, mood: str, facts: dict[str, str], rng: random.Random) -> None:
        self.words, self.mood, self.facts, self.rng = words(locale), mood, facts, rng

    def first(self, cause: str, kind: str) -> str:
        """The message that opens the case."""
        parts = [
            self._pick("opening", self.mood),
            self._pick("cause", cause, "said"),
            self._pick("ask", kind),
        ]
        return self._filled(f"{parts[0]}\n\n{parts[1]} {parts[2]}\n\n{self._pick('closing', self.mood)}")

    def call(self, cause: str) -> str:
        """What an agent writes down of a call."""
        return self._filled(self._pick("cause", cause, "call"))

    def say(self, *path: str) -> str:
        return self._filled(self._pick(*path))

    def _pick(self, *path: str) -> str:
        found: Any = self.words
        for name in path:
            found = found[name]
        return str(self.rng.choice(found))

    def _filled(self, text: str) -> str:
        return text.format_map(self.facts)
