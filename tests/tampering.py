"""Somebody with the database's password: SQL with the triggers out of the way."""

import sqlite3
from contextlib import closing

import psycopg

from casedesk.schema import append_only_tables
from casedesk.store.db import db


def tamper(*statements: str) -> None:
    """Run `statements` as an owner of the database would who wants to leave no trace: no triggers, no foreign keys."""
    db.session.remove()
    if db.engine.dialect.name == "sqlite":
        _tamper_sqlite(statements)
    else:
        _tamper_postgresql(statements)


def _tamper_sqlite(statements: tuple[str, ...]) -> None:
    with closing(sqlite3.connect(db.engine.url.database or "")) as connection, connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)


def _tamper_postgresql(statements: tuple[str, ...]) -> None:
    address = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address) as connection:
        for table in (*append_only_tables(), "entry_texts"):
            connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")  # type: ignore[arg-type]
        connection.execute("SET session_replication_role = replica")
        for statement in statements:
            connection.execute(statement)  # type: ignore[arg-type]
