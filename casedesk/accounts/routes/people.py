"""People: the list, one person, the one-time link by which somebody sets a password."""

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from casedesk.accounts import actions, links, queries
from casedesk.accounts.commands import ChangePerson
from casedesk.accounts.forms import PasswordForm, PersonForm, PlainForm
from casedesk.accounts.guard import guard, public
from casedesk.accounts.passwords import MINIMUM_LENGTH, hashed
from casedesk.accounts.permits import Permission
from casedesk.accounts.routes import bp
from casedesk.accounts.wording import ROLE_NAMES, SEES_NAMES
from casedesk.kernel.errors import CasedeskError, Conflict, InvalidInput, NotFound, RuleBroken
from casedesk.store.db import db
from casedesk.store.record import ActorRef
from casedesk.store.transaction import transaction
from casedesk.web.deed import once
from casedesk.web.errors import status_of


@bp.get("/people")
@guard(Permission.SEE_PEOPLE)
def people() -> ResponseReturnValue:
    return render_template(
        "accounts/people.html", people=queries.people(db.session()), roles=ROLE_NAMES, sees=SEES_NAMES
    )


@bp.get("/people/new")
@guard(Permission.CHANGE_PEOPLE)
def new_person() -> ResponseReturnValue:
    return _form_page(PersonForm(formdata=None), None)


@bp.post("/people")
@guard(Permission.CHANGE_PEOPLE)
def add_person() -> ResponseReturnValue:
    form = PersonForm()
    if not form.validate_on_submit():
        return _form_page(form, None), 422
    try:
        response = once(
            form,
            lambda session: url_for(
                "accounts.person",
                person_id=actions.add_person(session, form.to_data(), actor=g.actor.ref, now=g.now).id,
            ),
        )
    except InvalidInput as refused:
        form.refuse(refused)
        return _form_page(form, None), 422
    flash(_("%(name)s is added. Make a link so that they can set a password.", name=form.name.data))
    return response


@bp.get("/people/<int:person_id>")
@guard(Permission.SEE_PEOPLE)
def person(person_id: int) -> ResponseReturnValue:
    view = _view(person_id)
    return _form_page(PersonForm(formdata=None, obj=view), view)


@bp.post("/people/<int:person_id>")
@guard(Permission.CHANGE_PEOPLE)
def change_person(person_id: int) -> ResponseReturnValue:
    view = _view(person_id)
    form = PersonForm()
    if not form.validate_on_submit():
        return _form_page(form, view), 422
    command = ChangePerson(person_id, form.version.data or 0, form.to_data())
    try:
        response = once(form, lambda session: _changed(session, command))
    except (InvalidInput, RuleBroken, Conflict) as refused:
        form.refuse(refused)
        if isinstance(refused, Conflict):
            form.version.data = _view(person_id).version  # what is stored now stands beside what was typed
        return _form_page(form, _view(person_id)), status_of(refused)
    flash(_("%(name)s is changed.", name=form.name.data))
    return response


@bp.post("/people/<int:person_id>/departure")
@guard(Permission.CHANGE_PEOPLE)
def deactivate_person(person_id: int) -> ResponseReturnValue:
    view = _view(person_id)
    form = PlainForm()

    def deed(session: Session) -> str:
        actions.deactivate_person(session, person_id, actor=g.actor.ref, now=g.now)
        return url_for("accounts.person", person_id=person_id)

    try:
        response = once(form, deed)
    except RuleBroken as refused:
        kept = PersonForm(formdata=None, obj=view)
        kept.refuse(refused)
        return _form_page(kept, view), 422
    flash(_("%(name)s is deactivated and signed out everywhere.", name=view.name))
    return response


@bp.post("/people/<int:person_id>/return")
@guard(Permission.CHANGE_PEOPLE)
def reactivate_person(person_id: int) -> ResponseReturnValue:
    view = _view(person_id)

    def deed(session: Session) -> str:
        actions.reactivate_person(session, person_id, actor=g.actor.ref, now=g.now)
        return url_for("accounts.person", person_id=person_id)

    response = once(PlainForm(), deed)
    flash(_("%(name)s may sign in again.", name=view.name))
    return response


@bp.post("/people/<int:person_id>/password-link")
@guard(Permission.CHANGE_PEOPLE)
def make_link(person_id: int) -> ResponseReturnValue:
    """The link is shown once, on the answer itself: it is stored nowhere."""
    _view(person_id)
    with transaction() as session:
        person = actions.allow_password_link(session, person_id, actor=g.actor.ref, now=g.now)
        token = links.write(person.id, person.password_hash)
    return render_template(
        "accounts/link.html",
        person=_view(person_id),
        link=url_for("accounts.set_password", token=token, _external=True),
        until=g.now + links.LASTS,
    )


@bp.get("/password/<token>")
@public
def set_password(token: str) -> ResponseReturnValue:
    _person_of(token)
    return render_template(
        "accounts/set_password.html", form=PasswordForm(formdata=None), least=MINIMUM_LENGTH
    )


@bp.post("/password/<token>")
@public
def set_password_now(token: str) -> ResponseReturnValue:
    person_id, mail, stored = _person_of(token)
    form = PasswordForm()
    try:
        if not form.validate_on_submit():
            raise InvalidInput("password.again", field="again")
        if form.password.data != form.again.data:
            raise InvalidInput("password.differ", field="again")
        actions.check_password(form.password.data, mail)
        new = hashed(form.password.data)
        with transaction() as session:
            by = ActorRef("person", person_id)
            actions.set_password(session, person_id, new, replaces=stored, actor=by, now=g.now)
    except CasedeskError as refused:
        if not form.errors:
            form.refuse(refused)
        return render_template("accounts/set_password.html", form=form, least=MINIMUM_LENGTH), 422
    flash(_("The password is set. Sign in with it."))
    return redirect(url_for("accounts.sign_in"), 303)


def _person_of(token: str) -> tuple[int, str, str | None]:
    """(person, mail, stored password) of a link that can still be used. Raises NotFound."""
    read = links.read(token)
    view = queries.person(db.session(), read[0]) if read else None
    if read is None or view is None or not view.active:
        raise NotFound("password.link_spent")
    stored = queries.password_hash(db.session(), view.id)
    if not links.fits(read[1], stored):
        raise NotFound("password.link_spent")
    return view.id, view.mail, stored


def _changed(session: Session, command: ChangePerson) -> str:
    actions.change_person(session, command, actor=g.actor.ref, now=g.now)
    return url_for("accounts.person", person_id=command.person_id)


def _view(person_id: int) -> queries.PersonView:
    view = queries.person(db.session(), person_id)
    if view is None:
        raise NotFound("not_found")
    return view


def _form_page(form: PersonForm, view: queries.PersonView | None) -> str:
    teams = [(team.id, team.name) for team in queries.teams(db.session()) if team.active]
    return render_template(
        "accounts/person.html",
        form=form,
        person=view,
        teams=teams,
        roles=ROLE_NAMES,
        sees=SEES_NAMES,
        may_change=g.actor.may(Permission.CHANGE_PEOPLE),
    )
