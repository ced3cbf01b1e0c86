"""Sign in, sign out, and what a request gets that nobody signed."""

import json
from typing import Any

from flask import (
    Response,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, login_user, logout_user
from sqlalchemy.exc import DBAPIError

from casedesk.accounts import queries, rules, throttle
from casedesk.accounts import sign_ins as running
from casedesk.accounts.actor import Actor
from casedesk.accounts.forms import SignInForm
from casedesk.accounts.guard import guard, public
from casedesk.accounts.models import Person
from casedesk.accounts.passwords import matches
from casedesk.accounts.permits import Permission
from casedesk.accounts.routes import bp, sign_ins
from casedesk.kernel.errors import CasedeskError, InvalidInput, RuleBroken
from casedesk.store.db import db
from casedesk.store.transaction import transaction
from casedesk.web import errors, locale
from casedesk.web.addresses import local_path

YEAR = 365 * 86_400
sign_ins.session_protection = None  # the sign-in itself is kept, checked and ended by the server


@sign_ins.user_loader
def load(token: str) -> running.SignedIn | None:
    return running.find(db.session(), token, g.now)


@bp.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    if g.actor is not None:
        return redirect(local_path(request.args.get("next")), 303)
    return _page(SignInForm(next=request.args.get("next", "")))


@bp.post("/sign-in")
@public
def sign_in_now() -> ResponseReturnValue:
    form = SignInForm()
    mail, password = form.mail.data or "", (form.password.data or "")[:1000]
    form.validate()
    try:
        actor = _known(mail, password)
    except CasedeskError as refused:
        return _page(form, errors.sentence(refused)), errors.status_of(refused)
    _begin(actor)
    kept = _kept(form.kept.data)
    if kept is not None:
        return render_template("accounts/send_again.html", to=kept[0], typed=kept[1])
    return redirect(local_path(form.next.data), 303)


@bp.post("/sign-out")
@guard(Permission.SIGN_OUT)
def sign_out() -> ResponseReturnValue:
    running.end(current_user.get_id(), g.now)
    logout_user()
    session.clear()
    return redirect(url_for("accounts.sign_in"), 303)


@bp.post("/preferences")
@public
def prefer() -> ResponseReturnValue:
    """Language and theme: kept in a cookie, and with the person where somebody is signed in."""
    chosen = {
        name: value
        for name, allowed in (("locale", rules.LOCALES), ("theme", rules.THEMES))
        if (value := request.form.get(name)) in allowed
    }
    if not chosen:
        raise InvalidInput("preferences.unknown")
    if g.actor is not None:
        with transaction() as door:
            # Not through the mapped row: a colleague's save of this person must not be refused for a theme.
            people: Any = Person.__table__
            door.execute(people.update().where(people.c.id == g.actor.id).values(**chosen))
    response = redirect(local_path(request.form.get("next")), 303)
    for name, value in chosen.items():
        cookie = "lang" if name == "locale" else name
        secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
        response.set_cookie(cookie, str(value), max_age=YEAR, secure=secure, httponly=True, samesite="Lax")
    return response


@bp.get("/health")
@public
def health() -> ResponseReturnValue:
    """Does the desk answer, and does its database?"""
    try:
        db.session.execute(db.text("SELECT 1"))
    except DBAPIError:
        return {"database": "away"}, 503
    return {"database": "here"}


@sign_ins.unauthorized_handler
def nobody() -> ResponseReturnValue:
    """A request that needs somebody: to sign in, with the way back and with what was typed."""
    if request.headers.get("HX-Request"):
        back = request.headers.get("HX-Current-URL", "").partition(request.host)[2]
        return "", 401, {"HX-Redirect": url_for("accounts.sign_in", next=local_path(back))}
    if request.method in ("GET", "HEAD"):
        back = request.full_path.rstrip("?")
        return redirect(url_for("accounts.sign_in", next=back if back != "/" else None), 303)
    typed = errors.typed()
    if not typed or errors.wants_json():
        return errors.answer(401, "signed_out", str(errors.SENTENCES["signed_out"]))
    form = SignInForm(formdata=None)
    form.kept.data = json.dumps([request.full_path.rstrip("?"), typed])
    return _page(form, str(errors.SENTENCES["signed_out"]), about=_("You are signed out")), 401


def _known(mail: str, password: str) -> Actor:
    """The person of mail and password. Raises with one sentence for a wrong address and a wrong password."""
    wait = throttle.count_attempt(mail, request.remote_addr or "", g.now)
    if wait:
        raise RuleBroken("sign_in.throttled", minutes=wait)
    found = queries.for_sign_in(db.session(), mail)
    db.session.rollback()  # no connection waits while the password is compared
    if not matches(password, found[1] if found else None) or found is None:
        raise InvalidInput("sign_in.wrong")
    throttle.forget(mail, request.remote_addr or "")
    return found[0]


def _begin(actor: Actor) -> None:
    """Start the server-side sign-in under a new token, with nothing of the session before it."""
    signed_in = running.begin(actor, request.headers.get("User-Agent", ""), g.now)
    session.clear()
    g.pop("csrf_token", None)  # made from the session that was just thrown away
    login_user(signed_in)
    g.actor = actor
    locale.forget()


def _kept(text: str | None) -> tuple[str, list[tuple[str, str]]] | None:
    """(where to, what was typed) of a form that was sent while signed out."""
    try:
        to, typed = json.loads(text or "null")
        fields = [(str(name), str(value)) for name, value in typed]
    except (ValueError, TypeError):
        return None
    safe = isinstance(to, str) and to.startswith("/") and not to.startswith("//") and "\\" not in to
    return (to, fields) if safe else None


def _page(form: SignInForm, sentence: str | None = None, *, about: str | None = None) -> Response:
    faults = [("password", sentence)] if sentence else []
    return make_response(render_template("accounts/sign_in.html", form=form, errors=faults, about=about))
