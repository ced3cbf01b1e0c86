"""The list of files that a reader has a part in, by view; and what Home and a case show of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.accounts.permits import Permission
from casedesk.cases.models import Case
from casedesk.cases.queries.sight import visible
from casedesk.mediation.models import Mediation, Party
from casedesk.mediation.rules.states import ENDED
from casedesk.web.paging import read_cursor, write_cursor

PAGE = 40
FAR = datetime.fromisoformat("9999-01-01T00:00:00+00:00")


@dataclass(frozen=True)
class FileLine:
    """One file in a list."""

    id: int
    number: str
    case_id: int
    case_number: str
    customer: str
    company: str
    kind: str
    state: str
    waits_for: str
    claimed_minor: int | None
    currency: str
    mediator: str | None
    requested_at: datetime
    next_clock: str | None
    next_due_at: datetime | None
    mine: bool


@dataclass(frozen=True)
class FileList:
    view: str
    lines: list[FileLine]
    counts: dict[str, int]
    next: str | None


def views_of(actor: Actor) -> tuple[str, ...]:
    """The views of the list for this reader, the first one first."""
    if actor.may(Permission.MEDIATE):
        return ("mine", "offered", "agreed", "ended")
    return ("represented", "running", "agreed", "ended")


def listed(session: Session, actor: Actor, view: str, after: str = "") -> FileList:
    """A page of `view`, the next day first. Raises InvalidInput for a bad cursor."""
    statement = _lines(actor).where(_seen_by(actor), _in_view(view, actor))
    due = func.coalesce(Mediation.next_due_at, FAR)
    if after:
        at, last = read_cursor(after, 2)
        statement = statement.where(tuple_(due, Mediation.id) > (datetime.fromisoformat(str(at)), int(last)))
    rows = session.execute(statement.order_by(due, Mediation.id).limit(PAGE + 1)).all()
    lines = [_line(row) for row in rows[:PAGE]]
    more = None
    if len(rows) > PAGE:
        more = write_cursor((lines[-1].next_due_at or FAR).isoformat(), lines[-1].id)
    return FileList(view, lines, _counts(session, actor), more)


def due_next(session: Session, actor: Actor, limit: int = 8) -> list[FileLine]:
    """The mediator's running files, the one whose day comes first first; those offered to them before."""
    first = case((Mediation.mediator_id.is_(None), 0), else_=1)
    statement = (
        _lines(actor)
        .where(
            _seen_by(actor),
            Mediation.state.not_in(ENDED),
            or_(_in_view("mine", actor), _in_view("offered", actor)),
        )
        .order_by(first, func.coalesce(Mediation.next_due_at, FAR), Mediation.id)
        .limit(limit)
    )
    return [_line(row) for row in session.execute(statement)]


def of_case(session: Session, actor: Actor, case_id: int) -> list[FileLine]:
    """The mediations of a case, newest first."""
    statement = _lines(actor).where(Mediation.case_id == case_id).order_by(Mediation.id.desc())
    return [_line(row) for row in session.execute(statement)]


def _counts(session: Session, actor: Actor) -> dict[str, int]:
    columns = [func.count(case((_in_view(view, actor), 1))) for view in views_of(actor)]
    row = session.execute(
        select(*columns)
        .select_from(Mediation)
        .join(Case, Case.id == Mediation.case_id)
        .where(_seen_by(actor))
    ).one()
    return dict(zip(views_of(actor), row, strict=True))


def _seen_by(actor: Actor) -> ColumnElement[bool]:
    if actor.may(Permission.MEDIATE):
        offered = and_(Mediation.mediator_id.is_(None), Mediation.proposed_mediator_id == actor.id)
        return or_(Mediation.mediator_id == actor.id, offered)
    return or_(visible(actor), Mediation.representative_id == actor.id)


def _in_view(view: str, actor: Actor) -> ColumnElement[bool]:
    running = Mediation.state.not_in((*ENDED, "agreed"))
    return {
        "mine": and_(running, Mediation.mediator_id == actor.id),
        "offered": and_(running, Mediation.mediator_id.is_(None)),
        "represented": and_(running, Mediation.representative_id == actor.id),
        "running": running,
        "agreed": Mediation.state == "agreed",
        "ended": Mediation.state.in_(ENDED),
    }[view]


def _lines(actor: Actor) -> Any:
    customer, company, mediator = aliased(Party), aliased(Party), aliased(Person)
    return (
        select(
            Mediation,
            Case.number,
            customer.name,
            company.name,
            mediator.name,
            or_(Mediation.mediator_id == actor.id, Mediation.representative_id == actor.id),
        )
        .join(Case, Case.id == Mediation.case_id)
        .join(customer, and_(customer.mediation_id == Mediation.id, customer.side == "customer"))
        .join(company, and_(company.mediation_id == Mediation.id, company.side == "company"))
        .outerjoin(mediator, mediator.id == Mediation.mediator_id)
    )


def _line(row: Any) -> FileLine:
    m: Mediation = row[0]
    return FileLine(
        m.id,
        m.number or "",
        m.case_id,
        row[1] or "",
        row[2],
        row[3],
        m.kind,
        m.state,
        m.waits_for,
        m.claimed_minor,
        m.currency,
        row[4],
        m.requested_at,
        m.next_clock,
        m.next_due_at,
        bool(row[5]),
    )
