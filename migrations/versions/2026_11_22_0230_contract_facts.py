"""What is known of a plan, of its terms and of a contract beyond their columns; and what an import left open"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from casedesk.store import appendonly

revision = "2026_11_22_0230_contract_facts"
down_revision = "2026_11_22_0220_prefix_indexes"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
INSTANT = sa.DateTime(timezone=True)

# What rows of before hold was typed or mapped by somebody: it counts as known.
KNOWN = (("customers", "kind_known"), ("subscriptions", "concluded_known"))


def upgrade() -> None:
    op.create_table(
        "contract_facts",
        sa.Column("id", BIG, nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", BIG, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("value", JSON, nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("recorded_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "subject_kind IN ('plan','terms','subscription')", name=op.f("ck_contract_facts_subject")
        ),
        sa.CheckConstraint("state IN ('known','never','unknown')", name=op.f("ck_contract_facts_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_facts")),
        info={"append_only": True},
    )
    op.create_index("ix_contract_facts_subject", "contract_facts", ["subject_kind", "subject_id"])
    appendonly.protect(op.get_bind(), "contract_facts")
    for table, column in KNOWN:
        op.add_column(table, sa.Column(column, sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("causes", sa.Column("alleges_excess", sa.Boolean(), nullable=True))


def downgrade() -> None:
    op.drop_column("causes", "alleges_excess")
    for table, column in KNOWN:
        op.drop_column(table, column)
    appendonly.unprotect(op.get_bind(), "contract_facts")
    op.drop_table("contract_facts")
