"""Every form of every page, filled with what nobody should type: a sentence that says what to change, nothing typed is
lost, and never a 500.

The pages are walked as each role sees them, the forms are read from the HTML as a browser would, and each field in turn
gets something hostile; then all of them at once. What is typed goes round from form to form, so that each kind of it
meets some dozens of forms.
"""

import html
import io
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

import casedesk
from tests.factories import send, sign_in
from tests.world import World, a_world

HOSTILE = (
    "",
    "Ca\x00fé\x07",
    "<script>alert(1)</script>\"'",
    "9" * 400,
    "-1",
    "2026-02-31",
    "2026-02-31T25:61",
    "1e309",
    "99999999999999999999",
    "ZZZ",
    "½ ٣ ①",
    "0",
    "é" * 5_000,
    "%s %(x)s {0} {{ 7*7 }}",
    "' OR 1=1; --",
    "\u202egnihtemos\u2066",
)

AT_ONCE = 4
"""So many times a form gets the same in all of its fields."""

ENDS_THE_WALK = ("/sign-out", "/sign-in", "/me/")
"""These would sign the walker out, or change the password that it signs in with."""

REFUSED = (400, 403, 404, 409, 413, 415, 422)


@dataclass
class Form:
    """A form as a browser knows it: where it goes, its fields with what stands in them, and their kinds."""

    action: str
    multipart: bool = False
    values: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)


class Reader(HTMLParser):
    """The POST forms of a page."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url, self.forms, self.form, self.text, self.select = url, [], None, "", ""
        self.forms: list[Form]
        self.form: Form | None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.form = None
            if given.get("method", "").lower() == "post":
                action = given.get("action") or self.url
                self.form = Form(action, given.get("enctype", "") == "multipart/form-data")
                self.forms.append(self.form)
        name = given.get("name", "")
        if self.form is None or (not name and tag != "option"):
            return
        if tag == "input":
            self._input(self.form, name, given)
        elif tag == "textarea":
            self.text, self.form.values[name], self.form.kinds[name] = name, "", "text"
        elif tag == "select":
            self.select, self.form.kinds[name] = name, "select"
            self.form.values.setdefault(name, "")
        elif tag == "option" and self.select and ("selected" in given or not self.form.values[self.select]):
            self.form.values[self.select] = given.get("value", "")
        elif tag == "button" and given.get("type", "submit") == "submit":
            self.form.values.setdefault(name, given.get("value", ""))
            self.form.kinds[name] = "button"

    def _input(self, form: Form, name: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        form.kinds[name] = kind
        if kind in ("checkbox", "radio") and "checked" not in given:
            form.values.setdefault(name, given.get("value", "y") if kind == "radio" else "")
        else:
            form.values[name] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self.text and self.form is not None:
            self.form.values[self.text] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.text = ""
        elif tag == "select":
            self.select = ""
        elif tag == "form":
            self.form = None


def pages(app: Flask, ids: dict[str, Any]) -> Iterator[str]:
    """The address of every page that the world has something for."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.arguments <= ids.keys() and rule.endpoint != "static":
            yield adapter.build(rule.endpoint, {name: ids[name] for name in rule.arguments})


def walker(app: Flask, world: World, role: str) -> FlaskClient:
    return sign_in(app.test_client(), world.people[role])


def posted(app: Flask, client: FlaskClient, form: Form, values: dict[str, Any]) -> TestResponse:
    fields = {name: value for name, value in values.items() if name not in ("csrf_token", "once")}
    for name, kind in form.kinds.items():
        if kind == "file":
            fields[name] = (io.BytesIO(b"\x89PNG\x00 not a picture"), "../../<b>\x00.exe")
    options = {"content_type": "multipart/form-data"} if form.multipart else {}
    return send(client, form.action, fields, **options)


def key_of(app: Flask, form: Form) -> tuple[str, tuple[str, ...]]:
    """What makes two forms the same for this walk: the door, and the fields."""
    rule, _args = app.url_map.bind("localhost").match(form.action.split("?")[0], "POST", return_rule=True)
    assert isinstance(rule, Rule)
    return rule.rule, tuple(sorted(form.kinds))


@pytest.mark.parametrize("role", ["agent", "manager", "mediator", "administrator"])
def test_no_form_breaks_whatever_is_typed(app: Flask, role: str) -> None:
    world = a_world(app)
    client = walker(app, world, role)
    forms: dict[Any, Form] = {}
    broken: list[tuple[str, int, dict[str, str]]] = []
    lost: list[tuple[str, str, str]] = []
    for url in pages(app, dict(world.ids)):
        answer = client.get(url)
        if answer.status_code >= 500:
            broken.append((url, answer.status_code, {}))
        if answer.mimetype != "text/html":
            continue
        reader = Reader(url)
        reader.feed(answer.text)
        for form in reader.forms:
            if not form.action.startswith(ENDS_THE_WALK):
                forms.setdefault(key_of(app, form), form)
    assert len(forms) >= {"agent": 12, "manager": 15, "mediator": 1, "administrator": 10}[role]
    turns = itertools.count()
    for form in forms.values():
        typed = [name for name, kind in form.kinds.items() if kind not in ("file", "button")]
        typed = [name for name in typed if name not in ("csrf_token", "once")]
        changes = [{name: HOSTILE[next(turns) % len(HOSTILE)]} for name in typed]
        changes += [dict.fromkeys(typed, HOSTILE[next(turns) % len(HOSTILE)]) for _ in range(AT_ONCE)]
        for change in changes:
            answer = posted(app, client, form, form.values | change)
            if answer.status_code in (302, 303) and "/sign-in" in answer.headers.get("Location", ""):
                client = walker(app, world, role)
            if answer.status_code >= 500:
                broken.append((form.action, answer.status_code, {n: v[:30] for n, v in change.items()}))
            if answer.status_code in REFUSED and answer.status_code != 404:
                lost += missing(answer, form, change)
    assert broken == []
    assert lost == []


def missing(answer: TestResponse, form: Form, change: dict[str, str]) -> list[tuple[str, str, str]]:
    """What was typed into fields for words, and is not on the page that came back."""
    kept = html.unescape(answer.text)
    gone = []
    for name, value in change.items():
        plain = len(value) < 300 and value.isprintable() and form.kinds[name] in ("text", "search")
        if plain and value.strip() and value.strip() not in kept:
            gone.append((form.action, name, value))
    return gone


def test_broken_encodings_and_shapes_are_a_bad_request_and_not_a_fault(app: Flask) -> None:
    """Raw bytes that are no UTF-8, a field given twice, no body at all, JSON instead of a form, a torn upload."""
    world = a_world(app)
    client = walker(app, world, "manager")
    adapter = app.url_map.bind("localhost")
    urls = [
        adapter.build(rule.endpoint, {name: world.ids[name] for name in rule.arguments}, method="POST")
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ()) and rule.arguments <= world.ids.keys()
    ]
    bodies: tuple[tuple[bytes, str], ...] = (
        (b"name=%ff%fe&said=%c3%28&amount=%00", "application/x-www-form-urlencoded"),
        (b"\xff\xfe\x00\x01", "application/x-www-form-urlencoded"),
        (b"", "application/x-www-form-urlencoded"),
        (b'{"name": ["a"]}', "application/json"),
        (
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\ntorn',
            "multipart/form-data; boundary=x",
        ),
        (b"a=1&" * 2_000, "application/x-www-form-urlencoded"),
    )
    for url in urls:
        if url.startswith(ENDS_THE_WALK):
            continue
        for body, kind in bodies:
            answer = client.post(url, data=body, content_type=kind)
            assert answer.status_code < 500, (url, kind, body[:40])


@pytest.mark.parametrize("number", [0, -1, 2**63, 10**30])
def test_numbers_beyond_every_database_are_nothing_here(app: Flask, number: int) -> None:
    world = a_world(app)
    client = walker(app, world, "manager")
    for rule in app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or not rule.arguments or "<int:" not in rule.rule:
            continue
        url = rule.rule
        for name in rule.arguments:
            url = url.replace(f"<int:{name}>", str(number)).replace(f"<{name}>", "x")
        assert client.get(url).status_code in (403, 404), url


ASKED = re.compile(r"""(?:args\.get|args\.getlist)\(\s*["'](\w+)["']""")
"""How the code asks for a part of an address."""

ODD = (
    *HOSTILE,
    "9223372036854775808",
    "NaN",
    "null",
    "[]",
    "../../etc/passwd",
    "2026-W60",
    "last-99999999999",
    "last-0",
    "2026-13-01..2026-01-01",
    "0001-01-01",
    "9999-12-31",
    "a:b:c",
    ",,,",
    "%",
    "\ufeff",
)

RAW = ("%ff%fe", "%00", "%ed%a0%80", "%C0%AF", "%", "%zz", "9&q=8&&==&=x&a[]=1")
"""Parts of an address that no browser writes: bytes that are no UTF-8, half a surrogate, broken escapes."""

READ_BY_PROGRAM = {"period", "from", "to", "by", "grain", "against", "as_of", "page", "selected"}
"""Parts of addresses that filters are read from by their own names."""


@cache
def asked_for() -> list[str]:
    """Every name that some page reads from its address."""
    sources = (Path(casedesk.__file__).parent).rglob("*.py")
    found = {name for path in sources for name in ASKED.findall(path.read_text(encoding="utf-8"))}
    assert len(found) > 25
    return sorted(found | READ_BY_PROGRAM)


def in_links(url: str, text: str) -> set[str]:
    """The names that the page's own links and filters give to addresses."""
    links = re.findall(r"""(?:href|action)=["'][^"'?]*\?([^"']+)""", html.unescape(text))
    fields = re.findall(r"<form[^>]*method=[\"']get.*?</form>", text, re.DOTALL | re.IGNORECASE)
    return {pair.split("=")[0] for link in links for pair in link.split("&")} | {
        name for form in fields for name in re.findall(r"""name=["']([^"']+)""", form)
    }


def test_no_page_breaks_whatever_stands_in_its_address(app: Flask) -> None:
    """Filters, cursors, sorts and searches are typed by people, too: every GET of every room, as who may open it."""
    world = a_world(app)
    turns, broken, walked = itertools.count(), [], set()
    for role in ("manager", "administrator", "mediator"):
        client = walker(app, world, role)
        for url in pages(app, dict(world.ids)):
            if url in walked or url.startswith("/sign-out"):
                continue
            plain = client.get(url)
            if plain.status_code == 403:
                continue
            walked.add(url)
            names = sorted(
                in_links(url, plain.text if plain.mimetype == "text/html" else "") | set(asked_for())
            )
            asked = [
                *({name: _odd(turns) for name in names[start::8]} for start in range(8)),
                *({name: _odd(turns)} for name in names[next(turns) % 5 :: 5]),
            ]
            answers = [(one, client.get(url, query_string=one)) for one in asked]
            raw = f"{names[next(turns) % len(names)]}={RAW[next(turns) % len(RAW)]}"
            answers.append((raw, client.get(f"{url}?{raw}")))
            answers.append(("HEAD", client.head(url)))
            answers.append(("OPTIONS", client.options(url)))
            answers.append(("DELETE", client.delete(url)))
            broken += [(role, url, one, a.status_code) for one, a in answers if a.status_code >= 500]
    assert len(walked) > 90
    assert broken == []


def _odd(turns: Iterator[int]) -> str:
    return ODD[next(turns) % len(ODD)][:800]


@pytest.mark.parametrize("role", ["agent", "manager", "mediator", "administrator"])
def test_a_file_in_a_field_for_words_is_nothing(app: Flask, role: str) -> None:
    """With the page's own token: each field comes as a file, or as a part of an unknown character set."""
    world = a_world(app)
    client = walker(app, world, role)
    forms: dict[Any, Form] = {}
    for url in pages(app, dict(world.ids)):
        answer = client.get(url)
        if answer.mimetype == "text/html":
            reader = Reader(url)
            reader.feed(answer.text)
            forms |= {
                key_of(app, form): form for form in reader.forms if not form.action.startswith(ENDS_THE_WALK)
            }
    assert forms
    for form in forms.values():
        names = [name for name in form.kinds if name != "csrf_token"]
        for make in (_file_part, _odd_part):
            token = {"csrf_token": form.values.get("csrf_token", "")}
            body = "".join(_part(name, value) for name, value in token.items())
            body += "".join(make(name) for name in names) + "--x--\r\n"
            answer = client.post(
                form.action, data=body.encode("latin-1"), content_type="multipart/form-data; boundary=x"
            )
            assert answer.status_code < 500, (form.action, make.__name__)


def _part(name: str, value: str) -> str:
    return f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'


def _file_part(name: str) -> str:
    head = f'--x\r\nContent-Disposition: form-data; name="{name}"; filename="..\\{name}<b>\x00.exe"\r\n'
    return head + "Content-Type: text/html\r\n\r\n\x00\x01<script>\r\n"


def _odd_part(name: str) -> str:
    head = f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n'
    return head + "Content-Type: text/plain; charset=utf-77\r\n\r\n\xed\xa0\x80\xff9\r\n"
