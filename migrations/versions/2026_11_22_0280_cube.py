"""The cube of cases, rates of exchange, and reports that people keep"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from casedesk.store import appendonly

revision = "2026_11_22_0280_cube"
down_revision = "2026_11_22_0270_sealed_notes"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

TABLES = (
    "cube_state",
    "case_facts",
    "case_marks",
    "cube_days",
    "cube_durations",
    "cube_timing",
    "cube_clauses",
    "cube_exposure",
    "cube_renewals",
    "fx_rates",
    "saved_reports",
    "report_schedules",
    "report_files",
)


def upgrade() -> None:
    op.create_table(
        "cube_state",
        sa.Column("id", BIG, autoincrement=False, nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.Column("read_until", INSTANT, nullable=True),
        sa.Column("swept_at", INSTANT, nullable=True),
        sa.Column("exposure_day", sa.Date(), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_cube_state_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cube_state")),
    )
    op.create_table(
        "case_facts",
        sa.Column("case_id", BIG, autoincrement=False, nullable=False),
        sa.Column("applied_seq", BIG, nullable=False),
        sa.Column("merged", sa.Boolean(), nullable=False),
        sa.Column("imported", sa.Boolean(), nullable=False),
        sa.Column("entity_id", BIG, nullable=False),
        sa.Column("customer_id", BIG, nullable=True),
        sa.Column("subscription_id", BIG, nullable=True),
        sa.Column("team_id", BIG, nullable=True),
        sa.Column("owner_id", BIG, nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("stated_cause", sa.String(), nullable=False),
        sa.Column("cause_established", sa.Boolean(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("medium", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("plan", sa.String(), nullable=False),
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("clause", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("decided_by", BIG, nullable=True),
        sa.Column("exception_reason", sa.String(), nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("opened_day", sa.Date(), nullable=False),
        sa.Column("opened_hour", BIG, nullable=False),
        sa.Column("opened_month_day", BIG, nullable=False),
        sa.Column("first_reply_day", sa.Date(), nullable=True),
        sa.Column("decided_day", sa.Date(), nullable=True),
        sa.Column("closed_day", sa.Date(), nullable=True),
        sa.Column("purchased_day", sa.Date(), nullable=True),
        sa.Column("days_since_purchase", BIG, nullable=True),
        sa.Column("days_since_renewal", BIG, nullable=True),
        sa.Column("days_since_billing", BIG, nullable=True),
        sa.Column("first_reply_s", BIG, nullable=True),
        sa.Column("first_reply_bin", BIG, nullable=True),
        sa.Column("resolution_s", BIG, nullable=True),
        sa.Column("resolution_bin", BIG, nullable=True),
        sa.Column("claimed_minor", BIG, nullable=False),
        sa.Column("by_rule_minor", BIG, nullable=False),
        sa.Column("decided_minor", BIG, nullable=False),
        sa.Column("exception_minor", BIG, nullable=False),
        sa.Column("refunded_minor", BIG, nullable=False),
        sa.Column("credited_minor", BIG, nullable=False),
        sa.Column("contacts_in", BIG, nullable=False),
        sa.Column("contacts_out", BIG, nullable=False),
        sa.Column("reopened", BIG, nullable=False),
        sa.Column("reversed", BIG, nullable=False),
        sa.Column("repeat", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_facts_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk_case_facts")),
    )
    op.create_index("ix_case_facts_cause", "case_facts", ["cause", "source", "opened_day"], unique=False)
    op.create_index(
        "ix_case_facts_closed",
        "case_facts",
        [
            "closed_day",
            "kind",
            "team_id",
            "cause",
            "source",
            "plan",
            "channel",
            "currency",
            "merged",
            "outcome",
            "resolution_bin",
            "refunded_minor",
        ],
        unique=False,
    )
    op.create_index("ix_case_facts_customer", "case_facts", ["customer_id", "opened_at"], unique=False)
    op.create_index(
        "ix_case_facts_decided",
        "case_facts",
        [
            "decided_day",
            "kind",
            "team_id",
            "cause",
            "source",
            "plan",
            "channel",
            "currency",
            "merged",
            "clause",
            "decided_by",
            "outcome",
            "decided_minor",
            "exception_minor",
            "exception_reason",
            "reversed",
        ],
        unique=False,
    )
    op.create_index(
        "ix_case_facts_first_reply",
        "case_facts",
        [
            "first_reply_day",
            "kind",
            "team_id",
            "cause",
            "source",
            "plan",
            "channel",
            "currency",
            "merged",
            "first_reply_bin",
        ],
        unique=False,
    )
    op.create_index(
        "ix_case_facts_opened",
        "case_facts",
        [
            "opened_day",
            "kind",
            "team_id",
            "cause",
            "source",
            "plan",
            "channel",
            "currency",
            "merged",
            "repeat",
            "claimed_minor",
            "network",
            "outcome",
            "contacts_in",
        ],
        unique=False,
    )
    op.create_index("ix_case_facts_purchased", "case_facts", ["purchased_day", "case_id"], unique=False)
    op.create_index(
        "ix_case_facts_standing",
        "case_facts",
        ["opened_day"],
        unique=False,
        postgresql_where=sa.text("status <> 'closed'"),
        sqlite_where=sa.text("status <> 'closed'"),
    )
    op.create_table(
        "case_marks",
        sa.Column("case_id", BIG, autoincrement=False, nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("n", BIG, autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("amount_minor", BIG, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_marks_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", "event", "n", name=op.f("pk_case_marks")),
    )
    op.create_index(
        "ix_case_marks_day",
        "case_marks",
        ["event", "day", "case_id", "detail", "currency", "amount_minor"],
        unique=False,
    )
    op.create_table(
        "cube_days",
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("cut", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("a", sa.String(), nullable=False),
        sa.Column("b", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("n", BIG, nullable=False),
        sa.Column("amount_minor", BIG, nullable=False),
        sa.PrimaryKeyConstraint("event", "cut", "day", "a", "b", "currency", name=op.f("pk_cube_days")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "cube_durations",
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("cut", sa.String(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("a", sa.String(), nullable=False),
        sa.Column("bin", BIG, autoincrement=False, nullable=False),
        sa.Column("n", BIG, nullable=False),
        sa.PrimaryKeyConstraint("measure", "cut", "month", "a", "bin", name=op.f("pk_cube_durations")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "cube_timing",
        sa.Column("clock", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("bin", BIG, autoincrement=False, nullable=False),
        sa.Column("n", BIG, nullable=False),
        sa.PrimaryKeyConstraint("clock", "cause", "month", "bin", name=op.f("pk_cube_timing")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "cube_clauses",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("clause", sa.String(), nullable=False),
        sa.Column("person_id", BIG, autoincrement=False, nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("n", BIG, nullable=False),
        sa.Column("granted", BIG, nullable=False),
        sa.Column("amount_minor", BIG, nullable=False),
        sa.Column("exceptions", BIG, nullable=False),
        sa.Column("exception_minor", BIG, nullable=False),
        sa.Column("reversed", BIG, nullable=False),
        sa.PrimaryKeyConstraint("month", "clause", "person_id", "currency", name=op.f("pk_cube_clauses")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "cube_exposure",
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("a", sa.String(), nullable=False),
        sa.Column("b", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("n", BIG, nullable=False),
        sa.Column("amount_minor", BIG, nullable=False),
        sa.PrimaryKeyConstraint("measure", "day", "a", "b", "origin", name=op.f("pk_cube_exposure")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "cube_renewals",
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("a", sa.String(), nullable=False),
        sa.Column("b", sa.String(), nullable=False),
        sa.Column("n", BIG, nullable=False),
        sa.PrimaryKeyConstraint("starts_on", "ends_on", "a", "b", name=op.f("pk_cube_renewals")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "fx_rates",
        sa.Column("id", BIG, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("rate_billionths", BIG, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("entered_by", BIG, nullable=True),
        sa.Column("entered_at", INSTANT, nullable=False),
        sa.CheckConstraint("rate_billionths > 0", name=op.f("ck_fx_rates_rate")),
        sa.ForeignKeyConstraint(["entered_by"], ["people.id"], name=op.f("fk_fx_rates_entered_by_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fx_rates")),
        info={"append_only": True},
    )
    op.create_index("ix_fx_rates_currency_day", "fx_rates", ["currency", "day", "id"], unique=False)
    op.create_table(
        "saved_reports",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("report", sa.String(), nullable=False),
        sa.Column(
            "asked",
            JSON,
            nullable=False,
        ),
        sa.Column("owner_id", BIG, nullable=False),
        sa.Column(
            "shared_with",
            JSON,
            nullable=False,
        ),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("removed_at", INSTANT, nullable=True),
        sa.Column("version", BIG, nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_saved_reports_owner_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_reports")),
    )
    op.create_index("ix_saved_reports_owner_id", "saved_reports", ["owner_id"], unique=False)
    op.create_table(
        "report_schedules",
        sa.Column("id", BIG, nullable=False),
        sa.Column("saved_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("every", sa.String(), nullable=False),
        sa.Column("next_at", INSTANT, nullable=False),
        sa.Column("last_sent_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("version", BIG, nullable=False),
        sa.CheckConstraint("every IN ('day', 'week', 'month')", name=op.f("ck_report_schedules_every")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_report_schedules_person_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["saved_id"], ["saved_reports.id"], name=op.f("fk_report_schedules_saved_id_saved_reports")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_schedules")),
    )
    op.create_index("ix_report_schedules_due", "report_schedules", ["next_at"], unique=False)
    op.create_index("ix_report_schedules_saved_id", "report_schedules", ["saved_id"], unique=False)
    op.create_table(
        "report_files",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("schedule_id", BIG, nullable=True),
        sa.Column("report", sa.String(), nullable=False),
        sa.Column(
            "asked",
            JSON,
            nullable=False,
        ),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("blob_digest", sa.String(), nullable=True),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.Column("error", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["blob_digest"], ["blobs.digest"], name=op.f("fk_report_files_blob_digest_blobs")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_report_files_person_id_people")),
        sa.ForeignKeyConstraint(
            ["schedule_id"],
            ["report_schedules.id"],
            name=op.f("fk_report_files_schedule_id_report_schedules"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_files")),
    )
    op.create_index("ix_report_files_person_id", "report_files", ["person_id", "id"], unique=False)
    appendonly.protect(op.get_bind(), "fx_rates")


def downgrade() -> None:
    appendonly.unprotect(op.get_bind(), "fx_rates")
    for table in reversed(TABLES):
        op.drop_table(table)
