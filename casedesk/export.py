"""`casedesk export`: the business data as JSON lines, one file a table, for whoever wants to leave or to analyse."""

import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.schema import metadata
from casedesk.store import dump
from casedesk.store.models import Entry

TECHNICAL = {"drafts", "form_tokens", "outbox", "sign_ins", "sign_in_attempts"}
"""Bookkeeping of this installation, of no use elsewhere."""

SEALED = {"notes_keys", "sealed_file_keys", "sealed_notes", "notes_unlockings"}
"""What only a mediator opens: an export is for others."""

CONFIDENTIAL = {"mediation_blind_offers", "mediation_documents", "mediation_parties"}
"""What is said in a mediation leaves by no export (Code de la consommation L612-3); states, days and outcomes do."""

SECRET = {"people": ("password_hash",)}


class _Sink(Protocol):
    def write(self, name: str, lines: Iterable[str]) -> int: ...


def export(session: Session, target: Path, *, now: datetime) -> dict[str, int]:
    """Write every business table to `target`, a folder or a ``.zip``, row by row. Answers rows by table."""
    connection = session.connection()
    counts = {}
    with _sink(target) as sink:
        for table in dump.tables(connection, metadata().tables.keys() - TECHNICAL - SEALED):
            lines = dump.lines(connection, table, SECRET.get(table.name, ()))
            counts[table.name] = sink.write(f"{table.name}.jsonl", _open(session, table.name, lines))
        about = {"format": "casedesk export 1", "at": now.isoformat(), "times": "UTC", "rows": counts}
        sink.write("export.json", [json.dumps(about)])
    return counts


def _open(session: Session, table: str, lines: Iterable[str]) -> Iterable[str]:
    """The lines without those that hold words of a mediation."""
    if table == "outgoing_mails":
        return (line for line in lines if json.loads(line)["subject_kind"] != "mediation")
    if table == "entry_texts":
        said = set(session.scalars(select(Entry.id).where(Entry.subject_kind == "mediation")))
        return (line for line in lines if json.loads(line)["entry_id"] not in said)
    return lines


@contextmanager
def _sink(target: Path) -> Iterator[_Sink]:
    if target.suffix == ".zip":
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            yield _Zip(archive)
    else:
        target.mkdir(parents=True, exist_ok=True)
        yield _Folder(target)


class _Folder:
    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, name: str, lines: Iterable[str]) -> int:
        with (self.root / name).open("w", encoding="utf-8") as file:
            return _count(file.write, lines)


class _Zip:
    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive

    def write(self, name: str, lines: Iterable[str]) -> int:
        with self.archive.open(name, "w", force_zip64=True) as member:
            return _count(lambda line: member.write(line.encode()), lines)


def _count(write: Callable[[str], object], lines: Iterable[str]) -> int:
    count = 0
    for line in lines:
        write(line + "\n")
        count += 1
    return count
