"""The worker: every room's jobs in one place, and the process that runs them.

With SQLite and no Redis this process polls the outbox itself. With REDIS_URL a relay names the rows that are due
(`casedesk/relay.py`) and any number of these processes run them; the path of a job is the same.
"""

import logging
import signal
import threading
from collections.abc import Callable
from typing import Any

from flask import Flask

from casedesk.cases import jobs as cases
from casedesk.channels import jobs as channels
from casedesk.deadlines import jobs as deadlines
from casedesk.documents import jobs as documents
from casedesk.imports import jobs as imports
from casedesk.mediation import jobs as mediation
from casedesk.mediation.sealed import jobs as sealed
from casedesk.portal import jobs as portal
from casedesk.refunds import jobs as refunds
from casedesk.reports import jobs as reports
from casedesk.reports import signal_jobs as signals
from casedesk.rulebook import jobs as rulebook
from casedesk.store import jobs as store
from casedesk.store.db import db
from casedesk.store.running import BATCH, Work, prepare_schedule, run_batch, run_call

log = logging.getLogger("casedesk.worker")

ROOMS = (
    store,
    channels,
    rulebook,
    deadlines,
    cases,
    refunds,
    documents,
    mediation,
    sealed,
    portal,
    imports,
    reports,
    signals,
)
"""The rooms' jobs.py; each may have HANDLERS, CALLS and SCHEDULE."""

IDLE_SECONDS = 0.5
TROUBLE_SECONDS = 2.0

TURN_SECONDS = 0.05
"""Between two steps of the slow lane: on SQLite whoever waits to write looks again about so often."""


def collect(rooms: tuple[object, ...] = ROOMS) -> Work:
    """Everything that the rooms registered. Raises ValueError where two rooms claim one kind."""
    schedule = [timed for room in rooms for timed in getattr(room, "SCHEDULE", ())]
    return Work(
        _merged(rooms, "HANDLERS"),
        _merged(rooms, "CALLS"),
        {timed.kind: timed for timed in schedule},
        frozenset(kind for room in rooms for kind in getattr(room, "SLOW", ())),
    )


def run(app: Flask, work: Work, stop: threading.Event) -> None:
    """Poll the outbox until `stop`: handlers in one thread, calls in another, what is slow by nature in a third, so that
    neither a slow mail server nor a long import holds up a reminder. Raises RuntimeError where a thread ended by itself; the supervisor then starts the process anew."""
    with app.app_context():
        prepare_schedule(work)
    quick, slow = work.lane(slow=False), work.lane(slow=True)
    long_handlers = _handlers(slow)
    steps: dict[str, Callable[[], int]] = {
        "handlers": _handlers(quick),
        "calls": lambda: run_call(quick),
        "slow": lambda: run_call(slow) + long_handlers(),
    }
    threads = [
        threading.Thread(
            target=_poll, args=(app, step, stop), kwargs={"turn": TURN_SECONDS * (name == "slow")}, name=name
        )
        for name, step in steps.items()
    ]
    for thread in threads:
        thread.start()
    while not stop.wait(1.0):
        if not all(thread.is_alive() for thread in threads):
            stop.set()
            raise RuntimeError("a thread of the worker ended")
    for thread in threads:
        thread.join()


def stop_on_signals() -> threading.Event:
    """An event that SIGTERM and SIGINT set: the job in hand is finished, the next one not begun."""
    stop = threading.Event()
    for one in (signal.SIGTERM, signal.SIGINT):
        signal.signal(one, lambda *_: stop.set())
    return stop


def _merged(rooms: tuple[object, ...], name: str) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for room in rooms:
        registered = getattr(room, name, {})
        if twice := merged.keys() & registered.keys():
            raise ValueError(f"{sorted(twice)} registered twice, again by {room}")
        merged.update(registered)
    return merged


def _handlers(work: Work) -> Callable[[], int]:
    limit = BATCH

    def step() -> int:
        nonlocal limit
        size, limit = limit, 1  # one by one after a batch that could not be committed
        did = run_batch(work, limit=size)
        limit = BATCH
        return did

    return step


def _poll(app: Flask, step: Callable[[], int], stop: threading.Event, *, turn: float = 0) -> None:
    """Repeat `step` until `stop`; `turn` is how long others may write between two of them."""
    with app.app_context():
        while not stop.is_set():
            try:
                did = step()
                pause = IDLE_SECONDS
            except Exception:
                log.exception("the step failed; trying again")
                did, pause = 0, TROUBLE_SECONDS
            if not did:
                db.session.remove()
            if turn or not did:
                stop.wait(turn if did else pause)
        db.session.remove()


def main(app: Flask, *, relay: bool = False, burst: bool = False, only: str = "") -> None:
    """What `casedesk worker` does, by the settings of `app`. With Redis, `only` is the lane of this process, if not both."""
    settings, work = app.extensions["settings"], collect()
    if not settings.redis_url and not relay:
        if burst:
            drain(app, work)
        else:
            run(app, work, stop_on_signals())
        return
    from redis import Redis

    from casedesk import relay as relaying

    connection = Redis.from_url(settings.redis_url, socket_timeout=None, socket_connect_timeout=5)
    if relay:
        relaying.relay(app, work, connection, stop_on_signals())
    else:
        relaying.serve(app, work, connection, burst=burst, only=only)


def drain(app: Flask, work: Work) -> None:
    """Do everything that is due now."""
    with app.app_context():
        prepare_schedule(work)
        while run_batch(work) or run_call(work):
            pass
        db.session.remove()
