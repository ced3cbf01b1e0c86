"""Carries ids of due outbox rows to other processes by Redis. The outbox stays the truth: what Redis loses is
named again when the claim runs out, what it delivers twice is found done."""

import logging
import threading
from datetime import datetime, timedelta

from flask import Flask
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.serializers import JSONSerializer

from casedesk.store import clock, outbox
from casedesk.store.db import db
from casedesk.store.running import Work, prepare_schedule, run_one
from casedesk.store.transaction import transaction
from casedesk.store.work import passing

log = logging.getLogger("casedesk.relay")

NAME = "casedesk"
SLOW = "casedesk-slow"
"""Two queues: what may take minutes has its own, which a worker of its own can serve."""

CLAIM = timedelta(seconds=60)
"""After this long a row that nobody has run is named again."""

AT_ONCE = 200
FULL = 1_000
"""With so many ids waiting in Redis no more are sent, so that a claim does not run out in the queue."""

JOB_SECONDS = 300

_desk: list[tuple[Flask, Work]] = []


def queue(connection: Redis, name: str = NAME) -> Queue:
    return Queue(name, connection=connection, serializer=JSONSerializer)


def relay_once(ids: Queue, work: Work, *, claim: timedelta = CLAIM, limit: int | None = JOB_SECONDS) -> int:
    """Name the rows that are due to the workers, which may take `limit` seconds for one. Answers how many."""
    now = clock.now()
    if len(ids) >= FULL or not _anything(work, now):
        return 0
    with transaction() as session:
        outbox.recover(session, now=now)
        due = outbox.claim(session, work.kinds, limit=AT_ONCE, until=now + claim, now=now)
    passing("relay.claimed")
    for row_id in due:
        ids.enqueue(
            "casedesk.relay.work_row", row_id, result_ttl=0, failure_ttl=3600, job_timeout=limit or -1
        )
        passing("relay.enqueued")
    return len(due)


def relay(
    app: Flask, work: Work, connection: Redis, stop: threading.Event, *, claim: timedelta = CLAIM
) -> None:
    """Relay until `stop`."""
    quick, slow = work.lane(slow=False), work.lane(slow=True)
    ids, long = queue(connection), queue(connection, SLOW)
    with app.app_context():
        prepare_schedule(work)
        while not stop.is_set():
            try:
                did = relay_once(ids, quick, claim=claim) + relay_once(long, slow, claim=claim, limit=None)
            except RedisError as error:
                log.warning("Redis: %s; the rows wait in the outbox", error)
                did = 0
            except Exception:
                log.exception("the relay stumbled; trying again")
                did = 0
            if not did:
                db.session.remove()
                stop.wait(0.5)
        db.session.remove()


def serve(app: Flask, work: Work, connection: Redis, *, burst: bool = False, only: str = "") -> None:
    """Run the rows that the relay names, until a signal ends the process (or, with `burst`, the queues are empty).

    `only` is quick or slow; without it both, the quick ones first.
    """
    _desk[:] = [(app, work)]
    names = {"quick": (NAME,), "slow": (SLOW,)}.get(only, (NAME, SLOW))
    queues = [queue(connection, name) for name in names]
    worker = SimpleWorker(queues, connection=connection, serializer=JSONSerializer)
    worker.work(burst=burst, logging_level="WARNING")


def work_row(row_id: int) -> None:
    """What RQ calls in the worker's process."""
    app, registered = _desk[0]
    with app.app_context():
        try:
            run_one(registered, row_id)
        finally:
            db.session.remove()


def _anything(work: Work, now: datetime) -> bool:
    session = db.session()
    found = outbox.has_due(session, work.kinds, now=now) or outbox.has_lost(session, now=now)
    session.rollback()
    return found
