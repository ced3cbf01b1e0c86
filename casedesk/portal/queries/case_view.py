"""A case as its customer reads it: where it stands, what was written, papers, an offer, what is asked of them.

Nothing internal: no notes, no calls as agents noted them, no verdict's working, no other customer's anything.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, String, and_, cast, func, literal, select, union_all
from sqlalchemy.orm import Session

from casedesk.accounts.models import Person
from casedesk.cases.models import Attachment, Case, Decision
from casedesk.customers.models import Customer, Entity, Plan, Subscription
from casedesk.deadlines.models import Clock
from casedesk.documents.models import Letter
from casedesk.kernel.errors import NotFound
from casedesk.mediation.models import Mediation
from casedesk.mediation.rules.states import ENDED
from casedesk.policy.facts import vocabulary
from casedesk.policy.verdict import Verdict
from casedesk.portal.models import Offer, Paper, Receipt
from casedesk.portal.rules import (
    ANSWERABLE,
    SHOWN_CHANNELS,
    Progress,
    Step,
    headline,
    may_ask_mediation,
    steps,
)
from casedesk.refunds.models import RefundIntent
from casedesk.rulebook.models import Judgement
from casedesk.store.models import Entry, EntryText

SHOWN = 40


@dataclass(frozen=True)
class FileLine:
    id: int
    name: str
    size: int


@dataclass(frozen=True)
class Message:
    """What was written by one side to the other. `who` is a first name of the desk, empty for the customer."""

    entry_id: int
    inbound: bool
    who: str
    said: str
    at: datetime
    files: tuple[FileLine, ...]


@dataclass(frozen=True)
class DecisionPart:
    outcome: str
    amount_minor: int
    currency: str
    at: datetime | None
    effect: str
    effect_on: date | None


@dataclass(frozen=True)
class OfferPart:
    id: int
    version: int
    state: str
    amount_minor: int
    currency: str
    said: str
    by_rule_minor: int | None
    expires_at: datetime
    answered_at: datetime | None

    def is_open(self, now: datetime) -> bool:
        return self.state == "open" and now < self.expires_at

    @property
    def last_at(self) -> datetime:
        """An instant of the last day on which it can be answered."""
        return self.expires_at - timedelta(seconds=1)


@dataclass(frozen=True)
class PaperPart:
    """A letter or paper that can be kept as PDF; `ready` once it is drawn."""

    kind: str
    key: str
    at: datetime
    ready: bool
    act: str = ""


@dataclass(frozen=True)
class CaseView:
    """The whole page."""

    id: int
    kind: str
    status: str
    stage: str
    outcome: str | None
    plan: str
    claimed_minor: int | None
    currency: str
    headline: str
    steps: tuple[Step, ...]
    at_least_minor: int | None
    """What is owed at least by the verdict, while nothing is decided."""
    ended_on: date | None
    decision: DecisionPart | None
    offer: OfferPart | None
    asks: tuple[str, ...]
    messages: tuple[Message, ...]
    papers: tuple[PaperPart, ...]
    card: str
    mediation_id: int | None
    mediation_number: str
    mediator_body: dict[str, Any]
    may_ask_mediation: bool
    may_write: bool


def case_view(session: Session, case_id: int, *, now: datetime) -> CaseView:
    """The case for its customer: four statements, one more where files came with a message. Raises NotFound."""
    row = session.execute(_head(case_id)).one_or_none()
    if row is None:
        raise NotFound("link.gone")
    case: Case = row.Case
    decision, offer = _decision(row.Decision), _offer(row.Offer, row.offer_text)
    progress = _progress(row, decision, now)
    offered = "" if offer is None or (offer.state == "open" and not offer.is_open(now)) else offer.state
    undecided = decision is None and case.status != "closed"
    return CaseView(
        id=case.id,
        kind=case.kind,
        status=case.status,
        stage=case.stage,
        outcome=case.outcome,
        plan=row.plan or "",
        claimed_minor=case.claimed_minor,
        currency=case.currency,
        headline=headline(progress, decision.outcome if decision else case.outcome, offer=offered),
        steps=tuple(steps(progress)),
        at_least_minor=case.verdict_minor
        if undecided and case.verdict_outcome == "allowed" and case.verdict_minor
        else None,
        ended_on=progress.ended_on,
        decision=decision,
        offer=offer,
        asks=_asks(row.verdict) if undecided else (),
        messages=_messages(session, case_id),
        papers=_papers(session, case_id),
        card=row.Subscription.payment_last4 if row.Subscription else "",
        mediation_id=row.mediation_id,
        mediation_number=row.mediation_number or "",
        mediator_body=row.mediator_body or {},
        may_ask_mediation=may_ask_mediation(
            kind=case.kind,
            status=case.status,
            running=row.mediation_id is not None,
            has_body=bool(row.mediator_body),
            consumer=row.buyer != "business",
            decided_below=_is_below(case, decision),
            since=now - case.opened_at,
        ),
        may_write=case.merged_into_id is None,
    )


def _head(case_id: int) -> Select[Any]:
    """The case with its contract, verdict, newest decision, newest offer, running mediation, clocks and refunds: one row."""
    decided = select(func.max(Decision.id)).where(Decision.case_id == case_id, Decision.state == "effective")
    offered = select(func.max(Offer.id)).where(Offer.case_id == case_id, Offer.state != "withdrawn")
    paid_back = RefundIntent.case_id == case_id
    return (
        select(
            Case,
            Customer.kind.label("buyer"),
            Entity.mediator_body,
            Subscription,
            Plan.name.label("plan"),
            Judgement.verdict,
            Decision,
            Offer,
            EntryText.text.label("offer_text"),
            Mediation.id.label("mediation_id"),
            Mediation.number.label("mediation_number"),
            _due(case_id, Clock.name == "decide").label("decide_by"),
            _due(case_id, Clock.name.startswith("statutory.", autoescape=True)).label("by_law"),
            _one(func.coalesce(func.sum(RefundIntent.amount_minor), 0), paid_back).label("refund_minor"),
            _one(func.max(RefundIntent.paid_at), paid_back).label("paid_at"),
            _one(func.count(), paid_back, RefundIntent.state != "paid").label("unpaid"),
        )
        .join(Entity, Entity.id == Case.entity_id)
        .outerjoin(Customer, Customer.id == Case.customer_id)
        .outerjoin(Subscription, Subscription.id == Case.subscription_id)
        .outerjoin(Plan, Plan.id == Subscription.plan_id)
        .outerjoin(Judgement, Judgement.id == Case.judgement_id)
        .outerjoin(Decision, Decision.id == decided.scalar_subquery())
        .outerjoin(Offer, Offer.id == offered.scalar_subquery())
        .outerjoin(EntryText, EntryText.entry_id == Offer.entry_id)
        .outerjoin(Mediation, and_(Mediation.case_id == Case.id, Mediation.state.not_in(ENDED)))
        .where(Case.id == case_id)
    )


def _due(case_id: int, which: ColumnElement[bool]) -> Any:
    """When the first running clock of that kind is due."""
    mine = (Clock.subject_kind == "case", Clock.subject_id == case_id, Clock.state == "running")
    return _one(func.min(Clock.due_at), *mine, which)


def _one(what: Any, *where: ColumnElement[bool]) -> Any:
    return select(what).where(*where).scalar_subquery()


def _is_below(case: Case, decision: DecisionPart | None) -> bool:
    if decision is None:
        return False
    return decision.outcome in ("refused", "partly-granted") or (
        case.claimed_minor is not None and decision.amount_minor < case.claimed_minor
    )


def _decision(one: Decision | None) -> DecisionPart | None:
    if one is None:
        return None
    return DecisionPart(
        one.outcome,
        one.amount_minor,
        one.currency,
        one.effective_at,
        one.subscription_effect,
        one.effect_on,
    )


def offer_of(session: Session, case_id: int) -> OfferPart | None:
    """The newest offer of the case."""
    row = session.execute(
        select(Offer, EntryText.text)
        .outerjoin(EntryText, EntryText.entry_id == Offer.entry_id)
        .where(Offer.case_id == case_id, Offer.state != "withdrawn")
        .order_by(Offer.id.desc())
        .limit(1)
    ).one_or_none()
    return _offer(*row) if row else None


def _offer(one: Offer | None, text: dict[str, Any] | None) -> OfferPart | None:
    if one is None:
        return None
    # the sum and the day stand on the page already: what was said beside them comes after a blank line
    said = str((text or {}).get("said", "")).partition("\n\n")[2]
    return OfferPart(
        id=one.id,
        version=one.version,
        state=one.state,
        amount_minor=one.amount_minor,
        currency=one.currency,
        said=said,
        by_rule_minor=one.by_rule_minor,
        expires_at=one.expires_at,
        answered_at=one.answered_at,
    )


def _progress(row: Row[Any], decision: DecisionPart | None, now: datetime) -> Progress:
    case: Case = row.Case
    ended = None
    if decision is not None and decision.effect != "keep":
        ended = decision.effect_on or (row.Subscription.ends_on if row.Subscription else None)
    return Progress(
        status=case.status,
        stage=case.stage,
        opened_at=case.opened_at,
        decided_at=decision.at if decision else None,
        decide_by=row.decide_by if row.decide_by and row.decide_by > now else None,
        waits_for_customer=case.status == "waiting-customer",
        ended_on=ended,
        refund_minor=int(row.refund_minor) or (decision.amount_minor if decision else 0),
        paid_at=row.paid_at if row.refund_minor and not row.unpaid else None,
        pay_by=row.by_law,
        in_mediation=row.mediation_id is not None,
    )


def _asks(verdict: str | None) -> tuple[str, ...]:
    """Facts that the answer depends on and that the customer knows best."""
    if verdict is None:
        return ()
    missing = Verdict.from_canonical(verdict.encode()).missing
    known = vocabulary()
    return tuple(name for name in missing if name in ANSWERABLE and name in known and not known[name].fields)


def _messages(session: Session, case_id: int) -> tuple[Message, ...]:
    rows = session.execute(
        select(Entry.id, Entry.body, Entry.happened_at, EntryText.text, Person.name)
        .outerjoin(EntryText, EntryText.entry_id == Entry.id)
        .outerjoin(Person, and_(Person.id == Entry.actor_id, Entry.actor_kind == "person"))
        .where(Entry.subject_kind == "case", Entry.subject_id == case_id, Entry.kind == "exchange")
        .order_by(Entry.seq.desc())
        .limit(SHOWN)
    ).all()
    files = _files(session, case_id) if any(row.body.get("attachments") for row in rows) else {}
    return tuple(
        Message(
            entry_id=row.id,
            inbound=bool(row.body.get("inbound")),
            who="" if row.body.get("inbound") else (row.name or "").split(" ")[0],
            said=str((row.text or {}).get("said", "")),
            at=row.happened_at,
            files=files.get(row.id, ()),
        )
        for row in rows
        if row.body.get("channel") in SHOWN_CHANNELS
    )


def _files(session: Session, case_id: int) -> dict[int, tuple[FileLine, ...]]:
    rows = session.execute(
        select(Attachment.entry_id, Attachment.id, Attachment.name, Attachment.size)
        .where(Attachment.case_id == case_id, Attachment.blob_digest.is_not(None))
        .order_by(Attachment.id)
    )
    found: dict[int, tuple[FileLine, ...]] = {}
    for entry_id, file_id, name, size in rows:
        found[entry_id] = (*found.get(entry_id, ()), FileLine(file_id, name, size))
    return found


def _papers(session: Session, case_id: int) -> tuple[PaperPart, ...]:
    """Letters, and what can be checked by a code, newest first. One statement."""
    letters = select(
        literal("letter"),
        cast(Letter.id, String),
        Letter.created_at,
        Letter.blob_digest.is_not(None),
        literal("proof"),
    ).where(Letter.case_id == case_id)
    papers = (
        select(
            Paper.kind,
            Paper.code,
            Paper.created_at,
            Paper.blob_digest.is_not(None),
            func.coalesce(Receipt.act, "proof"),
        )
        .outerjoin(Receipt, Receipt.paper_id == Paper.id)
        .where(Paper.subject_kind == "case", Paper.subject_id == case_id)
    )
    made = [PaperPart(*row) for row in session.execute(union_all(letters, papers))]
    return tuple(sorted(made, key=lambda one: one.at, reverse=True))


@dataclass(frozen=True)
class KeptFile:
    digest: str
    name: str
    media_type: str


def file_of_customer(session: Session, case_id: int, attachment_id: int) -> KeptFile:
    """A file of a message that the customer may see. Raises NotFound for any other."""
    row = session.execute(
        select(Attachment.blob_digest, Attachment.name, Attachment.media_type, Entry.body)
        .join(Entry, Entry.id == Attachment.entry_id)
        .where(Attachment.id == attachment_id, Attachment.case_id == case_id, Entry.kind == "exchange")
    ).one_or_none()
    if row is None or row.blob_digest is None or row.body.get("channel") not in SHOWN_CHANNELS:
        raise NotFound("link.gone")
    return KeptFile(row.blob_digest, row.name, row.media_type)


def letter_of_customer(session: Session, case_id: int, letter_id: int) -> str:
    """The PDF of a letter of the case. Raises NotFound."""
    digest = session.scalar(
        select(Letter.blob_digest).where(Letter.id == letter_id, Letter.case_id == case_id)
    )
    if digest is None:
        raise NotFound("link.gone")
    return str(digest)
