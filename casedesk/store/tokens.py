"""One-time tokens of forms: a deed that was done is found again instead of done twice."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from casedesk.store.models import FormToken

KEPT = timedelta(days=7)


class AlreadyDone(Exception):
    """The token was spent before; `result_url` shows what came of it."""

    def __init__(self, result_url: str) -> None:
        super().__init__(result_url)
        self.result_url = result_url


def spend(session: Session, token: str, *, person_id: int | None, now: datetime) -> FormToken:
    """Spend `token` in the deed's own transaction. Raises AlreadyDone where it was spent and committed."""
    spent = FormToken(token=token[:64], person_id=person_id, used_at=now, result_url="/")
    session.add(spent)
    try:
        session.flush()  # waits for a concurrent deed with the same token
    except IntegrityError:
        session.rollback()
        raise AlreadyDone(
            session.scalars(select(FormToken.result_url).filter_by(token=token[:64])).one()
        ) from None
    return spent


def forget(session: Session, _payload: object, *, now: datetime) -> None:
    """Nobody repeats a form of a week ago: its token may go."""
    session.execute(delete(FormToken).where(FormToken.used_at < now - KEPT))
