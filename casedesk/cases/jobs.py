"""What other rooms tell the cases: a clock was breached, a disclosure recorded, a customer to be erased."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import not_a_person
from casedesk.cases.actions.erasing import erase_of_customer
from casedesk.cases.actions.judging import judge_case
from casedesk.cases.actions.writing import write_event
from casedesk.cases.models import Case

SYSTEM = not_a_person("system")


def breached(session: Session, payload: dict[str, Any], *, now: datetime) -> None:
    """Put on the case's record that a clock ran out; say how late the look at it came."""
    case = session.scalars(select(Case).where(Case.id == payload["subject_id"]).with_for_update()).one()
    due = datetime.fromisoformat(payload["due_at_was"])
    params: dict[str, object] = {
        "clock": payload["clock"],
        "due_at": payload["due_at_was"],
        "noticed_after_s": int((now - due).total_seconds()),
    }
    write_event(session, case, "clock_breached", params, actor=SYSTEM, now=now)


def customer_erased(session: Session, payload: dict[str, Any], *, now: datetime) -> None:
    """Erase what the cases of an erased customer hold of the person."""
    erase_of_customer(session, payload["customer_id"], actor=SYSTEM, now=now)


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


HANDLERS = {
    "case.clock_breached": breached,
    "customer.erased": customer_erased,
    "subscription.disclosed": subscription_disclosed,
}
