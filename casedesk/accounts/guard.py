"""The guard: every route declares who may use it; one that does not is refused at the start of the desk."""

from collections.abc import Callable
from typing import TypeVar

from flask import Flask, current_app, g, request
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user

from casedesk.accounts.permits import Permission
from casedesk.kernel.errors import NotAllowed
from casedesk.store import clock

View = TypeVar("View", bound=Callable[..., object])

PUBLIC = "public"


def guard(permission: Permission) -> Callable[[View], View]:
    """Let in who holds `permission`; who is signed out is sent to sign in."""

    def mark(view: View) -> View:
        view.casedesk_permit = permission  # type: ignore[attr-defined]
        return view

    return mark


def public(view: View) -> View:
    """Say that anybody may use this route."""
    view.casedesk_permit = PUBLIC  # type: ignore[attr-defined]
    return view


def permit_of(app: Flask, endpoint: str) -> object:
    """What the route of `endpoint` declares; None where it declares nothing."""
    if endpoint == "static":
        return PUBLIC
    return getattr(app.view_functions[endpoint], "casedesk_permit", None)


def init_app(app: Flask, sign_ins: LoginManager) -> None:
    """Check every request before its view runs."""
    sign_ins.init_app(app, add_context_processor=False)  # an error page asks the database for nobody
    app.before_request(_check)


def check_all_declared(app: Flask) -> None:
    """Raises RuntimeError naming the routes without a declaration: the desk does not start with one."""
    bare = sorted(e for e in app.view_functions if permit_of(app, e) is None)
    if bare:
        raise RuntimeError(f"routes without guard() or public(): {', '.join(bare)}")


def _check() -> ResponseReturnValue | None:
    g.now = clock.now()
    g.actor = None
    if request.endpoint == "static":
        return None
    if current_user.is_authenticated:
        g.actor = current_user.actor
    permit = permit_of(current_app, request.endpoint) if request.endpoint else PUBLIC
    if permit == PUBLIC:
        return None
    if g.actor is None:
        return current_app.login_manager.unauthorized()  # type: ignore[attr-defined]
    if not g.actor.may(permit):
        raise NotAllowed("not_allowed")
    return None
