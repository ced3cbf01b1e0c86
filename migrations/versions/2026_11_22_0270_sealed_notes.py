"""Notes that only the mediator of a file can read: key pairs, keys of files, ciphertexts, unlockings"""

import sqlalchemy as sa
from alembic import op

revision = "2026_11_22_0270_sealed_notes"
down_revision = "2026_11_22_0260_mediation"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "notes_keys",
        sa.Column("person_id", BIG, autoincrement=False, nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("passphrase_salt", sa.LargeBinary(), nullable=False),
        sa.Column("by_passphrase", sa.LargeBinary(), nullable=False),
        sa.Column("recovery_salt", sa.LargeBinary(), nullable=False),
        sa.Column("by_recovery", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", TIME, nullable=False),
        sa.Column("changed_at", TIME, nullable=False),
        sa.Column("version", BIG, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_notes_keys_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_notes_keys")),
    )
    op.create_table(
        "sealed_file_keys",
        sa.Column("mediation_id", BIG, autoincrement=False, nullable=False),
        sa.Column("author_id", BIG, autoincrement=False, nullable=False),
        sa.Column("person_id", BIG, autoincrement=False, nullable=False),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.Column("given_at", TIME, nullable=False),
        sa.Column("given_by", BIG, nullable=False),
        sa.ForeignKeyConstraint(
            ["mediation_id"], ["mediations.id"], name=op.f("fk_sealed_file_keys_mediation_id_mediations")
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["people.id"], name=op.f("fk_sealed_file_keys_author_id_people")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_sealed_file_keys_person_id_people")
        ),
        sa.ForeignKeyConstraint(["given_by"], ["people.id"], name=op.f("fk_sealed_file_keys_given_by_people")),
        sa.PrimaryKeyConstraint("mediation_id", "author_id", "person_id", name=op.f("pk_sealed_file_keys")),
    )
    op.create_table(
        "sealed_notes",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("mediation_id", BIG, nullable=False),
        sa.Column("author_id", BIG, nullable=False),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_at", TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["mediation_id"], ["mediations.id"], name=op.f("fk_sealed_notes_mediation_id_mediations")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["people.id"], name=op.f("fk_sealed_notes_author_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sealed_notes")),
    )
    op.create_index("ix_sealed_notes_mediation_id", "sealed_notes", ["mediation_id"])
    op.create_table(
        "notes_unlockings",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("person_id", BIG, nullable=False),
        sa.Column("sign_in", sa.String(), nullable=False),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes_unlockings")),
    )
    op.create_index("ix_notes_unlockings_person_id", "notes_unlockings", ["person_id"])


def downgrade() -> None:
    for table in ("notes_unlockings", "sealed_notes", "sealed_file_keys", "notes_keys"):
        op.drop_table(table)
