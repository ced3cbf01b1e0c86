"""Carry out an offer that the customer accepted: the decision of whoever made it, under the guards of every decision."""

from datetime import datetime

from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor, not_a_person
from casedesk.accounts.models import Person
from casedesk.cases.actions import clocks
from casedesk.cases.actions.changing import move_to
from casedesk.cases.actions.deciding import propose_decision
from casedesk.cases.actions.telling import Word, tell
from casedesk.cases.actions.writing import write_event
from casedesk.cases.commands import MoneyLine, ProposeDecision
from casedesk.cases.escalation_jobs import actor_of
from casedesk.cases.models import Case
from casedesk.cases.queries.people import managers_of
from casedesk.documents.tongue import Tongue, language
from casedesk.kernel.errors import CasedeskError, RuleBroken
from casedesk.mediation.queries.money import charges_left
from casedesk.portal.models import Offer

PAID, RELEASED, BY_HAND = "paid", "released", "by_hand"
"""What follows an acceptance: the payment; a second person's release and then the payment; a person of the desk."""


def carry_out(session: Session, case: Case, offer: Offer, *, now: datetime) -> str:
    """Decide the refund that was accepted, and answer what follows, one of PAID, RELEASED, BY_HAND.

    Whoever made the offer stands for the decision, so that where a second person must agree it is not the same one. What
    a guard refuses (money that is gone, a decision that waits, a law that gives more by now) is on the record, and the
    desk is told: an accepted offer is never forgotten. The case is locked by the caller.
    """
    maker = actor_of(session.get_one(Person, offer.made_by))
    try:
        with session.begin_nested():
            decision = propose_decision(session, _command(session, case, offer, maker), actor=maker, now=now)
    except CasedeskError as refused:
        session.refresh(case)
        _leave_to_people(session, case, offer, refused.code, now)
        return BY_HAND
    told = {
        "offer": offer.id,
        "n": decision.n,
        "amount_minor": offer.amount_minor,
        "currency": offer.currency,
    }
    write_event(session, case, "offer_carried_out", told, actor=not_a_person("customer"), now=now)
    return PAID if decision.state == "effective" else RELEASED


def _command(session: Session, case: Case, offer: Offer, maker: Actor) -> ProposeDecision:
    tongue = Tongue(language(maker.locale), maker.time_zone)
    return ProposeDecision(
        case.id,
        case.version,
        _lines(session, case, offer.amount_minor),
        reason_code="agreed",
        reason_text=tongue.gettext(
            "The customer accepted the offer of %(sum)s by link.",
            sum=tongue.money(offer.amount_minor, offer.currency),
        ),
    )


def _lines(session: Session, case: Case, amount_minor: int) -> tuple[MoneyLine, ...]:
    """The sum over what is left of the disputed charges, the case's own first. Raises RuleBroken where it is not there."""
    lines, owed = [], amount_minor
    for one in charges_left(session, case):
        share = min(owed, one.left_minor)
        if share > 0:
            lines.append(MoneyLine(one.charge_id, share, "refund", "original"))
            owed -= share
    if owed:
        raise RuleBroken("offer.money_gone")
    return tuple(lines)


def _leave_to_people(session: Session, case: Case, offer: Offer, why: str, now: datetime) -> None:
    """The case is open and its time to decide runs; its owner, the maker of the offer and the managers are told."""
    system = not_a_person("system")
    write_event(session, case, "offer_by_hand", {"offer": offer.id, "why": why}, actor=system, now=now)
    if case.status in ("decided", "closed"):
        move_to(session, case, "open", actor=system, now=now, by_customer=True)
    if case.status != "waiting-approval" and not clocks.lives(session, case, "decide"):
        clocks.start(session, case, "decide", now=now)
    people = {case.owner_id, offer.made_by, *managers_of(session, case.team_id)} - {None}
    word = Word("offer_by_hand", f"offer-by-hand-{offer.id}", {}, by_mail=True)
    tell(session, case, [one for one in people if one is not None], word, now=now)
