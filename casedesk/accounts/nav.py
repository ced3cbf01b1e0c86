"""The list of places on top of every page: what the actor may open and what exists."""

from dataclasses import dataclass

from flask import Flask, current_app, g, request
from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from casedesk.accounts.permits import Permission


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
    Place("/approvals", _l("Approvals"), "clipboard-check", "a", Permission.APPROVE),
    Place("/customers", _l("Customers"), "users", "u", Permission.SEE_CUSTOMERS),
    Place("/refunds", _l("Refunds"), "receipt-refund", "r", Permission.PAY_REFUNDS),
    Place("/mediation", _l("Mediation"), "scale", "m", Permission.MEDIATE),
    Place("/imports", _l("Imports"), "file-import", "i", Permission.IMPORT),
    Place("/people", _l("People"), "user-check", "p", Permission.SEE_PEOPLE),
)


@dataclass(frozen=True)
class NavItem:
    label: str
    url: str
    current: bool
    icon: str
    key: str | None
    count: int | None = None


def init_app(app: Flask) -> None:
    app.context_processor(lambda: {"nav": items()})


def items() -> list[NavItem]:
    """The places that the actor may open, in order; none before sign-in."""
    actor = g.get("actor")
    if actor is None:
        return []
    return [
        NavItem(str(place.label), place.path, _is_current(place.path), place.icon, place.key)
        for place in PLACES
        if actor.may(place.permission) and place.path in _pages()
    ]


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
