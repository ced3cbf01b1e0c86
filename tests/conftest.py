"""A real database for every test: cloned from a migrated template, thrown away after. `--db sqlite|postgresql`."""

import contextvars
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from werkzeug.test import TestResponse

from casedesk.app import create_app, project_path
from casedesk.config import Settings
from casedesk.schema import prepare
from casedesk.store.db import db, tune

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres")


class Browser(FlaskClient):
    """A client whose every request runs in a context of its own, as on a server: nothing leaks between two.

    The test's own read transaction ends first, so that it sees afterwards what the request stored.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        db.session.remove()
        return contextvars.Context().run(super().open, *args, **kwargs)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--db", default="sqlite", choices=("sqlite", "postgresql"), help="database of the tests")


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


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The application on this test's database, with its context pushed."""
    made = create_app(settings)
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
