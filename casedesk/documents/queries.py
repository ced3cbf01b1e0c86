"""The letters of a case with how far each got, and the letter of a decision that is being typed."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.cases.commands import ProposeDecision
from casedesk.cases.models import Case
from casedesk.cases.queries.sight import case_for, visible
from casedesk.channels.models import OutgoingMail
from casedesk.documents.composing import composed
from casedesk.documents.content import LetterContent
from casedesk.documents.gathering import Terms, gathered
from casedesk.documents.models import Letter
from casedesk.documents.rules import FAILED, NO_RENDERER, RENDERED, TO_PRINT
from casedesk.kernel.errors import NotFound


@dataclass(frozen=True)
class LetterLine:
    """One letter with the state of the mail that carries it (None: it goes on paper, or is not drawn yet)."""

    id: int
    subject: str
    locale: str
    state: str
    waits_for_renderer: bool
    last_error: str | None
    created_at: datetime
    has_pdf: bool
    mail_id: int | None
    recipient: str
    mail_state: str | None
    mail_error: str | None
    possibly_twice: bool
    sent_at: datetime | None

    @property
    def may_be_sent_again(self) -> bool:
        return self.state == FAILED or (
            self.state == RENDERED and self.mail_state in ("sent", "written", "failed")
        )

    @property
    def is_to_print(self) -> bool:
        return self.state == TO_PRINT


@dataclass(frozen=True)
class LetterFile:
    """The PDF of a letter, for who may see its case."""

    digest: str | None
    case_number: str
    locale: str


def letters_of_case(session: Session, case_id: int) -> list[LetterLine]:
    """The case's letters, newest first. One statement."""
    return [_line(*row) for row in session.execute(_of_case(), {"case": case_id})]


@cache
def _of_case() -> Any:
    newest = (
        select(OutgoingMail.entry_id, func.max(OutgoingMail.id).label("id"))
        .where(OutgoingMail.subject_kind == "case", OutgoingMail.subject_id == bindparam("case"))
        .group_by(OutgoingMail.entry_id)
        .subquery()
    )
    return (
        select(
            Letter.id,
            Letter.content,
            Letter.locale,
            Letter.state,
            Letter.last_error,
            Letter.created_at,
            Letter.blob_digest,
            OutgoingMail,
        )
        .outerjoin(newest, newest.c.entry_id == Letter.entry_id)
        .outerjoin(OutgoingMail, OutgoingMail.id == newest.c.id)
        .where(Letter.case_id == bindparam("case"))
        .order_by(Letter.id.desc())
    )


def letter_file(session: Session, actor: Actor, letter_id: int) -> LetterFile:
    """Where the PDF lies. Raises NotFound also where the actor may not see the case."""
    row = session.execute(
        select(Letter.blob_digest, Case.number, Letter.locale)
        .join(Case, Case.id == Letter.case_id)
        .where(Letter.id == letter_id, visible(actor))
    ).one_or_none()
    if row is None:
        raise NotFound("not_found")
    return LetterFile(row[0], row[1] or "", row[2])


def preview(
    session: Session,
    actor: Actor,
    command: ProposeDecision,
    *,
    signed_by: int | None = None,
    now: datetime,
) -> LetterContent:
    """The letter as it would leave if the decision became effective now.

    `signed_by`: who proposed it, where the reader is the one who approves.
    """
    case = case_for(session, actor, command.case_id)
    terms = Terms(
        lines=tuple((one.charge_id, one.amount_minor, one.method, one.means) for one in command.lines),
        effect=command.subscription_effect,
        effect_on=command.effect_on,
        own_words=command.letter_text,
        judgement_id=case.judgement_id,
        signed_by=signed_by or actor.id,
        approved_by=actor.id if signed_by else None,
        dated_at=now,
    )
    return composed(gathered(session, case, terms))


def letter_counts(session: Session) -> dict[str, int]:
    """How many letters stand in each state, for `doctor`."""
    rows = session.execute(select(Letter.state, func.count()).group_by(Letter.state))
    return {row[0]: row[1] for row in rows}


def _line(
    letter_id: int,
    content: dict[str, object],
    locale: str,
    state: str,
    error: str | None,
    created_at: datetime,
    digest: str | None,
    mail: OutgoingMail | None,
) -> LetterLine:
    return LetterLine(
        id=letter_id,
        subject=str(content.get("subject", "")),
        locale=locale,
        state=state,
        waits_for_renderer=error == NO_RENDERER,
        last_error=error,
        created_at=created_at,
        has_pdf=digest is not None,
        mail_id=mail.id if mail else None,
        recipient=mail.recipient if mail else "",
        mail_state=mail.state if mail else None,
        mail_error=mail.last_error if mail else None,
        possibly_twice=bool(mail and mail.possibly_twice),
        sent_at=mail.sent_at if mail else None,
    )
