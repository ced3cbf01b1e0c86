"""Slots: a page of a lower room shows what a higher room knows, without knowing the room."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, g, render_template
from markupsafe import Markup
from sqlalchemy.orm import Session

from casedesk.store.db import db


@dataclass(frozen=True)
class Panel:
    """One piece of a page: who may see it, the query that fills it and the template that shows it.

    `query(session, actor, now, **context)` returns what the template knows as `panel`, or None to show nothing.
    Panels read; they never write.
    """

    permission: object
    query: Callable[..., Any]
    template: str


def init_app(app: Flask, rooms: Iterable[Mapping[str, list[Panel]]]) -> None:
    """Fill the one dictionary of slots from the rooms' PANELS, in the rooms' order."""
    slots: dict[str, list[Panel]] = {}
    for panels in rooms:
        for slot, members in panels.items():
            slots.setdefault(slot, []).extend(members)
    app.extensions["slots"] = slots
    app.jinja_env.globals["slot"] = render_slot


def render_slot(name: str, **context: Any) -> Markup:
    """The panels of slot `name` that the actor may see, one under the other."""
    shown = []
    for panel in current_app.extensions["slots"].get(name, ()):
        if not g.actor.may(panel.permission):
            continue
        data = panel.query(_session(), g.actor, g.now, **context)
        if data is not None:
            shown.append(render_template(panel.template, panel=data, **context))
    return Markup("").join(Markup(piece) for piece in shown)  # noqa: S704 - rendered by autoescaping templates


def _session() -> Session:
    return db.session()
