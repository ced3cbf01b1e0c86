"""Escalations: the rules that raise a case, each rise of a case, words found that a person confirms, notices to people
of the desk, and absences with their substitutes. What was said stands in the record; these rows are the state."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from casedesk.cases.ladder import FOUND, RAISED_TO, TRIGGERS
from casedesk.cases.rules import STAGES
from casedesk.store.db import Base, Id


class EscalationRule(Base):
    """Raise a case to a stage when something happens. What a column leaves empty does not narrow.

    `minutes`: service time after the breach of `clock`; `times`: how many contacts; `amount_minor`: at least so much
    asked for, in `currency`.
    """

    __tablename__ = "escalation_rules"
    __table_args__ = (
        CheckConstraint(f"trigger_kind IN {TRIGGERS}", name="trigger_kind"),
        CheckConstraint(f"to_stage IN {RAISED_TO}", name="to_stage"),
    )

    id: Mapped[Id]
    name_en: Mapped[str]
    name_fr: Mapped[str]
    trigger_kind: Mapped[str]
    clock: Mapped[str | None]
    minutes: Mapped[int] = mapped_column(default=0)
    words: Mapped[str | None]
    times: Mapped[int] = mapped_column(default=2)
    kind: Mapped[str | None]
    amount_minor: Mapped[int | None]
    currency: Mapped[str] = mapped_column(default="EUR")
    to_stage: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class Escalation(Base):
    """One rise of a case: from which stage to which, why, to whom, and who took it up.

    `reason` is a trigger or ``by_hand``; `state` is open (nobody has taken it up), acknowledged, or ended.
    """

    __tablename__ = "escalations"
    __table_args__ = (
        UniqueConstraint("case_id", "n"),
        CheckConstraint("state IN ('open', 'acknowledged', 'ended')", name="state"),
        CheckConstraint(f"from_stage IN {STAGES} AND to_stage IN {STAGES}", name="stages"),
        Index("ix_escalations_receiver", "to_person_id", "state"),
        Index("ix_escalations_state", "state", "raised_at"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    n: Mapped[int]
    reason: Mapped[str]
    rule_id: Mapped[int | None] = mapped_column(ForeignKey("escalation_rules.id"))
    from_stage: Mapped[str]
    to_stage: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    raised_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    raised_at: Mapped[datetime]
    owner_before_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    to_person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    acknowledged_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    acknowledged_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class RuleFiring(Base):
    """A rule held of a case on one occasion: it speaks once of each. Append-only.

    `escalation_id` is empty where the case stood as high already.
    """

    __tablename__ = "escalation_firings"
    __table_args__ = (
        UniqueConstraint("rule_id", "case_id", "occasion"),
        {"info": {"append_only": True}},
    )

    id: Mapped[Id]
    rule_id: Mapped[int] = mapped_column(ForeignKey("escalation_rules.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    occasion: Mapped[str]
    escalation_id: Mapped[int | None] = mapped_column(ForeignKey("escalations.id"))
    at: Mapped[datetime]


class FoundWords(Base):
    """A message seems to mention a lawyer, a regulator, ...: proposed by the word finder or flagged by hand."""

    __tablename__ = "found_words"
    __table_args__ = (
        UniqueConstraint("entry_id", "kind"),
        CheckConstraint(f"kind IN {FOUND}", name="kind"),
        CheckConstraint("state IN ('proposed', 'confirmed', 'dismissed')", name="state"),
        Index("ix_found_words_case_id", "case_id"),
    )

    id: Mapped[Id]
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    entry_id: Mapped[int] = mapped_column(ForeignKey("entries.id"))
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default="proposed")
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    answered_at: Mapped[datetime | None]


class CaseNotice(Base):
    """One line on somebody's Home about a case. `key` is unique for ever: the same thing is told once."""

    __tablename__ = "case_notices"
    __table_args__ = (Index("ix_case_notices_person", "person_id", "seen_at"),)

    id: Mapped[Id]
    key: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    case_id: Mapped[int | None] = mapped_column(ForeignKey("cases.id"))
    code: Mapped[str]
    params: Mapped[dict[str, Any]]
    told_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]


class Absence(Base):
    """Somebody is away in [starts_at, ends_at); the substitute gets what is new and what falls due meanwhile.

    `state` is planned, on, over or called-off.
    """

    __tablename__ = "absences"
    __table_args__ = (
        CheckConstraint("ends_at > starts_at", name="order"),
        CheckConstraint("substitute_id <> person_id", name="other"),
        CheckConstraint("state IN ('planned', 'on', 'over', 'called-off')", name="state"),
        Index("ix_absences_person", "person_id", "state"),
    )

    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    substitute_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(default="planned")
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012


class AbsenceCase(Base):
    """A case handed to the substitute because of an absence; it goes back afterwards if it is still theirs."""

    __tablename__ = "absence_cases"

    absence_id: Mapped[int] = mapped_column(ForeignKey("absences.id"), primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    given_back: Mapped[bool] = mapped_column(default=False)
