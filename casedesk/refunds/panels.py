"""What the pages of lower rooms show of refunds."""

from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, exists
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.permits import Permission
from casedesk.refunds.models import RefundIntent
from casedesk.refunds.queries import RefundLine, refunds_of_case
from casedesk.web.slots import Panel


def of_case(
    session: Session, actor: Actor, now: datetime, *, case_id: int, there: bool, **_: object
) -> list[RefundLine] | None:
    """The refunds of the case; nothing where no decision has ordered one."""
    return (refunds_of_case(session, case_id) or None) if there else None


def _ordered() -> ColumnElement[bool]:
    return exists().where(RefundIntent.case_id == bindparam("case_id"))


PANELS = {"case.right": [Panel(Permission.SEE_CASES, of_case, "refunds/of_case.html", _ordered)]}
