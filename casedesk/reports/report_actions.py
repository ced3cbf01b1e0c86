"""Save, share, schedule and remove reports; ask for their files; enter rates of exchange."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.accounts.sign_ins import PERSON_COLUMNS
from casedesk.channels.actions import NewMail, queue_mail
from casedesk.customers.models import Entity
from casedesk.kernel.errors import InvalidInput, NotFound
from casedesk.reports import making
from casedesk.reports.catalog import REPORTS
from casedesk.reports.cube_models import FxRate
from casedesk.reports.report_models import ReportFile, ReportSchedule, SavedReport
from casedesk.reports.report_queries import saved_for
from casedesk.reports.report_rules import EVERY, LONGEST_NAME, SHARED, leaves_at, next_start, period_before
from casedesk.reports.signal_money import weigh
from casedesk.store import blobs, outbox

DRAW = "report.draw"


@dataclass(frozen=True)
class SaveReport:
    name: str
    report: str
    asked: dict[str, list[str]]
    shared_with: tuple[str, ...] = ()


def save(session: Session, command: SaveReport, *, actor: Actor, now: datetime) -> SavedReport:
    """Keep the report with what was asked, for oneself and the roles it is shared with. Raises InvalidInput, NotFound."""
    making.report_for(actor.role, command.report)
    if not command.name or len(command.name) > LONGEST_NAME:
        raise InvalidInput("report.name", field="name")
    saved = SavedReport(
        name=command.name,
        report=command.report,
        asked=dict(command.asked),
        owner_id=actor.id,
        shared_with=[role for role in SHARED if role in command.shared_with],
        created_at=now,
    )
    session.add(saved)
    session.flush()
    return saved


def remove(session: Session, saved_id: int, *, actor: Actor, now: datetime) -> None:
    """Take one's saved report away, and with it its schedules."""
    saved = saved_for(session, actor, saved_id, own=True)
    saved.removed_at = now
    for plan in session.scalars(
        select(ReportSchedule).where(ReportSchedule.saved_id == saved.id, ReportSchedule.ended_at.is_(None))
    ):
        plan.ended_at = now
    session.flush()


def schedule(
    session: Session, saved_id: int, every: str, *, actor: Actor, zone: str, now: datetime
) -> ReportSchedule:
    """Have the saved report mailed to oneself each day, week or month; asked for twice it is one schedule."""
    saved = saved_for(session, actor, saved_id)
    making.report_for(actor.role, saved.report)
    if every not in EVERY:
        raise InvalidInput("report.grain", field="every", grain=every[:20])
    known = session.scalars(
        select(ReportSchedule).where(
            ReportSchedule.saved_id == saved.id,
            ReportSchedule.person_id == actor.id,
            ReportSchedule.every == every,
            ReportSchedule.ended_at.is_(None),
        )
    ).first()
    if known is not None:
        return known
    start = next_start(every, making.today_in(zone, now))
    plan = ReportSchedule(
        saved_id=saved.id,
        person_id=actor.id,
        every=every,
        next_at=leaves_at(start, zone=zone, reader_zone=actor.time_zone),
    )
    session.add(plan)
    session.flush()
    return plan


def end_schedule(session: Session, schedule_id: int, *, actor: Actor, now: datetime) -> None:
    """No more mails of this schedule: one's own, or one on a report of one's own. Raises NotFound."""
    plan = session.get(ReportSchedule, schedule_id)
    if plan is None or plan.ended_at is not None:
        raise NotFound("not_found")
    if plan.person_id != actor.id:
        saved_for(session, actor, plan.saved_id, own=True)
    plan.ended_at = now
    session.flush()


def ask_file(
    session: Session,
    report: str,
    asked: dict[str, list[str]],
    *,
    actor: Actor,
    zone: str,
    now: datetime,
    schedule_id: int | None = None,
) -> ReportFile:
    """Leave the report's PDF to be drawn by the worker, for `actor` in his or her language."""
    file = ReportFile(
        person_id=actor.id,
        schedule_id=schedule_id,
        report=report,
        asked=asked,
        format="pdf",
        locale=actor.locale,
        zone=zone,
        asked_at=now,
    )
    session.add(file)
    session.flush()
    outbox.put(
        session,
        DRAW,
        key=f"report-file-{file.id}",
        due_at=now,
        now=now,
        subject=("report", file.id),
        file_id=file.id,
    )
    return file


def send_due(session: Session, *, zone: str, now: datetime) -> int:
    """Ask for the files of every schedule that is due, and set when each is due again; how many."""
    due = session.scalars(
        select(ReportSchedule)
        .where(ReportSchedule.next_at <= now, ReportSchedule.ended_at.is_(None))
        .order_by(ReportSchedule.id)
        .with_for_update()
    ).all()
    for plan in due:
        _send(session, plan, zone=zone, now=now)
    session.flush()
    return len(due)


def _send(session: Session, plan: ReportSchedule, *, zone: str, now: datetime) -> None:
    """One file for the whole period that ended last; periods missed by a stopped worker are not made up for."""
    saved, reader = session.get(SavedReport, plan.saved_id), person_actor(session, plan.person_id)
    if (
        saved is None
        or saved.removed_at is not None
        or reader is None
        or reader.role not in _roles(saved.report)
    ):
        plan.ended_at = now
        return
    today = making.today_in(zone, now)
    period = period_before(plan.every, _start_of(plan.every, today))
    asked = {
        **saved.asked,
        "period": ["custom"],
        "from": [period.start.isoformat()],
        "to": [period.last.isoformat()],
    }
    asked.pop("grain", None)
    ask_file(session, saved.report, asked, actor=reader, zone=zone, now=now, schedule_id=plan.id)
    plan.last_sent_at = now
    plan.next_at = leaves_at(next_start(plan.every, today), zone=zone, reader_zone=reader.time_zone)


def _start_of(every: str, today: date) -> date:
    """The first day of the period that `today` is in."""
    if every == "month":
        return today.replace(day=1)
    return date.fromordinal(today.toordinal() - today.weekday()) if every == "week" else today


def _roles(report: str) -> tuple[str, ...]:
    known = REPORTS.get(report)
    return known.roles if known else ()


def person_actor(session: Session, person_id: int) -> Actor | None:
    """The person as an actor, if he or she may still sign in."""
    person = session.get(Person, person_id)
    if person is None or not person.active:
        return None
    return Actor(*(getattr(person, column.key) for column in PERSON_COLUMNS))


def keep_file(session: Session, file_id: int, data: bytes, name: str, *, now: datetime) -> ReportFile:
    """The file was drawn."""
    file = session.get_one(ReportFile, file_id)
    file.blob_digest = blobs.put(session, data, "application/pdf", now=now)
    file.state, file.name, file.done_at = "ready", name, now
    session.flush()
    return file


def mark_failed(session: Session, file_id: int, error: str, *, now: datetime) -> None:
    file = session.get(ReportFile, file_id)
    if file is not None:
        file.state, file.error, file.done_at = "failed", error[:300], now
        session.flush()


@dataclass(frozen=True)
class Words:
    """Title and text of the mail that a scheduled report goes with, in its reader's language."""

    title: str
    text: str


def mail_file(session: Session, file: ReportFile, words: Words, *, now: datetime) -> None:
    """Leave the drawn file of a schedule to be sent to its reader."""
    reader = session.get(Person, file.person_id)
    sender = session.scalar(select(Entity.sender_mail).order_by(Entity.id).limit(1))
    if reader is None or not reader.active or sender is None or file.blob_digest is None:
        return
    queue_mail(
        session,
        NewMail(
            subject=("report", file.id),
            entry_id=None,
            key=f"report-file-{file.id}",
            sender=sender,
            recipient=reader.mail,
            title=words.title,
            text=words.text,
            attachment_digest=file.blob_digest,
            attachment_name=file.name,
        ),
        now=now,
    )


def enter_rate(
    session: Session,
    day: date,
    currency: str,
    rate: Decimal,
    source: str,
    *,
    actor: Actor,
    home: str,
    today: date,
    now: datetime,
) -> FxRate:
    """Enter what one unit of `currency` was worth in the organisation's. Raises InvalidInput."""
    if len(currency) != 3 or not currency.isalpha() or currency == home:
        raise InvalidInput("report.rate_currency", field="currency", home=home)
    if not 0 < rate < 1_000_000:
        raise InvalidInput("report.rate", field="rate")
    if day > today:
        raise InvalidInput("report.rate_future", field="day")
    entered = FxRate(
        day=day,
        currency=currency.upper(),
        rate_billionths=round(rate * 10**9),
        source=source or "entered",
        entered_by=actor.id or None,
        entered_at=now,
    )
    session.add(entered)
    session.flush()
    weigh(session, today)
    return entered


def spoken_to(actor: Actor, *, locale: str | None = None) -> Actor:
    """The actor reading in another language."""
    return replace(actor, locale=locale) if locale else actor


def fields(asked: dict[str, Any]) -> dict[str, Sequence[str]]:
    """A stored question as the fields that asked it."""
    return {str(name): [str(v) for v in value] for name, value in asked.items() if isinstance(value, list)}
