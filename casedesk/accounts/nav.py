"""The list of places on top of every page: what the actor may open and what exists."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, current_app, g, request
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.permits import Permission
from casedesk.store.db import db
from casedesk.web import kept


@dataclass(frozen=True)
class Place:
    """One entry of the navigation; `key` is typed after g."""

    path: str
    label: LazyString
    icon: str
    key: str | None
    permission: Permission


PLACES = (
    Place("/", _l("Home"), "home", "h", Permission.SEE_HOME),
    Place("/cases", _l("Queue"), "inbox", "q", Permission.SEE_CASES),
    Place("/signals", _l("Signals"), "trending-up", "s", Permission.SEE_SIGNALS),
    Place("/mediation", _l("Mediation"), "scale", "m", Permission.SEE_MEDIATION),
    Place("/rulebook", _l("Rulebook"), "book", "b", Permission.SEE_RULES),
    Place("/reports", _l("Reports"), "chart-bar", "t", Permission.SEE_REPORTS),
    Place("/approvals", _l("Approvals"), "clipboard-check", "a", Permission.APPROVE),
    Place("/customers", _l("Customers"), "users", "u", Permission.SEE_CUSTOMERS),
    Place("/refunds", _l("Refunds"), "receipt-refund", "r", Permission.PAY_REFUNDS),
    Place("/mediation/panel", _l("Mediators"), "scale", None, Permission.ADMINISTER_PANEL),
    Place("/service-calendars", _l("Clocks"), "clock", "k", Permission.CHANGE_SERVICE),
    Place("/causes", _l("Causes"), "list-check", None, Permission.CHANGE_CAUSES),
    Place("/imports", _l("Imports"), "file-import", "i", Permission.IMPORT),
    Place("/people", _l("People"), "user-check", "p", Permission.SEE_PEOPLE),
)
"""In the order of the work: a wide page shows the first seven that the reader may open, the rest stand under More."""


@dataclass(frozen=True)
class NavItem:
    label: str
    url: str
    current: bool
    icon: str
    key: str | None
    count: int | None = None


Counter = Callable[[Session, Actor, datetime], dict[str, int]]
"""How many things wait for the actor at each place, by its path."""


def init_app(app: Flask, counter: Counter) -> None:
    app.extensions["casedesk.counter"] = counter
    app.context_processor(lambda: {"nav": items()})


def items() -> list[NavItem]:
    """The places that the actor may open, in order; none before sign-in. Made once for all templates of a page."""
    if "nav" not in g:
        g.nav = _items(g.get("actor"))
    made: list[NavItem] = g.nav
    return made


def _items(actor: Actor | None) -> list[NavItem]:
    if actor is None:
        return []
    counts = _counts(actor)
    return [
        NavItem(
            str(place.label),
            place.path,
            _is_current(place.path),
            place.icon,
            place.key,
            counts.get(place.path) or None,
        )
        for place in PLACES
        if actor.may(place.permission) and place.path in _pages()
    ]


def _counts(actor: Actor) -> dict[str, int]:
    """What waits for the actor; an error page shows the places without figures, for the database may be what failed."""
    if g.get("answering_an_error"):
        return {}
    return kept.figures(
        "places", lambda: current_app.extensions["casedesk.counter"](db.session(), actor, g.now)
    )


def _is_current(path: str) -> bool:
    return request.path == path or (path != "/" and request.path.startswith(path + "/"))


def _pages() -> frozenset[str]:
    """The addresses that can be opened, read once from the routes."""
    found = current_app.extensions.get("casedesk.pages")
    if found is None:
        found = frozenset(
            rule.rule for rule in current_app.url_map.iter_rules() if "GET" in (rule.methods or ())
        )
        current_app.extensions["casedesk.pages"] = found
    return found
