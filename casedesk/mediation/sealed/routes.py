"""The doors of the sealed notes: set up, unlock, lock, seal, change the secrets, hand over, destroy."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casedesk.accounts import throttle
from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.kernel.errors import CasedeskError, Conflict, InvalidInput, NotFound, RuleBroken
from casedesk.mediation import sealing
from casedesk.mediation.sealed import actions, browser, queries
from casedesk.mediation.sealed.commands import Opened
from casedesk.mediation.sealed.forms import (
    ChangeForm,
    NewSecretsForm,
    NoteForm,
    SetUpForm,
    StartOverForm,
    UnlockForm,
)
from casedesk.store.db import db
from casedesk.store.transaction import transaction
from casedesk.web import errors
from casedesk.web.addresses import local_path
from casedesk.web.deed import once
from casedesk.web.form import DeskForm

bp = Blueprint("sealed", __name__)


@bp.get("/mediation/notes")
@guard(Permission.MEDIATE)
def notes() -> ResponseReturnValue:
    """One's own key: set it up, open and lock the notes, change the secrets."""
    return _keys_page()


@bp.post("/mediation/notes/setup")
@guard(Permission.MEDIATE)
def set_up() -> ResponseReturnValue:
    """The recovery code is shown once, on the answer itself: it is stored nowhere."""
    form = SetUpForm()
    return _renew(form, lambda session, wanted: actions.set_up(session, wanted, actor=g.actor, now=g.now))


@bp.post("/mediation/notes/secrets")
@guard(Permission.MEDIATE)
def change() -> ResponseReturnValue:
    """New secrets by the present passphrase or the recovery code; the key and the notes stay."""
    form = ChangeForm()

    def deed(session: Session, wanted: str) -> str:
        return actions.change_secrets(session, opened, wanted, actor=g.actor, now=g.now)

    try:
        opened = _by_either(form)
    except CasedeskError as refused:
        form.validate_on_submit()
        form.refuse(refused)
        return _keys_page(change=form), errors.status_of(refused)
    return _renew(form, deed)


@bp.post("/mediation/notes/anew")
@guard(Permission.MEDIATE)
def start_over() -> ResponseReturnValue:
    """Both secrets are lost: a new key, and the notes of the old one are gone."""
    form = StartOverForm()
    return _renew(form, lambda session, wanted: actions.start_over(session, wanted, actor=g.actor, now=g.now))


@bp.post("/mediation/notes/unlocking")
@guard(Permission.MEDIATE)
def unlock() -> ResponseReturnValue:
    form = UnlockForm()
    try:
        if not form.validate_on_submit():
            raise InvalidInput("notes.passphrase", field="passphrase")
        key = browser.unlock(_by_passphrase(form.typed), g.now)
    except CasedeskError as refused:
        form.refuse(refused)
        return _keys_page(unlock=form), errors.status_of(refused)
    return browser.give(redirect(_back(form.next.data), 303), key)


@bp.post("/mediation/notes/locking")
@guard(Permission.MEDIATE)
def lock() -> ResponseReturnValue:
    _plain_form()
    actions.end_unlocking(g.actor.id)
    flash(_("Your notes are locked."))
    return browser.take(redirect(url_for(".notes"), 303))


@bp.post("/mediation/<int:mediation_id>/notes")
@guard(Permission.MEDIATE)
def seal(mediation_id: int) -> ResponseReturnValue:
    """Seal a note. Where the notes locked themselves meanwhile, the passphrase is asked beside what was typed."""
    file = queries.sealed_file(db.session(), g.actor, mediation_id)
    form = NoteForm()
    key = None
    try:
        if not form.validate_on_submit():
            raise InvalidInput("notes.empty", field="sealed")
        opened = browser.opened(db.session(), g.now)
        if opened is None:
            if not form.typed:
                return _write_page(form, file), 422
            opened = _by_passphrase(form.typed)
            key = browser.unlock(opened, g.now)
        response = once(form, lambda session: _sealed(session, form, mediation_id, opened))
    except CasedeskError as refused:
        if not form.errors:
            form.refuse(refused)
        return _write_page(form, file), errors.status_of(refused)
    return browser.give(response, key) if key else response


@bp.get("/mediation/<int:mediation_id>/notes/leaving")
@guard(Permission.MEDIATE)
def leaving(mediation_id: int) -> ResponseReturnValue:
    """Notes of a file that one left: hand them over or destroy them. Those of a file that one has: destroy them."""
    return _leaving_page(mediation_id)


@bp.post("/mediation/<int:mediation_id>/notes/handover")
@guard(Permission.MEDIATE)
def hand_over(mediation_id: int) -> ResponseReturnValue:
    file, form = queries.sealed_file(db.session(), g.actor, mediation_id), UnlockForm()
    try:
        if not form.validate_on_submit():
            raise InvalidInput("notes.passphrase", field="passphrase")
        opened = browser.opened(db.session(), g.now) or _by_passphrase(form.typed)
        response = once(form, lambda session: _handed(session, mediation_id, opened))
    except CasedeskError as refused:
        form.refuse(refused)
        return _leaving_page(mediation_id, form), errors.status_of(refused)
    flash(_("%(name)s can read the notes of this file now; you no longer can.", name=file.successor))
    return response


@bp.post("/mediation/<int:mediation_id>/notes/destruction")
@guard(Permission.MEDIATE)
def destroy(mediation_id: int) -> ResponseReturnValue:
    queries.sealed_file(db.session(), g.actor, mediation_id)

    def deed(session: Session) -> str:
        actions.destroy(session, mediation_id, actor=g.actor, now=g.now)
        return url_for(".notes")

    response = once(_plain_form(), deed)
    flash(_("The notes of this file are destroyed."))
    return response


def _sealed(session: Session, form: NoteForm, mediation_id: int, opened: Opened) -> str:
    actions.seal(session, form.to_command(mediation_id), opened, actor=g.actor, now=g.now)
    return f"/mediation/{mediation_id}"


def _handed(session: Session, mediation_id: int, opened: Opened) -> str:
    actions.hand_over(session, mediation_id, opened, actor=g.actor, now=g.now)
    return url_for(".notes")


def _by_passphrase(typed: str) -> Opened:
    """Raises InvalidInput for a wrong passphrase, RuleBroken after too many, NotFound without a key."""
    row = _own_row()
    wait = throttle.count_attempt(f"notes-{g.actor.id}", f"notes-{g.actor.id}", g.now)
    if wait:
        raise RuleBroken("sign_in.throttled", minutes=wait, field="passphrase")
    opened = actions.open_by_passphrase(row, typed)
    throttle.forget(f"notes-{g.actor.id}", f"notes-{g.actor.id}")
    return opened


def _by_either(form: ChangeForm) -> Opened:
    if form.recovery.data:
        wait = throttle.count_attempt(f"recovery-{g.actor.id}", f"recovery-{g.actor.id}", g.now)
        if wait:
            raise RuleBroken("sign_in.throttled", minutes=wait, field="recovery")
        return actions.open_by_code(_own_row(), form.recovery.data)
    return _by_passphrase((form.passphrase.data or "")[:1_000])


def _own_row() -> Any:
    row = queries.secrets_of(db.session(), g.actor.id)
    if row is None:
        raise NotFound("notes.not_set_up")
    db.session.expunge(row)
    db.session.rollback()  # no connection waits while the key is drawn from the passphrase
    return row


def _renew(form: NewSecretsForm, deed: Any) -> ResponseReturnValue:
    """Make new secrets by `deed(session, passphrase)`, open the notes with them and show the recovery code once."""
    try:
        if not form.validate_on_submit():
            return _refused_page(form), 422
        wanted, again = form.wanted
        actions.check_passphrase(wanted, again, g.actor.mail)
        with transaction() as session:
            code = deed(session, wanted)
        row = _own_row()
        key = browser.unlock(actions.open_by_passphrase(row, wanted), g.now)
    except CasedeskError as refused:
        form.refuse(refused)
        return _refused_page(form), errors.status_of(refused)
    page = render_template("mediation/sealed/code.html", code=code, print_of=sealing.fingerprint(row.public))
    return browser.give(Response(page, mimetype="text/html"), key)


def _refused_page(form: NewSecretsForm) -> str:
    name = {SetUpForm: "set_up", ChangeForm: "change", StartOverForm: "anew"}[type(form)]
    return _keys_page(**{name: form})


def _keys_page(
    *,
    set_up: SetUpForm | None = None,
    change: ChangeForm | None = None,
    anew: StartOverForm | None = None,
    unlock: UnlockForm | None = None,
) -> str:
    session = db.session()
    keys = queries.keys_of(session, g.actor.id)
    return render_template(
        "mediation/sealed/keys.html",
        keys=keys,
        print_of=sealing.fingerprint(keys.public) if keys else "",
        is_open=bool(keys and browser.opened(session, g.now)),
        files=len(queries.files_with_key(session, g.actor.id)) if keys else 0,
        waiting=queries.left_behind(session, g.actor.id) if keys else [],
        least=sealing.MINIMUM_PASSPHRASE,
        set_up=set_up or SetUpForm(formdata=None),
        change=change or ChangeForm(formdata=None),
        anew=anew or StartOverForm(formdata=None),
        unlock=unlock or UnlockForm(formdata=None),
        changing=change is not None,
        starting=anew is not None,
    )


def _write_page(form: NoteForm, file: queries.SealedFile) -> str:
    return render_template(
        "mediation/sealed/write.html",
        form=form,
        file=file,
        locked=browser.opened(db.session(), g.now) is None,
    )


def _leaving_page(mediation_id: int, form: UnlockForm | None = None) -> str:
    session = db.session()
    file = queries.sealed_file(session, g.actor, mediation_id)
    theirs = queries.keys_of(session, file.successor_id) if file.successor_id else None
    return render_template(
        "mediation/sealed/leaving.html",
        file=file,
        theirs=theirs,
        print_of=sealing.fingerprint(theirs.public) if theirs else "",
        is_open=browser.opened(session, g.now) is not None,
        form=form or UnlockForm(formdata=None),
    )


def _plain_form() -> DeskForm:
    form = DeskForm()
    if not form.validate_on_submit():
        raise Conflict("store.stale")
    return form


def _back(text: str | None) -> str:
    place = local_path(text)
    return place if place != "/" else url_for(".notes")
