"""Clocks: running deadlines of a subject, computed when they change and stored."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from casedesk.store.db import Base, Id

STATES = ("running", "paused", "kept", "late", "cancelled")


class Clock(Base):
    """One deadline of one subject. `late` was stopped after it was due; a running clock past `due_at` is late now.

    `working` tells how `due_at` came about (start, length, calendar, pauses), so that it can be opened.
    """

    __tablename__ = "clocks"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="state"),
        UniqueConstraint("subject_kind", "subject_id", "name", "round"),
        Index("ix_clocks_running", "state", "due_at"),
    )

    id: Mapped[Id]
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    name: Mapped[str]
    round: Mapped[int] = mapped_column(default=1)
    state: Mapped[str]
    by_law: Mapped[bool] = mapped_column(default=False)
    started_at: Mapped[datetime]
    due_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    breached_at: Mapped[datetime | None]
    working: Mapped[dict[str, Any]]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012
