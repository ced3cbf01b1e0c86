"""Signals as they are kept: scans, episodes with the figures of each week, annotations, actions, votes, lessons.

`Signal.picture` is what the page draws, as of the latest scan; the figures that an episode had at each week's end
are append-only rows beside it.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from casedesk.reports.signal_rules import ANNOTATIONS, HELD, KINDS, SCAN_STATES, STATES
from casedesk.store.db import Base, Id


class ExposureRow(Base):
    """Imported exposure of a week (or day), source and product; `*` means all. An empty figure is unknown, never zero."""

    __tablename__ = "exposure_rows"
    __table_args__ = (
        UniqueConstraint("period", "source", "product"),
        CheckConstraint(
            "(active_subscriptions IS NULL OR active_subscriptions >= 0) "
            "AND (purchases IS NULL OR purchases >= 0)",
            name="not_negative",
        ),
    )

    id: Mapped[Id]
    period: Mapped[date]
    source: Mapped[str]
    product: Mapped[str]
    active_subscriptions: Mapped[int | None]
    purchases: Mapped[int | None]
    imported_at: Mapped[datetime]


class SignalScan(Base):
    """One scan of the database. `as_of`: only what came before this day was read. Progress is bookkeeping."""

    __tablename__ = "signal_scans"
    __table_args__ = (
        CheckConstraint(f"state IN {SCAN_STATES}", name="state"),
        Index("ix_signal_scans_as_of", "as_of", "id"),
        {"info": {"notes": True}},
    )

    id: Mapped[Id]
    as_of: Mapped[date]
    state: Mapped[str] = mapped_column(default="queued")
    asked_by: Mapped[int | None]
    asked_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    done: Mapped[int] = mapped_column(default=0)
    of: Mapped[int] = mapped_column(default=0)
    cases: Mapped[int] = mapped_column(default=0)
    weeks: Mapped[int] = mapped_column(default=0)
    series: Mapped[int] = mapped_column(default=0)
    judged: Mapped[date | None]
    past: Mapped[str] = mapped_column(default="")
    notes: Mapped[list[Any]]
    few: Mapped[list[Any]]
    error: Mapped[str | None]


class Signal(Base):
    """One finding and what people make of it. `source` is empty for a cause as a whole.

    `since`, `last`, `peak`: Mondays of an episode; empty for what holds over the whole period. `ended` is said by
    the scan, `state` by people. Money is in minor units by currency.
    """

    __tablename__ = "signals"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint(f"state IN {STATES}", name="state"),
        Index("ix_signals_cause", "cause", "source"),
        Index("ix_signals_state", "state", "ended"),
    )

    id: Mapped[Id]
    kind: Mapped[str]
    cause: Mapped[str]
    source: Mapped[str] = mapped_column(default="")
    dimension: Mapped[str] = mapped_column(default="")
    low: Mapped[int | None]
    high: Mapped[int | None]
    since: Mapped[date | None]
    last: Mapped[date | None]
    state: Mapped[str] = mapped_column(default="new")
    ended: Mapped[bool] = mapped_column(default=False)
    observed: Mapped[int]
    expected: Mapped[float]
    excess: Mapped[float]
    excess_money: Mapped[dict[str, Any]]
    weight: Mapped[int] = mapped_column(default=0)
    score: Mapped[float]
    finding: Mapped[dict[str, Any]]
    picture: Mapped[dict[str, Any]]
    first_scan_id: Mapped[int] = mapped_column(ForeignKey("signal_scans.id"))
    last_scan_id: Mapped[int] = mapped_column(ForeignKey("signal_scans.id"))
    found_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    told_excess: Mapped[float | None]
    explanation: Mapped[str] = mapped_column(default="")
    snoozed_until: Mapped[date | None]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class SignalWeek(Base):
    """The figures of one week of an episode as a scan saw them; the newest row of a week counts. Append-only."""

    __tablename__ = "signal_weeks"
    __table_args__ = (
        UniqueConstraint("signal_id", "week", "scan_id"),
        {"info": {"append_only": True}},
    )

    id: Mapped[Id]
    signal_id: Mapped[int] = mapped_column(ForeignKey("signals.id"))
    week: Mapped[date]
    scan_id: Mapped[int] = mapped_column(ForeignKey("signal_scans.id"))
    observed: Mapped[int]
    expected: Mapped[float]
    low: Mapped[int]
    high: Mapped[int]
    at_risk: Mapped[float | None]
    surprise: Mapped[float]


class SignalAnnotation(Base):
    """Something that happened in the business on a day: for one cause, or (empty) for all. Withdrawn, never deleted."""

    __tablename__ = "signal_annotations"
    __table_args__ = (
        CheckConstraint(f"kind IN {ANNOTATIONS}", name="kind"),
        Index("ix_signal_annotations_happened_on", "happened_on"),
    )

    id: Mapped[Id]
    happened_on: Mapped[date]
    kind: Mapped[str]
    said: Mapped[str]
    detail: Mapped[str] = mapped_column(default="")
    cause: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="")
    made_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    made_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class SignalAction(Base):
    """A change that somebody is to make because of a signal, and what it brought once it was made."""

    __tablename__ = "signal_actions"
    __table_args__ = (
        CheckConstraint(f"held IN {HELD}", name="held"),
        Index("ix_signal_actions_signal_id", "signal_id"),
    )

    id: Mapped[Id]
    signal_id: Mapped[int] = mapped_column(ForeignKey("signals.id"))
    change: Mapped[str]
    owner_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    due_on: Mapped[date]
    done_on: Mapped[date | None]
    effect: Mapped[dict[str, Any] | None]
    held: Mapped[str] = mapped_column(default="unknown")
    made_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    made_at: Mapped[datetime]


class SignalVote(Base):
    """What a person says of a finding: useful or not. One vote each, which may be changed."""

    __tablename__ = "signal_votes"

    signal_id: Mapped[int] = mapped_column(ForeignKey("signals.id"), primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, autoincrement=False)
    useful: Mapped[bool]
    at: Mapped[datetime]


class SignalLesson(Base):
    """What a closed signal taught: found, done, held. Append-only; read again when the cause comes back."""

    __tablename__ = "signal_lessons"
    __table_args__ = (
        CheckConstraint(f"held IN {HELD}", name="held"),
        Index("ix_signal_lessons_cause", "cause"),
        {"info": {"append_only": True}},
    )

    id: Mapped[Id]
    signal_id: Mapped[int] = mapped_column(ForeignKey("signals.id"))
    cause: Mapped[str]
    source: Mapped[str] = mapped_column(default="")
    found: Mapped[str]
    done: Mapped[str] = mapped_column(default="")
    held: Mapped[str]
    words: Mapped[str]
    """Found and done together, folded, so that a search finds them."""
    written_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    written_at: Mapped[datetime]
