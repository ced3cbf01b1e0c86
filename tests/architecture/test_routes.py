"""Every door of the desk with every key: who gets in, who does not, what a look changes (nothing)."""

import hashlib
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule

from casedesk.accounts.guard import PUBLIC, check_all_declared, permit_of
from casedesk.accounts.permits import ROLE_PERMISSIONS, Permission
from casedesk.schema import metadata
from casedesk.store.db import db
from tests.factories import a_person, send, sign_in
from tests.world import OF_A_CASE, ROLES, World, a_world

SIGNED_OUT = "signed out"
NOBODYS = 987_654_321
ANSWERS = {200, 204, 303, 304, 400, 404, 409, 413, 422}
"""What a door may answer to who may use it: a page, a way on, or a refusal with a sentence."""


@pytest.fixture
def world(app: Flask) -> World:
    return a_world(app)


def doors(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Every address with every method that it takes, signing out last."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: ("sign-out" in rule.rule, rule.rule)):
        if rule.endpoint != "static":
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method


def address(app: Flask, rule: Rule, ids: dict[str, int | str]) -> str:
    """The address of `rule` in the world; a thing that the world does not have fails the test that asks."""
    missing = [name for name in rule.arguments if name not in ids]
    assert not missing, f"tests/world.py has no {missing} for {rule.rule}"
    with app.test_request_context():
        return app.url_map.bind("localhost").build(rule.endpoint, {n: ids[n] for n in rule.arguments})


def test_every_door_declares_who_may_use_it(app: Flask) -> None:
    for rule, _method in doors(app):
        assert permit_of(app, rule.endpoint) in (PUBLIC, *Permission), rule.rule


def test_a_door_without_a_declaration_stops_the_start(app: Flask) -> None:
    app._got_first_request = False
    app.add_url_rule("/planted", "planted", lambda: "open to all")
    with pytest.raises(RuntimeError, match="planted"):
        check_all_declared(app)


@pytest.mark.parametrize("role", [*ROLES, SIGNED_OUT])
def test_each_role_opens_the_doors_of_the_table_and_no_other(app: Flask, world: World, role: str) -> None:
    client = app.test_client()
    if role != SIGNED_OUT:
        sign_in(client, world.people[role])
    wrong = []
    for rule, method in doors(app):
        url, permit = address(app, rule, world.ids), permit_of(app, rule.endpoint)
        status = (client.get(url) if method == "GET" else send(client, url)).status_code
        if status not in _expected(role, permit, method):
            wrong.append(f"{role} {method} {url} ({permit}): {status}")
    assert not wrong, "\n".join(wrong)


def _expected(role: str, permit: object, method: str) -> set[int]:
    if permit == PUBLIC:
        return ANSWERS
    if role == SIGNED_OUT:
        return {303} if method == "GET" else {401}
    return ANSWERS if permit in ROLE_PERMISSIONS[role] else {403}


@pytest.mark.parametrize("number", [NOBODYS, 2**63 - 1, 2**63, 10**30])
def test_what_does_not_exist_is_nothing_here_for_everybody(app: Flask, world: World, number: int) -> None:
    clients = [sign_in(app.test_client(), world.people[role]) for role in ROLES]
    wrong = []
    for rule, method in doors(app):
        named = [name for name in rule.arguments if name.endswith("_id")]
        if not named:
            continue
        url = rule.rule
        for name in rule.arguments:
            url = url.replace(f"<int:{name}>", str(number)).replace(f"<{name}>", "x")
        for role, client in zip(ROLES, clients, strict=True):
            if permit_of(app, rule.endpoint) in ROLE_PERMISSIONS[role]:
                answer = client.get(url) if method == "GET" else send(client, url)
                if answer.status_code not in ({404} if method == "GET" else {404, 405, 422}):
                    wrong.append(f"{role} {method} {url}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("sees", ["assigned", "team"])
def test_somebody_elses_case_is_nothing_here_through_whatever_door(
    app: Flask, world: World, sees: str
) -> None:
    stranger = sign_in(app.test_client(), a_person("manager", sees=sees))
    wrong = []
    for rule, method in doors(app):
        if not set(rule.arguments) & set(OF_A_CASE) or permit_of(app, rule.endpoint) == PUBLIC:
            continue
        url = address(app, rule, world.ids)
        answer = stranger.get(url) if method == "GET" else send(stranger, url)
        if answer.status_code != 404:
            wrong.append(f"{method} {url}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", ROLES)
def test_looking_changes_nothing(app: Flask, world: World, role: str) -> None:
    client = sign_in(app.test_client(), world.people[role])
    before = _content()
    for rule, method in doors(app):
        if method == "GET" and permit_of(app, rule.endpoint) in (PUBLIC, *ROLE_PERMISSIONS[role]):
            client.get(address(app, rule, world.ids))
            changed = {name for name, digest in _content().items() if digest != before[name]}
            assert not changed, f"GET {rule.rule} wrote {changed}"


def _content() -> dict[str, str]:
    """A digest of every table of the record and of the state; bookkeeping (notes) apart."""
    db.session.remove()
    content = {
        name: hashlib.sha256(
            repr(sorted(map(repr, db.session.execute(select(table)).all()))).encode()
        ).hexdigest()
        for name, table in metadata().tables.items()
        if not table.info.get("notes")
    }
    db.session.remove()
    return content


def test_a_form_without_its_token_changes_nothing_and_keeps_what_was_typed(app: Flask, world: World) -> None:
    client = sign_in(app.test_client(), world.people["manager"])
    before = _content()
    for rule, method in doors(app):
        permit = permit_of(app, rule.endpoint)
        if method != "POST" or (permit != PUBLIC and permit not in ROLE_PERMISSIONS["manager"]):
            continue
        answer = client.post(address(app, rule, world.ids), data={"said": "<b>Typed</b> by hand"})
        assert answer.status_code == 400, rule.rule
        assert "&lt;b&gt;Typed&lt;/b&gt; by hand" in answer.text, rule.rule
    assert _content() == before


def test_the_client_of_these_tests_leaks_nobody_into_the_next_request(
    app: Flask, client: FlaskClient
) -> None:
    sign_in(client, a_person())
    assert client.get("/").status_code == 200
    assert app.test_client().get("/").status_code == 303
