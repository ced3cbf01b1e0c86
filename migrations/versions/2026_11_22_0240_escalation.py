"""Calendars, service times, thresholds, what was noticed of a clock; escalations, their rules, notices, absences"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from casedesk.store import appendonly

revision = "2026_11_22_0240_escalation"
down_revision = "2026_11_22_0230_contract_facts"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

STAGES = "('intake', 'desk', 'team-lead', 'manager', 'mediation', 'outside-body')"
TRIGGERS = (
    "('clock_breached', 'amount_above', 'verdict_in_doubt', 'second_contact', 'words', 'vulnerable', 'exception_refused')"
)
FOUND = "('superior', 'lawyer', 'regulator', 'chargeback', 'mediation', 'hardship')"
APPEND_ONLY = ("clock_marks", "escalation_firings")


def key() -> sa.Column:
    return sa.Column("id", BIG, primary_key=True)


def ref(name: str, target: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, BIG, sa.ForeignKey(target), nullable=nullable)


def text(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.String(), nullable=nullable)


def number(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, BIG, nullable=nullable)


def at(name: str, nullable: bool = False) -> sa.Column:
    return sa.Column(name, INSTANT, nullable=nullable)


def upgrade() -> None:
    op.add_column("clocks", number("passed", nullable=True))
    op.add_column("clocks", at("next_look_at", nullable=True))
    op.create_index("ix_clocks_next_look", "clocks", ["state", "next_look_at", "id"])
    # Clocks of an older release are looked at when they are due; what was noticed of them is noticed.
    op.execute("UPDATE clocks SET next_look_at = due_at WHERE state = 'running' AND breached_at IS NULL")
    op.execute("UPDATE clocks SET passed = 0 WHERE breached_at IS NOT NULL")
    op.add_column("cases", number("escalation_id", nullable=True))
    op.add_column("cases", sa.Column("words_found", BIG, nullable=False, server_default="0"))
    _deadlines()
    _ladder()
    _people()
    for table in APPEND_ONLY:
        appendonly.protect(op.get_bind(), table)


def _deadlines() -> None:
    op.create_table(
        "clock_marks",
        key(),
        ref("clock_id", "clocks.id"),
        at("due_at"),
        number("threshold"),
        at("planned_at"),
        at("noticed_at"),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.Column("by_sweep", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("clock_id", "due_at", "threshold", name="uq_clock_marks_clock_id_due_at_threshold"),
    )
    op.create_table(
        "service_calendars",
        key(),
        text("name_en"),
        text("name_fr"),
        text("zone"),
        text("region"),
        sa.Column("weekly", JSON, nullable=False),
        sa.Column("closed", JSON, nullable=False),
        ref("entity_id", "entities.id", nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        number("version"),
        sa.UniqueConstraint("name_en", name="uq_service_calendars_name_en"),
        sa.UniqueConstraint("entity_id", name="uq_service_calendars_entity_id"),
    )
    op.create_table(
        "service_times",
        key(),
        text("clock"),
        text("kind", nullable=True),
        number("priority", nullable=True),
        text("customer", nullable=True),
        ref("entity_id", "entities.id", nullable=True),
        ref("calendar_id", "service_calendars.id", nullable=True),
        number("minutes"),
        number("version"),
        sa.CheckConstraint("minutes > 0", name="ck_service_times_minutes"),
        sa.CheckConstraint("priority IS NULL OR priority IN (1, 2, 3, 4)", name="ck_service_times_priority"),
    )
    op.create_table(
        "clock_thresholds",
        key(),
        text("clock"),
        number("minutes"),
        text("tell"),
        sa.Column("by_mail", sa.Boolean(), nullable=False),
        sa.UniqueConstraint("clock", "minutes", name="uq_clock_thresholds_clock_minutes"),
        sa.CheckConstraint("tell IN ('owner', 'team-lead', 'manager')", name="ck_clock_thresholds_tell"),
    )


def _ladder() -> None:
    op.create_table(
        "escalation_rules",
        key(),
        text("name_en"),
        text("name_fr"),
        text("trigger_kind"),
        text("clock", nullable=True),
        number("minutes"),
        text("words", nullable=True),
        number("times"),
        text("kind", nullable=True),
        number("amount_minor", nullable=True),
        text("currency"),
        text("to_stage"),
        sa.Column("active", sa.Boolean(), nullable=False),
        number("version"),
        sa.CheckConstraint(f"trigger_kind IN {TRIGGERS}", name="ck_escalation_rules_trigger_kind"),
        sa.CheckConstraint("to_stage IN ('team-lead', 'manager', 'mediation')", name="ck_escalation_rules_to_stage"),
    )
    op.create_table(
        "escalations",
        key(),
        ref("case_id", "cases.id"),
        number("n"),
        text("reason"),
        ref("rule_id", "escalation_rules.id", nullable=True),
        text("from_stage"),
        text("to_stage"),
        text("state"),
        ref("raised_by", "people.id", nullable=True),
        at("raised_at"),
        ref("owner_before_id", "people.id", nullable=True),
        ref("to_person_id", "people.id", nullable=True),
        ref("acknowledged_by", "people.id", nullable=True),
        at("acknowledged_at", nullable=True),
        at("ended_at", nullable=True),
        ref("entry_id", "entries.id"),
        number("version"),
        sa.UniqueConstraint("case_id", "n", name="uq_escalations_case_id_n"),
        sa.CheckConstraint("state IN ('open', 'acknowledged', 'ended')", name="ck_escalations_state"),
        sa.CheckConstraint(f"from_stage IN {STAGES} AND to_stage IN {STAGES}", name="ck_escalations_stages"),
    )
    op.create_index("ix_escalations_receiver", "escalations", ["to_person_id", "state"])
    op.create_index("ix_escalations_state", "escalations", ["state", "raised_at"])
    op.create_table(
        "escalation_firings",
        key(),
        ref("rule_id", "escalation_rules.id"),
        ref("case_id", "cases.id"),
        text("occasion"),
        ref("escalation_id", "escalations.id", nullable=True),
        at("at"),
        sa.UniqueConstraint(
            "rule_id", "case_id", "occasion", name="uq_escalation_firings_rule_id_case_id_occasion"
        ),
    )
    op.create_table(
        "found_words",
        key(),
        ref("case_id", "cases.id"),
        ref("entry_id", "entries.id"),
        text("kind"),
        text("state"),
        ref("answered_by", "people.id", nullable=True),
        at("answered_at", nullable=True),
        sa.UniqueConstraint("entry_id", "kind", name="uq_found_words_entry_id_kind"),
        sa.CheckConstraint(f"kind IN {FOUND}", name="ck_found_words_kind"),
        sa.CheckConstraint("state IN ('proposed', 'confirmed', 'dismissed')", name="ck_found_words_state"),
    )
    op.create_index("ix_found_words_case_id", "found_words", ["case_id"])


def _people() -> None:
    op.create_table(
        "case_notices",
        key(),
        text("key"),
        ref("person_id", "people.id"),
        ref("case_id", "cases.id", nullable=True),
        text("code"),
        sa.Column("params", JSON, nullable=False),
        at("told_at"),
        at("seen_at", nullable=True),
        sa.UniqueConstraint("key", name="uq_case_notices_key"),
    )
    op.create_index("ix_case_notices_person", "case_notices", ["person_id", "seen_at"])
    op.create_table(
        "absences",
        key(),
        ref("person_id", "people.id"),
        ref("substitute_id", "people.id"),
        at("starts_at"),
        at("ends_at"),
        text("state"),
        number("version"),
        sa.CheckConstraint("ends_at > starts_at", name="ck_absences_order"),
        sa.CheckConstraint("substitute_id <> person_id", name="ck_absences_other"),
        sa.CheckConstraint("state IN ('planned', 'on', 'over', 'called-off')", name="ck_absences_state"),
    )
    op.create_index("ix_absences_person", "absences", ["person_id", "state"])
    op.create_table(
        "absence_cases",
        sa.Column("absence_id", BIG, sa.ForeignKey("absences.id"), primary_key=True),
        sa.Column("case_id", BIG, sa.ForeignKey("cases.id"), primary_key=True),
        sa.Column("given_back", sa.Boolean(), nullable=False),
    )


def downgrade() -> None:
    for table in APPEND_ONLY:
        appendonly.unprotect(op.get_bind(), table)
    for table in (
        "absence_cases",
        "absences",
        "case_notices",
        "found_words",
        "escalation_firings",
        "escalations",
        "escalation_rules",
        "clock_thresholds",
        "service_times",
        "service_calendars",
        "clock_marks",
    ):
        op.drop_table(table)
    op.drop_column("cases", "words_found")
    op.drop_column("cases", "escalation_id")
    op.drop_index("ix_clocks_next_look", "clocks")
    op.drop_column("clocks", "next_look_at")
    op.drop_column("clocks", "passed")
