"""The taxonomy of why, as lists and forms need it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Row, func, select, union_all
from sqlalchemy.orm import Session, aliased

from casedesk.cases.models import Case, Cause

_CAUSES = select(Cause.id, Cause.code, Cause.label_en, Cause.label_fr, Cause.valid_to).order_by(
    Cause.position, Cause.id
)


def causes(session: Session) -> Sequence[Row[*tuple[Any, ...]]]:
    """Every cause (id, code, label_en, label_fr, valid_to) in the order of the taxonomy."""
    return session.execute(_CAUSES).all()


@dataclass(frozen=True)
class CauseLine:
    """A cause as who keeps the taxonomy sees it; `cases` name it as the stated or the established one."""

    id: int
    code: str
    label_en: str
    label_fr: str
    position: int
    valid_to: date | None
    merged_into: str | None
    cases: int

    @property
    def in_use(self) -> bool:
        return self.valid_to is None

    def label(self, locale: str) -> str:
        return self.label_fr if locale.startswith("fr") else self.label_en


def cause_lines(session: Session) -> list[CauseLine]:
    """Every cause in the order of the taxonomy, those that are retired last."""
    into = aliased(Cause)
    stated = select(Case.stated_cause_id.label("id")).where(Case.stated_cause_id.is_not(None))
    established = select(Case.established_cause_id.label("id")).where(
        Case.established_cause_id.is_not(None), Case.established_cause_id != Case.stated_cause_id
    )
    named = union_all(stated, established).subquery()
    counted = select(named.c.id, func.count().label("cases")).group_by(named.c.id).subquery()
    rows = session.execute(
        select(
            Cause.id,
            Cause.code,
            Cause.label_en,
            Cause.label_fr,
            Cause.position,
            Cause.valid_to,
            into.code,
            func.coalesce(counted.c.cases, 0),
        )
        .outerjoin(into, into.id == Cause.merged_into_id)
        .outerjoin(counted, counted.c.id == Cause.id)
        .order_by(Cause.valid_to.is_not(None), Cause.position, Cause.id)
    )
    return [CauseLine(*row) for row in rows]
