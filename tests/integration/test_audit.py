"""The record proves itself: whatever SQL does to it with the triggers dropped, `audit verify` names."""

import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import insert, select

from casedesk import audit
from casedesk.cli import main
from casedesk.config import Settings
from casedesk.store import checkpoints, record, verify
from casedesk.store.db import db
from casedesk.store.erasure import erase_texts
from casedesk.store.keyring import AuditKey, audit_key, install
from casedesk.store.models import Checkpoint, CheckpointHead, Entry, EntryText, Head
from casedesk.store.transaction import transaction
from tests.tampering import tamper

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def _write(case: int, n: int = 1, *, said: str = "Réponse") -> None:
    with transaction() as session:
        for i in range(n):
            line = record.Line("exchange", {"channel": "mail", "n": i}, {"said": f"{said} {i}"})
            record.append(session, ("case", case), line, actor=record.SYSTEM, now=NOW)


def _checkpoint() -> None:
    with transaction() as session:
        checkpoints.make(session, {}, now=NOW)


def _faults() -> list[str]:
    db.session.remove()
    return [str(fault) for fault in verify.verify(db.session()).faults]


def test_first_entries_of_a_chain_written_at_once_follow_each_other(app: Flask) -> None:
    """Nobody has written to `desk` yet: whoever comes second waits for the head of the first and goes on from it."""
    people = 6
    together = threading.Barrier(people)

    def write(n: int) -> int:
        with app.app_context(), transaction() as session:
            session.execute(select(Head)).first()
            if session.get_bind().dialect.name == "postgresql":
                together.wait(timeout=10)  # on SQLite only one is ever inside
            return record.append(
                session, record.DESK, record.Line("rights", {"n": n}), actor=record.SYSTEM, now=NOW
            ).seq

    with ThreadPoolExecutor(people) as pool:
        assert sorted(pool.map(write, range(people))) == [1, 2, 3, 4, 5, 6]
    assert _faults() == []


@pytest.fixture
def recorded(app: Flask) -> Flask:
    """Three cases of three entries under a checkpoint, and one more entry of case 2 that is not yet."""
    for case in (1, 2, 3):
        _write(case, 3)
    _checkpoint()
    _write(2)
    return app


def test_a_record_that_nobody_touched_is_whole(recorded: Flask) -> None:
    report = verify.verify(db.session())
    assert report.faults == []
    assert (report.entries, report.subjects, report.checkpoints, report.unsealed) == (10, 3, 1, 1)


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        ("UPDATE entries SET kind = 'note' WHERE subject_id = 2 AND seq = 2", "case 2, entry 2: altered or moved"),
        (
            "UPDATE entries SET recorded_at = '2026-11-20 09:30:00+00' WHERE subject_id = 1 AND seq = 1",
            "case 1, entry 1: altered or moved",
        ),
        ("UPDATE entries SET actor_id = 7 WHERE subject_id = 3 AND seq = 3", "case 3, entry 3: altered or moved"),
        ("DELETE FROM entries WHERE subject_id = 1 AND seq = 2", "case 1, entry 2: removed (the next that is there is 3)"),
        ("DELETE FROM entries WHERE subject_id = 1 AND seq = 1", "case 1, entry 1: removed (the next that is there is 2)"),
        (
            "DELETE FROM entries WHERE subject_id = 3 AND seq = 3",
            "case 3, entry 3: the tail was cut (checkpoint 1 knows 3 entries)",
        ),
        (
            "DELETE FROM entries WHERE subject_id = 2 AND seq = 4",
            "case 2, entry 4: the tail was cut (the head knows 4 entries)",
        ),
        ("DELETE FROM entries WHERE subject_id = 2", "case 2: vanished (checkpoint 1 knows 3 entries)"),
        ("DELETE FROM heads WHERE subject_id = 1", "case 1, entry 3: the head of the chain is gone"),
        ("UPDATE heads SET seq = 2 WHERE subject_id = 1", "case 1: the head was altered"),
        ("DELETE FROM entry_texts WHERE entry_id = 1", "case 1, entry 1: the text is gone without an erasure"),
        ("UPDATE entry_texts SET salt = 'x' WHERE entry_id = 1", "case 1, entry 1: the text was altered"),
        ("DELETE FROM checkpoints", "case 1, entry 3: the checkpoint that holds it is gone"),
        ("UPDATE checkpoints SET entries = 8", "checkpoint 1: altered"),
        ("UPDATE checkpoint_heads SET seq = 2 WHERE subject_id = 1", "checkpoint 1: the heads under it were altered or removed"),
        ("DELETE FROM checkpoint_heads WHERE subject_id = 1", "checkpoint 1: the heads under it were altered or removed"),
    ],
)  # fmt: skip
def test_what_sql_did_to_the_record_is_named(recorded: Flask, sql: str, fault: str) -> None:
    tamper(sql)
    assert fault in "\n".join(_faults())


def test_two_entries_that_changed_places_are_named(recorded: Flask) -> None:
    tamper(
        "UPDATE entries SET seq = 99 WHERE subject_id = 1 AND seq = 1",
        "UPDATE entries SET seq = 1 WHERE subject_id = 1 AND seq = 2",
        "UPDATE entries SET seq = 2 WHERE subject_id = 1 AND seq = 99",
    )
    assert _faults()[0].startswith("case 1, entry 1: altered or moved")


def test_a_case_that_vanished_with_all_its_rows_is_named(recorded: Flask) -> None:
    tamper(
        "DELETE FROM entry_texts WHERE entry_id IN (SELECT id FROM entries WHERE subject_id = 3)",
        "DELETE FROM entries WHERE subject_id = 3",
        "DELETE FROM heads WHERE subject_id = 3",
    )
    assert _faults() == ["case 3: vanished (checkpoint 1 knows 3 entries)"]
    tamper("DELETE FROM checkpoint_heads WHERE subject_id = 3")
    assert _faults() == ["checkpoint 1: the heads under it were altered or removed"]


def test_a_tail_cut_with_a_head_made_to_fit_is_named_by_the_head_s_key(recorded: Flask) -> None:
    tamper(
        "DELETE FROM entry_texts WHERE entry_id IN (SELECT id FROM entries WHERE subject_id = 2 AND seq = 4)",
        "DELETE FROM entries WHERE subject_id = 2 AND seq = 4",
        "UPDATE heads SET seq = 3, digest = (SELECT digest FROM entries WHERE subject_id = 2 AND seq = 3) "
        "WHERE subject_id = 2",
    )
    assert "case 2: the head was altered" in _faults()


def test_a_text_moved_to_another_entry_is_named(recorded: Flask) -> None:
    with transaction() as session:
        line = record.Line("event.status", {"to": "closed"})
        entry = record.append(session, ("case", 1), line, actor=record.SYSTEM, now=NOW)
    tamper(
        f"INSERT INTO entry_texts (entry_id, salt, text) VALUES ({entry.id}, 'x', '{{\"said\": \"forged\"}}')"
    )
    assert _faults() == ["case 1, entry 4: a text was added to an entry that has none"]


def test_a_chain_rewritten_with_the_key_is_named_by_the_checkpoint(recorded: Flask) -> None:
    """Whoever holds the audit key can make a chain that fits; the checkpoint before it does not."""
    entries = db.session.scalars(select(Entry).where(Entry.subject_id == 1).order_by(Entry.seq)).all()
    forged = Entry(**{c.key: getattr(entries[2], c.key) for c in Entry.__table__.columns})
    forged.body = {"channel": "phone"}
    digest = record.digest_entry(audit_key(), forged, entries[1].digest)
    head = Head(subject_kind="case", subject_id=1, seq=3, digest=digest)
    mac = record.digest_head(audit_key(), head)
    tamper(
        f"UPDATE entries SET body = '{{\"channel\": \"phone\"}}', digest = '{digest}' WHERE id = {forged.id}",
        f"UPDATE heads SET digest = '{digest}', mac = '{mac}' WHERE subject_id = 1",
    )
    assert _faults() == ["case 1, entry 3: rewritten (checkpoint 1 holds another digest)"]


def test_the_walk_goes_on_after_a_fault(recorded: Flask) -> None:
    tamper(
        "UPDATE entries SET kind = 'note' WHERE subject_id = 1 AND seq = 2",
        "UPDATE entries SET kind = 'note' WHERE subject_id = 3 AND seq = 1",
    )
    assert [fault.split(":")[0] for fault in _faults()] == ["case 1, entry 2", "case 3, entry 1"]


def test_another_key_is_said_not_taken_for_forgery(recorded: Flask) -> None:
    ours = audit_key()
    install(AuditKey.from_text("another key of thirty-two letters"))
    try:
        assert "case 1, entry 1: chained with another key" in "\n".join(_faults())
    finally:
        install(ours)


def test_an_erased_text_leaves_the_chain_whole(recorded: Flask) -> None:
    ids = db.session.scalars(select(Entry.id).where(Entry.subject_id == 1)).all()
    with transaction() as session:
        erase_texts(session, ids, actor=record.ActorRef("person", 4), now=NOW, reason="customer_asked")
    assert _faults() == []
    assert verify.verify(db.session()).erased == 3
    erasure = db.session.scalars(select(Entry).where(Entry.kind == "erasure")).one()
    assert set(erasure.body["digests"]) == {str(one) for one in ids}
    assert db.session.scalars(select(EntryText).where(EntryText.entry_id.in_(ids))).all() == []


def test_leave_to_erase_that_no_erasure_gave_is_named(recorded: Flask) -> None:
    tamper(
        "INSERT INTO erasures (entry_id, erasure_entry_id) VALUES (1, 2)",
        "DELETE FROM entry_texts WHERE entry_id = 1",
    )
    assert _faults() == ["case 1, entry 1: the text is gone without an erasure"]


def test_a_checkpoint_costs_only_what_moved(recorded: Flask) -> None:
    _checkpoint()
    _checkpoint()
    rows = db.session.execute(select(Checkpoint.n, Checkpoint.cases, Checkpoint.entries)).all()
    assert [tuple(row) for row in rows] == [(1, 3, 9), (2, 3, 10)]
    leaves = db.session.execute(
        select(CheckpointHead.n, CheckpointHead.subject_id).order_by(CheckpointHead.n)
    ).all()
    assert [tuple(row) for row in leaves] == [(1, 1), (1, 2), (1, 3), (2, 2)]
    assert checkpoints.unsealed(db.session()) == 0
    assert _faults() == []


def test_a_removed_checkpoint_is_named(recorded: Flask) -> None:
    for _ in range(3):
        _write(1)
        _checkpoint()
    tamper("DELETE FROM checkpoint_heads WHERE n = 2", "DELETE FROM checkpoints WHERE n = 2")
    assert "checkpoint 3: checkpoint 2 was removed" in _faults()


def test_many_heads_are_sealed_in_several_checkpoints(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "AT_ONCE", 2)
    for case in range(5):
        _write(case)
    with transaction() as session:
        assert checkpoints.make(session, {}, now=NOW) == NOW + timedelta(seconds=1)
    _checkpoint()
    _checkpoint()
    assert checkpoints.unsealed(db.session()) == 0
    assert _faults() == []


def test_a_merkle_root_depends_on_every_leaf_and_on_their_order() -> None:
    leaves = [bytes([i]) for i in range(5)]
    roots = {checkpoints.merkle_root(leaves[:n]) for n in range(6)}
    assert len(roots) == 6
    assert checkpoints.merkle_root(leaves[::-1]) != checkpoints.merkle_root(leaves)


@pytest.fixture
def command(recorded: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    """Run `casedesk ...` on this test's database."""
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("CASEDESK_DATA", str(settings.data_dir))

    def run(*words: str) -> Result:
        return CliRunner().invoke(main, words)

    return run


def test_an_exported_checkpoint_is_found_again_or_missed(command, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    file = tmp_path / "checkpoint.json"
    assert command("audit", "export", str(file)).exit_code == 0
    exported = json.loads(file.read_text())
    assert (exported["n"], exported["entries"]) == (1, 9)
    assert audit.exported_faults(db.session(), exported) == []
    _write(1)
    _checkpoint()
    assert audit.exported_faults(db.session(), exported) == []
    tamper("UPDATE checkpoints SET merkle_root = 'x' WHERE n = 1")
    assert "is not the one that was exported" in str(audit.exported_faults(db.session(), exported)[0])
    tamper("DELETE FROM checkpoint_heads", "DELETE FROM checkpoints")
    result = command("audit", "verify", "--against", str(file))
    assert result.exit_code == 1
    assert "checkpoint 1 was exported and is gone" in result.output


def test_the_command_says_what_it_read_and_ends_with_a_code(command) -> None:  # type: ignore[no-untyped-def]
    result = command("audit", "verify")
    assert "read 10 entries of 3 chains and 1 checkpoints" in result.output
    assert "1 entries not yet under a checkpoint" in result.output
    assert result.exit_code == 1
    assert "case 1: the row of the case is gone" in result.output  # this test has records without cases


def test_a_file_that_is_no_checkpoint_is_refused(command, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    for content in ("", "[]", "{}", "\x00"):
        (tmp_path / "x").write_text(content)
        assert command("audit", "verify", "--against", str(tmp_path / "x")).exit_code == 2


def test_a_hundred_thousand_entries_are_read_in_seconds(app: Flask) -> None:
    key = audit_key()
    entries, heads = [], []
    for case in range(1, 10_001):
        previous = record.ZERO
        for seq in range(1, 11):
            entry = Entry(
                subject_kind="case", subject_id=case, seq=seq, kind="exchange", happened_at=NOW, recorded_at=NOW,
                actor_kind="person", actor_id=3, body={"channel": "mail", "n": seq}, key_id=key.key_id,
            )  # fmt: skip
            previous = record.digest_entry(key, entry, previous)
            entries.append(
                {c.key: getattr(entry, c.key) for c in Entry.__table__.columns if c.key != "id"}
                | {"digest": previous}
            )
        head = Head(subject_kind="case", subject_id=case, seq=10, digest=previous)
        heads.append({"subject_kind": "case", "subject_id": case, "seq": 10, "digest": previous,
                      "mac": record.digest_head(key, head), "sealed_seq": 0})  # fmt: skip
    with transaction() as session:
        session.execute(insert(Entry.__table__), entries)
        session.execute(insert(Head.__table__), heads)
    for _ in range(3):
        _checkpoint()
    told: list[tuple[int, int]] = []
    started = time.process_time()
    report = verify.verify(db.session(), lambda done, total: told.append((done, total)))
    assert (report.entries, report.checkpoints, report.faults) == (100_000, 2, [])
    assert time.process_time() - started < 20
    assert len(told) > 10
    assert told[-1] == (100_000, 100_000)
