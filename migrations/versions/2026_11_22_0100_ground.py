"""ground"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "2026_11_22_0100_ground"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "blobs",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("stored_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_blobs")),
    )
    op.create_table(
        "calendars",
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_calendars")),
        info={"append_only": True},
    )
    op.create_table(
        "causes",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("label_en", sa.String(), nullable=False),
        sa.Column("label_fr", sa.String(), nullable=False),
        sa.Column("position", BIG, nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("merged_into_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["causes.id"], name=op.f("fk_causes_merged_into_id_causes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_causes")),
        sa.UniqueConstraint("code", name=op.f("uq_causes_code")),
    )
    op.create_table(
        "checkpoints",
        sa.Column("n", BIG, autoincrement=False, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("cases", BIG, nullable=False),
        sa.Column("entries", BIG, nullable=False),
        sa.Column("merkle_root", sa.String(), nullable=False),
        sa.Column("prev", sa.String(), nullable=False),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("mac", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_checkpoints")),
        info={"append_only": True},
    )
    op.create_table(
        "clocks",
        sa.Column("id", BIG, nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", BIG, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("round", BIG, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("by_law", sa.Boolean(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("paused_at", INSTANT, nullable=True),
        sa.Column("stopped_at", INSTANT, nullable=True),
        sa.Column("breached_at", INSTANT, nullable=True),
        sa.Column("working", JSON, nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.CheckConstraint(
            "state IN ('running', 'paused', 'kept', 'late', 'cancelled')", name=op.f("ck_clocks_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clocks")),
        sa.UniqueConstraint(
            "subject_kind",
            "subject_id",
            "name",
            "round",
            name=op.f("uq_clocks_subject_kind_subject_id_name_round"),
        ),
    )
    op.create_index("ix_clocks_running", "clocks", ["state", "due_at"], unique=False)
    op.create_table(
        "customers",
        sa.Column("id", BIG, nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("salutation", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("city", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("employees", BIG, nullable=True),
        sa.Column("main_activity", sa.String(), nullable=True),
        sa.Column("vulnerable", sa.Boolean(), nullable=False),
        sa.Column("legal_hold", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("erased_at", INSTANT, nullable=True),
        sa.Column("version", BIG, nullable=False),
        sa.CheckConstraint(
            "kind IN ('consumer','business','non_professional')", name=op.f("ck_customers_kind")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
        sa.UniqueConstraint("reference", name=op.f("uq_customers_reference")),
    )
    op.create_index("ix_customers_name_key", "customers", ["name_key"], unique=False)
    op.create_index("ix_customers_address", "customers", ["address", "city"], unique=False)
    op.create_table(
        "drafts",
        sa.Column("id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("saved_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drafts")),
        sa.UniqueConstraint("person_id", "place", name=op.f("uq_drafts_person_id_place")),
        info={"notes": True},
    )
    op.create_table(
        "entities",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("legal_name", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("case_prefix", sa.String(), nullable=False),
        sa.Column("sender_mail", sa.String(), nullable=False),
        sa.Column("mediator_body", JSON, nullable=False),
        sa.Column("active", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("version", BIG, server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entities")),
        sa.UniqueConstraint("code", name=op.f("uq_entities_code")),
    )
    op.create_table(
        "entries",
        sa.Column("id", BIG, nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", BIG, nullable=False),
        sa.Column("seq", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("happened_at", INSTANT, nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.Column("actor_kind", sa.String(), nullable=False),
        sa.Column("actor_id", BIG, nullable=True),
        sa.Column("on_behalf_of", BIG, nullable=True),
        sa.Column("corrects_id", BIG, nullable=True),
        sa.Column("body", JSON, nullable=False),
        sa.Column("text_digest", sa.String(), nullable=True),
        sa.Column("key_id", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["corrects_id"], ["entries.id"], name=op.f("fk_entries_corrects_id_entries")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
        sa.UniqueConstraint(
            "subject_kind", "subject_id", "seq", name=op.f("uq_entries_subject_kind_subject_id_seq")
        ),
        info={"append_only": True},
    )
    op.create_index("ix_entries_recorded_at", "entries", ["recorded_at"], unique=False)
    op.create_table(
        "external_references",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("target_id", BIG, nullable=False),
        sa.PrimaryKeyConstraint("kind", "source", "reference", name=op.f("pk_external_references")),
    )
    op.create_index(
        "ix_external_references_target", "external_references", ["kind", "target_id"], unique=False
    )
    op.create_table(
        "form_tokens",
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("person_id", BIG, nullable=True),
        sa.Column("used_at", INSTANT, nullable=False),
        sa.Column("result_url", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("token", name=op.f("pk_form_tokens")),
    )
    op.create_table(
        "heads",
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", BIG, autoincrement=False, nullable=False),
        sa.Column("seq", BIG, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("mac", sa.String(), nullable=False),
        sa.Column("sealed_seq", BIG, nullable=False),
        sa.PrimaryKeyConstraint("subject_kind", "subject_id", name=op.f("pk_heads")),
    )
    op.create_table(
        "import_runs",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("mapping", JSON, nullable=False),
        sa.Column("person_id", BIG, nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("rows_in", BIG, nullable=False),
        sa.Column("stored", BIG, nullable=False),
        sa.Column("known", BIG, nullable=False),
        sa.Column("refused", BIG, nullable=False),
        sa.Column("totals", JSON, nullable=False),
        sa.Column("file_digest", sa.String(), nullable=True),
        sa.Column("error_digest", sa.String(), nullable=True),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_runs")),
    )
    op.create_table(
        "judgements",
        sa.Column("id", BIG, nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", BIG, nullable=False),
        sa.Column("judged_at", INSTANT, nullable=False),
        sa.Column("judged_for", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("amount_minor", BIG, nullable=True),
        sa.Column("currency", sa.String(), nullable=True),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("pack_digests", JSON, nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=True),
        sa.Column("plan", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_judgements")),
        info={"append_only": True},
    )
    op.create_index("ix_judgements_subject", "judgements", ["subject_kind", "subject_id", "id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=True),
        sa.Column("subject_id", BIG, nullable=True),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("claimed_until", INSTANT, nullable=True),
        sa.Column("attempts", BIG, nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
    )
    op.create_index("ix_outbox_subject", "outbox", ["subject_kind", "subject_id"], unique=False)
    op.create_index("ix_outbox_todo", "outbox", ["state", "due_at", "id"], unique=False)
    op.create_table(
        "outgoing_mails",
        sa.Column("id", BIG, nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", BIG, nullable=False),
        sa.Column("entry_id", BIG, nullable=True),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("in_reply_to", sa.String(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("attachment_digest", sa.String(), nullable=True),
        sa.Column("attachment_name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", BIG, nullable=False),
        sa.Column("possibly_twice", sa.Boolean(), nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_mails")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outgoing_mails_message_id")),
    )
    op.create_index(
        "ix_outgoing_mails_subject", "outgoing_mails", ["subject_kind", "subject_id"], unique=False
    )
    op.create_table(
        "pack_versions",
        sa.Column("id", BIG, nullable=False),
        sa.Column("pack", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("toml", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("published_at", INSTANT, nullable=False),
        sa.Column("published_by", BIG, nullable=True),
        sa.Column("second_by", BIG, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack_versions")),
        sa.UniqueConstraint("digest", name=op.f("uq_pack_versions_digest")),
        sa.UniqueConstraint("pack", "version", name=op.f("uq_pack_versions_pack_version")),
        info={"append_only": True},
    )
    op.create_table(
        "sign_in_attempts",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("count", BIG, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_attempts")),
        info={"notes": True},
    )
    op.create_table(
        "teams",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teams")),
        sa.UniqueConstraint("name", name=op.f("uq_teams_name")),
    )
    op.create_table(
        "checkpoint_heads",
        sa.Column("n", BIG, autoincrement=False, nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", BIG, autoincrement=False, nullable=False),
        sa.Column("seq", BIG, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["n"], ["checkpoints.n"], name=op.f("fk_checkpoint_heads_n_checkpoints")),
        sa.PrimaryKeyConstraint("n", "subject_kind", "subject_id", name=op.f("pk_checkpoint_heads")),
        info={"append_only": True},
    )
    op.create_table(
        "consents",
        sa.Column("id", BIG, nullable=False),
        sa.Column("customer_id", BIG, nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_consents_customer_id_customers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
        info={"append_only": True},
    )
    op.create_index("ix_consents_customer_id", "consents", ["customer_id"], unique=False)
    op.create_table(
        "contact_points",
        sa.Column("id", BIG, nullable=False),
        sa.Column("customer_id", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("value_key", sa.String(), nullable=False),
        sa.Column("preferred", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_contact_points_customer_id_customers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_points")),
    )
    op.create_index("ix_contact_points_customer_id", "contact_points", ["customer_id"], unique=False)
    op.create_index("ix_contact_points_value_key", "contact_points", ["kind", "value_key"], unique=False)
    op.create_table(
        "entry_texts",
        sa.Column("entry_id", BIG, autoincrement=False, nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.Column("text", JSON, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_entry_texts_entry_id_entries")),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_entry_texts")),
    )
    op.create_table(
        "erasures",
        sa.Column("entry_id", BIG, autoincrement=False, nullable=False),
        sa.Column("erasure_entry_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_erasures_entry_id_entries")),
        sa.ForeignKeyConstraint(
            ["erasure_entry_id"], ["entries.id"], name=op.f("fk_erasures_erasure_entry_id_entries")
        ),
        sa.PrimaryKeyConstraint("entry_id", name=op.f("pk_erasures")),
        info={"append_only": True},
    )
    op.create_table(
        "judgement_rules",
        sa.Column("judgement_id", BIG, nullable=False),
        sa.Column("rule_id", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["judgement_id"], ["judgements.id"], name=op.f("fk_judgement_rules_judgement_id_judgements")
        ),
        sa.PrimaryKeyConstraint("judgement_id", "rule_id", name=op.f("pk_judgement_rules")),
        info={"append_only": True},
    )
    op.create_index("ix_judgement_rules_rule_id", "judgement_rules", ["rule_id"], unique=False)
    op.create_table(
        "people",
        sa.Column("id", BIG, nullable=False),
        sa.Column("mail", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("team_id", BIG, nullable=True),
        sa.Column("is_lead", sa.Boolean(), nullable=False),
        sa.Column("sees", sa.String(), nullable=False),
        sa.Column("goodwill_ceiling_minor", BIG, nullable=False),
        sa.Column("approval_ceiling_minor", BIG, nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("theme", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.CheckConstraint(
            "role IN ('agent', 'manager', 'mediator', 'administrator')", name=op.f("ck_people_role")
        ),
        sa.CheckConstraint("sees IN ('all', 'team', 'assigned')", name=op.f("ck_people_sees")),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_people_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("mail", name=op.f("uq_people_mail")),
    )
    op.create_table(
        "plans",
        sa.Column("id", BIG, nullable=False),
        sa.Column("entity_id", BIG, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("contract_kind", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("interval_months", BIG, nullable=False),
        sa.Column("price_minor", BIG, nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", BIG, server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["entity_id"], ["entities.id"], name=op.f("fk_plans_entity_id_entities")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plans")),
        sa.UniqueConstraint("code", name=op.f("uq_plans_code")),
    )
    op.create_table(
        "terms",
        sa.Column("id", BIG, nullable=False),
        sa.Column("entity_id", BIG, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("refund_window_days", BIG, nullable=True),
        sa.Column("proration", sa.String(), nullable=False),
        sa.Column("commitment_months", BIG, nullable=False),
        sa.Column("notice_months", BIG, nullable=False),
        sa.Column("renewal", sa.String(), nullable=False),
        sa.Column("renewal_months", BIG, nullable=False),
        sa.Column("billing_day_rule", sa.String(), nullable=False),
        sa.Column("fees", JSON, nullable=False),
        sa.Column("clauses", JSON, nullable=False),
        sa.ForeignKeyConstraint(["entity_id"], ["entities.id"], name=op.f("fk_terms_entity_id_entities")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms")),
        sa.UniqueConstraint("entity_id", "code", name=op.f("uq_terms_entity_id_code")),
        info={"append_only": True},
    )
    op.create_table(
        "sign_ins",
        sa.Column("token_digest", sa.String(), nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("seen_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("browser", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_sign_ins_person_id_people")),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_sign_ins")),
        info={"notes": True},
    )
    op.create_index("ix_sign_ins_person_id", "sign_ins", ["person_id"], unique=False)
    op.create_table(
        "subscriptions",
        sa.Column("id", BIG, nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("customer_id", BIG, nullable=False),
        sa.Column("entity_id", BIG, nullable=False),
        sa.Column("plan_id", BIG, nullable=False),
        sa.Column("terms_id", BIG, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("concluded_at", INSTANT, nullable=False),
        sa.Column("accepted_at", INSTANT, nullable=False),
        sa.Column("started_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("commitment_until", sa.Date(), nullable=True),
        sa.Column("renewed_at", INSTANT, nullable=True),
        sa.Column("billing_day", BIG, nullable=True),
        sa.Column("price_minor", BIG, nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("payment_brand", sa.String(), nullable=False),
        sa.Column("payment_last4", sa.String(), nullable=False),
        sa.Column("payment_expiry", sa.String(), nullable=False),
        sa.Column("payment_fingerprint", sa.String(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("medium", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("first_touch_at", INSTANT, nullable=True),
        sa.Column("version", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_subscriptions_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(
            ["entity_id"], ["entities.id"], name=op.f("fk_subscriptions_entity_id_entities")
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plans.id"], name=op.f("fk_subscriptions_plan_id_plans")),
        sa.ForeignKeyConstraint(["terms_id"], ["terms.id"], name=op.f("fk_subscriptions_terms_id_terms")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint("reference", name=op.f("uq_subscriptions_reference")),
    )
    op.create_index("ix_subscriptions_customer_id", "subscriptions", ["customer_id"], unique=False)
    op.create_index(
        "ix_subscriptions_payment_fingerprint", "subscriptions", ["payment_fingerprint"], unique=False
    )
    op.create_table(
        "charges",
        sa.Column("id", BIG, nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("entity_id", BIG, nullable=False),
        sa.Column("customer_id", BIG, nullable=True),
        sa.Column("subscription_id", BIG, nullable=True),
        sa.Column("amount_minor", BIG, nullable=False),
        sa.Column("tax_minor", BIG, nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("captured_at", INSTANT, nullable=False),
        sa.Column("period_starts_on", sa.Date(), nullable=True),
        sa.Column("period_ends_on", sa.Date(), nullable=True),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("provider_reference", sa.String(), nullable=False),
        sa.CheckConstraint("amount_minor >= 0", name=op.f("ck_charges_amount")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_charges_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(["entity_id"], ["entities.id"], name=op.f("fk_charges_entity_id_entities")),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscriptions.id"], name=op.f("fk_charges_subscription_id_subscriptions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_charges")),
        sa.UniqueConstraint("reference", name=op.f("uq_charges_reference")),
        info={"append_only": True},
    )
    op.create_index("ix_charges_customer_id", "charges", ["customer_id"], unique=False)
    op.create_index("ix_charges_subscription_id", "charges", ["subscription_id"], unique=False)
    op.create_table(
        "disclosures",
        sa.Column("id", BIG, nullable=False),
        sa.Column("subscription_id", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("given_at", INSTANT, nullable=True),
        sa.Column("never", sa.Boolean(), nullable=False),
        sa.Column("medium", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name=op.f("fk_disclosures_subscription_id_subscriptions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosures")),
        info={"append_only": True},
    )
    op.create_index("ix_disclosures_subscription_id", "disclosures", ["subscription_id"], unique=False)
    op.create_table(
        "subscription_periods",
        sa.Column("id", BIG, nullable=False),
        sa.Column("subscription_id", BIG, nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("price_minor", BIG, nullable=False),
        sa.CheckConstraint("ends_on > starts_on", name=op.f("ck_subscription_periods_order")),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name=op.f("fk_subscription_periods_subscription_id_subscriptions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription_periods")),
        sa.UniqueConstraint(
            "subscription_id", "starts_on", name=op.f("uq_subscription_periods_subscription_id_starts_on")
        ),
    )
    op.create_table(
        "cases",
        sa.Column("id", BIG, nullable=False),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("entity_id", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("priority", BIG, nullable=False),
        sa.Column("owner_id", BIG, nullable=True),
        sa.Column("team_id", BIG, nullable=True),
        sa.Column("customer_id", BIG, nullable=True),
        sa.Column("claimed_name", sa.String(), nullable=True),
        sa.Column("claimed_contact", sa.String(), nullable=True),
        sa.Column("subscription_id", BIG, nullable=True),
        sa.Column("charge_id", BIG, nullable=True),
        sa.Column("stated_cause_id", BIG, nullable=True),
        sa.Column("established_cause_id", BIG, nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("claimed_minor", BIG, nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("medium", sa.String(), nullable=False),
        sa.Column("campaign", sa.String(), nullable=False),
        sa.Column("occurred_at", INSTANT, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("first_reply_at", INSTANT, nullable=True),
        sa.Column("decided_at", INSTANT, nullable=True),
        sa.Column("closed_at", INSTANT, nullable=True),
        sa.Column("last_contact_at", INSTANT, nullable=True),
        sa.Column("last_contact_channel", sa.String(), nullable=True),
        sa.Column("last_contact_inbound", sa.Boolean(), nullable=False),
        sa.Column("unread", sa.Boolean(), nullable=False),
        sa.Column("next_clock", sa.String(), nullable=True),
        sa.Column("next_started_at", INSTANT, nullable=True),
        sa.Column("next_due_at", INSTANT, nullable=True),
        sa.Column("next_paused", sa.Boolean(), nullable=False),
        sa.Column("judgement_id", BIG, nullable=True),
        sa.Column("verdict_outcome", sa.String(), nullable=True),
        sa.Column("verdict_minor", BIG, nullable=True),
        sa.Column("verdict_missing", BIG, nullable=False),
        sa.Column("merged_into_id", BIG, nullable=True),
        sa.Column("legal_hold", sa.Boolean(), nullable=False),
        sa.Column("vulnerable", sa.Boolean(), nullable=False),
        sa.Column("imported", sa.Boolean(), nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.CheckConstraint(
            "kind IN ('refund', 'cancellation', 'dispute', 'chargeback')", name=op.f("ck_cases_kind")
        ),
        sa.CheckConstraint(
            "outcome IS NULL OR outcome IN ('granted', 'partly-granted', 'refused', 'withdrawn', 'settled', 'no-answer', 'duplicate')",
            name=op.f("ck_cases_outcome"),
        ),
        sa.CheckConstraint(
            "stage IN ('intake', 'desk', 'team-lead', 'manager', 'mediation', 'outside-body')",
            name=op.f("ck_cases_stage"),
        ),
        sa.CheckConstraint(
            "status <> 'closed' OR outcome IS NOT NULL", name=op.f("ck_cases_closed_has_outcome")
        ),
        sa.CheckConstraint(
            "status IN ('open', 'waiting-customer', 'waiting-third-party', 'waiting-approval', 'decided', 'closed')",
            name=op.f("ck_cases_status"),
        ),
        sa.ForeignKeyConstraint(["charge_id"], ["charges.id"], name=op.f("fk_cases_charge_id_charges")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_cases_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(["entity_id"], ["entities.id"], name=op.f("fk_cases_entity_id_entities")),
        sa.ForeignKeyConstraint(
            ["established_cause_id"], ["causes.id"], name=op.f("fk_cases_established_cause_id_causes")
        ),
        sa.ForeignKeyConstraint(
            ["judgement_id"], ["judgements.id"], name=op.f("fk_cases_judgement_id_judgements")
        ),
        sa.ForeignKeyConstraint(["merged_into_id"], ["cases.id"], name=op.f("fk_cases_merged_into_id_cases")),
        sa.ForeignKeyConstraint(["owner_id"], ["people.id"], name=op.f("fk_cases_owner_id_people")),
        sa.ForeignKeyConstraint(
            ["stated_cause_id"], ["causes.id"], name=op.f("fk_cases_stated_cause_id_causes")
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscriptions.id"], name=op.f("fk_cases_subscription_id_subscriptions")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["teams.id"], name=op.f("fk_cases_team_id_teams")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
        sa.UniqueConstraint("number", name=op.f("uq_cases_number")),
    )
    op.create_index("ix_cases_customer_id", "cases", ["customer_id", "id"], unique=False)
    op.create_index(
        "ix_cases_next_due",
        "cases",
        ["next_due_at", "id"],
        unique=False,
        postgresql_where=sa.text("status <> 'closed'"),
        sqlite_where=sa.text("status <> 'closed'"),
    )
    op.create_index("ix_cases_opened", "cases", ["opened_at", "id"], unique=False)
    op.create_index("ix_cases_owner", "cases", ["owner_id", "status", "next_due_at", "id"], unique=False)
    op.create_index("ix_cases_status", "cases", ["status", "next_due_at", "id"], unique=False)
    op.create_index("ix_cases_subscription_id", "cases", ["subscription_id"], unique=False)
    op.create_index("ix_cases_team", "cases", ["team_id", "status", "next_due_at", "id"], unique=False)
    op.create_table(
        "charge_balances",
        sa.Column("charge_id", BIG, autoincrement=False, nullable=False),
        sa.Column("captured", BIG, nullable=False),
        sa.Column("reserved", BIG, nullable=False),
        sa.Column("refunded", BIG, nullable=False),
        sa.Column("disputed", BIG, nullable=False),
        sa.CheckConstraint(
            "captured >= 0 AND reserved >= 0 AND refunded >= 0 AND disputed >= 0 AND reserved + refunded + disputed <= captured",
            name=op.f("ck_charge_balances_never_more_than_captured"),
        ),
        sa.ForeignKeyConstraint(
            ["charge_id"], ["charges.id"], name=op.f("fk_charge_balances_charge_id_charges")
        ),
        sa.PrimaryKeyConstraint("charge_id", name=op.f("pk_charge_balances")),
    )
    op.create_table(
        "ledger_entries",
        sa.Column("id", BIG, nullable=False),
        sa.Column("charge_id", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("amount_minor", BIG, nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("case_id", BIG, nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint("amount_minor > 0 OR kind = 'capture'", name=op.f("ck_ledger_entries_amount")),
        sa.CheckConstraint(
            "kind IN ('capture', 'reserve', 'release', 'refund', 'credit', 'dispute', 'dispute_won')",
            name=op.f("ck_ledger_entries_kind"),
        ),
        sa.ForeignKeyConstraint(
            ["charge_id"], ["charges.id"], name=op.f("fk_ledger_entries_charge_id_charges")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
        sa.UniqueConstraint("key", name=op.f("uq_ledger_entries_key")),
        info={"append_only": True},
    )
    op.create_index("ix_ledger_entries_case_id", "ledger_entries", ["case_id"], unique=False)
    op.create_index("ix_ledger_entries_charge_id", "ledger_entries", ["charge_id"], unique=False)
    op.create_table(
        "acts",
        sa.Column("id", BIG, nullable=False),
        sa.Column("entry_id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("declared_at", INSTANT, nullable=True),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.Column("received_at", INSTANT, nullable=True),
        sa.Column("subscription_id", BIG, nullable=True),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_acts_case_id_cases")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_acts_entry_id_entries")),
        sa.ForeignKeyConstraint(
            ["subscription_id"], ["subscriptions.id"], name=op.f("fk_acts_subscription_id_subscriptions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acts")),
        info={"append_only": True},
    )
    op.create_index("ix_acts_case_id", "acts", ["case_id"], unique=False)
    op.create_table(
        "attachments",
        sa.Column("id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("entry_id", BIG, nullable=False),
        sa.Column("blob_digest", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", BIG, nullable=False),
        sa.Column("grade", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["blob_digest"], ["blobs.digest"], name=op.f("fk_attachments_blob_digest_blobs")
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_attachments_case_id_cases")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_attachments_entry_id_entries")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
    )
    op.create_index("ix_attachments_case_id", "attachments", ["case_id"], unique=False)
    op.create_table(
        "case_actors",
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("as_role", sa.String(), nullable=False),
        sa.Column("first_entry_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_actors_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["first_entry_id"], ["entries.id"], name=op.f("fk_case_actors_first_entry_id_entries")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_case_actors_person_id_people")),
        sa.PrimaryKeyConstraint("case_id", "person_id", "as_role", name=op.f("pk_case_actors")),
    )
    op.create_table(
        "case_aliases",
        sa.Column("alias", sa.String(), nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_aliases_case_id_cases")),
        sa.PrimaryKeyConstraint("alias", name=op.f("pk_case_aliases")),
    )
    op.create_index("ix_case_aliases_case_id", "case_aliases", ["case_id"], unique=False)
    op.create_table(
        "case_causes",
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("cause_id", BIG, nullable=False),
        sa.Column("established", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_causes_case_id_cases")),
        sa.ForeignKeyConstraint(["cause_id"], ["causes.id"], name=op.f("fk_case_causes_cause_id_causes")),
        sa.PrimaryKeyConstraint("case_id", "cause_id", "established", name=op.f("pk_case_causes")),
    )
    op.create_table(
        "case_items",
        sa.Column("id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("subscription_id", BIG, nullable=True),
        sa.Column("charge_id", BIG, nullable=True),
        sa.Column("claimed_minor", BIG, nullable=True),
        sa.Column("currency", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_items_case_id_cases")),
        sa.ForeignKeyConstraint(["charge_id"], ["charges.id"], name=op.f("fk_case_items_charge_id_charges")),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name=op.f("fk_case_items_subscription_id_subscriptions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_items")),
    )
    op.create_index("ix_case_items_case_id", "case_items", ["case_id"], unique=False)
    op.create_table(
        "case_parties",
        sa.Column("id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("customer_id", BIG, nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("mandate", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_parties_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_case_parties_customer_id_customers")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_parties")),
    )
    op.create_index("ix_case_parties_case_id", "case_parties", ["case_id"], unique=False)
    op.create_table(
        "case_tags",
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("tag", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_case_tags_case_id_cases")),
        sa.PrimaryKeyConstraint("case_id", "tag", name=op.f("pk_case_tags")),
    )
    op.create_table(
        "decisions",
        sa.Column("id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("n", BIG, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("by_rule_minor", BIG, nullable=True),
        sa.Column("amount_minor", BIG, nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("judgement_id", BIG, nullable=True),
        sa.Column("reason_code", sa.String(), nullable=True),
        sa.Column("subscription_effect", sa.String(), nullable=False),
        sa.Column("effect_on", sa.Date(), nullable=True),
        sa.Column("proposed_by", BIG, nullable=False),
        sa.Column("proposed_at", INSTANT, nullable=False),
        sa.Column("approved_by", BIG, nullable=True),
        sa.Column("effective_at", INSTANT, nullable=True),
        sa.Column("approval_reasons", JSON, nullable=False),
        sa.Column("letter_locale", sa.String(), nullable=False),
        sa.Column("entry_id", BIG, nullable=False),
        sa.Column("supersedes_id", BIG, nullable=True),
        sa.Column("version", BIG, nullable=False),
        sa.ForeignKeyConstraint(["approved_by"], ["people.id"], name=op.f("fk_decisions_approved_by_people")),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_decisions_case_id_cases")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_decisions_entry_id_entries")),
        sa.ForeignKeyConstraint(
            ["judgement_id"], ["judgements.id"], name=op.f("fk_decisions_judgement_id_judgements")
        ),
        sa.ForeignKeyConstraint(["proposed_by"], ["people.id"], name=op.f("fk_decisions_proposed_by_people")),
        sa.ForeignKeyConstraint(
            ["supersedes_id"], ["decisions.id"], name=op.f("fk_decisions_supersedes_id_decisions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decisions")),
    )
    op.create_index("ix_decisions_case_id", "decisions", ["case_id"], unique=False)
    op.create_index("ix_decisions_state", "decisions", ["state"], unique=False)
    op.create_table(
        "entry_links",
        sa.Column("id", BIG, nullable=False),
        sa.Column("entry_id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_entry_links_case_id_cases")),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_entry_links_entry_id_entries")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entry_links")),
        sa.UniqueConstraint("entry_id", "case_id", "kind", name=op.f("uq_entry_links_entry_id_case_id_kind")),
        info={"append_only": True},
    )
    op.create_table(
        "supplied_facts",
        sa.Column("id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("entry_id", BIG, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("value", JSON, nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_supplied_facts_case_id_cases")),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name=op.f("fk_supplied_facts_entry_id_entries")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplied_facts")),
        info={"append_only": True},
    )
    op.create_index("ix_supplied_facts_case_id", "supplied_facts", ["case_id"], unique=False)
    op.create_table(
        "decision_lines",
        sa.Column("id", BIG, nullable=False),
        sa.Column("decision_id", BIG, nullable=False),
        sa.Column("charge_id", BIG, nullable=False),
        sa.Column("amount_minor", BIG, nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("means", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["charge_id"], ["charges.id"], name=op.f("fk_decision_lines_charge_id_charges")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_decision_lines_decision_id_decisions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_lines")),
        sa.UniqueConstraint(
            "decision_id", "charge_id", "method", name=op.f("uq_decision_lines_decision_id_charge_id_method")
        ),
        info={"append_only": True},
    )
    op.create_table(
        "letters",
        sa.Column("id", BIG, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("decision_id", BIG, nullable=True),
        sa.Column("entry_id", BIG, nullable=True),
        sa.Column("template", sa.String(), nullable=False),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("blob_digest", sa.String(), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("rendered_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["blob_digest"], ["blobs.digest"], name=op.f("fk_letters_blob_digest_blobs")),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_letters_decision_id_decisions")
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["entries.id"], name=op.f("fk_letters_entry_id_entries")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letters")),
        sa.UniqueConstraint("key", name=op.f("uq_letters_key")),
    )
    op.create_index("ix_letters_case_id", "letters", ["case_id"], unique=False)
    op.create_table(
        "refund_intents",
        sa.Column("id", BIG, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("decision_id", BIG, nullable=False),
        sa.Column("charge_id", BIG, nullable=False),
        sa.Column("amount_minor", BIG, nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("means", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("provider_reference", sa.String(), nullable=False),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("paid_at", INSTANT, nullable=True),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_refund_intents_amount")),
        sa.ForeignKeyConstraint(
            ["charge_id"], ["charges.id"], name=op.f("fk_refund_intents_charge_id_charges")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name=op.f("fk_refund_intents_decision_id_decisions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_intents")),
        sa.UniqueConstraint("key", name=op.f("uq_refund_intents_key")),
    )
    op.create_index("ix_refund_intents_case_id", "refund_intents", ["case_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_refund_intents_case_id", table_name="refund_intents")
    op.drop_table("refund_intents")
    op.drop_index("ix_letters_case_id", table_name="letters")
    op.drop_table("letters")
    op.drop_table("decision_lines")
    op.drop_index("ix_supplied_facts_case_id", table_name="supplied_facts")
    op.drop_table("supplied_facts")
    op.drop_table("entry_links")
    op.drop_index("ix_decisions_state", table_name="decisions")
    op.drop_index("ix_decisions_case_id", table_name="decisions")
    op.drop_table("decisions")
    op.drop_table("case_tags")
    op.drop_index("ix_case_parties_case_id", table_name="case_parties")
    op.drop_table("case_parties")
    op.drop_index("ix_case_items_case_id", table_name="case_items")
    op.drop_table("case_items")
    op.drop_table("case_causes")
    op.drop_index("ix_case_aliases_case_id", table_name="case_aliases")
    op.drop_table("case_aliases")
    op.drop_table("case_actors")
    op.drop_index("ix_attachments_case_id", table_name="attachments")
    op.drop_table("attachments")
    op.drop_index("ix_acts_case_id", table_name="acts")
    op.drop_table("acts")
    op.drop_index("ix_ledger_entries_charge_id", table_name="ledger_entries")
    op.drop_index("ix_ledger_entries_case_id", table_name="ledger_entries")
    op.drop_table("ledger_entries")
    op.drop_table("charge_balances")
    op.drop_index("ix_cases_team", table_name="cases")
    op.drop_index("ix_cases_subscription_id", table_name="cases")
    op.drop_index("ix_cases_status", table_name="cases")
    op.drop_index("ix_cases_owner", table_name="cases")
    op.drop_index("ix_cases_opened", table_name="cases")
    op.drop_index(
        "ix_cases_next_due",
        table_name="cases",
        postgresql_where=sa.text("status <> 'closed'"),
        sqlite_where=sa.text("status <> 'closed'"),
    )
    op.drop_index("ix_cases_customer_id", table_name="cases")
    op.drop_table("cases")
    op.drop_table("subscription_periods")
    op.drop_index("ix_disclosures_subscription_id", table_name="disclosures")
    op.drop_table("disclosures")
    op.drop_index("ix_charges_subscription_id", table_name="charges")
    op.drop_index("ix_charges_customer_id", table_name="charges")
    op.drop_table("charges")
    op.drop_index("ix_subscriptions_payment_fingerprint", table_name="subscriptions")
    op.drop_index("ix_subscriptions_customer_id", table_name="subscriptions")
    op.drop_table("subscriptions")
    op.drop_index("ix_sign_ins_person_id", table_name="sign_ins")
    op.drop_table("sign_ins")
    op.drop_table("terms")
    op.drop_table("plans")
    op.drop_table("people")
    op.drop_index("ix_judgement_rules_rule_id", table_name="judgement_rules")
    op.drop_table("judgement_rules")
    op.drop_table("erasures")
    op.drop_table("entry_texts")
    op.drop_index("ix_contact_points_value_key", table_name="contact_points")
    op.drop_index("ix_contact_points_customer_id", table_name="contact_points")
    op.drop_table("contact_points")
    op.drop_index("ix_consents_customer_id", table_name="consents")
    op.drop_table("consents")
    op.drop_table("checkpoint_heads")
    op.drop_table("teams")
    op.drop_table("sign_in_attempts")
    op.drop_table("pack_versions")
    op.drop_index("ix_outgoing_mails_subject", table_name="outgoing_mails")
    op.drop_table("outgoing_mails")
    op.drop_index("ix_outbox_todo", table_name="outbox")
    op.drop_index("ix_outbox_subject", table_name="outbox")
    op.drop_table("outbox")
    op.drop_index("ix_judgements_subject", table_name="judgements")
    op.drop_table("judgements")
    op.drop_table("import_runs")
    op.drop_table("heads")
    op.drop_table("form_tokens")
    op.drop_index("ix_external_references_target", table_name="external_references")
    op.drop_table("external_references")
    op.drop_index("ix_entries_recorded_at", table_name="entries")
    op.drop_table("entries")
    op.drop_table("entities")
    op.drop_table("drafts")
    op.drop_index("ix_customers_address", table_name="customers")
    op.drop_index("ix_customers_name_key", table_name="customers")
    op.drop_table("customers")
    op.drop_index("ix_clocks_running", table_name="clocks")
    op.drop_table("clocks")
    op.drop_table("checkpoints")
    op.drop_table("causes")
    op.drop_table("calendars")
    op.drop_table("blobs")
