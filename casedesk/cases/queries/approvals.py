"""Decisions that wait for a second person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, literal, select, tuple_
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.cases.models import Case, Decision
from casedesk.cases.queries.sight import visible
from casedesk.cases.queries.tallies import MANY
from casedesk.customers.models import Customer
from casedesk.deadlines.models import Clock
from casedesk.kernel.errors import InvalidInput
from casedesk.web.paging import read_cursor, write_cursor

PAGE = 25


@dataclass(frozen=True)
class Approval:
    """A proposed decision as a list shows it. `due_at` is the end of the approval clock, where one runs."""

    id: int
    n: int
    case_id: int
    number: str
    kind: str
    customer: str | None
    amount_minor: int
    by_rule_minor: int | None
    currency: str
    reason_code: str | None
    approval_reasons: tuple[str, ...]
    proposed_by: int
    proposer: str
    proposed_at: datetime
    due_at: datetime | None
    started_at: datetime | None


@dataclass(frozen=True)
class Waiting:
    """One page of what waits, the oldest proposal first, and how many wait in all (counted up to MANY + 1)."""

    lines: tuple[Approval, ...]
    count: int
    after: str | None


def waiting(session: Session, actor: Actor, *, after: str = "", size: int = PAGE) -> Waiting:
    """The proposals that the actor may see. Raises InvalidInput for a cursor that is none."""
    statement = _statement(actor)
    if after:
        at, decision_id = _cursor(after)
        statement = statement.where(tuple_(Decision.proposed_at, Decision.id) > tuple_(at, decision_id))
    rows = session.execute(statement.order_by(Decision.proposed_at, Decision.id).limit(size + 1)).all()
    lines = tuple(_line(row) for row in rows[:size])
    more = write_cursor(lines[-1].proposed_at.isoformat(), lines[-1].id) if len(rows) > size else None
    return Waiting(lines, rows[0].total if rows else 0, more)


def _statement(actor: Actor) -> Select[*tuple[Any, ...]]:
    approval = and_(
        Clock.subject_kind == "case",
        Clock.subject_id == Case.id,
        Clock.name == "approval",
        Clock.state == "running",
    )
    return (
        select(
            Decision.id,
            Decision.n,
            Decision.case_id,
            Case.number,
            Case.kind,
            func.coalesce(Customer.name, Case.claimed_name).label("customer"),
            Decision.amount_minor,
            Decision.by_rule_minor,
            Decision.currency,
            Decision.reason_code,
            Decision.approval_reasons,
            Decision.proposed_by,
            Person.name.label("proposer"),
            Decision.proposed_at,
            Clock.due_at,
            Clock.started_at,
            count_of_waiting(actor).label("total"),
        )
        .join(Case, Case.id == Decision.case_id)
        .join(Person, Person.id == Decision.proposed_by)
        .outerjoin(Customer, Customer.id == Case.customer_id)
        .outerjoin(Clock, approval)
        .where(Decision.state == "proposed", visible(actor))
    )


def count_of_waiting(actor: Actor) -> Any:
    """How many proposals wait that the actor may see, up to MANY + 1."""
    inner = (
        select(literal(1).label("one"))
        .select_from(Decision)
        .join(Case, Case.id == Decision.case_id)
        .where(Decision.state == "proposed", visible(actor))
        .limit(MANY + 1)
        .subquery()
    )
    return select(func.count()).select_from(inner).scalar_subquery()


def _line(row: Any) -> Approval:
    return Approval(
        id=row.id,
        n=row.n,
        case_id=row.case_id,
        number=row.number or str(row.case_id),
        kind=row.kind,
        customer=row.customer,
        amount_minor=row.amount_minor,
        by_rule_minor=row.by_rule_minor,
        currency=row.currency,
        reason_code=row.reason_code,
        approval_reasons=tuple(row.approval_reasons),
        proposed_by=row.proposed_by,
        proposer=row.proposer,
        proposed_at=row.proposed_at,
        due_at=row.due_at,
        started_at=row.started_at,
    )


def _cursor(text: str) -> tuple[datetime, int]:
    at, decision_id = read_cursor(text, 2)
    if type(at) is not str or type(decision_id) is not int or abs(decision_id) >= 2**62:
        raise InvalidInput("page.cursor")
    try:
        moment = datetime.fromisoformat(at)
    except ValueError as error:
        raise InvalidInput("page.cursor") from error
    if moment.tzinfo is None:
        raise InvalidInput("page.cursor")
    return moment, decision_id
