"""What is read about people, teams and the changes of rights."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person, SignIn, Team
from casedesk.accounts.sign_ins import PERSON_COLUMNS
from casedesk.store.db import values
from casedesk.store.models import Entry, EntryText
from casedesk.store.record import DESK


@dataclass(frozen=True)
class PersonLine:
    """A person by name, for owners and authors."""

    id: int
    name: str
    role: str
    team_id: int | None
    active: bool

    @property
    def initials(self) -> str:
        words = self.name.split()
        return (words[0][:1] + words[-1][:1]).upper() if len(words) > 1 else self.name[:2].upper()


@dataclass(frozen=True)
class PersonView:
    """A person as an administrator sees them."""

    id: int
    mail: str
    name: str
    role: str
    team_id: int | None
    team: str | None
    is_lead: bool
    sees: str
    goodwill_ceiling_minor: int
    approval_ceiling_minor: int
    locale: str
    time_zone: str
    active: bool
    has_password: bool
    created_at: datetime
    version: int


@dataclass(frozen=True)
class TeamLine:
    id: int
    name: str
    active: bool
    people: int


@dataclass(frozen=True)
class SignInLine:
    """One running sign-in of a person."""

    created_at: datetime
    seen_at: datetime
    browser: str


@dataclass(frozen=True)
class DeskEntry:
    """One change of people, rights or settings as the record keeps it."""

    seq: int
    kind: str
    recorded_at: datetime
    actor_kind: str
    actor_name: str | None
    body: dict[str, Any]
    text: dict[str, Any]


_VIEW = (
    Person.id,
    Person.mail,
    Person.name,
    Person.role,
    Person.team_id,
    Team.name,
    Person.is_lead,
    Person.sees,
    Person.goodwill_ceiling_minor,
    Person.approval_ceiling_minor,
    Person.locale,
    Person.time_zone,
    Person.active,
    Person.password_hash.is_not(None),
    Person.created_at,
    Person.version,
)


def person(session: Session, person_id: int) -> PersonView | None:
    row = session.execute(
        select(*_VIEW).outerjoin(Team, Team.id == Person.team_id).where(Person.id == person_id)
    ).one_or_none()
    return PersonView(*values(row)) if row else None


def people(session: Session) -> list[PersonView]:
    """Everybody, those who left last, by name."""
    rows = session.execute(
        select(*_VIEW)
        .outerjoin(Team, Team.id == Person.team_id)
        .order_by(Person.active.desc(), Person.name, Person.id)
    )
    return [PersonView(*values(row)) for row in rows]


_NAMES = select(Person.id, Person.name, Person.role, Person.team_id, Person.active)


def people_by_id(session: Session) -> dict[int, PersonLine]:
    """Everybody by id, in one query: names of owners and authors."""
    rows = session.execute(_NAMES)
    return {row.id: PersonLine(*row) for row in rows}


def teams(session: Session) -> list[TeamLine]:
    """Every team with the number of its active people, by name."""
    rows = session.execute(
        select(Team.id, Team.name, Team.active, func.count(Person.id))
        .outerjoin(Person, (Person.team_id == Team.id) & Person.active)
        .group_by(Team.id, Team.name, Team.active)
        .order_by(Team.active.desc(), Team.name)
    )
    return [TeamLine(*row) for row in rows]


def for_sign_in(session: Session, mail: str) -> tuple[Actor, str | None] | None:
    """The active person of a mail address and the stored password."""
    row = session.execute(
        select(*PERSON_COLUMNS, Person.password_hash).where(
            Person.mail == mail.strip().casefold(), Person.active
        )
    ).one_or_none()
    return (Actor(*values(row)[:-1]), row[-1]) if row else None


def password_hash(session: Session, person_id: int) -> str | None:
    """The stored password of an active person."""
    return session.scalar(select(Person.password_hash).where(Person.id == person_id, Person.active))


def is_active(session: Session, person_id: int) -> bool:
    return session.scalar(select(Person.id).where(Person.id == person_id, Person.active)) is not None


def running_sign_ins(session: Session, person_id: int, since: datetime) -> list[SignInLine]:
    rows = session.execute(
        select(SignIn.created_at, SignIn.seen_at, SignIn.browser)
        .where(SignIn.person_id == person_id, SignIn.ended_at.is_(None), SignIn.seen_at >= since)
        .order_by(SignIn.seen_at.desc())
        .limit(20)
    )
    return [SignInLine(*row) for row in rows]


def desk_entries(session: Session, before: int | None, limit: int) -> list[DeskEntry]:
    """Changes of people, rights and settings, newest first, those older than number `before`."""
    statement = (
        select(
            Entry.seq,
            Entry.kind,
            Entry.recorded_at,
            Entry.actor_kind,
            Person.name,
            Entry.body,
            EntryText.text,
        )
        .outerjoin(Person, (Person.id == Entry.actor_id) & (Entry.actor_kind == "person"))
        .outerjoin(EntryText, EntryText.entry_id == Entry.id)
        .where(Entry.subject_kind == DESK[0], Entry.subject_id == DESK[1])
        .order_by(Entry.seq.desc())
        .limit(limit)
    )
    if before is not None:
        statement = statement.where(Entry.seq < before)
    return [DeskEntry(*values((*row[:6], row[6] or {}))) for row in session.execute(statement)]
