"""What a person has typed and not sent. Bookkeeping: kept even where the deed is refused, and never of the record."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from casedesk.store.models import Draft
from casedesk.store.transaction import notes


@dataclass(frozen=True)
class DraftView:
    """A draft as a page shows it."""

    place: str
    body: dict[str, Any]
    saved_at: datetime


def save(person_id: int, place: str, body: dict[str, Any], *, now: datetime) -> None:
    """Keep `body` as the person's draft of `place`, in a short transaction of its own; the last one saved stays."""
    try:
        _write(person_id, place, body, now)
    except IntegrityError:  # two windows saved the first draft of one place at the same instant
        _write(person_id, place, body, now)


def load(session: Session, person_id: int, place: str) -> DraftView | None:
    """The person's draft of `place`."""
    row = session.execute(
        select(Draft.body, Draft.saved_at).where(Draft.person_id == person_id, Draft.place == place)
    ).one_or_none()
    return DraftView(place, row.body, row.saved_at) if row else None


def discard(person_id: int, place: str) -> None:
    """There is no draft of `place` any more."""
    with notes() as session:
        session.execute(delete(Draft).where(Draft.person_id == person_id, Draft.place == place))


def drop(session: Session, person_id: int | None, place: str) -> None:
    """The same inside a deed: what was typed is now in the record."""
    session.execute(delete(Draft).where(Draft.person_id == person_id, Draft.place == place))


def _write(person_id: int, place: str, body: dict[str, Any], now: datetime) -> None:
    with notes() as session:
        draft = session.scalars(
            select(Draft).where(Draft.person_id == person_id, Draft.place == place)
        ).one_or_none()
        if draft is None:
            session.add(Draft(person_id=person_id, place=place, body=body, saved_at=now))
        else:
            draft.body, draft.saved_at = body, now
