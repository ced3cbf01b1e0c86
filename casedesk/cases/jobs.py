"""What other rooms tell the cases: a clock ran out, a disclosure or a fact was recorded, a customer is to be erased."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import not_a_person
from casedesk.cases.actions.erasing import erase_of_customer
from casedesk.cases.actions.judging import judge_case
from casedesk.cases.actions.writing import write_event
from casedesk.cases.escalation_jobs import HANDLERS as LADDER
from casedesk.cases.escalation_jobs import tell_breach, weigh_breach
from casedesk.cases.models import Case
from casedesk.customers.models import Subscription
from casedesk.store import outbox

SYSTEM = not_a_person("system")


def breached(session: Session, payload: dict[str, Any], *, now: datetime) -> None:
    """Put on the case's record that a clock ran out, and how late the look at it came; tell, and weigh the case."""
    case = session.scalars(select(Case).where(Case.id == payload["subject_id"]).with_for_update()).one()
    due = datetime.fromisoformat(payload["due_at_was"])
    params: dict[str, object] = {
        "clock": payload["clock"],
        "due_at": payload["due_at_was"],
        "noticed_after_s": int((now - due).total_seconds()),
    }
    write_event(session, case, "clock_breached", params, actor=SYSTEM, now=now)
    tell_breach(session, case, payload, now=now)
    weigh_breach(session, case, payload, now=now)


def customer_erased(session: Session, payload: dict[str, Any], *, now: datetime) -> None:
    """Erase what the cases of an erased customer hold of the person, and tell the rooms above."""
    customer_id = payload["customer_id"]
    erase_of_customer(session, customer_id, actor=SYSTEM, now=now)
    outbox.put(
        session,
        "case.customer_erased",
        key=f"cases-of-erased-{customer_id}",
        due_at=now,
        now=now,
        subject=("customer", customer_id),
        customer_id=customer_id,
    )


def subscription_disclosed(session: Session, payload: dict[str, Any], *, now: datetime) -> None:
    """Judge the live cases of a contract anew: the rules read what its customer was told."""
    cases = session.scalars(
        select(Case)
        .where(Case.subscription_id == payload["subscription_id"], Case.status != "closed")
        .order_by(Case.id)
        .with_for_update()
    ).all()
    for case in cases:
        judge_case(session, case, actor=SYSTEM, now=now)
    session.flush()


TOGETHER = 100
"""Cases that one row of work judges anew; a further row goes on from there."""

_ON = {
    "plan": Subscription.plan_id,
    "terms": Subscription.terms_id,
    "subscription": Subscription.id,
}


def contract_stated(session: Session, payload: dict[str, Any], *, now: datetime) -> None:
    """Judge the live cases of a plan, of terms or of a contract anew, some at a time: a fact of theirs was stated."""
    kind, subject_id = payload["subject_kind"], payload["subject_id"]
    cases = session.scalars(
        select(Case)
        .join(Subscription, Subscription.id == Case.subscription_id)
        .where(_ON[kind] == subject_id, Case.status != "closed", Case.id > payload["after"])
        .order_by(Case.id)
        .limit(TOGETHER)
        .with_for_update(of=Case)
    ).all()
    for case in cases:
        judge_case(session, case, actor=SYSTEM, now=now)
    if len(cases) == TOGETHER:
        outbox.put(
            session,
            "contract.stated",
            key=f"{payload['work']}-{cases[-1].id}",
            due_at=now,
            now=now,
            subject=(kind, subject_id),
            **{**payload, "after": cases[-1].id},
        )
    session.flush()


HANDLERS = {
    **LADDER,
    "case.clock_breached": breached,
    "contract.stated": contract_stated,
    "customer.erased": customer_erased,
    "subscription.disclosed": subscription_disclosed,
}
