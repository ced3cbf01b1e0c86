"""The decision in force on a case, and whether its money is still on the way."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casedesk.cases.models import Case, Decision, DecisionLine
from casedesk.ledger.models import ChargeBalance


def in_force(session: Session, case: Case) -> int | None:
    """The id of the effective decision; None where there is none."""
    return session.scalar(
        select(Decision.id)
        .where(Decision.case_id == case.id, Decision.state == "effective")
        .order_by(Decision.n.desc())
        .limit(1)
    )


def still_paying(session: Session, case: Case) -> bool:
    """Is money of the decision in force still held? What the rule gives counts it only once it is paid."""
    held = (
        select(func.sum(ChargeBalance.reserved))
        .join(DecisionLine, DecisionLine.charge_id == ChargeBalance.charge_id)
        .where(DecisionLine.decision_id == in_force(session, case))
    )
    return bool(session.scalar(held))
