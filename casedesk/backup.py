"""`casedesk backup` and `restore`: the whole desk in one file, readable on either database.

A backup is a ZIP of tables as JSON lines, of the files that they name and of a manifest. It is one instant: the tables
are read in one transaction; files never change, and one that was erased meanwhile is left out. What was erased after
the backup is erased again when it is restored: the list of erasures lies beside the database, not in it.
"""

import json
import os
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import Connection, Engine, inspect, select, text, update
from sqlalchemy.orm import Session

from casedesk.accounts.actor import not_a_person
from casedesk.cases.actions.erasing import erase_of_customer
from casedesk.customers.actions import blank
from casedesk.customers.models import Customer
from casedesk.kernel.errors import NotFound
from casedesk.mediation.sealed.actions import DESTROYED, destroy_again
from casedesk.schema import metadata, prepare
from casedesk.store import blobs, dump, erasure, migrate, record
from casedesk.store.db import db, writing
from casedesk.store.keyring import audit_key
from casedesk.store.models import Blob, Entry, EntryText, OutboxRow
from casedesk.store.record import SYSTEM, Line
from casedesk.store.transaction import transaction

FORMAT = "casedesk backup 1"

NOT_KEPT = ("sign_ins", "sign_in_attempts", "notes_unlockings")
"""Whoever was signed in signs in again: a restored session could be one that was ended."""


class RestoreError(Exception):
    """The backup cannot be restored here; the message says what to change."""


@dataclass(frozen=True)
class Summary:
    """What a backup holds, or what a restore brought back."""

    rows: int
    files: int
    files_missing: int
    erased_again: int = 0
    """Texts and customers that came back and were erased again."""


Replay = Callable[..., int]


def replay_texts(session: Session, listed: dict[str, Any], *, now: datetime) -> int:
    """Erase again the texts that `listed` names and that came back. Answers how many."""
    back = [
        entry_id
        for entry_id, digest in session.execute(
            select(Entry.id, Entry.text_digest)
            .join(EntryText, EntryText.entry_id == Entry.id)
            .where(Entry.id.in_([int(one) for one in listed["digests"]]))
        )
        if listed["digests"][str(entry_id)] == digest
    ]
    if back:
        erasure.erase_texts(session, back, actor=SYSTEM, now=now, reason=f"restored.{listed['reason']}")
    return len(back)


def replay_customer(session: Session, listed: dict[str, Any], *, now: datetime) -> int:
    """Erase again the customer whom `listed` names, with cases and what hangs on them, if they came back."""
    customer = session.get(Customer, listed["customer_id"], with_for_update=True)
    if customer is None or customer.erased_at is not None:
        return 0
    blank(session, customer, now)
    line = Line("customer.erased", {"restored": True})
    record.append(session, ("customer", customer.id), line, actor=SYSTEM, now=now)
    erase_of_customer(session, customer.id, actor=not_a_person("system"), now=now)
    return 1


REPLAYS: dict[str, Replay] = {"texts": replay_texts, "customer": replay_customer, DESTROYED: destroy_again}
"""How each kind of listed erasure (`erasure.list_erasure`) is done again after a restore."""


def backup(target: Path, scripts: Path, *, now: datetime) -> Summary:
    """Write the whole desk to `target`; the file appears when it is complete."""
    part = target.with_name(f"{target.name}.part")
    with (
        zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive,
        _snapshot() as connection,
    ):
        counts = {}
        for table in dump.tables(connection, metadata().tables.keys() - set(NOT_KEPT)):
            counts[table.name] = _write_table(archive, connection, table)
        digests = list(connection.scalars(select(Blob.digest).order_by(Blob.digest)))
        missing = sum(not _write_file(archive, digest) for digest in digests)
        listing = current_app.extensions["settings"].data_dir / erasure.FILE
        if listing.exists():
            archive.write(listing, erasure.FILE)
        manifest = {
            "format": FORMAT,
            "at": now.isoformat(),
            "revision": migrate.revisions(db.engine, scripts)[0],
            "key_id": audit_key().key_id,
            "tables": counts,
        }
        archive.writestr("manifest.json", json.dumps(manifest, indent=1))
    with part.open("rb") as written:
        os.fsync(written.fileno())
    part.replace(target)
    return Summary(sum(counts.values()), len(digests) - missing, missing)


def restore(source: Path, scripts: Path, *, now: datetime) -> Summary:
    """Bring the desk of `source` into this installation's empty database. Raises RestoreError."""
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = _manifest(archive)
            _refuse_a_desk_in_use(db.engine)
            migrate.upgrade(db.engine, scripts, manifest["revision"])
            rows = _load_tables(archive, db.engine, manifest)
            prepare(db.engine, scripts)
            files, missing = _load_files(archive)
            erasures = _merge_erasures(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError):
        raise RestoreError(f"{source} is not a backup of casedesk, or it is damaged") from None
    with transaction() as session:
        _doubt_what_may_have_left(session)
        again = sum(REPLAYS[one["what"]](session, one, now=now) for one in erasures)
    return Summary(rows, files, missing, again)


@contextmanager
def _snapshot() -> Iterator[Connection]:
    """A connection that reads one instant."""
    engine = db.engine
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.connect() as connection:
        yield connection


def _write_table(archive: zipfile.ZipFile, connection: Connection, table: Any) -> int:
    count = 0
    with archive.open(f"tables/{table.name}.jsonl", "w", force_zip64=True) as member:
        for line in dump.lines(connection, table):
            member.write(line.encode() + b"\n")
            count += 1
    return count


def _write_file(archive: zipfile.ZipFile, digest: str) -> bool:
    try:
        archive.writestr(f"blobs/{digest}", blobs.store().read(digest), zipfile.ZIP_STORED)
    except NotFound:
        return False
    return True


def _manifest(archive: zipfile.ZipFile) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads(archive.read("manifest.json"))
        if manifest["format"] != FORMAT:
            raise ValueError(manifest["format"])
    except (KeyError, ValueError) as error:
        raise RestoreError(f"this file is not a backup that this release reads ({error})") from error
    if manifest["key_id"] != audit_key().key_id:
        raise RestoreError(
            f"the backup was made under another AUDIT_KEY ({manifest['key_id']}); set that one, or nothing can be verified"
        )
    damaged = archive.testzip()
    if damaged:
        raise RestoreError(f"the backup is damaged at {damaged}")
    return manifest


def _refuse_a_desk_in_use(engine: Engine) -> None:
    with engine.connect() as connection:
        known = set(inspect(connection).get_table_names()) & {"people", "cases", "entries"}
        used = [name for name in sorted(known) if connection.scalar(text(f"SELECT 1 FROM {name} LIMIT 1"))]  # noqa: S608 - our own names
    if used:
        raise RestoreError(
            f"the database is not empty ({', '.join(used)} have rows); restore into a new one and change DATABASE_URL"
        )


def _load_tables(archive: zipfile.ZipFile, engine: Engine, manifest: dict[str, Any]) -> int:
    token = writing.set(True)
    try:
        with engine.begin() as connection:
            return sum(
                _load_table(archive, connection, table, manifest)
                for table in dump.tables(connection, manifest["tables"].keys())
            )
    finally:
        writing.reset(token)


def _load_table(
    archive: zipfile.ZipFile, connection: Connection, table: Any, manifest: dict[str, Any]
) -> int:
    model = metadata().tables.get(table.name)
    append_only = model is not None and bool(model.info.get("append_only"))
    with archive.open(f"tables/{table.name}.jsonl") as member:
        count = dump.load(connection, table, (line.decode() for line in member), append_only=append_only)
    if count != manifest["tables"][table.name]:
        raise RestoreError(f"{table.name}: {count} rows of {manifest['tables'][table.name]} in the backup")
    return count


def _load_files(archive: zipfile.ZipFile) -> tuple[int, int]:
    stored = {name.removeprefix("blobs/") for name in archive.namelist() if name.startswith("blobs/")}
    for digest in sorted(stored):
        blobs.store().write(digest, archive.read(f"blobs/{digest}"))
    named = set(db.session.scalars(select(Blob.digest)))
    db.session.rollback()
    return len(stored), len(named - stored)


def _merge_erasures(archive: zipfile.ZipFile) -> list[dict[str, Any]]:
    """The erasures of the list that survived and of the one in the backup; the file has both from now on."""
    data_dir: Path = current_app.extensions["settings"].data_dir
    known = {one["key"]: one for one in erasure.listed(data_dir)}
    if erasure.FILE in archive.namelist():
        older = (json.loads(line) for line in archive.read(erasure.FILE).decode().splitlines() if line)
        known = {one["key"]: one for one in older} | known
        data_dir.mkdir(parents=True, exist_ok=True)
        merged = "".join(json.dumps(one, sort_keys=True) + "\n" for one in known.values())
        (data_dir / erasure.FILE).write_text(merged, encoding="utf-8")
    return list(known.values())


def _doubt_what_may_have_left(session: Session) -> None:
    """What was still to be sent may have been sent between the backup and the loss: repeated, and said so."""
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.state.in_(("ready", "sending")), OutboxRow.key.not_like("every/%"))
        .values(state="ready", uncertain=True, claimed_until=None)
    )
