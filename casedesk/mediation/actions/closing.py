"""End a file: a party leaves, the mediator closes with an opinion, time runs out. Each keeps what the year counts."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.deadlines import actions as deadlines
from casedesk.kernel.errors import InvalidInput
from casedesk.mediation import commands as c
from casedesk.mediation.actions import notices, on_case
from casedesk.mediation.actions.appointing import end_appointment
from casedesk.mediation.actions.filing import Open, local_day, locked, move, opened, settle_turn, write
from casedesk.mediation.models import Closing, OfferRound, Proposal
from casedesk.mediation.rules.figures import FAVOURS
from casedesk.mediation.rules.states import may


def withdraw(session: Session, command: c.Withdraw, *, actor: Actor, now: datetime) -> None:
    """A party leaves, as it may at any time; the file ends. Source: R612-2, Directive 2013/11/EU art. 9(2)(a)."""
    at = opened(
        session, command.mediation_id, "withdraw", actor=actor, for_side=command.for_side, how=command.how
    )
    if at.side == "mediator":
        raise InvalidInput("mediation.for_side", field="for_side")
    causes = {"settled": "settled_directly", "court": "court"}
    cause = causes.get(command.cause, f"{at.side}_left")
    entry = write(session, at, "withdrawn", {"cause": cause}, {"said": command.said}, now=now)
    store_closing(session, at, "withdrawn", entry.id, interruption=cause, now=now)
    finish(session, at, "withdrawn", now=now)
    notices.to_both(session, at, "withdrawn", now=now)
    notices.to_mediator(session, at, "withdrawn", now=now)


def close_with_opinion(session: Session, command: c.CloseWithOpinion, *, actor: Actor, now: datetime) -> None:
    """End without an agreement: a reasoned opinion, and what the parties may do next, go to both."""
    at = opened(session, command.mediation_id, "close", actor=actor, version=command.version)
    if len(command.opinion) < 40:
        raise InvalidInput("mediation.opinion", field="opinion")
    if command.favours not in FAVOURS:
        raise InvalidInput("mediation.favours", field="favours")
    entry = write(
        session,
        at,
        "closed",
        {"favours": command.favours, "question": command.question},
        {"opinion": command.opinion},
        now=now,
    )
    store_closing(
        session,
        at,
        "closed",
        entry.id,
        favours=command.favours,
        question=command.question,
        recommendation=command.recommendation,
        now=now,
    )
    finish(session, at, "closed", now=now)
    notices.to_both(session, at, "closed", said=command.opinion, now=now)


def lapse(session: Session, mediation_id: int, cause: str, *, actor: Actor, now: datetime) -> bool:
    """Time ran out: the file lapses where its state still lets it. Did it?"""
    file, case = locked(session, mediation_id)
    if not may(file.state, "lapse", "system"):
        return False
    at = Open(file, case, actor, "system", "system")
    entry = write(session, at, "lapsed", {"cause": cause}, now=now)
    store_closing(session, at, "lapsed", entry.id, interruption=cause, now=now)
    finish(session, at, "lapsed", now=now)
    notices.to_both(session, at, "lapsed", now=now)
    notices.to_mediator(session, at, "lapsed", now=now)
    return True


def store_closing(
    session: Session,
    at: Open,
    state: str,
    entry_id: int,
    *,
    favours: str | None = None,
    interruption: str | None = None,
    question: str | None = None,
    recommendation: str = "",
    now: datetime,
) -> Closing:
    """Keep how the file ended, for the year: `days` from the day from which the law counts to this one."""
    n = session.scalar(select(func.max(Closing.n)).where(Closing.mediation_id == at.file.id)) or 0
    start = at.file.notified_at or at.file.requested_at
    closing = Closing(
        mediation_id=at.file.id,
        n=n + 1,
        state=state,
        favours=favours,
        interruption=interruption,
        question=question or at.file.cause or None,
        recommendation=recommendation or None,
        days=(local_day(at.file, now) - local_day(at.file, start)).days,
        entry_id=entry_id,
        at=now,
    )
    session.add(closing)
    session.flush()
    return closing


def end_open_proposals(session: Session, at: Open) -> None:
    """Nothing can be answered any more."""
    for proposal in session.scalars(
        select(Proposal).where(Proposal.mediation_id == at.file.id, Proposal.state == "open")
    ):
        proposal.state = "superseded"
    for one in session.scalars(
        select(OfferRound).where(OfferRound.mediation_id == at.file.id, OfferRound.state == "open")
    ):
        one.state = "ended"
    session.flush()


def finish(session: Session, at: Open, state: str, *, now: datetime) -> None:
    """The file ends in `state`: nothing is open any more, its mediator is free, the case goes back to the desk."""
    end_open_proposals(session, at)
    deadlines.stop(session, at.subject, "outcome", now=now)
    move(session, at, state, now=now)
    end_appointment(session, at, now=now)
    on_case.give_back(session, at, now=now)
    settle_turn(session, at)
