"""A mediation as its customer reads it: both sides' words, what the mediator understood, documents, proposals, blind offers.

Never a sealed note, never the other side's sealed figure, never the other's answer to the mediator's proposal before both
have answered, nor the desk's case beyond what the customer wrote and got: `mediation.queries.page` leaves them out.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import not_a_person
from casedesk.kernel.errors import NotFound
from casedesk.mediation.models import Agreement, Document
from casedesk.mediation.queries.page import FilePage, file_page
from casedesk.mediation.queries.views import PartView, PointView, ProposalView, RestatementView, RoundView
from casedesk.mediation.rules.offers import MOST_OFFERS
from casedesk.portal.models import Paper

ME = "customer"
CUSTOMER = not_a_person("customer")
SHOWN = 40
"""Messages on the page."""


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
class OfferedView:
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
    parts: tuple[PartView, ...]
    mine: str | None
    theirs: str | None

    def waits_for_me(self, now: datetime) -> bool:
        return self.state == "open" and self.author != ME and self.mine is None and now < self.expires_at


@dataclass(frozen=True)
class OpenRound:
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
    proposals: tuple[OfferedView, ...]
    round: OpenRound | None
    asked: tuple[AskView, ...]
    documents: tuple[DocumentView, ...]
    messages: tuple[MessageView, ...]
    agreement_code: str
    agreement_ready: bool
    may: frozenset[str]


def file_view(session: Session, mediation_id: int, *, now: datetime) -> FileView:
    """The mediation for its customer. Raises NotFound."""
    page = file_page(session, CUSTOMER, mediation_id, now=now)
    paper = _paper(session, page.agreement)
    file = page.file
    return FileView(
        id=file.id,
        number=file.number or str(file.id),
        state=file.state,
        version=file.version,
        mediator=page.mediator or "",
        company=page.company,
        currency=file.currency,
        due_on=file.due_on,
        extended_to=file.extended_to,
        requested_at=file.requested_at,
        notified_at=file.notified_at,
        ended_at=file.ended_at,
        points=tuple(_point(one) for one in page.points),
        restatement=_restated(page.restatement) if page.restatement else None,
        proposals=tuple(_proposal(one, now) for one in reversed(page.proposals)),
        round=_round(page.open_round, now),
        asked=_asked(page),
        documents=tuple(
            DocumentView(one.id, one.name, one.size, one.side == ME, one.at)
            for one in page.documents
            if one.readable
        ),
        messages=tuple(MessageView(one.side, one.said, one.at) for one in page.messages[: -SHOWN - 1 : -1]),
        agreement_code=paper[0] if paper else "",
        agreement_ready=bool(paper and paper[1]),
        may=page.acts,
    )


def _point(one: PointView) -> PointPart:
    mine, theirs = one.statements.get(ME), one.statements.get("company")
    return PointPart(
        id=one.id,
        n=one.n,
        title=one.title,
        agreed=one.said if one.agreed else "",
        mine=mine.said if mine else "",
        mine_minor=mine.amount_minor if mine else None,
        theirs=theirs.said if theirs else "",
        theirs_minor=theirs.amount_minor if theirs else None,
    )


def _restated(one: RestatementView) -> RestatementPart:
    answer = one.answers.get(ME)
    return RestatementPart(one.id, one.at, one.parts, answer[0] if answer else None)


def _proposal(one: ProposalView, now: datetime) -> OfferedView:
    mine, theirs = one.answers.get(ME), one.answers.get("company")
    return OfferedView(
        id=one.id,
        version=one.version,
        n=one.n,
        author=one.side,
        state=one.state if one.state != "open" or now < one.expires_at else "expired",
        amount_minor=one.amount_minor,
        currency=one.currency,
        given_up_minor=one.given_up_minor,
        by_rule_minor=one.by_rule_minor,
        expires_at=one.expires_at,
        said=one.said,
        parts=tuple(one.parts),
        mine=mine.answer if mine else None,
        theirs=theirs.answer if theirs and not theirs.hidden else None,
    )


def _round(one: RoundView | None, now: datetime) -> OpenRound | None:
    if one is None or now >= one.expires_at:
        return None
    return OpenRound(
        one.id, one.currency, one.distance_minor, one.expires_at, one.mine, MOST_OFFERS - one.mine
    )


def _asked(page: FilePage) -> tuple[AskView, ...]:
    """What is still wanted of the customer, the next day first."""
    mine = [AskView(one.id, one.said, one.due_on) for one in page.wanting if one.side == ME]
    return tuple(sorted(mine, key=lambda one: one.due_on))


def _paper(session: Session, agreement: Agreement | None) -> tuple[str, bool] | None:
    """(code, is the PDF drawn) of the paper of the agreement."""
    if agreement is None:
        return None
    row = session.execute(
        select(Paper.code, Paper.blob_digest.is_not(None)).where(Paper.agreement_id == agreement.id)
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
