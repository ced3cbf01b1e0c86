"""The door, the chain and the triggers on a real database."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DBAPIError

from casedesk.schema import append_only_tables
from casedesk.store import record
from casedesk.store.db import db
from casedesk.store.keyring import audit_key
from casedesk.store.models import Draft, Entry, EntryText, Head
from casedesk.store.transaction import notes, transaction

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def _append(n: int = 1, subject: tuple[str, int] = ("case", 1)) -> None:
    with transaction() as session:
        for i in range(n):
            line = record.Line("exchange", {"channel": "mail", "n": i}, {"said": f"Réponse n° {i}"})
            record.append(session, subject, line, actor=record.SYSTEM, now=NOW)


def test_entries_of_a_subject_form_a_chain_without_gaps(app: Flask) -> None:
    _append(3)
    entries = db.session.scalars(select(Entry).order_by(Entry.seq)).all()
    assert [e.seq for e in entries] == [1, 2, 3]
    previous = record.ZERO
    for entry in entries:
        assert entry.digest == record.digest_entry(audit_key(), entry, previous)
        previous = entry.digest
    head = db.session.scalars(select(Head)).one()
    assert (head.seq, head.digest, head.mac) == (3, previous, record.digest_head(audit_key(), head))


def test_a_commit_needs_the_door(app: Flask) -> None:
    db.session.add(Head(subject_kind="case", subject_id=9, seq=0, digest="", mac=""))
    with pytest.raises(RuntimeError, match="outside transaction"):
        db.session.commit()
    db.session.rollback()


def test_notes_refuse_tables_of_the_record(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="outside transaction"), notes() as session:
        session.add(Head(subject_kind="case", subject_id=9, seq=0, digest="", mac=""))
    with notes() as session:
        session.add(Draft(person_id=1, place="case-new", body={"said": "x"}, saved_at=NOW))
    assert db.session.scalars(select(Draft.place)).all() == ["case-new"]


@pytest.mark.parametrize("table", append_only_tables())
def test_append_only_tables_carry_their_triggers(app: Flask, table: str, is_postgresql: bool) -> None:
    if is_postgresql:
        names = db.session.scalars(
            text("SELECT tgname FROM pg_trigger WHERE tgrelid = CAST(:t AS regclass) AND NOT tgisinternal"),
            {"t": table},
        ).all()
        assert set(names) == {f"{table}_append_only", f"{table}_no_truncate"}
    else:
        names = db.session.scalars(
            text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :t"), {"t": table}
        ).all()
        assert set(names) == {f"{table}_no_update", f"{table}_no_delete"}


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE entries SET kind = 'x'",
        "DELETE FROM entries",
        "UPDATE entry_texts SET salt = 'x'",
        "DELETE FROM entry_texts",
    ],
)
def test_raw_sql_cannot_rewrite_the_record(app: Flask, sql: str) -> None:
    _append()
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(text(sql))
    db.session.rollback()
    assert db.session.scalars(select(EntryText.text)).one() == {"said": "Réponse n° 0"}


def test_models_and_migrations_agree(app: Flask) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from casedesk.schema import metadata

    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata()) == []
    assert "cases" in inspect(db.engine).get_table_names()
