"""The look at a clock when it is due. A dead worker makes it late, never lost: the row waits in the outbox."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from casedesk.deadlines.models import Clock
from casedesk.store import outbox


def look(session: Session, payload: dict[str, Any], *, now: datetime) -> None:
    """Mark a clock that is still running past its due instant, and tell the subject's room once."""
    clock = session.get(Clock, payload["clock_id"], with_for_update=True)
    if clock is None or clock.state != "running" or clock.due_at > now or clock.breached_at is not None:
        return
    clock.breached_at = now
    outbox.put(
        session,
        f"{clock.subject_kind}.clock_breached",
        key=f"breached-{clock.id}-{clock.due_at:%Y%m%dT%H%M%S}",
        due_at=now,
        now=now,
        subject=(clock.subject_kind, clock.subject_id),
        clock=clock.name,
        subject_id=clock.subject_id,
        due_at_was=clock.due_at.isoformat(),
    )


HANDLERS = {"clock.breach": look}
