"""The mediator's file"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from casedesk.store import appendonly

revision = "2026_11_22_0260_mediation"
down_revision = "2026_11_22_0250_rulebook_drafts"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

APPEND_ONLY = (
    "mediation_agreements",
    "mediation_answers",
    "mediation_blind_offers",
    "mediation_closings",
    "mediation_points",
    "mediation_proposal_parts",
    "mediation_restatement_answers",
    "mediation_restatements",
    "mediation_statements",
)

FAMILY = "COALESCE(c.merged_into_id, c.id) = COALESCE(own.merged_into_id, own.id)"

TOOK_PART = f"""EXISTS (
  SELECT 1 FROM case_actors a JOIN cases c ON c.id = a.case_id JOIN cases own ON own.id = NEW.case_id
  WHERE a.person_id = NEW.mediator_id AND a.as_role <> 'mediator' AND {FAMILY})"""

MEDIATES = f"""EXISTS (
  SELECT 1 FROM mediation_appointments m JOIN cases c ON c.id = m.case_id JOIN cases own ON own.id = NEW.case_id
  WHERE m.mediator_id = NEW.person_id AND m.ended_at IS NULL AND {FAMILY})"""

NEUTRALITY = (
    (
        "mediation_appointments",
        "mediation_appointments_neutral",
        f"NEW.ended_at IS NULL AND {TOOK_PART}",
        "who took another part in the case may not mediate it",
    ),
    (
        "case_actors",
        "case_actors_neutral",
        f"NEW.as_role <> 'mediator' AND {MEDIATES}",
        "the mediator of a case takes no other part in it",
    ),
)
"""(table, trigger, refused when, why): a mediator is neutral by the database itself."""


def upgrade() -> None:
    op.create_table(
        "mediators",
        sa.Column("person_id", BIG, autoincrement=False, nullable=False),
        sa.Column("fields", JSON, nullable=False),
        sa.Column("locales", JSON, nullable=False),
        sa.Column("capacity", BIG, nullable=False),
        sa.Column("available", sa.Boolean(), nullable=False),
        sa.Column("away_until", sa.Date(), nullable=True),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("last_appointed_at", INSTANT, nullable=True),
        sa.Column("version", BIG, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_mediators_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_mediators")),
    )
    op.create_table(
        "mediations",
        sa.Column("id", BIG, nullable=False),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("entity_id", BIG, nullable=False),
        sa.Column("customer_id", BIG, nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("claimed_minor", BIG, nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("cross_border", sa.Boolean(), nullable=False),
        sa.Column("requested_by", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("requested_at", INSTANT, nullable=False),
        sa.Column("complete_at", INSTANT, nullable=True),
        sa.Column("admitted_at", INSTANT, nullable=True),
        sa.Column("ground", sa.String(), nullable=True),
        sa.Column("declined_at", INSTANT, nullable=True),
        sa.Column("notified_at", INSTANT, nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("extended_to", sa.Date(), nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("mediator_id", BIG, nullable=True),
        sa.Column("proposed_mediator_id", BIG, nullable=True),
        sa.Column("representative_id", BIG, nullable=True),
        sa.Column("judgement_id", BIG, nullable=True),
        sa.Column("waits_for", sa.String(), nullable=False),
        sa.Column("next_clock", sa.String(), nullable=True),
        sa.Column("next_due_at", INSTANT, nullable=True),
        sa.Column("imported", sa.Boolean(), nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.CheckConstraint(
            "state IN ('requested', 'admissible', 'declined', 'notified', 'exchange', 'proposal', 'agreed', 'closed', 'withdrawn', 'lapsed')",
            name=op.f("ck_mediations_state"),
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_mediations_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_mediations_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(
            ["entity_id"], ["entities.id"], name=op.f("fk_mediations_entity_id_entities")
        ),
        sa.ForeignKeyConstraint(
            ["judgement_id"], ["judgements.id"], name=op.f("fk_mediations_judgement_id_judgements")
        ),
        sa.ForeignKeyConstraint(
            ["mediator_id"], ["people.id"], name=op.f("fk_mediations_mediator_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_mediator_id"], ["people.id"], name=op.f("fk_mediations_proposed_mediator_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["representative_id"], ["people.id"], name=op.f("fk_mediations_representative_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediations")),
        sa.UniqueConstraint("number", name=op.f("uq_mediations_number")),
    )
    op.create_index("ix_mediations_case_id", "mediations", ["case_id"], unique=False)
    op.create_index(
        "ix_mediations_mediator", "mediations", ["mediator_id", "state", "next_due_at", "id"], unique=False
    )
    op.create_index("ix_mediations_requested", "mediations", ["requested_at", "id"], unique=False)
    op.create_index("ix_mediations_state", "mediations", ["state", "next_due_at", "id"], unique=False)
    op.create_index(
        "uq_mediations_running",
        "mediations",
        ["case_id"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('declined','closed','withdrawn','lapsed')"),
        sqlite_where=sa.text("state NOT IN ('declined','closed','withdrawn','lapsed')"),
    )
    op.create_table(
        "mediation_appointments",
        sa.Column("id", BIG, nullable=False),
        sa.Column("mediation_id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("mediator_id", BIG, nullable=False),
        sa.Column("appointed_by", BIG, nullable=True),
        sa.Column("appointed_at", INSTANT, nullable=False),
        sa.Column("checked", JSON, nullable=False),
        sa.Column("declaration_entry_id", BIG, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("end_reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["appointed_by"], ["people.id"], name=op.f("fk_mediation_appointments_appointed_by_people")
        ),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_mediation_appointments_case_id_cases")
        ),
        sa.ForeignKeyConstraint(
            ["declaration_entry_id"],
            ["entries.id"],
            name=op.f("fk_mediation_appointments_declaration_entry_id_entries"),
        ),
        sa.ForeignKeyConstraint(
            ["mediation_id"],
            ["mediations.id"],
            name=op.f("fk_mediation_appointments_mediation_id_mediations"),
        ),
        sa.ForeignKeyConstraint(
            ["mediator_id"], ["people.id"], name=op.f("fk_mediation_appointments_mediator_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_appointments")),
    )
    op.create_index("ix_mediation_appointments_case_id", "mediation_appointments", ["case_id"], unique=False)
    op.create_index(
        "ix_mediation_appointments_mediator_id", "mediation_appointments", ["mediator_id"], unique=False
    )
    op.create_index(
        "uq_mediation_appointments_running",
        "mediation_appointments",
        ["mediation_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "mediation_closings",
        sa.Column("id", BIG, nullable=False),
        sa.Column("mediation_id", BIG, nullable=False),
        sa.Column("n", BIG, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("favours", sa.String(), nullable=True),
        sa.Column("interruption", sa.String(), nullable=True),
        sa.Column("question", sa.String(), nullable=True),
        sa.Column("recommendation", sa.String(), nullable=True),
        sa.Column("days", BIG, nullable=True),
        sa.Column("entry_id", BIG, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name=op.f("fk_mediation_closings_entry_id_entries")
        ),
        sa.ForeignKeyConstraint(
            ["mediation_id"], ["mediations.id"], name=op.f("fk_mediation_closings_mediation_id_mediations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_closings")),
        sa.UniqueConstraint("mediation_id", "n", name=op.f("uq_mediation_closings_mediation_id_n")),
        info={"append_only": True},
    )
    op.create_index("ix_mediation_closings_at", "mediation_closings", ["at", "id"], unique=False)
    op.create_table(
        "mediation_document_requests",
        sa.Column("id", BIG, nullable=False),
        sa.Column("mediation_id", BIG, nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("entry_id", BIG, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("met_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "side IN ('customer', 'company')", name=op.f("ck_mediation_document_requests_side")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name=op.f("fk_mediation_document_requests_entry_id_entries")
        ),
        sa.ForeignKeyConstraint(
            ["mediation_id"],
            ["mediations.id"],
            name=op.f("fk_mediation_document_requests_mediation_id_mediations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_document_requests")),
    )
    op.create_index(
        "ix_mediation_document_requests_mediation_id",
        "mediation_document_requests",
        ["mediation_id"],
        unique=False,
    )
    op.create_table(
        "mediation_offer_rounds",
        sa.Column("id", BIG, nullable=False),
        sa.Column("mediation_id", BIG, nullable=False),
        sa.Column("n", BIG, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("distance_minor", BIG, nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("settled_minor", BIG, nullable=True),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("entry_id", BIG, nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'settled', 'ended')", name=op.f("ck_mediation_offer_rounds_state")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name=op.f("fk_mediation_offer_rounds_entry_id_entries")
        ),
        sa.ForeignKeyConstraint(
            ["mediation_id"],
            ["mediations.id"],
            name=op.f("fk_mediation_offer_rounds_mediation_id_mediations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_offer_rounds")),
        sa.UniqueConstraint("mediation_id", "n", name=op.f("uq_mediation_offer_rounds_mediation_id_n")),
    )
    op.create_table(
        "mediation_parties",
        sa.Column("id", BIG, nullable=False),
        sa.Column("mediation_id", BIG, nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("mail", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("representative", sa.String(), nullable=False),
        sa.Column("representative_mail", sa.String(), nullable=False),
        sa.Column("mandate", sa.String(), nullable=False),
        sa.Column("person_id", BIG, nullable=True),
        sa.CheckConstraint("side IN ('customer', 'company')", name=op.f("ck_mediation_parties_side")),
        sa.ForeignKeyConstraint(
            ["mediation_id"], ["mediations.id"], name=op.f("fk_mediation_parties_mediation_id_mediations")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_mediation_parties_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_parties")),
        sa.UniqueConstraint("mediation_id", "side", name=op.f("uq_mediation_parties_mediation_id_side")),
    )
    op.create_table(
        "mediation_points",
        sa.Column("id", BIG, nullable=False),
        sa.Column("mediation_id", BIG, nullable=False),
        sa.Column("n", BIG, nullable=False),
        sa.Column("agreed", sa.Boolean(), nullable=False),
        sa.Column("entry_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name=op.f("fk_mediation_points_entry_id_entries")
        ),
        sa.ForeignKeyConstraint(
            ["mediation_id"], ["mediations.id"], name=op.f("fk_mediation_points_mediation_id_mediations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_points")),
        sa.UniqueConstraint("mediation_id", "n", name=op.f("uq_mediation_points_mediation_id_n")),
        info={"append_only": True},
    )
    op.create_table(
        "mediation_restatements",
        sa.Column("id", BIG, nullable=False),
        sa.Column("mediation_id", BIG, nullable=False),
        sa.Column("n", BIG, nullable=False),
        sa.Column("entry_id", BIG, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name=op.f("fk_mediation_restatements_entry_id_entries")
        ),
        sa.ForeignKeyConstraint(
            ["mediation_id"],
            ["mediations.id"],
            name=op.f("fk_mediation_restatements_mediation_id_mediations"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_restatements")),
        sa.UniqueConstraint("mediation_id", "n", name=op.f("uq_mediation_restatements_mediation_id_n")),
        info={"append_only": True},
    )
    op.create_table(
        "mediation_blind_offers",
        sa.Column("id", BIG, nullable=False),
        sa.Column("round_id", BIG, nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("n", BIG, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("side IN ('customer', 'company')", name=op.f("ck_mediation_blind_offers_side")),
        sa.CheckConstraint("n BETWEEN 1 AND 3", name=op.f("ck_mediation_blind_offers_n")),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["mediation_offer_rounds.id"],
            name=op.f("fk_mediation_blind_offers_round_id_mediation_offer_rounds"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_blind_offers")),
        sa.UniqueConstraint("round_id", "side", "n", name=op.f("uq_mediation_blind_offers_round_id_side_n")),
        info={"append_only": True},
    )
    op.create_table(
        "mediation_documents",
        sa.Column("id", BIG, nullable=False),
        sa.Column("mediation_id", BIG, nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("point_id", BIG, nullable=True),
        sa.Column("request_id", BIG, nullable=True),
        sa.Column("entry_id", BIG, nullable=False),
        sa.Column("blob_digest", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "side IN ('customer', 'company', 'mediator')", name=op.f("ck_mediation_documents_side")
        ),
        sa.ForeignKeyConstraint(
            ["blob_digest"], ["blobs.digest"], name=op.f("fk_mediation_documents_blob_digest_blobs")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name=op.f("fk_mediation_documents_entry_id_entries")
        ),
        sa.ForeignKeyConstraint(
            ["mediation_id"], ["mediations.id"], name=op.f("fk_mediation_documents_mediation_id_mediations")
        ),
        sa.ForeignKeyConstraint(
            ["point_id"],
            ["mediation_points.id"],
            name=op.f("fk_mediation_documents_point_id_mediation_points"),
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["mediation_document_requests.id"],
            name=op.f("fk_mediation_documents_request_id_mediation_document_requests"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_documents")),
    )
    op.create_index(
        "ix_mediation_documents_mediation_id", "mediation_documents", ["mediation_id"], unique=False
    )
    op.create_table(
        "mediation_proposals",
        sa.Column("id", BIG, nullable=False),
        sa.Column("mediation_id", BIG, nullable=False),
        sa.Column("n", BIG, nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("amount_minor", BIG, nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("by_rule_minor", BIG, nullable=True),
        sa.Column("verdict_outcome", sa.String(), nullable=True),
        sa.Column("counters_id", BIG, nullable=True),
        sa.Column("round_id", BIG, nullable=True),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("entry_id", BIG, nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.CheckConstraint(
            "side IN ('customer', 'company', 'mediator')", name=op.f("ck_mediation_proposals_side")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'refused', 'countered', 'expired', 'superseded')",
            name=op.f("ck_mediation_proposals_state"),
        ),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_mediation_proposals_amount")),
        sa.ForeignKeyConstraint(
            ["counters_id"],
            ["mediation_proposals.id"],
            name=op.f("fk_mediation_proposals_counters_id_mediation_proposals"),
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name=op.f("fk_mediation_proposals_entry_id_entries")
        ),
        sa.ForeignKeyConstraint(
            ["mediation_id"], ["mediations.id"], name=op.f("fk_mediation_proposals_mediation_id_mediations")
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["mediation_offer_rounds.id"],
            name=op.f("fk_mediation_proposals_round_id_mediation_offer_rounds"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_proposals")),
        sa.UniqueConstraint("mediation_id", "n", name=op.f("uq_mediation_proposals_mediation_id_n")),
    )
    op.create_table(
        "mediation_restatement_answers",
        sa.Column("id", BIG, nullable=False),
        sa.Column("mediation_id", BIG, nullable=False),
        sa.Column("restatement_id", BIG, nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("entry_id", BIG, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "answer IN ('confirmed', 'corrected')", name=op.f("ck_mediation_restatement_answers_answer")
        ),
        sa.CheckConstraint(
            "side IN ('customer', 'company')", name=op.f("ck_mediation_restatement_answers_side")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name=op.f("fk_mediation_restatement_answers_entry_id_entries")
        ),
        sa.ForeignKeyConstraint(
            ["mediation_id"],
            ["mediations.id"],
            name=op.f("fk_mediation_restatement_answers_mediation_id_mediations"),
        ),
        sa.ForeignKeyConstraint(
            ["restatement_id"],
            ["mediation_restatements.id"],
            name=op.f("fk_mediation_restatement_answers_restatement_id_mediation_restatements"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_restatement_answers")),
        sa.UniqueConstraint(
            "restatement_id", "side", name=op.f("uq_mediation_restatement_answers_restatement_id_side")
        ),
        info={"append_only": True},
    )
    op.create_table(
        "mediation_statements",
        sa.Column("id", BIG, nullable=False),
        sa.Column("mediation_id", BIG, nullable=False),
        sa.Column("point_id", BIG, nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("amount_minor", BIG, nullable=True),
        sa.Column("entry_id", BIG, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint("side IN ('customer', 'company')", name=op.f("ck_mediation_statements_side")),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name=op.f("fk_mediation_statements_entry_id_entries")
        ),
        sa.ForeignKeyConstraint(
            ["mediation_id"], ["mediations.id"], name=op.f("fk_mediation_statements_mediation_id_mediations")
        ),
        sa.ForeignKeyConstraint(
            ["point_id"],
            ["mediation_points.id"],
            name=op.f("fk_mediation_statements_point_id_mediation_points"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_statements")),
        info={"append_only": True},
    )
    op.create_index(
        "ix_mediation_statements_mediation_id", "mediation_statements", ["mediation_id"], unique=False
    )
    op.create_table(
        "mediation_agreements",
        sa.Column("id", BIG, nullable=False),
        sa.Column("mediation_id", BIG, nullable=False),
        sa.Column("n", BIG, nullable=False),
        sa.Column("proposal_id", BIG, nullable=False),
        sa.Column("amount_minor", BIG, nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("entry_id", BIG, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name=op.f("fk_mediation_agreements_entry_id_entries")
        ),
        sa.ForeignKeyConstraint(
            ["mediation_id"], ["mediations.id"], name=op.f("fk_mediation_agreements_mediation_id_mediations")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["mediation_proposals.id"],
            name=op.f("fk_mediation_agreements_proposal_id_mediation_proposals"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_agreements")),
        sa.UniqueConstraint("mediation_id", "n", name=op.f("uq_mediation_agreements_mediation_id_n")),
        info={"append_only": True},
    )
    op.create_table(
        "mediation_answers",
        sa.Column("id", BIG, nullable=False),
        sa.Column("mediation_id", BIG, nullable=False),
        sa.Column("proposal_id", BIG, nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("entry_id", BIG, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "answer IN ('accepted', 'refused', 'countered')", name=op.f("ck_mediation_answers_answer")
        ),
        sa.CheckConstraint("side IN ('customer', 'company')", name=op.f("ck_mediation_answers_side")),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name=op.f("fk_mediation_answers_entry_id_entries")
        ),
        sa.ForeignKeyConstraint(
            ["mediation_id"], ["mediations.id"], name=op.f("fk_mediation_answers_mediation_id_mediations")
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["mediation_proposals.id"],
            name=op.f("fk_mediation_answers_proposal_id_mediation_proposals"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_answers")),
        sa.UniqueConstraint("proposal_id", "side", name=op.f("uq_mediation_answers_proposal_id_side")),
        info={"append_only": True},
    )
    op.create_table(
        "mediation_proposal_parts",
        sa.Column("id", BIG, nullable=False),
        sa.Column("proposal_id", BIG, nullable=False),
        sa.Column("n", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount_minor", BIG, nullable=True),
        sa.Column("months", BIG, nullable=True),
        sa.Column("effect", sa.String(), nullable=True),
        sa.Column("within_days", BIG, nullable=False),
        sa.CheckConstraint(
            "kind IN ('refund', 'credit', 'extension', 'waiver', 'apology', 'changed_term')",
            name=op.f("ck_mediation_proposal_parts_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"],
            ["mediation_proposals.id"],
            name=op.f("fk_mediation_proposal_parts_proposal_id_mediation_proposals"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_proposal_parts")),
        sa.UniqueConstraint("proposal_id", "n", name=op.f("uq_mediation_proposal_parts_proposal_id_n")),
        info={"append_only": True},
    )
    op.create_table(
        "mediation_tasks",
        sa.Column("id", BIG, nullable=False),
        sa.Column("mediation_id", BIG, nullable=False),
        sa.Column("agreement_id", BIG, nullable=False),
        sa.Column("part_id", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("amount_minor", BIG, nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.Column("decision_id", BIG, nullable=True),
        sa.Column("version", BIG, nullable=False),
        sa.CheckConstraint(
            "kind IN ('refund', 'credit', 'extension', 'waiver', 'apology', 'changed_term')",
            name=op.f("ck_mediation_tasks_kind"),
        ),
        sa.CheckConstraint("side IN ('customer', 'company')", name=op.f("ck_mediation_tasks_side")),
        sa.CheckConstraint(
            "state IN ('open', 'done', 'breached', 'cancelled')", name=op.f("ck_mediation_tasks_state")
        ),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["mediation_agreements.id"],
            name=op.f("fk_mediation_tasks_agreement_id_mediation_agreements"),
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_mediation_tasks_decision_id_decisions")
        ),
        sa.ForeignKeyConstraint(
            ["mediation_id"], ["mediations.id"], name=op.f("fk_mediation_tasks_mediation_id_mediations")
        ),
        sa.ForeignKeyConstraint(
            ["part_id"],
            ["mediation_proposal_parts.id"],
            name=op.f("fk_mediation_tasks_part_id_mediation_proposal_parts"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mediation_tasks")),
    )
    op.create_index("ix_mediation_tasks_mediation_id", "mediation_tasks", ["mediation_id"], unique=False)
    for table in APPEND_ONLY:
        appendonly.protect(op.get_bind(), table)
    for table, name, when, why in NEUTRALITY:
        _refuse(table, name, when, why)


def downgrade() -> None:
    for table, name, _, _ in NEUTRALITY:
        _allow(table, name)
    for table in APPEND_ONLY:
        appendonly.unprotect(op.get_bind(), table)
    op.drop_index("ix_mediation_tasks_mediation_id", table_name="mediation_tasks")
    op.drop_table("mediation_tasks")
    op.drop_table("mediation_proposal_parts")
    op.drop_table("mediation_answers")
    op.drop_table("mediation_agreements")
    op.drop_index("ix_mediation_statements_mediation_id", table_name="mediation_statements")
    op.drop_table("mediation_statements")
    op.drop_table("mediation_restatement_answers")
    op.drop_table("mediation_proposals")
    op.drop_index("ix_mediation_documents_mediation_id", table_name="mediation_documents")
    op.drop_table("mediation_documents")
    op.drop_table("mediation_blind_offers")
    op.drop_table("mediation_restatements")
    op.drop_table("mediation_points")
    op.drop_table("mediation_parties")
    op.drop_table("mediation_offer_rounds")
    op.drop_index("ix_mediation_document_requests_mediation_id", table_name="mediation_document_requests")
    op.drop_table("mediation_document_requests")
    op.drop_index("ix_mediation_closings_at", table_name="mediation_closings")
    op.drop_table("mediation_closings")
    op.drop_index(
        "uq_mediation_appointments_running",
        table_name="mediation_appointments",
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.drop_index("ix_mediation_appointments_mediator_id", table_name="mediation_appointments")
    op.drop_index("ix_mediation_appointments_case_id", table_name="mediation_appointments")
    op.drop_table("mediation_appointments")
    op.drop_index(
        "uq_mediations_running",
        table_name="mediations",
        postgresql_where=sa.text("state NOT IN ('declined','closed','withdrawn','lapsed')"),
        sqlite_where=sa.text("state NOT IN ('declined','closed','withdrawn','lapsed')"),
    )
    op.drop_index("ix_mediations_state", table_name="mediations")
    op.drop_index("ix_mediations_requested", table_name="mediations")
    op.drop_index("ix_mediations_mediator", table_name="mediations")
    op.drop_index("ix_mediations_case_id", table_name="mediations")
    op.drop_table("mediations")
    op.drop_table("mediators")


def _refuse(table: str, name: str, when: str, why: str) -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        for verb in ("INSERT", "UPDATE"):
            connection.execute(
                sa.text(
                    f"CREATE TRIGGER {name}_{verb.lower()} BEFORE {verb} ON {table} WHEN {when} "
                    f"BEGIN SELECT RAISE(ABORT, '{why}'); END"
                )
            )
        return
    connection.execute(
        sa.text(
            f"CREATE FUNCTION casedesk_{name}() RETURNS trigger AS $$ BEGIN IF {when} THEN "
            f"RAISE EXCEPTION '{why}' USING ERRCODE = '23514'; END IF; RETURN NEW; END $$ LANGUAGE plpgsql"
        )
    )
    connection.execute(
        sa.text(
            f"CREATE TRIGGER {name} BEFORE INSERT OR UPDATE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION casedesk_{name}()"
        )
    )


def _allow(table: str, name: str) -> None:
    connection = op.get_bind()
    if connection.dialect.name == "sqlite":
        for verb in ("insert", "update"):
            connection.execute(sa.text(f"DROP TRIGGER IF EXISTS {name}_{verb}"))
        return
    connection.execute(sa.text(f"DROP TRIGGER IF EXISTS {name} ON {table}"))
    connection.execute(sa.text(f"DROP FUNCTION IF EXISTS casedesk_{name}()"))
