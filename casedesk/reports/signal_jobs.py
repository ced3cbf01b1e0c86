"""The worker's part of signals: the scan after each day, what people are told of it, the weekly digest."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from casedesk.accounts.models import Person
from casedesk.accounts.permits import ROLE_PERMISSIONS, Permission
from casedesk.channels.actions import queue_mail
from casedesk.channels.rules import NewMail
from casedesk.config import Settings
from casedesk.kernel.errors import CasedeskError
from casedesk.reports import signal_keeping as keeping
from casedesk.reports import signal_mails as mails
from casedesk.reports.signal_models import Signal, SignalScan
from casedesk.reports.signal_rules import after_quiet
from casedesk.store import clock, outbox
from casedesk.store.db import db
from casedesk.store.models import OutboxRow
from casedesk.store.transaction import notes, transaction
from casedesk.store.work import Call, Job, Timed

AFTER_MIDNIGHT = timedelta(minutes=5)
"""The day is closed, and what was on its way at midnight is stored."""
ALIVE = timedelta(minutes=10)
"""How long a step of the scan may take before it is taken for lost with its process."""


@dataclass(frozen=True)
class Request:
    scan_id: int
    job_id: int
    as_of: date
    zone: str
    known: Any


def settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


def nightly(session: Session, payload: dict[str, Any], *, now: datetime) -> datetime:
    """A scan once a day, after midnight in the organisation's zone; on Mondays the digest. Answers the next midnight."""
    zone = ZoneInfo(settings().time_zone)
    today = now.astimezone(zone).date()
    done = session.scalar(select(SignalScan.id).where(SignalScan.as_of >= today).limit(1))
    if done is None:
        keeping.ask(session, as_of=today, actor=None, now=now)
    if today.weekday() == 0:
        _leave_digests(session, today, now)
    midnight = datetime.combine(today + timedelta(days=1), time(), zone).astimezone(UTC)
    return midnight + AFTER_MIDNIGHT


# --- the scan ----------------------------------------------------------------------------------------


def prepare(session: Session, job: Job, *, now: datetime) -> Request | None:
    """What to scan; None where the scan is done."""
    from casedesk.reports.signal_effects import Watch
    from casedesk.reports.signal_scan import Known

    scan = session.get_one(SignalScan, job.payload["scan_id"], with_for_update=True, populate_existing=True)
    if scan.state in ("done", "failed"):
        return None
    scan.state, scan.started_at = "running", now
    before = keeping.latest(session, before=scan.id)
    known = Known(
        judged=before.judged if before else None,
        past=before.past if before else "",
        open_since=keeping.open_since(session),
        watched=tuple(Watch(*one) for one in keeping.watched(session)),
    )
    return Request(scan.id, job.id, scan.as_of, settings().time_zone, known)


def call(request: Request) -> Any:
    """Read and look, with no transaction open for writing; a refusal is a result like any other."""
    from casedesk.reports.signal_scan import look
    from casedesk.reports.signal_source import read

    with Session(db.engine) as session:
        data = read(session, zone=request.zone, as_of=request.as_of)
    if data is None:
        return None
    told = 0

    def step(done: int, of: int) -> None:
        nonlocal told
        if done * 20 // of > told:
            told = done * 20 // of
            with notes() as bookkeeping:
                row = bookkeeping.get_one(SignalScan, request.scan_id)
                row.done, row.of = done, of
            with transaction() as session:  # still alive: nobody is to begin it again
                alive = update(OutboxRow).where(OutboxRow.id == request.job_id)
                session.execute(alive.values(claimed_until=clock.now() + ALIVE))

    try:
        return look(data, as_of=request.as_of, known=request.known, step=step)
    except CasedeskError as refusal:
        return refusal


def finish(session: Session, job: Job, result: Any, *, now: datetime) -> None:
    """Keep what was found, and leave word for those who are to be told."""
    scan = session.get_one(SignalScan, job.payload["scan_id"], with_for_update=True, populate_existing=True)
    if result is None:
        scan.state, scan.finished_at, scan.error = "done", now, None
        scan.notes = [{"code": "signals.nothing_yet", "params": {}}]
        return
    if isinstance(result, CasedeskError):
        scan.state, scan.finished_at, scan.error = "failed", now, result.code
        scan.notes = [{"code": result.code, "params": dict(result.params)}]
        return
    tell(session, scan, keeping.keep(session, scan, result, now=now), now=now)


def failed(session: Session, job: Job, error: str, *, final: bool, now: datetime) -> None:
    if final:
        scan = session.get_one(SignalScan, job.payload["scan_id"])
        scan.state, scan.finished_at, scan.error = "failed", now, error[:300]


# --- who is told ------------------------------------------------------------------------------------


def tell(session: Session, scan: SignalScan, found: list[Signal], *, now: datetime) -> None:
    """Each who looks after signals gets one mail about `found`, not in the quiet hours of the night."""
    if not found:
        return
    for signal in found:
        signal.told_at, signal.told_excess = now, signal.excess
    for person in readers(session):
        local = now.astimezone(ZoneInfo(person.time_zone))
        outbox.put(
            session,
            "signals.tell",
            key=f"signals-tell-{scan.id}-{person.id}",
            due_at=after_quiet(local).astimezone(UTC),
            now=now,
            subject=("signals", 0),
            person_id=person.id,
            scan_id=scan.id,
            signal_ids=[signal.id for signal in found],
        )


def readers(session: Session) -> list[Person]:
    """Active people whose role looks after signals."""
    roles = [role for role, may in ROLE_PERMISSIONS.items() if Permission.WORK_SIGNALS in may]
    return list(
        session.scalars(
            select(Person).where(Person.role.in_(roles), Person.active.is_(True)).order_by(Person.id)
        )
    )


def send_news(session: Session, payload: dict[str, Any], *, now: datetime) -> None:
    """The mail of new and grown findings, in the reader's language."""
    person = session.get(Person, payload["person_id"])
    if person is None or not person.active:
        return
    found = session.scalars(
        select(Signal)
        .where(Signal.id.in_(payload["signal_ids"]))
        .order_by(Signal.weight.desc(), Signal.excess.desc())
    ).all()
    key = f"signals-{payload['scan_id']}-{person.id}"
    _queue(session, person, key, mails.news(session, found, person.locale, settings().base_url), now)


def _leave_digests(session: Session, monday: date, now: datetime) -> None:
    """A digest for each reader on Monday at eight of their clock; written once a week."""
    for person in readers(session):
        key = f"signals-digest-{monday.isoformat()}-{person.id}"
        if session.scalar(select(OutboxRow.id).where(OutboxRow.key == key)) is not None:
            continue
        eight = datetime.combine(monday, time(8), ZoneInfo(person.time_zone)).astimezone(UTC)
        outbox.put(
            session,
            "signals.digest",
            key=key,
            due_at=max(eight, now),
            now=now,
            subject=("signals", 0),
            person_id=person.id,
            monday=monday.isoformat(),
        )


def send_digest(session: Session, payload: dict[str, Any], *, now: datetime) -> None:
    """What is open, what moved in the week, which actions are due. Nothing to say, no mail."""
    person = session.get(Person, payload["person_id"])
    if person is None or not person.active:
        return
    written = mails.digest(
        session,
        person.locale,
        settings().base_url,
        since=now - timedelta(days=7),
        today=now.astimezone(ZoneInfo(person.time_zone)).date(),
    )
    if written is not None:
        _queue(session, person, f"signals-digest-{payload['monday']}-{person.id}", written, now)


def _queue(session: Session, person: Person, key: str, written: mails.Written, now: datetime) -> None:
    new = NewMail(
        subject=("signals", 0),
        entry_id=None,
        key=key,
        sender=settings().mail_from,
        recipient=person.mail,
        title=written.title,
        text=written.text,
    )
    queue_mail(session, new, now=now)


HANDLERS = {"signals.nightly": nightly, "signals.tell": send_news, "signals.digest": send_digest}

CALLS = {"signals.scan": Call(prepare, call, finish, failed)}

SLOW = frozenset({"signals.scan"})

SCHEDULE = (Timed("signals.nightly", timedelta(hours=1)),)
