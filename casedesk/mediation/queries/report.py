"""The files of a year as the report reads them. One statement, however many files there are."""

from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from casedesk.mediation.models import Closing, Mediation, Task
from casedesk.mediation.rules.figures import FileFigures, YearReport, report
from casedesk.mediation.rules.states import RUNNING


def year_report(session: Session, year: int, zone: str) -> YearReport:
    """The figures of `year`, its days counted in `zone`."""
    return report_of_days(session, date(year, 1, 1), date(year + 1, 1, 1), zone)


def report_of_days(session: Session, first: date, end: date, zone: str) -> YearReport:
    """The figures of the days from `first` up to `end`, counted in `zone`. Plain columns: there may be many thousand files."""
    start, end_at = _midnight(first, zone), _midnight(end, zone)
    files = [_figures(row) for row in session.execute(_files(start, end_at))]
    filed = [file for file in files if start <= file.requested_at < end_at]
    ended = [
        file
        for file in files
        if file.ended_at is not None and start <= file.ended_at < end_at and file.state not in RUNNING
    ]
    return report(filed, ended)


def _files(start: datetime, end: datetime) -> Select[Any]:
    """What came in or ended between the two instants, with how it ended last and how its agreement was carried out."""
    tasks = (
        select(
            Task.mediation_id,
            func.count().label("all"),
            func.sum(_one(Task.state == "done")).label("done"),
            func.sum(_one(Task.state == "breached")).label("failed"),
        )
        .group_by(Task.mediation_id)
        .subquery()
    )
    last, newer = aliased(Closing), aliased(Closing)
    is_last = and_(
        last.mediation_id == Mediation.id,
        ~exists().where(newer.mediation_id == last.mediation_id, newer.n > last.n),
    )
    came = and_(Mediation.requested_at >= start, Mediation.requested_at < end)
    over = and_(last.at >= start, last.at < end, Mediation.state.not_in(RUNNING))
    return (
        select(*_COLUMNS, *(getattr(last, name) for name in _CLOSING), *tasks.c["all", "done", "failed"])
        .select_from(Mediation)
        .outerjoin(last, is_last)
        .outerjoin(tasks, tasks.c.mediation_id == Mediation.id)
        .where(or_(came, over))
        .order_by(Mediation.id)
    )


_COLUMNS = (
    Mediation.id,
    Mediation.number,
    Mediation.kind,
    Mediation.cause,
    Mediation.state,
    Mediation.requested_at,
    Mediation.cross_border,
    Mediation.ground,
)
_CLOSING = ("state", "at", "days", "favours", "interruption", "question", "recommendation")


def years(session: Session, zone: str, now: datetime) -> list[int]:
    """Years for which there is a report, newest first."""
    first = session.scalar(select(func.min(Mediation.requested_at)))
    current = now.astimezone(ZoneInfo(zone)).year
    begins = first.astimezone(ZoneInfo(zone)).year if first else current
    return list(range(current, begins - 1, -1))


def files_of(session: Session, ids: tuple[int, ...]) -> list[tuple[int, str, str, datetime]]:
    """(id, number, state, requested) of the files that a figure counts."""
    rows = session.execute(
        select(Mediation.id, Mediation.number, Mediation.state, Mediation.requested_at)
        .where(Mediation.id.in_(ids))
        .order_by(Mediation.requested_at, Mediation.id)
    )
    return [(row[0], row[1] or "", row[2], row[3]) for row in rows]


def _one(condition: Any) -> Any:
    return case((condition, 1), else_=0)


def _figures(row: Any) -> FileFigures:
    (number_id, number, kind, cause, state, requested_at, cross_border, ground) = row[:8]
    (ended, at, days, favours, interruption, question, recommendation, tasks, done, failed) = row[8:]
    return FileFigures(
        id=number_id,
        number=number or "",
        kind=kind,
        cause=question or cause,
        state=ended if ended and state not in (*RUNNING, "agreed") else state,
        requested_at=requested_at,
        cross_border=cross_border,
        ground=ground,
        ended_at=at,
        days=days,
        favours=favours,
        interruption=interruption,
        recommendation=recommendation,
        tasks=tasks or 0,
        tasks_done=int(done or 0),
        tasks_failed=int(failed or 0),
    )


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(0), ZoneInfo(zone)).astimezone(UTC)
