"""The one rule of who sees which cases, and the only way to reach a case."""

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.cases.models import Case
from casedesk.kernel.errors import NotFound


def visible(actor: Actor) -> ColumnElement[bool]:
    """The condition on `cases` under which `actor` sees a case: all, those of the team, or those assigned.

    Who is narrowed to a team still sees the cases that he or she owns.
    """
    if actor.sees == "all":
        return true()
    if actor.sees == "team" and actor.team_id is not None:
        return or_(Case.team_id == actor.team_id, Case.owner_id == actor.id)
    return Case.owner_id == actor.id


def case_for(session: Session, actor: Actor, case_id: int, *, lock: bool = False) -> Case:
    """The case, locked for a change where `lock`. Raises NotFound also where the actor may not see it."""
    statement = select(Case).where(Case.id == case_id, visible(actor))
    if lock:
        statement = statement.with_for_update(of=Case)
    case = session.scalars(statement).one_or_none()
    if case is None:
        raise NotFound("not_found")
    return case
