"""Plain builders that every test shares. Each stores its row at once and returns it.

Not inside an open transaction: a builder opens its own.
"""

import itertools
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from flask import current_app
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from casedesk.accounts import sign_ins
from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person, Team
from casedesk.accounts.passwords import hashed
from casedesk.customers.folding import key
from casedesk.customers.models import ContactPoint, Customer, Entity, Plan, Subscription, Terms
from casedesk.customers.naming import keep_words
from casedesk.store import clock
from casedesk.store.db import Base
from casedesk.store.transaction import transaction

NOW = datetime(2026, 11, 24, 9, 42, tzinfo=UTC)
"""The day of the mock-ups: Tue 24 Nov 2026, 10:42 in Paris."""

Row = TypeVar("Row", bound=Base)
_n = itertools.count(1)


def stored(row: Row) -> Row:
    """`row`, committed in a transaction of its own."""
    with transaction() as session:
        session.add(row)
    return row


def a_team(name: str | None = None) -> Team:
    return stored(Team(name=name or f"Team {next(_n)}"))


def a_person(role: str = "agent", *, password: str | None = None, **other: Any) -> Person:
    """Someone of the desk. Hashing takes time: give a password only where the test signs in by the form."""
    n = next(_n)
    values: dict[str, Any] = {
        "mail": f"person{n}@desk.example",
        "name": f"Inès Belkacem {n}",
        "created_at": NOW,
    }
    return stored(Person(role=role, password_hash=hashed(password) if password else None, **(values | other)))


def actor_of(person: Person) -> Actor:
    """The frozen actor of a person, for calling actions and queries directly."""
    return Actor(*(getattr(person, column.key) for column in sign_ins.PERSON_COLUMNS))


def an_entity(**other: Any) -> Entity:
    n = next(_n)
    values: dict[str, Any] = {
        "code": f"entity-{n}",
        "name": "Cimes",
        "legal_name": "Cimes SAS",
        "address": "12 rue des Tanneurs, 59000 Lille",
        "country": "FR",
        "locale": "fr",
        "time_zone": "Europe/Paris",
        "currency": "EUR",
        "sender_mail": "serviceclients@cimes.example",
        "mediator_body": {},
    }
    return stored(Entity(**(values | other)))


def a_customer(mail: str | None = None, **other: Any) -> Customer:
    """A consumer of Lille with one mail address."""
    n = next(_n)
    name = other.get("name", "Éléonore Vandenbroucke-Lefèvre")
    values: dict[str, Any] = {
        "reference": f"C-{n:05d}",
        "kind": "consumer",
        "name": name,
        "name_key": key(name),
        "locale": "fr",
        "country": "FR",
        "city": "Lille",
        "time_zone": "Europe/Paris",
        "created_at": NOW - timedelta(days=800),
    }
    customer = stored(Customer(**(values | other)))
    with transaction() as session:
        keep_words(session, [(customer.id, customer.name_key)])
    address = mail or f"customer{n}@courrier.example"
    stored(
        ContactPoint(
            customer_id=customer.id, kind="mail", value=address, value_key=key(address), preferred=True
        )
    )
    return customer


def a_plan(entity: Entity | None = None, **other: Any) -> Plan:
    entity = entity or an_entity()
    values: dict[str, Any] = {
        "code": f"integrale-{next(_n)}",
        "name": "Intégrale, 12 months",
        "contract_kind": "service",
        "interval_months": 12,
        "price_minor": 47_880,
        "currency": entity.currency,
    }
    return stored(Plan(entity_id=entity.id, **(values | other)))


def terms(entity: Entity | None = None, **other: Any) -> Terms:
    """One version of contract terms: 14 days of the house's own window, tacit renewal by twelve months."""
    entity = entity or an_entity()
    values: dict[str, Any] = {
        "code": f"2024-{next(_n):02d}",
        "valid_from": date(2024, 3, 1),
        "refund_window_days": 14,
        "proration": "days",
        "commitment_months": 12,
        "notice_months": 1,
        "renewal": "tacit",
        "renewal_months": 12,
        "billing_day_rule": "purchase_day",
        "fees": {},
        "clauses": {},
    }
    return stored(Terms(entity_id=entity.id, **(values | other)))


def a_subscription(
    customer: Customer | None = None, plan: Plan | None = None, accepted: Terms | None = None, **other: Any
) -> Subscription:
    """A running yearly contract concluded online on 12 October 2024, customer won by paid social."""
    customer = customer or a_customer()
    plan = plan or a_plan()
    if accepted is None:
        with transaction() as session:
            entity = session.get_one(Entity, plan.entity_id)
        accepted = terms(entity)
    values: dict[str, Any] = {
        "reference": f"S-{next(_n):06d}",
        "state": "active",
        "channel": "online",
        "concluded_at": datetime(2024, 10, 12, 8, 0, tzinfo=UTC),
        "accepted_at": datetime(2024, 10, 12, 8, 0, tzinfo=UTC),
        "started_on": date(2024, 10, 12),
        "billing_day": 12,
        "price_minor": plan.price_minor,
        "currency": plan.currency,
        "payment_brand": "Visa",
        "payment_last4": "4417",
        "payment_expiry": "2026-11",
        "source": "facebook",
    }
    return stored(
        Subscription(
            customer_id=customer.id,
            entity_id=plan.entity_id,
            plan_id=plan.id,
            terms_id=accepted.id,
            **(values | other),
        )
    )


def sign_in(client: FlaskClient, person: Person) -> FlaskClient:
    """`client`, signed in as `person` with a server-side sign-in of its own."""
    signed_in = sign_ins.begin(actor_of(person), "test", clock.now())
    with client.session_transaction() as session:
        session["_user_id"] = signed_in.get_id()
        session["_fresh"] = True
    return client


def csrf(client: FlaskClient) -> str:
    """A CSRF value that `client` may send with its next forms."""
    with client.session_transaction() as session:
        secret = session.setdefault("csrf_token", "0" * 40)
    return str(URLSafeTimedSerializer(current_app.secret_key or "", salt="wtf-csrf-token").dumps(secret))


def send(
    client: FlaskClient, url: str, fields: Mapping[str, Any] | None = None, **options: Any
) -> TestResponse:
    """POST a form as a browser does: with its CSRF value and a fresh one-time token."""
    hidden = {"csrf_token": csrf(client), "once": f"once-{next(_n)}"}
    return client.post(url, data={**hidden, **(fields or {})}, **options)
