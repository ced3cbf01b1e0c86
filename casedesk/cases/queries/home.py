"""What Home and the pages of customers show of cases: short lists, each one statement."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, and_, case, func, literal, select, union_all
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person, Team
from casedesk.cases.models import Case, Decision
from casedesk.cases.queries.sight import visible
from casedesk.cases.queries.tallies import MANY
from casedesk.cases.queries.views import LIVE, VIEWS, is_late
from casedesk.customers.models import Customer
from casedesk.store.db import values

SHOWN = 8
OF_CUSTOMER = 50


@dataclass(frozen=True)
class CaseLine:
    """A case in a short list. `total` is how many the whole list holds, counted up to MANY + 1."""

    id: int
    number: str
    name: str | None
    kind: str
    status: str
    stage: str
    outcome: str | None
    unread: bool
    next_clock: str | None
    next_started_at: datetime | None
    next_due_at: datetime | None
    next_paused: bool
    opened_at: datetime
    last_contact_at: datetime | None
    claimed_minor: int | None
    currency: str
    total: int


@dataclass(frozen=True)
class ApprovalLine:
    """A proposed decision that waits for the actor."""

    id: int
    case_id: int
    number: str
    name: str | None
    amount_minor: int
    by_rule_minor: int | None
    currency: str
    proposer: str
    proposed_at: datetime
    total: int


@dataclass(frozen=True)
class Figures:
    """How the desk stands now, each counted up to MANY + 1."""

    late: int
    soon: int
    day: int
    unassigned: int
    waiting: int
    to_pay: int


@dataclass(frozen=True)
class Load:
    """What one person or team has on the desk; `owner_id` None stands for the cases of nobody, or of no team."""

    owner_id: int | None
    name: str | None
    live: int
    late: int
    soon: int
    raised: int = 0

    def plus(self, live: int, late: int, soon: int, raised: int) -> "Load":
        return replace(
            self,
            live=self.live + live,
            late=self.late + late,
            soon=self.soon + soon,
            raised=self.raised + raised,
        )


@dataclass(frozen=True)
class Loads:
    """The desk by owner and by team."""

    owners: list[Load]
    teams: list[Load]


@dataclass(frozen=True)
class Mine:
    """The actor's own live cases: those due first, and those in which nobody has read the customer's last word."""

    due: list[CaseLine]
    unread: list[CaseLine]


def mine(session: Session, actor: Actor) -> Mine:
    """Both lists in one statement: due first on top, paused clocks and none last; the oldest unread word first."""
    own = and_(Case.owner_id == actor.id, LIVE)
    due = (Case.next_paused, Case.next_due_at.is_(None), Case.next_due_at, Case.id)
    lists = (("due", own, due), ("unread", and_(own, Case.unread), (Case.last_contact_at, Case.id)))
    parts = [
        select(
            _some(condition, order, SHOWN)
            .add_columns(literal(what).label("what"), func.row_number().over(order_by=order).label("place"))
            .subquery()
        )
        for what, condition, order in lists
    ]
    rows = session.execute(union_all(*parts).order_by("place")).all()
    by = {what: [CaseLine(*values(row)[:-2]) for row in rows if row.what == what] for what, *_ in lists}
    return Mine(by["due"], by["unread"])


def pressing(session: Session, actor: Actor, *, soon: datetime) -> list[CaseLine]:
    """Cases whose running clock is past or ends by `soon`, worst first."""
    due = and_(visible(actor), LIVE, Case.next_due_at <= soon, Case.next_paused.is_(False))
    return lines(session, due, (Case.next_due_at, Case.id), SHOWN)


def cases_of(
    session: Session, actor: Actor, *, customer_id: int | None = None, subscription_id: int | None = None
) -> list[CaseLine]:
    """The newest cases of the customer or the contract that the actor may see."""
    of = (
        Case.subscription_id == subscription_id
        if subscription_id is not None
        else Case.customer_id == customer_id
    )
    return lines(session, and_(visible(actor), of), (Case.id.desc(),), OF_CUSTOMER)


def approvals(session: Session, actor: Actor) -> list[ApprovalLine]:
    """Proposals of others that wait for approval, the oldest first."""
    open_to = and_(Decision.state == "proposed", Decision.proposed_by != actor.id, visible(actor))
    inner = (
        select(literal(1).label("one"))
        .select_from(Decision)
        .join(Case, Case.id == Decision.case_id)
        .where(open_to)
        .limit(MANY + 1)
        .subquery()
    )
    rows = session.execute(
        select(
            Decision.id,
            Decision.case_id,
            func.coalesce(Case.number, ""),
            func.coalesce(Customer.name, Case.claimed_name),
            Decision.amount_minor,
            Decision.by_rule_minor,
            Decision.currency,
            Person.name,
            Decision.proposed_at,
            select(func.count()).select_from(inner).scalar_subquery(),
        )
        .select_from(Decision)
        .join(Case, Case.id == Decision.case_id)
        .join(Person, Person.id == Decision.proposed_by)
        .outerjoin(Customer, Customer.id == Case.customer_id)
        .where(open_to)
        .order_by(Decision.proposed_at, Decision.id)
        .limit(SHOWN)
    )
    return [ApprovalLine(*row) for row in rows]


def figures(session: Session, actor: Actor, *, now: datetime, soon: datetime, day: datetime) -> Figures:
    """How many cases are late, due by `soon`, due by `day`, nobody's, waiting for approval, to be paid."""
    seen = visible(actor)
    running = and_(LIVE, Case.next_paused.is_(False), Case.next_due_at > now)
    row = session.execute(
        select(
            _count(seen, is_late(now)),
            _count(seen, running, Case.next_due_at <= soon),
            _count(seen, running, Case.next_due_at <= day),
            *(_count(seen, VIEWS[view](actor, now)) for view in ("unassigned", "approve", "pay")),
        )
    ).one()
    return Figures(*values(row))


def workload(session: Session, actor: Actor, *, now: datetime, soon: datetime) -> Loads:
    """Live cases by owner and by team, the fullest first, nobody's last; from one statement."""
    at_risk = and_(Case.next_due_at > now, Case.next_due_at <= soon, Case.next_paused.is_(False))
    rows = session.execute(
        select(
            Case.owner_id,
            Person.name,
            Case.team_id,
            Team.name,
            func.count(),
            func.sum(case((is_late(now), 1), else_=0)),
            func.sum(case((at_risk, 1), else_=0)),
            func.sum(case((Case.stage.not_in(("intake", "desk")), 1), else_=0)),
        )
        .select_from(Case)
        .outerjoin(Person, Person.id == Case.owner_id)
        .outerjoin(Team, Team.id == Case.team_id)
        .where(visible(actor), LIVE)
        .group_by(Case.owner_id, Person.name, Case.team_id, Team.name)
    ).all()
    owners: dict[int | None, Load] = {}
    teams: dict[int | None, Load] = {}
    for owner_id, owner, team_id, team, *figures_of in rows:
        for key, name, found in ((owner_id, owner, owners), (team_id, team, teams)):
            found[key] = found.get(key, Load(key, name, 0, 0, 0, 0)).plus(*figures_of)
    return Loads(_fullest_first(owners.values()), _fullest_first(teams.values()))


def _fullest_first(loads: Iterable[Load]) -> list[Load]:
    return sorted(loads, key=lambda load: (load.owner_id is None, -load.live, load.name or ""))


LINE = (
    Case.id,
    func.coalesce(Case.number, "").label("number"),
    func.coalesce(Customer.name, Case.claimed_name, Case.claimed_contact).label("name"),
    Case.kind,
    Case.status,
    Case.stage,
    Case.outcome,
    Case.unread,
    Case.next_clock,
    Case.next_started_at,
    Case.next_due_at,
    Case.next_paused,
    Case.opened_at,
    Case.last_contact_at,
    Case.claimed_minor,
    Case.currency,
)
"""The columns of a CaseLine, all but its `total`."""


def lines(
    session: Session, condition: ColumnElement[bool], order: Sequence[Any], limit: int
) -> list[CaseLine]:
    """Cases that meet `condition` in `order`, with how many there are."""
    return [CaseLine(*values(row)) for row in session.execute(_some(condition, order, limit))]


def _some(condition: ColumnElement[bool], order: Sequence[Any], limit: int) -> Select[*tuple[Any, ...]]:
    return (
        select(*LINE, _count(condition).label("total"))
        .select_from(Case)
        .outerjoin(Customer, Customer.id == Case.customer_id)
        .where(condition)
        .order_by(*order)
        .limit(limit)
    )


def _count(*conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    """How many cases meet all conditions, counted up to MANY + 1."""
    inner = select(literal(1).label("one")).select_from(Case).where(*conditions).limit(MANY + 1).subquery()
    return select(func.count()).select_from(inner).scalar_subquery()
