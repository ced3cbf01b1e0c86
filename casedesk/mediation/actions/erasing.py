"""Erase what the mediations of a case hold of the person: words, parties, documents, mails. Chain, states, money stay."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.channels.actions import erase_mails
from casedesk.mediation.actions.filing import locked, subject_of
from casedesk.mediation.models import Document, Mediation, Party
from casedesk.store import blobs, erasure
from casedesk.store.models import Entry, EntryText


def erase_of_case(session: Session, case_id: int, *, actor: Actor, now: datetime) -> list[int]:
    """Nothing in the case's files says any more who the customer was or what was said. The files' ids; done twice it
    is done once."""
    files = list(
        session.scalars(select(Mediation.id).where(Mediation.case_id == case_id).order_by(Mediation.id))
    )
    for mediation_id in files:
        _erase(session, mediation_id, actor=actor, now=now)
    session.flush()
    return files


def _erase(session: Session, mediation_id: int, *, actor: Actor, now: datetime) -> None:
    file, _case = locked(session, mediation_id)
    session.execute(
        update(Party)
        .where(Party.mediation_id == file.id, Party.side == "customer")
        .values(name="", mail="", representative="", representative_mail="", mandate="")
    )
    _erase_documents(session, file.id, now)
    erase_mails(session, subject_of(file))
    said = session.scalars(
        select(Entry.id)
        .join(EntryText, EntryText.entry_id == Entry.id)
        .where(Entry.subject_kind == "mediation", Entry.subject_id == file.id)
        .order_by(Entry.id)
    ).all()
    if said:
        erasure.erase_texts(session, said, actor=actor.ref, now=now, reason="customer")


def _erase_documents(session: Session, mediation_id: int, now: datetime) -> None:
    """Names and bytes go; bytes that another row names too stay with that one."""
    mine = Document.mediation_id == mediation_id
    digests = session.scalars(
        select(Document.blob_digest).where(mine, Document.blob_digest.is_not(None))
    ).all()
    session.execute(update(Document).where(mine).values(name="", blob_digest=None))
    for digest in sorted({digest for digest in digests if digest}):
        blobs.release(session, digest, now=now)
