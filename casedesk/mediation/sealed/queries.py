"""What a mediator's own page needs of sealed notes. Everything read here is ciphertext; nobody else's is read at all."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.accounts.permits import Permission
from casedesk.kernel.errors import NotFound
from casedesk.mediation.models import Appointment, Mediation, Mediator, Party
from casedesk.mediation.rules.states import may
from casedesk.mediation.sealed.models import FileKey, NotesKey, SealedNote, Unlocking
from casedesk.mediation.sealed.rules import ends_at, is_over


@dataclass(frozen=True)
class Keys:
    """The public side of a mediator's key pair, and since when."""

    person_id: int
    public: bytes
    made_at: datetime
    changed_at: datetime
    version: int


@dataclass(frozen=True)
class SealedFile:
    """A file as its sealed notes see it. `mine`: the reader is its mediator now; otherwise they were, and still hold a key."""

    id: int
    number: str
    state: str
    mine: bool
    has_key: bool
    keyed: bool
    """Has the reader set up a key pair at all?"""
    writable: bool
    end_on: datetime | None
    successor_id: int | None
    successor: str
    parties: tuple[tuple[str, str], ...]
    """(side, name) of each."""


@dataclass(frozen=True)
class Box:
    """One note as it is stored."""

    id: str
    author_id: int
    author: str
    box: bytes
    sealed_at: datetime


@dataclass(frozen=True)
class Waiting:
    """A file that the reader left with notes in it."""

    mediation_id: int
    number: str
    left_at: datetime | None


def keys_of(session: Session, person_id: int) -> Keys | None:
    row = session.execute(
        select(
            NotesKey.person_id, NotesKey.public, NotesKey.made_at, NotesKey.changed_at, NotesKey.version
        ).where(NotesKey.person_id == person_id)
    ).one_or_none()
    return Keys(*row) if row else None


def secrets_of(session: Session, person_id: int) -> NotesKey | None:
    """The wrapped private key, for unlocking."""
    return session.get(NotesKey, person_id)


def sealed_file(session: Session, actor: Actor, mediation_id: int) -> SealedFile:
    """The file for its mediator, or for the one before who still holds its key. Raises NotFound for everybody else."""
    return with_unlocking(session, actor, mediation_id, "")[0]


def with_unlocking(
    session: Session, actor: Actor, mediation_id: int, row_id: str
) -> tuple[SealedFile, Unlocking | None]:
    """The file, and the unlocking of that id: whoever looks it up next in this session asks nobody. One statement.

    Raises NotFound as `sealed_file` does.
    """
    customer, company = aliased(Party), aliased(Party)
    found = session.execute(
        select(
            Mediation.id,
            Mediation.number,
            Mediation.state,
            Mediation.mediator_id,
            Mediation.ended_at,
            _has_key(actor.id, Mediation.id).label("has_key"),
            _left_at(actor.id).label("left_at"),
            exists().where(NotesKey.person_id == actor.id).label("keyed"),
            Person.name,
            customer.name.label("customer"),
            company.name.label("company"),
            Unlocking,
        )
        .outerjoin(Person, Person.id == Mediation.mediator_id)
        .outerjoin(customer, and_(customer.mediation_id == Mediation.id, customer.side == "customer"))
        .outerjoin(company, and_(company.mediation_id == Mediation.id, company.side == "company"))
        .outerjoin(Unlocking, Unlocking.id == row_id)
        .where(Mediation.id == mediation_id)
    ).one_or_none()
    if found is None or not actor.may(Permission.MEDIATE):
        raise NotFound("not_found")
    mine = found.mediator_id == actor.id
    if not mine and not found.has_key:
        raise NotFound("not_found")
    file = SealedFile(
        id=found.id,
        number=found.number or str(found.id),
        state=found.state,
        mine=mine,
        has_key=found.has_key,
        keyed=found.keyed,
        writable=mine and may(found.state, "note", "mediator"),
        end_on=ends_at(found.ended_at if mine else found.left_at),
        successor_id=None if mine else found.mediator_id,
        successor="" if mine else found.name or "",
        parties=(("customer", found.customer or ""), ("company", found.company or "")),
    )
    return file, found.Unlocking


def _has_key(person_id: int, mediation_id: Any) -> Any:
    return (
        exists()
        .where(FileKey.person_id == person_id, FileKey.mediation_id == mediation_id)
        .correlate(Mediation)
    )


def _left_at(person_id: int) -> Any:
    return (
        select(func.max(Appointment.ended_at))
        .where(Appointment.mediation_id == Mediation.id, Appointment.mediator_id == person_id)
        .correlate(Mediation)
        .scalar_subquery()
    )


def held_keys(session: Session, mediation_id: int, person_id: int) -> dict[int, bytes]:
    """The wrapped data keys that this person holds in the file, by the author whose notes they open."""
    rows = session.execute(
        select(FileKey.author_id, FileKey.box)
        .where(FileKey.mediation_id == mediation_id, FileKey.person_id == person_id)
        .order_by(FileKey.author_id)
    )
    return {row.author_id: row.box for row in rows}


def notes_for(session: Session, mediation_id: int, person_id: int) -> tuple[dict[int, bytes], list[Box]]:
    """The wrapped keys that this person holds in the file, and the notes that they open, oldest first. One statement."""
    rows = session.execute(
        select(
            FileKey.author_id,
            FileKey.box.label("key_box"),
            SealedNote.id,
            Person.name,
            SealedNote.box,
            SealedNote.sealed_at,
        )
        .join(Person, Person.id == FileKey.author_id)
        .outerjoin(
            SealedNote,
            and_(SealedNote.mediation_id == FileKey.mediation_id, SealedNote.author_id == FileKey.author_id),
        )
        .where(FileKey.mediation_id == mediation_id, FileKey.person_id == person_id)
        .order_by(SealedNote.sealed_at, SealedNote.id)
    ).all()
    keys = {row.author_id: row.key_box for row in rows}
    return keys, [Box(r.id, r.author_id, r.name, r.box, r.sealed_at) for r in rows if r.id is not None]


def unlocking(session: Session, row_id: str, person_id: int, sign_in: str, now: datetime) -> Unlocking | None:
    """The running unlocking of this browser and this sign-in; None where it rested too long or is another's."""
    row = session.get(Unlocking, row_id)
    if row is None or row.person_id != person_id or row.sign_in != sign_in:
        return None
    return None if is_over(row.opened_at, row.seen_at, now) else row


def left_behind(session: Session, person_id: int) -> list[Waiting]:
    """Files that the reader left and whose notes are neither handed over nor destroyed yet."""
    rows = session.execute(
        select(Mediation.id, Mediation.number, func.max(Appointment.ended_at))
        .join(FileKey, and_(FileKey.mediation_id == Mediation.id, FileKey.person_id == person_id))
        .outerjoin(
            Appointment,
            and_(Appointment.mediation_id == Mediation.id, Appointment.mediator_id == person_id),
        )
        .where(or_(Mediation.mediator_id.is_(None), Mediation.mediator_id != person_id))
        .group_by(Mediation.id, Mediation.number)
        .order_by(Mediation.id)
    )
    return [Waiting(row[0], row[1] or str(row[0]), row[2]) for row in rows]


def files_with_key(session: Session, person_id: int) -> list[int]:
    """Files whose notes this person's key opens, for the page that says what a new key would cost."""
    held = select(FileKey.mediation_id).where(FileKey.person_id == person_id)
    return list(session.scalars(held.distinct().order_by(FileKey.mediation_id)))


def due_for_destruction(session: Session, ended_before: datetime, limit: int = 200) -> list[int]:
    """Files that ended before then and still hold keys or notes."""
    held = or_(
        exists().where(FileKey.mediation_id == Mediation.id),
        exists().where(SealedNote.mediation_id == Mediation.id),
    )
    return list(
        session.scalars(
            select(Mediation.id)
            .where(Mediation.ended_at.is_not(None), Mediation.ended_at < ended_before, held)
            .order_by(Mediation.id)
            .limit(limit)
        )
    )


def keys_left_behind(session: Session, ended_before: datetime, limit: int = 200) -> list[tuple[int, int]]:
    """(file, person) of keys that a mediator still holds long after the appointment ended."""
    running = (
        exists()
        .where(
            Appointment.mediation_id == FileKey.mediation_id,
            Appointment.mediator_id == FileKey.person_id,
            or_(Appointment.ended_at.is_(None), Appointment.ended_at >= ended_before),
        )
        .correlate(FileKey)
    )
    rows = session.execute(
        select(FileKey.mediation_id, FileKey.person_id)
        .distinct()
        .join(Mediation, Mediation.id == FileKey.mediation_id)
        .where(~running, or_(Mediation.mediator_id.is_(None), Mediation.mediator_id != FileKey.person_id))
        .order_by(FileKey.mediation_id, FileKey.person_id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in rows]


def is_on_panel(session: Session, person_id: int) -> bool:
    return session.get(Mediator, person_id) is not None
