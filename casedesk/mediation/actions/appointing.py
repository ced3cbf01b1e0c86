"""Appoint a mediator who is neutral, end an appointment, keep the panel. The database is the last guard."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.accounts.permits import Permission
from casedesk.cases.models import Case
from casedesk.cases.rules import KINDS
from casedesk.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound, RuleBroken
from casedesk.mediation import commands as c
from casedesk.mediation.actions import notices
from casedesk.mediation.actions.filing import (
    Open,
    local_day,
    locked,
    opened,
    party,
    settle_turn,
    tell_case,
    write,
)
from casedesk.mediation.models import Appointment, Mediation, Mediator
from casedesk.mediation.queries.panel import candidates, touches
from casedesk.mediation.rules.panel import RECUSALS, Weighed
from casedesk.mediation.rules.states import ENDED
from casedesk.store import record
from casedesk.store.record import DESK, Line


@dataclass(frozen=True)
class ChangeMediator:
    """What a mediator of the panel is versed in and how much they take; `version` 0: not on the panel yet."""

    person_id: int
    fields: tuple[str, ...]
    locales: tuple[str, ...]
    capacity: int
    available: bool
    away_until: date | None = None
    version: int = 0


def propose_mediator(session: Session, file: Mediation, case: Case, *, now: datetime) -> Weighed | None:
    """Ask the first of the panel who is neutral, versed and free; None (and nobody asked) where there is none."""
    ranked = _weighed(session, file, case, now)
    first = next((one for one in ranked if one.eligible), None)
    file.proposed_mediator_id = first.candidate.person_id if first else None
    session.flush()
    return first


def appoint(session: Session, command: c.Appoint, *, actor: Actor, now: datetime) -> Appointment:
    """Appoint, by the one who is asked (with the declaration) or by who keeps the panel; a mediator in place is replaced.

    Raises RuleBroken where an earlier touch stands against it, InvalidInput without the declaration, Conflict.
    """
    own = actor.id == command.mediator_id and actor.may(Permission.MEDIATE)
    act = "accept_appointment" if own else "appoint"
    at = opened(session, command.mediation_id, act, actor=actor, version=command.version)
    person = _of_panel(session, command.mediator_id)
    if not command.declares_no_ties:
        raise InvalidInput("mediation.declaration", field="declares_no_ties")
    found = touches(session, at.case, person, now=now)
    if found.codes:
        raise RuleBroken("mediation.not_neutral", name=person.name, field="mediator_id")
    _end(session, at, "replaced", now)
    checked = {"at": now.isoformat(), "same_company": found.same_company, "entries": found.entries}
    body = {"mediator": person.id, "own": own, "checked": checked}
    entry = write(session, at, "appointed", body, {"declaration": command.declaration}, now=now)
    appointment = Appointment(
        mediation_id=at.file.id,
        case_id=at.case.id,
        mediator_id=person.id,
        appointed_by=actor.id or None,
        appointed_at=now,
        checked=checked,
        declaration_entry_id=entry.id,
    )
    session.add(appointment)
    try:
        session.flush()
    except IntegrityError as refused:  # the trigger saw what this transaction could not
        raise Conflict("mediation.not_neutral", name=person.name) from refused
    at.file.mediator_id, at.file.proposed_mediator_id = person.id, None
    session.get_one(Mediator, person.id).last_appointed_at = now
    tell_case(session, at, {"state": at.file.state, "mediator": person.id}, now=now)
    notices.to_mediator(session, at, "appointed", now=now)
    settle_turn(session, at)
    return appointment


def recuse(session: Session, command: c.Recuse, *, actor: Actor, now: datetime) -> None:
    """The mediator steps back; the next of the panel is asked. Raises InvalidInput without a reason."""
    if command.reason_code not in RECUSALS:
        raise InvalidInput("mediation.recusal", field="reason_code")
    at = opened(session, command.mediation_id, "recuse", actor=actor, version=command.version)
    _recuse(session, at, command.reason_code, command.said, now)


def recheck_neutrality(session: Session, mediation_id: int, *, actor: Actor, now: datetime) -> bool:
    """The mediator who is no longer neutral is recused, and the next of the panel asked. Was somebody?

    The database refuses a part in the case itself; a team, a customer or a merge that changed later is found here.
    """
    file, case = locked(session, mediation_id)
    if file.mediator_id is None or file.state in ENDED:
        return False
    found = touches(session, case, session.get_one(Person, file.mediator_id), now=now)
    if not (found.case_roles or found.customer_cases or found.team_member):
        return False
    _recuse(session, Open(file, case, actor, "system", "mediator"), "earlier_part", "", now)
    return True


def change_mediator(session: Session, command: ChangeMediator, *, actor: Actor, now: datetime) -> None:
    """Put a mediator on the panel, or say anew what they are versed in. Raises InvalidInput, NotAllowed, Conflict."""
    if not actor.may(Permission.ADMINISTER_PANEL):
        raise NotAllowed("not_allowed")
    person = session.get(Person, command.person_id)
    if person is None or person.role != "mediator" or not person.active:
        raise NotFound("not_found")
    if not set(command.fields) <= set(KINDS) or not command.fields:
        raise InvalidInput("mediation.fields", field="fields")
    if not set(command.locales) <= {"en", "fr"} or not command.locales:
        raise InvalidInput("mediation.locales", field="locales")
    if not 1 <= command.capacity <= 200:
        raise InvalidInput("mediation.capacity", field="capacity")
    mediator = session.get(Mediator, person.id, with_for_update=True)
    if (mediator.version if mediator else 0) != command.version:
        raise Conflict("store.stale")
    if mediator is None:
        mediator = Mediator(person_id=person.id, since=now, fields=[], locales=[])
        session.add(mediator)
    mediator.fields, mediator.locales = sorted(command.fields), sorted(command.locales)
    mediator.capacity, mediator.available = command.capacity, command.available
    mediator.away_until = command.away_until
    session.flush()
    body = {
        "person": person.id,
        "fields": mediator.fields,
        "locales": mediator.locales,
        "capacity": command.capacity,
        "available": command.available,
        "away_until": command.away_until.isoformat() if command.away_until else None,
    }
    record.append(session, DESK, Line("mediator.changed", body), actor=actor.ref, now=now)


def _recuse(session: Session, at: Open, reason: str, said: str, now: datetime) -> None:
    write(
        session, at, "recused", {"mediator": at.file.mediator_id, "reason": reason}, {"said": said}, now=now
    )
    _end(session, at, "recused", now)
    tell_case(session, at, {"state": at.file.state, "mediator": None}, now=now)
    first = propose_mediator(session, at.file, at.case, now=now)
    notices.recused(session, at, now=now)
    if first is not None:
        notices.asked_to_mediate(session, at, first.candidate.person_id, now=now)
    settle_turn(session, at)


def _end(session: Session, at: Open, reason: str, now: datetime) -> None:
    running = session.scalars(
        select(Appointment)
        .where(Appointment.mediation_id == at.file.id, Appointment.ended_at.is_(None))
        .with_for_update()
    ).one_or_none()
    if running is not None:
        running.ended_at, running.end_reason = now, reason
        at.file.mediator_id = None
        session.flush()


def end_appointment(session: Session, at: Open, *, now: datetime) -> None:
    """The file is over: its mediator is free of the bar on other parts; who it was stays on the file's row."""
    kept = at.file.mediator_id
    _end(session, at, "ended", now)
    at.file.mediator_id = kept


def _weighed(session: Session, file: Mediation, case: Case, now: datetime) -> Sequence[Weighed]:
    former = set(
        session.scalars(
            select(Appointment.mediator_id).where(
                Appointment.mediation_id == file.id, Appointment.end_reason == "recused"
            )
        )
    )
    locale = party(session, file, "customer").locale
    ranked = candidates(session, case, locale, now=now, today=local_day(file, now))
    return [one for one in ranked if one.candidate.person_id not in former]


def _of_panel(session: Session, person_id: int) -> Person:
    person = session.get(Person, person_id)
    if person is None or not person.active or session.get(Mediator, person_id) is None:
        raise InvalidInput("mediation.not_on_panel", field="mediator_id")
    return person


__all__ = [
    "ChangeMediator",
    "appoint",
    "change_mediator",
    "end_appointment",
    "propose_mediator",
    "recheck_neutrality",
    "recuse",
]
