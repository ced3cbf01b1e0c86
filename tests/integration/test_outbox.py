"""Work in the outbox: once, in order, late but never lost, and readable where it failed."""

import threading
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from casedesk.store import clock, outbox, record, running, tokens
from casedesk.store.db import db
from casedesk.store.models import Entry, FormToken, OutboxRow
from casedesk.store.running import Work, prepare_schedule, run_batch, run_call, run_one
from casedesk.store.transaction import transaction
from casedesk.store.work import Call, NotDone, Refused, Timed
from casedesk.worker import collect


def _put(n: int = 1, kind: str = "note.write", **payload: object) -> None:
    now = clock.now()
    with transaction() as session:
        for i in range(n):
            outbox.put(session, kind, key=f"{kind}-{i}", due_at=now, now=now, n=i, **payload)


def _rows() -> list[OutboxRow]:
    db.session.remove()
    return list(db.session.scalars(select(OutboxRow).order_by(OutboxRow.id)))


def _one() -> OutboxRow:
    rows = _rows()
    assert len(rows) == 1
    return rows[0]


def _make_due() -> None:
    with transaction() as session:
        for row in session.scalars(select(OutboxRow)):
            row.claimed_until = None


def _write(session, payload, *, now):  # type: ignore[no-untyped-def]
    line = record.Line("event.noted", {"n": payload["n"]})
    record.append(session, ("case", 1), line, actor=record.SYSTEM, now=now)


def test_fifty_jobs_are_one_commit_and_each_leaves_its_effect_once(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BATCH_SECONDS", 60)
    _put(60)
    work = Work({"note.write": _write})
    taken = []
    while n := run_batch(work):
        taken.append(n)
    assert taken == [50, 10]
    entries = db.session.scalars(select(Entry.body).order_by(Entry.seq)).all()
    assert [e["n"] for e in entries] == list(range(60))
    assert {row.state for row in _rows()} == {"done"}


def test_a_batch_that_takes_long_is_cut_so_that_nobody_waits_for_it(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BATCH_SECONDS", 0)
    _put(3)
    work = Work({"note.write": _write})
    assert [run_batch(work) for _ in range(4)] == [1, 1, 1, 0]


def test_a_job_that_fails_takes_nothing_of_the_others_with_it(app: Flask) -> None:
    _put(3)

    def write_but_the_second(session, payload, *, now):  # type: ignore[no-untyped-def]
        _write(session, payload, now=now)
        if payload["n"] == 1:
            raise ValueError("no such thing")

    run_batch(Work({"note.write": write_but_the_second}))
    first, second, third = _rows()
    assert (first.state, second.state, third.state) == ("done", "ready", "done")
    assert (second.last_error, second.attempts) == ("ValueError: no such thing", 1)
    assert second.claimed_until is not None
    assert [e["n"] for e in db.session.scalars(select(Entry.body).order_by(Entry.seq))] == [0, 2]


def test_a_job_is_given_up_after_ten_attempts_and_can_be_revived(app: Flask) -> None:
    _put()

    def fail(_session, _payload, *, now):  # type: ignore[no-untyped-def]
        raise ValueError("still broken")

    for _ in range(outbox.MAX_ATTEMPTS):
        _make_due()
        run_batch(Work({"note.write": fail}))
    assert (_one().state, _one().attempts) == ("failed", 10)
    assert run_batch(Work({"note.write": _write})) == 0
    given_up = _one().id
    with transaction() as session:
        assert outbox.revive(session, given_up, now=clock.now())
    run_batch(Work({"note.write": _write}))
    assert _one().state == "done"


def test_lateness_is_told_of_the_promise_not_of_the_last_attempt(app: Flask) -> None:
    now = clock.now()
    with transaction() as session:
        outbox.put(session, "note.write", key="k", due_at=now - timedelta(hours=2), now=now, n=1)
    run_batch(Work({"note.write": _write}))
    row = _one()
    assert row.started_at is not None
    assert timedelta(hours=2) <= row.started_at - row.due_at < timedelta(hours=2, minutes=1)


def test_work_of_an_hour_later_waits(app: Flask) -> None:
    now = clock.now()
    with transaction() as session:
        outbox.put(session, "note.write", key="k", due_at=now + timedelta(hours=1), now=now, n=1)
    assert run_batch(Work({"note.write": _write})) == 0
    assert _one().state == "ready"


def test_a_commit_that_one_job_breaks_costs_that_job_alone(app: Flask) -> None:
    _put(3)

    def poison(session, payload, *, now):  # type: ignore[no-untyped-def]
        _write(session, payload, now=now)
        if payload["n"] == 1:
            event.listen(session, "before_commit", commit_breaks)

    def commit_breaks(session):  # type: ignore[no-untyped-def]
        if not session.in_nested_transaction():
            event.remove(session, "before_commit", commit_breaks)
            raise ValueError("the commit breaks")

    work = Work({"note.write": poison})
    with pytest.raises(ValueError, match="the commit breaks"):
        run_batch(work)
    for _ in range(3):
        run_batch(work, limit=1)
    assert [row.state for row in _rows()] == ["done", "ready", "done"]


def test_two_workers_never_run_the_same_job(app: Flask) -> None:
    with transaction() as session:
        _write(session, {"n": "first"}, now=clock.now())
    _put(40)
    work = Work({"note.write": _write})

    def drain() -> None:
        with app.app_context():
            while run_batch(work, limit=5):
                pass

    threads = [threading.Thread(target=drain) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while run_batch(work):  # a worker leaves when all that is left is another one's
        pass
    assert db.session.scalar(select(func.count()).select_from(Entry)) == 41


def test_an_id_delivered_twice_is_done_once(app: Flask) -> None:
    _put()
    work = Work({"note.write": _write})
    run_one(work, _one().id)
    run_one(work, _one().id)
    assert db.session.scalar(select(func.count()).select_from(Entry)) == 1


class Post:
    """A call that remembers what it was asked, and fails as it is told."""

    def __init__(self, *errors: Exception | None, when_uncertain: str = "repeat") -> None:
        self.errors = list(errors)
        self.asked: list[tuple[str, bool]] = []
        self.told: list[tuple[str, bool]] = []
        self.call = Call(self._prepare, self._send, self._finish, self._failed, when_uncertain)  # type: ignore[arg-type]

    def _prepare(self, _session, job, *, now):  # type: ignore[no-untyped-def]
        return job.key, job.uncertain

    def _send(self, request):  # type: ignore[no-untyped-def]
        assert not db.session().in_transaction()
        assert _one().state == "sending"
        self.asked.append(request)
        if error := self.errors.pop(0) if self.errors else None:
            raise error
        return "accepted"

    def _finish(self, session, job, result, *, now):  # type: ignore[no-untyped-def]
        _write(session, {"n": result}, now=now)

    def _failed(self, _session, job, error, *, final, now):  # type: ignore[no-untyped-def]
        self.told.append((error, final))


def test_a_call_leaves_outside_of_any_transaction_and_is_written_down(app: Flask) -> None:
    _put()
    post = Post()
    assert run_call(Work({}, {"note.write": post.call}))
    assert post.asked == [("note.write-0", False)]
    assert (_one().state, _one().attempts) == ("done", 1)
    assert db.session.scalars(select(Entry.body)).one() == {"n": "accepted"}


def test_a_call_that_surely_did_not_happen_is_tried_again_as_certain(app: Flask) -> None:
    _put()
    post = Post(NotDone("no connection"))
    work = Work({}, {"note.write": post.call})
    run_call(work)
    assert (_one().state, _one().attempts, _one().last_error) == ("ready", 1, "NotDone: no connection")
    _make_due()
    run_call(work)
    assert post.asked == [("note.write-0", False)] * 2
    assert (post.told, _one().state) == ([("NotDone: no connection", False)], "done")


def test_a_call_of_which_nobody_knows_is_repeated_with_its_key_and_said_uncertain(app: Flask) -> None:
    _put()
    post = Post(TimeoutError("no answer"))
    work = Work({}, {"note.write": post.call})
    run_call(work)
    assert _one().uncertain
    _make_due()
    run_call(work)
    assert post.asked == [("note.write-0", False), ("note.write-0", True)]


def test_an_uncertain_call_that_must_not_repeat_waits_for_a_person(app: Flask) -> None:
    _put()
    post = Post(TimeoutError("no answer"), when_uncertain="wait")
    work = Work({}, {"note.write": post.call})
    run_call(work)
    _make_due()
    run_call(work)
    assert (len(post.asked), _one().state) == (1, "parked")


def test_a_call_refused_for_good_is_not_tried_again(app: Flask) -> None:
    _put()
    post = Post(Refused("no such address"))
    run_call(Work({}, {"note.write": post.call}))
    assert (_one().state, post.told) == ("failed", [("Refused: no such address", True)])


def test_a_row_found_sending_after_its_time_is_uncertain(app: Flask) -> None:
    _put()
    post = Post()
    now = clock.now()
    with transaction() as session:
        job = outbox.due(session, ["note.write"], limit=1, now=now)[0]
        outbox.send(session, job, until=now, now=now)
    run_call(Work({}, {"note.write": post.call}))
    assert post.asked == [("note.write-0", True)]


def test_a_timed_job_comes_back_in_its_one_row(app: Flask) -> None:
    ran = []
    handler = lambda _session, _payload, *, now: ran.append(now)  # noqa: E731
    work = Work({"tick": handler}, schedule={"tick": Timed("tick", timedelta(minutes=1))})
    prepare_schedule(work)
    prepare_schedule(work)
    assert run_batch(work) == 1
    assert run_batch(work) == 0
    row = _one()
    assert (row.state, row.due_at.second, len(ran)) == ("ready", 0, 1)
    assert timedelta() < row.due_at - ran[0] <= timedelta(minutes=1)


def test_a_timed_job_that_fails_comes_back_with_its_error_readable(app: Flask) -> None:
    def fail(_session, _payload, *, now):  # type: ignore[no-untyped-def]
        raise ValueError("disk full")

    work = Work({"tick": fail}, schedule={"tick": Timed("tick", timedelta(minutes=1))})
    prepare_schedule(work)
    for _ in range(12):
        _make_due()
        run_batch(work)
    assert (_one().state, _one().last_error) == ("ready", "ValueError: disk full")


def test_tokens_of_forms_are_forgotten_after_a_week(app: Flask) -> None:
    now = clock.now()
    with transaction() as session:
        tokens.spend(session, "old", person_id=None, now=now - timedelta(days=8))
        tokens.spend(session, "new", person_id=None, now=now - timedelta(days=6))
    work = collect()
    prepare_schedule(work)
    run_batch(work)
    assert db.session.scalars(select(FormToken.token)).all() == ["new"]


def test_the_rooms_register_each_kind_once() -> None:
    work = collect()
    assert "checkpoint.make" in work.handlers
    with pytest.raises(ValueError, match="registered twice"):
        Work({"x": _write}, {"x": Post().call})
    with pytest.raises(ValueError, match="not handled"):
        Work({}, {}, {"x": Timed("x", timedelta(minutes=1))})
