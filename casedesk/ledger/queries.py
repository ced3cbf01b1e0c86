"""What a reader sees of the money: charges with what is left of them, and where balance and ledger differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, case, func, select
from sqlalchemy.orm import Session

from casedesk.customers.finders import Found
from casedesk.ledger.models import Charge, ChargeBalance, LedgerEntry
from casedesk.ledger.rules import EFFECTS, Balance


@dataclass(frozen=True)
class ChargeLine:
    """A charge as it stands now."""

    id: int
    reference: str
    subscription_id: int | None
    amount_minor: int
    tax_minor: int
    currency: str
    captured_at: datetime
    period_starts_on: date | None
    period_ends_on: date | None
    description: str
    network: str
    balance: Balance

    @property
    def refundable(self) -> int:
        """What can still be given back."""
        return self.balance.left


@dataclass(frozen=True)
class MoneyView:
    """The charges of a customer or subscription, newest first, and their sums by currency."""

    charges: tuple[ChargeLine, ...]
    sums: tuple[tuple[str, Balance], ...]
    subscription_id: int | None = None


@dataclass(frozen=True)
class Mismatch:
    """A charge whose balance is not what its ledger adds up to."""

    charge_id: int
    reference: str
    stored: Balance | None
    summed: Balance


def charges_of_customer(session: Session, customer_id: int) -> list[ChargeLine]:
    """The customer's charges, newest first."""
    return [_line(tuple(row)) for row in session.execute(_of_customer(), {"customer": customer_id})]


def charges_of_subscription(session: Session, subscription_id: int) -> list[ChargeLine]:
    """The subscription's charges, newest first."""
    return _lines(session, Charge.subscription_id == subscription_id)


def charges(session: Session, ids: Sequence[int]) -> list[ChargeLine]:
    """The charges with these ids, newest first."""
    return _lines(session, Charge.id.in_(ids)) if ids else []


def refundable(session: Session, charge_id: int) -> int:
    """What can still be given back of the charge, in minor units; nothing where there is no such charge."""
    lines = charges(session, [charge_id])
    return lines[0].refundable if lines else 0


def found_by_reference(session: Session, text: str) -> list[Found]:
    """Whose charge bears this reference, for the search of customers."""
    rows = session.execute(
        select(Charge.customer_id, Charge.subscription_id, Charge.id).where(
            Charge.reference.in_({text, text.upper()}), Charge.customer_id.is_not(None)
        )
    )
    return [Found(row[0] or 0, row[1], row[2], by="charge") for row in rows]


def money_view(lines: Sequence[ChargeLine], subscription_id: int | None = None) -> MoneyView:
    """The lines with their sums by currency."""
    sums: dict[str, Balance] = {}
    for line in lines:
        sums[line.currency] = _plus(sums.get(line.currency, Balance()), line.balance)
    return MoneyView(tuple(lines), tuple(sorted(sums.items())), subscription_id)


def compare_balances(session: Session) -> list[Mismatch]:
    """Every charge whose stored balance differs from the sums of the ledger, which is the truth."""
    sums = (
        select(
            LedgerEntry.charge_id,
            *(_sum(name).label(name) for name in ("captured", "reserved", "refunded", "disputed")),
        )
        .group_by(LedgerEntry.charge_id)
        .subquery()
    )
    stored = ChargeBalance
    rows = session.execute(
        select(Charge.id, Charge.reference, stored.charge_id, *_balance_columns(), sums)
        .outerjoin(stored, stored.charge_id == Charge.id)
        .outerjoin(sums, sums.c.charge_id == Charge.id)
        .where(
            stored.charge_id.is_(None)
            | (stored.captured != func.coalesce(sums.c.captured, 0))
            | (stored.reserved != func.coalesce(sums.c.reserved, 0))
            | (stored.refunded != func.coalesce(sums.c.refunded, 0))
            | (stored.disputed != func.coalesce(sums.c.disputed, 0))
        )
        .order_by(Charge.id)
    )
    return [
        Mismatch(
            charge_id=row[0],
            reference=row[1],
            stored=None if row[2] is None else Balance(*row[3:7]),
            summed=Balance(*(int(value or 0) for value in row[8:12])),
        )
        for row in rows
    ]


def _sum(name: str) -> ColumnElement[int]:
    whens = {kind: getattr(effect, name) * LedgerEntry.amount_minor for kind, effect in EFFECTS.items()}
    return func.sum(case(whens, value=LedgerEntry.kind, else_=0))


def _balance_columns() -> tuple[ColumnElement[int], ...]:
    return (
        ChargeBalance.captured.expression,
        ChargeBalance.reserved.expression,
        ChargeBalance.refunded.expression,
        ChargeBalance.disputed.expression,
    )


def _lines(session: Session, condition: ColumnElement[bool]) -> list[ChargeLine]:
    return [_line(tuple(row)) for row in session.execute(_statement(condition))]


@cache
def _of_customer() -> Select[*tuple[Any, ...]]:
    return _statement(Charge.customer_id == bindparam("customer"))


def _statement(condition: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Charge.id,
            Charge.reference,
            Charge.subscription_id,
            Charge.amount_minor,
            Charge.tax_minor,
            Charge.currency,
            Charge.captured_at,
            Charge.period_starts_on,
            Charge.period_ends_on,
            Charge.description,
            Charge.network,
            *_balance_columns(),
        )
        .join(ChargeBalance, ChargeBalance.charge_id == Charge.id)
        .where(condition)
        .order_by(Charge.captured_at.desc(), Charge.id.desc())
    )


def _line(row: tuple[Any, ...]) -> ChargeLine:
    balance = Balance(*row[11:])
    return ChargeLine(*row[:11], balance)  # type: ignore[call-arg]


def _plus(one: Balance, other: Balance) -> Balance:
    return Balance(
        one.captured + other.captured,
        one.reserved + other.reserved,
        one.refunded + other.refunded,
        one.disputed + other.disputed,
    )
