"""Document what was said: exchanges, internal notes, corrections. What is sent leaves by the outbox."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.cases.actions import clocks
from casedesk.cases.actions.changing import move_to
from casedesk.cases.actions.judging import judge_case
from casedesk.cases.actions.weighing import find_words, leave_weighing
from casedesk.cases.actions.writing import attach, locked_case, write, write_acts
from casedesk.cases.commands import CorrectEntry, RecordExchange, RecordNote
from casedesk.cases.entries import Exchange, Note
from casedesk.cases.models import Case
from casedesk.cases.rules import CHANNELS
from casedesk.channels import actions as channels
from casedesk.channels.actions import NewMail
from casedesk.customers.models import ContactPoint, Entity
from casedesk.kernel.errors import InvalidInput, NotFound, RuleBroken
from casedesk.store.models import Entry


def record_exchange(session: Session, command: RecordExchange, *, actor: Actor, now: datetime) -> Entry:
    """Record one contact; an outbound mail is left to be sent in the same commit. Raises InvalidInput, Conflict."""
    happened_at = _check(command, now)
    case = locked_case(session, actor, command.case_id, command.case_version)
    exchange = Exchange(
        channel=command.channel,
        inbound=command.inbound,
        said=command.said,
        counterpart=command.counterpart,
        title=command.title,
        promise=command.promise,
        promised_until=command.promised_until,
        acts=command.acts,
        minutes=command.minutes,
        attachments=len(command.attachments),
    )
    entry = write(session, case, exchange.line(happened_at), actor=actor, now=now)
    write_acts(session, case, entry, command.acts)
    attach(session, case, entry, command.attachments)
    if command.inbound:
        find_words(session, case, entry, command.said)
        leave_weighing(session, case, str(entry.id), now=now)
    _note_contact(session, case, command, happened_at, actor=actor, now=now)
    if command.channel == "mail" and not command.inbound:
        _send(session, case, entry, exchange, command.recipient, now)
    if command.then_status and command.then_status != case.status:
        move_to(session, case, command.then_status, actor=actor, now=now)
    if command.acts:
        judge_case(session, case, actor=actor, now=now)
    session.flush()
    return entry


def record_note(session: Session, command: RecordNote, *, actor: Actor, now: datetime) -> Entry:
    """Record an internal note. Nothing that sends ever sees it."""
    if not command.said:
        raise InvalidInput("entry.empty", field="said")
    case = locked_case(session, actor, command.case_id, None)
    return write(session, case, Note(command.said).line(), actor=actor, now=now)


def correct_entry(session: Session, command: CorrectEntry, *, actor: Actor, now: datetime) -> Entry:
    """Say what an earlier exchange or note should have said. The earlier one stays as it is."""
    if not command.said:
        raise InvalidInput("entry.empty", field="said")
    case = locked_case(session, actor, command.case_id, None)
    wrong = session.get(Entry, command.entry_id)
    if wrong is None or (wrong.subject_kind, wrong.subject_id) != ("case", case.id):
        raise NotFound("not_found")
    if wrong.kind == "exchange":
        line = Exchange(wrong.body["channel"], wrong.body["inbound"], command.said).line(
            wrong.happened_at, wrong.id
        )
    elif wrong.kind == "note":
        line = Note(command.said).line(wrong.id)
    else:
        raise RuleBroken("entry.not_correctable")
    return write(session, case, line, actor=actor, now=now)


def mark_read(session: Session, case_id: int, *, actor: Actor) -> None:
    """The owner has seen the newest message."""
    case = locked_case(session, actor, case_id, None)
    if case.unread and case.owner_id == actor.id:
        case.unread = False


def _check(command: RecordExchange, now: datetime) -> datetime:
    if command.channel not in CHANNELS:
        raise InvalidInput("case.channel", field="channel")
    if not command.said:
        raise InvalidInput("entry.empty", field="said")
    happened_at = command.happened_at or now
    if happened_at > now:
        raise InvalidInput("entry.in_future", field="happened_at")
    return happened_at


def _note_contact(
    session: Session,
    case: Case,
    command: RecordExchange,
    happened_at: datetime,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    if case.last_contact_at is None or happened_at >= case.last_contact_at:
        case.last_contact_at = happened_at
        case.last_contact_channel = command.channel
        case.last_contact_inbound = command.inbound
    if command.inbound:
        _customer_spoke(session, case, command, actor=actor, now=now)
    else:
        _we_spoke(session, case, happened_at, now=now)


def _customer_spoke(
    session: Session, case: Case, command: RecordExchange, *, actor: Actor, now: datetime
) -> None:
    answered_at_once = command.channel in ("phone", "chat", "meeting") and actor.ref.kind == "person"
    case.unread = not answered_at_once
    if case.status in ("waiting-customer", "closed"):
        move_to(session, case, "open", actor=actor, now=now, by_customer=True)
    if answered_at_once:
        _we_spoke(session, case, now, now=now)
    elif case.first_reply_at is not None and case.status != "closed":
        clocks.start(session, case, "next_reply", now=now)


def _we_spoke(session: Session, case: Case, at: datetime, *, now: datetime) -> None:
    if case.first_reply_at is None:
        case.first_reply_at = at
    case.unread = False
    clocks.stop(session, case, "first_reply", "next_reply", now=at if at <= now else now)
    if case.stage == "intake":
        case.stage = "desk"


def _send(
    session: Session, case: Case, entry: Entry, exchange: Exchange, recipient: str, now: datetime
) -> None:
    to = recipient or mail_address(session, case)
    if not to:
        raise InvalidInput("entry.no_address", field="recipient")
    entity = session.get_one(Entity, case.entity_id)
    channels.queue_mail(
        session,
        NewMail(
            subject=("case", case.id),
            entry_id=entry.id,
            key=f"exchange-{entry.id}",
            sender=entity.sender_mail,
            recipient=to,
            title=exchange.title or f"{entity.name}, {case.number}",
            text=exchange.said,
        ),
        now=now,
    )


def mail_address(session: Session, case: Case) -> str:
    """Where the customer of the case gets mail; empty where no address is known."""
    if case.customer_id is None:
        contact = case.claimed_contact or ""
        return contact if "@" in contact else ""
    return (
        session.scalar(
            select(ContactPoint.value)
            .where(ContactPoint.customer_id == case.customer_id, ContactPoint.kind == "mail")
            .order_by(ContactPoint.preferred.desc(), ContactPoint.id)
            .limit(1)
        )
        or ""
    )
