"""Slots: a page of a lower room shows what a higher room knows, without knowing the room."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from flask import Flask, current_app, g, render_template
from markupsafe import Markup
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from casedesk.store.db import db


@dataclass(frozen=True)
class Panel:
    """One piece of a page: who may see it, the query that fills it and the template that shows it.

    `query(session, actor, now, **context)` returns what the template knows as `panel`, or None to show nothing.
    `probe()` is an EXISTS with the context as parameters: the probes of a slot are asked in one statement, and
    `query` is told the answer as `there`, so that a page of many rooms asks each of them only where it has something.
    Panels read; they never write.
    """

    permission: object
    query: Callable[..., Any]
    template: str
    probe: Callable[[], ColumnElement[bool]] | None = None


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
    session = db.session()
    panels = [p for p in current_app.extensions["slots"].get(name, ()) if g.actor.may(p.permission)]
    probed = tuple(panel for panel in panels if panel.probe is not None)
    there = dict(zip(probed, _found(session, probed, context), strict=True))
    shown = []
    for panel in panels:
        more = {**context, "there": there[panel]} if panel in there else context
        data = panel.query(session, g.actor, g.now, **more)
        if data is not None:
            shown.append(render_template(panel.template, panel=data, **context))
    return Markup("").join(Markup(piece) for piece in shown)  # noqa: S704 - rendered by autoescaping templates


def _found(session: Session, panels: tuple[Panel, ...], context: Mapping[str, Any]) -> Iterable[bool]:
    """What the probes of `panels` answer, in their order, in one statement."""
    if not panels:
        return ()
    return [bool(one) for one in session.execute(_probes(panels), context).one()]


@cache
def _probes(panels: tuple[Panel, ...]) -> Select[*tuple[Any, ...]]:
    return select(*[panel.probe().label(f"there_{n}") for n, panel in enumerate(panels) if panel.probe])
