"""People, teams, sign-ins and failed attempts."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from casedesk.accounts.rules import ROLES, SEES
from casedesk.store.db import Base, Id


class Team(Base):
    __tablename__ = "teams"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    active: Mapped[bool] = mapped_column(default=True)


class Person(Base):
    """Someone who signs in. `sees` narrows which cases; the ceilings are minor units of the case's currency."""

    __tablename__ = "people"
    __table_args__ = (
        CheckConstraint(f"role IN {ROLES}", name="role"),
        CheckConstraint(f"sees IN {SEES}", name="sees"),
    )

    id: Mapped[Id]
    mail: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    role: Mapped[str]
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    is_lead: Mapped[bool] = mapped_column(default=False)
    sees: Mapped[str] = mapped_column(default="all")
    goodwill_ceiling_minor: Mapped[int] = mapped_column(default=0)
    approval_ceiling_minor: Mapped[int] = mapped_column(default=0)
    locale: Mapped[str] = mapped_column(default="en")
    time_zone: Mapped[str] = mapped_column(default="Europe/Paris")
    theme: Mapped[str] = mapped_column(default="light")
    password_hash: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class SignIn(Base):
    """A server-side session: revocable, known by the digest of its token only."""

    __tablename__ = "sign_ins"
    __table_args__ = (Index("ix_sign_ins_person_id", "person_id"), {"info": {"notes": True}})

    token_digest: Mapped[str] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    browser: Mapped[str]


class Attempts(Base):
    """Failed sign-ins in the running window, by address asked for and by where they came from."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = ({"info": {"notes": True}},)

    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    since: Mapped[datetime]
