"""Judgements say up to which pack version they read"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_0215_judgement_packs"
down_revision = "2026_11_22_0150_outbox_attempts"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("judgements", sa.Column("packs_until", BIG, nullable=False, server_default="0"))


def downgrade() -> None:
    op.drop_column("judgements", "packs_until")
