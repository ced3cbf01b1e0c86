"""`casedesk import` as it is typed: totals on the screen, refused rows beside the file, sentences for what is wrong."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import func, select

from casedesk.customers.models import Customer
from casedesk.imports.cli import main
from casedesk.store.db import db
from tests.factories import an_entity

MAPPING = 'kind = "customers"\nsource = "old"\n[fields]\nreference = "id"\nname = "name"\n'


@pytest.fixture
def place(app: Flask, tmp_path: Path) -> Path:
    an_entity()
    (tmp_path / "map.toml").write_text(MAPPING, encoding="utf-8")
    (tmp_path / "clients.csv").write_text("id;name\n1;Zoé\n2;\n", encoding="utf-8")
    return tmp_path


def typed(place: Path, app: Flask, *words: str) -> Result:
    @contextmanager
    def desk() -> Iterator[Flask]:
        yield app

    return CliRunner().invoke(main, [word.replace("@", f"{place}/") for word in words], obj=desk)


def test_a_file_is_imported_with_its_totals_and_its_refused_rows(app: Flask, place: Path) -> None:
    done = typed(place, app, "customers", "@clients.csv", "--map", "@map.toml")
    assert done.exit_code == 0, done.output
    assert "rows in 2 = stored 1 + known 0 + refused 1" in done.output
    refused = (place / "clients.errors.csv").read_bytes()
    assert refused == b"id;name;error\r\n2;;name is empty. Fill column name.\r\n"


def test_a_dry_run_says_that_nothing_was_stored(app: Flask, place: Path) -> None:
    done = typed(place, app, "customers", "@clients.csv", "--map", "@map.toml", "--dry-run")
    assert "dry run: nothing was stored" in done.output
    assert db.session().scalar(select(func.count()).select_from(Customer)) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("cases", "@clients.csv", "--map", "@map.toml"), "This mapping is for customers, not for cases"),
        (("customers", "@clients.csv", "--map", "nowhere"), "Examples: cfpb"),
        (("customers", "@map.toml", "--map", "@map.toml"), "columns that the file does not have"),
        (("customers", "@clients.csv", "--map", "@clients.csv"), "not TOML"),
        (("shoes", "@clients.csv", "--map", "@map.toml"), "'shoes' is not one of"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(
    app: Flask, place: Path, words: tuple[str, ...], said: str
) -> None:
    done = typed(place, app, *words)
    assert done.exit_code != 0
    assert said in done.output
    assert "Traceback" not in done.output
