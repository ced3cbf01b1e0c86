"""The rows of a mediation: where it stands, and what queries need. Words lie in the record (subject `mediation`), by
`entry_id`; the chain of a file is its own, so that nothing said in it is an entry of the case."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from casedesk.mediation.rules.proposals import ANSWERS, PART_KINDS, PROPOSAL_STATES, TASK_STATES
from casedesk.mediation.rules.states import SIDES, STATES
from casedesk.store.db import Base, Id

SPEAKERS = (*SIDES, "mediator")


class Mediator(Base):
    """Someone on the panel: what they are versed in, in which languages, how many files at most, when away."""

    __tablename__ = "mediators"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, autoincrement=False)
    fields: Mapped[list[str]]
    locales: Mapped[list[str]]
    capacity: Mapped[int] = mapped_column(default=12)
    available: Mapped[bool] = mapped_column(default=True)
    away_until: Mapped[date | None]
    since: Mapped[datetime]
    last_appointed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Mediation(Base):
    """One file as it stands now. Legal days (`due_on` and the like) are local days of the customer's zone.

    `requested_at` is when the file came in, `complete_at` when it was whole, `notified_at` when both parties were told.
    """

    __tablename__ = "mediations"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="state"),
        Index("ix_mediations_case_id", "case_id"),
        Index("ix_mediations_mediator", "mediator_id", "state", "next_due_at", "id"),
        Index("ix_mediations_state", "state", "next_due_at", "id"),
        Index("ix_mediations_requested", "requested_at", "id"),
        Index(
            "uq_mediations_running",
            "case_id",
            unique=True,
            postgresql_where=text("state NOT IN ('declined','closed','withdrawn','lapsed')"),
            sqlite_where=text("state NOT IN ('declined','closed','withdrawn','lapsed')"),
        ),
    )

    id: Mapped[Id]
    number: Mapped[str | None] = mapped_column(unique=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    entity_id: Mapped[int] = mapped_column(ForeignKey("entities.id"))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    state: Mapped[str] = mapped_column(default="requested")
    kind: Mapped[str]
    cause: Mapped[str] = mapped_column(default="")
    claimed_minor: Mapped[int | None]
    currency: Mapped[str]
    time_zone: Mapped[str]
    cross_border: Mapped[bool] = mapped_column(default=False)
    requested_by: Mapped[str]
    channel: Mapped[str]
    requested_at: Mapped[datetime]
    complete_at: Mapped[datetime | None]
    admitted_at: Mapped[datetime | None]
    ground: Mapped[str | None]
    declined_at: Mapped[datetime | None]
    notified_at: Mapped[datetime | None]
    due_on: Mapped[date | None]
    extended_to: Mapped[date | None]
    ended_at: Mapped[datetime | None]
    mediator_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    proposed_mediator_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    representative_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    judgement_id: Mapped[int | None] = mapped_column(ForeignKey("judgements.id"))
    waits_for: Mapped[str] = mapped_column(default="mediator")
    next_clock: Mapped[str | None]
    next_due_at: Mapped[datetime | None]
    imported: Mapped[bool] = mapped_column(default=False)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Appointment(Base):
    """A mediator's time on a file, with the declaration of neutrality and how it was chosen. Ended, never deleted.

    The database refuses one for a person who took another part in the case or its family.
    """

    __tablename__ = "mediation_appointments"
    __table_args__ = (
        Index("ix_mediation_appointments_case_id", "case_id"),
        Index("ix_mediation_appointments_mediator_id", "mediator_id"),
        Index(
            "uq_mediation_appointments_running",
            "mediation_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    mediation_id: Mapped[int] = mapped_column(ForeignKey("mediations.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    mediator_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    appointed_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    appointed_at: Mapped[datetime]
    checked: Mapped[dict[str, Any]]
    declaration_entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]


class Party(Base):
    """A party of the file and who speaks for it. Personal: erasable. `person_id`: the company's own representative."""

    __tablename__ = "mediation_parties"
    __table_args__ = (
        CheckConstraint(f"side IN {SIDES}", name="side"),
        UniqueConstraint("mediation_id", "side"),
    )

    id: Mapped[Id]
    mediation_id: Mapped[int] = mapped_column(ForeignKey("mediations.id"))
    side: Mapped[str]
    name: Mapped[str]
    mail: Mapped[str] = mapped_column(default="")
    locale: Mapped[str]
    representative: Mapped[str] = mapped_column(default="")
    representative_mail: Mapped[str] = mapped_column(default="")
    mandate: Mapped[str] = mapped_column(default="")
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))


class Point(Base):
    """A point in dispute (or not): its name is in the record. Append-only."""

    __tablename__ = "mediation_points"
    __table_args__ = (UniqueConstraint("mediation_id", "n"), {"info": {"append_only": True}})

    id: Mapped[Id]
    mediation_id: Mapped[int] = mapped_column(ForeignKey("mediations.id"))
    n: Mapped[int]
    agreed: Mapped[bool] = mapped_column(default=False)
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))


class Statement(Base):
    """What a party says on a point, in its own words; the newest of a side counts, the earlier stay. Append-only."""

    __tablename__ = "mediation_statements"
    __table_args__ = (
        CheckConstraint(f"side IN {SIDES}", name="side"),
        Index("ix_mediation_statements_mediation_id", "mediation_id"),
        {"info": {"append_only": True}},
    )

    id: Mapped[Id]
    mediation_id: Mapped[int] = mapped_column(ForeignKey("mediations.id"))
    point_id: Mapped[int] = mapped_column(ForeignKey("mediation_points.id"))
    side: Mapped[str]
    amount_minor: Mapped[int | None]
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    at: Mapped[datetime]


class Restatement(Base):
    """What the mediator understood: concern and need of each side, facts agreed, points open. Append-only."""

    __tablename__ = "mediation_restatements"
    __table_args__ = (UniqueConstraint("mediation_id", "n"), {"info": {"append_only": True}})

    id: Mapped[Id]
    mediation_id: Mapped[int] = mapped_column(ForeignKey("mediations.id"))
    n: Mapped[int]
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    at: Mapped[datetime]


class RestatementAnswer(Base):
    """A side says that it was understood, or puts it right. Append-only."""

    __tablename__ = "mediation_restatement_answers"
    __table_args__ = (
        CheckConstraint(f"side IN {SIDES}", name="side"),
        CheckConstraint("answer IN ('confirmed', 'corrected')", name="answer"),
        UniqueConstraint("restatement_id", "side"),
        {"info": {"append_only": True}},
    )

    id: Mapped[Id]
    mediation_id: Mapped[int] = mapped_column(ForeignKey("mediations.id"))
    restatement_id: Mapped[int] = mapped_column(ForeignKey("mediation_restatements.id"))
    side: Mapped[str]
    answer: Mapped[str]
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    at: Mapped[datetime]


class DocumentRequest(Base):
    """A document that the mediator asked of a side; `met_at` once it came or is no longer needed."""

    __tablename__ = "mediation_document_requests"
    __table_args__ = (
        CheckConstraint(f"side IN {SIDES}", name="side"),
        Index("ix_mediation_document_requests_mediation_id", "mediation_id"),
    )

    id: Mapped[Id]
    mediation_id: Mapped[int] = mapped_column(ForeignKey("mediations.id"))
    side: Mapped[str]
    due_on: Mapped[date]
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    asked_at: Mapped[datetime]
    met_at: Mapped[datetime | None]


class Document(Base):
    """A file that a side or the mediator put in; seen by both parties. `name` is personal and erasable."""

    __tablename__ = "mediation_documents"
    __table_args__ = (
        CheckConstraint(f"side IN {SPEAKERS}", name="side"),
        Index("ix_mediation_documents_mediation_id", "mediation_id"),
    )

    id: Mapped[Id]
    mediation_id: Mapped[int] = mapped_column(ForeignKey("mediations.id"))
    side: Mapped[str]
    point_id: Mapped[int | None] = mapped_column(ForeignKey("mediation_points.id"))
    request_id: Mapped[int | None] = mapped_column(ForeignKey("mediation_document_requests.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    blob_digest: Mapped[str | None] = mapped_column(ForeignKey("blobs.digest"))
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    at: Mapped[datetime]


class Proposal(Base):
    """A proposal of a party or the mediator. What it says never changes; only `state` moves.

    `by_rule_minor` is what the case's verdict gave then (None: open); what is given up is that less `amount_minor`.
    """

    __tablename__ = "mediation_proposals"
    __table_args__ = (
        CheckConstraint(f"state IN {PROPOSAL_STATES}", name="state"),
        CheckConstraint(f"side IN {SPEAKERS}", name="side"),
        CheckConstraint("amount_minor >= 0", name="amount"),
        UniqueConstraint("mediation_id", "n"),
    )

    id: Mapped[Id]
    mediation_id: Mapped[int] = mapped_column(ForeignKey("mediations.id"))
    n: Mapped[int]
    side: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    amount_minor: Mapped[int] = mapped_column(default=0)
    currency: Mapped[str]
    by_rule_minor: Mapped[int | None]
    verdict_outcome: Mapped[str | None]
    counters_id: Mapped[int | None] = mapped_column(ForeignKey("mediation_proposals.id"))
    round_id: Mapped[int | None] = mapped_column(ForeignKey("mediation_offer_rounds.id"))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class ProposalPart(Base):
    """One thing that a proposal gives: money, time, a waiver, an apology, a changed term. Append-only."""

    __tablename__ = "mediation_proposal_parts"
    __table_args__ = (
        CheckConstraint(f"kind IN {PART_KINDS}", name="kind"),
        UniqueConstraint("proposal_id", "n"),
        {"info": {"append_only": True}},
    )

    id: Mapped[Id]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("mediation_proposals.id"))
    n: Mapped[int]
    kind: Mapped[str]
    amount_minor: Mapped[int | None]
    months: Mapped[int | None]
    effect: Mapped[str | None]
    within_days: Mapped[int]


class Answer(Base):
    """A side's answer to a proposal. One a side and proposal, for ever. Append-only."""

    __tablename__ = "mediation_answers"
    __table_args__ = (
        CheckConstraint(f"side IN {SIDES}", name="side"),
        CheckConstraint(f"answer IN {ANSWERS}", name="answer"),
        UniqueConstraint("proposal_id", "side"),
        {"info": {"append_only": True}},
    )

    id: Mapped[Id]
    mediation_id: Mapped[int] = mapped_column(ForeignKey("mediations.id"))
    proposal_id: Mapped[int] = mapped_column(ForeignKey("mediation_proposals.id"))
    side: Mapped[str]
    answer: Mapped[str]
    how: Mapped[str]
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    at: Mapped[datetime]


class OfferRound(Base):
    """A round of blind offers: settles at the midpoint where the offers overlap or lie within `distance_minor`."""

    __tablename__ = "mediation_offer_rounds"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'settled', 'ended')", name="state"),
        UniqueConstraint("mediation_id", "n"),
    )

    id: Mapped[Id]
    mediation_id: Mapped[int] = mapped_column(ForeignKey("mediations.id"))
    n: Mapped[int]
    state: Mapped[str] = mapped_column(default="open")
    distance_minor: Mapped[int]
    currency: Mapped[str]
    settled_minor: Mapped[int | None]
    opened_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class BlindOffer(Base):
    """One sealed figure of one side; at most three a side and round. Append-only."""

    __tablename__ = "mediation_blind_offers"
    __table_args__ = (
        CheckConstraint(f"side IN {SIDES}", name="side"),
        CheckConstraint("n BETWEEN 1 AND 3", name="n"),
        UniqueConstraint("round_id", "side", "n"),
        {"info": {"append_only": True}},
    )

    id: Mapped[Id]
    round_id: Mapped[int] = mapped_column(ForeignKey("mediation_offer_rounds.id"))
    side: Mapped[str]
    n: Mapped[int]
    sealed: Mapped[bytes]
    at: Mapped[datetime]


class Agreement(Base):
    """What both parties accepted, and when it was complete. `digest` is over its canonical content. Append-only."""

    __tablename__ = "mediation_agreements"
    __table_args__ = (UniqueConstraint("mediation_id", "n"), {"info": {"append_only": True}})

    id: Mapped[Id]
    mediation_id: Mapped[int] = mapped_column(ForeignKey("mediations.id"))
    n: Mapped[int]
    proposal_id: Mapped[int] = mapped_column(ForeignKey("mediation_proposals.id"))
    amount_minor: Mapped[int]
    currency: Mapped[str]
    content: Mapped[dict[str, Any]]
    digest: Mapped[str]
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    at: Mapped[datetime]


class Task(Base):
    """A part of an agreement to be carried out by a day, and what became of it."""

    __tablename__ = "mediation_tasks"
    __table_args__ = (
        CheckConstraint(f"kind IN {PART_KINDS}", name="kind"),
        CheckConstraint(f"state IN {TASK_STATES}", name="state"),
        CheckConstraint(f"side IN {SIDES}", name="side"),
        Index("ix_mediation_tasks_mediation_id", "mediation_id"),
    )

    id: Mapped[Id]
    mediation_id: Mapped[int] = mapped_column(ForeignKey("mediations.id"))
    agreement_id: Mapped[int] = mapped_column(ForeignKey("mediation_agreements.id"))
    part_id: Mapped[int] = mapped_column(ForeignKey("mediation_proposal_parts.id"))
    kind: Mapped[str]
    side: Mapped[str]
    amount_minor: Mapped[int | None]
    due_on: Mapped[date]
    state: Mapped[str] = mapped_column(default="open")
    done_at: Mapped[datetime | None]
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decisions.id"))
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Closing(Base):
    """How a file ended, with what the law wants counted; the newest counts. Append-only.

    Source: R614-2 Code de la consommation; Directive 2013/11/EU art. 7(2).
    """

    __tablename__ = "mediation_closings"
    __table_args__ = (
        UniqueConstraint("mediation_id", "n"),
        Index("ix_mediation_closings_at", "at", "id"),
        {"info": {"append_only": True}},
    )

    id: Mapped[Id]
    mediation_id: Mapped[int] = mapped_column(ForeignKey("mediations.id"))
    n: Mapped[int]
    state: Mapped[str]
    favours: Mapped[str | None]
    interruption: Mapped[str | None]
    question: Mapped[str | None]
    recommendation: Mapped[str | None]
    days: Mapped[int | None]
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    at: Mapped[datetime]
