"""What can still be given back on the charges that a case is about."""

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from casedesk.cases.models import Case, CaseItem
from casedesk.ledger.models import Charge, ChargeBalance


@dataclass(frozen=True)
class Left:
    charge_id: int
    left_minor: int


def charges_left(session: Session, case: Case) -> list[Left]:
    """The disputed charges of `case` with what is left of each: its own first, then the others of the case, then those
    of the contract, newest first. One statement."""
    items = select(CaseItem.charge_id).where(CaseItem.case_id == case.id, CaseItem.charge_id.is_not(None))
    about = [Charge.id == case.charge_id, Charge.id.in_(items)]
    if case.subscription_id is not None:
        about.append(Charge.subscription_id == case.subscription_id)
    rows = session.execute(
        select(
            Charge.id,
            ChargeBalance.captured - ChargeBalance.reserved - ChargeBalance.refunded - ChargeBalance.disputed,
        )
        .join(ChargeBalance, ChargeBalance.charge_id == Charge.id)
        .where(or_(*about), Charge.currency == case.currency)
        .order_by((Charge.id == case.charge_id).desc(), Charge.captured_at.desc(), Charge.id)
    )
    return [Left(row[0], int(row[1])) for row in rows if row[1] > 0]


def refundable(session: Session, case: Case) -> int:
    """All that can still be given back there."""
    return sum(one.left_minor for one in charges_left(session, case))
