"""What happens to customers and their contracts. Each deed is an entry of the customer's own record."""

import secrets
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.customers import leaving, rules
from casedesk.customers.commands import (
    AddContact,
    AddCustomer,
    AddSubscription,
    ChangeCustomer,
    CustomerData,
    RecordConsent,
    RecordDisclosure,
)
from casedesk.customers.folding import key, phone_key
from casedesk.customers.models import (
    Consent,
    ContactPoint,
    Customer,
    Disclosure,
    Entity,
    Period,
    Plan,
    Subscription,
    Terms,
)
from casedesk.customers.naming import change_words, keep_words
from casedesk.kernel.errors import Conflict, InvalidInput, NotFound, RuleBroken
from casedesk.store import erasure, outbox
from casedesk.store.models import Entry
from casedesk.store.record import Line, append

PERSONAL = ("name", "salutation", "region", "city", "address", "main_activity")
"""Columns of a customer that say who it is: emptied by an erasure, kept out of the body of entries."""


def add_customer(session: Session, command: AddCustomer, *, actor: Actor, now: datetime) -> Customer:
    """A new customer with the contact points given. Raises InvalidInput."""
    values = _checked(command.data)
    reference = command.reference or f"new-{secrets.token_hex(8)}"
    customer = Customer(**values, reference=reference, name_key=key(command.data.name), created_at=now)
    session.add(customer)
    session.flush()
    keep_words(session, [(customer.id, customer.name_key)])
    if not command.reference:
        customer.reference = f"C-{customer.id:07d}"
    for kind, value in (("mail", command.mail), ("phone", command.phone)):
        if value:
            session.add(_contact(customer.id, kind, value, preferred=True))
    session.flush()
    _record(
        session, customer.id, "customer.added", {"kind": customer.kind}, {"name": customer.name}, actor, now
    )
    return customer


def change_customer(session: Session, command: ChangeCustomer, *, actor: Actor, now: datetime) -> Customer:
    """The customer as the command says; an empty kind leaves one that is not known unknown. Raises Conflict where somebody else changed them since, NotFound."""
    customer = _customer(session, command.customer_id)
    if customer.version != command.version:
        raise Conflict("customer.stale")
    unknown = not command.data.kind and not customer.kind_known
    values = _checked(replace(command.data, kind=customer.kind) if unknown else command.data)
    changes = {k: [getattr(customer, k), v] for k, v in values.items() if getattr(customer, k) != v}
    if not changes and (customer.kind_known or unknown):
        return customer
    customer.kind_known = not unknown
    for name, value in values.items():
        setattr(customer, name, value)
    customer.name_key = key(customer.name)
    session.flush()
    if "name" in changes:
        change_words(session, customer.id, customer.name_key)
    body = {k: v for k, v in changes.items() if k not in PERSONAL}
    text = {k: v for k, v in changes.items() if k in PERSONAL}
    _record(session, customer.id, "customer.changed", {"changes": body}, {"changes": text}, actor, now)
    return customer


def add_contact(session: Session, command: AddContact, *, actor: Actor, now: datetime) -> ContactPoint:
    """A further way to reach the customer. Raises InvalidInput where it is known already."""
    customer = _customer(session, command.customer_id)
    point = _contact(customer.id, command.kind, command.value, preferred=command.preferred)
    known = session.scalar(
        select(ContactPoint.id).where(
            ContactPoint.customer_id == customer.id,
            ContactPoint.kind == point.kind,
            ContactPoint.value_key == point.value_key,
        )
    )
    if known is not None:
        raise InvalidInput("contact.known", field="value")
    if point.preferred:
        session.execute(
            update(ContactPoint)
            .where(ContactPoint.customer_id == customer.id, ContactPoint.kind == point.kind)
            .values(preferred=False)
        )
    session.add(point)
    session.flush()
    _record(
        session,
        customer.id,
        "customer.contact_added",
        {"kind": point.kind},
        {"value": point.value},
        actor,
        now,
    )
    return point


def remove_contact(
    session: Session, customer_id: int, contact_id: int, *, actor: Actor, now: datetime
) -> None:
    """The contact point is gone from the customer; the record says that it was there. Raises NotFound."""
    customer = _customer(session, customer_id)
    point = session.scalars(
        select(ContactPoint).where(ContactPoint.id == contact_id, ContactPoint.customer_id == customer.id)
    ).one_or_none()
    if point is None:
        raise NotFound("not_found")
    session.delete(point)
    session.flush()
    _record(
        session,
        customer.id,
        "customer.contact_removed",
        {"kind": point.kind},
        {"value": point.value},
        actor,
        now,
    )


def record_consent(session: Session, command: RecordConsent, *, actor: Actor, now: datetime) -> Consent:
    """Consent given or withdrawn for a purpose, from now on. Raises InvalidInput."""
    customer = _customer(session, command.customer_id)
    if command.purpose not in rules.PURPOSES:
        raise InvalidInput("consent.purpose", field="purpose")
    if not command.source:
        raise InvalidInput("consent.source", field="source")
    consent = Consent(
        customer_id=customer.id, purpose=command.purpose, given=command.given, at=now, source=command.source
    )
    session.add(consent)
    session.flush()
    body = {"purpose": command.purpose, "given": command.given}
    _record(session, customer.id, "customer.consent", body, None, actor, now)
    return consent


def add_subscription(
    session: Session, command: AddSubscription, *, actor: Actor, now: datetime
) -> Subscription:
    """A contract of the customer on a plan under one version of its terms. Raises InvalidInput."""
    customer = _customer(session, command.customer_id)
    plan, terms = session.get(Plan, command.plan_id), session.get(Terms, command.terms_id)
    if plan is None or terms is None or terms.entity_id != plan.entity_id:
        raise InvalidInput("subscription.terms", field="terms_id")
    if not plan.active:
        raise InvalidInput("plan.retired", field="plan_id")
    if not session.get_one(Entity, plan.entity_id).active:
        raise InvalidInput("business.retired", field="plan_id")
    if command.concluded_at > now:
        raise InvalidInput("subscription.future", field="concluded_at")
    if command.started_on < command.concluded_at.astimezone(ZoneInfo(customer.time_zone)).date():
        raise InvalidInput("subscription.start", field="started_on")
    taken = select(Subscription.id).where(Subscription.reference == command.reference)
    if command.reference and session.scalar(taken) is not None:
        raise InvalidInput("subscription.taken", field="reference")
    subscription = Subscription(
        reference=command.reference or f"new-{secrets.token_hex(8)}",
        customer_id=customer.id,
        entity_id=plan.entity_id,
        plan_id=plan.id,
        terms_id=terms.id,
        state="active",
        channel=command.channel,
        concluded_at=command.concluded_at,
        accepted_at=command.concluded_at,
        started_on=command.started_on,
        commitment_until=command.commitment_until,
        billing_day=command.billing_day,
        price_minor=plan.price_minor,
        currency=plan.currency,
        source=command.source,
        medium=command.medium,
        campaign=command.campaign,
    )
    session.add(subscription)
    session.flush()
    if not command.reference:
        subscription.reference = f"S-{subscription.id:07d}"
        session.flush()
    body = {"subscription": subscription.id, "plan": plan.code, "terms": terms.code}
    _record(session, customer.id, "subscription.added", body, None, actor, now)
    return subscription


def record_disclosure(
    session: Session, command: RecordDisclosure, *, actor: Actor, now: datetime
) -> Disclosure:
    """What the customer was told, or that it never happened, with where that is known from. Raises InvalidInput."""
    subscription = _subscription(session, command.subscription_id)
    if command.kind not in rules.DISCLOSURES:
        raise InvalidInput("disclosure.kind", field="kind")
    if command.never == (command.given_at is not None):
        raise InvalidInput("disclosure.when", field="given_at")
    if command.given_at is not None and command.given_at > now:
        raise InvalidInput("disclosure.future", field="given_at")
    if not command.source:
        raise InvalidInput("disclosure.source", field="source")
    if command.medium and command.medium not in rules.media_of(command.kind):
        raise InvalidInput("disclosure.medium", field="medium")
    disclosure = Disclosure(
        subscription_id=subscription.id,
        kind=command.kind,
        given_at=command.given_at,
        never=command.never,
        medium="" if command.never else command.medium,
        source=command.source,
        recorded_at=now,
    )
    session.add(disclosure)
    session.flush()
    body = {
        "subscription": subscription.id,
        "kind": command.kind,
        "never": command.never,
        "given_at": command.given_at.isoformat() if command.given_at else None,
    }
    _record(session, subscription.customer_id, "subscription.disclosure", body, None, actor, now)
    outbox.put(
        session,
        "subscription.disclosed",
        key=f"disclosed-{disclosure.id}",
        due_at=now,
        now=now,
        subject=("subscription", subscription.id),
        subscription_id=subscription.id,
    )
    return disclosure


def end_subscription(
    session: Session,
    subscription_id: int,
    *,
    at_period_end: bool = False,
    ends_on: Any = None,
    actor: Actor,
    now: datetime,
) -> Subscription:
    """The contract ends with the paid period, on `ends_on`, or today in the customer's zone. Never later than it would."""
    subscription = _subscription(session, subscription_id)
    customer = session.get_one(Customer, subscription.customer_id)
    today = now.astimezone(ZoneInfo(customer.time_zone)).date()
    period_ends = session.scalar(
        select(func.max(Period.ends_on)).where(Period.subscription_id == subscription.id)
    )
    last = rules.end_of(at_period_end=at_period_end, asked=ends_on, today=today, period_ends_on=period_ends)
    if subscription.ends_on is not None:
        last = min(last, subscription.ends_on)
    before = [subscription.state, subscription.ends_on.isoformat() if subscription.ends_on else None]
    subscription.ends_on, subscription.state = last, rules.state_at(last, today)
    session.flush()
    body = {"subscription": subscription.id, "ends_on": last.isoformat(), "before": before}
    _record(session, subscription.customer_id, "subscription.ended", body, None, actor, now)
    return subscription


def erase(session: Session, customer_id: int, *, actor: Actor, now: datetime) -> None:
    """Nothing here says any more who the customer was. Contracts and money stay; other rooms follow. Raises RuleBroken."""
    customer = _customer(session, customer_id)
    if customer.legal_hold:
        raise RuleBroken("customer.legal_hold")
    blank(session, customer, now)
    texts = session.scalars(
        select(Entry.id).where(
            Entry.subject_kind == "customer", Entry.subject_id == customer_id, Entry.text_digest.is_not(None)
        )
    ).all()
    erasure.erase_texts(session, texts, actor=actor.ref, now=now, reason="customer_asked")
    _record(session, customer_id, "customer.erased", {}, None, actor, now)
    outbox.put(
        session,
        "customer.erased",
        key=f"customer-erased-{customer_id}",
        due_at=now,
        now=now,
        subject=("customer", customer_id),
        customer_id=customer_id,
    )
    erasure.list_erasure(
        session, "customer", key=f"erased-customer-{customer_id}", now=now, customer_id=customer_id
    )


def blank(session: Session, customer: Customer, now: datetime) -> None:
    """Empty what says who the customer was; also replayed after a backup from before the erasure is restored."""
    leaving.tell(session, customer, now)
    if "@" in customer.reference:  # some systems know people by their mail address
        customer.reference = f"erased-{customer.id}"
    for name in PERSONAL:
        setattr(customer, name, None if name == "main_activity" else "")
    customer.name_key, customer.employees, customer.vulnerable, customer.erased_at = "", None, False, now
    session.execute(delete(ContactPoint).where(ContactPoint.customer_id == customer.id))
    change_words(session, customer.id, "")
    session.execute(
        update(Subscription)
        .where(Subscription.customer_id == customer.id)
        .values(payment_brand="", payment_last4="", payment_expiry="", payment_fingerprint=None)
    )
    session.flush()


def _checked(data: CustomerData) -> dict[str, Any]:
    values = data.values()
    if not data.name:
        raise InvalidInput("customer.name", field="name")
    if data.kind not in rules.KINDS or data.locale not in rules.LOCALES:
        raise InvalidInput("customer.code", field="kind")
    if data.employees is not None and not 0 <= data.employees <= 10_000_000:
        raise InvalidInput("customer.employees", field="employees")
    return values


def _contact(customer_id: int, kind: str, value: str, *, preferred: bool) -> ContactPoint:
    if kind not in rules.CONTACT_KINDS:
        raise InvalidInput("contact.kind", field="kind")
    folded = phone_key(value) if kind == "phone" else key(value)
    if kind == "mail" and ("@" not in value.strip("@") or any(c.isspace() for c in value)):
        raise InvalidInput("contact.mail", field="value")
    if kind == "phone" and not 6 <= len(folded) <= 18:
        raise InvalidInput("contact.phone", field="value")
    return ContactPoint(
        customer_id=customer_id, kind=kind, value=value, value_key=folded, preferred=preferred
    )


def _customer(session: Session, customer_id: int) -> Customer:
    customer = session.scalars(
        select(Customer).where(Customer.id == customer_id).with_for_update()
    ).one_or_none()
    if customer is None:
        raise NotFound("not_found")
    if customer.erased_at is not None:
        raise RuleBroken("customer.erased")
    return customer


def _subscription(session: Session, subscription_id: int) -> Subscription:
    found = session.scalars(
        select(Subscription).where(Subscription.id == subscription_id).with_for_update()
    ).one_or_none()
    if found is None:
        raise NotFound("not_found")
    return found


def _record(
    session: Session,
    customer_id: int,
    kind: str,
    body: dict[str, Any],
    text: dict[str, Any] | None,
    actor: Actor,
    now: datetime,
) -> None:
    append(session, ("customer", customer_id), Line(kind, body, text), actor=actor.ref, now=now)
