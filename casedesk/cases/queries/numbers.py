"""Cases by number and numbers by case, for commands. No reader: whoever runs a command has the database."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.cases.models import Case


def numbers_of(session: Session, case_ids: Collection[int]) -> dict[int, str]:
    """The numbers of these cases; in parts, for databases limit how many values a statement may name."""
    wanted, found = sorted(set(case_ids)), {}
    for start in range(0, len(wanted), 5_000):
        rows = session.execute(select(Case.id, Case.number).where(Case.id.in_(wanted[start : start + 5_000])))
        found.update({row.id: row.number or "" for row in rows})
    return found


def case_of(session: Session, number: str) -> int | None:
    """The case of this number, however its letters are written."""
    return session.scalar(select(Case.id).where(Case.number == number.strip().upper()))
