"""Letters as files, and having letters and mails leave again."""

from flask import Blueprint, g, make_response, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.cases.queries.sight import case_for
from casedesk.channels import actions as channels
from casedesk.channels.queries import subject_of_mail
from casedesk.documents import actions, queries
from casedesk.documents.rules import file_name
from casedesk.documents.tongue import Tongue
from casedesk.kernel.errors import InvalidInput, NotFound
from casedesk.store import blobs
from casedesk.store.db import db
from casedesk.web.deed import once
from casedesk.web.form import DeskForm

bp = Blueprint("documents", __name__)


@bp.get("/letters/<int:letter_id>.pdf")
@guard(Permission.SEE_CASES)
def letter(letter_id: int) -> Response:
    file = queries.letter_file(db.session(), g.actor, letter_id)
    if file.digest is None:
        raise NotFound("letter.waiting")
    name = file_name(file.case_number, Tongue(file.locale).gettext("Decision"))
    response = make_response(blobs.read(file.digest))
    response.mimetype = "application/pdf"
    response.headers.set("Content-Disposition", "inline", filename=name)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.post("/letters/<int:letter_id>/resend")
@guard(Permission.WORK_CASE)
def send_again(letter_id: int) -> Response:
    def deed(session: Session) -> str:
        letter = actions.send_again(session, letter_id, actor=g.actor, now=g.now)
        return url_for("cases.show", case_id=letter.case_id)

    return once(_form(), deed)


@bp.post("/letters/<int:letter_id>/posting")
@guard(Permission.WORK_CASE)
def posted(letter_id: int) -> Response:
    def deed(session: Session) -> str:
        letter = actions.mark_posted(session, letter_id, actor=g.actor, now=g.now)
        return url_for("cases.show", case_id=letter.case_id)

    return once(_form(), deed)


@bp.post("/mails/<int:mail_id>/resend")
@guard(Permission.WORK_CASE)
def resend_mail(mail_id: int) -> Response:
    def deed(session: Session) -> str:
        subject = subject_of_mail(session, mail_id)
        if subject is None or subject[0] != "case":
            raise NotFound("not_found")
        case = case_for(session, g.actor, subject[1], lock=True)
        channels.resend(session, mail_id, actor=g.actor.ref, now=g.now)
        return url_for("cases.show", case_id=case.id)

    return once(_form(), deed)


def _form() -> DeskForm:
    form = DeskForm()
    if not form.validate_on_submit():
        raise InvalidInput("page.bad")
    return form
