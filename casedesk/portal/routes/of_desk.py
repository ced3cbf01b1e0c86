"""The desk's side: send the customer a link, show its address once, revoke it, make an offer."""

from flask import flash, g, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from casedesk.accounts.guard import guard
from casedesk.accounts.permits import Permission
from casedesk.cases.queries.sight import case_for
from casedesk.kernel.errors import CasedeskError, InvalidInput, NotFound
from casedesk.mediation.models import Mediation
from casedesk.portal.actions import linking, offering
from casedesk.portal.commands import MakeOffer
from casedesk.portal.forms import OfferForm
from casedesk.portal.queries.case_view import offer_of
from casedesk.portal.queries.links import links_of, mail_of
from casedesk.portal.queries.papers import agreement_paper
from casedesk.portal.routes.blueprint import desk
from casedesk.portal.secret import address, mark
from casedesk.store import blobs
from casedesk.store.db import db
from casedesk.store.transaction import transaction
from casedesk.web import errors
from casedesk.web.deed import once
from casedesk.web.form import DeskForm


@desk.get("/cases/<int:case_id>/links")
@guard(Permission.WORK_CASE)
def links(case_id: int) -> Response:
    """The customer's access to the case, and the offer that waits."""
    return _page(case_id)


@desk.post("/cases/<int:case_id>/links")
@guard(Permission.WORK_CASE)
def send(case_id: int) -> Response:
    def deed(session: Session) -> str:
        linking.make_case_link(session, case_id, shown=False, actor=g.actor, mark=mark, now=g.now)
        return url_for("cases.show", case_id=case_id)

    form = _form()
    try:
        response = once(form, deed)
    except CasedeskError as refused:
        if isinstance(refused, NotFound):
            raise
        form.refuse(refused)
        return _page(case_id, plain=form, status=errors.status_of(refused))
    flash(_("A link to the case is on its way to the customer."))
    return response


@desk.post("/cases/<int:case_id>/links/address")
@guard(Permission.WORK_CASE)
def show_address(case_id: int) -> Response:
    """The address is shown once, on the answer itself: it is stored nowhere."""
    form = _form()
    with transaction() as session:
        link = linking.make_case_link(session, case_id, shown=True, actor=g.actor, mark=mark, now=g.now)
        there = address(link)
    return _page(case_id, shown=there, plain=form)


@desk.post("/cases/<int:case_id>/links/<int:link_id>/revocation")
@guard(Permission.WORK_CASE)
def revoke(case_id: int, link_id: int) -> Response:
    def deed(session: Session) -> str:
        linking.revoke(session, case_id, link_id, actor=g.actor, now=g.now)
        return url_for("links.links", case_id=case_id)

    response = once(_form(), deed)
    flash(_("The link opens nothing any more."))
    return response


@desk.post("/cases/<int:case_id>/offers")
@guard(Permission.DECIDE)
def make_offer(case_id: int) -> Response:
    case, form = case_for(db.session(), g.actor, case_id), OfferForm()
    form.amount.currency = case.currency
    until = form.until.data if form.validate_on_submit() else None
    if until is None:
        return _page(case_id, form=form, status=422)

    def deed(session: Session) -> str:
        command = MakeOffer(
            case_id, form.case_version.data or 0, form.amount.data or 0, form.said.data or "", until
        )
        offering.make_offer(session, command, actor=g.actor, mark=mark, now=g.now)
        return url_for("cases.show", case_id=case_id)

    try:
        response = once(form, deed)
    except CasedeskError as refused:
        form.refuse(refused)
        return _page(case_id, form=form, status=errors.status_of(refused))
    flash(_("The offer is with the customer."))
    return response


@desk.post("/cases/<int:case_id>/offers/<int:offer_id>/withdrawal")
@guard(Permission.DECIDE)
def withdraw_offer(case_id: int, offer_id: int) -> Response:
    def deed(session: Session) -> str:
        offering.withdraw_offer(session, case_id, offer_id, actor=g.actor, now=g.now)
        return url_for("links.links", case_id=case_id)

    response = once(_form(), deed)
    flash(_("The offer is taken back."))
    return response


@desk.post("/mediation/<int:mediation_id>/links")
@guard(Permission.MEDIATE)
def send_mediation_link(mediation_id: int) -> Response:
    """A fresh link for the customer's side; the one before it ends."""
    file = db.session().get(Mediation, mediation_id)
    if file is None or file.mediator_id != g.actor.id:
        raise NotFound("not_found")

    def deed(session: Session) -> str:
        linking.renew_mediation_link(session, mediation_id, actor=g.actor, mark=mark, now=g.now)
        return f"/mediation/{mediation_id}"

    response = once(_form(), deed)
    flash(_("A fresh link is on its way to the customer."))
    return response


@desk.get("/mediation/<int:mediation_id>/agreement.pdf")
@guard(Permission.SEE_MEDIATION)
def agreement(mediation_id: int) -> Response:
    """The agreement of a file, for its mediator and the company's representative."""
    paper = agreement_paper(db.session(), g.actor, mediation_id)
    if paper is None or paper.blob_digest is None:
        raise NotFound("not_found")
    response = Response(blobs.read(paper.blob_digest), mimetype="application/pdf")
    response.headers.set("Content-Disposition", "inline", filename="agreement.pdf")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _form() -> DeskForm:
    form = DeskForm()
    if not form.validate_on_submit():
        raise InvalidInput("page.bad")
    return form


def _page(
    case_id: int,
    *,
    shown: str = "",
    form: OfferForm | None = None,
    plain: DeskForm | None = None,
    status: int = 200,
) -> Response:
    session = db.session()
    case = case_for(session, g.actor, case_id)
    offer = form or OfferForm(formdata=None)
    if form is None:
        offer.case_version.data = case.version
    offer.amount.currency = case.currency
    html = render_template(
        "portal/desk.html",
        case=case,
        links=links_of(session, ("case", case_id)),
        mail=mail_of(session, case.customer_id),
        offer=offer_of(session, case_id),
        shown=shown,
        form=offer,
        plain=plain or DeskForm(formdata=None),
        may_offer=g.actor.may(Permission.DECIDE) and case.status not in ("closed", "waiting-approval"),
    )
    return Response(html, status=status, mimetype="text/html")
