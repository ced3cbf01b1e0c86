"""Decide: propose, approve or decline, make effective. Money is reserved with the proposal, in its own commit;
letter and refund leave only once the decision is effective."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.permits import Permission
from casedesk.cases.actions import clocks
from casedesk.cases.actions.changing import move_to
from casedesk.cases.actions.judging import judge_case, owed
from casedesk.cases.actions.weighing import leave_weighing
from casedesk.cases.actions.writing import locked_case, subject_of, write
from casedesk.cases.commands import AnswerDecision, MoneyLine, ProposeDecision, SettleCase
from casedesk.cases.models import Case, Decision, DecisionLine
from casedesk.cases.queries.paying import in_force, still_paying
from casedesk.cases.rules import EFFECTS, Ceilings, approval_reasons, below_statute, outcome_of
from casedesk.customers import actions as customers
from casedesk.customers.models import Customer, Entity
from casedesk.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound, RuleBroken
from casedesk.ledger import actions as ledger
from casedesk.ledger.models import Charge
from casedesk.store import outbox
from casedesk.store.record import Line

FOLLOWERS = {"letter": "letter.compose", "refund": "refund.create"}
"""Work that an effective decision leaves, by the room that does it."""


def propose_decision(session: Session, command: ProposeDecision, *, actor: Actor, now: datetime) -> Decision:
    """Reserve the money and propose; effective at once where nobody else must agree.

    Raises RuleBroken where less than the law gives would be paid, where the money is not there, or where the
    case is not open to a decision; Conflict where the case changed.
    """
    case = locked_case(session, actor, command.case_id, command.case_version)
    if case.status == "waiting-approval":
        raise RuleBroken("decision.waiting")
    if case.status == "closed":
        raise RuleBroken("decision.closed")
    if still_paying(session, case):
        raise RuleBroken("decision.still_paying")
    _check_lines(session, case, command)
    judged = judge_case(session, case, actor=actor, now=now)
    total = sum(line.amount_minor for line in command.lines)
    due = owed(judged.verdict)
    if below_statute(due, total, ends_contract=command.subscription_effect != "keep"):
        raise RuleBroken("decision.below_statute")
    reasons = approval_reasons(due, total, _ceilings(actor))
    if total != (due.amount_minor or 0) and not (command.reason_code and command.reason_text):
        raise InvalidInput("decision.reason", field="reason_text")
    outcome = outcome_of(total, case.claimed_minor, ends_contract=command.subscription_effect != "keep")
    locale = _letter_locale(session, case)
    weighed = _Weighed(
        due.amount_minor, total, tuple(reasons), judged.judgement_id, outcome, actor.id, locale
    )
    decision = _store(session, case, command, weighed, actor=actor, now=now)
    _reserve(session, case, decision, command.lines, now)
    if reasons:
        move_to(session, case, "waiting-approval", actor=actor, now=now)
        clocks.start(session, case, "approval", now=now)
    else:
        _make_effective(session, case, decision, actor=actor, now=now)
    session.flush()
    return decision


def settle_case(
    session: Session, case: Case, command: SettleCase, *, actor: Actor, now: datetime
) -> Decision:
    """Carry out what both parties agreed: effective at once. The case is locked by the caller, who moves its status.

    The guard of the statute binds the company alone, not what a customer knowingly accepts. Raises RuleBroken where the
    money is not there, InvalidInput, NotFound.
    """
    terms = ProposeDecision(
        case.id,
        case.version,
        command.lines,
        reason_code="settlement",
        subscription_effect=command.subscription_effect,
    )
    _check_lines(session, case, terms)
    for waiting in session.scalars(_WAITING, {"case": case.id}).all():
        _lapse(session, case, waiting, actor=actor, now=now)
    weighed = _Weighed(
        by_rule_minor=command.by_rule_minor,
        amount_minor=sum(line.amount_minor for line in command.lines),
        approval=(),
        judgement_id=case.judgement_id,
        outcome="settled",
        proposed_by=command.signed_by,
        letter_locale=command.letter_locale,
        rests_on={"mediation": command.mediation_id, "agreement": command.agreement},
    )
    decision = _store(session, case, terms, weighed, actor=actor, now=now)
    _reserve(session, case, decision, command.lines, now)
    _take_effect(session, case, decision, actor=actor, now=now)
    session.flush()
    return decision


_WAITING = select(Decision).where(Decision.case_id == bindparam("case"), Decision.state == "proposed")


def answer_decision(session: Session, command: AnswerDecision, *, actor: Actor, now: datetime) -> Decision:
    """Approve or decline a proposed decision; never one's own. Raises NotAllowed, RuleBroken, Conflict."""
    decision = session.get(Decision, command.decision_id)
    if decision is None:
        raise NotFound("not_found")
    case = locked_case(session, actor, decision.case_id, None)
    session.refresh(decision, with_for_update=True)
    if decision.version != command.decision_version or decision.state != "proposed":
        raise Conflict("decision.changed", state=decision.state)
    if decision.proposed_by == actor.id:
        raise NotAllowed("decision.own")
    if not actor.may(Permission.APPROVE):
        raise NotAllowed("not_allowed")
    if not command.approve:
        _decline(session, case, decision, command.said, actor=actor, now=now)
    else:
        _approve(session, case, decision, command.said, actor=actor, now=now)
    session.flush()
    return decision


def lapse_if_changed(
    session: Session, case: Case, decision: Decision, *, actor: Actor, now: datetime
) -> bool:
    """Let the proposal lapse where the facts give another judgement than the one it rests on."""
    judged = judge_case(session, case, actor=actor, now=now)
    if judged.judgement_id == decision.judgement_id:
        return False
    _lapse(session, case, decision, actor=actor, now=now)
    move_to(session, case, "open", actor=actor, now=now, by_customer=True)
    session.flush()
    return True


def _lapse(session: Session, case: Case, decision: Decision, *, actor: Actor, now: datetime) -> None:
    _release(session, decision, now)
    decision.state = "lapsed"
    write(session, case, _line("lapsed", decision), actor=actor, now=now)
    clocks.cancel(session, case, "approval", now=now)


def _check_lines(session: Session, case: Case, command: ProposeDecision) -> None:
    if command.subscription_effect not in EFFECTS:
        raise InvalidInput("decision.effect", field="subscription_effect")
    for line in command.lines:
        charge = session.get(Charge, line.charge_id)
        if charge is None or (case.customer_id is not None and charge.customer_id != case.customer_id):
            raise NotFound("not_found")
        if line.amount_minor <= 0:
            raise InvalidInput("decision.amount", field="amount")
        if charge.currency != case.currency:
            raise InvalidInput("decision.currency", field="amount", currency=charge.currency)
        if line.method not in ("refund", "credit"):
            raise InvalidInput("decision.method", field="method")


def _ceilings(actor: Actor) -> Ceilings:
    return Ceilings(actor.goodwill_ceiling_minor, actor.approval_ceiling_minor)


@dataclass(frozen=True)
class _Weighed:
    """A proposal against the verdict: by rule, in all, why somebody else must agree, and who stands for it.

    `rests_on` joins the record's entry: the agreement that a settlement carries out.
    """

    by_rule_minor: int | None
    amount_minor: int
    approval: tuple[str, ...]
    judgement_id: int | None
    outcome: str
    proposed_by: int
    letter_locale: str
    rests_on: Mapping[str, object] = field(default_factory=dict)


def _store(
    session: Session, case: Case, command: ProposeDecision, weighed: _Weighed, *, actor: Actor, now: datetime
) -> Decision:
    n = (session.scalar(select(func.max(Decision.n)).where(Decision.case_id == case.id)) or 0) + 1
    line = _proposed(n, case.currency, command, weighed)
    entry = write(session, case, line, actor=actor, now=now)
    decision = Decision(
        case_id=case.id,
        n=n,
        state="proposed",
        outcome=weighed.outcome,
        by_rule_minor=weighed.by_rule_minor,
        amount_minor=weighed.amount_minor,
        currency=case.currency,
        judgement_id=weighed.judgement_id,
        reason_code=command.reason_code,
        subscription_effect=command.subscription_effect,
        effect_on=command.effect_on,
        proposed_by=weighed.proposed_by,
        proposed_at=now,
        approval_reasons=list(weighed.approval),
        letter_locale=weighed.letter_locale,
        entry_id=entry.id,
        supersedes_id=in_force(session, case),
    )
    session.add(decision)
    session.flush()
    session.add_all(
        DecisionLine(
            decision_id=decision.id,
            charge_id=one.charge_id,
            amount_minor=one.amount_minor,
            method=one.method,
            means=one.means,
        )
        for one in command.lines
    )
    session.flush()
    return decision


def _proposed(n: int, currency: str, command: ProposeDecision, weighed: _Weighed) -> Line:
    """What the record keeps of a proposal: figures and codes, and apart from them what the proposer wrote."""
    body = {
        "n": n,
        "outcome": weighed.outcome,
        "by_rule_minor": weighed.by_rule_minor,
        "amount_minor": weighed.amount_minor,
        "currency": currency,
        "lines": [[one.charge_id, one.amount_minor, one.method, one.means] for one in command.lines],
        "reason_code": command.reason_code,
        "effect": command.subscription_effect,
        "effect_on": command.effect_on.isoformat() if command.effect_on else None,
        "judgement": weighed.judgement_id,
        "approval": list(weighed.approval),
        **weighed.rests_on,
    }
    text = {"reason": command.reason_text, "letter": command.letter_text}
    return Line("decision.proposed", body, {name: value for name, value in text.items() if value})


def _letter_locale(session: Session, case: Case) -> str:
    customer = session.get(Customer, case.customer_id) if case.customer_id else None
    return customer.locale if customer else session.get_one(Entity, case.entity_id).locale


def _reserve(
    session: Session, case: Case, decision: Decision, lines: Sequence[MoneyLine], now: datetime
) -> None:
    for line in sorted(lines, key=lambda one: one.charge_id):
        ledger.reserve(
            session,
            line.charge_id,
            line.amount_minor,
            key=_key(decision, line.charge_id, line.method),
            case_id=case.id,
            now=now,
        )


def _release(session: Session, decision: Decision, now: datetime) -> None:
    rows = session.scalars(
        select(DecisionLine).where(DecisionLine.decision_id == decision.id).order_by(DecisionLine.charge_id)
    )
    for line in rows:
        ledger.release(
            session,
            line.charge_id,
            line.amount_minor,
            key=f"{_key(decision, line.charge_id, line.method)}-release",
            case_id=decision.case_id,
            now=now,
        )


def _key(decision: Decision, charge_id: int, method: str) -> str:
    return f"decision-{decision.id}-{charge_id}-{method}"


def _approve(
    session: Session, case: Case, decision: Decision, said: str, *, actor: Actor, now: datetime
) -> None:
    if decision.amount_minor > actor.approval_ceiling_minor:
        raise RuleBroken(
            "decision.above_your_ceiling", minor=actor.approval_ceiling_minor, currency=decision.currency
        )
    if lapse_if_changed(session, case, decision, actor=actor, now=now):
        return
    decision.state, decision.approved_by = "approved", actor.id
    write(session, case, _line("approved", decision, said), actor=actor, now=now)
    clocks.stop(session, case, "approval", now=now)
    _make_effective(session, case, decision, actor=actor, now=now)


def _decline(
    session: Session, case: Case, decision: Decision, said: str, *, actor: Actor, now: datetime
) -> None:
    if not said:
        raise InvalidInput("decision.decline_reason", field="said")
    _release(session, decision, now)
    decision.state = "declined"
    write(session, case, _line("declined", decision, said), actor=actor, now=now)
    clocks.stop(session, case, "approval", now=now)
    move_to(session, case, "open", actor=actor, now=now)
    event = {"trigger": "exception_refused", "occasion": f"decision-{decision.id}"}
    leave_weighing(session, case, f"declined-{decision.id}", now=now, event=event)


def _make_effective(session: Session, case: Case, decision: Decision, *, actor: Actor, now: datetime) -> None:
    _take_effect(session, case, decision, actor=actor, now=now)
    case.decided_at, case.outcome = now, decision.outcome
    move_to(session, case, "decided", actor=actor, now=now)
    clocks.stop(session, case, "decide", now=now)


def _take_effect(session: Session, case: Case, decision: Decision, *, actor: Actor, now: datetime) -> None:
    """The decision stands in place of the one before; the contract ends as it says, letter and refund follow."""
    decision.state, decision.effective_at = "effective", now
    if decision.supersedes_id:
        earlier = session.get_one(Decision, decision.supersedes_id)
        earlier.state = "superseded"
        write(session, case, _line("superseded", earlier), actor=actor, now=now)
    write(session, case, _line("effective", decision), actor=actor, now=now)
    _end_contract(session, case, decision, actor=actor, now=now)
    for follower, kind in FOLLOWERS.items():
        outbox.put(
            session,
            kind,
            key=f"{follower}-{decision.id}",
            due_at=now,
            now=now,
            subject=subject_of(case),
            case_id=case.id,
            decision_id=decision.id,
        )


def _end_contract(session: Session, case: Case, decision: Decision, *, actor: Actor, now: datetime) -> None:
    if decision.subscription_effect == "keep" or case.subscription_id is None:
        return
    customers.end_subscription(
        session,
        case.subscription_id,
        at_period_end=decision.subscription_effect == "end_at_period_end",
        ends_on=decision.effect_on,
        actor=actor,
        now=now,
    )


def _line(what: str, decision: Decision, said: str = "") -> Line:
    body = {
        "n": decision.n,
        "amount_minor": decision.amount_minor,
        "currency": decision.currency,
        "outcome": decision.outcome,
    }
    return Line(f"decision.{what}", body, {"said": said} if said else None)
