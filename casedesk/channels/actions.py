"""Leave mails to be sent, have them sent again, take their words away."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.channels.models import OutgoingMail
from casedesk.channels.rules import SETTLED, STOPPED, WAITING, NewMail, address, message_id_of
from casedesk.kernel.errors import InvalidInput, NotFound, RuleBroken
from casedesk.store import outbox, record
from casedesk.store.record import ActorRef, Line

__all__ = ["NewMail", "erase_mails", "queue_mail", "resend"]


def queue_mail(session: Session, new: NewMail, *, now: datetime) -> OutgoingMail:
    """Leave the mail to be sent by the worker, in the caller's commit. Raises InvalidInput for a bad address."""
    try:
        address(new.recipient)
    except ValueError:
        raise InvalidInput("mail.address", field="recipient", recipient=new.recipient[:80]) from None
    mail = OutgoingMail(
        subject_kind=new.subject[0],
        subject_id=new.subject[1],
        entry_id=new.entry_id,
        message_id=message_id_of(new.key, new.sender),
        in_reply_to=new.in_reply_to,
        sender=new.sender,
        recipient=new.recipient.strip(),
        title=new.title,
        text=new.text,
        attachment_digest=new.attachment_digest,
        attachment_name=new.attachment_name,
        state=WAITING,
        attempts=0,
        possibly_twice=False,
        created_at=now,
    )
    session.add(mail)
    session.flush()
    _leave(session, mail, key=f"mail-{mail.id}", now=now)
    return mail


def resend(session: Session, mail_id: int, *, actor: ActorRef, now: datetime) -> OutgoingMail:
    """Have a settled mail sent again under the same Message-ID, and put that on the record.

    Raises RuleBroken while it is still on its way, or where its words were erased.
    """
    mail = session.get(OutgoingMail, mail_id, with_for_update=True, populate_existing=True)
    if mail is None:
        raise NotFound("not_found")
    if mail.state not in SETTLED:
        raise RuleBroken("mail.erased" if mail.state == STOPPED else "mail.on_its_way")
    line = Line("event.mail_resent", {"mail": mail.id, "entry": mail.entry_id, "before": mail.state})
    entry = record.append(session, (mail.subject_kind, mail.subject_id), line, actor=actor, now=now)
    mail.state, mail.last_error = WAITING, None
    _leave(session, mail, key=f"mail-{mail.id}-again-{entry.id}", now=now)
    session.flush()
    return mail


def erase_mails(session: Session, subject: tuple[str, int]) -> int:
    """Take recipient and words out of the subject's mails; those that have not left are stopped. How many."""
    mails = session.scalars(
        select(OutgoingMail)
        .where(OutgoingMail.subject_kind == subject[0], OutgoingMail.subject_id == subject[1])
        .order_by(OutgoingMail.id)
        .with_for_update()
    ).all()
    for mail in mails:
        mail.recipient = mail.title = mail.text = mail.attachment_name = ""
        mail.attachment_digest = mail.last_error = None
        mail.state = STOPPED
    session.flush()
    return len(mails)


def _leave(session: Session, mail: OutgoingMail, *, key: str, now: datetime) -> None:
    subject = (mail.subject_kind, mail.subject_id)
    outbox.put(session, "mail.send", key=key, due_at=now, now=now, subject=subject, mail_id=mail.id)
