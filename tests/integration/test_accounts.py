"""Signing in and out, the throttle, preferences, and what a person gets whose sign-in ended."""

import html
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select

from casedesk.accounts import passwords, sign_ins, throttle
from casedesk.accounts.models import Attempts, Person, SignIn
from casedesk.accounts.passwords import matches
from casedesk.store import clock
from casedesk.store.db import db
from casedesk.store.transaction import transaction
from tests.factories import a_person, actor_of, csrf, send, sign_in

SECRET = "quatre-mots-bien-longs"


def _try(client: FlaskClient, mail: str, password: str = SECRET, **more: str):
    return send(client, "/sign-in", {"mail": mail, "password": password, **more})


def test_a_person_signs_in_with_mail_in_any_case_and_goes_on_to_the_page_they_asked_for(
    client: FlaskClient, app: Flask
) -> None:
    person = a_person(password=SECRET)
    asked = client.get("/me?x=1")
    assert asked.status_code == 303
    assert asked.headers["Location"] == "/sign-in?next=/me?x%3D1"
    answer = _try(client, person.mail.upper(), next="/me?x=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/me?x=1")
    assert person.mail in client.get("/me").text


def test_the_table_holds_only_the_digest_of_the_token_in_the_cookie(client: FlaskClient, app: Flask) -> None:
    person = a_person(password=SECRET)
    _try(client, person.mail)
    with client.session_transaction() as session:
        token = session["_user_id"]
    row = db.session.scalars(select(SignIn)).one()
    assert row.token_digest == sign_ins.digest(token)
    assert token not in row.token_digest
    assert row.person_id == person.id


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(client: FlaskClient, app: Flask) -> None:
    person = a_person(password=SECRET)
    without = a_person()
    left = a_person(password=SECRET, active=False)
    answers = [
        _try(client, mail, password)
        for mail, password in (
            (person.mail, "not it at all"),
            ("nobody@desk.example", SECRET),
            (without.mail, ""),
            (left.mail, SECRET),
        )
    ]
    assert {answer.status_code for answer in answers} == {422}
    shown = {re.sub(r'value="[^"]*"|content="[^"]*"', "", answer.text) for answer in answers}
    assert len(shown) == 1
    assert "Mail address or password is not right" in shown.pop()


def test_a_wrong_address_costs_the_same_work_as_a_wrong_password(
    client: FlaskClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = a_person(password=SECRET)
    compared = []
    real = matches
    monkeypatch.setattr(
        "casedesk.accounts.routes.signing.matches", lambda *args: compared.append(args) or real(*args)
    )
    _try(client, person.mail, "wrong")
    _try(client, "nobody@desk.example", "wrong")
    assert len(compared) == 2


def test_at_most_two_passwords_are_compared_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    busy, most, lock = [0], [0], threading.Lock()

    class Slow:
        def verify(self, stored: str, password: str) -> bool:
            with lock:
                busy[0] += 1
                most[0] = max(most[0], busy[0])
            time.sleep(0.02)
            with lock:
                busy[0] -= 1
            return True

    monkeypatch.setattr(passwords, "_HASHER", Slow())
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda _: matches("x", "stored"), range(16)))
    assert most[0] == 2


def test_the_sixth_try_in_a_quarter_of_an_hour_waits_even_with_the_right_password(
    client: FlaskClient, app: Flask
) -> None:
    person = a_person(password=SECRET)
    for _ in range(throttle.PER_ADDRESS):
        assert _try(client, person.mail, "wrong").status_code == 422
    refused = _try(client, person.mail)
    assert refused.status_code == 422
    assert "Too many attempts. Wait 15 min" in refused.text
    with transaction() as session:
        session.execute(Attempts.__table__.update().values(since=clock.now() - timedelta(minutes=16)))
    assert _try(client, person.mail).status_code == 303


def test_an_unknown_address_is_throttled_like_a_known_one(client: FlaskClient, app: Flask) -> None:
    for _ in range(throttle.PER_ADDRESS):
        _try(client, "nobody@desk.example")
    assert "Too many attempts" in _try(client, "NOBODY@desk.example ").text


def test_one_origin_is_throttled_over_many_addresses(client: FlaskClient, app: Flask) -> None:
    now = clock.now()
    for n in range(throttle.PER_ORIGIN):
        assert throttle.count_attempt(f"a{n}@desk.example", "127.0.0.1", now) == 0
    assert "Too many attempts" in _try(client, "another@desk.example").text


def test_an_office_that_signs_in_from_one_origin_is_never_locked_by_its_successes(
    client: FlaskClient, app: Flask
) -> None:
    now = clock.now()
    for n in range(throttle.PER_ORIGIN + 20):
        assert throttle.count_attempt(f"a{n}@desk.example", "127.0.0.1", now) == 0
        throttle.forget(f"a{n}@desk.example", "127.0.0.1")


def test_signing_in_forgets_the_slips_of_that_address(client: FlaskClient, app: Flask) -> None:
    person = a_person(password=SECRET)
    for _ in range(2):
        for _ in range(throttle.PER_ADDRESS - 1):
            _try(client, person.mail, "wrong")
        assert _try(client, person.mail).status_code == 303


def test_no_mail_address_is_kept_with_the_attempts(client: FlaskClient, app: Flask) -> None:
    _try(client, "somebody@desk.example")
    assert not [key for key in db.session.scalars(select(Attempts.key)) if "somebody" in key]


def test_a_session_from_before_signing_in_is_thrown_away(client: FlaskClient, app: Flask) -> None:
    person = a_person(password=SECRET)
    before = csrf(client)
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
        old_secret = session["csrf_token"]
    assert (
        client.post(
            "/sign-in", data={"csrf_token": before, "mail": person.mail, "password": SECRET}
        ).status_code
        == 303
    )
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session.get("csrf_token") != old_secret


@pytest.mark.parametrize(
    "elsewhere",
    [
        "//evil.example/",
        "https://evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/%2f/evil.example",
        "me",
        "/no/such/page",
        "/sign-out",
        "http:///evil.example",
        "/me\r\nSet-Cookie: a=b",
    ],
)
def test_after_signing_in_nobody_is_sent_anywhere_else(
    client: FlaskClient, app: Flask, elsewhere: str
) -> None:
    person = a_person(password=SECRET)
    answer = _try(client, person.mail, next=elsewhere)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert client.get("/sign-in", query_string={"next": elsewhere}).headers["Location"] == "/"


def test_signing_out_ends_the_sign_in_on_the_server(client: FlaskClient, app: Flask) -> None:
    person = a_person()
    sign_in(client, person)
    with client.session_transaction() as session:
        token = session["_user_id"]
    assert send(client, "/sign-out").status_code == 303
    with client.session_transaction() as session:
        session["_user_id"] = token  # a copy of the old cookie
    assert client.get("/me").status_code == 303


def test_a_sign_in_ends_after_twelve_idle_hours_and_after_seven_days(client: FlaskClient, app: Flask) -> None:
    person = a_person()
    sign_in(client, person)
    assert client.get("/me").status_code == 200
    with transaction() as session:
        session.execute(SignIn.__table__.update().values(seen_at=clock.now() - timedelta(hours=13)))
    assert client.get("/me").status_code == 303
    with transaction() as session:
        session.execute(
            SignIn.__table__.update().values(seen_at=clock.now(), created_at=clock.now() - timedelta(days=8))
        )
    assert client.get("/me").status_code == 303


def test_who_is_here_is_one_query_and_last_seen_is_noted_every_five_minutes(
    client: FlaskClient, app: Flask
) -> None:
    person = a_person()
    sign_in(client, person)
    said: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    assert client.get("/").status_code == 200
    assert len([sql for sql in said if "sign_ins" in sql]) == 1
    assert not [sql for sql in said if sql.startswith("UPDATE")]
    with transaction() as session:
        session.execute(SignIn.__table__.update().values(seen_at=clock.now() - timedelta(minutes=6)))
    client.get("/")
    assert clock.now() - db.session.scalars(select(SignIn.seen_at)).one() < timedelta(minutes=1)


def test_a_changed_password_ends_every_sign_in_but_the_one_that_changed_it(
    client: FlaskClient, app: Flask
) -> None:
    person = a_person(password=SECRET)
    elsewhere = sign_in(app.test_client(), person)
    sign_in(client, person)
    new = "un autre mot de passe"
    answer = send(client, "/me/password", {"current": SECRET, "password": new, "again": new})
    assert answer.status_code == 303
    assert client.get("/me").status_code == 200
    assert elsewhere.get("/me").status_code == 303
    assert _try(app.test_client(), person.mail).status_code == 422
    assert _try(app.test_client(), person.mail, new).status_code == 303


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"current": "wrong", "password": "abcdefghijk", "again": "abcdefghijk"},
            "present password is not right",
        ),
        ({"current": SECRET, "password": "short", "again": "short"}, "10 characters at least"),
        ({"current": SECRET, "password": "aaaaaaaaaaaa", "again": "aaaaaaaaaaaa"}, "too easy"),
        ({"current": SECRET, "password": "abcdefghijk", "again": "abcdefghijl"}, "two passwords differ"),
        (
            {"current": SECRET, "password": "x" * 500 + "abc", "again": "x" * 500 + "abc"},
            "200 characters at most",
        ),
    ],
)
def test_a_password_that_does_not_do_is_refused_with_a_sentence(
    client: FlaskClient, app: Flask, fields: dict[str, str], sentence: str
) -> None:
    person = a_person(password=SECRET)
    sign_in(client, person)
    answer = send(client, "/me/password", fields)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert all(value not in answer.text for value in fields.values() if len(value) > 8)


def test_what_was_typed_while_signed_out_can_be_sent_after_signing_in(
    client: FlaskClient, app: Flask
) -> None:
    person = a_person("administrator", password=SECRET)
    typed = {"name": "Équipe <Nord>", "csrf_token": "old"}
    refused = client.post("/teams", data=typed)
    assert refused.status_code == 401
    assert "You are signed out" in refused.text
    kept = _hidden(refused.text, "kept")
    again = _try(client, person.mail, kept=kept)
    assert again.status_code == 200
    assert "Équipe &lt;Nord&gt;" in again.text
    value = _hidden(again.text, "name")
    sent = client.post("/teams", data={"csrf_token": _hidden(again.text, "csrf_token"), "name": value})
    assert sent.status_code == 303
    assert "Équipe &lt;Nord&gt;" in client.get("/teams").text


def test_a_form_that_another_site_sent_is_not_kept_for_later(client: FlaskClient, app: Flask) -> None:
    a_person("administrator", password=SECRET)
    for header in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        refused = client.post("/teams", data={"name": "planted"}, headers=header)
        assert refused.status_code == 401
        assert "planted" not in refused.text


@pytest.mark.parametrize(
    "kept", ["{}", "[]", '["//evil.example",[]]', '["https://evil.example",[["a","b"]]]', "[1,2]", "x"]
)
def test_a_forged_kept_form_is_ignored(client: FlaskClient, app: Flask, kept: str) -> None:
    person = a_person(password=SECRET)
    answer = _try(client, person.mail, kept=kept)
    assert (answer.status_code, answer.headers.get("Location")) == (303, "/")


def test_a_part_of_a_page_asked_for_while_signed_out_sends_the_whole_page_to_sign_in(
    client: FlaskClient, app: Flask
) -> None:
    answer = client.get(
        "/me", headers={"HX-Request": "true", "HX-Current-URL": "http://localhost/people?x=1"}
    )
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/sign-in?next=/people?x%3D1"


def test_language_and_theme_are_kept_in_a_cookie_before_and_with_the_person_after_signing_in(
    client: FlaskClient, app: Flask
) -> None:
    answer = send(client, "/preferences", {"locale": "fr", "theme": "dark", "next": "/sign-in"})
    assert answer.headers["Location"] == "/sign-in"
    page = client.get("/sign-in").text
    assert '<html lang="fr" data-bs-theme="dark">' in page
    assert "Mot de passe" in page
    person = a_person(locale="en", theme="light")
    version = person.version
    sign_in(client, person)
    assert '<html lang="en" data-bs-theme="light">' in client.get("/me").text
    send(client, "/preferences", {"locale": "fr", "theme": "dark", "next": "/me"})
    assert '<html lang="fr" data-bs-theme="dark">' in client.get("/me").text
    assert db.session.execute(select(Person.locale, Person.theme, Person.version)).one() == (
        "fr",
        "dark",
        version,
    )


def test_an_unknown_language_is_refused_with_a_sentence(client: FlaskClient, app: Flask) -> None:
    answer = send(client, "/preferences", {"locale": "xx"})
    assert answer.status_code == 422
    assert "Choose a language or a theme" in answer.text


def test_a_person_who_left_is_signed_out_at_once(client: FlaskClient, app: Flask) -> None:
    person = a_person()
    sign_in(client, person)
    assert client.get("/me").status_code == 200
    with transaction() as session:
        session.execute(Person.__table__.update().values(active=False))
    assert client.get("/me").status_code == 303


def test_health_is_open_to_everybody_and_says_that_the_database_is_here(client: FlaskClient) -> None:
    assert client.get("/health").json == {"database": "here"}


def test_two_tabs_that_sign_in_have_two_sign_ins_of_their_own(client: FlaskClient, app: Flask) -> None:
    person = a_person()
    sign_in(client, person)
    sign_in(app.test_client(), person)
    assert db.session.scalar(select(func.count()).select_from(SignIn)) == 2
    assert actor_of(person).may("see_home")


def _hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page) or re.search(
        rf'value="([^"]*)"[^>]*name="{name}"', page
    )
    assert found, name
    return html.unescape(found[1])
