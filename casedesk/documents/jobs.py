"""Letters follow effective decisions: written in a transaction, drawn outside of one, kept and sent in the next."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import not_a_person
from casedesk.documents import actions, pdf
from casedesk.documents.content import LetterContent
from casedesk.documents.models import Letter
from casedesk.documents.rules import FAILED, NO_RENDERER, WAITING
from casedesk.store.work import Call, Job, Timed

SYSTEM = not_a_person("system")


def compose(session: Session, payload: dict[str, Any], *, now: datetime) -> None:
    """The decision is effective: write its letter."""
    actions.compose_letter(session, payload["case_id"], payload["decision_id"], actor=SYSTEM, now=now)


def prepare(session: Session, job: Job, *, now: datetime) -> LetterContent | None:
    """The words to draw; None where it was drawn or erased meanwhile, or where this machine cannot draw."""
    letter = actions.locked_letter(session, job.payload["letter_id"])
    if letter.state not in (WAITING, FAILED) or not letter.content:
        return None
    if not pdf.can_draw():
        actions.mark_waiting(session, letter)
        return None
    return LetterContent.from_plain(letter.content)


def call(content: LetterContent) -> bytes:
    """Draw; nothing leaves the house, so an attempt that was lost is simply made again."""
    return pdf.drawn(content)


def finish(session: Session, job: Job, result: bytes, *, now: datetime) -> None:
    actions.keep_pdf(session, job.payload["letter_id"], result, actor=SYSTEM, now=now)


def failed(session: Session, job: Job, error: str, *, final: bool, now: datetime) -> None:
    actions.mark_failed(session, job.payload["letter_id"], error, final=final, actor=SYSTEM, now=now)


def take_up_waiting(session: Session, _payload: dict[str, Any], *, now: datetime) -> None:
    """Letters that waited for the libraries are drawn now that they are there."""
    waiting = session.scalars(
        select(Letter).where(Letter.state == WAITING, Letter.last_error == NO_RENDERER).order_by(Letter.id)
    ).all()
    if not waiting or not pdf.can_draw():
        return
    for letter in waiting:
        letter.last_error = None
        key = f"letter-{letter.id}-draw-{now.timestamp():.6f}"
        actions.leave_to_draw(session, letter, key=key, now=now)


def erase(session: Session, payload: dict[str, Any], *, now: datetime) -> None:
    """The personal text of a case was erased: its letters lose their words too."""
    actions.erase_letters(session, payload["case_id"], now=now)


HANDLERS = {"letter.compose": compose, "letter.sweep": take_up_waiting, "case.erased": erase}
CALLS = {"letter.render": Call(prepare, call, finish, failed)}
SCHEDULE = (Timed("letter.sweep", timedelta(minutes=1)),)
