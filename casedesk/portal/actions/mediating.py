"""What the customer does on the page of a mediation: the room's own verbs, as the customer's side, each receipted."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.cases.commands import NewAttachment
from casedesk.documents.tongue import Tongue
from casedesk.kernel.errors import NotFound
from casedesk.mediation import commands as c
from casedesk.mediation.actions import closing, hearing, offering, proposing
from casedesk.portal.actions import papers
from casedesk.portal.actions.linking import Mark
from casedesk.portal.actions.speaking import actor_of
from casedesk.portal.commands import Holder
from casedesk.portal.models import Paper
from casedesk.store.models import Entry


def state(session: Session, party: Holder, command: c.State, *, mark: Mark, now: datetime) -> Paper:
    """The party's words on a point."""
    hearing.state(session, command, actor=actor_of(party), now=now)
    return _receipted(session, party, "statement", "mediation.statement", command.said, mark=mark, now=now)


def add_document(
    session: Session,
    party: Holder,
    files: Sequence[NewAttachment],
    said: str,
    request_id: int | None,
    *,
    mark: Mark,
    now: datetime,
) -> Paper:
    """Documents for the file; the first answers what was asked for."""
    for at, file in enumerate(files):
        command = c.AddDocument(party.subject_id, file, said, request_id=request_id if at == 0 else None)
        hearing.add_document(session, command, actor=actor_of(party), now=now)
    names = [file.name for file in files]
    return _receipted(session, party, "document", "mediation.document", said, files=names, mark=mark, now=now)


def write_message(session: Session, party: Holder, said: str, *, mark: Mark, now: datetime) -> Paper:
    """A message that the company and the mediator read too."""
    hearing.write_message(session, c.WriteMessage(party.subject_id, said), actor=actor_of(party), now=now)
    return _receipted(session, party, "message", "mediation.message", said, mark=mark, now=now)


def answer_restatement(
    session: Session, party: Holder, command: c.AnswerRestatement, *, mark: Mark, now: datetime
) -> Paper:
    """Confirm what the mediator understood, or put it right."""
    hearing.answer_restatement(session, command, actor=actor_of(party), now=now)
    act = "restatement_corrected" if command.corrected else "restatement_confirmed"
    kind = "mediation.restatement_answer"
    return _receipted(session, party, act, kind, command.corrected, mark=mark, now=now)


def answer_proposal(
    session: Session, party: Holder, command: c.AnswerProposal, *, mark: Mark, now: datetime
) -> Paper:
    """Accept or refuse a proposal, once and for ever."""
    proposal = proposing.answer_proposal(session, command, actor=actor_of(party), now=now)
    tongue = Tongue(party.locale, party.time_zone)
    rows = [(tongue.gettext("Proposal"), str(proposal.n))]
    if proposal.amount_minor:
        rows.append((tongue.gettext("Sum"), tongue.money(proposal.amount_minor, proposal.currency)))
    act = "proposal_accepted" if command.accept else "proposal_refused"
    return _receipted(session, party, act, "mediation.answer", command.said, rows=rows, mark=mark, now=now)


def offer_blind(
    session: Session, party: Holder, command: c.OfferBlind, *, mark: Mark, now: datetime
) -> Paper:
    """Seal a figure. The receipt does not repeat it: nobody who reads the mail learns it either."""
    offering.offer_blind(session, command, actor=actor_of(party), now=now)
    return _receipted(session, party, "blind_offer", "mediation.offer_made", "", mark=mark, now=now)


def withdraw(session: Session, party: Holder, said: str, *, mark: Mark, now: datetime) -> Paper:
    """Leave the mediation, as a party may at any time."""
    closing.withdraw(session, c.Withdraw(party.subject_id, said), actor=actor_of(party), now=now)
    return _receipted(session, party, "withdrawal", "mediation.withdrawn", said, mark=mark, now=now)


def _receipted(
    session: Session,
    party: Holder,
    act: str,
    kind: str,
    said: str,
    *,
    files: Sequence[str] = (),
    rows: Sequence[tuple[str, str]] = (),
    mark: Mark,
    now: datetime,
) -> Paper:
    entry = session.scalars(
        select(Entry)
        .where(Entry.subject_kind == "mediation", Entry.subject_id == party.subject_id, Entry.kind == kind)
        .order_by(Entry.seq.desc())
        .limit(1)
    ).one_or_none()
    if entry is None:
        raise NotFound("link.gone")
    return papers.receipt(session, party, act, entry, said=said, files=files, rows=rows, mark=mark, now=now)
