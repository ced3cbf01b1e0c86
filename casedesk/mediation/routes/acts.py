"""Every act on a file: its form, its action in one transaction, back to the page that says so."""

from typing import Any

from flask import current_app, flash, g, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.cases.commands import NewAttachment
from casedesk.customers.fact_values import typed_value
from casedesk.kernel.errors import CasedeskError, Conflict, InvalidInput, NotAllowed, NotFound, RuleBroken
from casedesk.mediation.forms.acts import AddDocumentForm, FactForm
from casedesk.mediation.forms.base import OnFile
from casedesk.mediation.queries.page import FilePage, file_page
from casedesk.mediation.routes.blueprint import bp
from casedesk.mediation.routes.deeds import DEEDS, act_of
from casedesk.mediation.routes.file import opened_form, page_response
from casedesk.mediation.rules.admissibility import ASKED
from casedesk.store import blobs, uploads
from casedesk.store.db import db
from casedesk.store.uploads import Upload
from casedesk.web.deed import once
from casedesk.web.errors import sentence

MOST_FILES = 10


@bp.post("/mediation/<int:mediation_id>/acts/<act>")
@guard(Permission.SEE_MEDIATION)
def do(mediation_id: int, act: str) -> Response:
    """Do one act of the table; what is refused comes back on the page with what was typed."""
    if act not in DEEDS:
        raise NotFound("not_found")
    page = file_page(db.session(), g.actor, mediation_id, now=g.now)
    form = opened_form(page, act)
    if not page.may(act_of(act)):
        form.refuse(RuleBroken("mediation.act"))
        return page_response(page, "", form, 409)
    found = _files(form)
    if not form.validate() or not _read_fact(form, page):
        return page_response(page, act, form, 422)
    try:
        return _done(mediation_id, act, form, found)
    except Conflict as conflict:
        return _again(mediation_id, act, form, conflict, 409)
    except (InvalidInput, NotAllowed, RuleBroken) as refusal:
        return _again(mediation_id, act, form, refusal, 409 if refusal.code == "mediation.act" else 422)


def _done(mediation_id: int, act: str, form: OnFile, found: list[Upload]) -> Response:
    deed = DEEDS[act]
    done: list[bool] = []

    def run(session: Session) -> str:
        if isinstance(form, AddDocumentForm):
            form.kept = tuple(_keep(session, one) for one in found)
            for command in form.to_commands(mediation_id):
                deed.action(session, command, actor=g.actor, now=g.now)
        else:
            deed.action(session, form.to_command(mediation_id), actor=g.actor, now=g.now)
        done.append(True)
        return url_for(".show", mediation_id=mediation_id)

    response = once(form, run)
    if done:
        flash(str(deed.said))
    return response


def _again(mediation_id: int, act: str, form: OnFile, refusal: CasedeskError, status: int) -> Response:
    """The page as it stands now, with the form as it was typed; sent again, it is meant for what stands now."""
    form.refuse(refusal)
    page = file_page(db.session(), g.actor, mediation_id, now=g.now)
    form.version.data = str(page.file.version)
    return page_response(page, act if page.may(act_of(act)) else "", form, status)


def _files(form: OnFile) -> list[Upload]:
    """The files of the request as they may be kept; a sentence at the field for each that may not."""
    if not isinstance(form, AddDocumentForm):
        return []
    limit = current_app.extensions["settings"].max_upload_mb
    found, told = [], []
    for sent in request.files.getlist("files")[:MOST_FILES]:
        if not sent.filename:
            continue
        try:
            found.append(uploads.check(sent.read(), sent.filename, limit_mb=limit))
        except InvalidInput as refused:
            told.append(sentence(refused))
    if not found and not told:
        told.append(_("Choose a file."))
    if told:
        form.form_errors = [*form.form_errors, *told]
    form.files_refused = bool(told)
    return found


def _keep(session: Session, one: Upload) -> NewAttachment:
    digest = blobs.put(session, one.data, one.media_type, now=g.now)
    return NewAttachment(digest, one.name, one.media_type, len(one.data))


def _read_fact(form: OnFile, page: FilePage) -> bool:
    """The value of a fact, read by its name in the reader's spelling; False where it cannot be read."""
    if isinstance(form, AddDocumentForm):
        return not form.files_refused
    if not isinstance(form, FactForm) or form.state.data != "known":
        return True
    try:
        if form.name.data not in ASKED:
            raise ValueError(_("No rule reads a fact of this name. Choose one from the list."))
        value: Any = typed_value(
            form.name.data, form.value.data or "", currency=page.file.currency, zone=g.actor.time_zone
        )
    except ValueError as refused:
        form.value.errors = [*form.value.errors, str(refused)]
        return False
    form.typed = value
    return True
