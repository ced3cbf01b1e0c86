"""Figures kept for each reader for a short while, and read anew after a deed of theirs."""

import time
from collections.abc import Callable

from flask import Flask, Response, current_app, g, request

KEPT_SECONDS = 20.0
"""So long a figure is shown without looking again; who saves something sees it counted at once."""

MOST_READERS = 1_000

Figures = dict[str, int]


def init_app(app: Flask) -> None:
    app.extensions["casedesk.kept"] = {}
    app.after_request(_look_again)


def figures(name: str, read: Callable[[], Figures]) -> Figures:
    """What `read` counts for the reader of this request, at most KEPT_SECONDS old. `name` tells one set from another."""
    kept: dict[int, dict[str, tuple[float, Figures]]] = current_app.extensions["casedesk.kept"]
    if len(kept) >= MOST_READERS:
        kept.clear()
    mine = kept.setdefault(_reader(), {})
    if name in mine and time.monotonic() - mine[name][0] < KEPT_SECONDS:
        return mine[name][1]
    found = read()
    mine[name] = (time.monotonic(), found)
    return found


def _look_again(response: Response) -> Response:
    if request.method == "POST":
        current_app.extensions["casedesk.kept"].pop(_reader(), None)
    return response


def _reader() -> int:
    actor = g.get("actor")
    return actor.id or 0 if actor else 0
