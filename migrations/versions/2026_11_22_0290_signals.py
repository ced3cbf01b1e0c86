"""Signals: exposure, scans, episodes with the figures of each week, annotations, actions, votes, lessons"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from casedesk.store import appendonly

revision = "2026_11_22_0290_signals"
down_revision = "2026_11_22_0280_cube"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

APPEND_ONLY = ("signal_weeks", "signal_lessons")


def upgrade() -> None:
    op.create_table(
        "exposure_rows",
        sa.Column("id", BIG, nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("product", sa.String(), nullable=False),
        sa.Column("active_subscriptions", BIG, nullable=True),
        sa.Column("purchases", BIG, nullable=True),
        sa.Column("imported_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "(active_subscriptions IS NULL OR active_subscriptions >= 0) AND (purchases IS NULL OR purchases >= 0)",
            name=op.f("ck_exposure_rows_not_negative"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exposure_rows")),
        sa.UniqueConstraint(
            "period", "source", "product", name=op.f("uq_exposure_rows_period_source_product")
        ),
    )
    op.create_table(
        "signal_scans",
        sa.Column("id", BIG, nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("asked_by", BIG, nullable=True),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("started_at", INSTANT, nullable=True),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.Column("done", BIG, nullable=False),
        sa.Column("of", BIG, nullable=False),
        sa.Column("cases", BIG, nullable=False),
        sa.Column("weeks", BIG, nullable=False),
        sa.Column("series", BIG, nullable=False),
        sa.Column("judged", sa.Date(), nullable=True),
        sa.Column("past", sa.String(), nullable=False),
        sa.Column("notes", JSON, nullable=False),
        sa.Column("few", JSON, nullable=False),
        sa.Column("error", sa.String(), nullable=True),
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'done', 'failed')", name=op.f("ck_signal_scans_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal_scans")),
        info={"notes": True},
    )
    op.create_index("ix_signal_scans_as_of", "signal_scans", ["as_of", "id"], unique=False)
    op.create_table(
        "signals",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("dimension", sa.String(), nullable=False),
        sa.Column("low", BIG, nullable=True),
        sa.Column("high", BIG, nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("last", sa.Date(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("ended", sa.Boolean(), nullable=False),
        sa.Column("observed", BIG, nullable=False),
        sa.Column("expected", sa.Double(), nullable=False),
        sa.Column("excess", sa.Double(), nullable=False),
        sa.Column("excess_money", JSON, nullable=False),
        sa.Column("weight", BIG, nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("finding", JSON, nullable=False),
        sa.Column("picture", JSON, nullable=False),
        sa.Column("first_scan_id", BIG, nullable=False),
        sa.Column("last_scan_id", BIG, nullable=False),
        sa.Column("found_at", INSTANT, nullable=False),
        sa.Column("told_at", INSTANT, nullable=True),
        sa.Column("told_excess", sa.Double(), nullable=True),
        sa.Column("explanation", sa.String(), nullable=False),
        sa.Column("snoozed_until", sa.Date(), nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("version", BIG, nullable=False),
        sa.CheckConstraint("kind IN ('spike', 'cell', 'timing')", name=op.f("ck_signals_kind")),
        sa.CheckConstraint(
            "state IN ('new', 'acknowledged', 'explained', 'assigned', 'watched', 'closed')",
            name=op.f("ck_signals_state"),
        ),
        sa.ForeignKeyConstraint(
            ["first_scan_id"], ["signal_scans.id"], name=op.f("fk_signals_first_scan_id_signal_scans")
        ),
        sa.ForeignKeyConstraint(
            ["last_scan_id"], ["signal_scans.id"], name=op.f("fk_signals_last_scan_id_signal_scans")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signals")),
    )
    op.create_index("ix_signals_cause", "signals", ["cause", "source"], unique=False)
    op.create_index("ix_signals_state", "signals", ["state", "ended"], unique=False)
    op.create_table(
        "signal_weeks",
        sa.Column("id", BIG, nullable=False),
        sa.Column("signal_id", BIG, nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("scan_id", BIG, nullable=False),
        sa.Column("observed", BIG, nullable=False),
        sa.Column("expected", sa.Double(), nullable=False),
        sa.Column("low", BIG, nullable=False),
        sa.Column("high", BIG, nullable=False),
        sa.Column("at_risk", sa.Double(), nullable=True),
        sa.Column("surprise", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["scan_id"], ["signal_scans.id"], name=op.f("fk_signal_weeks_scan_id_signal_scans")
        ),
        sa.ForeignKeyConstraint(
            ["signal_id"], ["signals.id"], name=op.f("fk_signal_weeks_signal_id_signals")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal_weeks")),
        sa.UniqueConstraint(
            "signal_id", "week", "scan_id", name=op.f("uq_signal_weeks_signal_id_week_scan_id")
        ),
        info={"append_only": True},
    )
    op.create_table(
        "signal_annotations",
        sa.Column("id", BIG, nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("said", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("made_by", BIG, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.CheckConstraint(
            "kind IN ('price_change', 'new_terms', 'campaign', 'outage', 'other')",
            name=op.f("ck_signal_annotations_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["made_by"], ["people.id"], name=op.f("fk_signal_annotations_made_by_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal_annotations")),
    )
    op.create_index("ix_signal_annotations_happened_on", "signal_annotations", ["happened_on"], unique=False)
    op.create_table(
        "signal_actions",
        sa.Column("id", BIG, nullable=False),
        sa.Column("signal_id", BIG, nullable=False),
        sa.Column("change", sa.String(), nullable=False),
        sa.Column("owner_id", BIG, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("effect", JSON, nullable=True),
        sa.Column("held", sa.String(), nullable=False),
        sa.Column("made_by", BIG, nullable=False),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "held IN ('unknown', 'yes', 'no', 'unclear')", name=op.f("ck_signal_actions_held")
        ),
        sa.ForeignKeyConstraint(["made_by"], ["people.id"], name=op.f("fk_signal_actions_made_by_people")),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_signal_actions_owner_id_people")),
        sa.ForeignKeyConstraint(
            ["signal_id"], ["signals.id"], name=op.f("fk_signal_actions_signal_id_signals")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal_actions")),
    )
    op.create_index("ix_signal_actions_signal_id", "signal_actions", ["signal_id"], unique=False)
    op.create_table(
        "signal_votes",
        sa.Column("signal_id", BIG, autoincrement=False, nullable=False),
        sa.Column("person_id", BIG, autoincrement=False, nullable=False),
        sa.Column("useful", sa.Boolean(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_signal_votes_person_id_people")),
        sa.ForeignKeyConstraint(
            ["signal_id"], ["signals.id"], name=op.f("fk_signal_votes_signal_id_signals")
        ),
        sa.PrimaryKeyConstraint("signal_id", "person_id", name=op.f("pk_signal_votes")),
    )
    op.create_table(
        "signal_lessons",
        sa.Column("id", BIG, nullable=False),
        sa.Column("signal_id", BIG, nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("found", sa.String(), nullable=False),
        sa.Column("done", sa.String(), nullable=False),
        sa.Column("held", sa.String(), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("written_by", BIG, nullable=False),
        sa.Column("written_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "held IN ('unknown', 'yes', 'no', 'unclear')", name=op.f("ck_signal_lessons_held")
        ),
        sa.ForeignKeyConstraint(
            ["signal_id"], ["signals.id"], name=op.f("fk_signal_lessons_signal_id_signals")
        ),
        sa.ForeignKeyConstraint(
            ["written_by"], ["people.id"], name=op.f("fk_signal_lessons_written_by_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal_lessons")),
        info={"append_only": True},
    )
    op.create_index("ix_signal_lessons_cause", "signal_lessons", ["cause"], unique=False)
    for table in APPEND_ONLY:
        appendonly.protect(op.get_bind(), table)


def downgrade() -> None:
    for table in APPEND_ONLY:
        appendonly.unprotect(op.get_bind(), table)
    op.drop_table("signal_lessons")
    op.drop_table("signal_votes")
    op.drop_table("signal_actions")
    op.drop_table("signal_annotations")
    op.drop_table("signal_weeks")
    op.drop_table("signals")
    op.drop_table("signal_scans")
    op.drop_table("exposure_rows")
