"""What the pages of cases show of letters: those that were written, and the one that is being decided on."""

from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, exists
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.permits import Permission
from casedesk.cases.commands import ProposeDecision
from casedesk.documents.content import LetterContent
from casedesk.documents.models import Letter
from casedesk.documents.queries import LetterLine, letters_of_case, preview
from casedesk.web.slots import Panel


def of_case(
    session: Session, actor: Actor, now: datetime, *, case_id: int, there: bool, **_: object
) -> list[LetterLine] | None:
    """The letters of the case; nothing where none was written."""
    return (letters_of_case(session, case_id) or None) if there else None


def _written() -> ColumnElement[bool]:
    return exists().where(Letter.case_id == bindparam("case_id"))


def of_decision(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    command: ProposeDecision,
    signed_by: int | None = None,
    **_: object,
) -> LetterContent:
    """The letter as it would leave: ``{{ slot("decide.letter", command=..., signed_by=...) }}``."""
    return preview(session, actor, command, signed_by=signed_by, now=now)


PANELS = {
    "case.right": [Panel(Permission.SEE_CASES, of_case, "documents/of_case.html", _written)],
    "decide.letter": [Panel(Permission.DECIDE, of_decision, "documents/preview.html")],
}
