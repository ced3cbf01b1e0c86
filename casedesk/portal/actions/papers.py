"""Keep papers and receipts, draw them, mail them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.channels.actions import NewMail, queue_mail
from casedesk.customers.models import Entity
from casedesk.documents.tongue import Tongue
from casedesk.portal import composing, tokens
from casedesk.portal.commands import Holder
from casedesk.portal.composing import RECORD_SHOWN, Words, digest_of
from casedesk.portal.models import Paper, PartyLink, Receipt
from casedesk.portal.rules import FAILED, RENDERED, WAITING
from casedesk.store import blobs, outbox
from casedesk.store.models import Entry


def keep(
    session: Session,
    kind: str,
    subject: tuple[str, int],
    words: Words,
    entry_id: int,
    *,
    now: datetime,
    agreement_id: int | None = None,
) -> Paper:
    """Keep the paper under a fresh code; its PDF is left to be drawn by the worker."""
    content = words.to_plain()
    paper = Paper(
        code=tokens.new_code(),
        kind=kind,
        subject_kind=subject[0],
        subject_id=subject[1],
        agreement_id=agreement_id,
        locale=words.sections[0].locale,
        content=content,
        digest=digest_of(content),
        entry_id=entry_id,
        state=WAITING,
        created_at=now,
    )
    session.add(paper)
    session.flush()
    outbox.put(
        session,
        "paper.render",
        key=f"paper-{paper.id}",
        due_at=now,
        now=now,
        subject=subject,
        paper_id=paper.id,
    )
    session.flush()
    return paper


def receipt(
    session: Session,
    party: Holder,
    act: str,
    entry: Entry,
    *,
    said: str = "",
    files: Sequence[str] = (),
    rows: Sequence[tuple[str, str]] = (),
    mark: Any,
    now: datetime,
) -> Paper:
    """The receipt of one act by link: on the record, on the page, by mail where an address is known."""
    tongue = Tongue(party.locale, party.time_zone)
    words = composing.receipt(
        tongue,
        act,
        brand=party.brand,
        company=party.company,
        reference=reference(tongue, party),
        name=party.name,
        said=said,
        files=files,
        at=now,
        record_digest=entry.digest[:RECORD_SHOWN],
        rows=rows,
    )
    words = replace(words, origin=party.origin, browser=party.browser)
    paper = keep(session, "receipt", party.subject, words, entry.id, now=now)
    session.add(
        Receipt(
            paper_id=paper.id,
            link_id=party.link_id,
            act=act,
            entry_id=entry.id,
            at=now,
        )
    )
    if party.mail:
        _mail(session, party, paper, words, tongue, mark, now)
    session.flush()
    return paper


def proof(session: Session, party: Holder, entry: Entry, said: str, *, now: datetime) -> Paper:
    """The proof of a customer's request; made once."""
    known = session.scalars(
        select(Paper).where(
            Paper.kind == "proof",
            Paper.subject_kind == party.subject_kind,
            Paper.subject_id == party.subject_id,
        )
    ).first()
    if known is not None:
        return known
    tongue = Tongue(party.locale, party.time_zone)
    words = composing.receipt(
        tongue,
        "proof",
        brand=party.brand,
        company=party.company,
        reference=reference(tongue, party),
        name=party.name,
        said=said,
        files=(),
        at=entry.happened_at,
        record_digest=entry.digest[:RECORD_SHOWN],
    )
    return keep(session, "proof", party.subject, words, entry.id, now=now)


def reference(tongue: Tongue, party: Holder) -> str:
    """``Case CD-…`` or ``Mediation MED-…`` in the party's language."""
    if party.subject_kind == "mediation":
        return tongue.gettext("Mediation %(number)s", number=party.number)
    if party.subject_kind == "subscription":
        return tongue.gettext("Contract %(reference)s", reference=party.number)
    return tongue.gettext("Case %(number)s", number=party.number)


def locked_paper(session: Session, paper_id: int) -> Paper:
    return session.get_one(Paper, paper_id, with_for_update=True, populate_existing=True)


def keep_pdf(session: Session, paper_id: int, pdf: bytes, *, now: datetime) -> None:
    paper = locked_paper(session, paper_id)
    if not paper.content:  # erased while it was drawn
        return
    paper.blob_digest = blobs.put(session, pdf, "application/pdf", now=now)
    paper.state, paper.rendered_at, paper.last_error = RENDERED, now, None
    session.flush()


def mark_failed(session: Session, paper_id: int, error: str, *, final: bool) -> None:
    paper = locked_paper(session, paper_id)
    paper.state, paper.last_error = (FAILED if final else WAITING), error[:500]
    session.flush()


def erase_papers(session: Session, subject: tuple[str, int], *, now: datetime) -> int:
    """Take words and PDFs of the subject's papers away, agreements too; code and digest stay. How many."""
    papers = session.scalars(
        select(Paper)
        .where(Paper.subject_kind == subject[0], Paper.subject_id == subject[1])
        .order_by(Paper.id)
        .with_for_update()
    ).all()
    for paper in papers:
        digest, paper.content, paper.blob_digest = paper.blob_digest, {}, None
        if digest:
            blobs.release(session, digest, now=now)
    session.flush()
    return len(papers)


def _mail(
    session: Session, party: Holder, paper: Paper, words: Words, tongue: Tongue, mark: Any, now: datetime
) -> None:
    link = session.get_one(PartyLink, party.link_id)
    title, text = composing.receipt_mail(words, tokens.grouped(paper.code), mark(link), tongue)
    queue_mail(
        session,
        NewMail(
            subject=party.subject if party.subject_kind != "subscription" else ("case", party.case_id or 0),
            entry_id=paper.entry_id,
            key=f"party-receipt-{paper.id}",
            sender=session.get_one(Entity, party.entity_id).sender_mail,
            recipient=party.mail,
            title=title,
            text=text,
        ),
        now=now,
    )
