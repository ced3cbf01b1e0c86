"""What people make of a signal: see it, explain it, have something changed, close it with what was learned.

Each verb locks the signal, asks the table of moves, writes rows and one entry of the signal's record.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.customers.folding import key
from casedesk.kernel.errors import InvalidInput, NotFound, RuleBroken
from casedesk.reports import signal_queries as queries
from casedesk.reports.signal_keeping import SUBJECT
from casedesk.reports.signal_models import (
    Signal,
    SignalAction,
    SignalAnnotation,
    SignalLesson,
    SignalVote,
)
from casedesk.reports.signal_rules import LONGEST_SNOOZE, may_become
from casedesk.store import record
from casedesk.store.record import DESK, Line


@dataclass(frozen=True)
class Assigned:
    """A change to make: what, by whom, by when."""

    change: str
    owner_id: int
    due_on: date


@dataclass(frozen=True)
class Happened:
    """Something that happened in the business on a day; `cause` and `source` empty: it concerns all."""

    on: date
    kind: str
    said: str
    detail: str = ""
    cause: str = ""
    source: str = ""


@dataclass(frozen=True)
class Lesson:
    """What is written when a signal is closed."""

    found: str
    done: str
    held: str


def acknowledge(session: Session, signal_id: int, *, actor: Actor, now: datetime) -> Signal:
    """Somebody has seen it; a closed one is open again. Raises NotFound, RuleBroken."""
    signal = _locked(session, signal_id)
    kind = "signal.reopened" if signal.state == "closed" else "signal.acknowledged"
    _move(signal, "acknowledged")
    signal.closed_at = None
    _write(session, signal, kind, actor=actor, now=now)
    return signal


def explain(session: Session, signal_id: int, text: str, *, actor: Actor, now: datetime) -> Signal:
    """Somebody knows why. Raises NotFound, InvalidInput without words, RuleBroken."""
    if not text:
        raise InvalidInput("signal.explanation", field="text")
    signal = _locked(session, signal_id)
    if signal.state != "explained":
        _move(signal, "explained")
    signal.explanation = text
    _write(session, signal, "signal.explained", text={"said": text}, actor=actor, now=now)
    return signal


def assign(session: Session, signal_id: int, new: Assigned, *, actor: Actor, now: datetime) -> SignalAction:
    """Somebody is to change something by a day. Raises NotFound, InvalidInput, RuleBroken."""
    if not new.change:
        raise InvalidInput("signal.change", field="change")
    if session.get(Person, new.owner_id) is None:
        raise InvalidInput("signal.owner", field="owner_id")
    signal = _locked(session, signal_id)
    if signal.state != "assigned":
        _move(signal, "assigned")
    action = SignalAction(
        signal_id=signal.id,
        change=new.change,
        owner_id=new.owner_id,
        due_on=new.due_on,
        made_by=actor.id,
        made_at=now,
    )
    session.add(action)
    session.flush()
    body = {"action": action.id, "owner": new.owner_id, "due": new.due_on.isoformat()}
    _write(session, signal, "signal.assigned", body, {"change": new.change}, actor=actor, now=now)
    return action


def finish_action(
    session: Session, action_id: int, done_on: date, *, actor: Actor, now: datetime
) -> SignalAction:
    """The change was made on `done_on`: from here on its effect is watched. Raises NotFound, InvalidInput, RuleBroken."""
    action = session.get(SignalAction, action_id, with_for_update=True)
    if action is None:
        raise NotFound("not_found")
    if done_on > now.date():
        raise InvalidInput("signal.done_in_future", field="done_on")
    if action.done_on is not None:
        raise RuleBroken("signal.done_already")
    signal = _locked(session, action.signal_id)
    if signal.state != "watched":
        _move(signal, "watched")
    action.done_on = done_on
    session.add(
        SignalAnnotation(
            happened_on=done_on,
            kind="other",
            said=action.change,
            cause=signal.cause,
            source=signal.source,
            made_by=actor.id,
            made_at=now,
        )
    )
    body = {"action": action.id, "done": done_on.isoformat()}
    _write(session, signal, "signal.action_done", body, {"change": action.change}, actor=actor, now=now)
    return action


def close(session: Session, signal_id: int, lesson: Lesson, *, actor: Actor, now: datetime) -> Signal:
    """Nothing more is to be done; what was learned is kept for when the cause comes back. Raises as above."""
    if not lesson.found:
        raise InvalidInput("signal.lesson", field="found")
    signal = _locked(session, signal_id)
    _move(signal, "closed")
    signal.closed_at = now
    session.add(
        SignalLesson(
            signal_id=signal.id,
            cause=signal.cause,
            source=signal.source,
            found=lesson.found,
            done=lesson.done,
            held=lesson.held,
            words=key(f"{lesson.found} {lesson.done}"),
            written_by=actor.id,
            written_at=now,
        )
    )
    text = {"found": lesson.found, "done": lesson.done}
    _write(session, signal, "signal.closed", {"held": lesson.held}, text, actor=actor, now=now)
    return signal


def snooze(session: Session, signal_id: int, until: date, why: str, *, actor: Actor, now: datetime) -> Signal:
    """Nobody is told of it before `until`, and it is grey in the list. Raises NotFound, InvalidInput."""
    if not why:
        raise InvalidInput("signal.snooze_reason", field="why")
    if not now.date() < until <= now.date() + LONGEST_SNOOZE:
        raise InvalidInput("signal.snooze_until", field="until")
    signal = _locked(session, signal_id)
    signal.snoozed_until = until
    _write(
        session, signal, "signal.snoozed", {"until": until.isoformat()}, {"why": why}, actor=actor, now=now
    )
    return signal


def vote(session: Session, signal_id: int, *, useful: bool, actor: Actor, now: datetime) -> Signal:
    """What the person says of the finding; the same person's next word replaces it. Raises NotFound."""
    signal = _locked(session, signal_id)
    known = session.get(SignalVote, (signal.id, actor.id))
    if known is None:
        session.add(SignalVote(signal_id=signal.id, person_id=actor.id, useful=useful, at=now))
    elif known.useful == useful:
        return signal
    else:
        known.useful, known.at = useful, now
    _write(session, signal, "signal.voted", {"useful": useful}, actor=actor, now=now)
    return signal


def annotate(session: Session, new: Happened, *, actor: Actor, now: datetime) -> SignalAnnotation:
    """Put on the time axis what happened in the business. Raises InvalidInput without words."""
    if not new.said:
        raise InvalidInput("signal.annotation", field="said")
    made = SignalAnnotation(
        happened_on=new.on,
        kind=new.kind,
        said=new.said,
        detail=new.detail,
        cause=new.cause,
        source=new.source,
        made_by=actor.id,
        made_at=now,
    )
    session.add(made)
    session.flush()
    body = {"annotation": made.id, "kind": new.kind, "on": new.on.isoformat(), "cause": new.cause}
    line = Line("signal.annotated", body, {"said": new.said})
    record.append(session, DESK, line, actor=actor.ref, now=now)
    return made


def withdraw_annotation(session: Session, annotation_id: int, *, actor: Actor, now: datetime) -> None:
    """Take an annotation off the time axis. Raises NotFound."""
    found = session.get(SignalAnnotation, annotation_id, with_for_update=True)
    if found is None:
        raise NotFound("not_found")
    if found.withdrawn_at is None:
        found.withdrawn_at = now
        line = Line("signal.annotation_withdrawn", {"annotation": found.id})
        record.append(session, DESK, line, actor=actor.ref, now=now)


def _locked(session: Session, signal_id: int) -> Signal:
    return queries.signal_of(session, signal_id, lock=True)


def _move(signal: Signal, after: str) -> None:
    if not may_become(signal.state, after):
        raise RuleBroken("signal.move", before=signal.state, after=after)
    signal.state = after


def _write(
    session: Session,
    signal: Signal,
    kind: str,
    body: Mapping[str, Any] | None = None,
    text: Mapping[str, Any] | None = None,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    line = Line(kind, {"cause": signal.cause, "source": signal.source, **(body or {})}, text)
    record.append(session, (SUBJECT, signal.id), line, actor=actor.ref, now=now)
    session.flush()
