"""Saved reports, schedules and files as their reader sees them; the figures of the list; the cases behind a figure."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Date, bindparam, select, text
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.kernel.errors import NotFound
from casedesk.reports import figures
from casedesk.reports.report_models import ReportFile, ReportSchedule, SavedReport


@dataclass(frozen=True)
class SavedLine:
    """A saved report; `own`: the reader's, who may share, schedule and remove it."""

    id: int
    name: str
    report: str
    asked: dict[str, Any]
    own: bool
    by: str
    shared_with: tuple[str, ...]
    schedules: tuple["ScheduleLine", ...] = ()


@dataclass(frozen=True)
class ScheduleLine:
    id: int
    saved_id: int
    every: str
    person: str
    next_at: datetime


def saved_of(session: Session, actor: Actor) -> list[SavedLine]:
    """What the reader saved, then what others share with the reader's role; with its schedules."""
    rows = session.execute(
        select(SavedReport, Person.name)
        .join(Person, Person.id == SavedReport.owner_id)
        .where(SavedReport.removed_at.is_(None))
        .order_by(SavedReport.name, SavedReport.id)
    ).all()
    seen = [(one, by) for one, by in rows if one.owner_id == actor.id or actor.role in one.shared_with]
    plans: dict[int, list[ScheduleLine]] = defaultdict(list)
    if seen:
        found = session.execute(
            select(ReportSchedule, Person.name)
            .join(Person, Person.id == ReportSchedule.person_id)
            .where(
                ReportSchedule.saved_id.in_([one.id for one, _by in seen]), ReportSchedule.ended_at.is_(None)
            )
            .order_by(ReportSchedule.id)
        )
        for plan, person in found:
            plans[plan.saved_id].append(
                ScheduleLine(plan.id, plan.saved_id, plan.every, person, plan.next_at)
            )
    lines = [
        SavedLine(
            one.id,
            one.name,
            one.report,
            one.asked,
            one.owner_id == actor.id,
            by,
            tuple(one.shared_with),
            tuple(plans[one.id]),
        )
        for one, by in seen
    ]
    return sorted(lines, key=lambda line: not line.own)


def saved_for(session: Session, actor: Actor, saved_id: int, *, own: bool = False) -> SavedReport:
    """A saved report that the actor may open (or, with `own`, change). Raises NotFound."""
    found = session.get(SavedReport, saved_id)
    if found is None or found.removed_at is not None:
        raise NotFound("not_found")
    if found.owner_id != actor.id and (own or actor.role not in found.shared_with):
        raise NotFound("not_found")
    return found


def file_for(session: Session, actor: Actor, file_id: int) -> ReportFile:
    """A file that the actor asked for. Raises NotFound."""
    found = session.get(ReportFile, file_id)
    if found is None or found.person_id != actor.id:
        raise NotFound("not_found")
    return found


WEEKS = 12


def recent(session: Session, today: date) -> dict[str, list[int]]:
    """Counts of each event in each of the last twelve weeks, the running one last: for the small figures of the list."""
    monday = today - timedelta(days=today.weekday())
    start = monday - timedelta(weeks=WEEKS - 1)
    rows = session.execute(
        text(
            "SELECT event, day, sum(n) AS n FROM cube_days WHERE cut = '' AND day >= :start GROUP BY event, day"
        ).bindparams(bindparam("start", type_=Date())),
        {"start": start},
    )
    found: dict[str, list[int]] = defaultdict(lambda: [0] * WEEKS)
    for row in rows:
        week = (figures.as_date(row.day) - start).days // 7
        if 0 <= week < WEEKS:
            found[row.event][week] += int(row.n)
    return found


@dataclass(frozen=True)
class RateLine:
    day: date
    currency: str
    rate: float
    source: str
    by: str


def rate_lines(session: Session, limit: int = 60) -> list[RateLine]:
    """The rates entered last."""
    rows = session.execute(
        text(
            "SELECT r.day, r.currency, r.rate_billionths, r.source, p.name FROM fx_rates r "
            "LEFT JOIN people p ON p.id = r.entered_by ORDER BY r.day DESC, r.id DESC LIMIT :most"
        ),
        {"most": limit},
    )
    return [
        RateLine(figures.as_date(r.day), r.currency, r.rate_billionths / 1e9, r.source, r.name or "")
        for r in rows
    ]
