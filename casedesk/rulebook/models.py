"""Packs as published, drafts of the next ones, and each judgement with the facts, versions and verdict it rested on."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from casedesk.rulebook.rules import DRAFT_STATES, REPLAY_STATES
from casedesk.store.db import Base, Id


class PackVersion(Base):
    """A published pack: the text that judges. Never edited; a newer version supersedes. Append-only."""

    __tablename__ = "pack_versions"
    __table_args__ = (UniqueConstraint("pack", "version"), {"info": {"append_only": True}})

    id: Mapped[Id]
    pack: Mapped[str]
    version: Mapped[str]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    toml: Mapped[str]
    digest: Mapped[str] = mapped_column(unique=True)
    origin: Mapped[str]
    published_at: Mapped[datetime]
    published_by: Mapped[int | None]
    second_by: Mapped[int | None]


class StoredCalendar(Base):
    """The holidays that a verdict read, kept by content when first used: a replay reads these. Append-only."""

    __tablename__ = "calendars"
    __table_args__ = ({"info": {"append_only": True}},)

    digest: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    content: Mapped[dict[str, Any]]


class Judgement(Base):
    """One verdict with the facts it read. Append-only; decisions point at it and replay it.

    `facts` and `verdict` are canonical JSON as stored by the policy engine (codes and parameters, no names).
    """

    __tablename__ = "judgements"
    __table_args__ = (
        Index("ix_judgements_subject", "subject_kind", "subject_id", "id"),
        {"info": {"append_only": True}},
    )

    id: Mapped[Id]
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    judged_at: Mapped[datetime]
    judged_for: Mapped[date | None]
    outcome: Mapped[str]
    amount_minor: Mapped[int | None]
    currency: Mapped[str | None]
    facts: Mapped[dict[str, Any]]
    packs_until: Mapped[int] = mapped_column(default=0)
    """Id of the newest pack version published then: a replay reads the versions up to it."""
    pack_digests: Mapped[list[str]]
    verdict: Mapped[str]
    digest: Mapped[str]
    cause: Mapped[str | None]
    source: Mapped[str | None]
    plan: Mapped[str | None]


class JudgementRule(Base):
    __tablename__ = "judgement_rules"
    __table_args__ = (Index("ix_judgement_rules_rule_id", "rule_id"), {"info": {"append_only": True}})

    judgement_id: Mapped[int] = mapped_column(ForeignKey("judgements.id"), primary_key=True)
    rule_id: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[str]
    standing: Mapped[str]


_ACTIVE = text("state IN ('draft', 'in_review')")
"""A pack has one draft at a time: two would each undo the other."""


class PackDraft(Base):
    """The next version of a pack while people work on it. Once published it stays as it was, for the history."""

    __tablename__ = "pack_drafts"
    __table_args__ = (
        CheckConstraint(f"state IN {DRAFT_STATES}", name="state"),
        Index("uq_pack_drafts_active", "pack", unique=True, postgresql_where=_ACTIVE, sqlite_where=_ACTIVE),
    )

    id: Mapped[Id]
    pack: Mapped[str]
    version: Mapped[str]
    base_id: Mapped[int | None] = mapped_column(ForeignKey("pack_versions.id"))
    toml: Mapped[str]
    state: Mapped[str] = mapped_column(default="draft")
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]
    changed_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    changed_at: Mapped[datetime]
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    asked_at: Mapped[datetime | None]
    returned_note: Mapped[str] = mapped_column(default="")
    published_id: Mapped[int | None] = mapped_column(ForeignKey("pack_versions.id"))
    edit: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": edit}  # noqa: RUF012


class PackDraftEditor(Base):
    """Who wrote in a draft: none of them may publish it."""

    __tablename__ = "pack_draft_editors"

    draft_id: Mapped[int] = mapped_column(ForeignKey("pack_drafts.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)


class Replay(Base):
    """A draft as it stood, judged over chosen stored judgements by the worker; `last_id` is how far it is.

    `tallies` holds counts and money by what became of a case, and by cause, source and plan.
    """

    __tablename__ = "replays"
    __table_args__ = (
        CheckConstraint(f"state IN {REPLAY_STATES}", name="state"),
        Index("ix_replays_draft_id", "draft_id", "id"),
    )

    id: Mapped[Id]
    draft_id: Mapped[int] = mapped_column(ForeignKey("pack_drafts.id"))
    digest: Mapped[str]
    toml: Mapped[str]
    packs_until: Mapped[int]
    chosen: Mapped[dict[str, Any]]
    asked_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    asked_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="waiting")
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    last_id: Mapped[int] = mapped_column(default=0)
    millis: Mapped[int] = mapped_column(default=0)
    tallies: Mapped[dict[str, Any]]
    error: Mapped[str] = mapped_column(default="")
    ended_at: Mapped[datetime | None]


class ReplayRow(Base):
    """One judgement that the draft would change: what it was, what it would be."""

    __tablename__ = "replay_rows"
    __table_args__ = (Index("ix_replay_rows_change", "replay_id", "change", "judgement_id"),)

    replay_id: Mapped[int] = mapped_column(ForeignKey("replays.id"), primary_key=True)
    judgement_id: Mapped[int] = mapped_column(ForeignKey("judgements.id"), primary_key=True)
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    change: Mapped[str]
    before: Mapped[str]
    after: Mapped[str]
    before_minor: Mapped[int | None]
    after_minor: Mapped[int | None]
    currency: Mapped[str]
    below_law: Mapped[bool]
    cause: Mapped[str]
    source: Mapped[str]
    plan: Mapped[str]
