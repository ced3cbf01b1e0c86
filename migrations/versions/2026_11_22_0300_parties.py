"""Links for parties without an account, offers, papers that anyone can check, receipts"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from casedesk.store import appendonly

revision = "2026_11_22_0300_parties"
down_revision = "2026_11_22_0290_signals"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def upgrade() -> None:
    op.create_table(
        "party_links",
        sa.Column("id", BIG, nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", BIG, nullable=False),
        sa.Column("customer_id", BIG),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("made_by", BIG),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("mailed_at", TIME),
        sa.Column("shown_by", BIG),
        sa.Column("revoked_at", TIME),
        sa.Column("revoked_by", BIG),
        sa.CheckConstraint(
            "subject_kind IN ('case', 'mediation', 'subscription')", name=op.f("ck_party_links_subject_kind")
        ),
        _to("party_links", "customer_id", "customers"),
        _to("party_links", "made_by", "people"),
        _to("party_links", "shown_by", "people"),
        _to("party_links", "revoked_by", "people"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party_links")),
    )
    op.create_index("ix_party_links_subject", "party_links", ["subject_kind", "subject_id"])
    op.create_table(
        "party_link_visits",
        sa.Column("link_id", BIG, autoincrement=False, nullable=False),
        sa.Column("first_at", TIME, nullable=False),
        sa.Column("last_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("link_id", name=op.f("pk_party_link_visits")),
    )
    op.create_table(
        "case_offers",
        sa.Column("id", BIG, nullable=False),
        sa.Column("case_id", BIG, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("amount_minor", BIG, nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("by_rule_minor", BIG),
        sa.Column("verdict_outcome", sa.String()),
        sa.Column("made_by", BIG, nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("entry_id", BIG, nullable=False),
        sa.Column("answered_at", TIME),
        sa.Column("answer_entry_id", BIG),
        sa.Column("version", BIG, nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'accepted', 'refused', 'expired', 'withdrawn')", name=op.f("ck_case_offers_state")
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_case_offers_amount")),
        _to("case_offers", "case_id", "cases"),
        _to("case_offers", "made_by", "people"),
        _to("case_offers", "entry_id", "entries"),
        _to("case_offers", "answer_entry_id", "entries"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_offers")),
    )
    op.create_index("ix_case_offers_case_id", "case_offers", ["case_id"])
    op.create_table(
        "papers",
        sa.Column("id", BIG, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", BIG, nullable=False),
        sa.Column("agreement_id", BIG),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("content", JSON, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("entry_id", BIG, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("blob_digest", sa.String()),
        sa.Column("last_error", sa.String()),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("rendered_at", TIME),
        sa.CheckConstraint("kind IN ('receipt', 'proof', 'agreement')", name=op.f("ck_papers_kind")),
        _to("papers", "agreement_id", "mediation_agreements"),
        _to("papers", "entry_id", "entries"),
        sa.ForeignKeyConstraint(["blob_digest"], ["blobs.digest"], name=op.f("fk_papers_blob_digest_blobs")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_papers")),
        sa.UniqueConstraint("code", name=op.f("uq_papers_code")),
        sa.UniqueConstraint("agreement_id", name=op.f("uq_papers_agreement_id")),
    )
    op.create_index("ix_papers_subject", "papers", ["subject_kind", "subject_id"])
    op.create_table(
        "party_receipts",
        sa.Column("id", BIG, nullable=False),
        sa.Column("paper_id", BIG, nullable=False),
        sa.Column("link_id", BIG, nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("entry_id", BIG, nullable=False),
        sa.Column("at", TIME, nullable=False),
        _to("party_receipts", "paper_id", "papers"),
        _to("party_receipts", "link_id", "party_links"),
        _to("party_receipts", "entry_id", "entries"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_party_receipts")),
    )
    op.create_index("ix_party_receipts_link_id", "party_receipts", ["link_id"])
    op.create_index("ix_party_receipts_entry_id", "party_receipts", ["entry_id"])
    appendonly.protect(op.get_bind(), "party_receipts")
    _words_of_names()


def _words_of_names() -> None:
    """Every word of a customer's name, so that each is found by its beginning."""
    op.create_table(
        "customer_words",
        sa.Column("customer_id", BIG, nullable=False, autoincrement=False),
        sa.Column("word", sa.String(), nullable=False),
        _to("customer_words", "customer_id", "customers"),
        sa.PrimaryKeyConstraint("customer_id", "word", name=op.f("pk_customer_words")),
    )
    op.create_index(
        "ix_customer_words_word",
        "customer_words",
        ["word", "customer_id"],
        postgresql_ops={"word": "text_pattern_ops"},
    )
    names = op.get_bind().execute(sa.text("SELECT id, name_key FROM customers WHERE name_key <> ''"))
    rows = [
        {"customer": row.id, "word": word}
        for row in names
        for word in sorted(set("".join(c if c.isalnum() else " " for c in row.name_key).split()))
    ]
    if rows:
        op.get_bind().execute(
            sa.text("INSERT INTO customer_words (customer_id, word) VALUES (:customer, :word)"), rows
        )


def downgrade() -> None:
    op.drop_table("customer_words")
    appendonly.unprotect(op.get_bind(), "party_receipts")
    for table in ("party_receipts", "papers", "case_offers", "party_link_visits", "party_links"):
        op.drop_table(table)


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))
