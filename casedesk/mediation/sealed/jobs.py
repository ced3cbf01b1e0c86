"""What ends by itself: unlockings that rest, notes of files that are over, keys that nobody handed over."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from casedesk.mediation.sealed import actions, queries
from casedesk.mediation.sealed.rules import KEPT_AFTER_END
from casedesk.store.record import SYSTEM
from casedesk.store.work import Timed


def end_unlockings(session: Session, _payload: dict[str, Any], *, now: datetime) -> None:
    """Cookies of browsers that rested a quarter of an hour open nothing; their rows go."""
    actions.forget_unlockings(session, now)


def destroy_by_rule(session: Session, _payload: dict[str, Any], *, now: datetime) -> None:
    """Notes are destroyed 30 days after the file ended, or after their mediator left it without handing them over."""
    before = now - KEPT_AFTER_END
    for mediation_id in queries.due_for_destruction(session, before):
        actions.destroy_all(session, mediation_id, actor=SYSTEM, now=now, why="rule")
    for mediation_id, person_id in queries.keys_left_behind(session, before):
        actions.drop_key(session, mediation_id, person_id, actor=SYSTEM, now=now, why="rule")


HANDLERS = {"notes.lock": end_unlockings, "notes.destroy": destroy_by_rule}
SCHEDULE = (Timed("notes.lock", timedelta(minutes=5)), Timed("notes.destroy", timedelta(days=1)))
