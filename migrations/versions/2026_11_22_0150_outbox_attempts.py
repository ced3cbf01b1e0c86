"""When work began, whether it is uncertain; heads that moved are found without a scan"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_0150_outbox_attempts"
down_revision = "2026_11_22_0101_guards"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column("outbox", sa.Column("uncertain", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("outbox", sa.Column("started_at", INSTANT, nullable=True))
    op.create_index(
        "ix_heads_moved",
        "heads",
        ["subject_kind", "subject_id"],
        postgresql_where=sa.text("seq > sealed_seq"),
        sqlite_where=sa.text("seq > sealed_seq"),
    )


def downgrade() -> None:
    op.drop_index("ix_heads_moved", "heads")
    op.drop_column("outbox", "started_at")
    op.drop_column("outbox", "uncertain")
