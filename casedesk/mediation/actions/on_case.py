"""What a mediation does to its case: it stands at the stage of mediation while it runs, and comes back with the outcome.

The desk's table of transitions lists people of the desk; here the file's own states decide, so the moves stand here.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from casedesk.cases.actions import clocks
from casedesk.cases.actions.writing import write_event
from casedesk.mediation.actions.filing import Open

STAGE, BACK = "mediation", "manager"


def hand_over(session: Session, at: Open, *, now: datetime) -> None:
    """The case waits for the mediator, and the desk's clocks with it; one that was closed opens again."""
    _stage(session, at, STAGE, now)
    case = at.case
    if case.status == "closed":
        case.closed_at = None
    _status(session, at, "waiting-third-party", now)
    clocks.hold(session, case, now=now)


def give_back(session: Session, at: Open, *, now: datetime) -> None:
    """The mediation ended without an agreement: the desk closes the case, or decides anew."""
    _stage(session, at, BACK, now)
    _status(session, at, "decided" if at.case.decided_at else "open", now)
    clocks.release(session, at.case, now=now)


def settled(session: Session, at: Open, *, now: datetime) -> None:
    """Both parties agreed: the case is decided, as a settlement."""
    case = at.case
    case.outcome, case.decided_at = "settled", now
    _stage(session, at, BACK, now)
    _status(session, at, "decided", now)
    clocks.release(session, case, now=now)
    clocks.stop(session, case, "decide", now=now)


def _stage(session: Session, at: Open, stage: str, now: datetime) -> None:
    case, before = at.case, at.case.stage
    if before != stage:
        case.stage = stage
        write_event(session, case, "stage", {"before": before, "after": stage}, actor=at.actor, now=now)


def _status(session: Session, at: Open, status: str, now: datetime) -> None:
    case, before = at.case, at.case.status
    if before == status:
        return
    case.status = status
    session.flush()
    clocks.follow_status(session, case, before, now=now)
    write_event(session, case, "status", {"before": before, "after": status}, actor=at.actor, now=now)
