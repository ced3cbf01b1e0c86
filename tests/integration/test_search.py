"""Search: a number opens its case; a name or an address shows customers with the cases that one may see."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from casedesk.cases.models import Case, CaseAlias
from casedesk.kernel.refs import case_number
from casedesk.store.db import db
from tests.case_builders import a_case
from tests.factories import a_customer, a_person, a_team, an_entity, sign_in, stored


def numbered(customer: object = None, **other: object) -> Case:
    """A case whose number carries its id, as logging gives it."""
    entity = an_entity()
    with db.engine.connect() as connection:
        last = connection.exec_driver_sql("SELECT coalesce(max(id), 0) FROM cases").scalar_one()
    case = a_case(customer, entity, number=case_number("CD", 2026, last + 1), **other)  # type: ignore[arg-type]
    assert case.id == last + 1
    return case


@pytest.fixture
def desk(client: FlaskClient) -> FlaskClient:
    return sign_in(client, a_person("agent"))


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement that the database is sent meanwhile."""
    said: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            said.append(statement)

    event.listen(db.engine, "before_cursor_execute", listen)
    try:
        yield said
    finally:
        event.remove(db.engine, "before_cursor_execute", listen)


def goes_to(client: FlaskClient, text: str) -> str | None:
    return client.get("/search", query_string={"q": text}).headers.get("Location")


def test_a_case_number_opens_its_case_however_it_is_typed(desk: FlaskClient) -> None:
    case = numbered()
    prefix, year, serial, check = (case.number or "").split("-")
    whole = f"{prefix}-{year}-{serial}-{check}"
    ways = [
        whole,
        whole.lower(),
        f"  {whole} ",
        f"{year}-{serial}-{check}",
        f"{prefix}-{year}-{serial}",
        f"{year}-{serial}",
        f"{serial}-{check}",
        serial,
        str(case.id),
    ]
    for text in ways:
        assert goes_to(desk, text) == f"/cases/{case.id}", text


def test_the_number_of_the_old_system_opens_the_case(desk: FlaskClient) -> None:
    case = numbered()
    stored(CaseAlias(alias="ZD/88-ab", case_id=case.id))
    assert goes_to(desk, "ZD/88-ab") == f"/cases/{case.id}"


def test_a_number_that_two_cases_bear_shows_both(desk: FlaskClient) -> None:
    first, second = numbered(), numbered()
    stored(CaseAlias(alias=str(first.id), case_id=second.id))
    answer = desk.get(f"/search?q={first.id}")
    assert answer.status_code == 200
    assert "Several cases bear this number" in answer.text
    assert f'href="/cases/{first.id}"' in answer.text
    assert f'href="/cases/{second.id}"' in answer.text


def test_a_number_with_a_wrong_character_is_not_opened_but_the_near_one_is_shown(desk: FlaskClient) -> None:
    case = numbered()
    number = case.number or ""
    wrong = number[:-1] + ("A" if number[-1] != "A" else "B")
    answer = desk.get("/search", query_string={"q": wrong})
    assert answer.status_code == 200
    assert "This one comes close" in answer.text
    assert f'href="/cases/{case.id}"' in answer.text
    assert goes_to(desk, number.replace("2026", "2025")) is None


def test_a_name_shows_customers_with_their_newest_cases(desk: FlaskClient) -> None:
    customer = a_customer(name="Éléonore Vandenbroucke")
    cases = [numbered(customer) for _ in range(7)]
    page = desk.get("/search?q=eleonore").text
    assert "Éléonore Vandenbroucke" in page
    for case in cases[2:]:
        assert case.number in page
    for case in cases[:2]:
        assert case.number not in page
    assert "2 older cases" in page


def test_a_mail_address_finds_its_customer(desk: FlaskClient) -> None:
    customer = a_customer("odile.brun@courrier.example", name="Odile Brun")
    other = a_customer("somebody@courrier.example", name="Somebody Else")
    page = desk.get("/search?q=Odile.Brun@courrier.example").text
    assert f"/customers/{customer.id}" in page
    assert f"/customers/{other.id}" not in page


def test_one_finds_only_the_cases_that_one_may_see(client: FlaskClient, app: Flask) -> None:
    ours, theirs = a_team(), a_team()
    customer = a_customer(name="Marc Delaunay")
    seen, hidden = numbered(customer, team_id=ours.id), numbered(customer, team_id=theirs.id)
    stored(CaseAlias(alias="OLD-7", case_id=hidden.id))
    sign_in(client, a_person("agent", sees="team", team_id=ours.id))
    page = client.get("/search?q=marc").text
    assert seen.number in page
    assert hidden.number not in page
    assert "older case" not in page
    for text in (hidden.number or "", str(hidden.id), "OLD-7"):
        answer = client.get("/search", query_string={"q": text})
        assert answer.status_code == 200
        assert f"/cases/{hidden.id}" not in answer.text


def test_an_administrator_finds_customers_but_no_case(client: FlaskClient, app: Flask) -> None:
    case = numbered(a_customer(name="Marc Delaunay"))
    sign_in(client, a_person("administrator"))
    assert client.get(f"/search?q={case.number}").status_code == 200
    page = client.get("/search?q=marc").text
    assert "Marc Delaunay" in page
    assert case.number not in page


def test_a_mediator_is_told_that_there_is_nothing_to_search(client: FlaskClient, app: Flask) -> None:
    a_customer(name="Marc Delaunay")
    sign_in(client, a_person("mediator"))
    page = client.get("/search?q=marc").text
    assert "There is nothing that you may search." in page
    assert "Delaunay" not in page


def test_an_empty_search_says_what_can_be_searched(desk: FlaskClient) -> None:
    assert "What do you look for?" in desk.get("/search").text
    assert "What do you look for?" in desk.get("/search?q=%20%20").text
    page = desk.get("/search?q=Nobody-of-this-name").text
    assert "Nothing fits" in page
    assert "/cases/new?who=Nobody-of-this-name" in page


@pytest.mark.parametrize(
    "text",
    [
        "9" * 400,
        "99999999999999999999",
        "CD-2026-" + "9" * 18 + "-K",
        "²³-½",
        "٤٢١٧",
        "%' OR 1=1 --",
        "_%_%_%",
        "<script>alert(1)</script>",
        "\ud83d\ude00",
        "a" * 5_000,
        "-" * 50,
        "\u202e1234",
    ],
)
def test_whatever_is_typed_is_answered_with_a_page(desk: FlaskClient, text: str) -> None:
    numbered(a_customer())
    answer = desk.get("/search", query_string={"q": text.encode("utf-8", "surrogatepass")})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text


def test_search_keeps_to_its_budget_of_queries(desk: FlaskClient) -> None:
    for n in range(12):
        numbered(a_customer(name=f"Anna Meyer {n}"))
    for text in ("anna", "anna@", "0612345678", "S-000001", "77"):
        desk.get("/search", query_string={"q": text})
        with statements() as said:
            desk.get("/search", query_string={"q": text})
        assert len(said) <= 8, (text, len(said))
