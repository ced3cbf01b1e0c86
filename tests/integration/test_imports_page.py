"""The import pages: upload, first rows, the worker's run, the refused rows as a file; and what bad uploads get."""

import io
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from casedesk.customers import actions as customers
from casedesk.customers.models import Customer
from casedesk.imports import actions
from casedesk.imports.models import ImportRun
from casedesk.imports.wording import STATE_NAMES
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


def upload(client: FlaskClient, data: bytes | str = GOOD, **other: Any) -> TestResponse:
    raw = data.encode() if isinstance(data, str) else data
    fields = {"kind": "customers", "example": "", "toml": MAPPING, "file": (io.BytesIO(raw), "clients.csv")}
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
    actor = actor_of(a_person("administrator"))
    zoe = db.session().scalars(select(Customer.id).where(Customer.reference == "1")).one()
    with transaction() as session:
        customers.erase(session, zoe, actor=actor, now=clock.now())
    drain(app, collect())
    assert only_run().error_digest is None
    assert _kept_blobs() == 0


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
