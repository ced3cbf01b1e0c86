"""Mails that leave: what was sent to whom, how often it was tried and what became of it."""

from datetime import datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from casedesk.store.db import Base, Id


class OutgoingMail(Base):
    """One mail to one recipient. `state`: one of rules.py; `message_id` never changes."""

    __tablename__ = "outgoing_mails"
    __table_args__ = (Index("ix_outgoing_mails_subject", "subject_kind", "subject_id"),)

    id: Mapped[Id]
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    entry_id: Mapped[int | None]
    message_id: Mapped[str] = mapped_column(unique=True)
    in_reply_to: Mapped[str] = mapped_column(default="")
    sender: Mapped[str]
    recipient: Mapped[str]
    title: Mapped[str]
    text: Mapped[str]
    attachment_digest: Mapped[str | None] = mapped_column(info={"blob": True})
    attachment_name: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    possibly_twice: Mapped[bool] = mapped_column(default=False)
    last_error: Mapped[str | None]
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
