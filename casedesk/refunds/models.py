"""Refunds on their way out."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from casedesk.store.db import Base, Id


class RefundIntent(Base):
    """One sum to pay back on one charge. `key` is stable over every retry: the provider sees the same one.

    `state`: ready, sending, paid, failed, uncertain.
    """

    __tablename__ = "refund_intents"
    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount"),
        Index("ix_refund_intents_case_id", "case_id"),
    )

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    case_id: Mapped[int]
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"))
    charge_id: Mapped[int] = mapped_column(ForeignKey("charges.id"))
    amount_minor: Mapped[int]
    currency: Mapped[str]
    method: Mapped[str]
    means: Mapped[str]
    state: Mapped[str] = mapped_column(default="ready")
    provider_reference: Mapped[str] = mapped_column(default="")
    last_error: Mapped[str | None]
    created_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
