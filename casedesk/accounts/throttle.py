"""How often a sign-in may be tried: counted per mail address and per origin before the password is looked at."""

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import case, delete, literal, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from casedesk.accounts.models import Attempts
from casedesk.store.transaction import notes

WINDOW = timedelta(minutes=15)
PER_ADDRESS = 5
PER_ORIGIN = 40


def count_attempt(mail: str, origin: str, now: datetime) -> int:
    """Count one attempt; the minutes to wait where that is one too many, else 0.

    Counted before the password is compared, so that many at once get no more tries than one after the other.
    """
    with notes() as session:
        waits = [
            _wait(*_counted(session, _key("mail", mail), now), PER_ADDRESS, now),
            _wait(*_counted(session, _key("from", origin), now), PER_ORIGIN, now),
        ]
        session.execute(delete(Attempts).where(Attempts.since < now - WINDOW))
    return max(waits)


def forget(mail: str, origin: str) -> None:
    """The person signed in: slips with this address are forgotten, and the origin gets this one attempt back.

    An office signs in from one origin every morning; only failures there may lock it.
    """
    with notes() as session:
        session.execute(delete(Attempts).where(Attempts.key == _key("mail", mail)))
        here = (Attempts.key == _key("from", origin)) & (Attempts.count > 0)
        session.execute(update(Attempts).where(here).values(count=Attempts.count - 1))


def _counted(session: Session, key: str, now: datetime) -> tuple[int, datetime]:
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    over = Attempts.since < now - WINDOW
    statement = (
        insert(Attempts)
        .values(key=key, count=1, since=now)
        .on_conflict_do_update(
            index_elements=[Attempts.key],
            set_={
                "count": case((over, 1), else_=Attempts.count + 1),
                "since": case((over, literal(now, Attempts.since.type)), else_=Attempts.since),
            },
        )
        .returning(Attempts.count, Attempts.since)
    )
    count, since = session.execute(statement).one()
    return count, since


def _wait(count: int, since: datetime, limit: int, now: datetime) -> int:
    if count <= limit:
        return 0
    return max(1, -(-int((since + WINDOW - now).total_seconds()) // 60))


def _key(kind: str, text: str) -> str:
    """Addresses are kept as digests: a list of who failed to sign in helps nobody."""
    return f"{kind}:{hashlib.sha256(text.strip().casefold().encode()).hexdigest()}"
