"""Erasing personal text: the entry stays with its digest, the words go, and the chain stays whole.

An erasure is itself an entry, which lists the digests that it released; the database deletes a text only with the
leave that names this entry. The erasures are also listed in a file beside the database, so that a backup made
before them can be brought back without bringing the words back.
"""

import json
import os
from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from casedesk.store import outbox, record
from casedesk.store.models import Entry, EntryText, Erasure
from casedesk.store.record import ActorRef, Line
from casedesk.store.work import Call, Job

KIND = "erasure"
FILE = "erasures.jsonl"


def erase_texts(
    session: Session, entry_ids: Collection[int], *, actor: ActorRef, now: datetime, reason: str
) -> list[Entry]:
    """Delete the texts of these entries. Answers the erasure entries, one per subject; what has no text is left out.

    `reason` is a code (``customer_asked``, ``retention``), never a sentence about a person.
    """
    written = []
    for subject, lines in _by_subject(session, entry_ids).items():
        body = {"reason": reason, "digests": {str(entry_id): digest for entry_id, digest in lines}}
        entry = record.append(session, subject, Line(KIND, body), actor=actor, now=now)
        session.add_all(Erasure(entry_id=entry_id, erasure_entry_id=entry.id) for entry_id, _ in lines)
        session.flush()
        session.execute(delete(EntryText).where(EntryText.entry_id.in_([entry_id for entry_id, _ in lines])))
        list_erasure(
            session, "texts", key=f"erased-{entry.id}", now=now, reason=reason, digests=body["digests"]
        )
        written.append(entry)
    return written


def list_erasure(session: Session, what: str, *, key: str, now: datetime, **facts: Any) -> None:
    """Have the erasure listed in the file that survives the database. `facts` are ids and codes, nothing personal.

    `restore` replays a line through the replay of `what` (casedesk/restore.py).
    """
    outbox.put(session, "erasure.list", key=key, due_at=now, now=now, what=what, at=now.isoformat(), **facts)


def listed(data_dir: Path) -> Iterator[dict[str, Any]]:
    """The erasures of the list, oldest first, each once."""
    path = data_dir / FILE
    if not path.exists():
        return
    seen = set()
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            if line.strip() and line not in seen:
                seen.add(line)
                yield json.loads(line)


def _by_subject(session: Session, entry_ids: Collection[int]) -> dict[tuple[str, int], list[tuple[int, str]]]:
    rows = session.execute(
        select(Entry.id, Entry.subject_kind, Entry.subject_id, Entry.text_digest)
        .join(EntryText, EntryText.entry_id == Entry.id)
        .where(Entry.id.in_(entry_ids))
        .order_by(Entry.subject_kind, Entry.subject_id, Entry.id)
    )
    subjects: dict[tuple[str, int], list[tuple[int, str]]] = {}
    for entry_id, kind, subject_id, digest in rows:
        subjects.setdefault((kind, subject_id), []).append((entry_id, digest or ""))
    return subjects


def _prepare(_session: Session, job: Job, *, now: datetime) -> str:
    return json.dumps({"key": job.key, **job.payload}, sort_keys=True)


def _append(line: str) -> None:
    """Append to the list and wait for the disk. A line that stands there twice is read once."""
    path = current_app.extensions["settings"].data_dir / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as listing:
        listing.write(line + "\n")
        listing.flush()
        os.fsync(listing.fileno())


def _finish(_session: Session, _job: Job, _result: None, *, now: datetime) -> None:
    """The done-mark says it all."""


LIST = Call(_prepare, _append, _finish)
