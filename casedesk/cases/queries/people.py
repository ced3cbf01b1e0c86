"""Who of the desk takes what: receivers of a stage, who leads a team, who stands in for whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import Session

from casedesk.accounts.models import Person
from casedesk.cases.escalation_models import Absence, Escalation
from casedesk.store.db import values

LONGEST_CHAIN = 5
"""A substitute may be away too; beyond so many steps it stays where it is."""


@dataclass(frozen=True)
class Receiver:
    """Somebody who may take up a case at a stage, with how many escalations wait there already."""

    id: int
    name: str
    team_id: int | None
    away: bool
    waiting: int


def standing_in(session: Session, person_id: int, *, now: datetime) -> int:
    """Who does the work of `person_id` at `now`: the person, or the substitute, or the substitute's."""
    seen = [person_id]
    while len(seen) <= LONGEST_CHAIN:
        found = session.scalar(
            select(Absence.substitute_id)
            .join(Person, Person.id == Absence.substitute_id)
            .where(Absence.person_id == seen[-1], away_at(now), Person.active)
            .order_by(Absence.starts_at)
            .limit(1)
        )
        if found is None or found in seen:
            return seen[-1]
        seen.append(found)
    return person_id


def away_at(now: datetime) -> ColumnElement[bool]:
    """An absence that lasts at `now`, whether or not the worker has noticed."""
    return and_(Absence.state.in_(("planned", "on")), Absence.starts_at <= now, Absence.ends_at > now)


def receivers(session: Session, to_stage: str, *, now: datetime) -> list[Receiver]:
    """Who may take up a case at `to_stage`: leads of teams, or managers; the least busy first."""
    waiting = (
        select(func.count())
        .select_from(Escalation)
        .where(Escalation.to_person_id == Person.id, Escalation.state == "open")
        .correlate(Person)
        .scalar_subquery()
    )
    away = select(Absence.id).where(Absence.person_id == Person.id, away_at(now)).correlate(Person).exists()
    rows = session.execute(
        select(Person.id, Person.name, Person.team_id, away, waiting)
        .where(Person.active, _fit(to_stage))
        .order_by(waiting, Person.name, Person.id)
    )
    return [Receiver(*values(row)) for row in rows]


def _fit(to_stage: str) -> ColumnElement[bool]:
    if to_stage == "team-lead":
        return and_(Person.role == "agent", Person.is_lead)
    if to_stage == "manager":
        return Person.role == "manager"
    return false()


def chosen_receiver(
    found: Sequence[Receiver], team_id: int | None, *, but: int | None = None
) -> Receiver | None:
    """Of the receivers that are there the first of the team, else the first; who is away only where all are."""
    others = [one for one in found if one.id != but]
    ranked = sorted(others, key=lambda one: (one.away, one.team_id != team_id))
    return ranked[0] if ranked else None


def leads_of(session: Session, team_id: int | None) -> list[int]:
    """The active leads of the team; none without a team."""
    if team_id is None:
        return []
    return list(
        session.scalars(
            select(Person.id)
            .where(Person.team_id == team_id, Person.active, Person.is_lead)
            .order_by(Person.id)
        )
    )


def managers_of(session: Session, team_id: int | None) -> list[int]:
    """The active managers of the team, or all where it has none."""
    rows: Sequence[Any] = session.execute(
        select(Person.id, Person.team_id).where(Person.active, Person.role == "manager").order_by(Person.id)
    ).all()
    own = [row.id for row in rows if row.team_id == team_id]
    return own or [row.id for row in rows]


@dataclass(frozen=True)
class AbsenceLine:
    """An absence as a page shows it."""

    id: int
    person_id: int
    person: str
    substitute_id: int
    substitute: str
    starts_at: datetime
    ends_at: datetime
    state: str
    version: int


def absences(session: Session, *, now: datetime, person_id: int | None = None) -> list[AbsenceLine]:
    """Absences that last or are to come, the next one first; those of one person where given."""
    stand_in = Person.__table__.alias("stand_in")
    rows = session.execute(
        select(
            Absence.id,
            Absence.person_id,
            Person.name,
            Absence.substitute_id,
            stand_in.c.name,
            Absence.starts_at,
            Absence.ends_at,
            Absence.state,
            Absence.version,
        )
        .join(Person, Person.id == Absence.person_id)
        .join(stand_in, stand_in.c.id == Absence.substitute_id)
        .where(
            Absence.state.in_(("planned", "on")),
            or_(Absence.ends_at > now, Absence.state == "on"),
            Absence.person_id == person_id if person_id is not None else Absence.id > 0,
        )
        .order_by(Absence.starts_at, Absence.id)
    )
    return [AbsenceLine(*values(row)) for row in rows]
