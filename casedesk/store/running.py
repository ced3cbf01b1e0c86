"""Runs what the outbox says is due: handlers in batches of one commit, calls in three steps.

The same for every transport: the embedded worker polls, a queue names ids (`casedesk/relay.py`); both end here.
"""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from casedesk.kernel.errors import CasedeskError, Conflict, Unavailable
from casedesk.store import clock, outbox
from casedesk.store.db import db
from casedesk.store.transaction import transaction
from casedesk.store.work import Call, Handler, Job, NotDone, Refused, Timed, passing

log = logging.getLogger("casedesk.worker")

BATCH = 50
BATCH_SECONDS = 0.1
"""A batch is one commit; it is cut after this long, so that on SQLite nobody waits for it."""

CALL_LIMIT = timedelta(minutes=2)
"""A call that has not come back by then is taken for lost with its process. Calls use shorter time-outs."""


@dataclass(frozen=True)
class Work:
    """Everything that the rooms registered, by kind."""

    handlers: Mapping[str, Handler]
    calls: Mapping[str, Call] = field(default_factory=dict)
    schedule: Mapping[str, Timed] = field(default_factory=dict)
    slow: frozenset[str] = frozenset()
    call_limit: timedelta = CALL_LIMIT

    def __post_init__(self) -> None:
        both = self.handlers.keys() & self.calls.keys()
        unknown = (self.schedule.keys() | self.slow) - self.handlers.keys() - self.calls.keys()
        if both or unknown:
            raise ValueError(
                f"registered twice: {sorted(both)}; scheduled or slow but not handled: {sorted(unknown)}"
            )

    @property
    def kinds(self) -> set[str]:
        return self.handlers.keys() | self.calls.keys()

    def lane(self, *, slow: bool) -> "Work":
        """The part of the work that is slow, or the part that is not."""

        def mine(kind: str) -> bool:
            return (kind in self.slow) is slow

        return Work(
            {kind: handler for kind, handler in self.handlers.items() if mine(kind)},
            {kind: call for kind, call in self.calls.items() if mine(kind)},
            {kind: timed for kind, timed in self.schedule.items() if mine(kind)},
            self.slow if slow else frozenset(),
            self.call_limit,
        )


def prepare_schedule(work: Work) -> None:
    """Every timed kind has its row."""
    with transaction() as session:
        outbox.seed(session, work.schedule.values(), now=clock.now())


def run_batch(work: Work, *, limit: int = BATCH) -> int:
    """Run up to `limit` due handlers and mark them in the same commit. Answers how many rows it took up."""
    kinds = work.handlers.keys()
    if not _any_due(kinds):
        return 0
    jobs: list[Job] = []
    try:
        with transaction() as session:
            jobs = outbox.due(session, kinds, limit=limit, now=clock.now())
            passing("batch.read")
            taken = _run_jobs(session, work, jobs)
            passing("batch.marked")
    except (Conflict, Unavailable):
        raise
    except Exception as error:
        if len(jobs) != 1:  # the caller comes again with limit=1, to find the one that breaks the commit
            raise
        with transaction() as session:
            _note_failure(session, work, jobs[0], error)
        return 1
    passing("batch.committed")
    return taken


def run_call(work: Work) -> bool:
    """Make the call that is due longest. False: there is none."""
    now = clock.now()
    if outbox.has_lost(db.session(), now=now):
        with transaction() as session:
            outbox.recover(session, now=now)
    if not _any_due(work.calls.keys()):
        return False
    with transaction() as session:
        jobs = outbox.due(session, work.calls.keys(), limit=1, now=clock.now())
        request = _prepare(session, work, jobs[0]) if jobs else None
    if jobs and request is not None:
        _make(work, jobs[0], request)
    return bool(jobs)


def run_one(work: Work, job_id: int) -> None:
    """Run the row `job_id` if it is still to be done; a transport may deliver an id twice or late."""
    with transaction() as session:
        job = outbox.due_one(session, job_id, work.kinds, now=clock.now())
        if job is None:
            return
        passing("one.read")
        if job.kind in work.handlers:
            _run_jobs(session, work, [job])
            return
        request = _prepare(session, work, job)
    if request is not None:
        _make(work, job, request)


def _any_due(kinds: Any) -> bool:
    session = db.session()
    found = outbox.has_due(session, kinds, now=clock.now())
    session.rollback()
    return found


def _run_jobs(session: Session, work: Work, jobs: list[Job]) -> int:
    """Each handler in a savepoint: one that fails takes nothing of the others with it. Answers how many were run."""
    stop = time.monotonic() + BATCH_SECONDS
    finished, taken = [], 0
    for job in jobs:
        if taken and time.monotonic() > stop:
            break
        taken += 1
        started = clock.now()
        try:
            with session.begin_nested():
                again = work.handlers[job.kind](session, dict(job.payload), now=started)
        except Exception as error:
            _note_failure(session, work, job, error)
            continue
        passing("handler.done")
        if outbox.is_timed(job):
            slot = again or outbox.next_slot(work.schedule[job.kind], started)
            outbox.rearm(session, job, due_at=slot, started=started)
        else:
            finished.append((job.id, started))
    if finished:
        outbox.done(session, finished, now=clock.now())
    return taken


def _prepare(session: Session, work: Work, job: Job) -> Any:
    """The request of the call, with the row marked `sending`; None where nothing leaves."""
    call, now = work.calls[job.kind], clock.now()
    if job.attempts >= outbox.MAX_ATTEMPTS and not outbox.is_timed(job):
        outbox.failed(
            session, job, "given up: no attempt came to its end", again_at=None, attempts=job.attempts
        )
        return None
    if job.uncertain and call.when_uncertain == "wait":
        outbox.park(
            session, job, "nobody knows whether the last attempt got through: look, then try again or close"
        )
        return None
    try:
        with session.begin_nested():
            request = call.prepare(session, job, now=now)
    except Exception as error:
        _note_failure(session, work, job, error)
        return None
    if request is None:
        _close(session, work, job)
        return None
    outbox.send(session, job, until=now + work.call_limit, now=now)
    passing("call.claimed")
    return request


def _make(work: Work, job: Job, request: Any) -> None:
    passing("call.prepared")
    try:
        result = work.calls[job.kind].call(request)
    except Exception as error:
        with transaction() as session:
            _note_failed_call(session, work, job, error)
        return
    passing("call.made")
    with transaction() as session:
        work.calls[job.kind].finish(session, job, result, now=clock.now())
        passing("call.finishing")
        _close(session, work, job)
    passing("call.committed")


def _close(session: Session, work: Work, job: Job) -> None:
    now = clock.now()
    if outbox.is_timed(job):
        outbox.rearm(session, job, due_at=outbox.next_slot(work.schedule[job.kind], now), started=now)
    else:
        outbox.finished(session, job, now=now)


def _note_failed_call(session: Session, work: Work, job: Job, error: Exception) -> None:
    last = job.attempts + 1 >= outbox.MAX_ATTEMPTS and not outbox.is_timed(job)
    if last or isinstance(error, NotDone | Refused):
        _note_failure(session, work, job, error)
        return
    log.warning("%s %s: uncertain: %s", job.kind, job.key, _said(error))
    outbox.uncertain(session, job, _said(error), now=clock.now())


def _note_failure(session: Session, work: Work, job: Job, error: Exception) -> None:
    attempts, now = job.attempts + 1, clock.now()
    known = isinstance(error, CasedeskError | NotDone | Refused)
    log.warning("%s %s: attempt %d failed: %s", job.kind, job.key, attempts, _said(error), exc_info=not known)
    again_at = _again_at(work, job, error, now)
    outbox.failed(session, job, _said(error), again_at=again_at, attempts=attempts)
    call = work.calls.get(job.kind)
    if call and call.failed:
        call.failed(session, job, _said(error), final=again_at is None, now=now)


def _again_at(work: Work, job: Job, error: Exception, now: datetime) -> datetime | None:
    if outbox.is_timed(job):
        return outbox.next_slot(work.schedule[job.kind], now)
    if isinstance(error, Refused) or job.attempts + 1 >= outbox.MAX_ATTEMPTS:
        return None
    return now + outbox.wait_after(job.attempts + 1)


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
