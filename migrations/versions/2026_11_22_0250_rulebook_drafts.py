"""Drafts of packs, and replays of a draft over stored judgements"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_0250_rulebook_drafts"
down_revision = "2026_11_22_0240_escalation"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "pack_drafts",
        sa.Column("id", BIG, nullable=False),
        sa.Column("pack", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("base_id", BIG, nullable=True),
        sa.Column("toml", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("author_id", BIG, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("changed_by", BIG, nullable=False),
        sa.Column("changed_at", INSTANT, nullable=False),
        sa.Column("asked_by", BIG, nullable=True),
        sa.Column("asked_at", INSTANT, nullable=True),
        sa.Column("returned_note", sa.String(), nullable=False, server_default=""),
        sa.Column("published_id", BIG, nullable=True),
        sa.Column("edit", BIG, nullable=False),
        sa.CheckConstraint(
            "state IN ('draft', 'in_review', 'published', 'discarded')", name=op.f("ck_pack_drafts_state")
        ),
        sa.ForeignKeyConstraint(
            ["base_id"], ["pack_versions.id"], name=op.f("fk_pack_drafts_base_id_pack_versions")
        ),
        sa.ForeignKeyConstraint(
            ["published_id"], ["pack_versions.id"], name=op.f("fk_pack_drafts_published_id_pack_versions")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["people.id"], name=op.f("fk_pack_drafts_author_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["changed_by"], ["people.id"], name=op.f("fk_pack_drafts_changed_by_people")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["people.id"], name=op.f("fk_pack_drafts_asked_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack_drafts")),
    )
    op.create_index(
        "uq_pack_drafts_active",
        "pack_drafts",
        ["pack"],
        unique=True,
        postgresql_where=sa.text("state IN ('draft', 'in_review')"),
        sqlite_where=sa.text("state IN ('draft', 'in_review')"),
    )
    op.create_table(
        "pack_draft_editors",
        sa.Column("draft_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["pack_drafts.id"], name=op.f("fk_pack_draft_editors_draft_id_pack_drafts")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_pack_draft_editors_person_id_people")
        ),
        sa.PrimaryKeyConstraint("draft_id", "person_id", name=op.f("pk_pack_draft_editors")),
    )
    op.create_table(
        "replays",
        sa.Column("id", BIG, nullable=False),
        sa.Column("draft_id", BIG, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("toml", sa.String(), nullable=False),
        sa.Column("packs_until", BIG, nullable=False),
        sa.Column("chosen", JSON, nullable=False),
        sa.Column("asked_by", BIG, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("total", BIG, nullable=False, server_default="0"),
        sa.Column("done", BIG, nullable=False, server_default="0"),
        sa.Column("last_id", BIG, nullable=False, server_default="0"),
        sa.Column("millis", BIG, nullable=False, server_default="0"),
        sa.Column("tallies", JSON, nullable=False),
        sa.Column("error", sa.String(), nullable=False, server_default=""),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'running', 'done', 'cancelled', 'failed')", name=op.f("ck_replays_state")
        ),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["pack_drafts.id"], name=op.f("fk_replays_draft_id_pack_drafts")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["people.id"], name=op.f("fk_replays_asked_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replays")),
    )
    op.create_index("ix_replays_draft_id", "replays", ["draft_id", "id"])
    op.create_table(
        "replay_rows",
        sa.Column("replay_id", BIG, nullable=False),
        sa.Column("judgement_id", BIG, nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", BIG, nullable=False),
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.Column("after", sa.String(), nullable=False),
        sa.Column("before_minor", BIG, nullable=True),
        sa.Column("after_minor", BIG, nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("below_law", sa.Boolean(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("plan", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["replay_id"], ["replays.id"], name=op.f("fk_replay_rows_replay_id_replays")
        ),
        sa.ForeignKeyConstraint(
            ["judgement_id"], ["judgements.id"], name=op.f("fk_replay_rows_judgement_id_judgements")
        ),
        sa.PrimaryKeyConstraint("replay_id", "judgement_id", name=op.f("pk_replay_rows")),
    )
    op.create_index("ix_replay_rows_change", "replay_rows", ["replay_id", "change", "judgement_id"])


def downgrade() -> None:
    op.drop_table("replay_rows")
    op.drop_table("replays")
    op.drop_table("pack_draft_editors")
    op.drop_table("pack_drafts")
