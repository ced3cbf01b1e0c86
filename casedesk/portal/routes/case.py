"""The customer's page of a case, and every act on it."""

from typing import Any
from urllib.parse import quote

from flask import current_app, g, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casedesk.accounts.guard import public
from casedesk.cases.routes.files import SHOWN
from casedesk.cases.routes.writing import keep_uploads, read_uploads
from casedesk.customers.fact_values import typed_value
from casedesk.kernel.errors import CasedeskError, InvalidInput, NotFound
from casedesk.policy.facts import FactSpec, Kind, vocabulary
from casedesk.portal import tokens, words
from casedesk.portal.actions import speaking
from casedesk.portal.commands import AnswerOffer, AskMediation, Holder, Say, TellFact
from casedesk.portal.forms import FactForm, MediationForm, MessageForm, OfferAnswerForm
from casedesk.portal.models import Paper
from casedesk.portal.queries.case_view import CaseView, case_view, file_of_customer, letter_of_customer
from casedesk.portal.queries.papers import PaperView, paper_of
from casedesk.portal.routes import mediation as mediations
from casedesk.portal.routes.blueprint import bp, done, held, visited
from casedesk.portal.secret import address, mark
from casedesk.store import blobs
from casedesk.store.db import db
from casedesk.web import errors
from casedesk.web.deed import once
from casedesk.web.form import DeskForm


@bp.get("/my/<token>")
@public
def show(token: str) -> Response:
    """The page behind a link: a case, a mediation or a subscription."""
    party = held(token)
    visited(party)
    if party.subject_kind == "mediation":
        return mediations.page(party)
    return _page(_on_case(party))


@bp.post("/my/<token>/messages")
@public
def say(token: str) -> Response:
    party, form = held(token), MessageForm()
    files, told = read_uploads()
    form.said.validators = [] if files else form.said.validators
    ok = form.validate_on_submit() and not told
    for _field, sentence in told:
        form.files.errors = [*form.files.errors, sentence]
    if not ok:
        return _refused(party, message=form)

    def deed(session: Session) -> Paper:
        command = Say(form.said.data or "", tuple(keep_uploads(session, files, None)))
        return speaking.say(session, _on_case(party), command, mark=mark, now=g.now)

    try:
        return done(form, token, deed)
    except CasedeskError as refused:
        form.refuse(refused)
        return _refused(party, errors.status_of(refused), message=form)


@bp.post("/my/<token>/facts/<name>")
@public
def tell(token: str, name: str) -> Response:
    """The answer to a question on which the case depends."""
    party, form = _on_case(held(token)), FactForm()
    view = case_view(db.session(), party.subject_id, now=g.now)
    spec = vocabulary().get(name)
    if spec is None or name not in view.asks:
        raise NotFound("link.gone")
    try:
        if not form.validate_on_submit():
            raise InvalidInput("page.bad")
        command = _told(form, name, spec, view.currency, party)
    except ValueError as refused:
        form.value.errors = [str(refused)]
        return _refused(party, fact=(name, form))
    except CasedeskError as refused:
        form.refuse(refused)
        return _refused(party, errors.status_of(refused), fact=(name, form))
    try:
        return done(
            form, token, lambda session: speaking.tell_fact(session, party, command, mark=mark, now=g.now)
        )
    except CasedeskError as refused:
        form.refuse(refused)
        return _refused(party, errors.status_of(refused), fact=(name, form))


@bp.post("/my/<token>/offers/<int:offer_id>")
@public
def answer(token: str, offer_id: int) -> Response:
    party, form = _on_case(held(token)), OfferAnswerForm()
    try:
        if not form.validate_on_submit() or form.answer.data not in ("accept", "refuse"):
            raise InvalidInput("page.bad")
        command = AnswerOffer(
            offer_id, form.version.data or 0, form.answer.data == "accept", form.understood.data
        )
        return done(
            form, token, lambda session: speaking.answer_offer(session, party, command, mark=mark, now=g.now)
        )
    except CasedeskError as refused:
        form.refuse(refused)
        return _refused(party, errors.status_of(refused), offer=form)


@bp.get("/my/<token>/mediation")
@public
def mediation_asked(token: str) -> Response:
    return _mediation_page(_on_case(held(token)), MediationForm(formdata=None))


@bp.post("/my/<token>/mediation")
@public
def ask_mediation(token: str) -> Response:
    """Bring the case before the mediator; the answer leads to the mediation's own page."""
    party, form = _on_case(held(token)), MediationForm()
    if not form.validate_on_submit():
        return _mediation_page(party, form, 422)

    def deed(session: Session) -> str:
        command = AskMediation(form.said.data, form.court.data == "yes", form.other.data == "yes")
        paper, link = speaking.ask_mediation(session, party, command, mark=mark, now=g.now)
        there = address(link).rpartition("/")[2]
        return url_for(".receipt", token=there, code=paper.code)

    try:
        if not case_view(db.session(), party.subject_id, now=g.now).may_ask_mediation:
            raise NotFound("link.gone")
        return once(form, deed)
    except NotFound:
        raise
    except CasedeskError as refused:
        form.refuse(refused)
        return _mediation_page(party, form, errors.status_of(refused))


@bp.post("/my/<token>/proof")
@public
def prove(token: str) -> Response:
    """Have the proof of the request drawn."""
    party, form = _on_case(held(token)), DeskForm()
    if not form.validate_on_submit():
        raise InvalidInput("page.bad")
    return done(form, token, lambda session: speaking.make_proof(session, party, now=g.now))


@bp.get("/my/<token>/receipts/<code>")
@public
def receipt(token: str, code: str) -> Response:
    """What was received: the page that follows each act."""
    party = held(token)
    return Response(
        render_template(
            "portal/receipt.html", party=party, paper=_paper(party, code), grouped=tokens.grouped
        ),
        mimetype="text/html",
    )


@bp.get("/my/<token>/papers/<code>.pdf")
@public
def paper(token: str, code: str) -> Response:
    party = held(token)
    found = _paper(party, code)
    if found.blob_digest is None:
        raise NotFound("letter.waiting")
    return _sent(
        blobs.read(found.blob_digest), "application/pdf", f"{words.paper_name(found.kind)} {party.number}.pdf"
    )


@bp.get("/my/<token>/files/<int:file_id>")
@public
def file(token: str, file_id: int) -> Response:
    party = held(token)
    if party.subject_kind == "mediation":
        kept: Any = mediations.file_of(party, file_id)
    else:
        kept = file_of_customer(db.session(), _on_case(party).subject_id, file_id)
    return _sent(blobs.read(kept.digest), kept.media_type, kept.name)


@bp.get("/my/<token>/letters/<int:my_letter>")
@public
def letter(token: str, my_letter: int) -> Response:
    party = _on_case(held(token))
    digest = letter_of_customer(db.session(), party.subject_id, my_letter)
    return _sent(blobs.read(digest), "application/pdf", f"{words.paper_name('letter')} {party.number}.pdf")


def _paper(party: Holder, code: str) -> PaperView:
    return paper_of(db.session(), party.subject, tokens.read_code(code) or "")


def _sent(data: bytes, media_type: str, name: str) -> Response:
    response = Response(data, mimetype=media_type)
    how = "inline" if media_type in SHOWN else "attachment"
    response.headers["Content-Disposition"] = f"{how}; filename*=UTF-8''{quote(name, safe='')}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


def _on_case(party: Holder) -> Holder:
    """The party, if the link is one to a case. Raises NotFound."""
    if party.subject_kind != "case":
        raise NotFound("link.gone")
    return party


def _told(form: FactForm, name: str, spec: FactSpec, currency: str, party: Holder) -> TellFact:
    question = spec.you["fr" if party.locale == "fr" else "en"]
    state = form.state.data if form.state.data in ("known", "never", "unknown") else "known"
    if state == "unknown":
        return TellFact(name, state, None, question, _("I do not know."))
    if state == "never":
        return TellFact(name, state, None, question, _("That did not happen."))
    typed = form.value.data or ""
    value = typed_value(name, typed, currency=currency, zone=party.time_zone)
    return TellFact(name, state, value, question, words.said_value(spec, typed))


def _refused(party: Holder, status: int = 422, **forms: Any) -> Response:
    response = _page(_on_case(party), **forms)
    response.status_code = status
    return response


def _page(
    party: Holder,
    *,
    message: MessageForm | None = None,
    fact: tuple[str, FactForm] | None = None,
    offer: OfferAnswerForm | None = None,
) -> Response:
    view = case_view(db.session(), party.subject_id, now=g.now)
    facts = {name: _fact_form(name, fact) for name in view.asks}
    return Response(
        render_template(
            "portal/case.html",
            party=party,
            token=g.token,
            view=view,
            head=words.headline(view, party),
            steps=words.step_lines(view),
            message=message or MessageForm(formdata=None),
            writing=message is not None or bool(request.args.get("write")),
            facts=facts,
            specs=vocabulary(),
            kind_of=_control,
            offer_form=offer or _offer_form(view),
            proof_form=DeskForm(formdata=None),
            words=words,
            upload_limit=current_app.extensions["settings"].max_upload_mb,
        ),
        mimetype="text/html",
    )


def _offer_form(view: CaseView) -> OfferAnswerForm:
    form = OfferAnswerForm(formdata=None)
    form.version.data = view.offer.version if view.offer else 0
    return form


def _fact_form(name: str, came_back: tuple[str, FactForm] | None) -> FactForm:
    return came_back[1] if came_back and came_back[0] == name else FactForm(formdata=None)


def _control(spec: FactSpec) -> str:
    """Which control asks for a fact: day, choice, yes or no, else a line."""
    return {
        Kind.INSTANT: "day",
        Kind.MOMENT: "day",
        Kind.DAY: "day",
        Kind.FLAG: "flag",
        Kind.ENUMERATION: "choice",
    }.get(spec.kind, "line")


def _mediation_page(party: Holder, form: MediationForm, status: int = 200) -> Response:
    view = case_view(db.session(), party.subject_id, now=g.now)
    if not view.may_ask_mediation:
        raise NotFound("link.gone")
    page = render_template("portal/ask_mediation.html", party=party, token=g.token, view=view, form=form)
    return Response(page, status=status, mimetype="text/html")
