"""What a browser may keep of the styles, and when it must fetch them again."""

from pathlib import Path

import pytest
from flask import Flask

from casedesk.web import assets


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    (tmp_path / "desk.css").write_text("a {}")
    (tmp_path / "inter.woff2").write_text("font")
    return started(tmp_path)


def started(tmp_path: Path) -> Flask:
    made = Flask("assets", static_folder=str(tmp_path), static_url_path="/static")
    assets.init_app(made)
    return made


def address(app: Flask, name: str) -> str:
    return app.jinja_env.from_string("{{ asset(name) }}").render(name=name)


def test_an_address_changes_with_the_content_that_a_start_finds(app: Flask, tmp_path: Path) -> None:
    before = address(app, "desk.css")
    assert address(started(tmp_path), "desk.css") == before
    (tmp_path / "desk.css").write_text("b {}")
    assert address(started(tmp_path), "desk.css") != before


def test_what_carries_a_version_is_kept_for_good_and_the_rest_for_a_week(app: Flask) -> None:
    client = app.test_client()
    assert (
        client.get(address(app, "desk.css")).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    )
    assert client.get(address(app, "inter.woff2")).headers["Cache-Control"] == "public, max-age=604800"


def test_a_font_has_one_address_only(app: Flask) -> None:
    assert address(app, "inter.woff2") == "/static/inter.woff2"


def test_what_was_not_built_is_not_kept(app: Flask) -> None:
    assert address(app, "missing.css") == "/static/missing.css"
    assert "immutable" not in app.test_client().get("/static/missing.css").headers.get("Cache-Control", "")
