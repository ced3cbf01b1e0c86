"""What the doors ask of the room: one frozen command a deed. Amounts are minor units, instants aware.

Who acts is told by the actor alone: a customer by link (`not_a_person("customer")`) is the customer's side, the
company's representative the company's, the appointed mediator the mediator's. `for_side` is for what the mediator
records on behalf of a party who wrote, spoke or telephoned; `how` says which.
"""

from dataclasses import dataclass
from datetime import date, datetime

from casedesk.cases.commands import NewAttachment
from casedesk.mediation.rules.proposals import Part


@dataclass(frozen=True)
class RequestMediation:
    """Ask for a mediation of a case: `said` is what the customer asks of the mediator, in their own words.

    `court_seized`, `other_mediator`: as the customer declares them; None where nobody asked.
    """

    case_id: int
    said: str
    channel: str = "mail"
    received_at: datetime | None = None
    court_seized: bool | None = None
    other_mediator: bool | None = None
    customer_name: str = ""
    customer_mail: str = ""
    attachments: tuple[NewAttachment, ...] = ()


@dataclass(frozen=True)
class Appoint:
    """Appoint a mediator of the panel; `declaration` is what the mediator declares of ties with the parties."""

    mediation_id: int
    mediator_id: int
    version: int | None = None
    declares_no_ties: bool = True
    declaration: str = ""


@dataclass(frozen=True)
class Recuse:
    """The mediator steps back; `reason_code` is one of rules.panel.RECUSALS."""

    mediation_id: int
    reason_code: str
    said: str = ""
    version: int | None = None


@dataclass(frozen=True)
class NameRepresentative:
    """Who speaks for the company (`person_id`, of the desk) or for the customer (name, mail, mandate)."""

    mediation_id: int
    side: str
    person_id: int | None = None
    name: str = ""
    mail: str = ""
    mandate: str = ""


@dataclass(frozen=True)
class CompleteFile:
    """The file was whole on `on`."""

    mediation_id: int
    at: datetime
    version: int | None = None


@dataclass(frozen=True)
class SupplyFact:
    """A fact that admissibility reads, as a person establishes it: see cases.commands.FactLine."""

    mediation_id: int
    name: str
    state: str
    value: object = None
    source: str = ""


@dataclass(frozen=True)
class Admit:
    """Confirm the verdict on admissibility; `said` is needed where the verdict is open or says no."""

    mediation_id: int
    version: int | None = None
    said: str = ""


@dataclass(frozen=True)
class Decline:
    """Decline with one of rules.admissibility.GROUNDS, and why, for the customer."""

    mediation_id: int
    ground: str
    said: str
    version: int | None = None


@dataclass(frozen=True)
class Notify:
    """Tell both parties that the mediator has the case."""

    mediation_id: int
    version: int | None = None


@dataclass(frozen=True)
class Extend:
    """More time for a complex dispute, both parties told at once (R612-5)."""

    mediation_id: int
    until: date
    said: str
    version: int | None = None


@dataclass(frozen=True)
class AddPoint:
    mediation_id: int
    title: str
    agreed: bool = False
    said: str = ""
    """For a point that nobody disputes: what is not disputed."""


@dataclass(frozen=True)
class State:
    """A party's words on a point; `amount_minor` where the point is the amount."""

    mediation_id: int
    point_id: int
    said: str
    amount_minor: int | None = None
    for_side: str | None = None
    how: str = "desk"


@dataclass(frozen=True)
class Restate:
    """What the mediator understood; empty parts are left out."""

    mediation_id: int
    customer_concern: str = ""
    customer_need: str = ""
    company_concern: str = ""
    company_need: str = ""
    facts_agreed: str = ""
    points_open: str = ""


@dataclass(frozen=True)
class AnswerRestatement:
    """Confirm (`corrected` empty) or put right."""

    mediation_id: int
    restatement_id: int
    corrected: str = ""
    for_side: str | None = None
    how: str = "desk"


@dataclass(frozen=True)
class AskDocument:
    mediation_id: int
    side: str
    said: str
    due_on: date


@dataclass(frozen=True)
class AddDocument:
    mediation_id: int
    file: NewAttachment
    said: str = ""
    point_id: int | None = None
    request_id: int | None = None
    for_side: str | None = None
    how: str = "desk"


@dataclass(frozen=True)
class WriteMessage:
    """A message that both parties and the mediator read."""

    mediation_id: int
    said: str


@dataclass(frozen=True)
class Propose:
    """A proposal by a party or the mediator; `counters_id`: the other party's proposal that it answers."""

    mediation_id: int
    parts: tuple[Part, ...]
    expires_on: date
    said: str = ""
    counters_id: int | None = None
    currency: str | None = None
    version: int | None = None


@dataclass(frozen=True)
class AnswerProposal:
    """Accept or refuse. `understood`: the party read what is given up and what a proposal means (needed to accept)."""

    mediation_id: int
    proposal_id: int
    accept: bool
    understood: bool = False
    said: str = ""
    for_side: str | None = None
    how: str = "desk"
    proposal_version: int | None = None


@dataclass(frozen=True)
class OpenOffers:
    """Begin a round of blind offers that settles on overlap, or within `distance_minor`, at the midpoint."""

    mediation_id: int
    distance_minor: int
    expires_on: date


@dataclass(frozen=True)
class OfferBlind:
    """The least that the customer takes, or the most that the company pays: opened by nobody, compared by `settle`."""

    mediation_id: int
    round_id: int
    amount_minor: int
    understood: bool = False


@dataclass(frozen=True)
class Withdraw:
    """A party leaves, as it may at any time (R612-2)."""

    mediation_id: int
    said: str = ""
    cause: str = "withdrew"
    for_side: str | None = None
    how: str = "desk"


@dataclass(frozen=True)
class CloseWithOpinion:
    """End without an agreement: the reasoned opinion, and what is counted of it."""

    mediation_id: int
    opinion: str
    favours: str
    question: str
    recommendation: str = ""
    version: int | None = None


@dataclass(frozen=True)
class Fulfil:
    """A task of the agreement was carried out."""

    task_id: int
    said: str = ""


@dataclass(frozen=True)
class ReportBreach:
    """A task was not carried out: the exchange opens again, and the mediator is told."""

    task_id: int
    said: str
