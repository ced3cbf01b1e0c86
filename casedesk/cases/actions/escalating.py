"""Raise a case on the ladder, take it up, bring it down. Rooms above hear of a case that reaches their rung by outbox.

`escalate(session, command, actor=, now=)` is the one way up, for a person as for a rule.
"""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.cases.actions import clocks
from casedesk.cases.actions.telling import Word, see_of_case, tell
from casedesk.cases.actions.writing import locked_case, subject_of, write
from casedesk.cases.commands import ComeDown, Escalate, TakeUp
from casedesk.cases.entries import Event
from casedesk.cases.escalation_models import Escalation
from casedesk.cases.ladder import BY_HAND, rung
from casedesk.cases.models import Case
from casedesk.cases.queries.people import chosen_receiver, managers_of, receivers, standing_in
from casedesk.cases.rules import FREE_STAGES, may_change_stage, may_take_up
from casedesk.kernel.errors import Conflict, InvalidInput, NotFound, RuleBroken
from casedesk.store import outbox

REACHED = {"mediation": "case.reached_mediation"}
"""Word to the room above whose rung a case reaches: payload case_id, escalation_id."""

OUTSIDE = ("mediation", "outside-body")
"""Rungs where nobody of the desk takes the case up."""


def escalate(session: Session, command: Escalate, *, actor: Actor, now: datetime) -> Escalation:
    """Raise the case. Its receiver is told and has until the clock ``acknowledge`` to take it up.

    Raises RuleBroken (stage, closed, nobody there), InvalidInput (summary, reason), Conflict where the case changed.
    """
    case = locked_case(session, actor, command.case_id, command.case_version)
    _check(case, command, actor)
    before, earlier = case.stage, _open_of(session, case)
    receiver = _receiver(session, case, command, actor, now)
    if earlier is not None:
        earlier.state, earlier.ended_at = "ended", now
    n = (session.scalar(select(func.max(Escalation.n)).where(Escalation.case_id == case.id)) or 0) + 1
    body: dict[str, object] = {
        "n": n,
        "before": before,
        "after": command.to_stage,
        "reason": command.reason,
        "rule": command.rule_id,
        "to": receiver,
    }
    line = Event("escalated", body, {"said": command.summary}).line()
    entry = write(session, case, line, actor=actor, now=now)
    row = Escalation(
        case_id=case.id,
        n=n,
        reason=command.reason,
        rule_id=command.rule_id,
        from_stage=before,
        to_stage=command.to_stage,
        state="open",
        raised_by=actor.id if actor.ref.kind == "person" else None,
        raised_at=now,
        owner_before_id=earlier.owner_before_id if earlier else case.owner_id,
        to_person_id=receiver,
        entry_id=entry.id,
    )
    session.add(row)
    session.flush()
    case.stage, case.escalation_id = command.to_stage, row.id
    _set_going(session, case, row, actor, now)
    session.flush()
    return row


def acknowledge(session: Session, command: TakeUp, *, actor: Actor, now: datetime) -> Escalation:
    """Take the escalated case up: it is the actor's from now on. Of two at once one wins; the other gets Conflict."""
    case = locked_case(session, actor, command.case_id, None)
    row = _escalation(session, case, command.escalation_id)
    if row.state != "open":
        raise Conflict("escalation.taken", name=_name(session, row.acknowledged_by))
    if not may_take_up(actor.role, actor.is_lead, row.to_stage):
        raise RuleBroken("escalation.not_yours")
    row.state, row.acknowledged_by, row.acknowledged_at = "acknowledged", actor.id, now
    body: dict[str, object] = {"n": row.n, "stage": row.to_stage}
    if row.to_stage in ("team-lead", "manager") and case.owner_id != actor.id:
        body["owner"] = [case.owner_id, actor.id]
        case.owner_id = actor.id
    write(session, case, Event("escalation_taken_up", body).line(), actor=actor, now=now)
    clocks.stop(session, case, "acknowledge", now=now)
    see_of_case(session, case.id, actor.id, now=now)
    session.flush()
    return row


def come_down(session: Session, command: ComeDown, *, actor: Actor, now: datetime) -> None:
    """Bring the case back to a lower stage with a reason; who had it before has it again."""
    case = locked_case(session, actor, command.case_id, command.case_version)
    if not command.why:
        raise InvalidInput("escalation.why", field="why")
    before = case.stage
    if rung(command.to_stage) >= rung(before) or not may_change_stage(actor.role, before, command.to_stage):
        raise RuleBroken("case.stage", before=before, after=command.to_stage, field="to_stage")
    row = _open_of(session, case)
    owner = case.owner_id
    if row is not None:
        row.state, row.ended_at = "ended", now
        back = row.owner_before_id if command.to_stage in FREE_STAGES else None
        owner = _still_here(session, back) or owner
    case.stage = command.to_stage
    case.escalation_id = None
    body: dict[str, object] = {"before": before, "after": command.to_stage}
    if owner != case.owner_id and owner is not None:
        owner = standing_in(session, owner, now=now)
        body["owner"] = [case.owner_id, owner]
        case.owner_id = owner
    line = Event("de_escalated", body, {"said": command.why}).line()
    entry = write(session, case, line, actor=actor, now=now)
    clocks.cancel(session, case, "acknowledge", now=now)
    if owner is not None and owner != actor.id:
        word = Word(
            "came_down", f"came-down-{entry.id}", {"stage": case.stage, "by": actor.name}, by_mail=False
        )
        tell(session, case, [owner], word, now=now)
    session.flush()


def end_with_case(session: Session, case: Case, *, now: datetime) -> None:
    """The case is closed: nobody has to take it up any more."""
    row = _open_of(session, case)
    if row is not None:
        row.state, row.ended_at = "ended", now
    case.escalation_id = None


def _check(case: Case, command: Escalate, actor: Actor) -> None:
    if case.status == "closed":
        raise RuleBroken("escalation.closed")
    if rung(command.to_stage) <= rung(case.stage) or command.to_stage in FREE_STAGES:
        raise RuleBroken("case.stage", before=case.stage, after=command.to_stage, field="to_stage")
    if not may_change_stage(actor.role, case.stage, command.to_stage):
        raise RuleBroken("case.stage", before=case.stage, after=command.to_stage, field="to_stage")
    if not command.summary.strip():
        raise InvalidInput("escalation.summary", field="summary")
    if command.rule_id is None and command.reason not in BY_HAND:
        raise InvalidInput("escalation.reason", field="reason")


def _receiver(session: Session, case: Case, command: Escalate, actor: Actor, now: datetime) -> int | None:
    """Who is to take it up: the person named, else the least busy of the stage; the substitute where that one is away."""
    if command.to_stage not in ("team-lead", "manager"):
        return None
    found = receivers(session, command.to_stage, now=now)
    if command.to_person_id is not None:
        named = session.get(Person, command.to_person_id)
        if named is None or not named.active or not may_take_up(named.role, named.is_lead, command.to_stage):
            raise InvalidInput("escalation.receiver", field="to_person_id")
        return _present(session, named.id, command.to_stage, now)
    chosen = chosen_receiver(found, case.team_id, but=actor.id) or chosen_receiver(found, case.team_id)
    if chosen is None and actor.ref.kind == "person":
        raise RuleBroken("escalation.nobody", field="to_stage")
    return _present(session, chosen.id, command.to_stage, now) if chosen else None


def _present(session: Session, person_id: int, to_stage: str, now: datetime) -> int:
    """The substitute of who is away, if the stage is theirs to take up; else the person, who finds it on return."""
    there = session.get_one(Person, standing_in(session, person_id, now=now))
    return there.id if may_take_up(there.role, there.is_lead, to_stage) else person_id


def _set_going(session: Session, case: Case, row: Escalation, actor: Actor, now: datetime) -> None:
    """The clock to take it up, the word to who is to, and the word to the room of the rung."""
    clocks.cancel(session, case, "acknowledge", now=now)
    if row.to_stage == "outside-body":
        row.state, row.acknowledged_at = "acknowledged", now
    if row.to_stage in REACHED:
        outbox.put(
            session,
            REACHED[row.to_stage],
            key=f"escalation-{row.id}",
            due_at=now,
            now=now,
            subject=subject_of(case),
            case_id=case.id,
            escalation_id=row.id,
        )
    if row.to_stage in OUTSIDE:
        return
    clocks.start(session, case, "acknowledge", now=now)
    told = [row.to_person_id] if row.to_person_id else managers_of(session, case.team_id)
    params = {"stage": row.to_stage, "reason": row.reason, "by": actor.name if row.raised_by else ""}
    word = Word("escalated", f"escalated-{row.id}", params, by_mail=True)
    tell(session, case, [one for one in told if one != actor.id], word, now=now)


def _escalation(session: Session, case: Case, escalation_id: int) -> Escalation:
    row = session.get(Escalation, escalation_id, with_for_update=True, populate_existing=True)
    if row is None or row.case_id != case.id:
        raise NotFound("not_found")
    return row


def _open_of(session: Session, case: Case) -> Escalation | None:
    if case.escalation_id is None:
        return None
    return session.get(Escalation, case.escalation_id, with_for_update=True, populate_existing=True)


def _still_here(session: Session, person_id: int | None) -> int | None:
    person = session.get(Person, person_id) if person_id is not None else None
    return person.id if person is not None and person.active else None


def _name(session: Session, person_id: int | None) -> str:
    person = session.get(Person, person_id) if person_id is not None else None
    return person.name if person is not None else "casedesk"
