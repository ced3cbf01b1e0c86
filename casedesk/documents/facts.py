"""What a decision letter is made of: raw values, before any word of any language."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True)
class Sender:
    """The legal entity that writes. `mediator` has name, website and address, or is empty; `takes_part` where it is known."""

    name: str
    legal_name: str
    address: str
    mail: str
    time_zone: str
    mediator: dict[str, Any]
    country: str = ""


@dataclass(frozen=True)
class Addressee:
    """Who gets the letter; `address` may be empty."""

    name: str
    salutation: str
    address: str
    locale: str
    mail: str


@dataclass(frozen=True)
class PaidLine:
    """So much back on one charge, and how."""

    charge_reference: str
    charged_minor: int
    period_starts_on: date | None
    period_ends_on: date | None
    amount_minor: int
    method: str
    means: str
    card_brand: str = ""
    card_digits: str = ""
    """The last four."""


@dataclass(frozen=True)
class Kept:
    """A share that law or contract lets the business keep; `code` and `params` are the engine's."""

    code: str
    minor: int
    used: int | None = None
    period: int | None = None


@dataclass(frozen=True)
class Clause:
    """A clause as the packs explain it in the letter's language, and where it stands."""

    text: str
    citation: str


@dataclass(frozen=True)
class Basis:
    """What the verdict gives: the amount by rule, whether the law itself says so, and why."""

    outcome: str
    by_rule_minor: int | None
    by_statute: bool
    paid_minor: int | None
    kept: tuple[Kept, ...]
    clauses: tuple[Clause, ...]
    set_aside: tuple[str, ...]
    pay_by: date | None


@dataclass(frozen=True)
class LetterFacts:
    """Everything that one decision letter says something about."""

    number: str
    kind: str
    subscription_reference: str
    plan: str
    asked_at: datetime
    dated_at: datetime
    claimed_minor: int | None
    currency: str
    total_minor: int
    lines: tuple[PaidLine, ...]
    effect: str
    effect_on: date | None
    basis: Basis | None
    own_words: str
    signed_by: str
    approved_by: str
    sender: Sender
    addressee: Addressee
    record_seq: int
    record_digest: str
