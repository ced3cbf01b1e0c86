"""Packs as published, and each judgement with the facts, versions and verdict it rested on."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

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
