"""Propose, accept, refuse, counter: each a line of the ledger; a proposal whose needed answers are yes is an agreement."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.deadlines import actions as deadlines
from casedesk.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound, RuleBroken
from casedesk.kernel.money import Money
from casedesk.mediation import commands as c
from casedesk.mediation.actions import dating, notices, settling
from casedesk.mediation.actions.filing import (
    Open,
    end_of,
    local_day,
    locked,
    move,
    opened,
    settle_turn,
    write,
)
from casedesk.mediation.models import Answer, Proposal, ProposalPart
from casedesk.mediation.queries.money import refundable
from casedesk.mediation.rules.dates import LONGEST_EXTENSION_DAYS
from casedesk.mediation.rules.proposals import (
    SHORTEST_ANSWER_DAYS,
    Part,
    fault_of,
    given_up,
    state_after,
    total,
)
from casedesk.mediation.rules.states import SIDES


def propose(session: Session, command: c.Propose, *, actor: Actor, now: datetime) -> Proposal:
    """Put a proposal to whoever must answer it. Raises InvalidInput, RuleBroken, NotAllowed above one's ceiling."""
    at = opened(session, command.mediation_id, "propose", actor=actor, version=command.version)
    if command.currency not in (None, at.file.currency):
        raise InvalidInput("mediation.currency", field="amount", currency=at.file.currency)
    if fault := fault_of(command.parts, largest_minor=refundable(session, at.case)):
        raise InvalidInput(fault[0], field=fault[1])
    days = (command.expires_on - local_day(at.file, now)).days
    least = SHORTEST_ANSWER_DAYS if at.side == "mediator" else 1
    if not least <= days <= LONGEST_EXTENSION_DAYS:
        raise InvalidInput("mediation.expiry", field="expires_on", least=least, most=LONGEST_EXTENSION_DAYS)
    check_ceiling(session, at, total(command.parts))
    countered = _countered(session, at, command.counters_id, now)
    _supersede_own(session, at, now)
    proposal = store(session, at, command, countered, now=now)
    move(session, at, "proposal", now=now)
    name = f"proposal-{proposal.id}"
    dating.keep_house(session, at.file, name, command.expires_on, {"by": at.side}, now=now)
    notices.proposal_made(session, at, proposal, command.expires_on, now=now)
    settle_turn(session, at)
    return proposal


def answer_proposal(session: Session, command: c.AnswerProposal, *, actor: Actor, now: datetime) -> Proposal:
    """Accept or refuse, once and for ever. Two yeses (or the other party's) conclude the mediation.

    Raises InvalidInput where what is given up was not read, Conflict where it was answered or ran out meanwhile.
    """
    at = opened(
        session, command.mediation_id, "answer", actor=actor, for_side=command.for_side, how=command.how
    )
    proposal = session.get(Proposal, command.proposal_id, with_for_update=True, populate_existing=True)
    if proposal is None or proposal.mediation_id != at.file.id:
        raise NotFound("not_found")
    if command.proposal_version is not None and command.proposal_version != proposal.version:
        raise Conflict("mediation.proposal_changed")
    if proposal.state != "open" or now >= proposal.expires_at:
        raise Conflict("mediation.proposal_over")
    if at.side not in SIDES or at.side == proposal.side:
        raise InvalidInput("mediation.not_yours", field="answer")
    if command.accept:
        _check_acceptance(session, at, proposal, command.understood)
    given = _answers(session, proposal)
    if at.side in given:
        raise Conflict("mediation.answered")
    answer = "accepted" if command.accept else "refused"
    given_away = given_up(proposal.by_rule_minor, proposal.amount_minor) if at.side == "customer" else 0
    body = {"n": proposal.n, "answer": answer, "given_up_minor": given_away, "understood": command.understood}
    entry = write(session, at, "answer", body, {"said": command.said}, now=now)
    session.add(
        Answer(
            mediation_id=at.file.id,
            proposal_id=proposal.id,
            side=at.side,
            answer=answer,
            how=at.how or "desk",
            entry_id=entry.id,
            at=now,
        )
    )
    proposal.state = state_after(proposal.side, {**given, at.side: answer})
    session.flush()
    _follow(session, at, proposal, now)
    settle_turn(session, at)
    return proposal


def expire_proposal(session: Session, proposal_id: int, *, actor: Actor, now: datetime) -> bool:
    """The time to answer is over: an open proposal ends, and both learn only that. Did it?"""
    mediation_id = session.scalar(select(Proposal.mediation_id).where(Proposal.id == proposal_id))
    if mediation_id is None:
        return False
    file, case = locked(session, mediation_id)
    proposal = session.get_one(Proposal, proposal_id, with_for_update=True, populate_existing=True)
    if proposal.state != "open" or now < proposal.expires_at:
        return False
    at = Open(file, case, actor, "system", "system")
    proposal.state = "expired"
    write(session, at, "proposal_expired", {"n": proposal.n}, now=now)
    deadlines.stop(session, at.subject, f"proposal-{proposal.id}", now=now)
    _back_to_exchange(session, at, now)
    notices.to_both(session, at, "expired", now=now)
    notices.to_mediator(session, at, "expired", now=now)
    settle_turn(session, at)
    return True


def store(
    session: Session, at: Open, command: c.Propose, countered: Proposal | None, *, now: datetime
) -> Proposal:
    """The rows of a proposal with its entry: codes and figures in the body, words in the text."""
    n = (session.scalar(select(func.max(Proposal.n)).where(Proposal.mediation_id == at.file.id)) or 0) + 1
    amount = total(command.parts)
    body = {
        "n": n,
        "amount_minor": amount,
        "currency": at.file.currency,
        "parts": [
            [part.kind, part.amount_minor, part.months, part.effect, part.within_days]
            for part in command.parts
        ],
        "expires_on": command.expires_on.isoformat(),
        "counters": countered.n if countered else None,
        "by_rule_minor": at.case.verdict_minor,
        "verdict": at.case.verdict_outcome,
        "judgement": at.case.judgement_id,
    }
    text = {"said": command.said, **{f"part-{k}": part.said for k, part in enumerate(command.parts, 1)}}
    entry = write(session, at, "proposal", body, text, now=now)
    proposal = Proposal(
        mediation_id=at.file.id,
        n=n,
        side=at.side,
        state="open",
        amount_minor=amount,
        currency=at.file.currency,
        by_rule_minor=at.case.verdict_minor,
        verdict_outcome=at.case.verdict_outcome,
        counters_id=countered.id if countered else None,
        made_at=now,
        expires_at=end_of(at.file, command.expires_on),
        entry_id=entry.id,
    )
    session.add(proposal)
    session.flush()
    session.add_all(_row(proposal, k, part) for k, part in enumerate(command.parts, 1))
    session.flush()
    return proposal


def check_ceiling(session: Session, at: Open, amount_minor: int) -> None:
    """Whoever speaks for the company binds it only as far as they may decide: by rule, or up to their ceiling.

    Raises RuleBroken where nobody represents it, NotAllowed above the ceiling.
    """
    if at.side != "company":
        return
    person = session.get(Person, at.file.representative_id) if at.file.representative_id else None
    if person is None:
        raise RuleBroken("mediation.no_representative")
    ceiling = max(at.case.verdict_minor or 0, person.approval_ceiling_minor, person.goodwill_ceiling_minor)
    if amount_minor > ceiling:
        raise NotAllowed("mediation.above_ceiling", amount=Money(ceiling, at.file.currency))


def _row(proposal: Proposal, n: int, part: Part) -> ProposalPart:
    return ProposalPart(
        proposal_id=proposal.id,
        n=n,
        kind=part.kind,
        amount_minor=part.amount_minor,
        months=part.months,
        effect=part.effect,
        within_days=part.within_days,
    )


def _countered(session: Session, at: Open, counters_id: int | None, now: datetime) -> Proposal | None:
    """The other party's proposal that this one answers with terms of its own: it ends as countered."""
    if counters_id is None:
        return None
    proposal = session.get(Proposal, counters_id, with_for_update=True, populate_existing=True)
    if proposal is None or proposal.mediation_id != at.file.id:
        raise NotFound("not_found")
    if at.side not in SIDES or proposal.side in (at.side, "mediator"):
        raise InvalidInput("mediation.not_yours", field="counters_id")
    if proposal.state != "open" or now >= proposal.expires_at:
        raise Conflict("mediation.proposal_over")
    entry = write(session, at, "answer", {"n": proposal.n, "answer": "countered"}, now=now)
    session.add(
        Answer(
            mediation_id=at.file.id,
            proposal_id=proposal.id,
            side=at.side,
            answer="countered",
            how=at.how or "desk",
            entry_id=entry.id,
            at=now,
        )
    )
    proposal.state = "countered"
    deadlines.stop(session, at.subject, f"proposal-{proposal.id}", now=now)
    session.flush()
    return proposal


def _supersede_own(session: Session, at: Open, now: datetime) -> None:
    """A newer proposal takes the place of the same author's open one, and the mediator's of every open one."""
    mine = select(Proposal).where(Proposal.mediation_id == at.file.id, Proposal.state == "open")
    if at.side != "mediator":
        mine = mine.where(Proposal.side == at.side)
    for proposal in session.scalars(mine.with_for_update()):
        if proposal.side == "mediator" and _answers(session, proposal):
            raise RuleBroken("mediation.half_answered")
        proposal.state = "superseded"
        deadlines.cancel(session, at.subject, f"proposal-{proposal.id}", now=now)
    session.flush()


def _check_acceptance(session: Session, at: Open, proposal: Proposal, understood: bool) -> None:
    if not understood:
        raise InvalidInput("mediation.understood", field="understood")
    check_ceiling(session, at, proposal.amount_minor)


def _answers(session: Session, proposal: Proposal) -> dict[str, str]:
    rows = session.execute(select(Answer.side, Answer.answer).where(Answer.proposal_id == proposal.id))
    return {row[0]: row[1] for row in rows}


def _follow(session: Session, at: Open, proposal: Proposal, now: datetime) -> None:
    """What an answer leads to. The other side learns of an answer to the mediator's proposal once both are in."""
    if proposal.state == "accepted":
        deadlines.stop(session, at.subject, f"proposal-{proposal.id}", now=now)
        settling.conclude(session, at, proposal, now=now)
    elif proposal.state == "refused":
        deadlines.stop(session, at.subject, f"proposal-{proposal.id}", now=now)
        _back_to_exchange(session, at, now)
        notices.to_both(session, at, "refused", now=now)
        notices.to_mediator(session, at, "refused", now=now)
    elif at.role != "mediator":
        notices.to_mediator(session, at, "answered", now=now)


def _back_to_exchange(session: Session, at: Open, now: datetime) -> None:
    session.flush()
    open_one = session.scalar(
        select(Proposal.id).where(Proposal.mediation_id == at.file.id, Proposal.state == "open").limit(1)
    )
    if open_one is None and at.file.state == "proposal":
        move(session, at, "exchange", now=now)
