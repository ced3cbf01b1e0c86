"""What a case shows of its customer's access: is there a link, was it opened, which offer waits."""

from dataclasses import dataclass
from datetime import datetime

from flask import url_for
from sqlalchemy import ColumnElement, bindparam, exists, or_
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.permits import Permission
from casedesk.mediation.models import Mediation
from casedesk.portal.models import Offer, PartyLink
from casedesk.portal.queries.case_view import OfferPart, offer_of
from casedesk.portal.queries.links import LinkLine, links_of
from casedesk.portal.queries.papers import agreement_paper
from casedesk.portal.tokens import grouped
from casedesk.web.form import DeskForm
from casedesk.web.slots import Panel


@dataclass(frozen=True)
class Access:
    """The newest open link, how many there were, the newest offer."""

    link: LinkLine | None
    offer: OfferPart | None
    form: DeskForm


def of_case(
    session: Session, actor: Actor, now: datetime, *, case_id: int, there: bool, **_: object
) -> Access:
    if not there:
        return Access(None, None, DeskForm(formdata=None))
    links = [one for one in links_of(session, ("case", case_id)) if one.is_open(now)]
    return Access(links[0] if links else None, offer_of(session, case_id), DeskForm(formdata=None))


def of_mediation(
    session: Session, actor: Actor, now: datetime, *, mediation_id: int, **_: object
) -> Access | None:
    """For the file's mediator: has its customer a link?"""
    file = session.get(Mediation, mediation_id)
    if file is None or file.mediator_id != actor.id:
        return None
    links = [one for one in links_of(session, ("mediation", mediation_id)) if one.is_open(now)]
    return Access(links[0] if links else None, None, DeskForm(formdata=None))


@dataclass(frozen=True)
class AgreementPaper:
    """The paper of an agreement, for those inside the file: where its PDF is, and the code that anyone checks."""

    url: str
    code: str


def of_agreement(
    session: Session, actor: Actor, now: datetime, *, mediation_id: int, agreement_id: int, **_: object
) -> AgreementPaper | None:
    paper = agreement_paper(session, actor, mediation_id, agreement_id)
    if paper is None:
        return None
    url = url_for("links.agreement", mediation_id=mediation_id) if paper.blob_digest else ""
    return AgreementPaper(url, grouped(paper.code))


def _reached() -> ColumnElement[bool]:
    """Was the customer ever given a link, or an offer?"""
    linked = exists().where(PartyLink.subject_kind == "case", PartyLink.subject_id == bindparam("case_id"))
    return or_(linked, exists().where(Offer.case_id == bindparam("case_id")))


PANELS = {
    "mediation.agreement": [Panel(Permission.SEE_MEDIATION, of_agreement, "portal/of_agreement.html")],
    "case.right": [Panel(Permission.WORK_CASE, of_case, "portal/of_case.html", _reached)],
    "mediation.right": [Panel(Permission.MEDIATE, of_mediation, "portal/of_mediation.html")],
}
