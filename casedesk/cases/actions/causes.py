"""The taxonomy of why, kept by administrators: add, rename, retire, merge. Each change is on the desk's record.

A cause is never deleted: cases keep it. One that was merged away is read as the one it went into.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.cases.commands import AddCause, ChangeCause
from casedesk.cases.models import Cause
from casedesk.kernel.errors import InvalidInput, NotFound
from casedesk.store.record import DESK, Line, append


def add_cause(session: Session, command: AddCause, *, actor: Actor, now: datetime) -> Cause:
    """A further cause, last in the list. Raises InvalidInput where its code is taken."""
    if session.scalar(select(Cause.id).where(Cause.code == command.code)) is not None:
        raise InvalidInput("cause.taken", field="code")
    last = session.scalar(select(func.max(Cause.position))) or 0
    cause = Cause(code=command.code, label_en=command.label_en, label_fr=command.label_fr, position=last + 1)
    session.add(cause)
    session.flush()
    _record(session, cause, "cause.added", {}, actor, now)
    return cause


def change_cause(session: Session, command: ChangeCause, *, actor: Actor, now: datetime) -> Cause:
    """The cause in other words or at another place, retired or in use again; its code stays. Raises NotFound."""
    cause = _locked(session, command.cause_id)
    values = {"label_en": command.label_en, "label_fr": command.label_fr, "position": command.position}
    changes = {name: [getattr(cause, name), v] for name, v in values.items() if getattr(cause, name) != v}
    for name, value in values.items():
        setattr(cause, name, value)
    if changes:
        _record(session, cause, "cause.changed", {"changes": changes}, actor, now)
    if command.in_use != (cause.valid_to is None):
        if command.in_use and cause.merged_into_id is not None:
            raise InvalidInput("cause.merged", field="in_use")
        cause.valid_to = None if command.in_use else now.date()
        _record(session, cause, "cause.back" if command.in_use else "cause.retired", {}, actor, now)
    session.flush()
    return cause


def merge_cause(session: Session, cause_id: int, into_id: int, *, actor: Actor, now: datetime) -> Cause:
    """Retire the cause: from now on it is read as `into_id`, and so are those merged into it before.

    Raises InvalidInput where both are one, or the other is itself retired.
    """
    cause = _locked(session, cause_id)
    into = session.get(Cause, into_id)
    if into is None or into.id == cause.id or into.valid_to is not None:
        raise InvalidInput("cause.into", field="into_id")
    cause.merged_into_id, cause.valid_to = into.id, cause.valid_to or now.date()
    session.execute(update(Cause).where(Cause.merged_into_id == cause.id).values(merged_into_id=into.id))
    session.flush()
    _record(session, cause, "cause.merged", {"into": into.code}, actor, now)
    return cause


def _locked(session: Session, cause_id: int) -> Cause:
    cause = session.scalars(select(Cause).where(Cause.id == cause_id).with_for_update()).one_or_none()
    if cause is None:
        raise NotFound("not_found")
    return cause


def _record(
    session: Session, cause: Cause, kind: str, body: dict[str, Any], actor: Actor, now: datetime
) -> None:
    append(session, DESK, Line(kind, {"name": cause.code, **body}), actor=actor.ref, now=now)
