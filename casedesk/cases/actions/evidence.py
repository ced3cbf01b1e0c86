"""The day by which a bank wants evidence: a clock as it was given, held by nothing."""

from datetime import datetime

from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.cases.actions import clocks
from casedesk.cases.actions.writing import locked_case, write
from casedesk.cases.commands import GiveEvidenceDate
from casedesk.cases.entries import Event
from casedesk.kernel.errors import InvalidInput, RuleBroken

EVIDENCE = "statutory.evidence"


def give_evidence_date(session: Session, command: GiveEvidenceDate, *, actor: Actor, now: datetime) -> None:
    """Start the clock of the evidence, or move it to a newer date. Raises InvalidInput, RuleBroken, Conflict."""
    case = locked_case(session, actor, command.case_id, command.case_version)
    if case.status == "closed":
        raise RuleBroken("decision.closed")
    if command.due_at <= now:
        raise InvalidInput("evidence.past", field="due_at")
    if not command.given_by:
        raise InvalidInput("evidence.given_by", field="given_by")
    body = {"due_at": command.due_at.isoformat()}
    entry = write(
        session, case, Event("evidence_due", body, {"by": command.given_by}).line(), actor=actor, now=now
    )
    working: dict[str, object] = {"kind": "given", "by": command.given_by, "entry": entry.id}
    clocks.start_by_law(session, case, EVIDENCE, command.due_at, working, now=now)
    session.flush()
