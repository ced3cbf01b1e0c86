"""The files of a year as the report reads them. One statement, however many files there are."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, case, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from casedesk.mediation.models import Closing, Mediation, Task
from casedesk.mediation.rules.figures import FileFigures, YearReport, report
from casedesk.mediation.rules.states import RUNNING


def year_report(session: Session, year: int, zone: str) -> YearReport:
    """The figures of `year`, its days counted in `zone`. Plain columns: a year may have many thousand files."""
    start, end = _year(year, zone)
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
    rows = session.execute(
        select(*_COLUMNS, *(getattr(last, name) for name in _CLOSING), *tasks.c["all", "done", "failed"])
        .select_from(Mediation)
        .outerjoin(last, is_last)
        .outerjoin(tasks, tasks.c.mediation_id == Mediation.id)
        .where(or_(came, over))
        .order_by(Mediation.id)
    ).all()
    files = [_figures(row) for row in rows]
    filed = [file for file in files if start <= file.requested_at < end]
    ended = [
        file
        for file in files
        if file.ended_at is not None and start <= file.ended_at < end and file.state not in RUNNING
    ]
    return report(year, filed, ended)


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


def _year(year: int, zone: str) -> tuple[datetime, datetime]:
    place = ZoneInfo(zone)
    return (
        datetime(year, 1, 1, tzinfo=place).astimezone(UTC),
        datetime(year + 1, 1, 1, tzinfo=place).astimezone(UTC),
    )
