"""How every verb of the room works on a file: lock case and file, check the table, append to the file's own chain, tell
the case the state, and say whose turn it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.cases.actions import writing as cases
from casedesk.cases.models import Case
from casedesk.deadlines import actions as deadlines
from casedesk.deadlines.queries import next_clock
from casedesk.kernel.errors import Conflict, InvalidInput, NotFound, RuleBroken
from casedesk.mediation.models import Mediation, Party
from casedesk.mediation.queries import standing
from casedesk.mediation.queries.sight import role_in
from casedesk.mediation.rules.states import ENDED, ON_BEHALF, SIDES, follows, may
from casedesk.mediation.rules.turns import waits_for
from casedesk.store import record
from casedesk.store.models import Entry
from casedesk.store.record import Line


@dataclass
class Open:
    """A locked file, its locked case, and who acts in which part. `side`: for whom (customer, company, mediator)."""

    file: Mediation
    case: Case
    actor: Actor
    role: str
    side: str
    how: str = ""

    @property
    def subject(self) -> tuple[str, int]:
        return subject_of(self.file)


def subject_of(file: Mediation) -> tuple[str, int]:
    return ("mediation", file.id)


def opened(
    session: Session,
    mediation_id: int,
    act: str,
    *,
    actor: Actor,
    version: int | None = None,
    for_side: str | None = None,
    how: str = "",
) -> Open:
    """The file under lock, its case first, where the table lets the actor do `act`.

    Raises NotFound for who has no part in it, RuleBroken where the state or part does not allow the act, Conflict where
    it is no longer `version`.
    """
    file, case = locked(session, mediation_id)
    role = role_in(actor, file)
    if role is None:
        raise NotFound("not_found")
    if version is not None and file.version != version:
        raise Conflict("mediation.changed", number=file.number or "", seen=version, now=file.version)
    if not may(file.state, act, role):
        raise RuleBroken("mediation.act", state=file.state)
    side = role
    if for_side is not None and role == "mediator":
        if for_side not in SIDES or act not in ON_BEHALF:
            raise InvalidInput("mediation.for_side", field="for_side")
        side = for_side
    how = how if side != role else {"customer": "link", "company": "desk"}.get(role, "")
    return Open(file, case, actor, role, side, how)


def locked(session: Session, mediation_id: int) -> tuple[Mediation, Case]:
    """File and case, both locked: the case first, as everywhere on the desk."""
    case_id = session.scalar(select(Mediation.case_id).where(Mediation.id == mediation_id))
    if case_id is None:
        raise NotFound("not_found")
    case = session.scalars(
        select(Case).where(Case.id == case_id).with_for_update().execution_options(populate_existing=True)
    ).one()
    file = session.get_one(Mediation, mediation_id, with_for_update=True, populate_existing=True)
    return file, case


def write(
    session: Session,
    at: Open,
    what: str,
    body: Mapping[str, Any],
    text: Mapping[str, Any] | None = None,
    *,
    now: datetime,
) -> Entry:
    """Append to the file's chain: `body` codes and numbers, `text` what was said (empty words are left out)."""
    told = {"side": at.side, **body}
    if at.how:
        told["how"] = at.how
    said = {name: value for name, value in (text or {}).items() if value}
    line = Line(f"mediation.{what}", told, said or None)
    return record.append(session, at.subject, line, actor=at.actor.ref, now=now)


def move(session: Session, at: Open, state: str, *, now: datetime) -> None:
    """The file goes to `state`; the case is told, and nothing else. Raises RuleBroken where that does not follow."""
    before = at.file.state
    if before == state:
        return
    if not follows(before, state):
        raise RuleBroken("mediation.move", before=before, after=state)
    at.file.state = state
    if state in ENDED:
        at.file.ended_at = now
        deadlines.cancel_all(session, at.subject, now=now)
    session.flush()
    write(session, at, "state", {"before": before, "after": state}, now=now)
    tell_case(session, at, {"state": state}, now=now)


def tell_case(session: Session, at: Open, params: Mapping[str, object], *, now: datetime) -> None:
    """What the case may know: number, state, outcome, how the agreement is carried out."""
    told = {"mediation": at.file.id, "number": at.file.number, **params}
    cases.write_event(session, at.case, "mediation", told, actor=at.actor, now=now)


def settle_turn(session: Session, at: Open) -> None:
    """Say on the file's row whose turn it is and which day comes next: what lists sort by."""
    session.flush()
    at.file.waits_for = waits_for(standing.of(session, at.file))
    clock = next_clock(session, at.subject)
    at.file.next_clock = clock.name if clock else None
    at.file.next_due_at = clock.due_at if clock else None
    session.flush()


def party(session: Session, file: Mediation, side: str) -> Party:
    return session.scalars(select(Party).where(Party.mediation_id == file.id, Party.side == side)).one()


def local_day(file: Mediation, at: datetime) -> date:
    """The day of `at` where the customer lives: legal days are counted there."""
    return at.astimezone(ZoneInfo(file.time_zone)).date()


def end_of(file: Mediation, day: date) -> datetime:
    """The instant after the last of `day` there."""
    following = datetime.combine(day + timedelta(days=1), time(0), ZoneInfo(file.time_zone))
    return following.astimezone(UTC)
