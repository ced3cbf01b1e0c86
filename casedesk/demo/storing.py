"""Everyone and everything of the demo, stored by a few statements."""

import random
from datetime import timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from casedesk.customers.folding import key, phone_key
from casedesk.customers.models import Consent, ContactPoint, Customer, Disclosure, Period, Subscription
from casedesk.customers.naming import keep_words
from casedesk.demo.contracts import ZONES, Buyer, Contract
from casedesk.kernel.calendar import add_months
from casedesk.ledger import actions as ledger
from casedesk.ledger.rules import NewCharge


def store(session: Session, buyers: list[Buyer], contracts: list[Contract], rng: random.Random) -> None:
    """Store everyone and everything, and give each its id."""
    _store_buyers(session, buyers, rng)
    _store_contracts(session, contracts)
    charges = [(contract, paid) for contract in contracts for paid in contract.charges]
    charges.sort(key=lambda one: one[1].at)
    new = [
        NewCharge(
            reference=f"CH-{700_000 + n}",
            entity_id=contract.plan.entity_id,
            amount_minor=paid.amount,
            tax_minor=paid.amount - round(paid.amount / 1.2),
            currency=contract.plan.currency,
            captured_at=paid.at,
            customer_id=contract.buyer.id,
            subscription_id=contract.id,
            period_starts_on=paid.start,
            period_ends_on=paid.until,
            description=paid.description,
            network=contract.card[0].lower(),
            provider=paid.provider,
            provider_reference=f"py_{rng.getrandbits(64):016x}",
        )
        for n, (contract, paid) in enumerate(charges)
    ]
    for start in range(0, len(new), 1_000):
        ids = ledger.capture_many(session, new[start : start + 1_000])
        for (_, paid), charge_id in zip(charges[start : start + 1_000], ids, strict=True):
            paid.id = charge_id


def _ids(session: Session, model: Any, rows: list[dict[str, Any]]) -> list[int]:
    table = model.__table__
    return list(session.scalars(insert(table).returning(table.c.id, sort_by_parameter_order=True), rows))


def _store_buyers(session: Session, buyers: list[Buyer], rng: random.Random) -> None:
    ids = _ids(session, Customer, [_customer(n, buyer) for n, buyer in enumerate(buyers)])
    for buyer, customer_id in zip(buyers, ids, strict=True):
        buyer.id = customer_id
    keep_words(session, [(buyer.id, key(buyer.name)) for buyer in buyers])
    points = [row for buyer in buyers for row in _contact_points(buyer)]
    consents = [_consent(buyer, rng) for buyer in buyers if rng.random() < 0.6]
    session.execute(insert(ContactPoint.__table__), points)  # type: ignore[arg-type]
    session.execute(insert(Consent.__table__), consents)  # type: ignore[arg-type]


def _customer(n: int, buyer: Buyer) -> dict[str, Any]:
    return {
        "reference": f"C-{40_000 + n}",
        "kind": buyer.kind,
        "name": buyer.name,
        "name_key": key(buyer.name),
        "salutation": buyer.salutation,
        "locale": buyer.locale,
        "country": buyer.country,
        "city": buyer.city,
        "address": buyer.address,
        "time_zone": ZONES[buyer.country],
        "vulnerable": buyer.vulnerable,
        "created_at": buyer.since,
    }


def _contact_points(buyer: Buyer) -> list[dict[str, Any]]:
    lines = (("mail", buyer.mail, key(buyer.mail)), ("phone", buyer.phone, phone_key(buyer.phone)))
    return [
        {"customer_id": buyer.id, "kind": kind, "value": value, "value_key": folded, "preferred": True}
        for kind, value, folded in lines
    ]


def _consent(buyer: Buyer, rng: random.Random) -> dict[str, Any]:
    return {
        "customer_id": buyer.id,
        "purpose": "marketing_mail",
        "given": rng.random() < 0.7,
        "at": buyer.since,
        "source": "checkout",
    }


def _store_contracts(session: Session, contracts: list[Contract]) -> None:
    contracts.sort(key=lambda one: one.concluded)
    for n, one in enumerate(contracts):
        one.reference = one.reference or f"S-{112_000 + n}"
    ids = _ids(session, Subscription, [_subscription(one) for one in contracts])
    for one, subscription_id in zip(contracts, ids, strict=True):
        one.id = subscription_id
    periods = [row for one in contracts for row in _periods(one)]
    told = [row for one in contracts for row in _disclosures(one)]
    session.execute(insert(Period.__table__), periods)  # type: ignore[arg-type]
    session.execute(insert(Disclosure.__table__), told)  # type: ignore[arg-type]


def _subscription(one: Contract) -> dict[str, Any]:
    return {
        "reference": one.reference,
        "customer_id": one.buyer.id,
        "entity_id": one.plan.entity_id,
        "plan_id": one.plan.id,
        "terms_id": one.terms.id,
        "state": one.state,
        "channel": one.channel,
        "concluded_at": one.concluded,
        "accepted_at": one.concluded,
        "started_on": one.started,
        "ends_on": one.ends_on,
        "commitment_until": add_months(one.started, one.commitment) if one.commitment else None,
        "renewed_at": one.renewed_at,
        "billing_day": one.started.day,
        "price_minor": one.price,
        "currency": one.plan.currency,
        "payment_brand": one.card[0],
        "payment_last4": one.card[1],
        "payment_expiry": one.card[2],
        "source": one.acquisition[0],
        "medium": one.acquisition[1],
        "campaign": one.acquisition[2],
        "first_touch_at": one.concluded - timedelta(days=3),
    }


def _periods(one: Contract) -> list[dict[str, Any]]:
    """One for each first day that was charged, however often it was."""
    charged = {paid.start: paid for paid in reversed(one.charges) if paid.start and paid.until}
    return [
        {"subscription_id": one.id, "starts_on": start, "ends_on": paid.until, "price_minor": paid.amount}
        for start, paid in sorted(charged.items())
    ]


def _disclosures(one: Contract) -> list[dict[str, Any]]:
    return [
        {
            "subscription_id": one.id,
            "kind": line.kind,
            "given_at": line.at,
            "never": line.at is None,
            "medium": line.medium,
            "source": line.source,
            "recorded_at": line.at or one.concluded,
        }
        for line in one.told
    ]
