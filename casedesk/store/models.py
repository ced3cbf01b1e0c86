"""Tables that every room stands on: the record with its chain, the outbox, drafts, one-time tokens, blobs."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from casedesk.store.db import Base, Id


class Entry(Base):
    """One line of the record: an exchange, a note, a decision or an event of one subject. Append-only.

    `body` holds codes and parameters, never personal text; that lies in `EntryText`, of which the entry keeps
    a salted digest, so that it can be erased without breaking the chain. Never read `body` for free text.
    """

    __tablename__ = "entries"
    __table_args__ = (
        UniqueConstraint("subject_kind", "subject_id", "seq"),
        Index("ix_entries_recorded_at", "recorded_at"),
        {"info": {"append_only": True}},
    )

    id: Mapped[Id]
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    seq: Mapped[int]
    kind: Mapped[str]
    happened_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    actor_kind: Mapped[str]
    actor_id: Mapped[int | None]
    on_behalf_of: Mapped[int | None]
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("entries.id"))
    body: Mapped[dict[str, Any]]
    text_digest: Mapped[str | None]
    key_id: Mapped[str]
    digest: Mapped[str]


class EntryText(Base):
    """The personal part of an entry and its salt. Never updated; deleted only by an erasure that names it."""

    __tablename__ = "entry_texts"

    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), primary_key=True, autoincrement=False)
    salt: Mapped[str]
    text: Mapped[dict[str, Any]]


class Erasure(Base):
    """Leave to delete the text of one entry: written by the erasing action before it deletes. Append-only."""

    __tablename__ = "erasures"
    __table_args__ = ({"info": {"append_only": True}},)

    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"), primary_key=True, autoincrement=False)
    erasure_entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))


class Head(Base):
    """The end of one subject's chain, locked with the subject's row; `mac` is keyed, so a cut tail shows."""

    __tablename__ = "heads"
    __table_args__ = (
        Index(
            "ix_heads_moved",
            "subject_kind",
            "subject_id",
            postgresql_where=text("seq > sealed_seq"),
            sqlite_where=text("seq > sealed_seq"),
        ),
    )

    subject_kind: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    digest: Mapped[str]
    mac: Mapped[str]
    sealed_seq: Mapped[int] = mapped_column(default=0)


class Checkpoint(Base):
    """A commitment to the heads of all subjects at one instant. Append-only.

    `merkle_root` is over the heads that moved since the checkpoint before, and `mac` is keyed and covers `prev`, the
    mac before: so the chain commits to every head there ever was and costs only what changed. `cases` and `entries`
    are the totals under it.
    """

    __tablename__ = "checkpoints"
    __table_args__ = ({"info": {"append_only": True}},)

    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    cases: Mapped[int]
    entries: Mapped[int]
    merkle_root: Mapped[str]
    prev: Mapped[str]
    key_id: Mapped[str]
    mac: Mapped[str]


class CheckpointHead(Base):
    """A head that moved since the checkpoint before: the leaves of `Checkpoint.merkle_root`. Append-only."""

    __tablename__ = "checkpoint_heads"
    __table_args__ = ({"info": {"append_only": True}},)

    n: Mapped[int] = mapped_column(ForeignKey("checkpoints.n"), primary_key=True, autoincrement=False)
    subject_kind: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    digest: Mapped[str]


class OutboxRow(Base):
    """Work to do after a commit: the truth about it; a queue only transports `id`.

    `state` is ready | sending | done | failed | parked. `key` is unique and goes with outside calls as
    idempotency key (and into the Message-ID of a mail). `claimed_until` is a claim or the wait after a failure;
    `uncertain`: an attempt before may have got through; `started_at`: when the first one began.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_todo", "state", "due_at", "id"),
        Index("ix_outbox_subject", "subject_kind", "subject_id"),
    )

    id: Mapped[Id]
    kind: Mapped[str]
    key: Mapped[str] = mapped_column(unique=True)
    subject_kind: Mapped[str | None]
    subject_id: Mapped[int | None]
    payload: Mapped[dict[str, Any]]
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="ready")
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    uncertain: Mapped[bool] = mapped_column(default=False, server_default=false())
    last_error: Mapped[str | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]


class Draft(Base):
    """What a person has typed and not sent, per person and place (``case-new``, ``case-7-reply``)."""

    __tablename__ = "drafts"
    __table_args__ = (UniqueConstraint("person_id", "place"), {"info": {"notes": True}})

    id: Mapped[Id]
    person_id: Mapped[int]
    place: Mapped[str]
    body: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]


class FormToken(Base):
    """A one-time token of a form, written in the deed's transaction: a repeated submit finds the result."""

    __tablename__ = "form_tokens"

    token: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int | None]
    used_at: Mapped[datetime]
    result_url: Mapped[str]


class Blob(Base):
    """Bytes kept once, by content: the row says that they are stored; the bytes lie on disk or in S3."""

    __tablename__ = "blobs"

    digest: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int]
    media_type: Mapped[str]
    stored_at: Mapped[datetime]
