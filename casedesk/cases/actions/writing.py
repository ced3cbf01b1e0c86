"""How every verb of the room writes: a line on the case's chain, who took part, files, and the next clock."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.cases.commands import NewAttachment
from casedesk.cases.entries import ActLine, Event
from casedesk.cases.models import Act, Attachment, Case, CaseActor
from casedesk.cases.queries.sight import case_for
from casedesk.deadlines.queries import next_clock
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
    session.flush()


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
    session.flush()


def show_next_clock(session: Session, case: Case) -> None:
    """Copy the clock that is due first onto the case's row, where lists sort by it."""
    clock = next_clock(session, subject_of(case))
    case.next_clock = clock.name if clock else None
    case.next_started_at = clock.started_at if clock else None
    case.next_due_at = clock.due_at if clock else None
    case.next_paused = bool(clock and clock.paused)


def _took_part(session: Session, case_id: int, actor: Actor, entry_id: int) -> None:
    part, known = (case_id, actor.id, actor.role), remembered(session)
    if ("part", part) in known:
        return
    if session.get(CaseActor, part) is None:
        session.add(
            CaseActor(case_id=case_id, person_id=actor.id, as_role=actor.role, first_entry_id=entry_id)
        )
        try:
            session.flush()
        except IntegrityError as refused:
            if NOT_NEUTRAL not in str(refused.orig):
                raise
            raise NotAllowed("case.mediates") from refused
    known["part", part] = True
