"""Both accepted: the agreement, its tasks with their days, and the decision on the case that pays; then whether it is kept."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.cases.actions.deciding import settle_case
from casedesk.cases.commands import MoneyLine, SettleCase
from casedesk.cases.models import Decision, DecisionLine
from casedesk.deadlines import actions as deadlines
from casedesk.kernel.errors import InvalidInput, NotFound, RuleBroken
from casedesk.mediation import commands as c
from casedesk.mediation.actions import dating, notices, on_case
from casedesk.mediation.actions.appointing import end_appointment
from casedesk.mediation.actions.closing import end_open_proposals, store_closing
from casedesk.mediation.actions.filing import (
    Open,
    end_of,
    local_day,
    locked,
    move,
    opened,
    party,
    settle_turn,
    tell_case,
    write,
)
from casedesk.mediation.models import Agreement, Answer, Proposal, ProposalPart, Task
from casedesk.mediation.queries.money import charges_left
from casedesk.mediation.rules.proposals import given_up, side_of_part
from casedesk.mediation.rules.states import follows
from casedesk.refunds.models import RefundIntent
from casedesk.store import record
from casedesk.store.models import Entry, OutboxRow

MEANS = {"refund": "original", "credit": "balance"}


def conclude(session: Session, at: Open, proposal: Proposal, *, now: datetime) -> Agreement:
    """Write the agreement that `proposal` became, reserve and order its money, and watch each part by a clock.

    Raises RuleBroken where the money is no longer there.
    """
    end_open_proposals(session, at)
    parts = list(
        session.scalars(
            select(ProposalPart).where(ProposalPart.proposal_id == proposal.id).order_by(ProposalPart.n)
        )
    )
    agreement = _agreement(session, at, proposal, parts, now)
    move(session, at, "agreed", now=now)
    favours = "shared" if 0 < proposal.amount_minor < (at.file.claimed_minor or 0) else None
    store_closing(
        session, at, "agreed", agreement.entry_id, favours=favours or _favours(at, proposal), now=now
    )
    for name in ("outcome", "statement", "grace"):
        deadlines.stop(session, at.subject, name, now=now)
    decision = _decide(session, at, proposal, parts, agreement, now)
    _tasks(session, at, agreement, parts, decision, now)
    tell_case(
        session,
        at,
        {
            "state": "agreed",
            "outcome": "settled",
            "amount_minor": proposal.amount_minor,
            "currency": proposal.currency,
            "given_up_minor": given_up(proposal.by_rule_minor, proposal.amount_minor),
        },
        now=now,
    )
    on_case.settled(session, at, now=now)
    notices.to_both(session, at, "agreed", now=now)
    notices.to_mediator(session, at, "agreed", now=now)
    return agreement


def fulfil(session: Session, command: c.Fulfil, *, actor: Actor, now: datetime) -> Task:
    """A part of the agreement was carried out. Money says so by itself once it is paid. Raises RuleBroken."""
    at, task = _task(session, command.task_id, "fulfil", actor)
    if task.state != "open":
        raise RuleBroken("mediation.task_over")
    if task.decision_id is not None and task.kind in MEANS and at.role != "system":
        raise RuleBroken("mediation.task_paid")
    _done(session, at, task, command.said, now)
    return task


def report_breach(session: Session, command: c.ReportBreach, *, actor: Actor, now: datetime) -> Task:
    """A part was not carried out by its day: the exchange opens again, and the mediator is told. Raises RuleBroken."""
    at, task = _task(session, command.task_id, "breach", actor)
    if task.state != "open" or local_day(at.file, now) <= task.due_on:
        raise RuleBroken("mediation.not_due")
    if at.role != "system" and not command.said:
        raise InvalidInput("mediation.said", field="said")
    _breach(session, at, task, command.said, now)
    return task


def breach(session: Session, task_id: int, *, actor: Actor, now: datetime) -> bool:
    """The clock of a task ran out: the same, where it is still open. Was it?"""
    task = session.get(Task, task_id)
    if task is None:
        return False
    file, case = locked(session, task.mediation_id)
    session.refresh(task, with_for_update=True)
    if task.state != "open" or now < end_of(file, task.due_on):
        return False
    _breach(session, Open(file, case, actor, "system", "system"), task, "", now)
    return True


def watch(session: Session, mediation_id: int, *, actor: Actor, now: datetime) -> int:
    """Tasks whose money has arrived since are done. How many."""
    file, case = locked(session, mediation_id)
    at = Open(file, case, actor, "system", "system")
    done = 0
    for task in session.scalars(
        select(Task)
        .where(Task.mediation_id == mediation_id, Task.state == "open", Task.decision_id.is_not(None))
        .order_by(Task.id)
    ).all():
        if _paid(session, task):
            _done(session, at, task, "", now)
            done += 1
    return done


def _paid(session: Session, task: Task) -> bool:
    """Has every refund of the task's decision been paid? Credits are booked with the order."""
    states = session.scalars(
        select(RefundIntent.state).where(RefundIntent.decision_id == task.decision_id)
    ).all()
    if task.kind == "refund":
        return bool(states) and all(state == "paid" for state in states)
    ordered = session.scalar(
        select(func.count()).where(
            DecisionLine.decision_id == task.decision_id, DecisionLine.method == "credit"
        )
    )
    done = session.scalar(select(OutboxRow.state).where(OutboxRow.key == f"refund-{task.decision_id}"))
    return bool(ordered) and done == "done"


def _agreement(
    session: Session, at: Open, proposal: Proposal, parts: list[ProposalPart], now: datetime
) -> Agreement:
    n = (session.scalar(select(func.max(Agreement.n)).where(Agreement.mediation_id == at.file.id)) or 0) + 1
    content = _content(session, at, proposal, parts, n, now)
    digest = hashlib.sha256(record.canonical(content).encode()).hexdigest()
    entry = write(session, at, "agreed", {"n": n, "proposal": proposal.n, "digest": digest}, now=now)
    agreement = Agreement(
        mediation_id=at.file.id,
        n=n,
        proposal_id=proposal.id,
        amount_minor=proposal.amount_minor,
        currency=proposal.currency,
        content=content,
        digest=digest,
        entry_id=entry.id,
        at=now,
    )
    session.add(agreement)
    session.flush()
    return agreement


def _content(
    session: Session, at: Open, proposal: Proposal, parts: list[ProposalPart], n: int, now: datetime
) -> dict[str, Any]:
    """What both sign, in codes and figures: the digest of the agreement is made of it."""
    words = session.get_one(Entry, proposal.entry_id)
    return {
        "number": at.file.number,
        "n": n,
        "agreed_on": local_day(at.file, now).isoformat(),
        "amount_minor": proposal.amount_minor,
        "currency": proposal.currency,
        "by_rule_minor": proposal.by_rule_minor,
        "given_up_minor": given_up(proposal.by_rule_minor, proposal.amount_minor),
        "parts": [
            {
                "kind": part.kind,
                "amount_minor": part.amount_minor,
                "months": part.months,
                "effect": part.effect,
                "due_on": (local_day(at.file, now) + timedelta(days=part.within_days)).isoformat(),
            }
            for part in parts
        ],
        "signed": _signed(session, proposal),
        "words": words.text_digest,
    }


def _signed(session: Session, proposal: Proposal) -> list[dict[str, Any]]:
    """Who said yes, how and when; a party that made the proposal agreed by making it."""
    answers = session.execute(
        select(Answer.side, Answer.how, Answer.at, Answer.entry_id)
        .where(Answer.proposal_id == proposal.id, Answer.answer == "accepted")
        .order_by(Answer.at, Answer.id)
    ).all()
    signed = [
        {"side": side, "how": how, "at": when.isoformat(), "entry": entry}
        for side, how, when, entry in answers
    ]
    if proposal.side != "mediator":
        signed.append(
            {
                "side": proposal.side,
                "how": "proposed",
                "at": proposal.made_at.isoformat(),
                "entry": proposal.entry_id,
            }
        )
    return signed


def _favours(at: Open, proposal: Proposal) -> str:
    if not at.file.claimed_minor:
        return "shared"
    return "customer" if proposal.amount_minor >= at.file.claimed_minor else "company"


def _decide(
    session: Session,
    at: Open,
    proposal: Proposal,
    parts: list[ProposalPart],
    agreement: Agreement,
    now: datetime,
) -> Decision | None:
    """The decision of the company that carries the agreement out; None where nothing is paid or ended."""
    effect = next((part.effect for part in parts if part.effect and part.effect != "keep"), "keep")
    if not proposal.amount_minor and effect == "keep":
        return None
    if at.file.representative_id is None:
        raise RuleBroken("mediation.no_representative")
    return settle_case(
        session,
        at.case,
        SettleCase(
            lines=_lines(session, at, parts),
            subscription_effect=effect,
            by_rule_minor=proposal.by_rule_minor,
            signed_by=at.file.representative_id,
            letter_locale=party(session, at.file, "customer").locale,
            mediation_id=at.file.id,
            agreement=agreement.digest,
        ),
        actor=at.actor,
        now=now,
    )


def _lines(session: Session, at: Open, parts: list[ProposalPart]) -> tuple[MoneyLine, ...]:
    """Refund first, then credit, over what is left of the disputed charges."""
    left = {one.charge_id: one.left_minor for one in charges_left(session, at.case)}
    lines = []
    for method in MEANS:
        owed = sum(part.amount_minor or 0 for part in parts if part.kind == method)
        for charge_id, most in left.items():
            share = min(owed, most)
            if share > 0:
                lines.append(MoneyLine(charge_id, share, method, MEANS[method]))
                left[charge_id] -= share
                owed -= share
        if owed:
            raise RuleBroken("mediation.money_gone", field="amount")
    return tuple(lines)


def _tasks(
    session: Session,
    at: Open,
    agreement: Agreement,
    parts: list[ProposalPart],
    decision: Decision | None,
    now: datetime,
) -> None:
    today = local_day(at.file, now)
    for part in parts:
        pays = decision is not None and part.kind in MEANS
        task = Task(
            mediation_id=at.file.id,
            agreement_id=agreement.id,
            part_id=part.id,
            kind=part.kind,
            side=side_of_part(part.kind),
            amount_minor=part.amount_minor,
            due_on=today + timedelta(days=part.within_days),
            state="open",
            decision_id=decision.id if decision is not None and pays else None,
        )
        if part.kind == "changed_term" and part.effect not in (None, "keep"):
            task.state, task.done_at = "done", now  # the decision has just done it
        session.add(task)
        session.flush()
        if task.state == "open":
            dating.keep_house(
                session, at.file, f"task-{task.id}", task.due_on, {"days": part.within_days}, now=now
            )


def _task(session: Session, task_id: int, act: str, actor: Actor) -> tuple[Open, Task]:
    mediation_id = session.scalar(select(Task.mediation_id).where(Task.id == task_id))
    if mediation_id is None:
        raise NotFound("not_found")
    at = opened(session, mediation_id, act, actor=actor)
    return at, session.get_one(Task, task_id, with_for_update=True, populate_existing=True)


def _done(session: Session, at: Open, task: Task, said: str, now: datetime) -> None:
    task.state, task.done_at = "done", now
    write(session, at, "task_done", {"task": task.id, "kind": task.kind}, {"said": said}, now=now)
    deadlines.stop(session, at.subject, f"task-{task.id}", now=now)
    session.flush()
    if _open_tasks(session, at) == 0:
        tell_case(session, at, {"state": at.file.state, "carried_out": True}, now=now)
        if at.file.state == "agreed":
            _free_mediator(session, at, now)
    settle_turn(session, at)


def _free_mediator(session: Session, at: Open, now: datetime) -> None:
    at.file.ended_at = now
    end_appointment(session, at, now=now)


def _breach(session: Session, at: Open, task: Task, said: str, now: datetime) -> None:
    task.state = "breached"
    write(session, at, "task_breached", {"task": task.id, "kind": task.kind}, {"said": said}, now=now)
    deadlines.stop(session, at.subject, f"task-{task.id}", now=now)
    tell_case(session, at, {"state": at.file.state, "breached": task.kind}, now=now)
    if follows(at.file.state, "exchange"):
        move(session, at, "exchange", now=now)
        on_case.hand_over(session, at, now=now)
    notices.to_both(session, at, "breached", now=now)
    notices.to_mediator(session, at, "breached", now=now)
    settle_turn(session, at)


def _open_tasks(session: Session, at: Open) -> int:
    return (
        session.scalar(select(func.count()).where(Task.mediation_id == at.file.id, Task.state == "open")) or 0
    )
