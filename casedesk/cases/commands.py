"""What the doors ask of the room: one frozen command a deed. Amounts are minor units, instants aware."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from casedesk.cases.entries import ActLine


@dataclass(frozen=True)
class NewAttachment:
    """An uploaded file, already stored by content."""

    digest: str
    name: str
    media_type: str
    size: int
    grade: str = "ordinary"


@dataclass(frozen=True)
class OpenCase:
    """Log a case. Without `customer_id` the claimed identity says who it may be."""

    kind: str
    channel: str
    said: str
    cause_code: str | None
    said_at: datetime | None = None
    customer_id: int | None = None
    subscription_id: int | None = None
    charge_id: int | None = None
    claimed_name: str = ""
    claimed_contact: str = ""
    claimed_minor: int | None = None
    currency: str | None = None
    entity_id: int | None = None
    acts: tuple[ActLine, ...] = ()
    facts: tuple["FactLine", ...] = ()
    attachments: tuple[NewAttachment, ...] = ()
    priority: int = 3
    take: bool = True
    """The one who logs it becomes its owner."""


@dataclass(frozen=True)
class FactLine:
    """A fact as a person supplies it: `state` is known, never or unknown; `value` as the policy engine writes it."""

    name: str
    state: str
    value: Any = None
    source: str = ""


@dataclass(frozen=True)
class RecordExchange:
    case_id: int
    channel: str
    inbound: bool
    said: str
    counterpart: str = ""
    title: str = ""
    happened_at: datetime | None = None
    minutes: int | None = None
    promise: str = ""
    promised_until: datetime | None = None
    acts: tuple[ActLine, ...] = ()
    attachments: tuple[NewAttachment, ...] = ()
    recipient: str = ""
    """Where an outbound mail goes; the customer's mail address where empty."""
    then_status: str | None = None
    case_version: int | None = None
    """Where given, a case that changed since is refused, and nothing is sent."""


@dataclass(frozen=True)
class RecordNote:
    case_id: int
    said: str


@dataclass(frozen=True)
class CorrectEntry:
    """Say of an earlier exchange or note what it should have said; both stay."""

    case_id: int
    entry_id: int
    said: str
    why: str = ""


@dataclass(frozen=True)
class SupplyFact:
    case_id: int
    fact: FactLine
    case_version: int | None = None


@dataclass(frozen=True)
class ChangeCase:
    """New values of the fields named in `changes` (owner_id, team_id, priority, stated_cause_id,
    established_cause_id, status, stage, customer_id, subscription_id, charge_id, claimed_minor, legal_hold,
    vulnerable); `tags` replaces all tags where given."""

    case_id: int
    case_version: int
    changes: dict[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] | None = None


@dataclass(frozen=True)
class MoneyLine:
    """So much on this charge: `method` refund or credit, `means` original, transfer, balance."""

    charge_id: int
    amount_minor: int
    method: str = "refund"
    means: str = "original"


@dataclass(frozen=True)
class ProposeDecision:
    case_id: int
    case_version: int
    lines: tuple[MoneyLine, ...] = ()
    reason_code: str | None = None
    reason_text: str = ""
    subscription_effect: str = "keep"
    effect_on: date | None = None
    letter_text: str = ""
    """A paragraph of the desk's own in the letter, in the customer's language."""


@dataclass(frozen=True)
class SettleCase:
    """What both parties agreed before a neutral third, to be carried out. `by_rule_minor`: what the verdict gave, which both
    saw; `signed_by`: who stood for the company; `agreement`: the digest of what was signed, in the file `mediation_id`."""

    lines: tuple[MoneyLine, ...]
    subscription_effect: str
    by_rule_minor: int | None
    signed_by: int
    letter_locale: str
    mediation_id: int
    agreement: str


@dataclass(frozen=True)
class AnswerDecision:
    """Approve or decline a proposed decision, with a word for its proposer."""

    decision_id: int
    decision_version: int
    approve: bool
    said: str = ""


@dataclass(frozen=True)
class CloseCase:
    case_id: int
    case_version: int
    outcome: str | None = None
    """Needed where no decision is effective: withdrawn, no-answer or duplicate."""


@dataclass(frozen=True)
class Escalate:
    """Raise a case to `to_stage`, with the hand-over summary as its author leaves it."""

    case_id: int
    to_stage: str
    reason: str
    summary: str
    case_version: int | None = None
    to_person_id: int | None = None
    """Who is to take it up; the desk chooses where it is left open."""
    rule_id: int | None = None


@dataclass(frozen=True)
class TakeUp:
    """Acknowledge an escalation: I have it."""

    case_id: int
    escalation_id: int


@dataclass(frozen=True)
class ComeDown:
    """Bring a case back to a lower stage, and say why."""

    case_id: int
    to_stage: str
    why: str
    case_version: int | None = None


@dataclass(frozen=True)
class AnswerWords:
    """Say whether a message means what the word finder, or nobody yet, found in it."""

    case_id: int
    entry_id: int
    kind: str
    so: bool


@dataclass(frozen=True)
class SetAbsence:
    person_id: int
    substitute_id: int
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class GiveEvidenceDate:
    """The day by which the bank or the provider wants the evidence, as they gave it."""

    case_id: int
    due_at: datetime
    given_by: str
    case_version: int | None = None


@dataclass(frozen=True)
class SetRule:
    """A rule of escalation as a form gives it; `rule_id` None makes a new one."""

    name_en: str
    name_fr: str
    trigger: str
    to_stage: str
    clock: str | None = None
    minutes: int = 0
    words: str | None = None
    times: int = 2
    kind: str | None = None
    amount_minor: int | None = None
    currency: str = "EUR"
    active: bool = True
    rule_id: int | None = None
    version: int | None = None


@dataclass(frozen=True)
class AddCause:
    code: str
    label_en: str
    label_fr: str


@dataclass(frozen=True)
class ChangeCause:
    cause_id: int
    label_en: str
    label_fr: str
    position: int
    in_use: bool
