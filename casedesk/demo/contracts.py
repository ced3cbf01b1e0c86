"""Customers, their contracts and what they paid, drawn up in memory and stored by a few statements."""

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert
from sqlalchemy.orm import Session

from casedesk.customers.folding import key, phone_key
from casedesk.customers.models import (
    Consent,
    ContactPoint,
    Customer,
    Disclosure,
    Period,
    Plan,
    Subscription,
    Terms,
)
from casedesk.customers.naming import keep_words
from casedesk.kernel.calendar import add_months
from casedesk.ledger import actions as ledger
from casedesk.ledger.rules import NewCharge

ZONES = {"FR": "Europe/Paris", "GB": "Europe/London"}


@dataclass
class Buyer:
    """A customer of the demo; `id` is known once stored."""

    country: str
    name: str
    mail: str
    phone: str
    address: str
    city: str
    since: datetime
    kind: str = "consumer"
    salutation: str = ""
    vulnerable: bool = False
    drawn: bool = False
    """One of the design's people: nobody else's cases are theirs."""
    id: int = 0

    @property
    def locale(self) -> str:
        return "fr" if self.country == "FR" else "en"


@dataclass
class Paid:
    """A charge of a contract. `until` is exclusive."""

    amount: int
    on: date
    at: datetime
    start: date | None
    until: date | None
    description: str
    provider: str = "sandbox"
    id: int = 0


@dataclass
class Told:
    kind: str
    at: datetime | None
    medium: str
    source: str


@dataclass
class Contract:
    """A subscription of the demo with its charges, oldest first."""

    buyer: Buyer
    plan: Plan
    terms: Terms
    concluded: datetime
    channel: str
    price: int
    acquisition: tuple[str, str, str]
    card: tuple[str, str, str]
    state: str = "active"
    ends_on: date | None = None
    renewed_at: datetime | None = None
    commitment: int = 0
    charges: list[Paid] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    reference: str = ""
    id: int = 0

    @property
    def zone(self) -> str:
        return ZONES[self.buyer.country]

    @property
    def started(self) -> date:
        return self.concluded.astimezone(ZoneInfo(self.zone)).date()

    def bill(
        self, until: datetime, rng: random.Random, *, old_price: int | None = None, raised: date | None = None
    ) -> None:
        """Draw up the charges from the conclusion to `until`; before `raised` they are at the old price."""
        step, n = self.plan.interval_months, 0
        while True:
            start = add_months(self.started, step * n)
            at = self.concluded if n == 0 else _morning(start, self.zone, rng)
            if at >= until or (n and not step):
                break
            price = old_price if old_price and raised and start < raised else self.price
            end = add_months(self.started, step * (n + 1)) if step else add_months(start, 3)
            self.charges.append(Paid(price, start, at, start, end, self.plan.name))
            if self.commitment and n and step * n % self.commitment == 0:
                self.renewed_at = at
            n += 1


def _morning(day: date, zone: str, rng: random.Random) -> datetime:
    return datetime.combine(day, time(5, rng.randrange(60), rng.randrange(60)), ZoneInfo(zone)).astimezone(
        UTC
    )


def card(rng: random.Random, today: date) -> tuple[str, str, str]:
    """Brand, last four digits and expiry."""
    expiry = today + timedelta(days=rng.randint(20, 1_400))
    return rng.choice(("Visa", "Visa", "Mastercard", "CB")), f"{rng.randrange(10_000):04d}", f"{expiry:%Y-%m}"


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
    rows = [
        {
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
        for n, buyer in enumerate(buyers)
    ]
    for buyer, customer_id in zip(buyers, _ids(session, Customer, rows), strict=True):
        buyer.id = customer_id
    keep_words(session, [(buyer.id, key(buyer.name)) for buyer in buyers])
    points, consents = [], []
    for buyer in buyers:
        for kind, value, folded in (("mail", buyer.mail, key), ("phone", buyer.phone, phone_key)):
            points.append(
                {
                    "customer_id": buyer.id,
                    "kind": kind,
                    "value": value,
                    "value_key": folded(value),
                    "preferred": True,
                }
            )
        if rng.random() < 0.6:
            consents.append(
                {
                    "customer_id": buyer.id,
                    "purpose": "marketing_mail",
                    "given": rng.random() < 0.7,
                    "at": buyer.since,
                    "source": "checkout",
                }
            )
    session.execute(insert(ContactPoint.__table__), points)  # type: ignore[arg-type]
    session.execute(insert(Consent.__table__), consents)  # type: ignore[arg-type]


def _store_contracts(session: Session, contracts: list[Contract]) -> None:
    contracts.sort(key=lambda one: one.concluded)
    rows = []
    for n, one in enumerate(contracts):
        one.reference = one.reference or f"S-{112_000 + n}"
        rows.append(
            {
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
        )
    for one, subscription_id in zip(contracts, _ids(session, Subscription, rows), strict=True):
        one.id = subscription_id
    periods, told = [], []
    for one in contracts:
        seen = set()
        for paid in one.charges:
            if paid.start and paid.until and paid.start not in seen:
                seen.add(paid.start)
                periods.append(
                    {
                        "subscription_id": one.id,
                        "starts_on": paid.start,
                        "ends_on": paid.until,
                        "price_minor": paid.amount,
                    }
                )
        told += [
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
    session.execute(insert(Period.__table__), periods)  # type: ignore[arg-type]
    session.execute(insert(Disclosure.__table__), told)  # type: ignore[arg-type]
