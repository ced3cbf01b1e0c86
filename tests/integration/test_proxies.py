"""Behind proxies: who is trusted to say where a request came from."""

from dataclasses import replace

import pytest
from flask import request

from casedesk.app import create_app
from casedesk.config import Settings, SettingsError
from casedesk.store.db import db


def origin(settings: Settings, forwarded: str) -> tuple[str, str, str]:
    """(address, scheme, host) that the desk sees of a request through 10.0.0.1 with these X-Forwarded-For."""
    app = create_app(settings)
    headers = {"X-Forwarded-For": forwarded, "X-Forwarded-Proto": "https", "X-Forwarded-Host": "desk.example"}
    seen: list[tuple[str, str, str]] = []

    @app.before_request
    def look() -> str:
        seen.append((request.remote_addr or "", request.scheme, request.host))
        return "seen"

    app.before_request_funcs[None].insert(0, app.before_request_funcs[None].pop())
    app.test_client().get("/", headers=headers, environ_base={"REMOTE_ADDR": "10.0.0.1"})
    with app.app_context():
        db.engine.dispose()
    return seen[0]


def test_nobody_is_trusted_unless_told(settings: Settings) -> None:
    assert origin(settings, "203.0.113.7") == ("10.0.0.1", "http", "localhost")


@pytest.mark.parametrize(
    ("hops", "forwarded", "seen"),
    [
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "6.6.6.6, 203.0.113.7", "203.0.113.7"),  # what the visitor wrote stays unheard
        (2, "6.6.6.6, 203.0.113.7, 10.0.0.9", "203.0.113.7"),
    ],
)
def test_the_last_proxies_say_where_a_request_came_from(
    settings: Settings, hops: int, forwarded: str, seen: str
) -> None:
    address, _scheme, _host = origin(replace(settings, trusted_proxies=hops), forwarded)
    assert address == seen
    if hops == 1:
        assert (_scheme, _host) == ("https", "desk.example")


def test_a_number_of_proxies_that_is_none_stops_the_start(tmp_path: object) -> None:
    with pytest.raises(SettingsError, match="TRUSTED_PROXIES"):
        Settings.from_environment({"TRUSTED_PROXIES": "all", "CASEDESK_DATA": str(tmp_path)})
