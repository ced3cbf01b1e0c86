"""The legal days of a file: asked of the packs, kept as clocks with their working, moved when a fact moves them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from casedesk.cases.facts import CaseFile, facts_of
from casedesk.cases.models import Case
from casedesk.cases.queries.file import file_of_case
from casedesk.deadlines import actions as deadlines
from casedesk.deadlines.actions import NewClock
from casedesk.mediation.actions.filing import end_of, local_day, subject_of
from casedesk.mediation.facts import deadline_facts
from casedesk.mediation.models import Mediation
from casedesk.mediation.rules.dates import ANSWER_DAYS, OUTCOME_DAYS, rules_for
from casedesk.policy.evaluate import judge
from casedesk.rulebook import packs


@dataclass(frozen=True)
class LegalDay:
    """The last day of a period, the instant after it, and how it came about (JSON-able)."""

    last: date
    until: datetime
    working: dict[str, Any]
    by_law: bool


def refusal_day(session: Session, file: Mediation, case: Case, *, now: datetime) -> LegalDay:
    """By when a refusal must be told: from the day on which the file came in."""
    place = place_of(file_of_case(session, case), now)
    rules = rules_for(place.get("jurisdiction"))
    rule = rules.refusal if rules else None
    return _day(session, file, place, rule, "file_received", file.requested_at, ANSWER_DAYS, now=now)


def outcome_day(
    session: Session,
    file: Mediation,
    case: Case,
    *,
    extension: Mapping[str, Any] | None = None,
    now: datetime,
) -> LegalDay:
    """By when the outcome comes: from the notification (France) or the complete file (elsewhere in the Union)."""
    place = place_of(file_of_case(session, case), now)
    rules = rules_for(place.get("jurisdiction"))
    event = rules.outcome_event if rules else "complete_file_received"
    from_notice = event == "R612-2_notification"
    start = file.notified_at if from_notice else file.complete_at
    start = start or file.notified_at or file.requested_at
    return _day(
        session,
        file,
        place,
        rules.outcome if rules else None,
        event,
        start,
        OUTCOME_DAYS,
        extension=extension,
        now=now,
    )


def keep(session: Session, file: Mediation, name: str, day: LegalDay, *, now: datetime) -> None:
    """Start or move the clock `name` of the file to `day`."""
    new = NewClock(name, day.until, day.working, by_law=day.by_law)
    deadlines.set_due(session, subject_of(file), new, now=now)


def keep_house(
    session: Session, file: Mediation, name: str, last: date, why: Mapping[str, Any], *, now: datetime
) -> None:
    """The same for a day that the house or the mediator sets."""
    working = {"kind": "set", "last": last.isoformat(), **why}
    deadlines.set_due(
        session, subject_of(file), NewClock(name, end_of(file, last), working, by_law=False), now=now
    )


def place_of(file: CaseFile, now: datetime) -> dict[str, Any]:
    """Zone, jurisdiction and holidays of the customer, as the rules read them."""
    plain = facts_of(file, now=now).to_plain()
    names = ("timezone", "jurisdiction", "holiday_calendar")
    return {name: plain[name]["value"] for name in names if name in plain}


def _day(
    session: Session,
    file: Mediation,
    place: Mapping[str, Any],
    rule: str | None,
    event: str,
    start: datetime,
    days: int,
    *,
    extension: Mapping[str, Any] | None = None,
    now: datetime,
) -> LegalDay:
    if rule is not None:
        facts = deadline_facts(place, start_at=start, event=event, parts=[], extension=extension, now=now)
        on = now.astimezone(ZoneInfo(file.time_zone)).date()
        verdict = judge(packs.published(session), facts, rule, on=on)
        if verdict.clocks:
            return _by_rule(verdict.clocks[0], verdict, rule, event, start)
    last = local_day(file, start) + timedelta(days=days)
    if extension:
        last = date.fromisoformat(str(extension["new_date"]))
    working = {
        "kind": "house",
        "event": event,
        "from": start.isoformat(),
        "days": days,
        "last": last.isoformat(),
    }
    return LegalDay(last, end_of(file, last), working, by_law=False)


def _by_rule(clock: Any, verdict: Any, rule: str, event: str, start: datetime) -> LegalDay:
    """The first reading where there are two: whoever keeps it keeps both."""
    finding = verdict.findings[0]
    steps = [
        {"code": step.code, **{name: _plain(value) for name, value in step.params.items()}}
        for step in finding.steps
        if step.code != "act_compared"
    ]
    working = {
        "kind": "rule",
        "rule": rule,
        "event": event,
        "from": start.isoformat(),
        "last": clock.deadline.last_local_date.isoformat(),
        "steps": steps,
        "packs": [stamp.digest for stamp in verdict.packs],
    }
    return LegalDay(clock.deadline.last_local_date, clock.deadline.utc_exclusive, working, by_law=True)


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value if isinstance(value, int | str | bool) or value is None else str(value)
