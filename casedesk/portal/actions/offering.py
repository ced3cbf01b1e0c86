"""The desk's offers: make one for the customer to answer by link, take it back, let it end."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.cases.actions.exchanging import record_exchange
from casedesk.cases.actions.judging import owed
from casedesk.cases.actions.writing import locked_case, write_event
from casedesk.cases.commands import RecordExchange
from casedesk.cases.entries import ActLine
from casedesk.cases.models import Case
from casedesk.customers.models import Customer, Entity
from casedesk.documents.tongue import Tongue, language
from casedesk.kernel.errors import InvalidInput, NotAllowed, NotFound, RuleBroken
from casedesk.policy.verdict import Verdict
from casedesk.portal.actions.linking import Mark, mail_link, new_link
from casedesk.portal.commands import MakeOffer, NewLink
from casedesk.portal.models import Offer
from casedesk.portal.rules import MOST_OFFER_DAYS, fault_of_offer
from casedesk.rulebook.models import Judgement


def make_offer(session: Session, command: MakeOffer, *, actor: Actor, mark: Mark, now: datetime) -> Offer:
    """Offer a sum, and mail the customer the link to answer it. An earlier open offer gives way.

    Raises InvalidInput, also for less than the law gives, RuleBroken where none can be made now, NotAllowed above what the actor may decide alone.
    """
    case = locked_case(session, actor, command.case_id, command.case_version)
    if case.status in ("closed", "waiting-approval"):
        raise RuleBroken("offer.not_now")
    _check(session, case, command, actor, now)
    _withdraw_open(session, case, actor, now)
    entity = session.get_one(Entity, case.entity_id)
    customer = session.get(Customer, case.customer_id) if case.customer_id else None
    zone = customer.time_zone if customer else entity.time_zone
    tongue = Tongue(language(customer.locale if customer else entity.locale), zone)
    said = _said(tongue, command, case.currency)
    exchange = RecordExchange(
        case.id,
        "portal",
        False,
        said,
        acts=(ActLine("offer", declared_at=now, sent_at=now),),
        then_status="waiting-customer" if case.status in ("open", "waiting-third-party") else None,
    )
    entry = record_exchange(session, exchange, actor=actor, now=now)
    offer = Offer(
        case_id=case.id,
        state="open",
        amount_minor=command.amount_minor,
        currency=case.currency,
        by_rule_minor=case.verdict_minor,
        verdict_outcome=case.verdict_outcome,
        made_by=actor.id,
        made_at=now,
        expires_at=datetime.combine(command.until + timedelta(days=1), time(0), ZoneInfo(zone)),
        entry_id=entry.id,
    )
    session.add(offer)
    session.flush()
    link = new_link(session, NewLink("case", case.id), actor=actor, now=now)
    mail_link(session, link, mark=mark, now=now)
    return offer


def _said(tongue: Tongue, command: MakeOffer, currency: str) -> str:
    """The offer in the customer's language, and below it what the desk adds."""
    offered = tongue.gettext(
        "We offer you %(sum)s. You may answer until %(day)s.",
        sum=tongue.money(command.amount_minor, currency),
        day=tongue.day(command.until),
    )
    return f"{offered}\n\n{command.said}" if command.said else offered


def withdraw_offer(session: Session, case_id: int, offer_id: int, *, actor: Actor, now: datetime) -> None:
    """Take an open offer back. Raises NotFound, RuleBroken where it was answered."""
    case = locked_case(session, actor, case_id, None)
    offer = session.get(Offer, offer_id, with_for_update=True)
    if offer is None or offer.case_id != case.id:
        raise NotFound("not_found")
    if offer.state != "open":
        raise RuleBroken("offer.over")
    offer.state = "withdrawn"
    write_event(session, case, "offer_withdrawn", {"offer": offer.id}, actor=actor, now=now)
    session.flush()


def expire_offers(session: Session, *, actor: Actor, now: datetime) -> int:
    """Offers whose time is over fall; the case is the desk's again. How many."""
    over = session.scalars(
        select(Offer).where(Offer.state == "open", Offer.expires_at <= now).order_by(Offer.id).limit(200)
    ).all()
    for offer in over:
        case = session.scalars(select(Case).where(Case.id == offer.case_id).with_for_update()).one()
        offer.state = "expired"
        write_event(session, case, "offer_expired", {"offer": offer.id}, actor=actor, now=now)
    session.flush()
    return len(over)


def _check(session: Session, case: Case, command: MakeOffer, actor: Actor, now: datetime) -> None:
    least = _by_law(session, case)
    fault = fault_of_offer(command.amount_minor, least, case.claimed_minor)
    if fault:
        raise InvalidInput(fault, field="amount")
    beyond = command.amount_minor - (case.verdict_minor or 0)
    ceiling = max(actor.goodwill_ceiling_minor, actor.approval_ceiling_minor)
    if beyond > ceiling:
        raise NotAllowed("offer.ceiling", field="amount")
    local = now.astimezone(ZoneInfo(session.get_one(Entity, case.entity_id).time_zone)).date()
    if not 1 <= (command.until - local).days <= MOST_OFFER_DAYS:
        raise InvalidInput("offer.until", field="until", most=MOST_OFFER_DAYS)


def _by_law(session: Session, case: Case) -> int:
    """What the law itself gives by the case's verdict; 0 where it gives nothing or is open."""
    judgement = session.get(Judgement, case.judgement_id) if case.judgement_id else None
    if judgement is None:
        return 0
    due = owed(Verdict.from_canonical(judgement.verdict.encode()))
    return due.amount_minor or 0 if due.outcome == "allowed" and due.by_statute else 0


def _withdraw_open(session: Session, case: Case, actor: Actor, now: datetime) -> None:
    for offer in session.scalars(select(Offer).where(Offer.case_id == case.id, Offer.state == "open")):
        offer.state = "withdrawn"
        write_event(session, case, "offer_withdrawn", {"offer": offer.id}, actor=actor, now=now)
