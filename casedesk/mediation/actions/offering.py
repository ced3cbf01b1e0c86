"""Blind offers: sealed on arrival, compared by `settle` and nowhere else; where they do not meet, nothing is told."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.deadlines import actions as deadlines
from casedesk.kernel.errors import Conflict, InvalidInput, NotFound, RuleBroken
from casedesk.mediation import commands as c
from casedesk.mediation import offer_key
from casedesk.mediation.actions import dating, notices, settling
from casedesk.mediation.actions.filing import (
    Open,
    end_of,
    local_day,
    locked,
    move,
    opened,
    settle_turn,
    write,
)
from casedesk.mediation.actions.proposing import check_ceiling, store
from casedesk.mediation.models import Answer, BlindOffer, OfferRound, Proposal
from casedesk.mediation.queries.money import refundable
from casedesk.mediation.rules.offers import MOST_OFFERS, Settled, may_offer, settle
from casedesk.mediation.rules.proposals import Part
from casedesk.mediation.rules.states import SIDES

LONGEST_ROUND_DAYS = 30
PAID_WITHIN_DAYS = 15


def open_offers(session: Session, command: c.OpenOffers, *, actor: Actor, now: datetime) -> OfferRound:
    """Begin a round by a rule that both know beforehand. Raises RuleBroken while another one is open."""
    at = opened(session, command.mediation_id, "open_offers", actor=actor)
    if command.distance_minor < 0 or command.distance_minor > refundable(session, at.case):
        raise InvalidInput("mediation.distance", field="distance")
    if not 0 < (command.expires_on - local_day(at.file, now)).days <= LONGEST_ROUND_DAYS:
        raise InvalidInput("mediation.expiry", field="expires_on", least=1, most=LONGEST_ROUND_DAYS)
    running = session.scalar(
        select(OfferRound.id).where(OfferRound.mediation_id == at.file.id, OfferRound.state == "open")
    )
    if running is not None:
        raise RuleBroken("mediation.offers_running")
    n = session.scalar(select(func.max(OfferRound.n)).where(OfferRound.mediation_id == at.file.id)) or 0
    body = {
        "n": n + 1,
        "distance_minor": command.distance_minor,
        "currency": at.file.currency,
        "expires_on": command.expires_on.isoformat(),
    }
    entry = write(session, at, "offers_opened", body, now=now)
    made = OfferRound(
        mediation_id=at.file.id,
        n=n + 1,
        distance_minor=command.distance_minor,
        currency=at.file.currency,
        opened_at=now,
        expires_at=end_of(at.file, command.expires_on),
        entry_id=entry.id,
    )
    session.add(made)
    session.flush()
    dating.keep_house(session, at.file, f"offers-{made.id}", command.expires_on, {"by": "mediator"}, now=now)
    notices.to_both(session, at, "offers", until=command.expires_on, now=now)
    settle_turn(session, at)
    return made


def offer_blind(session: Session, command: c.OfferBlind, *, actor: Actor, now: datetime) -> Settled | None:
    """Seal a figure; where both sides' newest figures meet, the mediation is agreed at the midpoint.

    The record says that an offer was made, never how much. Raises InvalidInput, Conflict, RuleBroken after three.
    """
    at = opened(session, command.mediation_id, "offer_blind", actor=actor)
    one = session.get(OfferRound, command.round_id, with_for_update=True, populate_existing=True)
    if one is None or one.mediation_id != at.file.id:
        raise NotFound("not_found")
    if one.state != "open" or now >= one.expires_at:
        raise Conflict("mediation.proposal_over")
    _check_figure(session, at, command)
    made = session.scalar(
        select(func.count()).where(BlindOffer.round_id == one.id, BlindOffer.side == at.side)
    )
    if not may_offer(made or 0):
        raise RuleBroken("mediation.offers_used", most=MOST_OFFERS)
    n = (made or 0) + 1
    session.add(
        BlindOffer(
            round_id=one.id,
            side=at.side,
            n=n,
            sealed=offer_key.seal(command.amount_minor, _place(one, at.side, n)),
            at=now,
        )
    )
    session.flush()
    write(session, at, "offer_made", {"round": one.n, "n": n}, now=now)
    settled = _settle(session, one)
    if settled is not None:
        _agree(session, at, one, settled, now)
    settle_turn(session, at)
    return settled


def end_round(session: Session, round_id: int, *, actor: Actor, now: datetime) -> bool:
    """The round's time is over. Did it end now?"""
    one = session.get(OfferRound, round_id)
    if one is None:
        return False
    file, case = locked(session, one.mediation_id)
    session.refresh(one, with_for_update=True)
    if one.state != "open" or now < one.expires_at:
        return False
    at = Open(file, case, actor, "system", "system")
    one.state = "ended"
    write(session, at, "offers_ended", {"n": one.n}, now=now)
    deadlines.stop(session, at.subject, f"offers-{one.id}", now=now)
    settle_turn(session, at)
    return True


def _settle(session: Session, one: OfferRound) -> Settled | None:
    """The only place that opens figures: the newest of each side, compared, forgotten."""
    rows = session.scalars(
        select(BlindOffer).where(BlindOffer.round_id == one.id).order_by(BlindOffer.n)
    ).all()
    newest = {row.side: row for row in rows}
    if set(newest) != set(SIDES):
        return None
    try:
        asks, pays = (
            offer_key.opened(newest[side].sealed, _place(one, side, newest[side].n)) for side in SIDES
        )
    except offer_key.Unreadable:
        raise Conflict("mediation.offers_key") from None
    return settle(asks, pays, one.distance_minor)


def _agree(session: Session, at: Open, one: OfferRound, settled: Settled, now: datetime) -> Proposal:
    """The midpoint as a proposal that both have accepted by their offers, and the agreement on it."""
    one.state, one.settled_minor = "settled", settled.amount_minor
    deadlines.stop(session, at.subject, f"offers-{one.id}", now=now)
    part = Part("refund", settled.amount_minor, within_days=PAID_WITHIN_DAYS)
    as_mediator = Open(at.file, at.case, at.actor, at.role, "mediator")
    command = c.Propose(at.file.id, (part,), expires_on=local_day(at.file, now))
    proposal = store(session, as_mediator, command, None, now=now)
    proposal.round_id, proposal.state = one.id, "accepted"
    for side in SIDES:
        body = {"n": proposal.n, "answer": "accepted", "round": one.n}
        accepting = Open(at.file, at.case, at.actor, at.role, side)
        entry = write(session, accepting, "answer", body, now=now)
        session.add(
            Answer(
                mediation_id=at.file.id,
                proposal_id=proposal.id,
                side=side,
                answer="accepted",
                how="link" if side == "customer" else "desk",
                entry_id=entry.id,
                at=now,
            )
        )
    session.flush()
    if at.file.state == "exchange":
        move(session, at, "proposal", now=now)
    settling.conclude(session, at, proposal, now=now)
    return proposal


def _check_figure(session: Session, at: Open, command: c.OfferBlind) -> None:
    if not 0 < command.amount_minor <= refundable(session, at.case):
        raise InvalidInput("mediation.part_too_large", field="amount")
    check_ceiling(session, at, command.amount_minor)
    below = at.side == "customer" and command.amount_minor < (at.case.verdict_minor or 0)
    if below and not command.understood:
        raise InvalidInput("mediation.understood", field="understood")


def _place(one: OfferRound, side: str, n: int) -> str:
    """What a sealed figure is bound to: moved elsewhere it does not open."""
    return f"{one.id}/{side}/{n}"
