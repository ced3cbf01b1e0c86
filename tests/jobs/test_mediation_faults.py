"""A mediation on a bad day: the worker killed wherever it hurts between agreement, notices and execution, a Redis that
forgets, no mail server for a day, a clock that jumps. No effect is lost or doubled, every notice arrives, lateness is told."""

import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import func, select

from casedesk import relay
from casedesk.channels.models import OutgoingMail
from casedesk.config import Settings
from casedesk.mediation.models import Agreement, Closing, Mediation, Task
from casedesk.portal.models import Paper
from casedesk.refunds.models import RefundIntent
from casedesk.store import clock, verify
from casedesk.store.db import db
from casedesk.store.models import Entry, OutboxRow
from casedesk.store.running import run_batch, run_call
from tests.integration.mailserver import MailServer, Post, free_port
from tests.integration.mediations import Play, a_play
from tests.jobs.dying_worker import CLAIM, work
from tests.jobs.test_crashes import _die, redis  # noqa: F401 - the fixture

AGO = timedelta(days=20)
"""When both accepted: the part to be paid within fifteen days ran out five days ago."""


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def settings(database_url: str, tmp_path: Path, port: int) -> Settings:
    return Settings.from_environment(
        {
            "DATABASE_URL": database_url.replace("+psycopg", ""),
            "CASEDESK_DATA": str(tmp_path / "data"),
            "SMTP_URL": f"smtp://127.0.0.1:{port}",
        }
    )


@pytest.fixture
def mail_server(port: int) -> Iterator[MailServer]:
    server = MailServer(Post())
    server.port = port
    with server:
        yield server


@pytest.fixture
def play(app: Flask) -> Play:
    """An agreement of twenty days ago of which nothing was worked off: notices, refund, letter and a part that is late."""
    made = a_play(app)
    made.now = clock.now() - AGO
    return made.in_exchange().agreed()


def finish(*, mails: bool) -> None:
    """A worker that lives does what is due; what leaves the house only where somebody is there to take it."""
    registered, until = work(), time.monotonic() + 120
    while time.monotonic() < until:
        did = run_batch(registered)
        if mails:
            did = run_call(registered) or did
        if not did:
            if not (mails and _sending()):
                return
            time.sleep(0.2)  # a call whose worker died is free again once its claim is over


def _sending() -> bool:
    db.session.remove()
    return db.session.scalar(select(OutboxRow.id).where(OutboxRow.state == "sending").limit(1)) is not None


def kinds(file_id: int) -> Counter[str]:
    db.session.remove()
    return Counter(
        db.session.scalars(
            select(Entry.kind).where(Entry.subject_kind == "mediation", Entry.subject_id == file_id)
        )
    )


def check(file_id: int) -> None:
    """One agreement, one refund, one breach that opened the exchange again, with how late it was noticed."""
    told = kinds(file_id)
    assert (told["mediation.agreed"], told["mediation.task_breached"], told["mediation.clock_breached"]) == (
        1,
        1,
        1,
    )
    assert db.session.get_one(Mediation, file_id).state == "exchange"
    assert list(db.session.scalars(select(Task.state))) == ["breached"]
    for one in (Agreement.id, Closing.id, RefundIntent.id):
        assert db.session.scalar(select(func.count(one))) == 1, one
    late = db.session.scalars(select(Entry.body).where(Entry.kind == "mediation.clock_breached")).one()
    assert timedelta(days=4) < timedelta(seconds=late["noticed_after_s"]) < timedelta(days=6)
    assert verify.verify(db.session()).faults == []


def arrived(server: MailServer) -> None:
    """Every notice of the file, each at least once; one that left twice bears its first Message-ID and is marked."""
    db.session.remove()
    mails = db.session.scalars(select(OutgoingMail)).all()
    received = Counter(mail["Message-ID"] for mail in server.post.mails)
    assert received.keys() == {mail.message_id for mail in mails}
    assert {mail.state for mail in mails} == {"sent"}
    twice = {mail.message_id for mail in mails if mail.possibly_twice}
    assert {one for one, count in received.items() if count > 1} <= twice
    titles = Counter(mail.recipient for mail in mails if mail.subject_kind == "mediation")
    assert (
        min(titles.values()) >= 3
    )  # customer, company and mediator: notified, agreed, breached at the least
    assert len(titles) == 3


POINTS = [("batch.read", 1), ("handler.done", 2), ("batch.marked", 1), ("batch.committed", 1), ("call.prepared", 2), ("call.made", 3), ("call.finishing", 1)]  # fmt: skip


@pytest.mark.parametrize(("point", "passes"), POINTS, ids=[point for point, _ in POINTS])
def test_the_worker_dies_on_the_way_from_agreement_to_execution(
    play: Play, settings: Settings, mail_server: MailServer, point: str, passes: int
) -> None:
    _die(settings, "embedded", point, passes)
    finish(mails=True)
    check(play.file_id)
    arrived(mail_server)
    assert list(db.session.scalars(select(Paper.kind))) == ["agreement"]


@pytest.mark.redis
def test_a_redis_that_forgets_loses_no_part_of_a_mediation(
    app: Flask,
    play: Play,
    mail_server: MailServer,
    redis: Redis,  # noqa: F811
) -> None:
    registered, ids, flushes = work(), relay.queue(redis), 3
    until = time.monotonic() + 120
    while _due() and time.monotonic() < until:
        relay.relay_once(ids, registered, claim=CLAIM)
        if flushes:
            redis.flushall()
            flushes -= 1
        relay.serve(app, registered, redis, burst=True)
        db.session.remove()
        time.sleep(0.2)
    check(play.file_id)
    arrived(mail_server)


def _due() -> bool:
    db.session.remove()
    left = (OutboxRow.state != "done", OutboxRow.due_at <= clock.now())
    return db.session.scalar(select(OutboxRow.id).where(*left).limit(1)) is not None


def test_a_mail_server_that_is_down_for_a_day_loses_no_notice(
    play: Play, port: int, app: Flask, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    finish(mails=True)  # nobody answers at the mail server's port
    check(play.file_id)
    first = {mail.id: mail.message_id for mail in db.session.scalars(select(OutgoingMail))}
    assert len(first) >= 9
    waiting = select(OutgoingMail).where(
        OutgoingMail.state == "waiting", OutgoingMail.last_error.is_not(None)
    )
    assert len(db.session.scalars(waiting).all()) == len(first)
    true_now = clock.now
    monkeypatch.setattr(clock, "now", lambda: true_now() + timedelta(days=1))
    server = MailServer(Post())
    server.port = port
    with server:
        finish(mails=True)
        arrived(server)
        assert set(Counter(mail["Message-ID"] for mail in server.post.mails).values()) == {1}
    db.session.remove()
    for mail in db.session.scalars(select(OutgoingMail).where(OutgoingMail.id.in_(first))):
        assert mail.message_id == first[mail.id]
        assert mail.attempts > 1
        assert mail.sent_at is not None
        assert mail.sent_at - mail.created_at > timedelta(hours=23)  # how late it was stays readable


@pytest.mark.parametrize("days", [1, 40])
def test_a_clock_that_jumps_ahead_and_back_doubles_nothing(
    app: Flask, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    """Sixteen days after an agreement whose part is due on the fifteenth, seen from fifteen."""
    play = a_play(app)
    play.now = clock.now() - timedelta(days=15)
    play.in_exchange().agreed()
    true_now = clock.now
    finish(mails=False)
    assert kinds(play.file_id)["mediation.clock_breached"] == 0
    for jump in (timedelta(days=days), timedelta(), timedelta(days=days), timedelta(days=-1), timedelta()):
        monkeypatch.setattr(clock, "now", lambda jump=jump: true_now() + jump)
        finish(mails=False)
    told = kinds(play.file_id)
    assert (told["mediation.clock_breached"], told["mediation.task_breached"]) == (1, 1)
    assert told["mediation.agreed"] == 1
    assert db.session.scalar(select(func.count(RefundIntent.id))) == 1
    late = db.session.scalars(select(Entry.body).where(Entry.kind == "mediation.clock_breached")).one()
    assert late["noticed_after_s"] > (days - 1) * 86_400
    assert verify.verify(db.session()).faults == []
