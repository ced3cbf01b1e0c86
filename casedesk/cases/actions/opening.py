"""Log a case: number, first exchange, acts, facts, clocks and the first verdict, in one commit."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import BigInteger, String, bindparam, func, select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.cases.actions import clocks
from casedesk.cases.actions.judging import judge_case
from casedesk.cases.actions.supplying import store_fact
from casedesk.cases.actions.weighing import find_words, leave_weighing
from casedesk.cases.actions.writing import attach, begin, write, write_acts, write_event
from casedesk.cases.commands import OpenCase
from casedesk.cases.entries import ActLine, Exchange
from casedesk.cases.models import Case, CaseItem, Cause
from casedesk.cases.rules import CHANNELS, KINDS
from casedesk.customers.models import Customer, Entity, Subscription
from casedesk.kernel.errors import InvalidInput, NotFound
from casedesk.kernel.refs import case_number
from casedesk.ledger.models import Charge

LIVE_CHANNELS = ("phone", "chat", "meeting")
"""Channels on which the customer is answered while speaking."""

_USUAL_ACT = {"refund": "refund_request", "cancellation": "termination"}


@dataclass(frozen=True)
class _About:
    """What the case is about, as stored."""

    customer: Customer | None
    subscription: Subscription | None
    charge: Charge | None
    entity: Entity
    cause_id: int | None


_NAMED = (
    select(Customer, Subscription, Charge, Entity, Cause.id)
    .select_from(Entity)
    .outerjoin(Customer, Customer.id == bindparam("customer", type_=BigInteger))
    .outerjoin(Subscription, Subscription.id == bindparam("subscription", type_=BigInteger))
    .outerjoin(Charge, Charge.id == bindparam("charge", type_=BigInteger))
    .outerjoin(Cause, Cause.code == bindparam("cause", type_=String))
    .where(
        Entity.id
        == func.coalesce(
            Subscription.entity_id,
            Charge.entity_id,
            bindparam("entity", type_=BigInteger),
            select(func.min(Entity.id)).where(Entity.active).scalar_subquery(),
        )
    )
)
"""The business is that of the contract, else of the charge, else the one that is named, else the first that is in use."""


def open_case(session: Session, command: OpenCase, *, actor: Actor, now: datetime) -> int:
    """Log the case and return its id. Raises InvalidInput, NotFound."""
    said_at = _check(command, now)
    about = _about(session, command)
    case = _row(command, about, said_at, actor, now)
    session.add(case)
    session.flush()
    begin(session, case)
    year = now.astimezone(ZoneInfo(about.entity.time_zone)).year
    case.number = case_number(about.entity.case_prefix, year, case.id)
    session.add(
        CaseItem(
            case_id=case.id,
            subscription_id=command.subscription_id,
            charge_id=command.charge_id,
            claimed_minor=command.claimed_minor,
            currency=case.currency,
        )
    )
    with session.no_autoflush:  # its rows are written once, not at every question asked meanwhile
        _record_first(session, case, command, said_at, actor=actor, now=now)
        _start_clocks(session, case, now)
        session.flush()
        judge_case(session, case, actor=actor, now=now)
        session.flush()
    return case.id


def _about(session: Session, command: OpenCase) -> _About:
    """What the command names, in one statement. Raises NotFound, InvalidInput."""
    asked = {
        "customer": command.customer_id,
        "subscription": command.subscription_id,
        "charge": command.charge_id,
        "entity": command.entity_id,
        "cause": command.cause_code or None,
    }
    row = session.execute(_NAMED, asked).one_or_none()
    if row is None:
        raise InvalidInput("case.no_entity")
    customer, subscription, charge, entity, cause_id = row
    for wanted, found in (
        (command.customer_id, customer),
        (command.subscription_id, subscription),
        (command.charge_id, charge),
    ):
        if wanted is not None and found is None:
            raise NotFound("not_found")
    if command.cause_code and cause_id is None:
        raise InvalidInput("case.cause", field="cause")
    _check_belong(command, subscription, charge)
    return _About(customer, subscription, charge, entity, cause_id)


def _row(command: OpenCase, about: _About, said_at: datetime, actor: Actor, now: datetime) -> Case:
    subscription = about.subscription
    known = about.customer is not None
    return Case(
        entity_id=about.entity.id,
        kind=command.kind,
        priority=command.priority,
        owner_id=actor.id if command.take and actor.ref.kind == "person" else None,
        team_id=actor.team_id,
        customer_id=command.customer_id,
        claimed_name=None if known else command.claimed_name or None,
        claimed_contact=None if known else command.claimed_contact or None,
        subscription_id=command.subscription_id,
        charge_id=command.charge_id,
        stated_cause_id=about.cause_id,
        channel=command.channel,
        claimed_minor=command.claimed_minor,
        currency=command.currency or (about.charge or subscription or about.entity).currency,
        source=subscription.source if subscription else "unknown",
        medium=subscription.medium if subscription else "",
        campaign=subscription.campaign if subscription else "",
        vulnerable=bool(about.customer and about.customer.vulnerable),
        occurred_at=said_at,
        opened_at=now,
        last_contact_at=said_at,
        last_contact_channel=command.channel,
        last_contact_inbound=True,
        unread=command.channel not in LIVE_CHANNELS,
    )


def _check(command: OpenCase, now: datetime) -> datetime:
    if command.kind not in KINDS:
        raise InvalidInput("case.kind", field="kind")
    if command.channel not in CHANNELS:
        raise InvalidInput("case.channel", field="channel")
    said_at = command.said_at or now
    if said_at > now:
        raise InvalidInput("case.said_in_future", field="said_at")
    if command.claimed_minor is not None and command.claimed_minor < 0:
        raise InvalidInput("case.claimed", field="claimed_minor")
    if not command.customer_id and not (command.claimed_name or command.claimed_contact):
        raise InvalidInput("case.who", field="who")
    return said_at


def _check_belong(command: OpenCase, subscription: Subscription | None, charge: Charge | None) -> None:
    """A subscription or charge of somebody else would show one customer's money to another."""
    if subscription and subscription.customer_id != command.customer_id:
        raise InvalidInput("case.not_theirs", field="subscription_id")
    if charge and charge.customer_id != command.customer_id:
        raise InvalidInput("case.not_theirs", field="charge_id")
    if charge and subscription and charge.subscription_id not in (None, subscription.id):
        raise InvalidInput("case.charge_of_other", field="charge_id")


def _record_first(
    session: Session, case: Case, command: OpenCase, said_at: datetime, *, actor: Actor, now: datetime
) -> None:
    opened = {
        "kind": case.kind,
        "channel": case.channel,
        "source": case.source,
        "claimed_minor": case.claimed_minor,
        "currency": case.currency,
    }
    write_event(session, case, "opened", opened, actor=actor, now=now)
    acts = command.acts or _usual_acts(case, said_at, now)
    exchange = Exchange(
        channel=command.channel,
        inbound=True,
        said=command.said,
        counterpart=command.claimed_name,
        acts=acts,
        attachments=len(command.attachments),
    )
    entry = write(session, case, exchange.line(said_at), actor=actor, now=now)
    write_acts(session, case, entry, acts)
    attach(session, case, entry, command.attachments)
    find_words(session, case, entry, command.said)
    leave_weighing(session, case, str(entry.id), now=now)
    for fact in command.facts:
        store_fact(session, case, fact, actor=actor, now=now)


def _usual_acts(case: Case, said_at: datetime, now: datetime) -> tuple[ActLine, ...]:
    """What a first message of this kind is where the agent did not say: judged by its kind and channel."""
    kind = _USUAL_ACT.get(case.kind)
    if kind is None:
        kind = "written_complaint" if case.channel in ("mail", "letter", "portal") else "information"
    return (
        ActLine(
            kind,
            declared_at=said_at,
            sent_at=said_at,
            received_at=max(said_at, said_at if case.channel != "letter" else now),
        ),
    )


def _start_clocks(session: Session, case: Case, now: datetime) -> None:
    if case.channel in LIVE_CHANNELS:
        case.first_reply_at = now
        clocks.start(session, case, "decide", now=now)
    else:
        clocks.start(session, case, "first_reply", "decide", now=now)
