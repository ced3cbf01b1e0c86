"""The terms of a contract in the words of a customer, made from their data: in English and French from one set of phrases.

No law is written here: what the law gives beside the contract is taken from the titles of the rights in the packs.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from babel.dates import format_date

from casedesk.kernel.money import Money
from casedesk.policy.pack import Packs
from casedesk.policy.verdict import Level
from casedesk.rulebook.beside import TermsLine
from casedesk.rulebook.queries.shelf import newest
from casedesk.rulebook.saying import Piece, pieces
from casedesk.rulebook.wording import money


@dataclass(frozen=True)
class Section:
    """One question of a customer and its answer."""

    title: str
    lines: tuple[tuple[Piece, ...], ...]


@dataclass(frozen=True)
class Policy:
    """The whole page in one language."""

    locale: str
    title: str
    intro: str
    sections: tuple[Section, ...]
    foot: str


@lru_cache(maxsize=1)
def phrases() -> Mapping[str, Mapping[str, str]]:
    text = files("casedesk.rulebook").joinpath("plainterms.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)["phrase"]


def policy(terms: TermsLine, packs: Packs, locale: str) -> Policy:
    """What a customer under these terms may do, by when, and what comes back."""
    voice = _Voice(locale)
    day = format_date(terms.valid_from, "d MMMM y", locale=locale)
    day = day.replace("1 ", "1er ", 1) if locale == "fr" and terms.valid_from.day == 1 else day
    return Policy(
        locale,
        voice("title", entity=terms.entity),
        voice("intro", day=day, code=terms.code),
        tuple(
            Section(voice(title), tuple(pieces(line) for line in lines))
            for title, lines in (
                ("refund_title", list(_refund(terms, voice))),
                ("leave_title", list(_leave(terms, voice))),
                ("renewal_title", list(_renewal(terms, voice))),
                ("pay_title", list(_pay(terms, voice))),
                ("more_title", list(_more(packs, voice))),
            )
            if lines
        ),
        voice("foot"),
    )


class _Voice:
    def __init__(self, locale: str) -> None:
        self.locale = locale

    def __call__(self, key: str, **values: object) -> str:
        return phrases()[key][self.locale].format(**values)

    def count(self, key: str, number: int) -> str:
        """A phrase of which the singular is written too, as `one|many`."""
        one, _, many = phrases()[key][self.locale].partition("|")
        return (one if number == 1 else many or one).format(n=number)


def _refund(terms: TermsLine, voice: _Voice) -> Iterator[str]:
    if terms.refund_window_days is None:
        yield voice("refund_none")
    else:
        yield voice.count("refund_days", terms.refund_window_days)
        yield voice(
            f"proration_{terms.proration}"
            if f"proration_{terms.proration}" in phrases()
            else "proration_other"
        )
    yield voice("refund_law")


def _leave(terms: TermsLine, voice: _Voice) -> Iterator[str]:
    if terms.commitment_months:
        yield voice.count("commitment", terms.commitment_months)
    else:
        yield voice("no_commitment")
    if terms.notice_months:
        yield voice.count("notice", terms.notice_months)
    else:
        yield voice("no_notice")


def _renewal(terms: TermsLine, voice: _Voice) -> Iterator[str]:
    if terms.renewal == "tacit":
        yield voice.count("renewal_tacit", terms.renewal_months)
    elif terms.renewal == "indefinite":
        yield voice("renewal_indefinite")
    else:
        yield voice("renewal_none")


def _pay(terms: TermsLine, voice: _Voice) -> Iterator[str]:
    if terms.billing_day_rule == "same_day":
        yield voice("same_day")
    for name, minor in sorted(terms.fees.items()):
        if isinstance(minor, int) and minor:
            amount = money(Money(minor, terms.currency), voice.locale)
            yield voice("fee_joining" if name == "joining" else "fee_other", amount=amount, name=name)


def _more(packs: Packs, voice: _Voice) -> Iterator[str]:
    """The rights of the house that are published, by their titles."""
    for pack in newest(packs):
        if pack.level is Level.HOUSE:
            for remedy in pack.remedies:
                if remedy.right in packs:
                    rule = packs.rule(remedy.right)[1]
                    yield f"**{rule.title.get(voice.locale, '')}.** {rule.explain.get(voice.locale, '')}"
