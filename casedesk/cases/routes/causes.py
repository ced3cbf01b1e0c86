"""The taxonomy of why: see, add, rename, retire, merge."""

from flask import flash, g, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.cases.actions import causes as deeds
from casedesk.cases.forms.causes import CauseForm, MergeForm, NewCauseForm
from casedesk.cases.queries.causes import CauseLine, cause_lines
from casedesk.cases.routes.blueprint import bp
from casedesk.kernel.errors import InvalidInput, NotFound
from casedesk.store.db import db
from casedesk.web.deed import once
from casedesk.web.locale import reader_locale


@bp.get("/causes")
@guard(Permission.CHANGE_CAUSES)
def causes() -> ResponseReturnValue:
    return _list(NewCauseForm(formdata=None))


@bp.post("/causes")
@guard(Permission.CHANGE_CAUSES)
def add_cause() -> ResponseReturnValue:
    form = NewCauseForm()
    if not form.validate_on_submit():
        return _list(form), 422

    def deed(session: Session) -> str:
        deeds.add_cause(session, form.to_command(), actor=g.actor, now=g.now)
        return url_for(".causes")

    try:
        response = once(form, deed)
    except InvalidInput as refused:
        form.refuse(refused)
        return _list(form), 422
    flash(_("The cause %(code)s is added.", code=form.code.data))
    return response


@bp.get("/causes/<int:cause_id>")
@guard(Permission.CHANGE_CAUSES)
def cause(cause_id: int) -> ResponseReturnValue:
    line, others = _found(cause_id)
    form = CauseForm(formdata=None, obj=line)
    return _page(line, form, MergeForm(others, formdata=None))


@bp.post("/causes/<int:cause_id>")
@guard(Permission.CHANGE_CAUSES)
def change_cause(cause_id: int) -> ResponseReturnValue:
    line, others = _found(cause_id)
    form, merge = CauseForm(), MergeForm(others, formdata=None)
    if not form.validate_on_submit():
        return _page(line, form, merge), 422

    def deed(session: Session) -> str:
        deeds.change_cause(session, form.to_command(cause_id), actor=g.actor, now=g.now)
        return url_for(".causes")

    try:
        response = once(form, deed)
    except InvalidInput as refused:
        form.refuse(refused)
        return _page(line, form, merge), 422
    flash(_("The cause %(code)s is changed.", code=line.code))
    return response


@bp.post("/causes/<int:cause_id>/merge")
@guard(Permission.CHANGE_CAUSES)
def merge_cause(cause_id: int) -> ResponseReturnValue:
    line, others = _found(cause_id)
    form, merge = CauseForm(formdata=None, obj=line), MergeForm(others)
    if not merge.validate_on_submit():
        return _page(line, form, merge), 422

    def deed(session: Session) -> str:
        deeds.merge_cause(session, cause_id, int(merge.into_id.data or 0), actor=g.actor, now=g.now)
        return url_for(".causes")

    try:
        response = once(merge, deed)
    except InvalidInput as refused:
        merge.refuse(refused)
        return _page(line, form, merge), 422
    flash(_("The cause %(code)s is merged.", code=line.code))
    return response


def _found(cause_id: int) -> tuple[CauseLine, list[tuple[int, str]]]:
    """The cause, and those that it can be merged into."""
    lines = cause_lines(db.session())
    found = next((line for line in lines if line.id == cause_id), None)
    if found is None:
        raise NotFound("not_found")
    return found, [(one.id, one.label(reader_locale())) for one in lines if one.in_use and one.id != cause_id]


def _list(form: NewCauseForm) -> str:
    lines = cause_lines(db.session())
    return render_template("cases/causes.html", form=form, causes=lines, locale=reader_locale())


def _page(line: CauseLine, form: CauseForm, merge: MergeForm) -> str:
    return render_template(
        "cases/cause.html", cause=line, form=form, merge=merge, name=line.label(reader_locale())
    )
