"""The import pages: upload, first rows, the worker's run, the refused rows as a file; and what bad uploads get."""

import gzip
import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import Workbook
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from casedesk.customers import actions as customers
from casedesk.customers.commands import AddCustomer, CustomerData
from casedesk.customers.leaving import Leaving
from casedesk.customers.models import Customer
from casedesk.imports import actions
from casedesk.imports.forgetting import is_named, text_of
from casedesk.imports.models import ImportRun
from casedesk.imports.wording import STATE_NAMES
from casedesk.schema import metadata
from casedesk.store import clock
from casedesk.store.db import db
from casedesk.store.models import Blob
from casedesk.store.running import run_call
from casedesk.store.transaction import transaction
from casedesk.worker import collect, drain
from tests.factories import a_person, actor_of, an_entity, send, sign_in

MAPPING = """
kind = "customers"
source = "old-desk"
[fields]
reference = "id"
name = "name"
created_at = { column = "since", date = "DD-MM-YYYY" }
"""
GOOD = "id;name;since\n1;Zoé Lefèvre;05-03-2024\n2;<b>Jörg</b>;31-12-2023\n3;Ana;31-02-2024\n"


@pytest.fixture
def manager(app: Flask, client: FlaskClient) -> FlaskClient:
    an_entity()
    return sign_in(client, a_person("manager"))


def upload(
    client: FlaskClient, data: bytes | str = GOOD, file_name: str = "clients.csv", **other: Any
) -> TestResponse:
    raw = data.encode() if isinstance(data, str) else data
    fields = {"kind": "customers", "example": "", "toml": MAPPING, "file": (io.BytesIO(raw), file_name)}
    return send(client, "/imports/new", fields | other, content_type="multipart/form-data")


def only_run() -> ImportRun:
    db.session.rollback()
    run = db.session().scalars(select(ImportRun)).one()
    db.session().refresh(run)
    return run


def test_an_upload_shows_what_its_first_rows_become_and_stores_none(manager: FlaskClient) -> None:
    page = upload(manager)
    assert page.status_code == 200
    text = page.text
    assert "Zoé Lefèvre" in text
    assert "&lt;b&gt;Jörg&lt;/b&gt;" in text, "markup in a cell is text"
    assert "31-02-2024” is a date or hour that does not exist" in text
    assert "Nothing is stored yet" in text
    assert db.session().scalar(select(func.count()).select_from(Customer)) == 0
    assert only_run().state == "ready"


def test_the_worker_runs_an_import_and_the_page_tells_its_totals(manager: FlaskClient) -> None:
    upload(manager)
    run_id = only_run().id
    assert send(manager, f"/imports/{run_id}/start").status_code == 303
    assert "waits for the worker" in manager.get(f"/imports/{run_id}").text
    assert run_call(collect())
    run = only_run()
    assert (run.state, run.rows_in, run.stored, run.known, run.refused) == ("done", 3, 2, 0, 1)
    assert run.file_digest is None, "the upload is let go of"
    assert db.session().scalar(select(func.count()).select_from(Blob)) == 1, "only the refused rows are kept"
    page = manager.get(f"/imports/{run_id}").text
    assert "Download the refused rows" in page
    answer = manager.get(f"/imports/{run_id}/errors")
    assert answer.headers["Content-Disposition"] == "attachment; filename=clients.errors.csv"
    assert answer.text.splitlines()[0] == "id;name;since;error"
    assert answer.text.splitlines()[1].startswith("3;Ana;31-02-2024;")
    assert "clients.csv" in manager.get("/imports").text


def _ended(manager: FlaskClient) -> ImportRun:
    """An import that refused a row, so that a file of it is kept."""
    upload(manager)
    send(manager, f"/imports/{only_run().id}/start")
    assert run_call(collect())
    assert only_run().error_digest
    return only_run()


def _kept_blobs() -> int:
    db.session.rollback()
    return db.session().scalar(select(func.count()).select_from(Blob)) or 0


def test_refused_rows_are_kept_for_a_month_and_uploads_for_a_week(manager: FlaskClient) -> None:
    run = _ended(manager)
    run_id, ended = run.id, run.ended_at or run.started_at
    for days, kept in ((29, 1), (31, 0)):
        with transaction() as session:
            actions.expire(session, now=ended + timedelta(days=days))
        assert _kept_blobs() == kept
    assert manager.get(f"/imports/{run_id}/errors").status_code == 404
    assert manager.get(f"/imports/{run_id}").status_code == 200
    upload(manager)
    waiting = db.session().scalars(select(ImportRun).where(ImportRun.state == "ready")).one()
    waiting_id, started = waiting.id, waiting.started_at
    with transaction() as session:
        actions.expire(session, now=started + timedelta(days=8))
    assert _kept_blobs() == 0
    assert send(manager, f"/imports/{waiting_id}/start").status_code == 409, "says that the file is gone"


def test_an_erased_customer_is_in_no_file_of_an_import(manager: FlaskClient, app: Flask) -> None:
    _ended(manager)
    _erase(db.session().scalars(select(Customer.id).where(Customer.reference == "1")).one(), app)
    assert only_run().error_digest is None
    assert _kept_blobs() == 0


HELENE = ("Quintard-Lazare", "helene.ql@courrier.example", "639984107")
"""What nobody may find of Hélène after her erasure: name, mail address, the digits of her phone."""

STRAYS = {
    "by mail, from another source": "id;name;since\n7;H. QL;31-02-2024\n;helene.ql@Courrier.example;x\n",
    "by name, another spelling": "id;name;since\n8;QUINTARD-LAZARE Helene;31-02-2024\n",
    "by phone": "id;name;since\n9;06 39.98.41-07;31-02-2024\n",
    "in an old encoding": "id;name;since\n9;Hélène Quintard-Lazare;31-02-2024\n".encode("cp1252"),
}


def _helene() -> int:
    """A customer whom somebody typed in: no import knows her."""
    data = CustomerData("Hélène Quintard-Lazare", locale="fr")
    command = AddCustomer(data, mail=HELENE[1], phone="+33 6 39 98 41 07")
    actor = actor_of(a_person("manager"))
    with transaction() as session:
        return customers.add_customer(session, command, actor=actor, now=clock.now()).id


def _erase(customer_id: int, app: Flask) -> None:
    actor = actor_of(a_person("administrator"))
    with transaction() as session:
        customers.erase(session, customer_id, actor=actor, now=clock.now())
    drain(app, collect())


def _stands_in(folder: Path, word: str) -> list[str]:
    """Where `word` stands: columns of the whole database, and files of the data folder."""
    found = []
    with db.engine.connect() as connection:
        for table in metadata().tables.values():
            for row in connection.execute(table.select()):
                if word.lower() in str(tuple(row)).lower():
                    found.append(table.name)
    for path in folder.rglob("*"):
        if path.is_file() and word.lower().encode() in path.read_bytes().lower().replace(b" ", b""):
            found.append(str(path))
    return found


@pytest.mark.parametrize("stray", STRAYS.values(), ids=STRAYS)
def test_an_erased_person_is_in_no_refused_row_of_whatever_import(
    manager: FlaskClient, app: Flask, stray: str | bytes
) -> None:
    folder = app.extensions["settings"].data_dir
    helene = _helene()
    upload(manager, data=stray, file_name="quintard-lazare_helene.csv")
    send(manager, f"/imports/{only_run().id}/start")
    assert run_call(collect())
    assert (only_run().refused > 0, only_run().error_digest is not None) == (True, True)
    upload(manager, data=GOOD)
    kept = _kept_blobs()
    _erase(helene, app)
    assert [(word, _stands_in(folder, word)) for word in HELENE] == [(word, []) for word in HELENE]
    assert _kept_blobs() == kept - 1, "a file in which she is not is still there"


def test_a_run_that_refuses_somebody_who_is_erased_meanwhile_keeps_no_error_file(
    manager: FlaskClient, app: Flask
) -> None:
    helene = _helene()
    upload(manager, data=STRAYS["by mail, from another source"])
    send(manager, f"/imports/{only_run().id}/start")
    _erase(helene, app)
    assert (only_run().state, only_run().refused, only_run().error_digest) == ("done", 2, None)
    assert _stands_in(app.extensions["settings"].data_dir, HELENE[1]) == []


def test_a_source_that_knows_people_by_mail_forgets_their_address(manager: FlaskClient, app: Flask) -> None:
    upload(manager, data="id;name;since\nzoe@lefevre.example;Zoé;05-03-2024\n")
    send(manager, f"/imports/{only_run().id}/start")
    drain(app, collect())
    zoe = db.session().scalars(select(Customer.id)).one()
    _erase(zoe, app)
    assert _stands_in(app.extensions["settings"].data_dir, "lefevre.example") == []


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"a,b\nLazare,Quintard,Helene\n", True),
        (b"Quintard\nLazare\nHelene\n", False),
        (b'{"n": "H\\u00e9l\\u00e8ne Quintard Lazare"}', True),
        ("Hélène;Quintard-Lazare".encode("utf-16"), True),
        (gzip.compress(b"HELENE.QL@COURRIER.EXAMPLE"), True),
        ("Hélène Quintard Lazare".encode().decode("cp1252").encode(), True),
        ("Hélène Quintard Lazare".encode("cp1252").decode("cp1251").encode(), True),
        (b"Ref C-77.", True),
        (b"Ref C-770.", False),
        (b"0033 6 39 98 41 07", True),
        (b"639984106", False),
        (b"\x1f\x8bnot gzip at all", True),
        (b"", False),
    ],
)
def test_a_person_is_found_however_the_file_spells_them(data: bytes, found: bool) -> None:
    words, phones = frozenset({"hélène", "quintard", "lazare"}), frozenset({"33639984107"})
    helene = Leaving(1, words, frozenset({"helene.ql@courrier.example"}), phones, "C-77")
    text = text_of(data)
    assert (text is None or is_named(text, helene)) is found


def test_a_workbook_is_searched_cell_by_cell(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["Nom", "Quintard-Lazare", "Hélène"])
    book.save(tmp_path / "rows.xlsx")
    text = text_of((tmp_path / "rows.xlsx").read_bytes())
    who = Leaving(1, frozenset({"hélène", "quintard", "lazare"}), frozenset(), frozenset(), "C-7")
    assert text is not None
    assert is_named(text, who)
    assert not is_named(text, Leaving(2, frozenset({"zoe", "lazare"}), frozenset(), frozenset(), "C-7"))


def test_an_import_is_started_once(manager: FlaskClient) -> None:
    upload(manager)
    run_id = only_run().id
    assert send(manager, f"/imports/{run_id}/start").status_code == 303
    again = send(manager, f"/imports/{run_id}/start")
    assert (again.status_code, "started already" in again.text) == (409, True)


def test_an_import_that_cannot_go_on_says_why(manager: FlaskClient) -> None:
    """The mapping joins a file that was there at the preview and is gone."""
    joined = MAPPING + '[joins.more]\nfile = "more.csv"\non = { id = "id" }\n'
    page = upload(manager, toml=joined, joined=(io.BytesIO(b"id;x\n1;2\n"), "more.csv"))
    assert page.status_code == 200
    run = only_run()
    send(manager, f"/imports/{run.id}/start")
    with db.engine.begin() as connection:
        connection.execute(ImportRun.__table__.update().values(mapping={"toml": joined, "files": {}}))
    assert run_call(collect())
    run = only_run()
    assert run.state == "failed"
    assert (
        "The file “more.csv”, which the mapping joins, is not there."
        in manager.get(f"/imports/{run.id}").text
    )


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"toml": "kind = "}, "not TOML"),
        ({"toml": ""}, "Choose an example, or write a mapping"),
        ({"kind": "cases"}, "This mapping is for Customers"),
        ({"file": (io.BytesIO(b""), "empty.csv")}, "The file is empty"),
        ({"file": (io.BytesIO(b"PK\x03\x04xx"), "bad.xlsx")}, "looks like Excel"),
        ({"file": (io.BytesIO(b"a;b\n1;2\n"), "other.csv")}, "columns that the file does not have"),
        ({"file": (io.BytesIO(b""), "")}, "Choose the file"),
        ({"example": "../../etc/passwd"}, "Choose"),
    ],
)
def test_a_bad_upload_gets_a_sentence_and_keeps_what_was_typed(
    manager: FlaskClient, change: dict[str, Any], said: str
) -> None:
    page = upload(manager, **change)
    assert (page.status_code, said in page.text) == (422, True)
    if "toml" not in change:
        assert "old-desk" in page.text
    assert db.session().scalar(select(func.count()).select_from(ImportRun)) == 0


def test_an_agent_has_no_door_to_imports(app: Flask, client: FlaskClient) -> None:
    sign_in(client, a_person("agent"))
    assert client.get("/imports").status_code == 403
    assert upload(client).status_code == 403


def test_every_state_has_its_word() -> None:
    assert set(STATE_NAMES) == {"ready", "waiting", "running", "done", "failed"}
