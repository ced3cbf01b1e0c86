"""What waits for the reader stands beside the places on top, and costs no statement on most pages."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from casedesk.store.db import db
from tests.case_builders import a_case
from tests.factories import a_person, sign_in


def shown(client: FlaskClient) -> str:
    page = client.get("/search").text
    top = page[page.index('href="/cases"') : page.index("</a>", page.index('href="/cases"'))]
    return "".join(c for c in top.rsplit(">", 2)[-2] if c.isdigit()) if "cd-count" in top else ""


def test_the_queue_says_how_many_live_cases_are_mine(app: Flask, client: FlaskClient) -> None:
    person = a_person("agent")
    client = sign_in(client, person)
    assert shown(client) == "", "no figure where nothing waits"
    app.extensions["casedesk.kept"].clear()
    for status in ("open", "waiting-customer", "closed"):
        outcome = "granted" if status == "closed" else None
        a_case(owner_id=person.id, status=status, outcome=outcome)
    a_case()
    assert shown(client) == "2"


def test_the_figures_are_kept_for_a_while_and_read_anew_after_a_deed(app: Flask, client: FlaskClient) -> None:
    person = a_person("agent")
    client = sign_in(client, person)
    said: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda _c, _k, sql, *_: said.append(sql))
    client.get("/search")
    before = len(said)
    client.get("/search")
    again = len(said) - before
    assert again == before - 1, "one statement for all places, then none"
    a_case(owner_id=person.id)
    assert shown(client) == ""
    client.post("/cases")  # whatever comes of it
    assert shown(client) == "1"
