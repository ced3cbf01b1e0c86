"""What a file waits for, read in a few small statements: for the row that lists sort by."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.mediation.models import (
    Answer,
    DocumentRequest,
    Mediation,
    Proposal,
    Restatement,
    RestatementAnswer,
    Statement,
    Task,
)
from casedesk.mediation.rules.states import SIDES
from casedesk.mediation.rules.turns import Standing, sides_needed


def of(session: Session, file: Mediation) -> Standing:
    """The standing of `file` as its rows say."""
    return Standing(
        state=file.state,
        has_mediator=file.mediator_id is not None,
        stated=frozenset(
            session.scalars(select(Statement.side).where(Statement.mediation_id == file.id).distinct())
        ),
        asked=_asked(session, file) | _to_confirm(session, file),
        unanswered=_unanswered(session, file),
        tasks=frozenset(
            session.scalars(
                select(Task.side).where(Task.mediation_id == file.id, Task.state == "open").distinct()
            )
        ),
    )


def _asked(session: Session, file: Mediation) -> frozenset[str]:
    return frozenset(
        session.scalars(
            select(DocumentRequest.side)
            .where(DocumentRequest.mediation_id == file.id, DocumentRequest.met_at.is_(None))
            .distinct()
        )
    )


def _to_confirm(session: Session, file: Mediation) -> frozenset[str]:
    """Sides that have neither confirmed nor put right what the mediator understood last."""
    last = session.scalar(
        select(Restatement.id)
        .where(Restatement.mediation_id == file.id)
        .order_by(Restatement.n.desc())
        .limit(1)
    )
    if last is None:
        return frozenset()
    answered = session.scalars(select(RestatementAnswer.side).where(RestatementAnswer.restatement_id == last))
    return frozenset(SIDES) - frozenset(answered)


def _unanswered(session: Session, file: Mediation) -> frozenset[str]:
    rows = session.execute(
        select(Proposal.id, Proposal.side, Answer.side, Answer.answer)
        .outerjoin(Answer, Answer.proposal_id == Proposal.id)
        .where(Proposal.mediation_id == file.id, Proposal.state == "open")
    ).all()
    answers: dict[tuple[int, str], dict[str, str]] = {}
    for proposal_id, author, side, answer in rows:
        given = answers.setdefault((proposal_id, author), {})
        if side:
            given[side] = answer
    return frozenset(side for (_, author), given in answers.items() for side in sides_needed(author, given))
