"""The record of a case as a person reads it: entries with their texts, files and decisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, and_, bindparam, select
from sqlalchemy.orm import Session

from casedesk.accounts.models import Person
from casedesk.cases.models import Attachment, Decision
from casedesk.store.db import values
from casedesk.store.models import Entry, EntryText

NEWEST = 200
"""Entries shown at once; older ones are a link away."""


@dataclass(frozen=True)
class EntryLine:
    """One entry. `text` is None after an erasure (or where there never was any)."""

    id: int
    seq: int
    kind: str
    happened_at: datetime
    recorded_at: datetime
    actor_kind: str
    actor_id: int | None
    actor_name: str | None
    corrects_id: int | None
    body: dict[str, Any]
    text: dict[str, Any]
    erased: bool


@dataclass(frozen=True)
class FileLine:
    id: int
    entry_id: int
    name: str
    media_type: str
    size: int
    grade: str
    kept: bool


@dataclass(frozen=True)
class Timeline:
    """The newest entries in the order in which things happened, files by entry, and whether older ones exist."""

    entries: list[EntryLine]
    files: dict[int, list[FileLine]]
    older: bool
    last_seq: int


def timeline(session: Session, case_id: int, *, before: int | None = None, size: int = NEWEST) -> Timeline:
    """The newest `size` entries of the case (those before number `before`), oldest first."""
    lines = _entries(session, case_id, before, size + 1)
    older, lines = len(lines) > size, lines[:size]
    last = max((line.seq for line in lines), default=0)
    lines.sort(key=lambda line: (line.happened_at, line.seq))
    with_files = [line.id for line in lines if line.body.get("attachments")]
    return Timeline(lines, _files(session, case_id) if with_files else {}, older, last)


def entries_after(session: Session, case_id: int, seq: int) -> list[EntryLine]:
    """What was recorded after entry number `seq`: what somebody who read up to there has not seen."""
    return [line for line in _entries(session, case_id, None, NEWEST) if line.seq > seq][::-1]


def _entries(session: Session, case_id: int, before: int | None, limit: int) -> list[EntryLine]:
    statement = _ENTRIES if before is None else _ENTRIES.where(Entry.seq < before)
    rows = session.execute(statement, {"case": case_id, "size": limit})
    return [_line(tuple(row)) for row in rows]


_ENTRIES = (
    select(
        Entry.id,
        Entry.seq,
        Entry.kind,
        Entry.happened_at,
        Entry.recorded_at,
        Entry.actor_kind,
        Entry.actor_id,
        Person.name,
        Entry.corrects_id,
        Entry.body,
        EntryText.text,
        Entry.text_digest,
    )
    .outerjoin(Person, and_(Person.id == Entry.actor_id, Entry.actor_kind == "person"))
    .outerjoin(EntryText, EntryText.entry_id == Entry.id)
    .where(Entry.subject_kind == "case", Entry.subject_id == bindparam("case"))
    .order_by(Entry.seq.desc())
    .limit(bindparam("size", type_=Integer))
)


def _line(row: tuple[Any, ...]) -> EntryLine:
    text, digest = row[-2:]
    return EntryLine(*values((*row[:-2], text or {}, text is None and digest is not None)))


def _files(session: Session, case_id: int) -> dict[int, list[FileLine]]:
    rows = session.execute(
        select(
            Attachment.id,
            Attachment.entry_id,
            Attachment.name,
            Attachment.media_type,
            Attachment.size,
            Attachment.grade,
            Attachment.blob_digest.is_not(None),
        )
        .where(Attachment.case_id == case_id)
        .order_by(Attachment.id)
    )
    files: dict[int, list[FileLine]] = {}
    for row in rows:
        files.setdefault(row.entry_id, []).append(FileLine(*row))
    return files


@dataclass(frozen=True)
class DecisionHead:
    """Where a decision stands, and the version that an answer to it must name."""

    id: int
    n: int
    state: str
    outcome: str
    by_rule_minor: int | None
    amount_minor: int
    currency: str
    reason_code: str | None
    subscription_effect: str
    proposed_by: int
    proposed_at: datetime
    approved_by: int | None
    approval_reasons: Sequence[str]
    entry_id: int
    version: int
    proposer: str


def decisions(session: Session, case_id: int) -> list[DecisionHead]:
    """The decisions of the case, first to last."""
    rows = session.execute(
        select(
            Decision.id,
            Decision.n,
            Decision.state,
            Decision.outcome,
            Decision.by_rule_minor,
            Decision.amount_minor,
            Decision.currency,
            Decision.reason_code,
            Decision.subscription_effect,
            Decision.proposed_by,
            Decision.proposed_at,
            Decision.approved_by,
            Decision.approval_reasons,
            Decision.entry_id,
            Decision.version,
            Person.name,
        )
        .join(Person, Person.id == Decision.proposed_by)
        .where(Decision.case_id == case_id)
        .order_by(Decision.n)
    )
    return [DecisionHead(*tuple(row)) for row in rows]
