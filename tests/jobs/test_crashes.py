"""A worker killed with -9 wherever it hurts, and a Redis that forgets: nothing is lost, doubled or untold."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import select

from casedesk import relay
from casedesk.channels.actions import NewMail, queue_mail
from casedesk.channels.models import OutgoingMail
from casedesk.config import Settings
from casedesk.store import clock, outbox, verify
from casedesk.store.db import db
from casedesk.store.models import Entry, OutboxRow
from casedesk.store.running import prepare_schedule, run_batch, run_call
from casedesk.store.transaction import transaction
from tests.case_builders import a_case
from tests.integration.mailserver import MailServer, Post, free_port
from tests.jobs.dying_worker import CLAIM, NOTE, work

NOTES, MAILS = 8, 2


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer(Post()) as server:
        yield server


@pytest.fixture
def settings(database_url: str, tmp_path: Path, mail_server: MailServer) -> Settings:
    address = database_url.replace("+psycopg", "")
    return Settings.from_environment(
        {"DATABASE_URL": address, "CASEDESK_DATA": str(tmp_path / "data"), "SMTP_URL": mail_server.url}
    )


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    """A Redis of this test's own, so that it may be flushed."""
    port = free_port()
    program = shutil.which("redis-server")
    assert program
    server = subprocess.Popen(
        [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)],
        stdout=subprocess.DEVNULL,
    )
    connection = Redis(port=port)
    deadline = time.monotonic() + 20
    while not _answers(connection):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    yield connection
    connection.close()
    server.terminate()
    server.wait(10)


def _answers(connection: Redis) -> bool:
    try:
        return bool(connection.ping())
    except RedisError:
        return False


@pytest.fixture
def case_id(app: Flask) -> int:
    """A case with notes to write and mails to send."""
    case = a_case()
    now = clock.now()
    with transaction() as session:
        for n in range(NOTES):
            outbox.put(session, NOTE, key=f"note-{n}", due_at=now, now=now, case_id=case.id, n=n)
        for n in range(MAILS):
            queue_mail(session, _mail(case.id, n), now=now)
    return case.id


def _mail(case_id: int, n: int) -> NewMail:
    return NewMail(
        subject=("case", case_id),
        entry_id=None,
        key=f"test-{n}",
        sender="desk@cimes.example",
        recipient=f"customer{n}@courrier.example",
        title="Votre dossier",
        text=f"Bonjour, message n° {n}.",
    )


def _die(settings: Settings, role: str, point: str, passes: int, redis: Redis | None = None) -> None:
    """Start a worker that kills itself at `point`, and see it die there."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "PYTHONPATH") if name in os.environ}
    environment = kept | {
        "DATABASE_URL": settings.database_url,
        "CASEDESK_DATA": str(settings.data_dir),
        "SMTP_URL": settings.smtp_url,
    }
    if redis is not None:
        environment["REDIS_URL"] = f"redis://127.0.0.1:{redis.connection_pool.connection_kwargs['port']}"
    process = subprocess.run(
        [sys.executable, "-m", "tests.jobs.dying_worker", role, point, str(passes)],
        env=environment,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert process.returncode == -9, f"passed no {point}: {process.stderr[-2000:]}"


def _unfinished() -> int:
    db.session.remove()
    rows = db.session.scalars(select(OutboxRow.state).where(OutboxRow.key.not_like("every/%"))).all()
    return sum(state != "done" for state in rows)


def _finish_embedded() -> None:
    """A worker that lives does the rest."""
    registered = work()
    deadline = time.monotonic() + 60
    while _unfinished():
        assert time.monotonic() < deadline, "work is left over"
        if not (run_batch(registered) or run_call(registered)):
            time.sleep(0.1)


def _finish_by_redis(app: Flask, redis: Redis, *, flushes: int = 0) -> None:
    """A relay and a queue worker that live do the rest, while Redis forgets everything `flushes` times."""
    registered, ids = work(), relay.queue(redis)
    prepare_schedule(registered)
    deadline = time.monotonic() + 90
    while _unfinished():
        assert time.monotonic() < deadline, "work is left over"
        relay.relay_once(ids, registered, claim=CLAIM)
        if flushes:
            redis.flushall()
            flushes -= 1
        relay.serve(app, registered, redis, burst=True)
        db.session.remove()
        time.sleep(0.1)


def _check(case_id: int, mail_server: MailServer) -> None:
    """Every effect once; every mail at least once, a repeated one recognisable and marked."""
    db.session.remove()
    notes = db.session.scalars(
        select(Entry.body).where(Entry.subject_id == case_id, Entry.kind == "note")
    ).all()
    assert sorted(body["n"] for body in notes) == list(range(NOTES))
    received = Counter(mail["Message-ID"] for mail in mail_server.post.mails)
    told = db.session.scalars(
        select(Entry.body).where(Entry.subject_id == case_id, Entry.kind == "event.mail_twice")
    ).all()
    mails = db.session.scalars(select(OutgoingMail)).all()
    assert received.keys() == {mail.message_id for mail in mails}
    assert len(received) == MAILS
    for mail in mails:
        assert mail.state == "sent"
        if received[mail.message_id] > 1:
            assert mail.possibly_twice
            assert [body["mail"] for body in told].count(mail.id) == 1
    assert verify.verify(db.session()).faults == []


POINTS = [
    ("batch.read", 1),  # rows locked, nothing done
    ("handler.done", 3),  # two effects in the open transaction
    ("batch.marked", 1),  # everything marked, nothing committed
    ("batch.committed", 1),
    ("call.claimed", 1),  # the row says sending, not committed
    ("call.prepared", 1),  # committed as sending, nothing left the house
    ("call.made", 1),  # the mail server said 250, we have not written it down
    ("call.finishing", 1),  # written down, not committed
    ("call.committed", 1),
]


@pytest.mark.parametrize(("point", "passes"), POINTS, ids=[point for point, _ in POINTS])
def test_the_embedded_worker_dies_and_nothing_is_lost_or_doubled(
    case_id: int, settings: Settings, mail_server: MailServer, point: str, passes: int
) -> None:
    _die(settings, "embedded", point, passes)
    _finish_embedded()
    _check(case_id, mail_server)


def test_a_mail_that_left_twice_bears_one_message_id_and_is_marked(
    case_id: int, settings: Settings, mail_server: MailServer
) -> None:
    _die(settings, "embedded", "call.made", 1)
    _finish_embedded()
    received = Counter(mail["Message-ID"] for mail in mail_server.post.mails)
    assert sorted(received.values()) == [1, 2]
    twice = received.most_common(1)[0][0]
    assert len({raw for raw in mail_server.post.raw if twice.encode() in raw}) == 1  # the very same bytes
    marked = db.session.scalars(select(OutgoingMail.message_id).where(OutgoingMail.possibly_twice)).all()
    assert marked == [twice]


@pytest.mark.redis
@pytest.mark.parametrize("point", ["relay.claimed", "relay.enqueued"])
def test_the_relay_dies_and_the_rows_are_named_again(
    app: Flask, case_id: int, settings: Settings, mail_server: MailServer, redis: Redis, point: str
) -> None:
    _die(settings, "relay", point, 1, redis)
    _finish_by_redis(app, redis)
    _check(case_id, mail_server)


@pytest.mark.redis
@pytest.mark.parametrize("point", ["one.read", "handler.done", "call.made"])
def test_a_queue_worker_dies_and_nothing_is_lost_or_doubled(
    app: Flask, case_id: int, settings: Settings, mail_server: MailServer, redis: Redis, point: str
) -> None:
    relay.relay_once(relay.queue(redis), work(), claim=CLAIM)
    _die(settings, "queue", point, 1, redis)
    _finish_by_redis(app, redis)
    _check(case_id, mail_server)


@pytest.mark.redis
def test_a_redis_that_forgets_everything_loses_nothing(
    app: Flask, case_id: int, mail_server: MailServer, redis: Redis
) -> None:
    _finish_by_redis(app, redis, flushes=3)
    _check(case_id, mail_server)
    assert set(Counter(mail["Message-ID"] for mail in mail_server.post.mails).values()) == {1}


@pytest.mark.redis
def test_ids_that_redis_delivers_twice_are_done_once(
    app: Flask, case_id: int, mail_server: MailServer, redis: Redis
) -> None:
    ids = relay.queue(redis)
    relay.relay_once(ids, work(), claim=CLAIM)
    for row_id in db.session.scalars(select(OutboxRow.id)).all():
        ids.enqueue("casedesk.relay.work_row", row_id)
    _finish_by_redis(app, redis)
    _check(case_id, mail_server)
    assert set(Counter(mail["Message-ID"] for mail in mail_server.post.mails).values()) == {1}


def test_a_lost_redis_only_makes_work_late(app: Flask, case_id: int) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        with pytest.raises(RedisError):
            relay.relay_once(relay.queue(Redis(port=nobody.getsockname()[1])), work(), claim=CLAIM)
    assert _unfinished() == NOTES + MAILS
    _finish_embedded()
