"""The refunds of a case, and the list of those to pay, on their way and paid."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, case, func, not_, or_, select, tuple_
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.cases.models import Case
from casedesk.cases.queries.sight import visible
from casedesk.customers.models import Customer
from casedesk.ledger.models import Charge
from casedesk.refunds.models import RefundIntent
from casedesk.refunds.providers import KNOWN
from casedesk.refunds.rules import (
    BY_HAND,
    FAILED,
    PAID,
    READY,
    VIEWS,
    may_be_confirmed,
    provider_of,
    view_of,
)
from casedesk.web.paging import read_cursor, write_cursor

PAGE = 30


@dataclass(frozen=True)
class RefundLine:
    """One refund as it stands."""

    id: int
    case_id: int
    case_number: str
    customer: str
    charge_reference: str
    amount_minor: int
    currency: str
    means: str
    state: str
    provider: str
    provider_reference: str
    last_error: str | None
    created_at: datetime
    paid_at: datetime | None

    @property
    def by_hand(self) -> bool:
        return self.provider == BY_HAND

    @property
    def may_be_confirmed(self) -> bool:
        return may_be_confirmed(self.state, by_hand=self.by_hand)

    @property
    def may_be_tried_again(self) -> bool:
        return self.state == FAILED and not self.by_hand


@dataclass(frozen=True)
class RefundPage:
    """One page of a view; `counts` is how many refunds each view has."""

    view: str
    lines: tuple[RefundLine, ...]
    counts: dict[str, int]
    sums: tuple[tuple[str, int], ...]
    next: str | None


def refunds_of_case(session: Session, case_id: int) -> list[RefundLine]:
    """The refunds that decisions on the case have ordered, oldest first. One statement."""
    return [_line(row) for row in session.execute(_of_case(), {"case": case_id})]


def refund(session: Session, actor: Actor, intent_id: int) -> RefundLine | None:
    """One refund, where the actor may see its case."""
    row = session.execute(_lines().where(RefundIntent.id == intent_id, visible(actor))).one_or_none()
    return _line(row) if row else None


def page(session: Session, actor: Actor, view: str, after: str = "") -> RefundPage:
    """A page of `view` in the order in which the refunds were ordered. Raises InvalidInput for a bad cursor."""
    statement = _lines().where(_in_view(view), visible(actor))
    if after:
        at, last = read_cursor(after, 2)
        key = tuple_(RefundIntent.created_at, RefundIntent.id)
        statement = statement.where(key > (datetime.fromisoformat(str(at)), int(last)))
    rows = session.execute(statement.order_by(RefundIntent.created_at, RefundIntent.id).limit(PAGE + 1)).all()
    lines = tuple(_line(row) for row in rows[:PAGE])
    more = write_cursor(lines[-1].created_at.isoformat(), lines[-1].id) if len(rows) > PAGE else None
    return RefundPage(view, lines, *_tallies(session, actor, view), next=more)


def _tallies(session: Session, actor: Actor, view: str) -> tuple[dict[str, int], tuple[tuple[str, int], ...]]:
    counts = dict.fromkeys(VIEWS, 0)
    sums: dict[str, int] = {}
    rows = session.execute(
        select(
            RefundIntent.state,
            _by_hand().label("by_hand"),
            RefundIntent.currency,
            func.count(),
            func.sum(RefundIntent.amount_minor),
        )
        .join(Case, Case.id == RefundIntent.case_id)
        .join(Charge, Charge.id == RefundIntent.charge_id)
        .where(visible(actor))
        .group_by(RefundIntent.state, "by_hand", RefundIntent.currency)
    )
    for state, by_hand, currency, count, total in rows:
        name = view_of(state, by_hand=bool(by_hand))
        counts[name] += count
        if name == view:
            sums[currency] = sums.get(currency, 0) + int(total)
    return counts, tuple(sorted(sums.items()))


def _by_hand() -> ColumnElement[bool]:
    """`rules.provider_of(...) == BY_HAND`, for the database."""
    return case(
        (and_(RefundIntent.means == "original", Charge.provider.in_(sorted(KNOWN))), False), else_=True
    )


def _in_view(view: str) -> ColumnElement[bool]:
    """`rules.view_of(...) == view`, for the database."""
    state = RefundIntent.state
    if view == "paid":
        return state == PAID
    to_pay = or_(state == FAILED, and_(state == READY, _by_hand()))
    return to_pay if view == "to_pay" else and_(state != PAID, not_(to_pay))


def _lines() -> Any:
    return (
        select(
            RefundIntent.id,
            RefundIntent.case_id,
            Case.number,
            Customer.name,
            Charge.reference,
            RefundIntent.amount_minor,
            RefundIntent.currency,
            RefundIntent.means,
            RefundIntent.state,
            Charge.provider,
            RefundIntent.provider_reference,
            RefundIntent.last_error,
            RefundIntent.created_at,
            RefundIntent.paid_at,
        )
        .join(Case, Case.id == RefundIntent.case_id)
        .join(Charge, Charge.id == RefundIntent.charge_id)
        .outerjoin(Customer, Customer.id == Case.customer_id)
    )


@cache
def _of_case() -> Any:
    return _lines().where(RefundIntent.case_id == bindparam("case")).order_by(RefundIntent.id)


def _line(row: Any) -> RefundLine:
    return RefundLine(
        id=row[0],
        case_id=row[1],
        case_number=row[2] or "",
        customer=row[3] or "",
        charge_reference=row[4],
        amount_minor=row[5],
        currency=row[6],
        means=row[7],
        state=row[8],
        provider=provider_of(row[9], row[7], KNOWN),
        provider_reference=row[10],
        last_error=row[11],
        created_at=row[12],
        paid_at=row[13],
    )
