"""Cases and what hangs on them. What was said or decided is in the record (store.models.Entry, subject 'case');
these rows are the state that follows from it, and what queries need."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from casedesk.cases.rules import KINDS, OUTCOMES, STAGES, STATUSES
from casedesk.store.db import Base, Id


class Cause(Base):
    """One entry of the taxonomy of why. Retired by `valid_to` or `merged_into_id`, never deleted."""

    __tablename__ = "causes"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(unique=True)
    label_en: Mapped[str]
    label_fr: Mapped[str]
    position: Mapped[int] = mapped_column(default=0)
    alleges_excess: Mapped[bool | None]
    """Does who states this cause say that the price is above the market's? Empty: nobody knows, so it is asked."""
    valid_to: Mapped[date | None]
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("causes.id"))


class Case(Base):
    """One refund, cancellation, dispute or chargeback case, as it stands now."""

    __tablename__ = "cases"
    __table_args__ = (
        CheckConstraint(f"kind IN {KINDS}", name="kind"),
        CheckConstraint(f"status IN {STATUSES}", name="status"),
        CheckConstraint(f"stage IN {STAGES}", name="stage"),
        CheckConstraint(f"outcome IS NULL OR outcome IN {OUTCOMES}", name="outcome"),
        CheckConstraint("status <> 'closed' OR outcome IS NOT NULL", name="closed_has_outcome"),
        Index(
            "ix_cases_next_due",
            "next_due_at",
            "id",
            postgresql_where=text("status <> 'closed'"),
            sqlite_where=text("status <> 'closed'"),
        ),
        Index("ix_cases_owner", "owner_id", "status", "next_due_at", "id"),
        Index("ix_cases_team", "team_id", "status", "next_due_at", "id"),
        Index("ix_cases_status", "status", "next_due_at", "id"),
        Index("ix_cases_opened", "opened_at", "id"),
        Index("ix_cases_customer_id", "customer_id", "id"),
        Index("ix_cases_subscription_id", "subscription_id"),
    )

    id: Mapped[Id]
    number: Mapped[str | None] = mapped_column(unique=True)
    entity_id: Mapped[int] = mapped_column(ForeignKey("entities.id"))
    kind: Mapped[str]
    status: Mapped[str] = mapped_column(default="open")
    stage: Mapped[str] = mapped_column(default="intake")
    outcome: Mapped[str | None]
    priority: Mapped[int] = mapped_column(default=3)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    claimed_name: Mapped[str | None]
    claimed_contact: Mapped[str | None]
    subscription_id: Mapped[int | None] = mapped_column(ForeignKey("subscriptions.id"))
    charge_id: Mapped[int | None] = mapped_column(ForeignKey("charges.id"))
    stated_cause_id: Mapped[int | None] = mapped_column(ForeignKey("causes.id"))
    established_cause_id: Mapped[int | None] = mapped_column(ForeignKey("causes.id"))
    channel: Mapped[str]
    claimed_minor: Mapped[int | None]
    currency: Mapped[str]
    source: Mapped[str]
    medium: Mapped[str] = mapped_column(default="")
    campaign: Mapped[str] = mapped_column(default="")
    occurred_at: Mapped[datetime]
    opened_at: Mapped[datetime]
    first_reply_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    last_contact_at: Mapped[datetime | None]
    last_contact_channel: Mapped[str | None]
    last_contact_inbound: Mapped[bool] = mapped_column(default=True)
    unread: Mapped[bool] = mapped_column(default=False)
    next_clock: Mapped[str | None]
    next_started_at: Mapped[datetime | None]
    next_due_at: Mapped[datetime | None]
    next_paused: Mapped[bool] = mapped_column(default=False)
    judgement_id: Mapped[int | None] = mapped_column(ForeignKey("judgements.id"))
    verdict_outcome: Mapped[str | None]
    verdict_minor: Mapped[int | None]
    verdict_missing: Mapped[int] = mapped_column(default=0)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    legal_hold: Mapped[bool] = mapped_column(default=False)
    vulnerable: Mapped[bool] = mapped_column(default=False)
    imported: Mapped[bool] = mapped_column(default=False)
    escalation_id: Mapped[int | None]
    words_found: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class CaseAlias(Base):
    """Another number by which a case is known: the one it had in the system it was imported from."""

    __tablename__ = "case_aliases"
    __table_args__ = (Index("ix_case_aliases_case_id", "case_id"),)

    alias: Mapped[str] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))


class CaseTag(Base):
    __tablename__ = "case_tags"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(primary_key=True)


class CaseItem(Base):
    """A charge or subscription that the case is about, with the amount claimed on it."""

    __tablename__ = "case_items"
    __table_args__ = (Index("ix_case_items_case_id", "case_id"),)

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    subscription_id: Mapped[int | None] = mapped_column(ForeignKey("subscriptions.id"))
    charge_id: Mapped[int | None] = mapped_column(ForeignKey("charges.id"))
    claimed_minor: Mapped[int | None]
    currency: Mapped[str]


class CaseParty(Base):
    """Someone with a part in the case: payer, member, representative (with or without mandate). Personal: erasable."""

    __tablename__ = "case_parties"
    __table_args__ = (Index("ix_case_parties_case_id", "case_id"),)

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    role: Mapped[str]
    name: Mapped[str]
    contact: Mapped[str] = mapped_column(default="")
    mandate: Mapped[bool] = mapped_column(default=False)


class CaseCause(Base):
    """A further cause of a case beside the main one."""

    __tablename__ = "case_causes"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    cause_id: Mapped[int] = mapped_column(ForeignKey("causes.id"), primary_key=True)
    established: Mapped[bool] = mapped_column(primary_key=True)


class CaseActor(Base):
    """Who took part in a case, as what, first in which entry: what a mediator's neutrality is checked against."""

    __tablename__ = "case_actors"

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True)
    as_role: Mapped[str] = mapped_column(primary_key=True)
    first_entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))


class Act(Base):
    """What a message legally is (withdrawal, termination, ...), beside its channel. Append-only."""

    __tablename__ = "acts"
    __table_args__ = (Index("ix_acts_case_id", "case_id"), {"info": {"append_only": True}})

    id: Mapped[Id]
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[str]
    declared_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    received_at: Mapped[datetime | None]
    subscription_id: Mapped[int | None] = mapped_column(ForeignKey("subscriptions.id"))


class SuppliedFact(Base):
    """A fact that a person supplied or corrected on the case, with where it comes from. Append-only; the newest counts.

    `state` is known, never or unknown; `value` holds the typed value as the policy engine spells it.
    """

    __tablename__ = "supplied_facts"
    __table_args__ = (Index("ix_supplied_facts_case_id", "case_id"), {"info": {"append_only": True}})

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    name: Mapped[str]
    state: Mapped[str]
    value: Mapped[dict[str, Any] | None]
    source: Mapped[str]


class Attachment(Base):
    """A file of an entry. `name` is personal and erasable; `grade` (ordinary, medical, identity) narrows who opens it."""

    __tablename__ = "attachments"
    __table_args__ = (Index("ix_attachments_case_id", "case_id"),)

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    blob_digest: Mapped[str | None] = mapped_column(ForeignKey("blobs.digest"))
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    grade: Mapped[str] = mapped_column(default="ordinary")


class Decision(Base):
    """Where a decision stands: proposed, approved, declined, effective, superseded, lapsed. Each step is an entry.

    What was decided never changes; only `state` and the ids of the steps move.
    """

    __tablename__ = "decisions"
    __table_args__ = (Index("ix_decisions_case_id", "case_id"), Index("ix_decisions_state", "state"))

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    n: Mapped[int]
    state: Mapped[str]
    outcome: Mapped[str]
    by_rule_minor: Mapped[int | None]
    amount_minor: Mapped[int]
    currency: Mapped[str]
    judgement_id: Mapped[int | None] = mapped_column(ForeignKey("judgements.id"))
    reason_code: Mapped[str | None]
    subscription_effect: Mapped[str]
    effect_on: Mapped[date | None]
    proposed_by: Mapped[int] = mapped_column(ForeignKey("people.id"))
    proposed_at: Mapped[datetime]
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    effective_at: Mapped[datetime | None]
    approval_reasons: Mapped[list[str]]
    letter_locale: Mapped[str]
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    supersedes_id: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"))
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class DecisionLine(Base):
    """The money of a decision on one charge: refund or credit, by which means. Append-only."""

    __tablename__ = "decision_lines"
    __table_args__ = (
        UniqueConstraint("decision_id", "charge_id", "method"),
        {"info": {"append_only": True}},
    )

    id: Mapped[Id]
    decision_id: Mapped[int] = mapped_column(ForeignKey("decisions.id"))
    charge_id: Mapped[int] = mapped_column(ForeignKey("charges.id"))
    amount_minor: Mapped[int]
    method: Mapped[str]
    means: Mapped[str]


class EntryLink(Base):
    """'Also belongs to' and 'split from': an entry never changes its case, a link points at it. Append-only."""

    __tablename__ = "entry_links"
    __table_args__ = (UniqueConstraint("entry_id", "case_id", "kind"), {"info": {"append_only": True}})

    id: Mapped[Id]
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    kind: Mapped[str]
