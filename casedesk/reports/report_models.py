"""Reports that people keep: saved with their period and filters, shared by role, sent by mail; and files made of them."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from casedesk.store.db import Base, Id


class SavedReport(Base):
    """A report with what was asked of it. `asked` holds the picker's values as typed; `shared_with` names roles."""

    __tablename__ = "saved_reports"
    __table_args__ = (Index("ix_saved_reports_owner_id", "owner_id"),)

    id: Mapped[Id]
    name: Mapped[str]
    report: Mapped[str]
    asked: Mapped[dict[str, Any]]
    owner_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    shared_with: Mapped[list[str]]
    created_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class ReportSchedule(Base):
    """Who gets a saved report by mail, how often; [starts, next start) of the organisation's days are reported."""

    __tablename__ = "report_schedules"
    __table_args__ = (
        CheckConstraint("every IN ('day', 'week', 'month')", name="every"),
        Index("ix_report_schedules_saved_id", "saved_id"),
        Index("ix_report_schedules_due", "next_at"),
    )

    id: Mapped[Id]
    saved_id: Mapped[int] = mapped_column(ForeignKey("saved_reports.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    every: Mapped[str]
    next_at: Mapped[datetime]
    last_sent_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class ReportFile(Base):
    """A file of a report, drawn by the worker. `state`: asked, ready, failed; the bytes lie in blobs."""

    __tablename__ = "report_files"
    __table_args__ = (Index("ix_report_files_person_id", "person_id", "id"),)

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    schedule_id: Mapped[int | None] = mapped_column(ForeignKey("report_schedules.id"))
    report: Mapped[str]
    asked: Mapped[dict[str, Any]]
    format: Mapped[str]
    locale: Mapped[str]
    zone: Mapped[str]
    state: Mapped[str] = mapped_column(default="asked")
    name: Mapped[str] = mapped_column(default="")
    blob_digest: Mapped[str | None] = mapped_column(ForeignKey("blobs.digest"))
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="")
