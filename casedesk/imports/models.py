"""Import runs and the references by which a repeated row finds what it became."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from casedesk.store.db import Base, Id


class ImportRun(Base):
    __tablename__ = "import_runs"

    id: Mapped[Id]
    kind: Mapped[str]
    source: Mapped[str]
    file_name: Mapped[str]
    mapping: Mapped[dict[str, Any]]
    person_id: Mapped[int | None]
    state: Mapped[str]
    rows_in: Mapped[int] = mapped_column(default=0)
    stored: Mapped[int] = mapped_column(default=0)
    known: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    totals: Mapped[dict[str, Any]]
    file_digest: Mapped[str | None] = mapped_column(info={"blob": True})
    error_digest: Mapped[str | None] = mapped_column(info={"blob": True})
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ExternalReference(Base):
    """`reference` of `source` became row `target_id` of `kind`: feeding it again changes nothing."""

    __tablename__ = "external_references"
    __table_args__ = (Index("ix_external_references_target", "kind", "target_id"),)

    kind: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(primary_key=True)
    target_id: Mapped[int]
