"""Make and change a mediator's keys, seal notes, hand them over, destroy them. No clear text reaches a table or the record.

That notes exist is nobody's business either: sealing one leaves no entry. What the record keeps is that a key was made,
handed over or destroyed, for there somebody may ask later who could read what.
"""

import json
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.kernel.errors import Conflict, InvalidInput, NotAllowed, RuleBroken
from casedesk.mediation import sealing
from casedesk.mediation.models import Mediation
from casedesk.mediation.sealed import queries
from casedesk.mediation.sealed.commands import NoteInClear, Opened, SealNote
from casedesk.mediation.sealed.models import FileKey, NotesKey, SealedNote, Unlocking
from casedesk.mediation.sealed.rules import (
    IDLE,
    LONGEST_NOTE,
    LONGEST_UNLOCK,
    SEEN_EVERY,
    fault_of_passphrase,
)
from casedesk.mediation.sealing import DoesNotOpen
from casedesk.store import erasure, record
from casedesk.store.record import ActorRef, Line
from casedesk.store.transaction import notes

DESTROYED = "sealed_notes"
"""How a destruction is named in the list of erasures, so that a restored backup forgets the notes again."""


def check_passphrase(passphrase: str, again: str, mail: str) -> None:
    """Raises InvalidInput where it will not do."""
    fault = fault_of_passphrase(passphrase, again, mail)
    if fault:
        field = "again" if fault == "notes.differ" else "new_passphrase"
        raise InvalidInput(fault, field=field, least=sealing.MINIMUM_PASSPHRASE)


def set_up(session: Session, passphrase: str, *, actor: Actor, now: datetime) -> str:
    """Make the mediator's key pair. Answers the recovery code, which is stored nowhere. Raises Conflict where there is one."""
    if queries.keys_of(session, actor.id) is not None:
        raise Conflict("notes.set_up_before")
    code = sealing.new_recovery_code()
    session.add(_keys(actor.id, sealing.new_key_pair(), passphrase, code, now))
    _record_key(session, "made", actor, now)
    session.flush()
    return code


def change_secrets(session: Session, opened: Opened, passphrase: str, *, actor: Actor, now: datetime) -> str:
    """Wrap the private key anew under another passphrase and another recovery code, which is answered. The key stays."""
    row = session.get_one(NotesKey, actor.id, with_for_update=True)
    code = sealing.new_recovery_code()
    pair = sealing.KeyPair(opened.private, sealing.public_of(opened.private))
    fresh = _keys(actor.id, pair, passphrase, code, now)
    for name in ("passphrase_salt", "by_passphrase", "recovery_salt", "by_recovery"):
        setattr(row, name, getattr(fresh, name))
    row.changed_at = now
    _record_key(session, "changed", actor, now)
    session.flush()
    return code


def start_over(session: Session, passphrase: str, *, actor: Actor, now: datetime) -> str:
    """Both secrets are lost: a new key pair, and every note that only the old one opened is gone. Answers the new code."""
    held = queries.files_with_key(session, actor.id)
    session.execute(delete(FileKey).where(FileKey.person_id == actor.id))
    for mediation_id in held:
        _drop_unreadable(session, mediation_id)
        _record_file(session, mediation_id, "lost", {"person": actor.id}, actor.ref, now)
    session.execute(delete(NotesKey).where(NotesKey.person_id == actor.id))
    session.flush()
    session.expunge_all()
    return set_up(session, passphrase, actor=actor, now=now)


def open_by_passphrase(row: NotesKey, passphrase: str) -> Opened:
    """Raises InvalidInput for a wrong passphrase. Takes a fifth of a second of work: not while a transaction is open."""
    try:
        wrapped = sealing.Wrapped(row.passphrase_salt, row.by_passphrase)
        return Opened(row.person_id, sealing.unwrap_by_passphrase(wrapped, passphrase, row.person_id))
    except DoesNotOpen:
        raise InvalidInput("notes.passphrase", field="passphrase") from None


def open_by_code(row: NotesKey, code: str) -> Opened:
    """Raises InvalidInput for a wrong recovery code."""
    try:
        wrapped = sealing.Wrapped(row.recovery_salt, row.by_recovery)
        return Opened(row.person_id, sealing.unwrap_by_code(wrapped, code, row.person_id))
    except DoesNotOpen:
        raise InvalidInput("notes.recovery", field="recovery") from None


def begin_unlocking(opened: Opened, sign_in: str, *, now: datetime) -> bytes:
    """Keep the private key for this browser under a fresh key, which is answered for its cookie. One browser at a time."""
    key = sealing.new_unlock_key()
    with notes() as session:
        session.execute(delete(Unlocking).where(Unlocking.person_id == opened.person_id))
        session.add(
            Unlocking(
                id=sealing.unlock_id(key),
                person_id=opened.person_id,
                sign_in=sign_in,
                box=sealing.wrap_for_unlock(opened.private, key, opened.person_id),
                opened_at=now,
                seen_at=now,
            )
        )
    return key


def opened_by(session: Session, key: bytes, person_id: int, sign_in: str, *, now: datetime) -> Opened | None:
    """The mediator as unlocked in this browser; None where that ended. Using it starts the 15 minutes anew."""
    row = queries.unlocking(session, sealing.unlock_id(key), person_id, sign_in, now)
    if row is None:
        return None
    try:
        private = sealing.unwrap_for_unlock(row.box, key, person_id)
    except DoesNotOpen:
        return None
    if now - row.seen_at >= SEEN_EVERY:
        with notes() as apart:
            apart.execute(update(Unlocking).where(Unlocking.id == row.id).values(seen_at=now))
    return Opened(person_id, private)


def end_unlocking(person_id: int) -> None:
    """Lock the notes again, in every browser of this person."""
    with notes() as session:
        session.execute(delete(Unlocking).where(Unlocking.person_id == person_id))


def seal(session: Session, command: SealNote, opened: Opened, *, actor: Actor, now: datetime) -> str:
    """Seal a note of the file's mediator and answer its id. Raises InvalidInput, NotAllowed, NotFound."""
    if not command.said:
        raise InvalidInput("notes.empty", field="sealed")
    if len(command.said) > LONGEST_NOTE:
        raise InvalidInput("notes.too_long", field="sealed", most=LONGEST_NOTE)
    _lock(session, command.mediation_id)
    file = queries.sealed_file(session, actor, command.mediation_id)
    if not file.writable:
        raise NotAllowed("notes.not_writable")
    data_key = _own_key(session, file.id, opened, now)
    note_id = sealing.new_note_id()
    clear = json.dumps({"said": command.said, "with": command.with_side}, ensure_ascii=False).encode()
    box = sealing.seal_note(data_key, clear, file.id, note_id, actor.id)
    session.add(SealedNote(id=note_id, mediation_id=file.id, author_id=actor.id, box=box, sealed_at=now))
    session.flush()
    return note_id


def read(session: Session, mediation_id: int, opened: Opened) -> list[NoteInClear]:
    """The notes of the file in clear, oldest first. Raises RuleBroken where one was changed behind the desk's back."""
    wrapped, boxes = queries.notes_for(session, mediation_id, opened.person_id)
    keys = _unwrap(wrapped, mediation_id, opened)
    try:
        return [_opened(box, keys[box.author_id], mediation_id) for box in boxes]
    except DoesNotOpen:
        raise RuleBroken("notes.tampered") from None


def hand_over(session: Session, mediation_id: int, opened: Opened, *, actor: Actor, now: datetime) -> None:
    """Give one's keys in the file to the mediator who has it now, and let go of them. Raises RuleBroken."""
    _lock(session, mediation_id)
    file = queries.sealed_file(session, actor, mediation_id)
    if file.mine or file.successor_id is None:
        raise RuleBroken("notes.no_successor")
    theirs = queries.keys_of(session, file.successor_id)
    if theirs is None:
        raise RuleBroken("notes.successor_without_key", name=file.successor)
    for author_id, data_key in _unwrapped(session, mediation_id, opened).items():
        bound = sealing.Bound(mediation_id, author_id, file.successor_id)
        session.add(_wrapped_for(data_key, theirs.public, bound, actor.id, now))
    session.execute(
        delete(FileKey).where(FileKey.mediation_id == mediation_id, FileKey.person_id == actor.id)
    )
    params: dict[str, object] = {"from": actor.id, "to": file.successor_id}
    _record_file(session, mediation_id, "handed_over", params, actor.ref, now)
    session.flush()


def destroy(session: Session, mediation_id: int, *, actor: Actor, now: datetime) -> None:
    """Destroy the notes that this mediator opens: the keys go, and what nobody can open any more goes with them."""
    _lock(session, mediation_id)
    queries.sealed_file(session, actor, mediation_id)
    drop_key(session, mediation_id, actor.id, actor=actor.ref, now=now, why="mediator")


def drop_key(
    session: Session, mediation_id: int, person_id: int, *, actor: ActorRef, now: datetime, why: str
) -> None:
    """One mediator's keys in the file are gone, and with them the notes that only they opened."""
    session.execute(
        delete(FileKey).where(FileKey.mediation_id == mediation_id, FileKey.person_id == person_id)
    )
    _drop_unreadable(session, mediation_id)
    entry = _record_file(session, mediation_id, "destroyed", {"person": person_id, "why": why}, actor, now)
    _list_destroyed(session, mediation_id, person_id, entry, now)
    session.flush()


def destroy_all(session: Session, mediation_id: int, *, actor: ActorRef, now: datetime, why: str) -> None:
    """The file is over: every key and every note of it goes."""
    session.execute(delete(FileKey).where(FileKey.mediation_id == mediation_id))
    session.execute(delete(SealedNote).where(SealedNote.mediation_id == mediation_id))
    entry = _record_file(session, mediation_id, "destroyed", {"why": why}, actor, now)
    _list_destroyed(session, mediation_id, None, entry, now)
    session.flush()


def holds_notes(session: Session, mediation_id: int) -> bool:
    """Does the file hold a note, or a key to one?"""
    return any(
        session.scalar(select(table.mediation_id).where(table.mediation_id == mediation_id).limit(1))
        for table in (SealedNote, FileKey)
    )


def forget_unlockings(session: Session, now: datetime) -> None:
    """Rows of browsers that rested too long."""
    session.execute(
        delete(Unlocking).where(
            (Unlocking.seen_at <= now - IDLE) | (Unlocking.opened_at <= now - LONGEST_UNLOCK)
        )
    )


def _keys(person_id: int, pair: sealing.KeyPair, passphrase: str, code: str, now: datetime) -> NotesKey:
    by_passphrase = sealing.wrap_by_passphrase(pair.private, passphrase, person_id)
    by_code = sealing.wrap_by_code(pair.private, code, person_id)
    return NotesKey(
        person_id=person_id,
        public=pair.public,
        passphrase_salt=by_passphrase.salt,
        by_passphrase=by_passphrase.box,
        recovery_salt=by_code.salt,
        by_recovery=by_code.box,
        made_at=now,
        changed_at=now,
    )


def _unwrapped(session: Session, mediation_id: int, opened: Opened) -> dict[int, bytes]:
    """The data keys that the mediator holds in the file, by author. Raises RuleBroken where one was tampered with."""
    return _unwrap(queries.held_keys(session, mediation_id, opened.person_id), mediation_id, opened)


def _unwrap(held: dict[int, bytes], mediation_id: int, opened: Opened) -> dict[int, bytes]:
    try:
        return {
            author_id: sealing.unwrap_data_key(
                box, opened.private, sealing.Bound(mediation_id, author_id, opened.person_id)
            )
            for author_id, box in held.items()
        }
    except DoesNotOpen:
        raise RuleBroken("notes.tampered") from None


def _own_key(session: Session, mediation_id: int, opened: Opened, now: datetime) -> bytes:
    """The mediator's own data key in the file; a fresh one where there is none yet.

    It is wrapped under the public key of the private one that is open, never under what the table says is public.
    """
    known = _unwrapped(session, mediation_id, opened).get(opened.person_id)
    if known is not None:
        return known
    data_key, public = sealing.new_data_key(), sealing.public_of(opened.private)
    bound = sealing.Bound(mediation_id, opened.person_id, opened.person_id)
    session.add(_wrapped_for(data_key, public, bound, opened.person_id, now))
    return data_key


def _wrapped_for(data_key: bytes, public: bytes, bound: sealing.Bound, by: int, now: datetime) -> FileKey:
    return FileKey(
        mediation_id=bound.file_id,
        author_id=bound.author_id,
        person_id=bound.person_id,
        box=sealing.wrap_data_key(data_key, public, bound),
        given_at=now,
        given_by=by,
    )


def _opened(box: queries.Box, data_key: bytes, mediation_id: int) -> NoteInClear:
    clear = json.loads(sealing.open_note(data_key, box.box, mediation_id, box.id, box.author_id))
    return NoteInClear(box.id, clear["said"], clear["with"], box.author, box.sealed_at)


def _drop_unreadable(session: Session, mediation_id: int) -> None:
    """Notes of authors whose key nobody holds any more."""
    readable = select(FileKey.author_id).where(FileKey.mediation_id == mediation_id)
    session.execute(
        delete(SealedNote).where(
            SealedNote.mediation_id == mediation_id, SealedNote.author_id.not_in(readable)
        )
    )


def _lock(session: Session, mediation_id: int) -> None:
    session.execute(select(Mediation.id).where(Mediation.id == mediation_id).with_for_update())


def _record_key(session: Session, what: str, actor: Actor, now: datetime) -> None:
    line = Line(f"notes_key.{what}", {"person": actor.id})
    record.append(session, record.DESK, line, actor=actor.ref, now=now)


def _record_file(
    session: Session, mediation_id: int, what: str, params: dict[str, object], actor: ActorRef, now: datetime
) -> int:
    line = Line(f"event.sealed_{what}", params)
    return record.append(session, ("mediation", mediation_id), line, actor=actor, now=now).id


def _list_destroyed(
    session: Session, mediation_id: int, person_id: int | None, entry_id: int, now: datetime
) -> None:
    key = f"sealed-destroyed-{entry_id}"
    erasure.list_erasure(session, DESTROYED, key=key, now=now, mediation_id=mediation_id, person_id=person_id)


def destroy_again(session: Session, listed: dict[str, object], *, now: datetime) -> int:
    """After a restore: notes that were destroyed and came back with the backup go again. How many."""
    mediation_id, person_id = listed["mediation_id"], listed.get("person_id")
    keys = delete(FileKey).where(FileKey.mediation_id == mediation_id)
    if person_id is not None:
        keys = keys.where(FileKey.person_id == person_id)
    gone = session.execute(keys).rowcount  # type: ignore[attr-defined]
    _drop_unreadable(session, int(str(mediation_id)))
    return int(gone)
