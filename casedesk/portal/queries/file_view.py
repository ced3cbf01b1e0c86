"""A mediation as its customer reads it: both sides' words, what the mediator understood, documents, proposals, blind offers.

Never a sealed note, never the other side's sealed figure, never the other's answer to the mediator's proposal before both
have answered, nor the desk's case beyond what the customer wrote and got.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casedesk.accounts.models import Person
from casedesk.kernel.errors import NotFound
from casedesk.mediation.models import (
    Agreement,
    Answer,
    BlindOffer,
    Document,
    DocumentRequest,
    Mediation,
    OfferRound,
    Party,
    Point,
    Proposal,
    ProposalPart,
    Restatement,
    RestatementAnswer,
    Statement,
)
from casedesk.mediation.rules.offers import MOST_OFFERS
from casedesk.mediation.rules.proposals import answer_shown, given_up
from casedesk.mediation.rules.states import acts_for
from casedesk.portal.models import Paper
from casedesk.store.models import Entry, EntryText

ME = "customer"


@dataclass(frozen=True)
class PointPart:
    """One point with the newest words of each side."""

    id: int
    n: int
    title: str
    agreed: str
    mine: str
    mine_minor: int | None
    theirs: str
    theirs_minor: int | None


@dataclass(frozen=True)
class RestatementPart:
    id: int
    at: datetime
    words: dict[str, str]
    answer: str | None


@dataclass(frozen=True)
class ProposalPartView:
    kind: str
    amount_minor: int | None
    months: int | None
    effect: str | None
    within_days: int
    said: str


@dataclass(frozen=True)
class ProposalView:
    """A proposal. `mine`: what I answered; `theirs`: what the company answered, where I may know."""

    id: int
    version: int
    n: int
    author: str
    state: str
    amount_minor: int
    currency: str
    given_up_minor: int
    by_rule_minor: int | None
    expires_at: datetime
    said: str
    parts: tuple[ProposalPartView, ...]
    mine: str | None
    theirs: str | None

    def waits_for_me(self, now: datetime) -> bool:
        return self.state == "open" and self.author != ME and self.mine is None and now < self.expires_at


@dataclass(frozen=True)
class RoundView:
    """A running round of blind offers: how many I have left; never a figure."""

    id: int
    currency: str
    distance_minor: int
    expires_at: datetime
    mine: int
    left: int


@dataclass(frozen=True)
class AskView:
    id: int
    said: str
    due_on: date


@dataclass(frozen=True)
class DocumentView:
    id: int
    name: str
    size: int
    mine: bool
    at: datetime


@dataclass(frozen=True)
class MessageView:
    side: str
    said: str
    at: datetime


@dataclass(frozen=True)
class FileView:
    id: int
    number: str
    state: str
    version: int
    mediator: str
    company: str
    currency: str
    due_on: date | None
    extended_to: date | None
    requested_at: datetime
    notified_at: datetime | None
    ended_at: datetime | None
    points: tuple[PointPart, ...]
    restatement: RestatementPart | None
    proposals: tuple[ProposalView, ...]
    round: RoundView | None
    asked: tuple[AskView, ...]
    documents: tuple[DocumentView, ...]
    messages: tuple[MessageView, ...]
    agreement_code: str
    agreement_ready: bool
    may: frozenset[str]


def file_view(session: Session, mediation_id: int, *, now: datetime) -> FileView:
    """The mediation for its customer. Raises NotFound."""
    row = session.execute(
        select(Mediation, Person.name, Party.name)
        .outerjoin(Person, Person.id == Mediation.mediator_id)
        .join(Party, (Party.mediation_id == Mediation.id) & (Party.side == "company"))
        .where(Mediation.id == mediation_id)
    ).one_or_none()
    if row is None:
        raise NotFound("link.gone")
    file, mediator, company = row
    points, statements = _points(session, mediation_id)
    restatement = _restatement(session, mediation_id)
    requests = _requests(session, mediation_id)
    proposals, parts, answers = _proposals(session, mediation_id)
    entries = (
        {p.entry_id for p in points} | {s.entry_id for s in statements} | {p.entry_id for p in proposals}
    )
    entries |= {r.entry_id for r in requests} | ({restatement.entry_id} if restatement else set())
    words = _words(session, entries)
    agreement = _agreement(session, mediation_id)
    return FileView(
        id=file.id,
        number=file.number or str(file.id),
        state=file.state,
        version=file.version,
        mediator=mediator or "",
        company=company,
        currency=file.currency,
        due_on=file.due_on,
        extended_to=file.extended_to,
        requested_at=file.requested_at,
        notified_at=file.notified_at,
        ended_at=file.ended_at,
        points=tuple(_point(point, statements, words) for point in points),
        restatement=_restated(session, restatement, words) if restatement else None,
        proposals=tuple(_proposal(one, parts, answers, words, now) for one in proposals),
        round=_round(session, mediation_id, now),
        asked=tuple(AskView(r.id, words.get(r.entry_id, {}).get("said", ""), r.due_on) for r in requests),
        documents=_documents(session, mediation_id),
        messages=_messages(session, mediation_id),
        agreement_code=agreement[0] if agreement else "",
        agreement_ready=bool(agreement and agreement[1]),
        may=acts_for(file.state, ME),
    )


def _words(session: Session, entries: set[int]) -> dict[int, dict[str, Any]]:
    rows = session.execute(
        select(EntryText.entry_id, EntryText.text).where(EntryText.entry_id.in_(sorted(entries)))
    )
    return {row.entry_id: row.text for row in rows}


def _points(session: Session, mediation_id: int) -> tuple[list[Point], list[Statement]]:
    points = session.scalars(select(Point).where(Point.mediation_id == mediation_id).order_by(Point.n)).all()
    newest = select(func.max(Statement.id)).where(Statement.mediation_id == mediation_id)
    newest = newest.group_by(Statement.point_id, Statement.side)
    return list(points), list(session.scalars(select(Statement).where(Statement.id.in_(newest))))


def _point(point: Point, statements: list[Statement], words: dict[int, dict[str, Any]]) -> PointPart:
    by_side = {one.side: one for one in statements if one.point_id == point.id}
    said = {side: str(words.get(one.entry_id, {}).get("said", "")) for side, one in by_side.items()}
    minor = {side: one.amount_minor for side, one in by_side.items()}
    text = words.get(point.entry_id, {})
    return PointPart(
        id=point.id,
        n=point.n,
        title=str(text.get("title", "")),
        agreed=str(text.get("said", "")) if point.agreed else "",
        mine=said.get(ME, ""),
        mine_minor=minor.get(ME),
        theirs=said.get("company", ""),
        theirs_minor=minor.get("company"),
    )


def _restatement(session: Session, mediation_id: int) -> Restatement | None:
    return session.scalars(
        select(Restatement)
        .where(Restatement.mediation_id == mediation_id)
        .order_by(Restatement.n.desc())
        .limit(1)
    ).one_or_none()


def _restated(session: Session, one: Restatement, words: dict[int, dict[str, Any]]) -> RestatementPart:
    answer = session.scalar(
        select(RestatementAnswer.answer).where(
            RestatementAnswer.restatement_id == one.id, RestatementAnswer.side == ME
        )
    )
    return RestatementPart(
        one.id, one.at, {k: str(v) for k, v in words.get(one.entry_id, {}).items()}, answer
    )


def _requests(session: Session, mediation_id: int) -> list[DocumentRequest]:
    return list(
        session.scalars(
            select(DocumentRequest)
            .where(
                DocumentRequest.mediation_id == mediation_id,
                DocumentRequest.side == ME,
                DocumentRequest.met_at.is_(None),
            )
            .order_by(DocumentRequest.due_on)
        )
    )


def _proposals(
    session: Session, mediation_id: int
) -> tuple[list[Proposal], list[ProposalPart], list[Answer]]:
    """What was proposed, newest first. A settlement of blind offers comes as a proposal too."""
    proposals = session.scalars(
        select(Proposal).where(Proposal.mediation_id == mediation_id).order_by(Proposal.n.desc())
    ).all()
    ids = [one.id for one in proposals]
    parts = session.scalars(
        select(ProposalPart).where(ProposalPart.proposal_id.in_(ids)).order_by(ProposalPart.n)
    ).all()
    answers = session.scalars(select(Answer).where(Answer.proposal_id.in_(ids))).all()
    return list(proposals), list(parts), list(answers)


def _proposal(
    one: Proposal,
    parts: list[ProposalPart],
    answers: list[Answer],
    words: dict[int, dict[str, Any]],
    now: datetime,
) -> ProposalView:
    text = words.get(one.entry_id, {})
    given = {answer.side: answer.answer for answer in answers if answer.proposal_id == one.id}
    over = one.state == "expired"
    return ProposalView(
        id=one.id,
        version=one.version,
        n=one.n,
        author=one.side,
        state=one.state if one.state != "open" or now < one.expires_at else "expired",
        amount_minor=one.amount_minor,
        currency=one.currency,
        given_up_minor=given_up(one.by_rule_minor, one.amount_minor),
        by_rule_minor=one.by_rule_minor,
        expires_at=one.expires_at,
        said=str(text.get("said", "")),
        parts=tuple(
            ProposalPartView(
                part.kind, part.amount_minor, part.months, part.effect, part.within_days,
                str(text.get(f"part-{part.n}", "")),
            )
            for part in parts
            if part.proposal_id == one.id
        ),
        mine=given.get(ME),
        theirs=given.get("company") if answer_shown(one.side, given, of="company", to=ME, over=over) else None,
    )  # fmt: skip


def _round(session: Session, mediation_id: int, now: datetime) -> RoundView | None:
    one = session.scalars(
        select(OfferRound)
        .where(
            OfferRound.mediation_id == mediation_id, OfferRound.state == "open", OfferRound.expires_at > now
        )
        .limit(1)
    ).one_or_none()
    if one is None:
        return None
    mine = session.scalar(select(func.count()).where(BlindOffer.round_id == one.id, BlindOffer.side == ME))
    made = int(mine or 0)
    return RoundView(one.id, one.currency, one.distance_minor, one.expires_at, made, MOST_OFFERS - made)


def _documents(session: Session, mediation_id: int) -> tuple[DocumentView, ...]:
    rows = session.execute(
        select(Document.id, Document.name, Document.size, Document.side, Document.at)
        .where(Document.mediation_id == mediation_id, Document.blob_digest.is_not(None))
        .order_by(Document.id)
    )
    return tuple(DocumentView(row.id, row.name, row.size, row.side == ME, row.at) for row in rows)


def _messages(session: Session, mediation_id: int) -> tuple[MessageView, ...]:
    rows = session.execute(
        select(Entry.body, Entry.happened_at, EntryText.text)
        .outerjoin(EntryText, EntryText.entry_id == Entry.id)
        .where(
            Entry.subject_kind == "mediation",
            Entry.subject_id == mediation_id,
            Entry.kind == "mediation.message",
        )
        .order_by(Entry.seq.desc())
        .limit(40)
    )
    return tuple(
        MessageView(str(row.body.get("side", "")), str((row.text or {}).get("said", "")), row.happened_at)
        for row in rows
    )


def _agreement(session: Session, mediation_id: int) -> tuple[str, bool] | None:
    row = session.execute(
        select(Paper.code, Paper.blob_digest.is_not(None))
        .join(Agreement, Agreement.id == Paper.agreement_id)
        .where(Agreement.mediation_id == mediation_id)
        .order_by(Agreement.n.desc())
        .limit(1)
    ).one_or_none()
    return (row[0], row[1]) if row else None


@dataclass(frozen=True)
class KeptDocument:
    digest: str
    name: str
    media_type: str


def document_of(session: Session, mediation_id: int, document_id: int) -> KeptDocument:
    """A document of the file: both parties see each. Raises NotFound."""
    row = session.execute(
        select(Document.blob_digest, Document.name, Document.media_type).where(
            Document.id == document_id, Document.mediation_id == mediation_id
        )
    ).one_or_none()
    if row is None or row.blob_digest is None:
        raise NotFound("link.gone")
    return KeptDocument(row.blob_digest, row.name, row.media_type)
