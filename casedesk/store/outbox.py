"""Work that leaves the transaction: rows written in the deed's own commit, taken up by the worker.

`due_at` never changes by a retry: `claimed_until` is both the claim of who works on a row and the wait after a
failure, so that lateness (`started_at - due_at`) is told of the promise, not of the last attempt.
"""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, insert, or_, select, update
from sqlalchemy.orm import Session

from casedesk.store.bulk import insert_rows
from casedesk.store.models import OutboxRow
from casedesk.store.work import Job, Timed

MAX_ATTEMPTS = 10
_FIRST_WAIT_S = 5
_LONGEST_WAIT_S = 3 * 3600

_table: Any = OutboxRow.__table__


def put(
    session: Session,
    kind: str,
    *,
    key: str,
    due_at: datetime,
    now: datetime,
    subject: tuple[str, int] | None = None,
    **payload: Any,
) -> OutboxRow:
    """Leave work of `kind` to be done at `due_at`; `key` is unique for ever and goes with outside calls."""
    row = OutboxRow(
        kind=kind,
        key=key,
        due_at=due_at,
        created_at=now,
        payload=payload,
        state="ready",
        attempts=0,
        subject_kind=subject[0] if subject else None,
        subject_id=subject[1] if subject else None,
    )
    session.add(row)
    return row


def put_many(
    session: Session,
    kind: str,
    work: Iterable[tuple[str, tuple[str, int], dict[str, Any]]],
    *,
    due_at: datetime,
    now: datetime,
) -> None:
    """Leave work of one kind for many subjects, each (key, subject, payload), in one statement."""
    rows = [
        {
            "kind": kind,
            "key": key,
            "due_at": due_at,
            "created_at": now,
            "payload": payload,
            "state": "ready",
            "attempts": 0,
            "subject_kind": subject[0],
            "subject_id": subject[1],
        }
        for key, subject, payload in work
    ]
    insert_rows(session, OutboxRow, rows)


def due(session: Session, kinds: Collection[str], *, limit: int, now: datetime) -> list[Job]:
    """Up to `limit` jobs of `kinds` that are due, oldest first, locked to this transaction; all of one subject.

    One subject, because two batches that lock several would wait for each other crosswise (PostgreSQL).
    SQLite has one writer anyway, so there subjects mix.
    """
    rows = session.execute(_pick(kinds, now).limit(limit)).all()
    if session.get_bind().dialect.name != "sqlite":
        rows = [row for row in rows if (row.subject_kind, row.subject_id) == tuple(rows[0][-2:])]
    return [_job(row) for row in rows]


def due_one(session: Session, job_id: int, kinds: Collection[str], *, now: datetime) -> Job | None:
    """The job `job_id`, locked to this transaction, if it is still to be done; a transport may name it twice.

    Its claim is the transport's own and does not count.
    """
    row = session.execute(_pick(kinds, now, claims=False).where(_table.c.id == job_id)).one_or_none()
    return _job(row) if row else None


def claim(
    session: Session, kinds: Collection[str], *, limit: int, until: datetime, now: datetime
) -> list[int]:
    """Ids of up to `limit` due rows, claimed until then for a transport that may lose them."""
    ids = [row.id for row in session.execute(_pick(kinds, now).limit(limit))]
    if ids:
        session.execute(update(_table).where(_table.c.id.in_(ids)).values(claimed_until=until))
    return ids


def recover(session: Session, *, now: datetime) -> None:
    """Calls whose process died between leaving and finishing are ready again, and uncertain."""
    lost = select(_table.c.id).where(_table.c.state == "sending", _table.c.claimed_until <= now)
    session.execute(
        update(_table)
        .where(_table.c.id.in_(lost), _table.c.state == "sending")
        .values(state="ready", uncertain=True, claimed_until=None)
    )


def has_lost(session: Session, *, now: datetime) -> bool:
    """Is there a call to recover? A read, so that an idle worker never takes the write lock."""
    lost = select(_table.c.id).where(_table.c.state == "sending", _table.c.claimed_until <= now)
    return session.execute(lost.limit(1)).first() is not None


def has_due(session: Session, kinds: Collection[str], *, now: datetime) -> bool:
    """Is anything of `kinds` to be done? A read, as in `has_lost`."""
    return session.execute(_pick(kinds, now, lock=False).limit(1)).first() is not None


def send(session: Session, job: Job, *, until: datetime, now: datetime) -> None:
    """An attempt of an outside call leaves: if this process dies before `finish`, the row is found uncertain."""
    _change(
        session,
        job.id,
        state="sending",
        claimed_until=until,
        attempts=job.attempts + 1,
        started_at=func.coalesce(_table.c.started_at, now),
    )


def done(session: Session, started: Iterable[tuple[int, datetime]], *, now: datetime) -> None:
    """These jobs are done; each with the instant at which its handler started."""
    session.execute(
        update(_table)
        .where(_table.c.id == bindparam("row_id"))
        .values(
            state="done",
            done_at=now,
            claimed_until=None,
            attempts=_table.c.attempts + 1,
            started_at=func.coalesce(
                _table.c.started_at, bindparam("started", type_=_table.c.started_at.type)
            ),
        ),
        [{"row_id": job_id, "started": at} for job_id, at in started],
    )


def finished(session: Session, job: Job, *, now: datetime) -> None:
    """The outside call of `job` is done (its attempt was counted when it left)."""
    _change(session, job.id, state="done", done_at=now, claimed_until=None)


def rearm(session: Session, job: Job, *, due_at: datetime, started: datetime) -> None:
    """The timed `job` ran and comes back at `due_at`."""
    _change(
        session,
        job.id,
        state="ready",
        due_at=due_at,
        claimed_until=None,
        attempts=0,
        last_error=None,
        started_at=started,
        done_at=started,
    )


def failed(session: Session, job: Job, error: str, *, again_at: datetime | None, attempts: int) -> None:
    """Attempt number `attempts` failed: the error stays readable; tried again at `again_at`, None: given up."""
    _change(
        session,
        job.id,
        state="failed" if again_at is None else "ready",
        attempts=attempts,
        last_error=error[:500],
        claimed_until=again_at,
    )


def uncertain(session: Session, job: Job, error: str, *, now: datetime) -> None:
    """Nobody knows whether the attempt that `send` counted got through: the next one is told."""
    _change(
        session,
        job.id,
        state="ready",
        uncertain=True,
        last_error=error[:500],
        claimed_until=now + wait_after(job.attempts + 1),
    )


def park(session: Session, job: Job, reason: str) -> None:
    """The job waits for a person."""
    _change(session, job.id, state="parked", last_error=reason[:500], claimed_until=None)


def revive(session: Session, job_id: int, *, now: datetime) -> bool:
    """Try a failed or parked job again, now. False: it is neither."""
    result: Any = session.execute(
        update(_table)
        .where(_table.c.id == job_id, _table.c.state.in_(("failed", "parked")))
        .values(state="ready", attempts=0, claimed_until=None)
    )
    return bool(result.rowcount)


def seed(session: Session, schedule: Iterable[Timed], *, now: datetime) -> None:
    """Every timed kind has its row; one that is no longer scheduled has none that comes back."""
    keys = {_timed_key(timed.kind): timed for timed in schedule}
    known = session.scalars(select(_table.c.key).where(_table.c.key.like("every/%"))).all()
    missing = [keys[key] for key in keys.keys() - set(known)]
    if missing:
        session.execute(insert(_table), [_timed_row(timed, now) for timed in missing])


def is_timed(job: Job) -> bool:
    return job.key == _timed_key(job.kind)


def next_slot(timed: Timed, now: datetime) -> datetime:
    """The next whole multiple of the interval after `now`: what was missed runs once, not once per miss."""
    every = timed.every.total_seconds()
    return datetime.fromtimestamp((now.timestamp() // every + 1) * every, now.tzinfo)


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 5 s, 15 s, 45 s, ... 3 hours."""
    return timedelta(seconds=min(_FIRST_WAIT_S * 3 ** max(attempts - 1, 0), _LONGEST_WAIT_S))


def counts(session: Session) -> dict[str, int]:
    """How many rows stand in each state, for `doctor`."""
    rows = session.execute(select(_table.c.state, func.count()).group_by(_table.c.state))
    return {row[0]: row[1] for row in rows}


def stuck(session: Session, limit: int = 100) -> list[OutboxRow]:
    """Rows that were given up or wait for a person, newest first."""
    query = select(OutboxRow).where(OutboxRow.state.in_(("failed", "parked")))
    return list(session.scalars(query.order_by(OutboxRow.id.desc()).limit(limit)))


def _pick(kinds: Collection[str], now: datetime, *, claims: bool = True, lock: bool = True) -> Any:
    query = select(
        _table.c.id,
        _table.c.kind,
        _table.c.key,
        _table.c.payload,
        _table.c.due_at,
        _table.c.attempts,
        _table.c.uncertain,
        _table.c.subject_kind,
        _table.c.subject_id,
    ).where(_table.c.state == "ready", _table.c.due_at <= now, _table.c.kind.in_(kinds))
    if claims:
        query = query.where(or_(_table.c.claimed_until.is_(None), _table.c.claimed_until <= now))
    query = query.order_by(_table.c.due_at, _table.c.id)
    return query.with_for_update(skip_locked=True) if lock else query


def _job(row: Any) -> Job:
    return Job(row.id, row.kind, row.key, row.payload, row.due_at, row.attempts, row.uncertain)


def _change(session: Session, job_id: int, **values: Any) -> None:
    session.execute(update(_table).where(_table.c.id == job_id).values(**values))


def _timed_key(kind: str) -> str:
    return f"every/{kind}"


def _timed_row(timed: Timed, now: datetime) -> dict[str, Any]:
    return {
        "kind": timed.kind,
        "key": _timed_key(timed.kind),
        "payload": {},
        "due_at": now,
        "state": "ready",
        "attempts": 0,
        "created_at": now,
    }
