"""What happens to people and teams. Every change is an entry of the desk's record."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts import rules, sign_ins, ties
from casedesk.accounts.commands import ChangePerson, PersonData
from casedesk.accounts.models import Person, Team
from casedesk.accounts.passwords import MAXIMUM_LENGTH, MINIMUM_LENGTH
from casedesk.kernel.errors import Conflict, InvalidInput, NotFound, RuleBroken
from casedesk.store.record import DESK, ActorRef, Line, append


def add_person(session: Session, data: PersonData, *, actor: ActorRef, now: datetime) -> Person:
    """Someone new who may sign in once a password is set. Raises InvalidInput, RuleBroken."""
    values = _checked(session, data, None)
    person = Person(**values, created_at=now)
    session.add(person)
    session.flush()
    body = {k: v for k, v in values.items() if k not in ("name", "mail")}
    _record(session, "person.added", person, body, actor, now)
    return person


def change_person(session: Session, command: ChangePerson, *, actor: ActorRef, now: datetime) -> Person:
    """The person as the command says. Raises Conflict where someone else changed them since, RuleBroken where work that
    only the present role may do is still open."""
    person = _person(session, command.person_id)
    if person.version != command.version:
        raise Conflict("people.stale", name=person.name)
    values = _checked(session, command.data, person.id)
    _keep_an_administrator(session, person, stays=person.active, role=command.data.role)
    if command.data.role != person.role:
        ties.check_free(session, person.id, person.name)
    changes = {k: [getattr(person, k), v] for k, v in values.items() if getattr(person, k) != v}
    if not changes:
        return person
    for name, value in values.items():
        setattr(person, name, value)
    session.flush()
    named = {k: v for k, v in changes.items() if k in ("name", "mail")}
    codes = {k: v for k, v in changes.items() if k not in named}
    _record(session, "person.changed", person, {"changes": codes}, actor, now, changes=named)
    return person


def deactivate_person(session: Session, person_id: int, *, actor: ActorRef, now: datetime) -> None:
    """The person may not sign in any more, and every running sign-in ends now. Raises RuleBroken."""
    person = _person(session, person_id)
    if actor.kind == "person" and actor.id == person_id:
        raise RuleBroken("people.not_oneself")
    _keep_an_administrator(session, person, stays=False, role=person.role)
    if not person.active:
        return
    person.active = False
    sign_ins.end_all(session, person_id, now)
    session.flush()
    _record(session, "person.left", person, {}, actor, now)


def reactivate_person(session: Session, person_id: int, *, actor: ActorRef, now: datetime) -> None:
    """The person may sign in again, with the old password or by a new link."""
    person = _person(session, person_id)
    if person.active:
        return
    person.active = True
    session.flush()
    _record(session, "person.back", person, {}, actor, now)


def allow_password_link(session: Session, person_id: int, *, actor: ActorRef, now: datetime) -> Person:
    """Note that a link to set the password was made for the person. Raises RuleBroken where they left."""
    person = _person(session, person_id)
    if not person.active:
        raise RuleBroken("people.left", name=person.name)
    _record(session, "person.password_link", person, {}, actor, now)
    return person


def set_password(
    session: Session,
    person_id: int,
    password_hash: str,
    *,
    replaces: str | None,
    actor: ActorRef,
    now: datetime,
) -> None:
    """The person signs in with the new password; every running sign-in ends. Raises RuleBroken.

    `replaces` is the stored password that the asker knew of: of two at once, one link or form is spent first.
    """
    person = _person(session, person_id)
    if not person.active or person.password_hash != replaces:
        raise RuleBroken("password.link_spent")
    person.password_hash = password_hash
    sign_ins.end_all(session, person_id, now)
    session.flush()
    _record(session, "person.password_set", person, {}, actor, now)


def add_team(session: Session, name: str, *, actor: ActorRef, now: datetime) -> Team:
    """A new team. Raises InvalidInput where the name is taken."""
    _free_team_name(session, name, None)
    team = Team(name=name)
    session.add(team)
    session.flush()
    append(session, DESK, Line("team.added", {"team": team.id, "name": name}), actor=actor, now=now)
    return team


def change_team(
    session: Session, team_id: int, name: str, active: bool, *, actor: ActorRef, now: datetime
) -> None:
    """The team under its new name, in use or retired. Raises RuleBroken while people are in a team to retire."""
    team = session.scalars(select(Team).where(Team.id == team_id).with_for_update()).one_or_none()
    if team is None:
        raise NotFound("not_found")
    _free_team_name(session, name, team_id)
    if not active and session.scalar(
        select(Person.id).where(Person.team_id == team_id, Person.active).limit(1)
    ):
        raise RuleBroken("teams.not_empty", name=team.name)
    before = [team.name, team.active]
    if before == [name, active]:
        return
    team.name, team.active = name, active
    session.flush()
    body = {
        "team": team.id,
        "name": name,
        "changes": {"name": [before[0], name], "active": [before[1], active]},
    }
    append(session, DESK, Line("team.changed", body), actor=actor, now=now)


def check_password(password: str, mail: str) -> None:
    """Raises InvalidInput with what to change where `password` is too short, too long or the mail address itself."""
    if len(password) < MINIMUM_LENGTH:
        raise InvalidInput("password.short", field="password", least=MINIMUM_LENGTH)
    if len(password) > MAXIMUM_LENGTH:
        raise InvalidInput("password.long", field="password", most=MAXIMUM_LENGTH)
    if len(set(password)) < 4 or password.casefold() in (mail.casefold(), mail.partition("@")[0].casefold()):
        raise InvalidInput("password.simple", field="password")


def _checked(session: Session, data: PersonData, person_id: int | None) -> dict[str, Any]:
    values = data.values() | {"mail": data.mail.strip().casefold()}
    taken = session.scalar(select(Person.id).where(Person.mail == values["mail"]))
    if taken is not None and taken != person_id:
        raise InvalidInput("people.mail_taken", field="mail", mail=values["mail"])
    if data.role not in rules.ROLES or data.sees not in rules.SEES or data.locale not in rules.LOCALES:
        raise InvalidInput("people.code", field="role")
    if data.team_id is not None and session.get(Team, data.team_id) is None:
        raise InvalidInput("people.team", field="team_id")
    if data.is_lead and not rules.may_lead(data.role, data.team_id):
        raise InvalidInput("people.lead", field="is_lead")
    if data.sees == "team" and data.team_id is None:
        raise InvalidInput("people.sees_team", field="sees")
    return values


def _person(session: Session, person_id: int) -> Person:
    person = session.scalars(select(Person).where(Person.id == person_id).with_for_update()).one_or_none()
    if person is None:
        raise NotFound("not_found")
    return person


def _keep_an_administrator(session: Session, person: Person, *, stays: bool, role: str) -> None:
    administrators = frozenset(
        session.scalars(
            select(Person.id)
            .where(Person.role == "administrator", Person.active)
            .order_by(Person.id)
            .with_for_update()
        )
    )
    if rules.leaves_desk_without_administrator(administrators, person.id, stays=stays, role=role):
        raise RuleBroken("people.last_administrator", name=person.name)


def _free_team_name(session: Session, name: str, team_id: int | None) -> None:
    taken = session.scalar(select(Team.id).where(Team.name == name))
    if taken is not None and taken != team_id:
        raise InvalidInput("teams.name_taken", field="name", name=name)


def _record(
    session: Session,
    kind: str,
    person: Person,
    body: dict[str, Any],
    actor: ActorRef,
    now: datetime,
    changes: dict[str, Any] | None = None,
) -> None:
    text: dict[str, Any] = {"name": person.name, "mail": person.mail}
    if changes:
        text["changes"] = changes
    append(session, DESK, Line(kind, {"person": person.id, **body}, text), actor=actor, now=now)
