"""Write the letter of a decision, keep its PDF, and have it leave by mail or on paper."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.cases.actions.exchanging import mail_address, record_exchange
from casedesk.cases.actions.writing import subject_of, write_event
from casedesk.cases.commands import RecordExchange
from casedesk.cases.models import Case, Decision
from casedesk.cases.queries.sight import case_for
from casedesk.channels import actions as channels
from casedesk.channels.actions import NewMail
from casedesk.channels.models import OutgoingMail
from casedesk.customers.models import Entity
from casedesk.documents.composing import composed, mail_text
from casedesk.documents.content import LetterContent
from casedesk.documents.gathering import gathered, terms_of
from casedesk.documents.models import Letter
from casedesk.documents.rules import (
    FAILED,
    NO_RENDERER,
    POSTED,
    RENDERED,
    TO_PRINT,
    WAITING,
    file_name,
    letter_key,
)
from casedesk.documents.tongue import Tongue
from casedesk.kernel.errors import NotFound, RuleBroken
from casedesk.store import blobs, outbox


def compose_letter(
    session: Session, case_id: int, decision_id: int, *, actor: Actor, now: datetime
) -> Letter:
    """The letter of the decision, in words, on the record as a letter of ours; its PDF is left to be drawn."""
    key = letter_key(decision_id)
    known = session.scalars(select(Letter).where(Letter.key == key)).one_or_none()
    if known is not None:
        return known
    case = _locked_case(session, case_id)
    decision = session.get_one(Decision, decision_id)
    content = composed(gathered(session, case, terms_of(session, decision, now=now)))
    said = RecordExchange(case_id, "letter", inbound=False, said=content.text, title=content.subject)
    entry = record_exchange(session, said, actor=actor, now=now)
    letter = Letter(
        key=key,
        case_id=case_id,
        decision_id=decision_id,
        entry_id=entry.id,
        template="decision",
        locale=content.locale,
        content=content.to_plain(),
        state=WAITING,
        created_at=now,
    )
    session.add(letter)
    session.flush()
    leave_to_draw(session, letter, key=f"letter-{letter.id}-draw", now=now)
    return letter


def leave_to_draw(session: Session, letter: Letter, *, key: str, now: datetime) -> None:
    """Leave the PDF to be drawn by the worker."""
    subject = ("case", letter.case_id)
    outbox.put(session, "letter.render", key=key, due_at=now, now=now, subject=subject, letter_id=letter.id)
    session.flush()


def keep_pdf(session: Session, letter_id: int, pdf: bytes, *, actor: Actor, now: datetime) -> Letter:
    """Keep the PDF of the letter; it leaves by mail where an address is known, else it waits to be printed."""
    letter = locked_letter(session, letter_id)
    case = _locked_case(session, letter.case_id)
    if letter.content == {}:  # erased while it was drawn
        return letter
    letter.blob_digest = blobs.put(session, pdf, "application/pdf", now=now)
    letter.rendered_at, letter.last_error = now, None
    to = mail_address(session, case)
    letter.state = RENDERED if to else TO_PRINT
    if to:
        _mail(session, case, letter, to, now=now)
    session.flush()
    return letter


def mark_failed(
    session: Session, letter_id: int, error: str, *, final: bool, actor: Actor, now: datetime
) -> None:
    """The PDF could not be drawn; where nobody tries again by itself, that is on the record."""
    letter = locked_letter(session, letter_id)
    letter.state, letter.last_error = (FAILED if final else WAITING), error[:500]
    if final:
        case = _locked_case(session, letter.case_id)
        write_event(session, case, "letter_failed", {"letter": letter.id}, actor=actor, now=now)
    session.flush()


def mark_waiting(session: Session, letter: Letter) -> None:
    """The letter waits until this machine can draw PDFs."""
    letter.state, letter.last_error = WAITING, NO_RENDERER
    session.flush()


def send_again(session: Session, letter_id: int, *, actor: Actor, now: datetime) -> Letter:
    """Have the letter leave once more: drawn again where it failed, sent again, or mailed now that it can be.

    Raises NotFound, RuleBroken while it is on its way or where no mail address is known.
    """
    letter = session.get(Letter, letter_id)
    if letter is None:
        raise NotFound("not_found")
    case = case_for(session, actor, letter.case_id, lock=True)
    letter = locked_letter(session, letter_id)
    if letter.state == WAITING:
        raise RuleBroken("letter.waiting")
    if letter.state == FAILED:
        entry = write_event(session, case, "letter_drawn_again", {"letter": letter.id}, actor=actor, now=now)
        letter.state, letter.last_error = WAITING, None
        leave_to_draw(session, letter, key=f"letter-{letter.id}-draw-{entry.id}", now=now)
        return letter
    mail_id = session.scalar(
        select(OutgoingMail.id)
        .where(OutgoingMail.entry_id == letter.entry_id)
        .order_by(OutgoingMail.id.desc())
    )
    if mail_id is not None:
        channels.resend(session, mail_id, actor=actor.ref, now=now)
        return letter
    to = mail_address(session, case)
    if not to:
        raise RuleBroken("letter.no_address")
    letter.state = RENDERED
    _mail(session, case, letter, to, now=now)
    session.flush()
    return letter


def mark_posted(session: Session, letter_id: int, *, actor: Actor, now: datetime) -> Letter:
    """Somebody printed and posted the letter. Said twice it is recorded once."""
    letter = session.get(Letter, letter_id)
    if letter is None:
        raise NotFound("not_found")
    case = case_for(session, actor, letter.case_id, lock=True)
    letter = locked_letter(session, letter_id)
    if letter.state == POSTED:
        return letter
    if letter.state != TO_PRINT:
        raise RuleBroken("letter.not_to_print")
    letter.state = POSTED
    write_event(session, case, "letter_posted", {"letter": letter.id}, actor=actor, now=now)
    session.flush()
    return letter


def erase_letters(session: Session, case_id: int, *, now: datetime) -> int:
    """Take the words and the PDFs of the case's letters away. How many letters."""
    letters = session.scalars(
        select(Letter).where(Letter.case_id == case_id).order_by(Letter.id).with_for_update()
    ).all()
    for letter in letters:
        digest, letter.content, letter.blob_digest = letter.blob_digest, {}, None
        if digest:
            blobs.release(session, digest, now=now)
    session.flush()
    return len(letters)


def locked_letter(session: Session, letter_id: int) -> Letter:
    return session.get_one(Letter, letter_id, with_for_update=True, populate_existing=True)


def _locked_case(session: Session, case_id: int) -> Case:
    return session.scalars(select(Case).where(Case.id == case_id).with_for_update()).one()


def _mail(session: Session, case: Case, letter: Letter, to: str, *, now: datetime) -> None:
    content = LetterContent.from_plain(letter.content)
    word = Tongue(content.locale).gettext("Decision")
    number = case.number or str(case.id)
    mail = NewMail(
        subject=subject_of(case),
        entry_id=letter.entry_id,
        key=letter.key,
        sender=session.get_one(Entity, case.entity_id).sender_mail,
        recipient=to,
        title=f"{content.subject} ({number})",
        text=mail_text(content, number),
        attachment_digest=letter.blob_digest,
        attachment_name=file_name(number, word),
    )
    channels.queue_mail(session, mail, now=now)
