"""Server-side sign-ins: the cookie holds a random token, the table its digest; each can be ended at once.

A sign-in is bookkeeping, kept through `notes()`: it must end even where the deed beside it is refused.
"""

import hashlib
import logging
import secrets
from datetime import datetime, timedelta

from flask_login import UserMixin
from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person, SignIn
from casedesk.kernel.errors import Conflict, Unavailable
from casedesk.store.db import values
from casedesk.store.transaction import notes

IDLE = timedelta(hours=12)
LONGEST = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=5)

log = logging.getLogger("casedesk")


class SignedIn(UserMixin):
    """Who is signed in, as Flask-Login carries it: the token of the sign-in and the actor."""

    def __init__(self, token: str, actor: Actor) -> None:
        self.id = token
        self.actor = actor


def begin(actor: Actor, browser: str, now: datetime) -> SignedIn:
    """Start a sign-in with a fresh token; an older cookie is worth nothing for it."""
    token = secrets.token_urlsafe(32)
    with notes() as session:
        session.add(
            SignIn(
                token_digest=digest(token),
                person_id=actor.id,
                created_at=now,
                seen_at=now,
                browser=browser[:200],
            )
        )
    return SignedIn(token, actor)


def find(session: Session, token: str, now: datetime) -> SignedIn | None:
    """The running sign-in of `token`, with its person; None where it ended, idled out or the person left."""
    row = session.execute(_RUNNING, {"token": digest(token)}).one_or_none()
    if row is None or now - row.seen_at > IDLE or now - row.created_at > LONGEST:
        return None
    if now - row.seen_at >= SEEN_EVERY:
        _seen(token, now)
    return SignedIn(token, Actor(*values(row)[2:]))


def end(token: str, now: datetime) -> None:
    """End the sign-in of `token`: its cookie opens nothing any more."""
    with notes() as session:
        session.execute(
            update(SignIn)
            .where(SignIn.token_digest == digest(token), SignIn.ended_at.is_(None))
            .values(ended_at=now)
        )


def end_all(session: Session, person_id: int, now: datetime) -> None:
    """End every running sign-in of a person, in the transaction of the deed that asks for it."""
    session.execute(
        update(SignIn).where(SignIn.person_id == person_id, SignIn.ended_at.is_(None)).values(ended_at=now)
    )


def digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


PERSON_COLUMNS = (
    Person.id,
    Person.name,
    Person.mail,
    Person.role,
    Person.team_id,
    Person.is_lead,
    Person.sees,
    Person.locale,
    Person.time_zone,
    Person.theme,
    Person.goodwill_ceiling_minor,
    Person.approval_ceiling_minor,
)
"""The columns of `Actor`, in its order."""

_RUNNING = (
    select(SignIn.created_at, SignIn.seen_at, *PERSON_COLUMNS)
    .join(Person, Person.id == SignIn.person_id)
    .where(SignIn.token_digest == bindparam("token"), SignIn.ended_at.is_(None), Person.active)
)
"""Built once: every page asks it."""


def _seen(token: str, now: datetime) -> None:
    try:
        with notes() as session:
            session.execute(update(SignIn).where(SignIn.token_digest == digest(token)).values(seen_at=now))
    except (Conflict, Unavailable) as busy:
        # A page is not refused for a note of when its reader was last here; the next page notes it.
        log.info("last seen not noted: %s", busy)
