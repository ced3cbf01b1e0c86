"""Clocks: running deadlines of a subject, computed when they change and stored; the calendars, times and thresholds
that the desk sets; and what was noticed of a clock when, for ever."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from casedesk.store.db import Base, Id

STATES = ("running", "paused", "kept", "late", "cancelled")


class Clock(Base):
    """One deadline of one subject. `late` was stopped after it was due; a running clock past `due_at` is late now.

    `working` tells how `due_at` came about (start, length, hours, pauses), so that it can be opened and reckoned again.
    `passed` is the last threshold (minutes before or after the due instant) that was noticed, `next_look_at` the
    instant of the next one: what the sweep goes by where the work left for it was lost.
    """

    __tablename__ = "clocks"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="state"),
        UniqueConstraint("subject_kind", "subject_id", "name", "round"),
        Index("ix_clocks_running", "state", "due_at"),
        Index("ix_clocks_next_look", "state", "next_look_at", "id"),
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
    passed: Mapped[int | None]
    next_look_at: Mapped[datetime | None]
    working: Mapped[dict[str, Any]]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class ClockMark(Base):
    """A threshold of a clock was noticed: once for each due instant. Append-only; tells how late the look came.

    `told` is false for a reminder that came too late to be of use, because the clock had run out meanwhile.
    """

    __tablename__ = "clock_marks"
    __table_args__ = (
        UniqueConstraint("clock_id", "due_at", "threshold"),
        {"info": {"append_only": True}},
    )

    id: Mapped[Id]
    clock_id: Mapped[int] = mapped_column(ForeignKey("clocks.id"))
    due_at: Mapped[datetime]
    threshold: Mapped[int]
    planned_at: Mapped[datetime]
    noticed_at: Mapped[datetime]
    told: Mapped[bool]
    by_sweep: Mapped[bool]


class ServiceCalendar(Base):
    """When a desk works: opening hours by weekday in one zone, the holidays of a region, days closed of the house's own.

    The calendar with `entity_id` is that entity's usual one. Every change counts `version` up; clocks keep what they
    were reckoned with.
    """

    __tablename__ = "service_calendars"

    id: Mapped[Id]
    name_en: Mapped[str] = mapped_column(unique=True)
    name_fr: Mapped[str]
    zone: Mapped[str]
    region: Mapped[str] = mapped_column(default="")
    weekly: Mapped[list[Any]]
    closed: Mapped[list[str]]
    entity_id: Mapped[int | None] = mapped_column(ForeignKey("entities.id"), unique=True)
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class ServiceTimeRow(Base):
    """How many minutes of service time a clock gives, for what the row names; an empty column is any."""

    __tablename__ = "service_times"
    __table_args__ = (
        CheckConstraint("minutes > 0", name="minutes"),
        CheckConstraint("priority IS NULL OR priority IN (1, 2, 3, 4)", name="priority"),
    )

    id: Mapped[Id]
    clock: Mapped[str]
    kind: Mapped[str | None]
    priority: Mapped[int | None]
    customer: Mapped[str | None]
    entity_id: Mapped[int | None] = mapped_column(ForeignKey("entities.id"))
    calendar_id: Mapped[int | None] = mapped_column(ForeignKey("service_calendars.id"))
    minutes: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class ClockThreshold(Base):
    """When a clock speaks beside its due instant: `minutes` of service time before (negative) or after it, and to whom.

    `clock` is the name of a clock; ``statutory`` stands for all that the law sets.
    """

    __tablename__ = "clock_thresholds"
    __table_args__ = (
        UniqueConstraint("clock", "minutes"),
        CheckConstraint("tell IN ('owner', 'team-lead', 'manager')", name="tell"),
    )

    id: Mapped[Id]
    clock: Mapped[str]
    minutes: Mapped[int]
    tell: Mapped[str] = mapped_column(default="owner")
    by_mail: Mapped[bool] = mapped_column(default=False)
