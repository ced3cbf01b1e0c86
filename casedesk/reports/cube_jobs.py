"""The worker follows the record into the cube, and looks once a day for what changed without an entry."""

from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from casedesk.reports import cube
from casedesk.store.work import Timed


def follow(session: Session, payload: dict[str, Any], *, now: datetime) -> datetime | None:
    """Apply the cases that changed; comes back at once while more wait."""
    done = cube.follow(session, zone=_zone(), now=now)
    return now if done.more else None


def heal(session: Session, payload: dict[str, Any], *, now: datetime) -> datetime | None:
    """Apply anew what no longer follows from the record; comes back at once while more wait."""
    healed = cube.heal(session, zone=_zone(), now=now)
    return now if healed >= cube.BATCH else None


def _zone() -> str:
    return str(current_app.extensions["settings"].time_zone)


HANDLERS = {"cube.follow": follow, "cube.heal": heal}

SCHEDULE = (Timed("cube.follow", timedelta(seconds=20)), Timed("cube.heal", timedelta(days=1)))
