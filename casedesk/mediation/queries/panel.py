"""The panel of mediators beside a file: load, rotation, and every earlier touch of the case, its family, customer, team."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.cases.models import Case, CaseActor
from casedesk.kernel.errors import RuleBroken
from casedesk.mediation.models import Appointment, Mediation, Mediator, Party
from casedesk.mediation.queries.sight import file_for
from casedesk.mediation.rules.panel import Candidate, Weighed, weigh
from casedesk.mediation.rules.states import ENDED, RUNNING
from casedesk.store.models import Entry

LOOK_BACK = timedelta(days=365)


@dataclass(frozen=True)
class Touches:
    """What was found of one person: parts in the case or its family (roles), in other cases of the customer, in the
    case's team, and files with the same company in twelve months."""

    case_roles: tuple[str, ...]
    customer_cases: int
    team_member: bool
    entries: int
    same_company: int

    @property
    def codes(self) -> tuple[str, ...]:
        found = [
            ("took_part", self.case_roles or self.entries),
            ("customer", self.customer_cases),
            ("team", self.team_member),
        ]
        return tuple(code for code, hit in found if hit)


def family(case: Case) -> ColumnElement[bool]:
    """The condition on `cases`: this case and all that were merged with it."""
    root = case.merged_into_id or case.id
    return or_(Case.id == root, Case.merged_into_id == root)


def tie(session: Session, person_id: int, name: str) -> RuleBroken | None:
    """Who is appointed in a file stays mediator until they stepped back from it, or it ended."""
    open_files = session.scalar(
        select(func.count()).where(Appointment.mediator_id == person_id, Appointment.ended_at.is_(None))
    )
    if not open_files:
        return None
    return RuleBroken("mediation.still_mediates", name=name, count=open_files, field="role")


def touches(session: Session, case: Case, person: Person, *, now: datetime) -> Touches:
    """Every earlier touch of `person` that bears on neutrality in `case`. Five small statements."""
    relatives = select(Case.id).where(family(case))
    roles = session.scalars(
        select(CaseActor.as_role)
        .where(
            CaseActor.case_id.in_(relatives),
            CaseActor.person_id == person.id,
            CaseActor.as_role != "mediator",
        )
        .order_by(CaseActor.as_role)
    ).all()
    others = 0
    if case.customer_id is not None:
        others = (
            session.scalar(
                select(func.count(func.distinct(CaseActor.case_id)))
                .join(Case, Case.id == CaseActor.case_id)
                .where(
                    Case.customer_id == case.customer_id,
                    CaseActor.person_id == person.id,
                    CaseActor.as_role != "mediator",
                    Case.id.not_in(relatives),
                )
            )
            or 0
        )
    entries = session.scalar(
        select(func.count())
        .select_from(Entry)
        .where(
            Entry.subject_kind == "case",
            Entry.subject_id.in_(relatives),
            Entry.actor_kind == "person",
            Entry.actor_id == person.id,
            Entry.kind.not_in(("event.mediation", "event.stage", "event.status")),
        )
    )
    same = session.scalar(
        select(func.count())
        .select_from(Appointment)
        .join(Mediation, Mediation.id == Appointment.mediation_id)
        .where(
            Appointment.mediator_id == person.id,
            Mediation.entity_id == case.entity_id,
            Mediation.case_id != case.id,
            Appointment.appointed_at > now - LOOK_BACK,
        )
    )
    team = case.team_id is not None and person.team_id == case.team_id
    return Touches(tuple(roles), others, team, entries or 0, same or 0)


def no_longer_neutral(session: Session, limit: int = 50) -> list[int]:
    """Running files whose mediator stands in the case's team now, or took another part in its family or in a case of its
    customer: what a change of team, a merge or a customer found later brings, after the appointment was checked."""
    other = aliased(Case)
    took_part = (
        exists()
        .where(
            CaseActor.person_id == Mediation.mediator_id,
            CaseActor.as_role != "mediator",
            other.id == CaseActor.case_id,
            or_(
                func.coalesce(other.merged_into_id, other.id) == func.coalesce(Case.merged_into_id, Case.id),
                other.customer_id == Case.customer_id,
            ),
        )
        .correlate(Mediation, Case)
    )
    return list(
        session.scalars(
            select(Mediation.id)
            .join(Case, Case.id == Mediation.case_id)
            .join(Person, Person.id == Mediation.mediator_id)
            .where(Mediation.state.not_in(ENDED), or_(Person.team_id == Case.team_id, took_part))
            .order_by(Mediation.id)
            .limit(limit)
        )
    )


def candidates(session: Session, case: Case, locale: str, *, now: datetime, today: date) -> list[Weighed]:
    """The panel weighed for a file of `case`, the one to propose first."""
    rows = session.execute(
        select(Mediator, Person)
        .join(Person, Person.id == Mediator.person_id)
        .where(Person.active, Person.role == "mediator")
        .order_by(Person.id)
    ).all()
    loads = loads_of(session)
    found = [
        Candidate(
            person_id=person.id,
            name=person.name,
            fields=tuple(mediator.fields),
            locales=tuple(mediator.locales),
            load=loads.get(person.id, 0),
            capacity=mediator.capacity,
            available=mediator.available,
            away_until=mediator.away_until,
            last_appointed_at=mediator.last_appointed_at,
            parts=touches(session, case, person, now=now).codes,
        )
        for mediator, person in rows
    ]
    return weigh(found, field=case.kind, locale=locale, today=today)


def loads_of(session: Session) -> Counter[int]:
    """Files that are running by mediator."""
    rows = session.execute(
        select(Mediation.mediator_id, func.count())
        .where(Mediation.state.in_(RUNNING), Mediation.mediator_id.is_not(None))
        .group_by(Mediation.mediator_id)
    )
    return Counter({int(row[0]): row[1] for row in rows if row[0] is not None})


@dataclass(frozen=True)
class PanelLine:
    """A mediator of the panel in the list of those who keep it."""

    person_id: int
    name: str
    mail: str
    on_panel: bool
    fields: tuple[str, ...]
    locales: tuple[str, ...]
    load: int
    capacity: int
    available: bool
    away_until: date | None
    last_appointed_at: datetime | None
    version: int


def panel(session: Session) -> list[PanelLine]:
    """Everyone who may mediate, on the panel or not yet."""
    loads = loads_of(session)
    rows = session.execute(
        select(Person, Mediator)
        .outerjoin(Mediator, Mediator.person_id == Person.id)
        .where(Person.role == "mediator", Person.active)
        .order_by(Person.name)
    ).all()
    return [
        PanelLine(
            person.id,
            person.name,
            person.mail,
            mediator is not None,
            tuple(mediator.fields) if mediator else (),
            tuple(mediator.locales) if mediator else (person.locale,),
            loads.get(person.id, 0),
            mediator.capacity if mediator else 12,
            mediator.available if mediator else False,
            mediator.away_until if mediator else None,
            mediator.last_appointed_at if mediator else None,
            mediator.version if mediator else 0,
        )
        for person, mediator in rows
    ]


@dataclass(frozen=True)
class Unassigned:
    """A file that waits for a mediator, as whoever keeps the panel sees it: nothing of what it is about."""

    mediation_id: int
    number: str
    kind: str
    locale: str
    requested_at: datetime
    proposed: str | None
    proposed_id: int | None
    next_due_at: datetime | None
    version: int


def unassigned(session: Session) -> list[Unassigned]:
    """Running files without a mediator, oldest first."""
    rows = session.execute(
        select(Mediation, Person.name, Party.locale)
        .join(Party, (Party.mediation_id == Mediation.id) & (Party.side == "customer"))
        .outerjoin(Person, Person.id == Mediation.proposed_mediator_id)
        .where(Mediation.mediator_id.is_(None), Mediation.state.in_((*RUNNING, "agreed")))
        .order_by(Mediation.requested_at, Mediation.id)
    )
    return [
        Unassigned(
            m.id,
            m.number or "",
            m.kind,
            locale,
            m.requested_at,
            name,
            m.proposed_mediator_id,
            m.next_due_at,
            m.version,
        )
        for m, name, locale in rows
    ]


def weighed_for(session: Session, actor: Actor, mediation_id: int, *, now: datetime) -> list[Weighed]:
    """The panel weighed for one file, for who keeps the panel. Raises NotFound."""
    file, _ = file_for(session, actor, mediation_id)
    case = session.get_one(Case, file.case_id)
    locale = session.scalar(
        select(Party.locale).where(Party.mediation_id == file.id, Party.side == "customer")
    )
    today = now.astimezone(ZoneInfo(file.time_zone)).date()
    return candidates(session, case, locale or "en", now=now, today=today)
