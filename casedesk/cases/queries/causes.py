"""The taxonomy of why, as lists and forms need it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from casedesk.cases.models import Cause

_CAUSES = select(Cause.id, Cause.code, Cause.label_en, Cause.label_fr, Cause.valid_to).order_by(
    Cause.position, Cause.id
)


def causes(session: Session) -> Sequence[Row[*tuple[Any, ...]]]:
    """Every cause (id, code, label_en, label_fr, valid_to) in the order of the taxonomy."""
    return session.execute(_CAUSES).all()
