"""The ladder on a bad day: a worker killed at any point, a clock that jumps, a Redis that forgets, lost rows, no mail server."""

import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from redis import Redis
from sqlalchemy import delete, func, select

from casedesk import relay
from casedesk.cases.actions import clocks, ruling
from casedesk.cases.escalation_models import CaseNotice, Escalation
from casedesk.cases.models import Case
from casedesk.cases.usual_rules import USUAL
from casedesk.channels.models import OutgoingMail
from casedesk.config import Settings
from casedesk.deadlines import actions as deadlines
from casedesk.deadlines import changing
from casedesk.deadlines.actions import NewClock
from casedesk.deadlines.changing import SetThreshold
from casedesk.deadlines.models import Clock, ClockMark
from casedesk.deadlines.passing import sweep
from casedesk.deadlines.rules import ServiceHours, calendar_of, due_after, opening
from casedesk.store import clock, verify
from casedesk.store.db import db
from casedesk.store.models import Entry, OutboxRow
from casedesk.store.record import SYSTEM
from casedesk.store.running import run_batch, run_call
from casedesk.store.transaction import transaction
from tests.case_builders import a_case
from tests.factories import a_person, a_team
from tests.integration.mailserver import MailServer, Post, free_port
from tests.jobs.dying_worker import CLAIM, work
from tests.jobs.test_crashes import _die, redis  # noqa: F401 - the fixture

ROUND_THE_CLOCK = ServiceHours((((0, 1440),),) * 7, "UTC", calendar_of(""))


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def settings(database_url: str, tmp_path: Path, port: int) -> Settings:
    address = database_url.replace("+psycopg", "")
    return Settings.from_environment(
        {
            "DATABASE_URL": address,
            "CASEDESK_DATA": str(tmp_path / "data"),
            "SMTP_URL": f"smtp://127.0.0.1:{port}",
        }
    )


@pytest.fixture
def case_id(app: Flask) -> int:
    """A case whose clock to decide ran out an hour ago, with a reminder before, a word after, and the usual rules."""
    team = a_team()
    a_person("agent", team_id=team.id, is_lead=True)
    manager = a_person("manager", team_id=team.id)
    case = a_case(owner_id=manager.id, team_id=team.id, next_clock=None)
    now = clock.now()
    with transaction() as session:
        for threshold in (
            SetThreshold("decide", -30, by_mail=True),
            SetThreshold("decide", 30, "manager", by_mail=True),
        ):
            changing.set_threshold(session, threshold, actor=SYSTEM, now=now)
        for rule in USUAL[:1]:
            ruling.set_rule(session, rule, actor=SYSTEM, now=now)
        began = now - timedelta(hours=2)
        due = due_after(began, 60, ROUND_THE_CLOCK)
        deadlines.start(session, ("case", case.id), NewClock("decide", due.at, due.working), now=began)
    return case.id


def finish(*, mails: bool = False) -> None:
    """A worker that lives does what is due; mails only where the server is there."""
    registered = work()
    for _ in range(200):
        did = run_batch(registered)
        if mails:
            did = run_call(registered) or did
        if not did:
            return


def check(case_id: int) -> None:
    """Each threshold noticed once with how late that was, one breach on the record, one rise, each notice once."""
    db.session.remove()
    marks = db.session.execute(
        select(ClockMark.threshold, ClockMark.told, ClockMark.planned_at, ClockMark.noticed_at)
    ).all()
    ours = [(mark.threshold, mark.told) for mark in marks if mark.threshold in (-30, 0, 30)]
    assert sorted(set(ours)) == [(-30, False), (0, True), (30, True)]
    decide = db.session.scalars(select(Clock).where(Clock.name == "decide")).one()
    per_clock = db.session.execute(
        select(ClockMark.clock_id, ClockMark.threshold, func.count()).group_by(
            ClockMark.clock_id, ClockMark.threshold
        )
    ).all()
    assert all(count == 1 for *_, count in per_clock)
    assert all(mark.noticed_at >= mark.planned_at for mark in marks)
    assert (decide.passed, decide.next_look_at) == (30, None)
    entries = Counter(
        db.session.scalars(select(Entry.kind).where(Entry.subject_id == case_id, Entry.kind.like("event.%")))
    )
    assert entries["event.clock_breached"] == 1
    assert entries["event.escalated"] == 1
    assert db.session.get_one(Case, case_id).stage == "team-lead"
    assert len(db.session.scalars(select(Escalation.id)).all()) == 1
    codes = Counter(db.session.scalars(select(CaseNotice.code)))
    assert codes == {"clock_breached": 1, "clock_overdue": 1, "escalated": 1}
    assert verify.verify(db.session()).faults == []


POINTS = [("batch.read", 1), ("handler.done", 1), ("handler.done", 2), ("batch.marked", 1), ("batch.marked", 2), ("batch.committed", 1), ("batch.committed", 2)]  # fmt: skip


@pytest.mark.parametrize(("point", "passes"), POINTS)
def test_the_worker_dies_on_any_rung_and_nothing_is_lost_or_doubled(
    case_id: int, settings: Settings, point: str, passes: int
) -> None:
    _die(settings, "embedded", point, passes)
    finish()
    check(case_id)


@pytest.mark.redis
def test_a_redis_that_forgets_loses_no_rung(app: Flask, case_id: int, redis: Redis) -> None:  # noqa: F811
    registered, ids = work(), relay.queue(redis)
    flushes, until = 3, time.monotonic() + 90
    while _due() and time.monotonic() < until:
        relay.relay_once(ids, registered, claim=CLAIM)
        if flushes:
            redis.flushall()
            flushes -= 1
        relay.serve(app, registered, redis, burst=True)
        db.session.remove()
        time.sleep(0.2)
    check(case_id)


def _due() -> bool:
    """Is any work of ours left that is due? Mails have nobody who takes them here."""
    db.session.remove()
    waiting = (OutboxRow.state == "ready", OutboxRow.due_at <= clock.now(), OutboxRow.kind != "mail.send")
    return db.session.scalar(select(OutboxRow.id).where(*waiting).limit(1)) is not None


def test_looks_that_were_lost_are_found_by_the_sweep_which_says_how_late_it_came(case_id: int) -> None:
    with transaction() as session:
        session.execute(delete(OutboxRow))
    with transaction() as session:
        swept = sweep(session, now=clock.now(), grace=timedelta(), limit=100)
    assert (swept.clocks, swept.breaches, swept.overdue, swept.reminders) == (1, 1, 1, 0)
    assert timedelta(minutes=89) < swept.longest < timedelta(minutes=95)
    with transaction() as session:
        assert sweep(session, now=clock.now(), grace=timedelta(), limit=100).clocks == 0
    finish()
    check(case_id)
    assert set(db.session.scalars(select(ClockMark.by_sweep).where(ClockMark.threshold == 0))) == {True}


def test_the_sweep_and_the_look_at_once_notice_a_threshold_once(case_id: int) -> None:
    with transaction() as session:
        sweep(session, now=clock.now(), grace=timedelta(), limit=100)
    finish()  # the look that was left is still there, and finds nothing
    check(case_id)


def test_a_clock_that_jumps_a_day_ahead_and_back_doubles_nothing(
    case_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    true_now = clock.now
    monkeypatch.setattr(clock, "now", lambda: true_now() + timedelta(days=1))
    finish()
    monkeypatch.setattr(clock, "now", true_now)
    finish()
    db.session.remove()
    late = db.session.execute(
        select(ClockMark.planned_at, ClockMark.noticed_at)
        .where(ClockMark.threshold == 0)
        .order_by(ClockMark.id)
    ).first()
    assert late is not None
    assert late.noticed_at - late.planned_at > timedelta(hours=24)
    entries = Counter(db.session.scalars(select(Entry.kind).where(Entry.kind.like("event.%"))))
    assert entries["event.escalated"] == 1
    assert all(
        count == 1
        for count in Counter(
            db.session.execute(select(ClockMark.clock_id, ClockMark.due_at, ClockMark.threshold)).all()
        ).values()
    )


def test_a_mail_server_that_is_down_for_a_day_loses_no_notice(
    case_id: int, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    hours = clocks.hours_of(db.session(), db.session.get_one(Case, case_id))
    monday = opening(clock.now() + timedelta(days=4), hours)  # mails leave when the desk is open
    true_now = clock.now
    monkeypatch.setattr(clock, "now", lambda: monday)
    finish(mails=True)  # nobody answers at the mail server's port
    db.session.remove()
    waiting = db.session.scalars(select(OutgoingMail)).all()
    assert waiting
    assert all(mail.state == "waiting" and mail.last_error for mail in waiting)
    wanted = {mail.message_id for mail in waiting}
    monkeypatch.setattr(clock, "now", lambda: monday + timedelta(days=1))
    later = MailServer(Post())
    later.port = port
    with later as server:
        finish(mails=True)
        assert {mail["Message-ID"] for mail in server.post.mails} >= wanted
    monkeypatch.setattr(clock, "now", true_now)
