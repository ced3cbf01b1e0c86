"""In which part someone acts in a file, and the only way to reach one."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.permits import Permission
from casedesk.cases.models import Case
from casedesk.cases.queries.sight import visible
from casedesk.kernel.errors import NotFound
from casedesk.mediation.models import Mediation

INSIDE = ("customer", "company", "mediator")
"""Parts that see what was said; the rest see state, dates and outcome."""


def role_in(actor: Actor, file: Mediation) -> str | None:
    """The part of `actor` in `file`, one of rules.states.ROLES; None where there is none."""
    if actor.role in ("customer", "system"):
        return actor.role
    if actor.id == file.mediator_id and actor.may(Permission.MEDIATE):
        return "mediator"
    if actor.may(Permission.MEDIATE):
        return "proposed" if file.mediator_id is None and actor.id == file.proposed_mediator_id else None
    if actor.id == file.representative_id and actor.may(Permission.REPRESENT_COMPANY):
        return "company"
    if actor.may(Permission.ADMINISTER_PANEL):
        return "panel"
    return "desk" if actor.may(Permission.REQUEST_MEDIATION) else None


def file_for(session: Session, actor: Actor, mediation_id: int) -> tuple[Mediation, str]:
    """The file and the actor's part in it. Raises NotFound where they have none, or may not see the case."""
    file = session.get(Mediation, mediation_id)
    role = role_in(actor, file) if file is not None else None
    if file is None or role is None or (role == "desk" and not _sees_case(session, actor, file.case_id)):
        raise NotFound("not_found")
    return file, role


def _sees_case(session: Session, actor: Actor, case_id: int) -> bool:
    return session.scalar(select(Case.id).where(Case.id == case_id, visible(actor))) is not None
