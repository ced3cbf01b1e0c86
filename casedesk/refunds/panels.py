"""What the pages of lower rooms show of refunds."""

from datetime import datetime

from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.permits import Permission
from casedesk.refunds.queries import RefundLine, refunds_of_case
from casedesk.web.slots import Panel


def of_case(
    session: Session, actor: Actor, now: datetime, *, case_id: int, **_: object
) -> list[RefundLine] | None:
    """The refunds of the case; nothing where no decision has ordered one."""
    return refunds_of_case(session, case_id) or None


PANELS = {"case.right": [Panel(Permission.SEE_CASES, of_case, "refunds/of_case.html")]}
