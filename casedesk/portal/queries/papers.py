"""Papers: for their holder, and for whoever checks a code without seeing what stands in it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.kernel.errors import NotFound
from casedesk.mediation.models import Agreement
from casedesk.mediation.queries.sight import INSIDE, file_for
from casedesk.portal.composing import RECORD_SHOWN, Words, digest_of
from casedesk.portal.models import Paper, Receipt
from casedesk.store import record
from casedesk.store.keyring import audit_key
from casedesk.store.models import Entry

ZERO = record.ZERO


@dataclass(frozen=True)
class PaperView:
    """A paper as its holder sees it."""

    id: int
    code: str
    kind: str
    act: str
    words: Words | None
    digest: str
    blob_digest: str | None
    created_at: datetime


@dataclass(frozen=True)
class Checked:
    """What anyone learns of a paper by its code. `whole`: content and record are what they were."""

    kind: str
    company: str
    at: datetime
    digest: str
    file_digest: str | None
    entry: int
    record_digest: str
    whole: bool
    erased: bool


def paper_of(session: Session, subject: tuple[str, int], code: str) -> PaperView:
    """The paper of this code, for who holds a link to its subject. Raises NotFound."""
    row = session.execute(
        select(Paper, Receipt.act)
        .outerjoin(Receipt, Receipt.paper_id == Paper.id)
        .where(Paper.code == code, Paper.subject_kind == subject[0], Paper.subject_id == subject[1])
    ).one_or_none()
    if row is None:
        raise NotFound("link.gone")
    paper, act = row
    return PaperView(
        id=paper.id,
        code=paper.code,
        kind=paper.kind,
        act=act or paper.kind,
        words=Words.from_plain(paper.content) if paper.content else None,
        digest=paper.digest,
        blob_digest=paper.blob_digest,
        created_at=paper.created_at,
    )


def checked(session: Session, code: str) -> Checked | None:
    """Is there a paper of this code, and is it still what was recorded? None where there is none."""
    row = session.execute(
        select(Paper, Entry).join(Entry, Entry.id == Paper.entry_id).where(Paper.code == code)
    ).one_or_none()
    if row is None:
        return None
    paper, entry = row
    words = Words.from_plain(paper.content) if paper.content else None
    same = words is None or (
        digest_of(paper.content) == paper.digest and words.record == entry.digest[:RECORD_SHOWN]
    )
    return Checked(
        kind=paper.kind,
        company=words.company if words else "",
        at=paper.created_at,
        digest=paper.digest,
        file_digest=paper.blob_digest,
        entry=entry.seq,
        record_digest=entry.digest[:RECORD_SHOWN],
        whole=same and _stands(session, entry) and _agreed(session, paper),
        erased=words is None,
    )


def _stands(session: Session, entry: Entry) -> bool:
    """Does the entry still carry the digest that its content and the entry before it give?"""
    before = session.scalar(
        select(Entry.digest).where(
            Entry.subject_kind == entry.subject_kind,
            Entry.subject_id == entry.subject_id,
            Entry.seq == entry.seq - 1,
        )
    )
    key = audit_key()
    return entry.key_id != key.key_id or record.digest_entry(key, entry, before or ZERO) == entry.digest


def _agreed(session: Session, paper: Paper) -> bool:
    """Does the agreement behind the paper still have the content that was signed?"""
    if paper.agreement_id is None:
        return True
    agreement = session.get_one(Agreement, paper.agreement_id)
    return digest_of(agreement.content) == agreement.digest


def agreement_paper(
    session: Session, actor: Actor, mediation_id: int, agreement_id: int | None = None
) -> Paper | None:
    """The paper of an agreement of the file (the newest unless one is named), for who is inside the file.

    Raises NotFound where the actor has no part in it.
    """
    _file, role = file_for(session, actor, mediation_id)
    if role not in INSIDE:
        return None
    wanted = select(Paper).join(Agreement, Agreement.id == Paper.agreement_id)
    wanted = wanted.where(Agreement.mediation_id == mediation_id)
    if agreement_id is not None:
        wanted = wanted.where(Agreement.id == agreement_id)
    return session.scalars(wanted.order_by(Agreement.n.desc()).limit(1)).one_or_none()
