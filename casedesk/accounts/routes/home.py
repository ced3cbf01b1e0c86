"""Home, and one's own account: language, theme, password, where one is signed in."""

from flask import flash, g, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import login_user

from casedesk.accounts import actions, queries
from casedesk.accounts import sign_ins as running
from casedesk.accounts.forms import PasswordForm
from casedesk.accounts.guard import guard
from casedesk.accounts.passwords import MINIMUM_LENGTH, hashed, matches
from casedesk.accounts.permits import Permission
from casedesk.accounts.routes import bp
from casedesk.accounts.wording import browser_name
from casedesk.kernel.errors import InvalidInput
from casedesk.store.db import db
from casedesk.store.transaction import transaction


@bp.get("/")
@guard(Permission.SEE_HOME)
def home() -> ResponseReturnValue:
    return render_template("accounts/home.html")


@bp.get("/me")
@guard(Permission.SEE_HOME)
def me() -> ResponseReturnValue:
    return _page(PasswordForm(formdata=None))


@bp.post("/me/password")
@guard(Permission.SEE_HOME)
def change_password() -> ResponseReturnValue:
    """A new password for oneself; every other sign-in ends, this browser gets a new one."""
    form = PasswordForm()
    valid = form.validate_on_submit()
    stored = queries.password_hash(db.session(), g.actor.id)
    db.session.rollback()
    if valid and form.password.data != form.again.data:
        valid = form.refuse(InvalidInput("password.differ", field="again"))
    if valid and not matches((form.current.data or "")[:1000], stored):
        valid = form.refuse(InvalidInput("password.current", field="current"))
    if valid:
        try:
            actions.check_password(form.password.data, g.actor.mail)
        except InvalidInput as refused:
            valid = form.refuse(refused)
    if not valid:
        return _page(form), 422
    new = hashed(form.password.data)
    with transaction() as door:
        actions.set_password(door, g.actor.id, new, replaces=stored, actor=g.actor.ref, now=g.now)
    signed_in = running.begin(g.actor, request.headers.get("User-Agent", ""), g.now)
    session.clear()
    login_user(signed_in)
    flash(_("Your password is changed. You are signed out everywhere else."))
    return redirect(url_for("accounts.me"), 303)


def _page(form: PasswordForm) -> str:
    return render_template(
        "accounts/me.html",
        form=form,
        least=MINIMUM_LENGTH,
        browser_name=browser_name,
        sign_ins=queries.running_sign_ins(db.session(), g.actor.id, g.now - running.IDLE),
    )
