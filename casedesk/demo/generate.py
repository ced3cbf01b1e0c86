"""Make the demo: the house, its customers and contracts, and every case played through the desk's own actions."""

import gc
import random
from collections.abc import Callable
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session

from casedesk.channels.models import OutgoingMail
from casedesk.demo import (
    escalation,
    mediation,
    mockups,
    parties,
    reports,
    rulebook,
    signals,
    storing,
)
from casedesk.demo.house import furnish
from casedesk.demo.playing import RECENT, Play
from casedesk.demo.rosalind import Rosalind
from casedesk.demo.stories import Author, planned
from casedesk.refunds.models import RefundIntent
from casedesk.store.models import OutboxRow
from casedesk.store.transaction import transaction

CUSTOMERS, SUBSCRIPTIONS, CASES = 2_000, 3_000, 1_500
TOGETHER = 25
LETTERS = timedelta(days=4)
"""Letters of younger decisions are drawn by the worker when the desk starts; a year of them would take it an hour."""


def generate(
    password_hash: str,
    *,
    seed: int,
    now: datetime,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> None:
    """Fill an empty desk. The same seed and instant give the same desk."""
    rng = random.Random(seed)
    gc.disable()  # many small objects that all live until their batch ends
    with transaction() as session:
        house = furnish(session, password_hash, now=now)
        rulebook.publish(session, house, now=now - timedelta(days=410))
        escalation.furnish(session, house, now=now - timedelta(days=410))
    author = Author(house, rng, now)
    drawn = mockups.Drawn(author, now)
    rosalind = Rosalind(author, now)
    stories = mockups.stories(author)
    stories += planned(author, CASES - len(stories) - 3, stories)
    author.ordinary(CUSTOMERS, SUBSCRIPTIONS)
    with transaction() as session:
        storing.store(session, author.buyers, author.contracts, rng)
    stories.sort(key=lambda story: story.at)
    gc.freeze()  # the year that was drawn up lives to the end: nobody looks through it again
    for start in range(0, len(stories), TOGETHER):
        with transaction() as session:
            for story in stories[start : start + TOGETHER]:
                Play(session, story, rng, now).run()
                session.flush()
                session.expunge_all()
        gc.collect()
        progress(min(start + TOGETHER, len(stories)), len(stories))
    with transaction() as session:
        drawn.play(session, house, rng)
    with transaction() as session:
        mediation.play(session, rosalind, house, random.Random(seed + 17), now=now)
    with transaction() as session:
        parties.play(session, random.Random(seed + 23), now=now)
    with transaction() as session:
        rulebook.draft_next(session, house, now=now)
    with transaction() as session:
        escalation.play(session, random.Random(seed + 40), now)
        _settle(session, now)
    with transaction() as session:
        signals.play(session, house, now)
    with transaction() as session:
        reports.keep(session, zone=str(current_app.extensions["settings"].time_zone), now=now)
    gc.unfreeze()
    gc.enable()


def _settle(session: Session, now: datetime) -> None:
    """What the worker would have done by now is done: old mails are sent, old letters are out."""
    old = now - RECENT
    session.execute(
        update(OutgoingMail)
        .where(OutgoingMail.created_at < old, OutgoingMail.state == "waiting")
        .values(state="sent", attempts=1, sent_at=OutgoingMail.created_at)
    )
    done = or_(
        OutboxRow.kind.in_(("clock.look", "refund.create")),
        and_(OutboxRow.kind == "letter.compose", OutboxRow.due_at < now - LETTERS),
        and_(OutboxRow.kind == "mail.send", OutboxRow.due_at < old),
        and_(
            OutboxRow.kind == "refund.pay",
            OutboxRow.key.in_(select(RefundIntent.key).where(RefundIntent.state == "paid")),
        ),
    )
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.state == "ready", OutboxRow.due_at <= now, done)
        .values(state="done", attempts=1, started_at=OutboxRow.due_at, done_at=OutboxRow.due_at)
    )
