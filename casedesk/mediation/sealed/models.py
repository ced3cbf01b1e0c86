"""Key pairs, keys of files, notes and unlockings: ciphertext, salts and public keys. Nothing here opens anything."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from casedesk.store.db import Base


class NotesKey(Base):
    """A mediator's key pair; the private key under the passphrase and under the recovery code."""

    __tablename__ = "notes_keys"

    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, autoincrement=False)
    public: Mapped[bytes]
    passphrase_salt: Mapped[bytes]
    by_passphrase: Mapped[bytes]
    recovery_salt: Mapped[bytes]
    by_recovery: Mapped[bytes]
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class FileKey(Base):
    """The data key of one author's notes in a file, wrapped for one mediator: the author, or who took the file over.

    Without such a row nobody reads them.
    """

    __tablename__ = "sealed_file_keys"

    mediation_id: Mapped[int] = mapped_column(
        ForeignKey("mediations.id"), primary_key=True, autoincrement=False
    )
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"), primary_key=True, autoincrement=False)
    box: Mapped[bytes]
    given_at: Mapped[datetime]
    given_by: Mapped[int] = mapped_column(ForeignKey("people.id"))


class SealedNote(Base):
    """One note as ciphertext: what was said, with whom and when is all inside. `id` is random and bound into it."""

    __tablename__ = "sealed_notes"
    __table_args__ = (Index("ix_sealed_notes_mediation_id", "mediation_id"),)

    id: Mapped[str] = mapped_column(primary_key=True)
    mediation_id: Mapped[int] = mapped_column(ForeignKey("mediations.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    box: Mapped[bytes]
    sealed_at: Mapped[datetime]


class Unlocking(Base):
    """A browser in which a mediator opened the notes: the private key under a key that only its cookie holds."""

    __tablename__ = "notes_unlockings"
    __table_args__ = (Index("ix_notes_unlockings_person_id", "person_id"), {"info": {"notes": True}})

    id: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int]
    sign_in: Mapped[str]
    box: Mapped[bytes]
    opened_at: Mapped[datetime]
    seen_at: Mapped[datetime]
