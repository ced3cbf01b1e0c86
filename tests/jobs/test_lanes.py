"""What takes minutes has a lane of its own: no reminder and no mail waits until a long import is done."""

import threading
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from casedesk.cases.models import Case
from casedesk.imports import actions
from casedesk.imports.models import ImportRun
from casedesk.store import clock, outbox
from casedesk.store.db import db
from casedesk.store.models import OutboxRow
from casedesk.store.running import Work
from casedesk.store.transaction import transaction
from casedesk.store.work import Call
from casedesk.worker import collect, run
from tests.factories import an_entity

MAPPING = """
kind = "cases"
source = "old-desk"
[fields]
reference = "id"
kind = { constant = "refund" }
claimed_name = "who"
opened_at = { column = "at", date = "YYYY-MM-DD" }
said = "text"
"""


def an_import(rows: int) -> int:
    text = "id,who,at,text\n" + "".join(f"T{n},Anaïs Roy,2026-11-02,Bonjour {n}\n" for n in range(rows))
    with transaction() as session:
        new = actions.NewImport("cases", "old-desk", "cases.csv", text.encode(), MAPPING, {})
        run_id = actions.upload(session, new, person_id=None, now=clock.now()).id
    with transaction() as session:
        actions.start(session, run_id, now=clock.now())
    return run_id


def with_reminders(work: Work) -> Work:
    """The desk's own work, a reminder that writes nothing more, and a mail that leaves at once."""
    nothing: Any = lambda *_args, **_named: None  # noqa: E731
    mail = Call(lambda *_args, **_named: "mail", nothing, nothing)
    return replace(
        work,
        handlers={**work.handlers, "test.remind": nothing},
        calls={**work.calls, "test.mail": mail},
    )


def test_reminders_and_mails_are_on_time_while_a_long_import_runs(app: Flask) -> None:
    an_entity()
    run_id = an_import(8_000)
    work, stop = with_reminders(collect()), threading.Event()
    now = clock.now()
    with transaction() as session:
        for n in range(1, 9):
            for kind in ("test.remind", "test.mail"):
                outbox.put(session, kind, key=f"{kind}-{n}", due_at=now + timedelta(seconds=n / 4), now=now)
    worker = threading.Thread(target=run, args=(app, work, stop))
    worker.start()
    try:
        until = time.monotonic() + 60
        rows: list[Any] = []
        while len(rows) < 16 and time.monotonic() < until:
            time.sleep(0.1)
            rows = _done()
        running = db.session().scalars(select(ImportRun).where(ImportRun.id == run_id)).one()
    finally:
        stop.set()
        worker.join(timeout=60)
    assert len(rows) == 16
    assert (running.state, running.stored < 8_000) == ("running", True), "the import was still going on"


def test_an_import_that_is_stopped_leaves_no_row_behind_when_it_goes_on(app: Flask) -> None:
    """The first worker ends between two steps; the next one stores what is missing, nothing twice, and judges."""
    an_entity()
    an_import(1_200)
    for _ in range(2):
        stop = threading.Event()
        worker = threading.Thread(target=run, args=(app, collect(), stop))
        worker.start()
        time.sleep(0.7)
        stop.set()
        worker.join(timeout=60)
    stop = threading.Event()
    worker = threading.Thread(target=run, args=(app, collect(), stop))
    worker.start()
    until = time.monotonic() + 60
    while _unjudged() and time.monotonic() < until:
        time.sleep(0.2)
    stop.set()
    worker.join(timeout=60)
    db.session.rollback()
    assert db.session().scalar(select(ImportRun.state)) == "done"
    assert len(db.session().scalars(select(Case.id)).all()) == 1_200


def test_what_is_slow_must_be_handled(app: Flask) -> None:
    with pytest.raises(ValueError, match=r"no\.such"):
        Work({}, slow=frozenset({"no.such"}))


def _done() -> list[Any]:
    db.session.rollback()
    rows = db.session().execute(
        select(OutboxRow.started_at, OutboxRow.due_at).where(
            OutboxRow.kind.in_(("test.remind", "test.mail")), OutboxRow.state == "done"
        )
    )
    return list(rows)


def _unjudged() -> bool:
    db.session.rollback()
    session = db.session()
    left = session.scalar(select(Case.id).where(Case.judgement_id.is_(None)).limit(1))
    return left is not None or session.scalar(select(ImportRun.state)) != "done"
