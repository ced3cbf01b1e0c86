"""What happens to an import from its upload to its end. The rows themselves are stored by running.py."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from casedesk.imports.models import ExternalReference, ImportRun
from casedesk.imports.running import Tally
from casedesk.kernel.errors import Conflict, NotFound
from casedesk.store import blobs, outbox

READY, WAITING, RUNNING, DONE, FAILED = "ready", "waiting", "running", "done", "failed"

BYTES = "application/octet-stream"

NO_ERRORS = "no_errors"
"""Set in the mapping of a run whose refused rows are not to be kept: somebody in its file was erased meanwhile."""

ERRORS_KEPT = timedelta(days=30)
UPLOADS_KEPT = timedelta(days=7)
"""How long refused rows wait to be mended, and an upload to be started."""


@dataclass(frozen=True)
class NewImport:
    """An upload: the file, the mapping's text, and the files that it joins by name."""

    kind: str
    source: str
    file_name: str
    data: bytes
    mapping: str
    joined: Mapping[str, bytes]


def upload(session: Session, new: NewImport, *, person_id: int, now: datetime) -> ImportRun:
    """Keep the files and the mapping; nothing of them is stored yet."""
    files = {name: blobs.put(session, data, BYTES, now=now) for name, data in new.joined.items()}
    run = ImportRun(
        kind=new.kind,
        source=new.source,
        file_name=new.file_name,
        mapping={"toml": new.mapping, "files": files},
        person_id=person_id,
        state=READY,
        totals={},
        file_digest=blobs.put(session, new.data, BYTES, now=now),
        started_at=now,
    )
    session.add(run)
    session.flush()
    return run


def start(session: Session, run_id: int, *, now: datetime) -> ImportRun:
    """Leave the import to the worker. Raises Conflict where it was started before."""
    run = locked(session, run_id)
    if run.state not in (READY, FAILED):
        raise Conflict("import.started")
    if run.file_digest is None:
        raise Conflict("import.gone")
    again = f"-again-{now:%Y%m%dT%H%M%S}" if run.state == FAILED else ""
    run.state, run.started_at, run.totals = WAITING, now, {}
    outbox.put(session, "import.run", key=f"import-{run.id}{again}", due_at=now, now=now, run_id=run.id)
    session.flush()
    return run


def progress(session: Session, run_id: int, tally: Tally) -> None:
    """How far the run is."""
    run = locked(session, run_id)
    _note(run, tally)


def finish(
    session: Session, run_id: int, tally: Tally, error_file: bytes | None, media_type: str, *, now: datetime
) -> None:
    """Every row is stored, known or refused: keep totals and error file, let go of what was uploaded."""
    run = locked(session, run_id)
    _note(run, tally)
    run.state, run.ended_at = DONE, now
    uploaded, joined = run.file_digest, dict(run.mapping["files"])
    run.file_digest = None
    if error_file is not None and not run.mapping.get(NO_ERRORS):
        run.error_digest = blobs.put(session, error_file, media_type, now=now)
    run.mapping = {**run.mapping, "files": dict.fromkeys(joined)}
    session.flush()
    for digest in {uploaded, *joined.values()} - {None}:
        blobs.release(session, str(digest), now=now)


def fail(session: Session, run_id: int, sentence: str, *, now: datetime) -> None:
    """The import cannot go on; what was stored so far is kept, and it can be started again."""
    run = locked(session, run_id)
    run.state, run.ended_at = FAILED, now
    run.totals = {**run.totals, "failed": sentence}


def expire(session: Session, *, now: datetime) -> None:
    """Let go of refused rows that nobody mended in time, and of uploads that nobody started: both hold personal data."""
    old = select(ImportRun).where(
        or_(
            ImportRun.error_digest.is_not(None) & (ImportRun.ended_at < now - ERRORS_KEPT),
            ImportRun.file_digest.is_not(None)
            & ImportRun.state.in_((READY, FAILED))
            & (ImportRun.started_at < now - UPLOADS_KEPT),
        )
    )
    for run in session.scalars(old.order_by(ImportRun.id).with_for_update()):
        forget_files(session, run, now)


def forget_customer(session: Session, customer_id: int, *, now: datetime) -> None:
    """No file of an import from a source that knew the erased customer is kept any more, refused rows included.

    Whole files, for a refused row need not bear the reference by which the others know its customer.
    """
    sources = select(ExternalReference.source).where(
        ExternalReference.kind == "customers", ExternalReference.target_id == customer_id
    )
    kept = select(ImportRun).where(
        ImportRun.source.in_(sources),
        ImportRun.state.in_((READY, FAILED, DONE)),
        or_(ImportRun.error_digest.is_not(None), ImportRun.file_digest.is_not(None)),
    )
    for run in session.scalars(kept.order_by(ImportRun.id).with_for_update()):
        forget_files(session, run, now)


def forget_errors_to_come(run: ImportRun) -> None:
    """The run goes on, for its rows are being stored; what it refuses is not kept."""
    run.mapping = {**run.mapping, NO_ERRORS: True}


def forget_files(session: Session, run: ImportRun, now: datetime) -> None:
    """Let go of what was uploaded and of what was refused."""
    joined = dict(run.mapping["files"])
    digests = {run.file_digest, run.error_digest, *joined.values()} - {None}
    run.file_digest = run.error_digest = None
    run.mapping = {**run.mapping, "files": dict.fromkeys(joined)}
    session.flush()
    for digest in sorted(map(str, digests)):
        blobs.release(session, digest, now=now)


def locked(session: Session, run_id: int) -> ImportRun:
    run = session.scalars(select(ImportRun).where(ImportRun.id == run_id).with_for_update()).one_or_none()
    if run is None:
        raise NotFound("not_found")
    return run


def _note(run: ImportRun, tally: Tally) -> None:
    run.rows_in = tally.rows_in
    run.stored, run.known, run.refused = (tally.rows[state] for state in ("stored", "known", "refused"))
    totals: dict[str, Any] = tally.plain()
    run.totals = totals
