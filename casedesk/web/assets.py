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
    """Give static addresses a version and let browsers keep what carries one for good."""
    folder = Path(app.static_folder or "")

    @app.url_defaults
    def version(endpoint: str, values: dict[str, object]) -> None:
        name = str(values.get("filename", ""))
        if endpoint == "static" and name.endswith(_VERSIONED):
            values.setdefault("v", digest(folder / name))

    @app.after_request
    def keep(response: Response) -> Response:
        if request.endpoint == "static" and response.status_code in (200, 304):
            kept = f"max-age={YEAR}, immutable" if "v" in request.args else f"max-age={WEEK}"
            response.headers["Cache-Control"] = f"public, {kept}"
        return response


def digest(path: Path) -> str | None:
    """Eight characters that change with the content of `path`; None where it was not built."""
    try:
        return _digest(path, path.stat().st_mtime_ns)
    except FileNotFoundError:
        return None


@cache
def _digest(path: Path, changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:8]
