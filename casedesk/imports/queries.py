"""Imports as the pages show them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.models import Person
from casedesk.imports.models import ImportRun
from casedesk.kernel.errors import NotFound

SHOWN = 100


@dataclass(frozen=True)
class RunLine:
    """One import: what, by whom, how far."""

    id: int
    kind: str
    source: str
    file_name: str
    person: str
    state: str
    rows_in: int
    stored: int
    known: int
    refused: int
    totals: dict[str, Any]
    toml: str
    joined: tuple[str, ...]
    has_file: bool
    has_errors: bool
    started_at: datetime
    ended_at: datetime | None

    @property
    def going(self) -> bool:
        return self.state in ("waiting", "running")

    @property
    def share(self) -> int:
        """Per cent of the rows that are dealt with."""
        return 100 * (self.stored + self.known + self.refused) // self.rows_in if self.rows_in else 0


def runs(session: Session) -> list[RunLine]:
    """The newest imports."""
    return [_line(row) for row in session.execute(_query().order_by(ImportRun.id.desc()).limit(SHOWN))]


def run(session: Session, run_id: int) -> RunLine:
    """Raises NotFound."""
    row = session.execute(_query().where(ImportRun.id == run_id)).one_or_none()
    if row is None:
        raise NotFound("not_found")
    return _line(row)


def error_digest(session: Session, run_id: int) -> tuple[str, str]:
    """Digest and file name of the rows that were refused. Raises NotFound where there are none."""
    row = session.execute(
        select(ImportRun.error_digest, ImportRun.file_name).where(ImportRun.id == run_id)
    ).one_or_none()
    if row is None or row.error_digest is None:
        raise NotFound("not_found")
    return row.error_digest, row.file_name


def _query() -> Any:
    table: Any = ImportRun.__table__
    return select(*table.c, Person.name.label("person")).outerjoin(Person, Person.id == table.c.person_id)


def _line(row: Any) -> RunLine:
    return RunLine(
        id=row.id,
        kind=row.kind,
        source=row.source,
        file_name=row.file_name,
        person=row.person or "",
        state=row.state,
        rows_in=row.rows_in,
        stored=row.stored,
        known=row.known,
        refused=row.refused,
        totals=row.totals,
        toml=row.mapping["toml"],
        joined=tuple(row.mapping["files"]),
        has_file=row.file_digest is not None,
        has_errors=row.error_digest is not None,
        started_at=row.started_at,
        ended_at=row.ended_at,
    )


def kept_files(session: Session, run_id: int) -> tuple[str, dict[str, str]] | None:
    """Digests of the upload and of the files it joins; None once the import has ended."""
    row = session.execute(
        select(ImportRun.file_digest, ImportRun.mapping).where(ImportRun.id == run_id)
    ).one_or_none()
    if row is None:
        raise NotFound("not_found")
    return (row.file_digest, row.mapping["files"]) if row.file_digest else None
