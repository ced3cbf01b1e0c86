"""Deeds on a case: exchanges, notes, corrections, facts, changes, closing, reading."""

from typing import Any

from flask import current_app, g, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.cases.actions import changing, exchanging, supplying
from casedesk.cases.commands import NewAttachment
from casedesk.cases.forms.changing import ChangeForm, ClosingForm, FactForm
from casedesk.cases.forms.writing import CorrectionForm, ExchangeForm, NoteForm, known_grade
from casedesk.cases.queries.sheet import sheet
from casedesk.cases.routes.blueprint import bp
from casedesk.cases.routes.case import WRITES, Shown, attempt, place_of
from casedesk.cases.routes.change_choices import offer
from casedesk.customers.fact_values import typed_parts, typed_value
from casedesk.kernel.errors import InvalidInput
from casedesk.policy.facts import vocabulary
from casedesk.store import blobs, drafts, uploads
from casedesk.store.db import db
from casedesk.store.uploads import Upload
from casedesk.web.deed import once
from casedesk.web.errors import sentence
from casedesk.web.form import DeskForm


@bp.post("/cases/<int:case_id>/exchanges")
@guard(Permission.WORK_CASE)
def record_exchange(case_id: int) -> Response:
    form = ExchangeForm()
    write = form.write.data if form.write.data in WRITES and form.write.data != "note" else "reply"
    found, told = read_uploads()

    def deed(session: Session) -> str:
        files = keep_uploads(session, found, form.grade.data)
        exchanging.record_exchange(session, form.to_command(case_id, files), actor=g.actor, now=g.now)
        drafts.drop(session, g.actor.id, place_of(case_id, write))
        return _back(case_id)

    said = _("Reply recorded; the mail leaves now.") if write == "reply" else _("Recorded.")
    return attempt(case_id, form, deed, Shown(write=write, form=form), said=said, told=told)


@bp.post("/cases/<int:case_id>/notes")
@guard(Permission.WORK_CASE)
def record_note(case_id: int) -> Response:
    form = NoteForm()

    def deed(session: Session) -> str:
        exchanging.record_note(session, form.to_command(case_id), actor=g.actor, now=g.now)
        drafts.drop(session, g.actor.id, place_of(case_id, "note"))
        return _back(case_id)

    return attempt(case_id, form, deed, Shown(write="note", form=form), said=_("Note recorded."))


@bp.post("/cases/<int:case_id>/corrections")
@guard(Permission.WORK_CASE)
def correct_entry(case_id: int) -> Response:
    form = CorrectionForm()

    def deed(session: Session) -> str:
        exchanging.correct_entry(session, form.to_command(case_id), actor=g.actor, now=g.now)
        drafts.drop(session, g.actor.id, place_of(case_id, "correct"))
        return _back(case_id)

    return attempt(
        case_id,
        form,
        deed,
        Shown(write="correct", form=form),
        said=_("Correction recorded; the earlier entry stays."),
    )


@bp.post("/cases/<int:case_id>/facts")
@guard(Permission.WORK_CASE)
def supply_fact(case_id: int) -> Response:
    form = FactForm()
    head = sheet(db.session(), g.actor, case_id, now=g.now)
    value, told = None, []
    if form.state.data == "known" and form.name.data:
        try:
            value = _typed_fact(form.name.data, form.value.data or "", head.case.currency)
        except ValueError as refused:
            told.append(("value", str(refused)))

    def deed(session: Session) -> str:
        supplying.supply_fact(session, form.to_command(case_id, value), actor=g.actor, now=g.now)
        return _back(case_id)

    return attempt(
        case_id, form, deed, Shown(fact=form), said=_("Fact set; the verdict is judged anew."), told=told
    )


def _typed_fact(name: str, text: str, currency: str) -> Any:
    """The value that was typed for fact `name`, in one field or in several. Raises ValueError."""
    zone = g.actor.time_zone
    if name in vocabulary() and vocabulary()[name].fields:
        return typed_parts(name, request.form, "value", currency=currency, zone=zone)
    return typed_value(name, text, currency=currency, zone=zone)


@bp.post("/cases/<int:case_id>/changes")
@guard(Permission.WORK_CASE)
def change_case(case_id: int) -> Response:
    form = ChangeForm()
    session = db.session()
    offer(session, form, sheet(session, g.actor, case_id, now=g.now), g.actor)

    def deed(session: Session) -> str:
        changing.change_case(session, form.to_command(case_id), actor=g.actor, now=g.now)
        return _back(case_id)

    return attempt(case_id, form, deed, Shown(change=form), said=_("Changes saved."))


@bp.post("/cases/<int:case_id>/closing")
@guard(Permission.WORK_CASE)
def close_case(case_id: int) -> Response:
    form = ClosingForm()

    def deed(session: Session) -> str:
        changing.close_case(session, form.to_command(case_id), actor=g.actor, now=g.now)
        return _back(case_id)

    return attempt(case_id, form, deed, Shown(closing=form), said=_("Case closed."))


@bp.post("/cases/<int:case_id>/reading")
@guard(Permission.WORK_CASE)
def mark_read(case_id: int) -> Response:
    def deed(session: Session) -> str:
        exchanging.mark_read(session, case_id, actor=g.actor)
        return _back(case_id)

    return once(DeskForm(), deed)


def read_uploads() -> tuple[list[Upload], list[tuple[str, str]]]:
    """The files of the request as they may be kept, and a sentence for each that may not."""
    limit = current_app.extensions["settings"].max_upload_mb
    found: list[Upload] = []
    told: list[tuple[str, str]] = []
    for sent in request.files.getlist("files"):
        if not sent.filename:
            continue
        try:
            found.append(uploads.check(sent.read(), sent.filename, limit_mb=limit))
        except InvalidInput as refused:
            told.append(("files", sentence(refused)))
    return found, told


def keep_uploads(session: Session, found: list[Upload], grade: str | None) -> list[NewAttachment]:
    """The files, kept by content within the deed."""
    return [
        NewAttachment(
            blobs.put(session, one.data, one.media_type, now=g.now),
            one.name,
            one.media_type,
            len(one.data),
            known_grade(grade),
        )
        for one in found
    ]


def _back(case_id: int) -> str:
    return url_for("cases.show", case_id=case_id)
