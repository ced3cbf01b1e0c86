"""Money: charges, what happened to them, and the balance that the database guards. Integer minor units."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from casedesk.store.db import Base, Id

KINDS = ("capture", "reserve", "release", "refund", "credit", "dispute", "dispute_won")


class Charge(Base):
    """What a customer was charged, gross, with the tax in it. Append-only."""

    __tablename__ = "charges"
    __table_args__ = (
        CheckConstraint("amount_minor >= 0", name="amount"),
        Index("ix_charges_customer_id", "customer_id"),
        Index("ix_charges_subscription_id", "subscription_id"),
        {"info": {"append_only": True}},
    )

    id: Mapped[Id]
    reference: Mapped[str] = mapped_column(unique=True)
    entity_id: Mapped[int] = mapped_column(ForeignKey("entities.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    subscription_id: Mapped[int | None] = mapped_column(ForeignKey("subscriptions.id"))
    amount_minor: Mapped[int]
    tax_minor: Mapped[int] = mapped_column(default=0)
    currency: Mapped[str]
    captured_at: Mapped[datetime]
    period_starts_on: Mapped[date | None]
    period_ends_on: Mapped[date | None]
    description: Mapped[str] = mapped_column(default="")
    network: Mapped[str] = mapped_column(default="")
    provider: Mapped[str] = mapped_column(default="")
    provider_reference: Mapped[str] = mapped_column(default="")


class LedgerEntry(Base):
    """One movement on a charge; `key` is unique, so a repeated effect finds itself. Append-only."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint("amount_minor > 0 OR kind = 'capture'", name="amount"),
        Index("ix_ledger_entries_charge_id", "charge_id"),
        Index("ix_ledger_entries_case_id", "case_id"),
        {"info": {"append_only": True}},
    )

    id: Mapped[Id]
    charge_id: Mapped[int] = mapped_column(ForeignKey("charges.id"))
    kind: Mapped[str]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    at: Mapped[datetime]
    key: Mapped[str] = mapped_column(unique=True)
    case_id: Mapped[int | None]
    note: Mapped[str] = mapped_column(default="")


class ChargeBalance(Base):
    """The sums of a charge's movements; the check is the last guard against money from nothing."""

    __tablename__ = "charge_balances"
    __table_args__ = (
        CheckConstraint(
            "captured >= 0 AND reserved >= 0 AND refunded >= 0 AND disputed >= 0 "
            "AND reserved + refunded + disputed <= captured",
            name="never_more_than_captured",
        ),
    )

    charge_id: Mapped[int] = mapped_column(ForeignKey("charges.id"), primary_key=True, autoincrement=False)
    captured: Mapped[int]
    reserved: Mapped[int] = mapped_column(default=0)
    refunded: Mapped[int] = mapped_column(default=0)
    disputed: Mapped[int] = mapped_column(default=0)
