"""A real Chromium, and a small desk that serves the shared parts alone: no room, no database."""

import os
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask, g, redirect, render_template, request
from flask_wtf import CSRFProtect
from jinja2 import ChoiceLoader, FileSystemLoader
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from casedesk.app import project_path
from casedesk.web import assets, headers, locale
from casedesk.web.clockface import ClockFace

PAGES = Path(__file__).parent / "pages"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    built = (project_path("static") / "vendor" / "desk.css").exists()
    if not CHROMIUM or not built:
        missing = "Chromium" if not CHROMIUM else "static/vendor (npm ci && npm run build)"
        if os.environ.get("REQUIRE_ALL"):
            pytest.fail(f"{missing} is not here")
        pytest.skip(f"{missing} is not here")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


@dataclass
class Parts:
    """Where the pages of shared parts are served, and what was posted to them."""

    url: str
    posted: list[dict[str, str]]


@pytest.fixture(scope="session")
def parts() -> Iterator[Parts]:
    posted: list[dict[str, str]] = []
    server = make_server("127.0.0.1", 0, _parts_app(posted), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Parts(f"http://127.0.0.1:{server.server_port}", posted)
    server.shutdown()


def _parts_app(posted: list[dict[str, str]]) -> Flask:
    app = Flask("parts", static_folder=str(project_path("static")), static_url_path="/static")
    app.config["SECRET_KEY"] = "parts of pages only"
    app.jinja_loader = ChoiceLoader(  # type: ignore[assignment]
        [FileSystemLoader(PAGES), FileSystemLoader(project_path("templates"))]
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    CSRFProtect(app)
    locale.init_app(app, "Europe/Paris")
    assets.init_app(app)
    headers.init_app(app, secure=False)
    app.context_processor(lambda: {"nav": _nav()})
    app.before_request(_sign_in)
    app.add_url_rule("/page/<name>", "page", _page)
    app.add_url_rule("/post/<name>", "post", lambda name: _keep(posted, name), methods=["POST"])
    return app


def _sign_in() -> None:
    g.actor = SimpleNamespace(
        name="Inès Belkacem",
        locale=request.args.get("lang", "en"),
        theme=request.args.get("theme", "light"),
        time_zone="Europe/Paris",
        may=lambda _permission: True,
    )


def _nav() -> list[SimpleNamespace]:
    places = [
        ("Home", "home", "h"),
        ("Queue", "inbox", "q"),
        ("Signals", "chart-line", "s"),
        ("Reports", "chart-bar", "p"),
    ]
    return [
        SimpleNamespace(
            label=label, icon=icon, key=key, url=f"/page/list?at={key}", count=None, current=key == "q"
        )
        for label, icon, key in places
    ]


def _page(name: str) -> str:
    return render_template(f"{name}.html", ClockFace=ClockFace, N=SimpleNamespace)


def _keep(posted: list[dict[str, str]], name: str) -> Response | dict[str, str]:
    posted.append({"to": name, **request.form.to_dict()})
    return {"at": "11:02"} if name == "draft" else redirect(f"/page/list?sent={name}", 303)
