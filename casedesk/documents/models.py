"""Letters: what was composed, and the PDF it became."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from casedesk.store.db import Base, Id


class Letter(Base):
    """One letter of a case in the customer's language. `state`: waiting, rendered, failed. `content` is personal."""

    __tablename__ = "letters"
    __table_args__ = (Index("ix_letters_case_id", "case_id"),)

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    case_id: Mapped[int]
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"))
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("entries.id"))
    template: Mapped[str]
    locale: Mapped[str]
    content: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default="waiting")
    blob_digest: Mapped[str | None] = mapped_column(ForeignKey("blobs.digest"))
    last_error: Mapped[str | None]
    created_at: Mapped[datetime]
    rendered_at: Mapped[datetime | None]
