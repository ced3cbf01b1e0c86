"""Addresses: whole numbers that a database can hold, no illegible characters, only local places to go on to."""

from urllib.parse import unquote, urlsplit

from flask import Flask, current_app, request
from werkzeug.exceptions import BadRequest, HTTPException
from werkzeug.routing import IntegerConverter, Map, RequestRedirect

LARGEST_ID = 2**63 - 1


class IdConverter(IntegerConverter):
    """``<int:id>`` up to 64 bits: what no database can hold is an address that does not exist."""

    def __init__(self, map: Map, **options: object) -> None:
        super().__init__(map, **{"max": LARGEST_ID, **options})  # type: ignore[arg-type]


def init_app(app: Flask) -> None:
    app.url_map.converters["int"] = IdConverter
    app.before_request(_refuse_illegible)


def _refuse_illegible() -> None:
    """NUL reaches a database only by mistake or malice: PostgreSQL stops at it, SQLite cuts the text there."""
    if "\x00" in request.path or any("\x00" in part for pair in request.args.items(True) for part in pair):
        raise BadRequest


def local_path(text: str | None) -> str:
    """`text` where it is a page of this desk that can be opened, else Home. Never another site."""
    if not text or not text.startswith("/") or any(c in text for c in "\\\r\n\t\x00"):
        return "/"
    try:
        parts = urlsplit(text)
    except ValueError:
        return "/"
    if text.startswith("//") or parts.scheme or parts.netloc or not _opens(parts.path):
        return "/"
    return text


def same_origin() -> bool:
    """Does the browser say that a page of this desk sent the request? True where it says nothing (old browsers)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or urlsplit(origin).netloc == request.host


def _opens(path: str) -> bool:
    try:
        current_app.url_map.bind(request.host).match(unquote(path), method="GET")
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return True
