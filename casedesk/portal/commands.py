"""What the doors ask: who holds the link, and one frozen command a deed."""

from dataclasses import dataclass
from datetime import date

from casedesk.cases.commands import NewAttachment


@dataclass(frozen=True)
class Holder:
    """The party behind a link, with where the request came from. `mail` is where receipts go; empty where none is known."""

    link_id: int
    subject_kind: str
    subject_id: int
    case_id: int | None
    customer_id: int | None
    name: str
    mail: str
    locale: str
    time_zone: str
    entity_id: int
    brand: str
    company: str
    number: str
    origin: str = ""
    browser: str = ""

    @property
    def subject(self) -> tuple[str, int]:
        return (self.subject_kind, self.subject_id)


@dataclass(frozen=True)
class NewLink:
    subject_kind: str
    subject_id: int
    shown: bool = False
    """The address is shown to who makes it, for a customer without mail."""


@dataclass(frozen=True)
class Say:
    said: str
    files: tuple[NewAttachment, ...] = ()


@dataclass(frozen=True)
class TellFact:
    name: str
    state: str
    value: object = None
    question: str = ""
    answer: str = ""


@dataclass(frozen=True)
class MakeOffer:
    case_id: int
    case_version: int
    amount_minor: int
    said: str
    until: date


@dataclass(frozen=True)
class AnswerOffer:
    offer_id: int
    version: int
    accept: bool
    understood: bool = False


@dataclass(frozen=True)
class AskMediation:
    said: str
    court_seized: bool | None
    other_mediator: bool | None
