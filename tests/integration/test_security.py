"""What every answer carries, and what every form does with whatever is thrown at it."""

import html
import logging
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient

from casedesk.accounts.guard import PUBLIC, permit_of
from casedesk.accounts.permits import ROLE_PERMISSIONS
from casedesk.app import create_app
from casedesk.config import Settings
from tests.architecture.test_routes import ANSWERS, address, doors
from tests.factories import a_person, csrf, send, sign_in
from tests.world import ROLES, World, a_world

NASTY = (
    "",
    " \t\n ",
    "x" * 70_000,
    "9" * 25,
    "-1",
    "1e400",
    "NaN",
    "12,345.678",
    "2026-02-31",
    "2026-03-29T02:30",
    "0000-00-00T99:99",
    "<script>alert('1')</script><img src=x onerror=alert(1)>",
    "a\x00b\x07c",
    "\ufeff\u202e\u200b\U0001f600\ufffd",
    "' OR 1=1; DROP TABLE cases; --",
    "{{ 7 * 7 }}%(name)s%s",
    "../../etc/passwd",
    "true",
)
LAST = ("sign-out", "erasure", "departure", "closing", "answer", "/me/password")
"""Deeds that end something come last, so that the others meet a whole world."""


def test_every_page_says_what_a_browser_may_not_do(app: Flask, client: FlaskClient) -> None:
    sign_in(client, a_person())
    for answer in (
        client.get("/"),
        client.get("/nowhere"),
        app.test_client().get("/sign-in"),
        client.post("/me"),
    ):
        policy = answer.headers["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert "object-src 'none'" in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cache-Control"] == "no-store"


def test_no_page_has_a_script_or_style_of_its_own(app: Flask) -> None:
    world = a_world(app)
    for role in ROLES:
        client = sign_in(app.test_client(), world.people[role])
        for rule, method in doors(app):
            if method == "GET":
                answer = client.get(address(app, rule, world.ids))
                if answer.mimetype == "text/html":
                    told = re.findall(
                        r"<script(?![^>]*\bsrc=)[^>]*>|\son\w+=|\sstyle=|javascript:", answer.text
                    )
                    assert not told, f"{rule.rule}: {told}"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client: FlaskClient, app: Flask) -> None:
    answer = client.get("/sign-in")
    (cookie,) = [line for line in answer.headers.getlist("Set-Cookie") if line.startswith("session=")]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    chosen = send(client, "/preferences", {"theme": "dark"}).headers.getlist("Set-Cookie")
    assert all("HttpOnly" in line and "SameSite=Lax" in line for line in chosen)


def test_behind_https_cookies_are_secure_and_browsers_stay_there(database_url: str, tmp_path: object) -> None:
    made = create_app(
        Settings.from_environment(
            {
                "DATABASE_URL": database_url.replace("+psycopg", ""),
                "CASEDESK_DATA": f"{tmp_path}/data",
                "BASE_URL": "https://desk.example",
            }
        )
    )
    answer = made.test_client().get("/sign-in", base_url="https://desk.example")
    assert "Secure" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


class _Forms(HTMLParser):
    """The POST forms of a page: where each goes, and its fields as a browser would send them."""

    def __init__(self, here: str) -> None:
        super().__init__()
        self.here, self.found = here, list[tuple[str, dict[str, str]]]()
        self.fields: dict[str, str] | None = None
        self.select = self.area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.fields = {} if given.get("method", "").lower() == "post" else None
            if self.fields is not None:
                self.found.append((given.get("action") or self.here, self.fields))
        elif self.fields is not None and (name := given.get("name", "")):
            if tag == "input" and (given.get("type") not in ("radio", "checkbox") or "checked" in given):
                self.fields[name] = given.get("value", "")
            elif tag == "input":
                self.fields.setdefault(name, "")
            elif tag == "select":
                self.select = name
                self.fields.setdefault(name, "")
            elif tag == "textarea":
                self.area = name
                self.fields[name] = ""
            elif tag == "button":
                self.fields.setdefault(name, given.get("value", ""))
        elif self.fields is not None and tag == "option" and self.select:
            chosen = given.get("value", "") if "selected" in given else ""
            self.fields[self.select] = chosen or self.fields[self.select] or given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.fields = None
        elif tag == "select":
            self.select = ""
        elif tag == "textarea":
            self.area = ""

    def handle_data(self, data: str) -> None:
        if self.area and self.fields is not None:
            self.fields[self.area] += html.unescape(data)


def forms_of(app: Flask, client: FlaskClient, world: World) -> dict[str, dict[str, str]]:
    """Every form that the pages show to this client, by the rule that it posts to."""
    found: dict[str, dict[str, str]] = {}
    urls = [address(app, rule, world.ids) for rule, method in doors(app) if method == "GET"]
    writes = [f"/cases/{world.ids['case_id']}?write={tab}" for tab in ("reply", "note", "call", "letter")]
    for url in (*urls, *writes):
        answer = client.get(url)
        if answer.mimetype == "text/html" and answer.status_code == 200:
            page = _Forms(url.partition("?")[0])
            page.feed(answer.text)
            for action, fields in page.found:
                endpoint = _endpoint(app, action)
                if endpoint:
                    found[endpoint] = {**found.get(endpoint, {}), **fields}
    return found


def _endpoint(app: Flask, action: str) -> str | None:
    from werkzeug.exceptions import HTTPException

    try:
        return str(app.url_map.bind("localhost").match(action.partition("?")[0], method="POST")[0])
    except HTTPException:
        return None


def _attacks(fields: dict[str, str]) -> Iterator[dict[str, str]]:
    kept = {name: value for name, value in fields.items() if name not in ("csrf_token", "once")}
    yield {}
    yield kept
    for value in NASTY:
        yield dict.fromkeys(kept, value)
    for n, name in enumerate(kept):
        for step in range(2):
            yield {**kept, name: NASTY[(n * 2 + step) % len(NASTY)]}


@pytest.mark.parametrize("role", ["agent", "manager", "administrator"])
def test_no_form_breaks_on_whatever_is_typed_into_it(
    app: Flask, role: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR, "casedesk")
    world = a_world(app)
    client = sign_in(app.test_client(), world.people[role])
    shown = forms_of(app, client, world)
    anything = {name: value for fields in shown.values() for name, value in fields.items()}
    wrong = []
    allowed = ROLE_PERMISSIONS[role]
    for rule, method in sorted(doors(app), key=lambda door: _rank(door[0].rule)):
        if method != "POST" or permit_of(app, rule.endpoint) not in (PUBLIC, *allowed):
            continue
        url = address(app, rule, world.ids)
        for attack in _attacks(
            shown.get(rule.endpoint, {"value": "", "name": ""} if rule.arguments else anything)
        ):
            answer = send(client, url, attack)
            if answer.status_code not in {*ANSWERS, 401}:
                tried = {name: value[:20] for name, value in attack.items()}
                wrong.append(f"{role} {url} {tried}: {answer.status_code} {_said(caplog)}")
                break
            if "sign-out" in rule.rule or "password" in rule.rule:
                client = sign_in(app.test_client(), world.people[role])
    assert not wrong, "\n".join(wrong)


def _said(caplog: pytest.LogCaptureFixture) -> str:
    told = [str(record.exc_info[1])[:300] for record in caplog.records if record.exc_info]
    return told[-1] if told else ""


def _rank(rule: str) -> tuple[int, str]:
    return (next((n + 1 for n, word in enumerate(reversed(LAST)) if word in rule), 0), rule)


@pytest.mark.parametrize("role", ["manager", "administrator"])
def test_no_address_breaks_on_whatever_is_asked_of_it(app: Flask, role: str) -> None:
    world = a_world(app)
    client = sign_in(app.test_client(), world.people[role])
    names = (
        "q",
        "after",
        "before",
        "view",
        "sort",
        "customer",
        "owner",
        "status",
        "stage",
        "write",
        "next",
        "page",
        "kind",
        "subscription",
        "charge",
    )
    wrong = []
    for rule, method in doors(app):
        if method != "GET" or permit_of(app, rule.endpoint) not in (PUBLIC, *ROLE_PERMISSIONS[role]):
            continue
        url = address(app, rule, world.ids)
        for value in (*NASTY, "eyJ4IjoxfQ", "W251bGxd", "WyJ4IiwieSJd", "WzFlOTld"):
            status = client.get(url, query_string=dict.fromkeys(names, value[:2000])).status_code
            if status not in ANSWERS:
                wrong.append(f"{role} {url} {value[:30]!r}: {status}")
        for raw in ("?q=%00", "?q=%ff%fe", "?%ff=%ff", "?q=%ed%a0%80", "?&&&=", "?after=%%%"):
            status = client.get(url + raw).status_code
            if status not in ANSWERS:
                wrong.append(f"{role} {url}{raw}: {status}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xfe\x00\x01", "application/x-www-form-urlencoded"),
        (b"said=%ff%fe%ed%a0%80&name=%00", "application/x-www-form-urlencoded"),
        (
            b'--x\r\nContent-Disposition: form-data; name="said"\r\n\r\nno end',
            "multipart/form-data; boundary=x",
        ),
        (b"nothing of the kind", "multipart/form-data; boundary=x"),
        (b"nothing of the kind", "multipart/form-data"),
        (b'{"said": 1', "application/json"),
        (b"said=" + b"x" * (3 * 2**20), "application/x-www-form-urlencoded"),
    ],
)
def test_a_body_that_cannot_be_read_gets_a_sentence(app: Flask, body: bytes, kind: str) -> None:
    client = sign_in(app.test_client(), a_person("manager"))
    headers = {"X-CSRFToken": csrf(client)}
    for url in ("/customers", "/cases/new", "/preferences"):
        answer = client.post(url, data=BytesIO(body), content_type=kind, headers=headers)
        assert answer.status_code in {400, 413, 422}, (url, answer.status_code)
        assert "<h1" in answer.text


def test_a_body_over_the_limit_is_refused_with_the_limit(app: Flask) -> None:
    client = sign_in(app.test_client(), a_person("manager"))
    app.config["MAX_CONTENT_LENGTH"] = 2**20
    answer = client.post(
        "/customers", data={"csrf_token": csrf(client), "file": (BytesIO(b"x" * 2**21), "x.pdf")}
    )
    assert answer.status_code == 413
    assert "The limit is 1 MB" in answer.text


def test_methods_that_a_page_does_not_take_are_named(app: Flask, client: FlaskClient) -> None:
    sign_in(client, a_person())
    answer = client.post("/me", data={"csrf_token": csrf(client)})
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert "cannot be used that way" in answer.text
    assert client.open("/me", method="BREW").status_code == 405
