"""Links, offers, papers and receipts. What was said lies in the record of the case or the mediation, by `entry_id`."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from casedesk.portal.rules import OFFER_STATES, PAPERS, SUBJECTS
from casedesk.store.db import Base, Id


class PartyLink(Base):
    """A link that opens one page for one party until it ends or is revoked. The address itself is stored nowhere.

    `shown_by`: who of the desk saw the address, for a customer without mail; what comes by it is marked so.
    """

    __tablename__ = "party_links"
    __table_args__ = (
        CheckConstraint(f"subject_kind IN {SUBJECTS}", name="subject_kind"),
        Index("ix_party_links_subject", "subject_kind", "subject_id"),
    )

    id: Mapped[Id]
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    locale: Mapped[str]
    nonce: Mapped[str]
    made_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    mailed_at: Mapped[datetime | None]
    shown_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class LinkVisit(Base):
    """When a link was first and last opened."""

    __tablename__ = "party_link_visits"
    __table_args__ = ({"info": {"notes": True}},)

    link_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]


class Offer(Base):
    """An offer of the desk on a case, for the customer to accept or refuse. What it says never changes; `state` moves."""

    __tablename__ = "case_offers"
    __table_args__ = (
        CheckConstraint(f"state IN {OFFER_STATES}", name="state"),
        CheckConstraint("amount_minor > 0", name="amount"),
        Index("ix_case_offers_case_id", "case_id"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    state: Mapped[str] = mapped_column(default="open")
    amount_minor: Mapped[int]
    currency: Mapped[str]
    by_rule_minor: Mapped[int | None]
    verdict_outcome: Mapped[str | None]
    made_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    answered_at: Mapped[datetime | None]
    answer_entry_id: Mapped[int | None] = mapped_column(ForeignKey("entries.id"))
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Paper(Base):
    """A paper that anyone may check by its code: a receipt, the proof of a request, an agreement. `content` is personal.

    `digest` is over the canonical content and stands in the record too (`entry_id`); `blob_digest` is that of the PDF.
    """

    __tablename__ = "papers"
    __table_args__ = (
        CheckConstraint(f"kind IN {PAPERS}", name="kind"),
        Index("ix_papers_subject", "subject_kind", "subject_id"),
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    agreement_id: Mapped[int | None] = mapped_column(ForeignKey("mediation_agreements.id"), unique=True)
    locale: Mapped[str]
    content: Mapped[dict[str, Any]]
    digest: Mapped[str]
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    state: Mapped[str] = mapped_column(default="waiting")
    blob_digest: Mapped[str | None] = mapped_column(ForeignKey("blobs.digest"))
    last_error: Mapped[str | None]
    created_at: Mapped[datetime]
    rendered_at: Mapped[datetime | None]


class Receipt(Base):
    """An act by link: which, when, by which link; from where stands on its paper, which can be erased. Append-only."""

    __tablename__ = "party_receipts"
    __table_args__ = (
        Index("ix_party_receipts_link_id", "link_id"),
        Index("ix_party_receipts_entry_id", "entry_id"),
        {"info": {"append_only": True}},
    )

    id: Mapped[Id]
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id"))
    link_id: Mapped[int] = mapped_column(ForeignKey("party_links.id"))
    act: Mapped[str]
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    at: Mapped[datetime]
