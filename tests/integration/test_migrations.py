"""Migrations go up, down and up again on both databases, in one line, under names that both keep."""

import re
from pathlib import Path

from flask import Flask
from sqlalchemy import inspect

from casedesk.app import project_path
from casedesk.store import migrate
from casedesk.store.db import db

SCRIPTS = project_path("migrations")
FILES = sorted((SCRIPTS / "versions").glob("*.py"))


def test_the_newest_schema_goes_down_to_nothing_and_up_again(app: Flask) -> None:
    before = set(inspect(db.engine).get_table_names())
    db.session.remove()
    migrate.downgrade(db.engine, SCRIPTS)
    assert set(inspect(db.engine).get_table_names()) <= {"alembic_version", "sqlite_sequence"}
    migrate.upgrade(db.engine, SCRIPTS)
    assert set(inspect(db.engine).get_table_names()) == before
    assert len(set(migrate.revisions(db.engine, SCRIPTS))) == 1


def test_each_migration_alone_goes_down_and_up(app: Flask) -> None:
    db.session.remove()
    for _ in FILES[1:]:
        migrate.downgrade(db.engine, SCRIPTS, "-1")
        migrate.upgrade(db.engine, SCRIPTS, "+1")
        migrate.downgrade(db.engine, SCRIPTS, "-1")
    assert migrate.revisions(db.engine, SCRIPTS)[0] == _revision(FILES[0])


def test_migrations_have_one_head_and_names_by_date() -> None:
    for path in FILES:
        assert _revision(path) == path.stem
        assert re.fullmatch(r"\d{4}_\d\d_\d\d_\d{4}_[a-z0-9_]+", path.stem)
        assert len(path.stem) <= migrate.LONGEST_ID
        assert "casedesk." not in _imports(path) or "casedesk.store import appendonly" in _imports(path)


def _revision(path: Path) -> str:
    found = re.search(r'^revision = "(.+)"$', path.read_text(encoding="utf-8"), re.MULTILINE)
    assert found
    return found[1]


def _imports(path: Path) -> str:
    return "\n".join(line for line in path.read_text(encoding="utf-8").splitlines() if "import" in line)
