"""Work that leaves the transaction: rows written in the deed's own commit, claimed by the worker."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from casedesk.store.models import OutboxRow


def put(
    session: Session,
    kind: str,
    *,
    key: str,
    due_at: datetime,
    now: datetime,
    subject: tuple[str, int] | None = None,
    **payload: Any,
) -> OutboxRow:
    """Leave work of `kind` to be done at `due_at`; `key` is unique for ever and goes with outside calls."""
    row = OutboxRow(
        kind=kind,
        key=key,
        due_at=due_at,
        created_at=now,
        payload=payload,
        state="ready",
        attempts=0,
        subject_kind=subject[0] if subject else None,
        subject_id=subject[1] if subject else None,
    )
    session.add(row)
    return row
