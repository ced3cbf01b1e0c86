"""Hear the parties: points, statements, what the mediator understood, documents, messages that both read."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.deadlines import actions as deadlines
from casedesk.kernel.errors import InvalidInput, NotFound
from casedesk.mediation import commands as c
from casedesk.mediation.actions import dating, notices
from casedesk.mediation.actions.filing import Open, local_day, move, opened, settle_turn, write
from casedesk.mediation.models import (
    Document,
    DocumentRequest,
    Point,
    Restatement,
    RestatementAnswer,
    Statement,
)
from casedesk.mediation.rules.dates import COMPLETION_DAYS
from casedesk.mediation.rules.states import SIDES

MOST_POINTS = 40


def add_point(session: Session, command: c.AddPoint, *, actor: Actor, now: datetime) -> Point:
    """Name a point in dispute, or one that nobody disputes. Raises InvalidInput."""
    at = opened(session, command.mediation_id, "add_point", actor=actor)
    if not command.title:
        raise InvalidInput("mediation.point", field="title")
    if command.agreed and (at.role != "mediator" or not command.said):
        raise InvalidInput("mediation.point_agreed", field="said")
    n = (session.scalar(select(func.max(Point.n)).where(Point.mediation_id == at.file.id)) or 0) + 1
    if n > MOST_POINTS:
        raise InvalidInput("mediation.too_many_points", field="title")
    text = {"title": command.title, "said": command.said}
    entry = write(session, at, "point", {"n": n, "agreed": command.agreed}, text, now=now)
    point = Point(mediation_id=at.file.id, n=n, agreed=command.agreed, entry_id=entry.id)
    session.add(point)
    session.flush()
    settle_turn(session, at)
    return point


def state(session: Session, command: c.State, *, actor: Actor, now: datetime) -> Statement:
    """Keep a party's words on a point; an earlier statement of the same side stays in the record."""
    at = opened(
        session, command.mediation_id, "state", actor=actor, for_side=command.for_side, how=command.how
    )
    if at.side not in SIDES:
        raise InvalidInput("mediation.for_side", field="for_side")
    if not command.said:
        raise InvalidInput("mediation.said", field="said")
    if command.amount_minor is not None and command.amount_minor < 0:
        raise InvalidInput("mediation.part_amount", field="amount")
    point = _point(session, at, command.point_id)
    body = {"point": point.n, "amount_minor": command.amount_minor}
    entry = write(session, at, "statement", body, {"said": command.said}, now=now)
    statement = Statement(
        mediation_id=at.file.id,
        point_id=point.id,
        side=at.side,
        amount_minor=command.amount_minor,
        entry_id=entry.id,
        at=now,
    )
    session.add(statement)
    session.flush()
    if at.side == "company":
        deadlines.stop(session, at.subject, "statement", now=now)
    if at.file.state == "notified" and at.side == "company":
        move(session, at, "exchange", now=now)
    if at.file.state != "requested":
        notices.to_others(session, at, "statement", now=now)
    settle_turn(session, at)
    return statement


def restate(session: Session, command: c.Restate, *, actor: Actor, now: datetime) -> Restatement:
    """What the mediator understood, for each side to confirm or put right. Raises InvalidInput where nothing is said."""
    at = opened(session, command.mediation_id, "restate", actor=actor)
    text = {
        "customer_concern": command.customer_concern,
        "customer_need": command.customer_need,
        "company_concern": command.company_concern,
        "company_need": command.company_need,
        "facts_agreed": command.facts_agreed,
        "points_open": command.points_open,
    }
    if not any(text.values()):
        raise InvalidInput("mediation.restate", field="customer_concern")
    n = session.scalar(select(func.max(Restatement.n)).where(Restatement.mediation_id == at.file.id)) or 0
    entry = write(session, at, "restated", {"n": n + 1}, text, now=now)
    restatement = Restatement(mediation_id=at.file.id, n=n + 1, entry_id=entry.id, at=now)
    session.add(restatement)
    session.flush()
    notices.to_both(session, at, "restated", now=now)
    settle_turn(session, at)
    return restatement


def answer_restatement(
    session: Session, command: c.AnswerRestatement, *, actor: Actor, now: datetime
) -> RestatementAnswer:
    """A side says that it was understood, or puts it right. Raises InvalidInput where it has answered before."""
    at = opened(
        session,
        command.mediation_id,
        "answer_restatement",
        actor=actor,
        for_side=command.for_side,
        how=command.how,
    )
    if at.side not in SIDES:
        raise InvalidInput("mediation.for_side", field="for_side")
    newest = _to_answer(session, at, command.restatement_id)
    answer = "corrected" if command.corrected else "confirmed"
    body = {"n": newest.n, "answer": answer}
    entry = write(session, at, "restatement_answer", body, {"said": command.corrected}, now=now)
    given = RestatementAnswer(
        mediation_id=at.file.id,
        restatement_id=newest.id,
        side=at.side,
        answer=answer,
        entry_id=entry.id,
        at=now,
    )
    session.add(given)
    session.flush()
    if at.role != "mediator":
        notices.to_mediator(session, at, "answered", now=now)
    settle_turn(session, at)
    return given


def _to_answer(session: Session, at: Open, restatement_id: int) -> Restatement:
    """The newest restatement, which this side has not answered. Raises NotFound for an older one, InvalidInput."""
    newest = session.scalars(
        select(Restatement)
        .where(Restatement.mediation_id == at.file.id)
        .order_by(Restatement.n.desc())
        .limit(1)
    ).one_or_none()
    if newest is None or newest.id != restatement_id:
        raise NotFound("not_found")
    before = session.scalar(
        select(RestatementAnswer.id).where(
            RestatementAnswer.restatement_id == newest.id, RestatementAnswer.side == at.side
        )
    )
    if before is not None:
        raise InvalidInput("mediation.answered", field="corrected")
    return newest


def ask_document(session: Session, command: c.AskDocument, *, actor: Actor, now: datetime) -> DocumentRequest:
    """Ask a side for a document by a day, which a clock watches. Before admission it is what the file lacks."""
    at = opened(session, command.mediation_id, "ask_document", actor=actor)
    if command.side not in SIDES or (at.file.state == "requested" and command.side != "customer"):
        raise InvalidInput("mediation.for_side", field="side")
    if not command.said:
        raise InvalidInput("mediation.said", field="said")
    if not 0 < (command.due_on - local_day(at.file, now)).days <= COMPLETION_DAYS:
        raise InvalidInput("mediation.document_day", field="due_on", days=COMPLETION_DAYS)
    body = {"asked": command.side, "due_on": command.due_on.isoformat()}
    entry = write(session, at, "document_asked", body, {"said": command.said}, now=now)
    request = DocumentRequest(
        mediation_id=at.file.id, side=command.side, due_on=command.due_on, entry_id=entry.id, asked_at=now
    )
    session.add(request)
    session.flush()
    name = "completion" if at.file.state == "requested" else f"document-{request.id}"
    dating.keep_house(session, at.file, name, command.due_on, {"by": "mediator"}, now=now)
    notices.to_side(session, at, command.side, "document", until=command.due_on, said=command.said, now=now)
    settle_turn(session, at)
    return request


def add_document(session: Session, command: c.AddDocument, *, actor: Actor, now: datetime) -> Document:
    """Put a document into the file; both parties see it. One that was asked for ends the asking."""
    at = opened(
        session, command.mediation_id, "add_document", actor=actor, for_side=command.for_side, how=command.how
    )
    request = None
    if command.request_id is not None:
        request = session.get(DocumentRequest, command.request_id)
        if request is None or request.mediation_id != at.file.id:
            raise NotFound("not_found")
    point = _point(session, at, command.point_id) if command.point_id is not None else None
    body = {
        "digest": command.file.digest,
        "size": command.file.size,
        "media_type": command.file.media_type,
        "request": request.id if request else None,
    }
    entry = write(session, at, "document", body, {"name": command.file.name, "said": command.said}, now=now)
    document = Document(
        mediation_id=at.file.id,
        side=at.side,
        point_id=point.id if point else None,
        request_id=request.id if request else None,
        entry_id=entry.id,
        blob_digest=command.file.digest,
        name=command.file.name,
        media_type=command.file.media_type,
        size=command.file.size,
        at=now,
    )
    session.add(document)
    if request is not None and request.met_at is None:
        request.met_at = now
        deadlines.stop(session, at.subject, f"document-{request.id}", now=now)
        _complete_when_whole(session, at, now)
    session.flush()
    settle_turn(session, at)
    return document


def write_message(session: Session, command: c.WriteMessage, *, actor: Actor, now: datetime) -> None:
    """A message that both parties and the mediator read."""
    at = opened(session, command.mediation_id, "message", actor=actor)
    if not command.said:
        raise InvalidInput("mediation.said", field="said")
    write(session, at, "message", {}, {"said": command.said}, now=now)
    notices.to_others(session, at, "message", now=now)
    settle_turn(session, at)


def _complete_when_whole(session: Session, at: Open, now: datetime) -> None:
    """Before admission: once nothing is missing any more, the file is whole."""
    if at.file.state != "requested":
        return
    session.flush()
    missing = session.scalar(
        select(DocumentRequest.id)
        .where(DocumentRequest.mediation_id == at.file.id, DocumentRequest.met_at.is_(None))
        .limit(1)
    )
    if missing is None:
        at.file.complete_at = now
        deadlines.stop(session, at.subject, "completion", now=now)
        write(session, at, "complete", {"at": now.isoformat()}, now=now)
        notices.to_mediator(session, at, "statement", now=now)


def _point(session: Session, at: Open, point_id: int) -> Point:
    point = session.get(Point, point_id)
    if point is None or point.mediation_id != at.file.id:
        raise NotFound("not_found")
    if point.agreed:
        raise InvalidInput("mediation.point_not_disputed", field="point_id")
    return point
