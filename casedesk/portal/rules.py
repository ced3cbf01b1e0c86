"""What holds of links, offers and papers, and what a customer reads of where the case stands."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from casedesk.kernel.money import MAXIMUM_MINOR

SUBJECTS = ("case", "mediation", "subscription")
LINK_LASTS = {
    "case": timedelta(days=60),
    "mediation": timedelta(days=240),
    "subscription": timedelta(days=14),
}
ACTS = (
    "message", "fact", "offer_accepted", "offer_refused", "mediation_asked", "statement", "document",
    "restatement_confirmed", "restatement_corrected", "proposal_accepted", "proposal_refused", "blind_offer",
    "withdrawal",
)  # fmt: skip
PAPERS = ("receipt", "proof", "agreement")
WAITING, RENDERED, FAILED = "waiting", "rendered", "failed"
OFFER_STATES = ("open", "accepted", "refused", "expired", "withdrawn")
MOST_OFFER_DAYS, USUAL_OFFER_DAYS = 60, 10

POSTS_PER_LINK, MISSES_PER_ORIGIN, CHECKS_PER_ORIGIN = 40, 60, 30
WINDOW = timedelta(minutes=15)

SHOWN_CHANNELS = ("mail", "portal", "letter", "chat")
"""Exchanges that the customer wrote or got in writing; what an agent noted of a call is the agent's."""

ANSWERABLE = frozenset(
    {
        "goods_received_at", "express_request", "unsealed", "service_fully_performed_at", "action_at", "used_days",
        "supply_begun_at", "loss_acknowledged", "express_consent", "consumer", "residence_country", "moved_at",
        "notice_sent_at", "supplied_over_period", "termination_effective_date", "court_seized", "legitimate_reason",
    }
)  # fmt: skip
"""Facts of which the customer is the one who knows; the rest the house must know itself."""


def is_open(*, expires_at: datetime, revoked_at: datetime | None, now: datetime) -> bool:
    """Does the link still open its page?"""
    return revoked_at is None and now < expires_at


def may_ask_mediation(
    *,
    kind: str,
    status: str,
    running: bool,
    has_body: bool,
    consumer: bool,
    decided_below: bool,
    since: timedelta,
) -> bool:
    """Is the way to the mediator shown? To a consumer, once the house has answered less than was asked, or not within
    two months of the complaint. Whether the mediator may take it is judged by the packs.

    Source: L612-2 Code de la consommation; the body's own waiting time is checked with the request.
    """
    if running or not has_body or not consumer or status == "waiting-approval" or kind == "chargeback":
        return False
    return decided_below or (status != "decided" and since >= timedelta(days=60))


@dataclass(frozen=True)
class Step:
    """One line of what happens: `code` names the words, `state` is done, now or ahead."""

    code: str
    state: str
    at: datetime | None = None
    until: datetime | None = None
    day: date | None = None


@dataclass(frozen=True)
class Progress:
    """What the steps are reckoned from."""

    status: str
    stage: str
    opened_at: datetime
    decided_at: datetime | None = None
    decide_by: datetime | None = None
    waits_for_customer: bool = False
    ended_on: date | None = None
    refund_minor: int = 0
    paid_at: datetime | None = None
    pay_by: datetime | None = None
    in_mediation: bool = False


def steps(p: Progress) -> list[Step]:
    """What was done, what happens now, what follows: in the order in which it happens."""
    told = [Step("received", "done", at=p.opened_at)]
    if p.waits_for_customer:
        told.append(Step("answer", "now"))
    if p.decided_at is not None:
        told.append(Step("decided", "done", at=p.decided_at))
    elif p.status == "closed":
        told.append(Step("closed", "done"))
    else:
        ahead = p.waits_for_customer or p.in_mediation
        told.append(Step("deciding", "ahead" if ahead else "now", until=p.decide_by))
    if p.ended_on is not None:
        told.append(Step("ends", "done", day=p.ended_on))
    if p.in_mediation:
        told.append(Step("mediating", "now"))
    if p.refund_minor:
        paid = Step("paid", "done", at=p.paid_at) if p.paid_at else Step("paying", "now", until=p.pay_by)
        told.append(paid)
    return told


def headline(p: Progress, outcome: str | None, *, offer: str = "") -> str:
    """Which sentence stands on top, by code. `offer`: the state of the newest offer (open: it can be answered)."""
    if offer == "open":
        return "offer"
    if p.in_mediation:
        return "mediation"
    if offer == "accepted" and p.decided_at is None and p.status != "closed":
        return "offer_accepted"
    if p.decided_at is not None:
        if p.refund_minor:
            return "paid" if p.paid_at else "paying"
        return "refused" if outcome == "refused" else "ended" if p.ended_on else "decided"
    if p.status == "closed":
        return "closed"
    return "answer" if p.waits_for_customer else "working"


def fault_of_offer(amount_minor: int | None, least_minor: int, asked_minor: int | None) -> str | None:
    """The code of what is wrong with the sum of an offer; None where it stands.

    The desk offers nothing below what the law gives: less than that is for the mediator's file, where both sides are
    told what is given up. Nor more than was asked for, where that is known and the law gives no more.
    """
    if amount_minor is None or amount_minor <= 0:
        return "offer.amount"
    if amount_minor < least_minor:
        return "offer.below_law"
    largest = MAXIMUM_MINOR if asked_minor is None else max(asked_minor, least_minor)
    return "offer.too_much" if amount_minor > largest else None
