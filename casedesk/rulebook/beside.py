"""What these pages ask of rooms above and beside them: which open cases rest on a rule, how a case is called, which terms
are in force. app.py says who answers; until then nobody does."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor


@dataclass(frozen=True)
class CaseName:
    """A case as a list names it."""

    id: int
    number: str
    name: str
    url: str


@dataclass(frozen=True)
class TermsLine:
    """One version of the terms of a contract, as data."""

    id: int
    code: str
    entity: str
    locale: str
    zone: str
    currency: str
    valid_from: date
    refund_window_days: int | None
    proration: str
    commitment_months: int
    notice_months: int
    renewal: str
    renewal_months: int
    billing_day_rule: str
    fees: Mapping[str, object]
    newest: bool
    open_cases: int


class Beside(Protocol):
    """What app.py gives this room."""

    def open_by_rule(self, session: Session, actor: Actor) -> dict[str, int]:
        """How many open cases that `actor` sees rest on each rule."""

    def open_on(
        self, session: Session, actor: Actor, rules: Collection[str], limit: int
    ) -> tuple[int, list[CaseName]]:
        """How many open cases rest on any of `rules`, and the first of them."""

    def named(self, session: Session, actor: Actor, ids: Collection[int]) -> dict[int, CaseName]:
        """The cases of `ids` that `actor` sees."""

    def causes(self, session: Session) -> dict[str, tuple[str, str]]:
        """English and French label of each cause, by code."""

    def plans(self, session: Session) -> dict[str, str]:
        """Name of each plan, by code."""

    def terms(self, session: Session, actor: Actor) -> Sequence[TermsLine]:
        """Every version of the terms, newest first."""


class Nobody:
    """Where no room above is plugged in."""

    def open_by_rule(self, session: Session, actor: Actor) -> dict[str, int]:
        return {}

    def open_on(
        self, session: Session, actor: Actor, rules: Collection[str], limit: int
    ) -> tuple[int, list[CaseName]]:
        return 0, []

    def named(self, session: Session, actor: Actor, ids: Collection[int]) -> dict[int, CaseName]:
        return {}

    def causes(self, session: Session) -> dict[str, tuple[str, str]]:
        return {}

    def plans(self, session: Session) -> dict[str, str]:
        return {}

    def terms(self, session: Session, actor: Actor) -> Sequence[TermsLine]:
        return ()


_answers: list[Beside] = [Nobody()]


def install(answers: Beside) -> None:
    """Ask `answers` from here on."""
    _answers[:] = [answers]


def ask() -> Beside:
    """Who answers."""
    return _answers[0]
