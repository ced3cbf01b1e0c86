"""A case as its customer reads it: where it stands, what was written, papers, an offer, what is asked of them.

Nothing internal: no notes, no calls as agents noted them, no verdict's working, no other customer's anything.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, select
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
    """The case for its customer. Raises NotFound."""
    row = session.execute(
        select(Case, Customer.kind, Entity.mediator_body, Subscription, Plan.name, Judgement.verdict)
        .join(Entity, Entity.id == Case.entity_id)
        .outerjoin(Customer, Customer.id == Case.customer_id)
        .outerjoin(Subscription, Subscription.id == Case.subscription_id)
        .outerjoin(Plan, Plan.id == Subscription.plan_id)
        .outerjoin(Judgement, Judgement.id == Case.judgement_id)
        .where(Case.id == case_id)
    ).one_or_none()
    if row is None:
        raise NotFound("link.gone")
    case, buyer, body, subscription, plan, verdict = row
    decision = _decision(session, case_id)
    offer = offer_of(session, case_id)
    mediation = _mediation(session, case_id)
    progress = _progress(session, case, subscription, decision, mediation, now)
    offered = "" if offer is None or (offer.state == "open" and not offer.is_open(now)) else offer.state
    open_case = case.status != "closed"
    return CaseView(
        id=case.id,
        kind=case.kind,
        status=case.status,
        stage=case.stage,
        outcome=case.outcome,
        plan=plan or "",
        claimed_minor=case.claimed_minor,
        currency=case.currency,
        headline=headline(progress, decision.outcome if decision else case.outcome, offer=offered),
        steps=tuple(steps(progress)),
        at_least_minor=case.verdict_minor
        if decision is None and open_case and case.verdict_outcome == "allowed" and case.verdict_minor
        else None,
        ended_on=progress.ended_on,
        decision=decision,
        offer=offer,
        asks=_asks(verdict) if decision is None and open_case else (),
        messages=_messages(session, case_id),
        papers=_papers(session, case_id),
        card=_card(subscription),
        mediation_id=mediation[0] if mediation else None,
        mediation_number=mediation[1] if mediation else "",
        mediator_body=body or {},
        may_ask_mediation=may_ask_mediation(
            kind=case.kind,
            status=case.status,
            running=mediation is not None,
            has_body=bool(body),
            consumer=buyer != "business",
            decided_below=_is_below(case, decision),
            since=now - case.opened_at,
        ),
        may_write=case.merged_into_id is None,
    )


def _card(subscription: Subscription | None) -> str:
    return subscription.payment_last4 if subscription else ""


def _is_below(case: Case, decision: DecisionPart | None) -> bool:
    if decision is None:
        return False
    return decision.outcome in ("refused", "partly-granted") or (
        case.claimed_minor is not None and decision.amount_minor < case.claimed_minor
    )


def _decision(session: Session, case_id: int) -> DecisionPart | None:
    row = session.execute(
        select(
            Decision.outcome, Decision.amount_minor, Decision.currency, Decision.effective_at,
            Decision.subscription_effect, Decision.effect_on,
        )
        .where(Decision.case_id == case_id, Decision.state == "effective")
        .order_by(Decision.n.desc())
        .limit(1)
    ).one_or_none()  # fmt: skip
    return DecisionPart(*row) if row else None


def offer_of(session: Session, case_id: int) -> OfferPart | None:
    """The newest offer of the case."""
    row = session.execute(
        select(
            Offer.id, Offer.version, Offer.state, Offer.amount_minor, Offer.currency, EntryText.text,
            Offer.by_rule_minor, Offer.expires_at, Offer.answered_at,
        )
        .outerjoin(EntryText, EntryText.entry_id == Offer.entry_id)
        .where(Offer.case_id == case_id, Offer.state != "withdrawn")
        .order_by(Offer.id.desc())
        .limit(1)
    ).one_or_none()  # fmt: skip
    if row is None:
        return None
    offer_id, version, state, amount, currency, text, by_rule, expires_at, answered_at = row
    said = str((text or {}).get("said", "")).partition("\n\n")[
        2
    ]  # the sum and the day stand on the page already
    return OfferPart(offer_id, version, state, amount, currency, said, by_rule, expires_at, answered_at)


def _mediation(session: Session, case_id: int) -> tuple[int, str] | None:
    row = session.execute(
        select(Mediation.id, Mediation.number)
        .where(Mediation.case_id == case_id, Mediation.state.not_in(ENDED))
        .limit(1)
    ).one_or_none()
    return (row.id, row.number or "") if row else None


def _progress(
    session: Session,
    case: Case,
    subscription: Subscription | None,
    decision: DecisionPart | None,
    mediation: tuple[int, str] | None,
    now: datetime,
) -> Progress:
    clocks = dict(
        session.execute(
            select(Clock.name, func.min(Clock.due_at))
            .where(Clock.subject_kind == "case", Clock.subject_id == case.id, Clock.state == "running")
            .group_by(Clock.name)
        ).all()
    )
    refunds = session.execute(
        select(
            func.coalesce(func.sum(RefundIntent.amount_minor), 0),
            func.max(RefundIntent.paid_at),
            func.count().filter(RefundIntent.state != "paid"),
        ).where(RefundIntent.case_id == case.id)
    ).one()
    ended = None
    if decision is not None and decision.effect != "keep":
        ended = decision.effect_on or (subscription.ends_on if subscription else None)
    by_law = min((at for name, at in clocks.items() if name.startswith("statutory.")), default=None)
    decide_by = clocks.get("decide")
    return Progress(
        status=case.status,
        stage=case.stage,
        opened_at=case.opened_at,
        decided_at=decision.at if decision else None,
        decide_by=decide_by if decide_by and decide_by > now else None,
        waits_for_customer=case.status == "waiting-customer",
        ended_on=ended,
        refund_minor=int(refunds[0]) or (decision.amount_minor if decision else 0),
        paid_at=refunds[1] if refunds[0] and not refunds[2] else None,
        pay_by=by_law,
        in_mediation=mediation is not None,
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
    letters = session.execute(
        select(Letter.id, Letter.created_at, Letter.blob_digest.is_not(None)).where(Letter.case_id == case_id)
    )
    made = [PaperPart("letter", str(row[0]), row[1], row[2]) for row in letters]
    papers = session.execute(
        select(Paper.kind, Paper.code, Paper.created_at, Paper.blob_digest.is_not(None), Receipt.act)
        .outerjoin(Receipt, Receipt.paper_id == Paper.id)
        .where(Paper.subject_kind == "case", Paper.subject_id == case_id)
    )
    made += [PaperPart(row[0], row[1], row[2], row[3], row[4] or "proof") for row in papers]
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
