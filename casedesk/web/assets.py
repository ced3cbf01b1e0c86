"""Styles, modules, icons and fonts: an address changes with the content, so a browser may keep what it has."""

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, request
from werkzeug.wrappers import Response

YEAR, WEEK = 31_536_000, 604_800

_VERSIONED = (".css", ".js", ".svg")
"""Fonts are left out: the styles name them without a version, and one file under two addresses loads twice."""


def init_app(app: Flask) -> None:
    """Give templates `asset(name)` and let browsers keep for good what carries a version."""
    folder, root = Path(app.static_folder or ""), app.static_url_path

    @cache  # a page has some thirty icons, and what is built changes with a start only
    def asset(name: str) -> str:
        version = digest(folder / name) if name.endswith(_VERSIONED) else None
        return f"{root}/{name}?v={version}" if version else f"{root}/{name}"

    app.jinja_env.globals["asset"] = asset

    @app.after_request
    def keep(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code in (200, 304):
            kept = f"max-age={YEAR}, immutable" if "v" in request.args else f"max-age={WEEK}"
            response.headers["Cache-Control"] = f"public, {kept}"
        return response


def digest(path: Path) -> str | None:
    """Eight characters that change with the content of `path`; None where it was not built."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    except FileNotFoundError:
        return None
