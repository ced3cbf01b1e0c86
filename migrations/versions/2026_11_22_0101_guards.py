"""Append-only tables"""

from alembic import op

from casedesk.store import appendonly

revision = "2026_11_22_0101_guards"
down_revision = "2026_11_22_0100_ground"
branch_labels = None
depends_on = None

TABLES = (
    "acts",
    "calendars",
    "charges",
    "checkpoint_heads",
    "checkpoints",
    "consents",
    "decision_lines",
    "disclosures",
    "entries",
    "entry_links",
    "erasures",
    "judgement_rules",
    "judgements",
    "ledger_entries",
    "pack_versions",
    "supplied_facts",
    "terms",
)


def upgrade() -> None:
    for table in TABLES:
        appendonly.protect(op.get_bind(), table)
    appendonly.protect_texts(op.get_bind())


def downgrade() -> None:
    for table in (*TABLES, "entry_texts"):
        appendonly.unprotect(op.get_bind(), table)
