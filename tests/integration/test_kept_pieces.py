# ruff: noqa: F401, F811 - the fixtures of the case page are used here too
"""Pieces of pages that are kept between requests say what a fresh one would; a deed asks the database no more than it must."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from casedesk.accounts.models import Person
from casedesk.store.db import db
from tests.factories import a_person, send, sign_in
from tests.integration.house import House
from tests.integration.test_case_page import case_id, desk, fields, house, me, now


@pytest.fixture
def asked(app: Flask) -> list[str]:
    """The statements since the test last cleared the list."""
    said: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    return said


@pytest.fixture
def solene(app: Flask, house: House) -> FlaskClient:
    return sign_in(app.test_client(), a_person("manager", name="Solène Kermadec", locale="fr"))


def test_a_verdict_in_words_is_kept_by_language(desk: FlaskClient, solene: FlaskClient, case_id: int) -> None:
    english, french = desk.get(f"/cases/{case_id}").text, solene.get(f"/cases/{case_id}").text
    assert "facts were read" in english
    assert "facts were read" not in french
    assert desk.get(f"/cases/{case_id}").text.count("cd-clause") == english.count("cd-clause") > 0


def test_what_was_typed_into_the_folded_part_comes_back_and_stays_with_its_case(
    desk: FlaskClient,
    me: Person,
    case_id: int,
) -> None:
    untouched = desk.get(f"/cases/{case_id}").text
    assert 'name="promise"' in untouched
    assert "a new bill" not in untouched
    hidden = fields(untouched)
    refused = send(
        desk, f"/cases/{case_id}/exchanges", {**hidden, "said": "", "promise": "a new bill", "acts": "offer"}
    )
    assert refused.status_code == 422
    assert "a new bill" in refused.text
    assert 'value="offer" checked' in refused.text
    assert "a new bill" not in desk.get(f"/cases/{case_id}").text


def test_the_folded_part_is_kept_by_language_and_tab(
    desk: FlaskClient, solene: FlaskClient, case_id: int
) -> None:
    url = f"/cases/{case_id}"
    assert "What was promised" in desk.get(url).text
    assert "What was promised" not in solene.get(url).text
    assert 'name="title"' in desk.get(url).text
    assert 'name="title"' not in desk.get(f"{url}?write=call").text


def test_logging_a_case_asks_at_most_forty_five_statements(
    desk: FlaskClient,
    house: House,
    asked: list[str],
) -> None:
    typed = {
        "customer_id": str(house.customer.id),
        "subscription_id": str(house.subscription.id),
        "kind": "refund",
        "channel": "phone",
        "said": "Changed her mind.",
        "claimed": "478.80",
    }
    assert send(desk, "/cases/new", typed).status_code == 303
    asked.clear()
    assert send(desk, "/cases/new", typed).status_code == 303
    assert len(asked) <= 45, "\n".join(asked)


def test_a_reply_asks_at_most_twenty_two_statements(
    desk: FlaskClient, case_id: int, asked: list[str]
) -> None:
    for n in range(2):
        hidden = fields(desk.get(f"/cases/{case_id}").text)
        asked.clear()
        answer = send(desk, f"/cases/{case_id}/exchanges", {**hidden, "said": f"We answer by Friday, {n}."})
        assert answer.status_code == 303
    assert len(asked) <= 22, "\n".join(asked)
