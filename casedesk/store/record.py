"""The record: append an entry to a subject's chain. Nothing here updates or deletes.

Per subject (a case, or `desk` for people, rights, packs and settings) the entries form a chain of HMACs under
the audit key; the head is locked with the subject's row, so the sequence has no gaps and writers of different
subjects never wait for each other. Checkpoints over all heads are made by the worker (`store/checkpoints.py`).
"""

import hashlib
import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import bindparam, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

from casedesk.store.bulk import insert_rows, take_ids
from casedesk.store.keyring import AuditKey, audit_key
from casedesk.store.models import Entry, EntryText, Head
from casedesk.store.transaction import remembered

DESK = ("desk", 0)
"""The subject of what belongs to no case: people, rights, packs, settings."""

ZERO = "0" * 64

Subject = tuple[str, int]
"""Whose chain it is: a kind and an id."""

AnyHead = Head | SimpleNamespace
"""A head as stored, or the plain one of a chain that begins."""

_SPELLED = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


@dataclass(frozen=True)
class ActorRef:
    """Who did it: a person, a customer by link, the system or an import; possibly on behalf of a person."""

    kind: str
    id: int | None = None
    on_behalf_of: int | None = None


SYSTEM = ActorRef("system")


@dataclass(frozen=True)
class Line:
    """What is to be recorded: `body` in codes and parameters, `text` the personal part (erasable)."""

    kind: str
    body: Mapping[str, Any]
    text: Mapping[str, Any] | None = None
    happened_at: datetime | None = None
    corrects_id: int | None = None


def append(
    session: Session, subject: tuple[str, int], line: Line, *, actor: ActorRef, now: datetime
) -> Entry:
    """Add `line` to the subject's chain and return the entry as it was stored, with its id.

    Entry and text are inserted at once, past the unit of work: nobody changes them afterwards, and what else waits in
    the session is written together later. The head is moved when the session is flushed.
    """
    key = audit_key()
    head = _locked_head(session, subject, key)
    text_digest, salt = None, None
    if line.text is not None:
        salt = secrets.token_hex(16)
        text_digest = digest_text(salt, line.text)
    columns = _columns(subject, line, actor, head, text_digest, key, now)
    entry = Entry(id=session.execute(_ENTRY, columns).scalar_one(), **columns)
    if salt is not None and line.text is not None:
        session.execute(_TEXT, {"entry_id": entry.id, "salt": salt, "text": dict(line.text)})
    head.seq, head.digest = entry.seq, entry.digest
    head.mac = digest_head(key, head)
    return entry


_entries: Any = Entry.__table__
_texts: Any = EntryText.__table__
_ENTRY = _entries.insert().returning(_entries.c.id)
_TEXT = _texts.insert()


def begin(session: Session, subject: tuple[str, int]) -> None:
    """Begin the chain of a subject that was stored in this transaction, so that nobody else can begin it too."""
    head = Head(**_new_head(subject))
    session.add(head)
    remembered(session)["head", subject] = head


def _columns(
    subject: tuple[str, int],
    line: Line,
    actor: ActorRef,
    head: AnyHead,
    text_digest: str | None,
    key: AuditKey,
    now: datetime,
) -> dict[str, Any]:
    """The columns of the entry that follows `head`, with its digest."""
    columns: dict[str, Any] = {
        "subject_kind": subject[0],
        "subject_id": subject[1],
        "seq": head.seq + 1,
        "kind": line.kind,
        "happened_at": line.happened_at or now,
        "recorded_at": now,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "on_behalf_of": actor.on_behalf_of,
        "corrects_id": line.corrects_id,
        "body": dict(line.body),
        "text_digest": text_digest,
        "key_id": key.key_id,
    }
    columns["digest"] = digest_entry(key, SimpleNamespace(**columns), head.digest)
    return columns


def append_many(
    session: Session, filed: Sequence[tuple[tuple[str, int], Line, ActorRef]], *, now: datetime
) -> list[int]:
    """Add (subject, line, actor) in the order given, in a few statements; the ids of the entries in that order.

    The digests are those of `append`. For imports: nothing of the subjects may be pending in the session.
    """
    if not filed:
        return []
    key = audit_key()
    heads, begun = _locked_heads(session, {subject for subject, _, _ in filed})
    rows, texts = [], []
    ids = take_ids(session, Entry, len(filed))
    for entry_id, (subject, line, actor) in zip(ids, filed, strict=True):
        head, salt = heads[subject], secrets.token_hex(16)
        text_digest = digest_text(salt, line.text) if line.text is not None else None
        columns = _columns(subject, line, actor, head, text_digest, key, now)
        rows.append({"id": entry_id, **columns})
        if line.text is not None:
            texts.append({"entry_id": entry_id, "salt": salt, "text": dict(line.text)})
        head.seq, head.digest = columns["seq"], columns["digest"]
    insert_rows(session, Entry, rows)
    insert_rows(session, EntryText, texts)
    _move_heads(session, heads, begun, key)
    return ids


def _locked_heads(
    session: Session, subjects: Collection[Subject]
) -> tuple[dict[Subject, SimpleNamespace], set[Subject]]:
    """The heads of `subjects`, locked in their order, as plain values; and which of them begin a chain."""
    session.flush()
    wanted = sorted(subjects)
    found = session.execute(
        select(_heads)
        .where(tuple_(_heads.c.subject_kind, _heads.c.subject_id).in_(wanted))
        .order_by(_heads.c.subject_kind, _heads.c.subject_id)
        .with_for_update()
    ).mappings()
    heads = {(head["subject_kind"], head["subject_id"]): SimpleNamespace(**head) for head in found}
    begun = {subject for subject in wanted if subject not in heads}
    heads.update((subject, SimpleNamespace(**_new_head(subject))) for subject in begun)
    return heads, begun


def _new_head(subject: tuple[str, int]) -> dict[str, Any]:
    """The columns of the head of a chain that has no entry yet."""
    kind, subject_id = subject
    return {
        "subject_kind": kind,
        "subject_id": subject_id,
        "seq": 0,
        "digest": ZERO,
        "mac": "",
        "sealed_seq": 0,
    }


def _move_heads(
    session: Session, heads: Mapping[Subject, SimpleNamespace], begun: set[Subject], key: AuditKey
) -> None:
    """Write the heads, in one statement for those that were there; what the session knew of them is read again."""
    for head in heads.values():
        head.mac = digest_head(key, head)
    insert_rows(session, Head, [vars(heads[subject]) for subject in sorted(begun)])
    moved = [subject for subject in sorted(heads) if subject not in begun]
    if not moved:
        return
    names = {
        "subject_kind": "of_kind",
        "subject_id": "of_id",
        "seq": "to_seq",
        "digest": "to_digest",
        "mac": "to_mac",
    }
    session.execute(
        _MOVE, [{new: getattr(heads[subject], name) for name, new in names.items()} for subject in moved]
    )
    for subject in moved:
        known = session.identity_map.get(identity_key(Head, subject))
        if known is not None:
            session.expire(known)


_heads: Any = Head.__table__

_MOVE = (
    update(_heads)
    .where(_heads.c.subject_kind == bindparam("of_kind"), _heads.c.subject_id == bindparam("of_id"))
    .values(seq=bindparam("to_seq"), digest=bindparam("to_digest"), mac=bindparam("to_mac"))
)


def _locked_head(session: Session, subject: tuple[str, int], key: AuditKey) -> Head:
    """The head of the subject's chain, locked until the transaction ends; read once in it."""
    known = remembered(session)
    head: Head | None = known.get(("head", subject))
    if head is None or head not in session:  # a long work lets go of what it read; the lock stays
        asked = {"kind": subject[0], "id": subject[1]}
        head = (
            session.scalars(_HEAD, asked).one_or_none()
            or _begun(session, subject, key)
            or session.scalars(_HEAD, asked).one()
        )
        known["head", subject] = head
    return head


_HEAD = (
    select(Head)
    .where(Head.subject_kind == bindparam("kind"), Head.subject_id == bindparam("id"))
    .with_for_update()
)


def _begun(session: Session, subject: tuple[str, int], key: AuditKey) -> Head | None:
    """The head of a new chain; None where another writer began it meanwhile (this waits until that one is stored)."""
    columns = _new_head(subject)
    columns["mac"] = digest_head(key, SimpleNamespace(**columns))
    on = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return session.scalars(
        on.insert(Head).values(columns).on_conflict_do_nothing().returning(Head)
    ).one_or_none()


def digest_text(salt: str, text: Mapping[str, Any]) -> str:
    """The salted digest by which an entry commits to its personal text."""
    return hashlib.sha256(f"{salt}\x1f{canonical(text)}".encode()).hexdigest()


def digest_entry(key: AuditKey, entry: Entry | SimpleNamespace, previous: str) -> str:
    """The keyed digest of an entry on top of the digest of the entry before it."""
    return key.mac(
        "entry",
        previous,
        f"{entry.subject_kind}/{entry.subject_id}/{entry.seq}",
        entry.kind,
        instant(entry.happened_at),
        instant(entry.recorded_at),
        f"{entry.actor_kind}/{entry.actor_id or ''}/{entry.on_behalf_of or ''}",
        str(entry.corrects_id or ""),
        canonical(entry.body),
        entry.text_digest or "",
    )


def digest_head(key: AuditKey, head: AnyHead) -> str:
    return key.mac("head", f"{head.subject_kind}/{head.subject_id}/{head.seq}", head.digest)


def canonical(value: Mapping[str, Any]) -> str:
    """One spelling for one value: sorted keys, no blanks, as text that both databases give back alike."""
    return _SPELLED.encode(value)


def instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds")
