"""Ask for a mediation of a case from the desk."""

from flask import current_app, flash, g, make_response, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.cases import words as case_words
from casedesk.cases.commands import NewAttachment
from casedesk.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound, RuleBroken
from casedesk.mediation.actions.asking import request_mediation
from casedesk.mediation.forms.asking import RequestForm
from casedesk.mediation.queries.choices import case_for_request
from casedesk.mediation.routes.blueprint import bp
from casedesk.store import blobs, uploads
from casedesk.store.db import db
from casedesk.store.uploads import Upload
from casedesk.web.deed import once
from casedesk.web.errors import sentence


@bp.get("/mediation/new")
@guard(Permission.REQUEST_MEDIATION)
def new() -> Response:
    text = request.args.get("case", "")
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise NotFound("not_found")
    form = RequestForm(formdata=None)
    form.case_id.data = int(text)
    return _page(form, 200)


@bp.post("/mediation")
@guard(Permission.REQUEST_MEDIATION)
def ask() -> Response:
    form = RequestForm()
    found, told = _files()
    if not form.validate() or told:
        form.form_errors = [*form.form_errors, *told]
        return _page(form, 422)

    def deed(session: Session) -> str:
        kept = tuple(
            NewAttachment(
                blobs.put(session, one.data, one.media_type, now=g.now),
                one.name,
                one.media_type,
                len(one.data),
            )
            for one in found
        )
        file = request_mediation(session, form.to_command(kept), actor=g.actor, now=g.now)
        return url_for(".show", mediation_id=file.id)

    try:
        done = once(form, deed)
    except (InvalidInput, NotAllowed, RuleBroken) as refusal:
        form.refuse(refusal)
        return _page(form, 422)
    except Conflict as conflict:
        form.refuse(conflict)
        return _page(form, 409)
    flash(_("The request is on its way to a mediator."))
    return done


def _page(form: RequestForm, status: int) -> Response:
    case = case_for_request(db.session(), g.actor, form.case_id.data or 0)
    html = render_template("mediation/new.html", form=form, case=case, kind=case_words.KIND)
    response = make_response(html)
    response.status_code = status
    return response


def _files() -> tuple[list[Upload], list[str]]:
    limit = current_app.extensions["settings"].max_upload_mb
    found, told = [], []
    for sent in request.files.getlist("files")[:10]:
        if not sent.filename:
            continue
        try:
            found.append(uploads.check(sent.read(), sent.filename, limit_mb=limit))
        except InvalidInput as refused:
            told.append(sentence(refused))
    return found, told
