"""What a reader sees of customers and their contracts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from casedesk.customers.finders import FINDERS, Found
from casedesk.customers.folding import key, phone_key, words_of
from casedesk.customers.models import (
    Consent,
    ContactPoint,
    Customer,
    CustomerWord,
    Disclosure,
    Entity,
    Period,
    Plan,
    Subscription,
    Terms,
)
from casedesk.customers.rules import DISCLOSURES
from casedesk.kernel.errors import NotFound
from casedesk.store.db import values

LAST = "\U0010ffff"

MOST_WORDS = 5
"""Words of a name that a look-up reads; who types more is understood already."""


@dataclass(frozen=True)
class CustomerHit:
    """A customer that a search found; `by` says through what."""

    id: int
    reference: str
    name: str
    kind: str
    city: str
    country: str
    mail: str | None
    by: str
    subscription_id: int | None
    charge_id: int | None


@dataclass(frozen=True)
class ContactLine:
    id: int
    kind: str
    value: str
    preferred: bool


@dataclass(frozen=True)
class ConsentLine:
    """The newest word of a customer on one purpose."""

    purpose: str
    given: bool
    at: datetime
    source: str


@dataclass(frozen=True)
class ContractLine:
    """A contract of a customer, for a list."""

    id: int
    reference: str
    state: str
    plan: str
    entity: str
    terms: str
    started_on: date
    ends_on: date | None
    price_minor: int
    currency: str
    source: str
    medium: str
    campaign: str
    first_touch_at: datetime | None


@dataclass(frozen=True)
class CustomerView:
    """Everything that this room knows of a customer."""

    id: int
    reference: str
    kind: str
    kind_known: bool
    name: str
    salutation: str
    locale: str
    country: str
    region: str
    city: str
    address: str
    time_zone: str
    employees: int | None
    main_activity: str | None
    vulnerable: bool
    legal_hold: bool
    created_at: datetime
    erased_at: datetime | None
    version: int
    contacts: tuple[ContactLine, ...]
    consents: tuple[ConsentLine, ...]
    contracts: tuple[ContractLine, ...]

    @property
    def acquisition(self) -> ContractLine | None:
        """The contract by which the customer first came."""
        return min(self.contracts, key=lambda line: line.started_on, default=None)


@dataclass(frozen=True)
class TermsLine:
    """One version of the terms, as data."""

    id: int
    code: str
    valid_from: date
    refund_window_days: int | None
    proration: str
    commitment_months: int
    notice_months: int
    renewal: str
    renewal_months: int
    billing_day_rule: str
    fees: dict[str, Any]
    clauses: dict[str, Any]


@dataclass(frozen=True)
class PeriodLine:
    starts_on: date
    ends_on: date
    price_minor: int


@dataclass(frozen=True)
class DisclosureLine:
    kind: str
    given_at: datetime | None
    never: bool
    medium: str
    source: str
    recorded_at: datetime


@dataclass(frozen=True)
class SubscriptionView:
    """A contract with the terms in force, their history, its periods and what was disclosed."""

    id: int
    reference: str
    customer_id: int
    customer: str
    entity: str
    plan_id: int
    plan: str
    contract_kind: str
    interval_months: int
    terms_id: int
    state: str
    channel: str
    concluded_at: datetime
    concluded_known: bool
    accepted_at: datetime
    started_on: date
    ends_on: date | None
    commitment_until: date | None
    renewed_at: datetime | None
    billing_day: int | None
    price_minor: int
    currency: str
    payment_brand: str
    payment_last4: str
    payment_expiry: str
    source: str
    medium: str
    campaign: str
    first_touch_at: datetime | None
    terms: tuple[TermsLine, ...]
    periods: tuple[PeriodLine, ...]
    disclosures: tuple[DisclosureLine, ...]

    @property
    def in_force(self) -> TermsLine:
        return next(line for line in self.terms if line.id == self.terms_id)

    @property
    def newest(self) -> dict[str, DisclosureLine | None]:
        """The newest word on every kind of disclosure; None where nothing is known."""
        known = {line.kind: line for line in reversed(self.disclosures)}
        return {kind: known.get(kind) for kind in DISCLOSURES}


def find(session: Session, text: str, limit: int = 10) -> list[CustomerHit]:
    """Customers by mail address, phone, the beginnings of words of the name, or the reference of customer, contract or charge. Indexes only."""
    text = text.strip()[:200]
    if len(text) < 2:
        return []
    found: dict[int, Found] = {}
    for one in _found(session, text, limit):
        found.setdefault(one.customer_id, one)
        if len(found) == limit:
            break
    return _hits(session, found)


def customer(session: Session, customer_id: int) -> CustomerView:
    """The customer with contact points, consents and contracts. Raises NotFound."""
    row = session.execute(_ONE, {"customer": customer_id}).one_or_none()
    if row is None:
        raise NotFound("not_found")
    hung_on = (
        _contacts(session, customer_id),
        _consents(session, customer_id),
        contracts(session, customer_id),
    )
    return CustomerView(*values((*row, *hung_on)))


def subscription(session: Session, subscription_id: int) -> SubscriptionView:
    """The contract with terms, periods and disclosures. Raises NotFound."""
    row = session.execute(
        select(*_SUBSCRIPTION)
        .join(Customer, Customer.id == Subscription.customer_id)
        .join(Entity, Entity.id == Subscription.entity_id)
        .join(Plan, Plan.id == Subscription.plan_id)
        .where(Subscription.id == subscription_id)
    ).one_or_none()
    if row is None:
        raise NotFound("not_found")
    hung_on = (
        _terms(session, row[0]),
        _periods(session, subscription_id),
        _disclosures(session, subscription_id),
    )
    return SubscriptionView(*values((*row[1:], *hung_on)))


def _found(session: Session, text: str, limit: int) -> Iterator[Found]:
    if "@" in text:
        yield from _by_contact(session, "mail", key(text), limit)
        return
    digits = phone_key(text)
    if len(digits) >= 6 and not any(c.isalpha() for c in text):
        yield from _by_contact(session, "phone", digits, limit)
    yield from _by_reference(session, text)
    for finder in FINDERS:
        yield from finder(session, text)
    if not any(c.isdigit() for c in text):
        yield from _by_name(session, key(text), limit)


def _by_contact(session: Session, kind: str, folded: str, limit: int) -> Iterator[Found]:
    rows = session.scalars(
        select(ContactPoint.customer_id)
        .where(ContactPoint.kind == kind, starts_with(session, ContactPoint.value_key, folded))
        .order_by(ContactPoint.value_key)
        .limit(limit)
    )
    return (Found(customer_id, by=kind) for customer_id in rows)


def _by_reference(session: Session, text: str) -> Iterator[Found]:
    spelled = {text, text.upper()}
    for customer_id in session.scalars(select(Customer.id).where(Customer.reference.in_(spelled))):
        yield Found(customer_id)
    rows = session.execute(
        select(Subscription.customer_id, Subscription.id).where(Subscription.reference.in_(spelled))
    )
    for customer_id, subscription_id in rows:
        yield Found(customer_id, subscription_id, by="subscription")


def _by_name(session: Session, folded: str, limit: int) -> Iterator[Found]:
    """Customers whose name has a word that begins with each of the words, in any order; the longest of them is looked
    up first, for it fits fewest names."""
    words = sorted(words_of(folded), key=len, reverse=True)[:MOST_WORDS]
    if not words:
        return iter(())
    query = select(CustomerWord.customer_id).where(starts_with(session, CustomerWord.word, words[0]))
    for word in words[1:]:
        other = aliased(CustomerWord)
        fits = select(other.customer_id).where(
            other.customer_id == CustomerWord.customer_id, starts_with(session, other.word, word)
        )
        query = query.where(fits.exists())
    ordered = query.order_by(CustomerWord.word, CustomerWord.customer_id).limit(limit * MOST_WORDS)
    return (Found(customer_id, by="name") for customer_id in dict.fromkeys(session.scalars(ordered)))


def starts_with(session: Session, column: InstrumentedAttribute[str], prefix: str) -> ColumnElement[bool]:
    """`column` begins with `prefix`, in the way that the database answers from its index."""
    if session.get_bind().dialect.name == "sqlite":
        return and_(column >= prefix, column < prefix + LAST)
    escaped = prefix.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return column.like(escaped + "%")


def _hits(session: Session, found: dict[int, Found]) -> list[CustomerHit]:
    if not found:
        return []
    rows = session.execute(
        select(
            Customer.id,
            Customer.reference,
            Customer.name,
            Customer.kind,
            Customer.city,
            Customer.country,
            ContactPoint.value,
        )
        .outerjoin(
            ContactPoint,
            and_(ContactPoint.customer_id == Customer.id, ContactPoint.kind == "mail", _is_first_mail()),
        )
        .where(Customer.id.in_(found))
    )
    by_id = {row[0]: row for row in rows}
    return [
        CustomerHit(*by_id[one.customer_id], one.by, one.subscription_id, one.charge_id)
        for one in found.values()
        if one.customer_id in by_id
    ]


def _is_first_mail() -> ColumnElement[bool]:
    """Of several mail addresses the preferred one, else the oldest."""
    other = ContactPoint.__table__.alias("other")
    better = (
        select(other.c.id)
        .where(
            other.c.customer_id == ContactPoint.customer_id,
            other.c.kind == "mail",
            or_(
                and_(other.c.preferred, ~ContactPoint.preferred),
                and_(other.c.preferred == ContactPoint.preferred, other.c.id < ContactPoint.id),
            ),
        )
        .exists()
    )
    return ~better


_CUSTOMER = (
    Customer.id,
    Customer.reference,
    Customer.kind,
    Customer.kind_known,
    Customer.name,
    Customer.salutation,
    Customer.locale,
    Customer.country,
    Customer.region,
    Customer.city,
    Customer.address,
    Customer.time_zone,
    Customer.employees,
    Customer.main_activity,
    Customer.vulnerable,
    Customer.legal_hold,
    Customer.created_at,
    Customer.erased_at,
    Customer.version,
)

_SUBSCRIPTION = (
    Subscription.entity_id,
    Subscription.id,
    Subscription.reference,
    Subscription.customer_id,
    Customer.name,
    Entity.name,
    Plan.id,
    Plan.name,
    Plan.contract_kind,
    Plan.interval_months,
    Subscription.terms_id,
    Subscription.state,
    Subscription.channel,
    Subscription.concluded_at,
    Subscription.concluded_known,
    Subscription.accepted_at,
    Subscription.started_on,
    Subscription.ends_on,
    Subscription.commitment_until,
    Subscription.renewed_at,
    Subscription.billing_day,
    Subscription.price_minor,
    Subscription.currency,
    Subscription.payment_brand,
    Subscription.payment_last4,
    Subscription.payment_expiry,
    Subscription.source,
    Subscription.medium,
    Subscription.campaign,
    Subscription.first_touch_at,
)


def _contacts(session: Session, customer_id: int) -> tuple[ContactLine, ...]:
    return tuple(ContactLine(*row) for row in session.execute(_CONTACTS, {"customer": customer_id}))


def _consents(session: Session, customer_id: int) -> tuple[ConsentLine, ...]:
    rows = session.execute(_CONSENTS, {"customer": customer_id})
    return tuple({row.purpose: ConsentLine(*row) for row in rows}.values())


def contracts(session: Session, customer_id: int) -> tuple[ContractLine, ...]:
    """The customer's contracts; none where there is no such customer."""
    rows = session.execute(_CONTRACTS, {"customer": customer_id})
    return tuple(ContractLine(*values(row)) for row in rows)


_ONE = select(*_CUSTOMER).where(Customer.id == bindparam("customer"))
_CONTACTS = (
    select(ContactPoint.id, ContactPoint.kind, ContactPoint.value, ContactPoint.preferred)
    .where(ContactPoint.customer_id == bindparam("customer"))
    .order_by(ContactPoint.kind, ContactPoint.preferred.desc(), ContactPoint.id)
)
_CONSENTS = (
    select(Consent.purpose, Consent.given, Consent.at, Consent.source)
    .where(Consent.customer_id == bindparam("customer"))
    .order_by(Consent.id)
)
_CONTRACTS = (
    select(
        Subscription.id,
        Subscription.reference,
        Subscription.state,
        Plan.name,
        Entity.name,
        Terms.code,
        Subscription.started_on,
        Subscription.ends_on,
        Subscription.price_minor,
        Subscription.currency,
        Subscription.source,
        Subscription.medium,
        Subscription.campaign,
        Subscription.first_touch_at,
    )
    .join(Plan, Plan.id == Subscription.plan_id)
    .join(Entity, Entity.id == Subscription.entity_id)
    .join(Terms, Terms.id == Subscription.terms_id)
    .where(Subscription.customer_id == bindparam("customer"))
    .order_by(Subscription.started_on.desc(), Subscription.id.desc())
)


def _terms(session: Session, entity_id: int) -> tuple[TermsLine, ...]:
    rows = session.execute(
        select(
            Terms.id,
            Terms.code,
            Terms.valid_from,
            Terms.refund_window_days,
            Terms.proration,
            Terms.commitment_months,
            Terms.notice_months,
            Terms.renewal,
            Terms.renewal_months,
            Terms.billing_day_rule,
            Terms.fees,
            Terms.clauses,
        )
        .where(Terms.entity_id == entity_id)
        .order_by(Terms.valid_from.desc(), Terms.id.desc())
    )
    return tuple(TermsLine(*values(row)) for row in rows)


def _periods(session: Session, subscription_id: int) -> tuple[PeriodLine, ...]:
    rows = session.execute(
        select(Period.starts_on, Period.ends_on, Period.price_minor)
        .where(Period.subscription_id == subscription_id)
        .order_by(Period.starts_on.desc())
        .limit(60)
    )
    return tuple(PeriodLine(*row) for row in rows)


def _disclosures(session: Session, subscription_id: int) -> tuple[DisclosureLine, ...]:
    rows: Iterable[Any] = session.execute(
        select(
            Disclosure.kind,
            Disclosure.given_at,
            Disclosure.never,
            Disclosure.medium,
            Disclosure.source,
            Disclosure.recorded_at,
        )
        .where(Disclosure.subscription_id == subscription_id)
        .order_by(Disclosure.id.desc())
    )
    return tuple(DisclosureLine(*row) for row in rows)
