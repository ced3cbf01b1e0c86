"""Erase what cases hold of a person: texts, file names, claimed identities. Chain and decisions stay whole."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.cases.actions.writing import subject_of
from casedesk.cases.models import Attachment, Case, CaseParty
from casedesk.channels.actions import erase_mails
from casedesk.store import blobs, erasure, outbox
from casedesk.store.models import Entry, EntryText

ERASED_NAME = "erased"

ERASED = ("case.erased", "case.erased_from_mediation", "case.erased_from_portal")
"""Word to the rooms above that a case was erased, one kind a room (payload case_id): each erases what it holds of the
case in a transaction of its own, and the failure of one holds up no other."""


def erase_of_customer(session: Session, customer_id: int, *, actor: Actor, now: datetime) -> int:
    """Erase the personal text of all cases of the customer that are not on legal hold; how many cases."""
    cases = session.scalars(
        select(Case)
        .where(Case.customer_id == customer_id, Case.legal_hold.is_(False))
        .order_by(Case.id)
        .with_for_update()
    ).all()
    for case in cases:
        _erase_case(session, case, actor=actor, now=now)
    session.flush()
    return len(cases)


def _erase_case(session: Session, case: Case, *, actor: Actor, now: datetime) -> None:
    entries = session.scalars(
        select(Entry.id)
        .join(EntryText, EntryText.entry_id == Entry.id)
        .where(Entry.subject_kind == "case", Entry.subject_id == case.id)
        .order_by(Entry.id)
    ).all()
    case.claimed_name = case.claimed_contact = None
    _erase_files(session, case.id, now)
    session.execute(
        update(CaseParty).where(CaseParty.case_id == case.id).values(name=ERASED_NAME, contact="")
    )
    erase_mails(session, ("case", case.id))
    for kind in ERASED:
        outbox.put(
            session,
            kind,
            key=f"{kind.replace('.', '-')}-{case.id}-{now:%Y%m%dT%H%M%S}",
            due_at=now,
            now=now,
            subject=subject_of(case),
            case_id=case.id,
        )
    if entries:
        erasure.erase_texts(session, list(entries), actor=actor.ref, now=now, reason="customer")


def _erase_files(session: Session, case_id: int, now: datetime) -> None:
    """Names and bytes go; bytes that another case names too stay with that one."""
    mine = Attachment.case_id == case_id
    digests = session.scalars(
        select(Attachment.blob_digest).where(mine, Attachment.blob_digest.is_not(None))
    ).all()
    session.execute(update(Attachment).where(mine).values(name=ERASED_NAME, blob_digest=None))
    for digest in sorted({digest for digest in digests if digest}):
        blobs.release(session, digest, now=now)
