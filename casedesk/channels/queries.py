"""What became of the mails of a case, and what waits on the whole desk."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from casedesk.channels.models import OutgoingMail
from casedesk.channels.rules import SETTLED


@dataclass(frozen=True)
class Delivery:
    """How far one mail got."""

    mail_id: int
    entry_id: int | None
    recipient: str
    title: str
    state: str
    attempts: int
    possibly_twice: bool
    last_error: str | None
    has_attachment: bool
    created_at: datetime
    sent_at: datetime | None

    @property
    def may_be_resent(self) -> bool:
        return self.state in SETTLED


def deliveries_of(session: Session, subject: tuple[str, int]) -> list[Delivery]:
    """The subject's mails, newest first. One statement."""
    return [Delivery(*row) for row in session.execute(_MAILS, {"kind": subject[0], "id": subject[1]})]


_MAILS = (
    select(
        OutgoingMail.id,
        OutgoingMail.entry_id,
        OutgoingMail.recipient,
        OutgoingMail.title,
        OutgoingMail.state,
        OutgoingMail.attempts,
        OutgoingMail.possibly_twice,
        OutgoingMail.last_error,
        OutgoingMail.attachment_digest.is_not(None),
        OutgoingMail.created_at,
        OutgoingMail.sent_at,
    )
    .where(OutgoingMail.subject_kind == bindparam("kind"), OutgoingMail.subject_id == bindparam("id"))
    .order_by(OutgoingMail.id.desc())
)


def deliveries_of_case(session: Session, case_id: int) -> dict[int, Delivery]:
    """The newest mail of each entry of a case, by entry."""
    newest: dict[int, Delivery] = {}
    for delivery in deliveries_of(session, ("case", case_id)):
        if delivery.entry_id is not None:
            newest.setdefault(delivery.entry_id, delivery)
    return newest


def subject_of_mail(session: Session, mail_id: int) -> tuple[str, int] | None:
    """What the mail is about, for the check of who may touch it."""
    row = session.execute(
        select(OutgoingMail.subject_kind, OutgoingMail.subject_id).where(OutgoingMail.id == mail_id)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def mail_counts(session: Session) -> dict[str, int]:
    """How many mails stand in each state, for `doctor`."""
    rows = session.execute(select(OutgoingMail.state, func.count()).group_by(OutgoingMail.state))
    return {row[0]: row[1] for row in rows}
