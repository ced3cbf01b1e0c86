"""Send mails: the mail server's answer and ours can fall apart, so a lost attempt is repeated and marked."""

import os
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from hashlib import sha256
from pathlib import Path

from flask import current_app
from sqlalchemy.orm import Session

from casedesk.channels import mail, smtp
from casedesk.channels.filling import filled
from casedesk.channels.models import OutgoingMail
from casedesk.channels.rules import FAILED, SENDING, SENT, STOPPED, WAITING, WRITTEN, Outgoing
from casedesk.config import Settings
from casedesk.store import blobs, record
from casedesk.store.record import SYSTEM, Line
from casedesk.store.work import Call, Job, Refused


@dataclass(frozen=True)
class Handed:
    """Where the mail went: `state` is sent or written."""

    state: str


def prepare(session: Session, job: Job, *, now: datetime) -> Outgoing | None:
    """The mail as it leaves, marked `sending`; None where it has left already or was stopped."""
    row = _row(session, job)
    if row.state in (SENT, WRITTEN, STOPPED):
        return None
    row.state = SENDING
    row.attempts += 1
    if job.uncertain and not row.possibly_twice:
        row.possibly_twice = True
        _record(session, row, "mail_twice", {"attempt": row.attempts}, now)
    return Outgoing(
        message_id=row.message_id,
        in_reply_to=row.in_reply_to,
        sender=row.sender,
        recipient=row.recipient,
        title=row.title,
        text=filled(row.text),
        written_at=row.created_at,
        attachment_digest=row.attachment_digest,
        attachment_name=row.attachment_name,
    )


def call(outgoing: Outgoing) -> Handed:
    """Hand the mail to the mail server, or write it to disk where none is set."""
    settings: Settings = current_app.extensions["settings"]
    pdf = blobs.read(outgoing.attachment_digest) if outgoing.attachment_digest else None
    try:
        message = mail.built(outgoing, pdf)
    except ValueError as error:
        raise Refused(str(error)) from error
    if settings.smtp_url:
        smtp.deliver(smtp.Server.from_url(settings.smtp_url), message)
        return Handed(SENT)
    write_to_disk(settings.data_dir / "mail", message)
    return Handed(WRITTEN)


def finish(session: Session, job: Job, result: Handed, *, now: datetime) -> None:
    row = _row(session, job)
    if row.state == STOPPED:  # its words were erased while it was leaving
        return
    row.state, row.sent_at, row.last_error = result.state, now, None


def failed(session: Session, job: Job, error: str, *, final: bool, now: datetime) -> None:
    """The attempt failed: say why, and put it on the record where nobody tries again."""
    row = _row(session, job)
    if row.state == STOPPED:
        return
    row.state, row.last_error = (FAILED if final else WAITING), error[:500]
    if final:
        _record(session, row, "mail_failed", {"attempts": row.attempts}, now)


def write_to_disk(folder: Path, message: EmailMessage) -> Path:
    """`message` lies whole in `folder`, once per Message-ID."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{sha256(str(message['Message-ID']).encode()).hexdigest()[:32]}.eml"
    unfinished = path.with_suffix(".part")
    with unfinished.open("wb") as file:
        file.write(message.as_bytes())
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    return path


def _row(session: Session, job: Job) -> OutgoingMail:
    return session.get_one(OutgoingMail, job.payload["mail_id"], with_for_update=True, populate_existing=True)


def _record(session: Session, row: OutgoingMail, what: str, params: dict[str, object], now: datetime) -> None:
    line = Line(f"event.{what}", {"mail": row.id, "entry": row.entry_id, **params})
    record.append(session, (row.subject_kind, row.subject_id), line, actor=SYSTEM, now=now)


CALLS = {"mail.send": Call(prepare, call, finish, failed)}
