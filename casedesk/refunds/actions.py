"""Order the refunds of a decision, and put on the record what became of each.

Locks go in the order of the desk: the case, then the refund, then the charge.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor, not_a_person
from casedesk.cases.actions import clocks
from casedesk.cases.actions.judging import judge_case
from casedesk.cases.actions.writing import write
from casedesk.cases.entries import Event
from casedesk.cases.models import Case, Decision, DecisionLine
from casedesk.cases.queries.sight import case_for
from casedesk.kernel.errors import InvalidInput, NotFound, RuleBroken
from casedesk.ledger import actions as ledger
from casedesk.ledger.models import Charge
from casedesk.refunds.models import RefundIntent
from casedesk.refunds.providers import KNOWN
from casedesk.refunds.rules import (
    BY_HAND,
    FAILED,
    OPEN,
    PAID,
    READY,
    SENDING,
    intent_key,
    may_be_confirmed,
    provider_of,
)
from casedesk.store import outbox

SYSTEM = not_a_person("system")


def create_intents(
    session: Session, case_id: int, decision_id: int, *, actor: Actor, now: datetime
) -> list[RefundIntent]:
    """Order what the decision pays: refunds to be paid out, credits booked at once.

    A decision that was superseded before anything left gives its reservations back instead.
    """
    case = _locked_case(session, case_id)
    decision = session.get_one(Decision, decision_id)
    rows = session.execute(
        select(DecisionLine, Charge.provider, Charge.currency)
        .join(Charge, Charge.id == DecisionLine.charge_id)
        .where(DecisionLine.decision_id == decision_id)
        .order_by(DecisionLine.charge_id, DecisionLine.id)
    ).all()
    ordered = []
    for line, provider, currency in rows:
        if decision.state != "effective":
            _give_back(session, decision, line, now)
        elif line.method == "credit":
            _credit(session, case, decision, line, currency, actor=actor, now=now)
        else:
            ordered.append(_order(session, case, decision, line, provider, currency, now))
    session.flush()
    if rows and not ordered and decision.state == "effective":
        _stop_clocks_of_payment(session, case, decision.id, now)
    return ordered


def confirm_by_hand(
    session: Session, intent_id: int, reference: str, *, actor: Actor, now: datetime
) -> RefundIntent:
    """The accountant paid the refund by hand, under `reference`. Confirmed twice it is paid once.

    Raises NotFound, InvalidInput without a reference, RuleBroken while a provider may be paying it.
    """
    case, intent = _locked(session, intent_id, actor)
    if intent.state == PAID:
        return intent
    if not reference:
        raise InvalidInput("refund.reference", field="reference")
    if not may_be_confirmed(intent.state, by_hand=_provider(session, intent) == BY_HAND):
        raise RuleBroken("refund.on_its_way")
    settle(session, case, intent, BY_HAND, reference, actor=actor, now=now)
    return intent


def try_again(session: Session, intent_id: int, *, actor: Actor, now: datetime) -> RefundIntent:
    """Ask the provider once more, under the same key. Raises NotFound, RuleBroken."""
    case, intent = _locked(session, intent_id, actor)
    if intent.state != FAILED:
        raise RuleBroken("refund.not_failed")
    if _provider(session, intent) == BY_HAND:
        raise RuleBroken("refund.by_hand")
    params: dict[str, object] = {
        "intent": intent.id,
        "amount_minor": intent.amount_minor,
        "currency": intent.currency,
    }
    entry = write(session, case, Event("refund_tried_again", params).line(), actor=actor, now=now)
    intent.state, intent.last_error = READY, None
    _leave(session, intent, f"{intent.key}-again-{entry.id}", now)
    session.flush()
    return intent


def settle(
    session: Session,
    case: Case,
    intent: RefundIntent,
    provider: str,
    reference: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """The refund was paid: book it, record it, and stop the law's clock once nothing is open any more."""
    ledger.refund(
        session, intent.charge_id, intent.amount_minor, key=intent.key, case_id=intent.case_id, now=now
    )
    intent.state, intent.paid_at, intent.last_error = PAID, now, None
    intent.provider_reference = reference
    params: dict[str, object] = {
        "intent": intent.id,
        "amount_minor": intent.amount_minor,
        "currency": intent.currency,
        "charge": intent.charge_id,
        "by": provider,
    }
    write(session, case, Event("refund_paid", params, {"reference": reference}).line(), actor=actor, now=now)
    session.flush()
    _stop_clocks_of_payment(session, case, intent.decision_id, now)


def mark_sending(session: Session, intent: RefundIntent) -> None:
    """An attempt leaves."""
    intent.state = SENDING


def mark_failed(
    session: Session,
    case: Case,
    intent: RefundIntent,
    error: str,
    *,
    final: bool,
    actor: Actor,
    now: datetime,
) -> None:
    """The attempt failed; where nobody tries again by itself, that is on the record and on the list."""
    intent.state, intent.last_error = (FAILED if final else READY), error[:500]
    if final:
        params: dict[str, object] = {"intent": intent.id, "amount_minor": intent.amount_minor}
        line = Event("refund_failed", params | {"currency": intent.currency}).line()
        write(session, case, line, actor=actor, now=now)
    session.flush()


def locked_pair(session: Session, intent_id: int) -> tuple[Case, RefundIntent]:
    """Case and refund, both locked, in that order."""
    case_id = session.scalar(select(RefundIntent.case_id).where(RefundIntent.id == intent_id))
    if case_id is None:
        raise NotFound("not_found")
    case = _locked_case(session, case_id)
    return case, _fresh(session, intent_id)


def _locked(session: Session, intent_id: int, actor: Actor) -> tuple[Case, RefundIntent]:
    """The same, through what the actor may see."""
    case_id = session.scalar(select(RefundIntent.case_id).where(RefundIntent.id == intent_id))
    if case_id is None:
        raise NotFound("not_found")
    case = case_for(session, actor, case_id, lock=True)
    return case, _fresh(session, intent_id)


def _fresh(session: Session, intent_id: int) -> RefundIntent:
    return session.get_one(RefundIntent, intent_id, with_for_update=True, populate_existing=True)


def _locked_case(session: Session, case_id: int) -> Case:
    return session.scalars(select(Case).where(Case.id == case_id).with_for_update()).one()


def _order(
    session: Session,
    case: Case,
    decision: Decision,
    line: DecisionLine,
    provider: str,
    currency: str,
    now: datetime,
) -> RefundIntent:
    intent = RefundIntent(
        key=intent_key(decision.id, line.id),
        case_id=case.id,
        decision_id=decision.id,
        charge_id=line.charge_id,
        amount_minor=line.amount_minor,
        currency=currency,
        method=line.method,
        means=line.means,
        state=READY,
        provider_reference="",
        created_at=now,
    )
    session.add(intent)
    session.flush()
    if provider_of(provider, line.means, KNOWN) != BY_HAND:
        _leave(session, intent, intent.key, now)
    return intent


def _leave(session: Session, intent: RefundIntent, key: str, now: datetime) -> None:
    subject = ("case", intent.case_id)
    outbox.put(session, "refund.pay", key=key, due_at=now, now=now, subject=subject, intent_id=intent.id)


def _provider(session: Session, intent: RefundIntent) -> str:
    captured_by = session.scalar(select(Charge.provider).where(Charge.id == intent.charge_id))
    return provider_of(captured_by or "", intent.means, KNOWN)


def _credit(
    session: Session,
    case: Case,
    decision: Decision,
    line: DecisionLine,
    currency: str,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    key = f"credit-{decision.id}-{line.id}"
    ledger.credit(session, line.charge_id, line.amount_minor, key=key, case_id=case.id, now=now)
    params: dict[str, object] = {
        "amount_minor": line.amount_minor,
        "currency": currency,
        "charge": line.charge_id,
    }
    write(session, case, Event("credit_booked", params).line(), actor=actor, now=now)


def _give_back(session: Session, decision: Decision, line: DecisionLine, now: datetime) -> None:
    key = f"decision-{decision.id}-{line.charge_id}-{line.method}-release"
    ledger.release(session, line.charge_id, line.amount_minor, key=key, case_id=decision.case_id, now=now)


def _stop_clocks_of_payment(session: Session, case: Case, decision_id: int, now: datetime) -> None:
    """What the law asked to be paid by a date is paid once nothing of the decision is on its way: its clocks stop.

    They stop with any decision that is paid, also with one on an older verdict or on none.
    """
    still_open = session.scalar(
        select(RefundIntent.id)
        .where(RefundIntent.decision_id == decision_id, RefundIntent.state.in_(OPEN))
        .limit(1)
    )
    if still_open is not None:
        return
    clocks.stop_by_law(session, case, now=now)
    rests_on = session.scalar(select(Decision.judgement_id).where(Decision.id == decision_id))
    if case.status != "closed" and case.judgement_id not in (None, rests_on):
        # Facts changed since the decision was made: the law may still ask for a rest.
        judge_case(session, case, actor=SYSTEM, now=now)
