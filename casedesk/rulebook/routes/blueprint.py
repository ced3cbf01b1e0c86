"""The blueprint, and what every page of the rulebook has: the shelf and the words for codes."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from babel.numbers import format_decimal
from flask import Blueprint, g, render_template

from casedesk.policy.facts import NEVER, FactError, Kind, read_fact, vocabulary
from casedesk.rulebook import words
from casedesk.rulebook.queries import shelf
from casedesk.rulebook.voice import Voice
from casedesk.rulebook.wording import sentence as worded
from casedesk.store.db import db
from casedesk.web import locale

bp = Blueprint("rulebook", __name__)


def page(template: str, *, at: str = "", **context: Any) -> str:
    """A page of the rulebook with the shelf at its left; `at` names the pack that is open on it."""
    standing = shelf.shelf(db.session(), g.actor, today=locale.local(g.now).date())
    return render_template(
        template,
        shelf=standing,
        at=at,
        words=words,
        worded=worded,
        fact_label=fact_label,
        fact_labels=fact_labels,
        fact_text=fact_text,
        seconds=seconds,
        kinds=words.WALKS,
        **context,
    )


def seconds(millis: int) -> str:
    """Thousandths of a second as seconds with one decimal."""
    return format_decimal(millis / 1000, "0.0", locale=locale.reader_locale())


def fact_label(name: str) -> str:
    """A fact as people call it."""
    return Voice(locale.reader_locale()).label(name)


def fact_labels(names: Iterable[str]) -> str:
    return ", ".join(map(fact_label, names))


def fact_text(name: str, value: Any) -> str:
    """A value of a fact as people read it, also where it is text of a file."""
    try:
        read = read_fact(name, value)
    except FactError:
        return str(value)
    values = read if isinstance(read, tuple) else (read,)
    return ", ".join(_shown(name, one) for one in values)


def _shown(name: str, value: Any) -> str:
    if isinstance(value, datetime):
        return locale.moment(value)
    if isinstance(value, date):
        return locale.day(value)
    if vocabulary()[name].kind is Kind.MONEY and isinstance(value, int):
        return locale.amount(value, "EUR")
    return Voice(locale.reader_locale()).value(name, "never" if value is NEVER else value)
