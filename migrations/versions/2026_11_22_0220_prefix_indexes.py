"""Names and addresses are found by their beginning on PostgreSQL too"""

from alembic import op

revision = "2026_11_22_0220_prefix_indexes"
down_revision = "2026_11_22_0215_judgement_packs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _index(name_ops={"name_key": "text_pattern_ops"}, value_ops={"value_key": "text_pattern_ops"})


def downgrade() -> None:
    _index(name_ops={}, value_ops={})


def _index(name_ops: dict[str, str], value_ops: dict[str, str]) -> None:
    op.drop_index("ix_customers_name_key", table_name="customers")
    op.drop_index("ix_contact_points_value_key", table_name="contact_points")
    op.create_index("ix_customers_name_key", "customers", ["name_key"], postgresql_ops=name_ops)
    op.create_index(
        "ix_contact_points_value_key", "contact_points", ["kind", "value_key"], postgresql_ops=value_ops
    )
