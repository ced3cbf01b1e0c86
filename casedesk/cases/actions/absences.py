"""Somebody is away: the substitute gets what is due meanwhile and what is new; afterwards it goes back."""

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.accounts.permits import Permission
from casedesk.cases.actions.writing import write_event
from casedesk.cases.commands import SetAbsence
from casedesk.cases.escalation_models import Absence, AbsenceCase, CaseNotice, Escalation
from casedesk.cases.models import Case
from casedesk.cases.queries.people import standing_in
from casedesk.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound, RuleBroken
from casedesk.store import outbox
from casedesk.store.record import DESK, Line, append


def set_absence(session: Session, command: SetAbsence, *, actor: Actor, now: datetime) -> Absence:
    """Plan an absence, one's own or (a manager) somebody's. Raises InvalidInput, NotAllowed, RuleBroken."""
    if command.person_id != actor.id and not actor.may(Permission.APPROVE):
        raise NotAllowed("not_allowed")
    person, substitute = _worker(session, command.person_id), _worker(session, command.substitute_id)
    if person is None:
        raise InvalidInput("absence.person", field="person_id")
    if substitute is None or substitute.id == person.id:
        raise InvalidInput("absence.substitute", field="substitute_id")
    if command.ends_at <= command.starts_at:
        raise InvalidInput("absence.order", field="ends_at")
    if command.ends_at <= now:
        raise InvalidInput("absence.past", field="ends_at")
    _refuse_overlap(session, command)
    row = Absence(
        person_id=person.id,
        substitute_id=substitute.id,
        starts_at=command.starts_at,
        ends_at=command.ends_at,
        state="planned",
    )
    session.add(row)
    session.flush()
    for kind, at in (("absence.begin", max(row.starts_at, now)), ("absence.end", row.ends_at)):
        outbox.put(session, kind, key=f"{kind}-{row.id}", due_at=at, now=now, absence_id=row.id)
    body = {
        "absence": row.id,
        "person": person.id,
        "substitute": substitute.id,
        "name": person.name,
        "starts_at": row.starts_at.isoformat(),
        "ends_at": row.ends_at.isoformat(),
    }
    append(session, DESK, Line("absence.set", body), actor=actor.ref, now=now)
    session.flush()
    return row


def begin(session: Session, absence_id: int, *, actor: Actor, now: datetime) -> None:
    """Hand over what falls due during the absence, and what waits for the person to take up."""
    row = session.get(Absence, absence_id, with_for_update=True, populate_existing=True)
    if row is None or row.state != "planned" or row.ends_at <= now:
        return
    row.state = "on"
    substitute = standing_in(session, row.substitute_id, now=now)
    cases = session.scalars(
        select(Case)
        .where(
            Case.owner_id == row.person_id,
            Case.status != "closed",
            or_(Case.next_due_at < row.ends_at, Case.unread),
        )
        .order_by(Case.id)
        .with_for_update(of=Case)
    ).all()
    for case in cases:
        hand_over(session, row, case, substitute, actor=actor, now=now)
    for escalation in session.scalars(
        select(Escalation).where(Escalation.to_person_id == row.person_id, Escalation.state == "open")
    ):
        escalation.to_person_id = substitute
    _notice(session, row, substitute, "stands_in", len(cases), now)
    session.flush()


def hand_over(
    session: Session, row: Absence, case: Case, substitute: int, *, actor: Actor, now: datetime
) -> None:
    """One case goes to the substitute, and is noted to come back."""
    if session.get(AbsenceCase, (row.id, case.id)) is None:
        session.add(AbsenceCase(absence_id=row.id, case_id=case.id, given_back=False))
    params = {"owner": [case.owner_id, substitute], "until": row.ends_at.isoformat()}
    case.owner_id = substitute
    write_event(session, case, "stood_in", params, actor=actor, now=now)


def end(session: Session, absence_id: int, *, actor: Actor, now: datetime) -> None:
    """What was handed over, is still open and still with the substitute goes back."""
    row = session.get(Absence, absence_id, with_for_update=True, populate_existing=True)
    if row is None or row.state not in ("planned", "on"):
        return
    was_on = row.state == "on"
    row.state = "over"
    returned = _give_back(session, row, actor=actor, now=now) if was_on else 0
    _notice(session, row, row.person_id, "back_again", returned, now)
    session.flush()


def call_off(session: Session, absence_id: int, version: int, *, actor: Actor, now: datetime) -> None:
    """The absence ends now, or does not come about. Raises NotFound, Conflict."""
    row = session.get(Absence, absence_id, with_for_update=True, populate_existing=True)
    if row is None or (row.person_id != actor.id and not actor.may(Permission.APPROVE)):
        raise NotFound("not_found")
    if row.version != version or row.state not in ("planned", "on"):
        raise Conflict("service.stale")
    was_on, row.state = row.state == "on", "called-off"
    if was_on:
        _give_back(session, row, actor=actor, now=now)
    append(session, DESK, Line("absence.called_off", {"absence": row.id}), actor=actor.ref, now=now)
    session.flush()


def _give_back(session: Session, row: Absence, *, actor: Actor, now: datetime) -> int:
    person = session.get(Person, row.person_id)
    handed = session.scalars(
        select(AbsenceCase).where(AbsenceCase.absence_id == row.id, AbsenceCase.given_back.is_(False))
    ).all()
    if person is None or not person.active or not handed:
        return 0
    cases = session.scalars(
        select(Case)
        .where(Case.id.in_([one.case_id for one in handed]))
        .order_by(Case.id)
        .with_for_update(of=Case)
    )
    by_id = {case.id: case for case in cases}
    returned = 0
    for one in handed:
        case = by_id[one.case_id]
        one.given_back = True
        if case.status == "closed" or case.owner_id in (None, row.person_id):
            continue
        if case.owner_id not in (row.substitute_id, _standing(session, row, now)):
            continue  # somebody took it for good meanwhile
        params = {"owner": [case.owner_id, row.person_id]}
        case.owner_id = row.person_id
        write_event(session, case, "given_back", params, actor=actor, now=now)
        returned += 1
    return returned


def _standing(session: Session, row: Absence, now: datetime) -> int:
    return standing_in(session, row.substitute_id, now=now)


def _worker(session: Session, person_id: int) -> Person | None:
    person = session.get(Person, person_id)
    return person if person and person.active and person.role in ("agent", "manager") else None


def _refuse_overlap(session: Session, command: SetAbsence) -> None:
    """One person has one absence at a time, and the two do not stand in for one another."""
    both = (
        Absence.state.in_(("planned", "on")),
        Absence.starts_at < command.ends_at,
        Absence.ends_at > command.starts_at,
    )
    if session.scalar(select(Absence.id).where(Absence.person_id == command.person_id, *both).limit(1)):
        raise RuleBroken("absence.twice", field="starts_at")
    mutual = select(Absence.id).where(
        Absence.person_id == command.substitute_id, Absence.substitute_id == command.person_id, *both
    )
    if session.scalar(mutual.limit(1)):
        raise RuleBroken("absence.mutual", field="substitute_id")


def _notice(session: Session, row: Absence, person_id: int, code: str, count: int, now: datetime) -> None:
    session.add(
        CaseNotice(
            key=f"{code}-{row.id}",
            person_id=person_id,
            case_id=None,
            code=code,
            params={
                "absence": row.id,
                "person": row.person_id,
                "count": count,
                "until": row.ends_at.isoformat(),
            },
            told_at=now,
        )
    )
