"""Erase what links, offers and papers hold of a person. Codes, digests and what was agreed stay."""

from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.cases.actions.writing import write_event
from casedesk.cases.models import Case
from casedesk.mediation.models import Mediation
from casedesk.portal.actions.papers import erase_papers
from casedesk.portal.models import Offer, PartyLink


def erase_of_case(session: Session, case_id: int, *, actor: Actor, now: datetime) -> None:
    """Links of the case and its mediations open nothing, offers still open fall, papers keep code and digest only."""
    case = session.scalars(select(Case).where(Case.id == case_id).with_for_update()).one()
    files = session.scalars(select(Mediation.id).where(Mediation.case_id == case.id).order_by(Mediation.id))
    subjects = [("case", case.id), *(("mediation", mediation_id) for mediation_id in files)]
    if case.subscription_id is not None and not _kept(session, case):
        subjects.append(("subscription", case.subscription_id))
    _revoke(session, subjects, now)
    for offer in session.scalars(select(Offer).where(Offer.case_id == case.id, Offer.state == "open")):
        offer.state = "withdrawn"
        write_event(session, case, "offer_withdrawn", {"offer": offer.id}, actor=actor, now=now)
    for subject in subjects:
        erase_papers(session, subject, now=now)
    session.flush()


def _kept(session: Session, case: Case) -> bool:
    """Is a case of the same contract on legal hold? Then what was written on the contract is kept with it."""
    held = select(Case.id).where(Case.subscription_id == case.subscription_id, Case.legal_hold.is_(True))
    return session.scalar(held.limit(1)) is not None


def _revoke(session: Session, subjects: list[tuple[str, int]], now: datetime) -> None:
    mine = tuple_(PartyLink.subject_kind, PartyLink.subject_id).in_(subjects)
    for link in session.scalars(select(PartyLink).where(mine, PartyLink.revoked_at.is_(None))):
        link.revoked_at = now
