"""How every verb of the room writes: a line on the case's chain, who took part, files, and the next clock."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.cases.commands import NewAttachment
from casedesk.cases.entries import ActLine, Event
from casedesk.cases.models import Act, Attachment, Case, CaseActor
from casedesk.cases.queries.sight import case_for
from casedesk.deadlines import actions as deadlines
from casedesk.kernel.errors import Conflict, NotAllowed
from casedesk.store import record
from casedesk.store.models import Entry
from casedesk.store.record import Line
from casedesk.store.transaction import remembered

NOT_NEUTRAL = "takes no other part in it"
"""What the database says where somebody who mediates a case, or one of its family, writes on it as something else."""


def subject_of(case: Case) -> tuple[str, int]:
    return ("case", case.id)


def locked_case(session: Session, actor: Actor, case_id: int, version: int | None) -> Case:
    """The case under lock. Raises Conflict where it is no longer the version that the actor looked at."""
    case = case_for(session, actor, case_id, lock=True)
    if version is not None and case.version != version:
        raise Conflict("case.changed", case_id=case.id, seen=version, now=case.version)
    return case


def begin(session: Session, case: Case) -> None:
    """The case was stored in this transaction: its chain begins, and no clock and nobody's part is looked for."""
    record.begin(session, subject_of(case))
    deadlines.begin(session, subject_of(case))
    remembered(session)["parts", case.id] = set()


def write(session: Session, case: Case, line: Line, *, actor: Actor, now: datetime) -> Entry:
    """Append `line` to the case's chain and note who took part. Raises NotAllowed for who mediates the case."""
    entry = record.append(session, subject_of(case), line, actor=actor.ref, now=now)
    if actor.ref.kind == "person":
        _took_part(session, case.id, actor, entry.id)
    return entry


def write_event(
    session: Session, case: Case, what: str, params: Mapping[str, object], *, actor: Actor, now: datetime
) -> Entry:
    return write(session, case, Event(what, params).line(), actor=actor, now=now)


def write_acts(session: Session, case: Case, entry: Entry, acts: Iterable[ActLine]) -> None:
    """Say what the message of `entry` legally is."""
    for act in acts:
        session.add(
            Act(
                entry_id=entry.id,
                case_id=case.id,
                kind=act.kind,
                declared_at=act.declared_at,
                sent_at=act.sent_at,
                received_at=act.received_at,
                subscription_id=act.subscription_id or case.subscription_id,
            )
        )


def attach(session: Session, case: Case, entry: Entry, files: Iterable[NewAttachment]) -> None:
    for file in files:
        session.add(
            Attachment(
                case_id=case.id,
                entry_id=entry.id,
                blob_digest=file.digest,
                name=file.name,
                media_type=file.media_type,
                size=file.size,
                grade=file.grade,
            )
        )


def show_next_clock(session: Session, case: Case) -> None:
    """Copy the clock that is due first onto the case's row, where lists sort by it."""
    clock = deadlines.next_live(session, subject_of(case))
    case.next_clock = clock.name if clock else None
    case.next_started_at = clock.started_at if clock else None
    case.next_due_at = clock.due_at if clock else None
    case.next_paused = bool(clock and clock.state == "paused")


def _took_part(session: Session, case_id: int, actor: Actor, entry_id: int) -> None:
    part, known = (actor.id, actor.role), _parts(session, case_id)
    if part in known:
        return
    row = {"case_id": case_id, "person_id": actor.id, "as_role": actor.role, "first_entry_id": entry_id}
    try:
        session.execute(_PART, row)
    except IntegrityError as refused:
        if NOT_NEUTRAL not in str(refused.orig):
            raise
        raise NotAllowed("case.mediates") from refused
    known.add(part)


_part: Any = CaseActor.__table__
_PART = _part.insert()


def _parts(session: Session, case_id: int) -> set[tuple[int, str]]:
    """Who took part in the case as what, read once a transaction: the case is locked."""
    known = remembered(session)
    found: set[tuple[int, str]] | None = known.get(("parts", case_id))
    if found is None:
        found = known["parts", case_id] = {
            (row[0], row[1]) for row in session.execute(_PARTS, {"case": case_id})
        }
    return found


_PARTS = select(CaseActor.person_id, CaseActor.as_role).where(CaseActor.case_id == bindparam("case"))
