"""What a file's page is made of, as its readers see it. Amounts are minor units, instants aware, days the customer's."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True)
class PartyView:
    side: str
    name: str
    mail: str
    locale: str
    representative: str
    mandate: str


@dataclass(frozen=True)
class StatementView:
    said: str
    amount_minor: int | None
    at: datetime
    by: str
    how: str
    earlier: int


@dataclass(frozen=True)
class PointView:
    """A point with the newest words of each side; `agreed`: nobody disputes it, and `said` says what."""

    id: int
    n: int
    title: str
    code: str
    agreed: bool
    said: str
    statements: dict[str, StatementView]
    documents: list["DocumentView"]


@dataclass(frozen=True)
class DocumentView:
    id: int
    side: str
    name: str
    size: int
    at: datetime
    point_id: int | None
    readable: bool


@dataclass(frozen=True)
class RequestView:
    id: int
    side: str
    said: str
    asked_at: datetime
    due_on: date
    met: bool


@dataclass(frozen=True)
class AnswerView:
    """`hidden`: given, and not shown to this reader before both have answered."""

    answer: str
    at: datetime | None
    how: str = ""
    hidden: bool = False


@dataclass(frozen=True)
class PartView:
    kind: str
    amount_minor: int | None
    months: int | None
    effect: str | None
    within_days: int
    said: str


@dataclass(frozen=True)
class ProposalView:
    id: int
    n: int
    side: str
    state: str
    amount_minor: int
    currency: str
    parts: list[PartView]
    said: str
    made_at: datetime
    expires_at: datetime
    version: int
    by_rule_minor: int | None
    given_up_minor: int
    counters: int | None
    blind: bool
    answers: dict[str, AnswerView]

    @property
    def open(self) -> bool:
        return self.state == "open"


@dataclass(frozen=True)
class RestatementView:
    id: int
    n: int
    at: datetime
    parts: dict[str, str]
    answers: dict[str, tuple[str, str, datetime]]


@dataclass(frozen=True)
class MessageView:
    side: str
    by: str
    said: str
    at: datetime


@dataclass(frozen=True)
class RoundView:
    """A round of blind offers: what it tells is its rule and, to a side, how many of its own it has made."""

    id: int
    n: int
    state: str
    distance_minor: int
    currency: str
    expires_at: datetime
    settled_minor: int | None
    mine: int


@dataclass(frozen=True)
class TaskView:
    id: int
    kind: str
    side: str
    amount_minor: int | None
    due_on: date
    state: str
    done_at: datetime | None
    said: str
    paid_by_desk: bool


@dataclass(frozen=True)
class Deed:
    """A line of the file's own history: code and parameters; words are shown where they belong."""

    seq: int
    kind: str
    at: datetime
    by: str
    side: str
    body: dict[str, Any]
    said: str = ""
