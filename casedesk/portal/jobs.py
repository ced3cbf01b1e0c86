"""What the worker does for the parties: draws papers, makes those of agreements, sends links to mediations, ends offers."""

import logging
from datetime import datetime, timedelta
from typing import Any

from flask import current_app
from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import not_a_person
from casedesk.documents import pdf
from casedesk.documents.tongue import Tongue
from casedesk.kernel.errors import RuleBroken
from casedesk.mediation.models import Mediation, Party
from casedesk.portal import tokens
from casedesk.portal.actions import agreeing, erasing, linking, offering, papers
from casedesk.portal.composing import Words
from casedesk.portal.models import Paper, PartyLink
from casedesk.portal.rules import FAILED, WAITING
from casedesk.portal.secret import base, mark
from casedesk.store.work import Call, Job, Timed

SYSTEM = not_a_person("system")

log = logging.getLogger("casedesk")

HEARD = ("admissible", "notified", "exchange", "proposal", "agreed")
"""States of a mediation in which its customer needs the page."""


def prepare(session: Session, job: Job, *, now: datetime) -> str | None:
    """The page to draw; None where it was drawn or erased meanwhile, or where this machine cannot draw."""
    paper = papers.locked_paper(session, job.payload["paper_id"])
    if paper.state not in (WAITING, FAILED) or not paper.content or not pdf.can_draw():
        return None
    return page(Words.from_plain(paper.content), paper)


def page(words: Words, paper: Paper) -> str:
    """The paper as the page that is drawn."""
    template = current_app.jinja_env.get_template("portal/paper.html")
    return template.render(
        words=words,
        code=tokens.grouped(paper.code),
        digest=paper.digest,
        check_at=f"{base()}/check",
        tongues={section.locale: Tongue(section.locale).gettext for section in words.sections},
    )


def call(html: str) -> bytes:
    """Draw; nothing leaves the house, so an attempt that was lost is simply made again."""
    return pdf.drawn_page(html)


def finish(session: Session, job: Job, result: bytes, *, now: datetime) -> None:
    papers.keep_pdf(session, job.payload["paper_id"], result, now=now)


def failed(session: Session, job: Job, error: str, *, final: bool, now: datetime) -> None:
    papers.mark_failed(session, job.payload["paper_id"], error, final=final)


def make_agreements(session: Session, _payload: dict[str, Any], *, now: datetime) -> None:
    """Agreements that were concluded since get their paper."""
    for agreement_id in agreeing.missing(session):
        agreeing.make_paper(session, agreement_id, now=now)


def send_links(session: Session, _payload: dict[str, Any], *, now: datetime) -> None:
    """Customers of running mediations without an open link get one by mail."""
    has_link = exists().where(
        PartyLink.subject_kind == "mediation",
        PartyLink.subject_id == Mediation.id,
        PartyLink.revoked_at.is_(None),
        PartyLink.expires_at > now,
    )
    waiting = session.scalars(
        select(Mediation.id)
        .join(Party, (Party.mediation_id == Mediation.id) & (Party.side == "customer"))
        .where(Mediation.state.in_(HEARD), Mediation.imported.is_(False), ~has_link)
        .where((Party.mail != "") | (Party.representative_mail != ""))
        .order_by(Mediation.id)
        .limit(50)
    ).all()
    for mediation_id in waiting:
        try:
            with session.begin_nested():  # a link that cannot be mailed is not made, and ends no other
                linking.renew_mediation_link(session, mediation_id, actor=SYSTEM, mark=mark, now=now)
        except RuleBroken as refusal:
            log.warning("mediation %s gets no link: %s", mediation_id, refusal.code)


def end_offers(session: Session, _payload: dict[str, Any], *, now: datetime) -> None:
    offering.expire_offers(session, actor=SYSTEM, now=now)


def erased(session: Session, payload: dict[str, Any], *, now: datetime) -> None:
    """The personal text of a case was erased: its links end, its papers lose their words."""
    erasing.erase_of_case(session, payload["case_id"], actor=SYSTEM, now=now)


HANDLERS = {
    "case.erased_from_portal": erased,
    "paper.agreements": make_agreements,
    "party.links": send_links,
    "offer.end": end_offers,
}
CALLS = {"paper.render": Call(prepare, call, finish, failed)}
SCHEDULE = (
    Timed("paper.agreements", timedelta(minutes=1)),
    Timed("party.links", timedelta(minutes=1)),
    Timed("offer.end", timedelta(minutes=5)),
)
