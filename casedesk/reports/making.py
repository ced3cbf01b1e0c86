"""Make a report for somebody: what they may see, what was asked, and the figures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.kernel.errors import InvalidInput, NotFound
from casedesk.reports.asked import Asked, Typed, read
from casedesk.reports.catalog import REPORTS
from casedesk.reports.catalog.base import Desk, Made, Report
from casedesk.reports.catalog.labels import dimension_label
from casedesk.reports.names import Names, names


@dataclass(frozen=True)
class Answer:
    """A report as made: the question, its figures, the names used, and up to when the record was read."""

    report: Report
    asked: Asked
    made: Made
    names: Names
    zone: str
    now: datetime
    as_of: datetime | None
    own_only: bool


def reports_for(role: str) -> Sequence[Report]:
    """The reports that a role may open, in the catalogue's order."""
    return [one for one in REPORTS.values() if role in one.roles]


def report_for(role: str, code: str) -> Report:
    """The report of that code. Raises NotFound also where the role may not open it."""
    report = REPORTS.get(code)
    if report is None or role not in report.roles:
        raise NotFound("not_found")
    return report


def scope_of(actor: Actor) -> tuple[tuple[str, str], ...]:
    """What somebody's figures are narrowed to: nothing, the team with the own cases, or the own cases."""
    own = ("owner", str(actor.id))
    if actor.role == "agent":
        return (("team", str(actor.team_id)), own) if actor.is_lead and actor.team_id else (own,)
    if actor.sees == "all" or actor.role != "manager":
        return ()
    return (("team", str(actor.team_id)), own) if actor.sees == "team" and actor.team_id else (own,)


def scoped(asked: Asked, actor: Actor) -> Asked:
    """The question narrowed to what `actor` may see in reports."""
    return replace(asked, scope=scope_of(actor))


def today_in(zone: str, now: datetime) -> date:
    return now.astimezone(ZoneInfo(zone)).date()


def answer(
    session: Session, report: Report, typed: Typed, *, actor: Actor, zone: str, now: datetime
) -> Answer:
    """The report as asked for in `typed`, for `actor`. Raises InvalidInput where it cannot be answered."""
    known, today = names(session), today_in(zone, now)
    wanted = read(typed, today=today, known=known.known)
    wanted = scoped(wanted, actor)
    if not report.compares:
        wanted = replace(wanted, before=None)
    unused = next((name for name, _values in wanted.filters if name not in report.filters), None)
    if unused:
        raise InvalidInput("report.filter", field=unused, filter=dimension_label(unused))
    made = report.make(Desk(session, wanted, known, now, today, known.home, zone))
    return Answer(report, wanted, made, known, zone, now, known.as_of, bool(wanted.scope))
