"""A real database for every test: cloned from a migrated template, thrown away after. `--db sqlite|postgresql`."""

import contextvars
import gc
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache, FileSystemBytecodeCache
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from werkzeug.test import TestResponse

from casedesk.app import create_app, project_path
from casedesk.config import Settings
from casedesk.schema import prepare
from casedesk.store.db import db, tune
from tests import machine
from tests.machine import POSTGRES


class Browser(FlaskClient):
    """A client whose every request runs in a context of its own, as on a server: nothing leaks between two.

    The test's own read transaction ends first, so that it sees afterwards what the request stored.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        db.session.remove()
        return contextvars.Context().run(super().open, *args, **kwargs)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--db", default="sqlite", choices=("sqlite", "postgresql"), help="database of the tests")


def pytest_configure(config: pytest.Config) -> None:
    missing = machine.missing()
    if missing and os.environ.get("REQUIRE_ALL"):
        raise pytest.UsageError(f"REQUIRE_ALL is set and this is not here: {', '.join(missing.values())}")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out what this machine cannot run; the last line says so."""
    for item in items:
        if Path(__file__).parent / "browser" in item.path.parents:
            item.add_marker("browser")
        for marker, name in machine.missing().items():
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=f"{name} is not here"))


def pytest_collection_finish() -> None:
    """What was imported stays to the end: looking through it again for garbage took an eighth of the run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    left_out = machine.missing().values()
    if left_out:
        terminalreporter.write_line(
            f"left out, for this machine has none: {', '.join(left_out)}", yellow=True
        )


@pytest.fixture(scope="session")
def template_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URL of a migrated, empty database that tests clone."""
    if request.config.getoption("--db") == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('template') / 'template.sqlite3'}"
        _migrate(url)
        yield url
        return
    name = f"casedesk_test_{secrets.token_hex(6)}"
    _admin(f"CREATE DATABASE {name}")
    url = make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
    _migrate(url)
    yield url
    _admin(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def database_url(template_database: str, tmp_path: Path) -> Iterator[str]:
    """The URL of a database of this test's own."""
    if template_database.startswith("sqlite"):
        own = tmp_path / "casedesk.sqlite3"
        shutil.copyfile(make_url(template_database).database or "", own)
        yield f"sqlite:///{own}"
        return
    name = f"casedesk_test_{secrets.token_hex(6)}"
    url = make_url(template_database)
    _admin(f"CREATE DATABASE {name} TEMPLATE {url.database}")
    yield url.set(database=name).render_as_string(hide_password=False)
    _admin(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings.from_environment(
        {"DATABASE_URL": database_url.replace("+psycopg", ""), "CASEDESK_DATA": str(tmp_path / "data")}
    )


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> BytecodeCache:
    """Every test has an application of its own; its templates need not be compiled again for that."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(settings: Settings, compiled_templates: BytecodeCache) -> Iterator[Flask]:
    """The application on this test's database, with its context pushed."""
    made = create_app(settings)
    made.jinja_env.bytecode_cache = compiled_templates
    made.config["TESTING"] = False  # errors are answered as in production
    made.test_client_class = Browser
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def is_postgresql(database_url: str) -> bool:
    return database_url.startswith("postgresql")


def _migrate(url: str) -> None:
    engine = create_engine(url)
    tune(engine)
    prepare(engine, project_path("migrations"))
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


def _admin(statement: str) -> None:
    engine = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
