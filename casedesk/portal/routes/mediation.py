"""The customer's page of a mediation: its own rooms, one thing after the other."""

from typing import Any

from flask import current_app, g, render_template
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casedesk.accounts.guard import public
from casedesk.cases.routes.writing import keep_uploads, read_uploads
from casedesk.kernel.errors import CasedeskError, InvalidInput, NotFound
from casedesk.mediation import commands as c
from casedesk.portal import words
from casedesk.portal.actions import mediating
from casedesk.portal.commands import Holder
from casedesk.portal.forms import (
    BlindForm,
    FilesForm,
    LeaveForm,
    MessageForm,
    ProposalForm,
    RestatementForm,
    StatementForm,
)
from casedesk.portal.models import Paper
from casedesk.portal.queries.file_view import KeptDocument, document_of, file_view
from casedesk.portal.routes.blueprint import bp, done, held
from casedesk.portal.secret import mark
from casedesk.store.db import db
from casedesk.web import errors
from casedesk.web.form import DeskForm


@bp.post("/my/<token>/statement")
@public
def state(token: str) -> Response:
    """The party's words on a point."""
    party, form = _on_file(held(token)), StatementForm()
    form.amount.currency = _currency(party)

    def deed(session: Session) -> Paper:
        command = c.State(party.subject_id, form.point_id.data or 0, form.said.data, form.amount.data)
        return mediating.state(session, party, command, mark=mark, now=g.now)

    return _attempt(party, "statement", form, deed)


@bp.post("/my/<token>/documents")
@public
def add_documents(token: str) -> Response:
    party, form = _on_file(held(token)), FilesForm()
    files, told = read_uploads()
    for _field, sentence in told:
        form.files.errors = [*form.files.errors, sentence]
    if told:
        return page(party, 422, documents=form)

    def deed(session: Session) -> Paper:
        kept = keep_uploads(session, files, None)
        if not kept:
            raise InvalidInput("mediation.said", field="files")
        return mediating.add_document(
            session, party, kept, form.said.data or "", form.request_id.data, mark=mark, now=g.now
        )

    return _attempt(party, "documents", form, deed)


@bp.post("/my/<token>/words")
@public
def write(token: str) -> Response:
    """A message that the company and the mediator read."""
    party, form = _on_file(held(token)), MessageForm()
    return _attempt(
        party,
        "message",
        form,
        lambda session: mediating.write_message(session, party, form.said.data, mark=mark, now=g.now),
    )


@bp.post("/my/<token>/restatement")
@public
def answer_restatement(token: str) -> Response:
    party, form = _on_file(held(token)), RestatementForm()

    def deed(session: Session) -> Paper:
        corrected = form.corrected.data or "" if form.answer.data != "confirm" else ""
        if form.answer.data != "confirm" and not corrected:
            raise InvalidInput("mediation.said", field="corrected")
        command = c.AnswerRestatement(party.subject_id, form.restatement_id.data or 0, corrected)
        return mediating.answer_restatement(session, party, command, mark=mark, now=g.now)

    return _attempt(party, "restatement", form, deed)


@bp.post("/my/<token>/proposals/<int:my_proposal>")
@public
def answer_proposal(token: str, my_proposal: int) -> Response:
    party, form = _on_file(held(token)), ProposalForm()

    def deed(session: Session) -> Paper:
        if form.answer.data not in ("accept", "refuse"):
            raise InvalidInput("page.bad")
        command = c.AnswerProposal(
            party.subject_id,
            my_proposal,
            form.answer.data == "accept",
            form.understood.data,
            proposal_version=form.version.data,
        )
        return mediating.answer_proposal(session, party, command, mark=mark, now=g.now)

    return _attempt(party, "proposal", form, deed)


@bp.post("/my/<token>/figures")
@public
def offer_blind(token: str) -> Response:
    """Seal a figure."""
    party, form = _on_file(held(token)), BlindForm()
    form.amount.currency = _currency(party)

    def deed(session: Session) -> Paper:
        command = c.OfferBlind(
            party.subject_id, form.round_id.data or 0, form.amount.data or 0, form.understood.data
        )
        return mediating.offer_blind(session, party, command, mark=mark, now=g.now)

    return _attempt(party, "blind", form, deed)


@bp.get("/my/<token>/leaving")
@public
def leaving(token: str) -> Response:
    return _leaving(_on_file(held(token)), LeaveForm(formdata=None))


@bp.post("/my/<token>/leaving")
@public
def leave(token: str) -> Response:
    party, form = _on_file(held(token)), LeaveForm()
    if not form.validate_on_submit():
        return _leaving(party, form, 422)
    try:
        return done(
            form,
            token,
            lambda session: mediating.withdraw(session, party, form.said.data or "", mark=mark, now=g.now),
        )
    except CasedeskError as refused:
        form.refuse(refused)
        return _leaving(party, form, errors.status_of(refused))


def file_of(party: Holder, document_id: int) -> KeptDocument:
    return document_of(db.session(), party.subject_id, document_id)


def page(party: Holder, status: int = 200, **came_back: Any) -> Response:
    """The mediation as its customer sees it, with the form that came back."""
    view = file_view(db.session(), party.subject_id, now=g.now)
    forms: dict[str, Any] = {
        "statement": StatementForm(formdata=None),
        "documents": FilesForm(formdata=None),
        "message": MessageForm(formdata=None),
        "restatement": RestatementForm(formdata=None),
        "proposal": ProposalForm(formdata=None),
        "blind": BlindForm(formdata=None),
    }
    forms["statement"].amount.currency = forms["blind"].amount.currency = view.currency
    html = render_template(
        "portal/mediation.html",
        party=party,
        token=g.token,
        view=view,
        head=words.file_headline(view, g.now),
        forms=forms | came_back,
        came_back=set(came_back),
        words=words,
        upload_limit=current_app.extensions["settings"].max_upload_mb,
    )
    return Response(html, status=status, mimetype="text/html")


def _attempt(party: Holder, name: str, form: DeskForm, deed: Any) -> Response:
    if not form.validate_on_submit():
        return page(party, 422, **{name: form})
    try:
        return done(form, g.token, deed)
    except CasedeskError as refused:
        form.refuse(refused)
        return page(party, errors.status_of(refused), **{name: form})


def _currency(party: Holder) -> str:
    return file_view(db.session(), party.subject_id, now=g.now).currency


def _leaving(party: Holder, form: LeaveForm, status: int = 200) -> Response:
    view = file_view(db.session(), party.subject_id, now=g.now)
    if "withdraw" not in view.may:
        raise NotFound("link.gone")
    html = render_template("portal/leaving.html", party=party, token=g.token, view=view, form=form)
    return Response(html, status=status, mimetype="text/html")


def _on_file(party: Holder) -> Holder:
    """The party, if the link is one to a mediation. Raises NotFound."""
    if party.subject_kind != "mediation":
        raise NotFound("link.gone")
    return party
