"""What clocks tell a mediation, and the look at agreements whose money has arrived since."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import not_a_person
from casedesk.cases.actions.telling import Word, tell
from casedesk.cases.escalation_models import Escalation
from casedesk.cases.models import Case
from casedesk.cases.queries.people import managers_of
from casedesk.deadlines import actions as deadlines
from casedesk.mediation.actions import (
    appointing,
    closing,
    dating,
    erasing,
    notices,
    offering,
    proposing,
    settling,
)
from casedesk.mediation.actions.filing import Open, local_day, locked, settle_turn, subject_of, write
from casedesk.mediation.models import Mediation
from casedesk.mediation.queries.panel import no_longer_neutral
from casedesk.mediation.queries.tasks import to_watch
from casedesk.mediation.rules.dates import GRACE_DAYS
from casedesk.mediation.rules.states import ENDED, RUNNING
from casedesk.mediation.sealed import actions as sealed
from casedesk.store.work import Timed

SYSTEM = not_a_person("system")


def breached(session: Session, payload: dict[str, Any], *, now: datetime) -> None:
    """A clock of a file ran out: what that means depends on which. Every breach is on the file's record, with how late
    the look at it came."""
    clock, mediation_id = str(payload["clock"]), int(payload["subject_id"])
    file, case = locked(session, mediation_id)
    at = Open(file, case, SYSTEM, "system", "system")
    due = datetime.fromisoformat(payload["due_at_was"])
    body = {
        "clock": clock,
        "due_at": payload["due_at_was"],
        "noticed_after_s": int((now - due).total_seconds()),
    }
    write(session, at, "clock_breached", body, now=now)
    name, _, key = clock.partition("-")
    if name == "proposal":
        proposing.expire_proposal(session, int(key), actor=SYSTEM, now=now)
    elif name == "offers":
        offering.end_round(session, int(key), actor=SYSTEM, now=now)
    elif name == "task":
        settling.breach(session, int(key), actor=SYSTEM, now=now)
    elif name == "completion":
        closing.lapse(session, mediation_id, "not_completed", actor=SYSTEM, now=now)
    elif name == "grace":
        closing.lapse(session, mediation_id, "time_over", actor=SYSTEM, now=now)
    elif name == "outcome" and file.state in RUNNING:
        _late(session, at, now)
    else:
        settle_turn(session, at)


def watch(session: Session, _payload: dict[str, Any], *, now: datetime) -> None:
    """Agreements whose refunds were paid since the last look: their tasks are done. Mediators who are no longer neutral
    since then are recused."""
    for mediation_id in no_longer_neutral(session):
        appointing.recheck_neutrality(session, mediation_id, actor=SYSTEM, now=now)
    for mediation_id in to_watch(session):
        settling.watch(session, mediation_id, actor=SYSTEM, now=now)


def erased(session: Session, payload: dict[str, Any], *, now: datetime) -> None:
    """The personal text of a case was erased: its files lose theirs, and what their mediators sealed goes too."""
    for mediation_id in erasing.erase_of_case(session, payload["case_id"], actor=SYSTEM, now=now):
        if sealed.holds_notes(session, mediation_id):
            sealed.destroy_all(session, mediation_id, actor=SYSTEM.ref, now=now, why="erased")


def reached(session: Session, payload: dict[str, Any], *, now: datetime) -> None:
    """A case stands at the rung of mediation: its owner and the managers read that one may be asked for. Nobody is told
    where the case is closed or came down, where a file is under way, or what they did themselves."""
    case = session.scalars(select(Case).where(Case.id == payload["case_id"]).with_for_update()).one()
    raised = session.get_one(Escalation, payload["escalation_id"])
    running = select(Mediation.id).where(Mediation.case_id == case.id, Mediation.state.not_in(ENDED))
    if case.status == "closed" or case.stage != "mediation" or session.scalar(running.limit(1)) is not None:
        return
    people = {*managers_of(session, case.team_id), case.owner_id} - {None, raised.raised_by}
    word = Word("mediation_reached", f"reached-mediation-{raised.id}", {})
    tell(session, case, [one for one in people if one is not None], word, now=now)


def moved(session: Session, payload: dict[str, Any], *, now: datetime) -> None:
    """A clock of a file was reckoned anew under changed hours: lists show the new instant."""
    file, case = locked(session, int(payload["subject_id"]))
    settle_turn(session, Open(file, case, SYSTEM, "system", "system"))


def _late(session: Session, at: Open, now: datetime) -> None:
    """The legal day passed: the mediator is told at once, and has the house's grace before the file lapses."""
    deadlines.stop(session, subject_of(at.file), "outcome", now=now)
    last = local_day(at.file, now) + timedelta(days=GRACE_DAYS)
    dating.keep_house(session, at.file, "grace", last, {"days": GRACE_DAYS}, now=now)
    notices.to_mediator(session, at, "late", now=now)
    settle_turn(session, at)


HANDLERS = {
    "case.erased_from_mediation": erased,
    "case.reached_mediation": reached,
    "mediation.clock_breached": breached,
    "mediation.clock_moved": moved,
    "mediation.watch": watch,
}
SCHEDULE = (Timed("mediation.watch", timedelta(minutes=5)),)
