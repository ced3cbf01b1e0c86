"""What the file's own chain says, read back: facts, and the words of entries."""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.store.models import Entry, EntryText


@dataclass(frozen=True)
class FactTold:
    name: str
    state: str
    value: Any
    source: str


@dataclass(frozen=True)
class FactsTold:
    """What the customer declared with the request, and what the mediator established since (the newest counts)."""

    court_seized: bool | None = None
    other_mediator: bool | None = None
    supplied: list[FactTold] = field(default_factory=list)


def facts_told(session: Session, mediation_id: int) -> FactsTold:
    """The facts that the file's entries hold. One statement."""
    rows = session.execute(
        select(Entry.kind, Entry.body, Entry.id)
        .where(
            Entry.subject_kind == "mediation",
            Entry.subject_id == mediation_id,
            Entry.kind.in_(("mediation.requested", "mediation.fact")),
        )
        .order_by(Entry.seq)
    ).all()
    court = other = None
    supplied: dict[str, FactTold] = {}
    for kind, body, entry_id in rows:
        if kind == "mediation.requested":
            court, other = body.get("court_seized"), body.get("other_mediator")
        else:
            supplied[body["name"]] = FactTold(
                body["name"], body["state"], body.get("value"), f"entry:{entry_id}"
            )
    return FactsTold(court, other, list(supplied.values()))


def words_of(session: Session, entry_ids: list[int]) -> dict[int, dict[str, Any]]:
    """The personal words of entries by entry; erased ones are not in it."""
    rows = session.execute(
        select(EntryText.entry_id, EntryText.text).where(EntryText.entry_id.in_(entry_ids))
    )
    return {row[0]: row[1] for row in rows}
