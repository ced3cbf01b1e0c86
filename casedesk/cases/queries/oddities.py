"""What is worth knowing of a customer before a refund: evidence, counted; it decides nothing and refuses nobody."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, func, literal, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.functions import GenericFunction

from casedesk.cases.models import Case
from casedesk.cases.queries.prepared import moment
from casedesk.customers.models import Customer, Subscription, Terms
from casedesk.ledger.models import Charge, LedgerEntry

YEAR = timedelta(days=365)
MANY = 2
"""So many earlier refunds in a year are worth a line; one is ordinary."""

EDGE = timedelta(days=2)
"""A request is close to the end of its window when so little of it is left."""


@dataclass(frozen=True)
class Oddities:
    """The evidence about the customer of a case; zero where there is none."""

    refunds: int
    refunded_minor: int
    currency: str
    same_payment: int
    same_address: int
    at_the_edge: int

    @property
    def any(self) -> bool:
        return (
            self.refunds >= MANY or bool(self.same_payment or self.same_address) or self.at_the_edge >= MANY
        )


def oddities(session: Session, case_id: int, *, now: datetime) -> Oddities | None:
    """The evidence for one case in one statement; None where nothing is worth a line."""
    row = session.execute(_statement(), {"case": case_id, "since": now - YEAR}).one_or_none()
    if row is None:
        return None
    found = Oddities(row[1], int(row[2]), row[0], row[3], row[4], row[5])
    return found if found.any else None


@cache
def _statement() -> Select[*tuple[Any, ...]]:
    """The evidence with case and year as parameters, built once: every case page asks it."""
    since = moment("since")
    paid = _refunds(since)
    mine = Charge.customer_id == Case.customer_id
    return select(
        Case.currency,
        select(func.count()).select_from(LedgerEntry).join(Charge).where(mine, *paid).scalar_subquery(),
        select(func.coalesce(func.sum(LedgerEntry.amount_minor), 0))
        .select_from(LedgerEntry)
        .join(Charge)
        .where(mine, Charge.currency == Case.currency, *paid)
        .scalar_subquery(),
        _same_payment(since),
        _same_address(since),
        _at_the_edge(since),
    ).where(Case.id == bindparam("case", type_=Case.id.type), Case.customer_id.is_not(None))


def _refunds(since: datetime) -> tuple[ColumnElement[bool], ...]:
    return LedgerEntry.kind == "refund", LedgerEntry.at >= since


def _was_refunded(customer: Any, since: datetime) -> ColumnElement[bool]:
    """Did this other customer get money back within the year? Asked of each one that is found, by LIMIT: as EXISTS,
    PostgreSQL would read the whole ledger first and join it to nobody."""
    charge, entry = aliased(Charge), aliased(LedgerEntry)
    return (
        select(literal(1))
        .select_from(entry)
        .join(charge, charge.id == entry.charge_id)
        .where(charge.customer_id == customer, entry.kind == "refund", entry.at >= since)
        .limit(1)
        .scalar_subquery()
        .is_not(None)
    )


def _same_payment(since: datetime) -> Any:
    """Other customers who pay with the same means and were refunded."""
    own, other = aliased(Subscription), aliased(Subscription)
    return (
        select(func.count(func.distinct(other.customer_id)))
        .select_from(own)
        .join(
            other,
            and_(other.payment_fingerprint == own.payment_fingerprint, other.customer_id != own.customer_id),
        )
        .where(own.id == Case.subscription_id, own.payment_fingerprint.is_not(None))
        .where(_was_refunded(other.customer_id, since))
        .correlate(Case)
        .scalar_subquery()
    )


def _same_address(since: datetime) -> Any:
    """Other customers at the same address who were refunded."""
    own, other = aliased(Customer), aliased(Customer)
    same = and_(other.address == own.address, other.address != "", other.city == own.city, other.id != own.id)
    return (
        select(func.count())
        .select_from(own)
        .join(other, same)
        .where(own.id == Case.customer_id, own.address != "")
        .where(_was_refunded(other.id, since))
        .correlate(Case)
        .scalar_subquery()
    )


def _at_the_edge(since: datetime) -> Any:
    """Requests of this customer within the year that came in the last days of the contract's window."""
    other, charge, contract, terms = aliased(Case), aliased(Charge), aliased(Subscription), aliased(Terms)
    days = DaysBetween(charge.captured_at, other.occurred_at)
    return (
        select(func.count())
        .select_from(other)
        .join(charge, charge.id == other.charge_id)
        .join(contract, contract.id == other.subscription_id)
        .join(terms, terms.id == contract.terms_id)
        .where(other.customer_id == Case.customer_id, other.occurred_at >= since)
        .where(days <= terms.refund_window_days, days >= terms.refund_window_days - EDGE.days)
        .correlate(Case)
        .scalar_subquery()
    )


class DaysBetween(GenericFunction[int]):
    """Whole days between two instants, by their dates in UTC."""

    type = Integer()
    inherit_cache = True
    name = "days_between"


@compiles(DaysBetween, "sqlite")
def _sqlite(element: Any, compiler: Any, **more: Any) -> str:
    first, last = (compiler.process(one, **more) for one in element.clauses)
    return f"CAST(julianday(date({last})) - julianday(date({first})) AS INTEGER)"


@compiles(DaysBetween, "postgresql")
def _postgresql(element: Any, compiler: Any, **more: Any) -> str:
    first, last = (compiler.process(one, **more) for one in element.clauses)
    return f"(({last}) AT TIME ZONE 'UTC')::date - (({first}) AT TIME ZONE 'UTC')::date"
