"""A file read in two statements: what was said, from its own chain, and which rows that made and where they stand.

An entry never changes, so what a page tells of a point, a document or a proposal comes from the chain; the rows give the
id that forms name it by, and what moved since.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import CompoundSelect, Select, case, cast, func, literal, null, select, union_all
from sqlalchemy.orm import Session

from casedesk.accounts.models import Person
from casedesk.mediation.models import (
    BlindOffer,
    Document,
    DocumentRequest,
    OfferRound,
    Point,
    Proposal,
    ProposalPart,
    Restatement,
    Task,
)
from casedesk.store.models import Entry, EntryText


@dataclass(frozen=True)
class Said:
    """An entry of the file's chain with its words; empty words were erased, or never were."""

    id: int
    seq: int
    kind: str
    at: datetime
    actor: str
    body: dict[str, Any]
    text: dict[str, Any]


@dataclass(frozen=True)
class Row:
    """A row that an entry made. What the columns hold depends on `what`:

    point, restatement: id. document: `state` kept or erased, `n` its point's id. request: `state` open or met.
    proposal: `state`, `n` its version, `kind` blind or plain, `until` when it runs out.
    round: `state`, `n` how many offers the reader's side made, `minor` where it settled, `until`.
    task: `state`, `kind`, `side`, `minor`, `n` its part's number in the proposal of `entry_id`, `on` its day, `until` when
    it was done, `ordered` whether the desk's money carries it out.
    """

    what: str
    id: int
    entry_id: int
    state: str | None
    n: int | None
    kind: str | None
    side: str | None
    minor: int | None
    on: date | None
    until: datetime | None
    ordered: int | None


@dataclass(frozen=True)
class Chain:
    """The file's entries in their order, and its rows by what they are, oldest first."""

    said: list[Said]
    rows: dict[str, list[Row]]

    def of(self, kind: str) -> list[Said]:
        return [one for one in self.said if one.kind == kind]

    def made(self, what: str) -> list[Row]:
        return self.rows.get(what, [])

    def by_id(self) -> dict[int, Said]:
        return {one.id: one for one in self.said}


def chain_of(session: Session, mediation_id: int, *, side: str) -> Chain:
    """The whole file for a reader on `side` (customer, company; anything else counts no offers). Two statements."""
    return Chain(_said(session, mediation_id), rows_of(session, mediation_id, side=side))


def _said(session: Session, mediation_id: int) -> list[Said]:
    rows = session.execute(
        select(
            Entry.id,
            Entry.seq,
            Entry.kind,
            Entry.happened_at,
            Person.name,
            Entry.body,
            EntryText.text,
        )
        .outerjoin(EntryText, EntryText.entry_id == Entry.id)
        .outerjoin(Person, (Person.id == Entry.actor_id) & (Entry.actor_kind == "person"))
        .where(Entry.subject_kind == "mediation", Entry.subject_id == mediation_id)
        .order_by(Entry.seq)
    )
    return [Said(r[0], r[1], r[2].partition(".")[2], r[3], r[4] or "", r[5], r[6] or {}) for r in rows]


def rows_of(session: Session, mediation_id: int, *, side: str) -> dict[str, list[Row]]:
    """The rows of a file, whatever they are, in one statement; tasks by their day."""
    found: dict[str, list[Row]] = {}
    for row in sorted((Row(*one) for one in session.execute(_rows(mediation_id, side))), key=_order):
        found.setdefault(row.what, []).append(row)
    return found


def _order(row: Row) -> tuple[date, int]:
    return (row.on or date.min, row.id)


def _rows(mediation_id: int, side: str) -> CompoundSelect[Any]:
    return union_all(
        _row("point", Point, mediation_id),
        _row("restatement", Restatement, mediation_id),
        _row(
            "document",
            Document,
            mediation_id,
            state=case((Document.blob_digest.is_(None), "erased"), else_="kept"),
            n=Document.point_id,
        ),
        _row(
            "request",
            DocumentRequest,
            mediation_id,
            state=case((DocumentRequest.met_at.is_(None), "open"), else_="met"),
        ),
        _row(
            "proposal",
            Proposal,
            mediation_id,
            state=Proposal.state,
            n=Proposal.version,
            kind=case((Proposal.round_id.is_(None), "plain"), else_="blind"),
            until=Proposal.expires_at,
        ),
        _row(
            "round",
            OfferRound,
            mediation_id,
            state=OfferRound.state,
            n=_offers_of(side),
            minor=OfferRound.settled_minor,
            until=OfferRound.expires_at,
        ),
        _row(
            "task",
            Task,
            mediation_id,
            entry_id=Proposal.entry_id,
            state=Task.state,
            n=ProposalPart.n,
            kind=Task.kind,
            side=Task.side,
            minor=Task.amount_minor,
            on=Task.due_on,
            until=Task.done_at,
            ordered=case((Task.decision_id.is_(None), 0), else_=1),
        )
        .join(ProposalPart, ProposalPart.id == Task.part_id)
        .join(Proposal, Proposal.id == ProposalPart.proposal_id),
    )


def _offers_of(side: str) -> Any:
    """How many offers this side made in the round; what the other did is told to nobody."""
    return (
        select(func.count())
        .where(BlindOffer.round_id == OfferRound.id, BlindOffer.side == side)
        .correlate(OfferRound)
        .scalar_subquery()
    )


_CELLS: dict[str, Any] = {
    "entry_id": Point.entry_id,
    "state": Task.state,
    "n": Point.n,
    "kind": Task.kind,
    "side": Task.side,
    "minor": Proposal.amount_minor,
    "on": Task.due_on,
    "until": Proposal.expires_at,
    "ordered": Point.n,
}
"""The columns that all rows share, each with one of its type: a union has the types of its first member."""


def _row(what: str, table: Any, mediation_id: int, **cells: Any) -> Select[Any]:
    """One kind of row in the shape that all share; a cell that it has not is empty."""
    named = {"entry_id": getattr(table, "entry_id", None), **cells}
    columns = [
        (cast(null(), like.type) if named.get(name) is None else named[name]).label(name)
        for name, like in _CELLS.items()
    ]
    return select(literal(what).label("what"), table.id.label("id"), *columns).where(
        table.mediation_id == mediation_id
    )
