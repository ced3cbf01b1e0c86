"""A draft over stored judgements: asked for, done by the worker slice by slice, stopped, its result kept.

The newest judgement of each case counts. A slice reads a few thousand rows by their id, judges them and writes what
changed with its progress in one short transaction; memory does not grow with the number.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, Text, cast, func, insert, select
from sqlalchemy.orm import Session, aliased

from casedesk.accounts.actor import Actor
from casedesk.kernel.errors import Conflict, NotFound
from casedesk.rulebook import packs, rules
from casedesk.rulebook.models import Judgement, PackDraft, Replay, ReplayRow
from casedesk.rulebook.trial import Trial, Tried
from casedesk.store import outbox
from casedesk.store.db import db
from casedesk.store.record import DESK, Line, append
from casedesk.store.transaction import transaction

SLICE = 2_000
CALL_SECONDS = 10.0
"""A call ends after this long and leaves the next one behind it: a mail waits no longer than that."""

DIMENSIONS = ("cause", "source", "plan")
_rows: Any = ReplayRow.__table__


@dataclass(frozen=True)
class Chosen:
    """Which stored judgements: judged on these days (both included), and of this kind, cause, source, plan."""

    since: date
    until: date
    asked: str = ""
    cause: str = ""
    source: str = ""
    plan: str = ""

    def plain(self) -> dict[str, str]:
        return {**self.__dict__, "since": self.since.isoformat(), "until": self.until.isoformat()}

    @classmethod
    def from_plain(cls, plain: Mapping[str, str]) -> "Chosen":
        days = {name: date.fromisoformat(plain[name]) for name in ("since", "until")}
        return cls(**{**{name: plain.get(name, "") for name in ("asked", *DIMENSIONS)}, **days})  # type: ignore[arg-type]


def ask(session: Session, draft_id: int, chosen: Chosen, *, zone: str, actor: Actor, now: datetime) -> Replay:
    """A replay of the draft as it stands now, left to the worker. Raises NotFound."""
    draft = session.get(PackDraft, draft_id)
    if draft is None:
        raise NotFound("not_found")
    replay = Replay(
        draft_id=draft.id,
        digest=sha256(draft.toml.encode()).hexdigest(),
        toml=draft.toml,
        packs_until=packs.newest(session),
        chosen={**chosen.plain(), "zone": zone},
        asked_by=actor.id,
        asked_at=now,
        tallies=empty(),
    )
    session.add(replay)
    session.flush()
    line = Line("rules.replayed", {"replay": replay.id, "draft": draft.id, "digest": replay.digest})
    append(session, DESK, line, actor=actor.ref, now=now)
    leave(session, replay.id, 0, now=now)
    return replay


def leave(session: Session, replay_id: int, after: int, *, now: datetime) -> None:
    """The next slices of a replay are the worker's."""
    outbox.put(
        session,
        "rulebook.replay",
        key=f"replay-{replay_id}-{after}",
        due_at=now,
        now=now,
        replay_id=replay_id,
    )


def stop(session: Session, replay_id: int, *, now: datetime) -> None:
    """The replay ends where it is; what it found so far stays. Raises NotFound, Conflict."""
    replay = _locked(session, replay_id)
    if replay.state not in rules.GOING:
        raise Conflict("rulebook.replay_ended")
    replay.state, replay.ended_at = "cancelled", now


def begin(session: Session, replay_id: int) -> bool:
    """The replay is running, and its rows are counted. False where it was stopped or is done."""
    replay = _locked(session, replay_id)
    if replay.state not in rules.GOING:
        return False
    if replay.state == "waiting":
        replay.total = count(session, replay.chosen)
        replay.state = "running"
    return True


def run(
    replay_id: int,
    *,
    clock: Callable[[], datetime],
    kept: Callable[[Session], None] = lambda _session: None,
    seconds: float = CALL_SECONDS,
    size: int = SLICE,
) -> bool:
    """Slices in transactions of their own for about `seconds`. True where the replay has come to its end."""
    session = db.session()
    replay = session.get_one(Replay, replay_id)
    draft = packs.readable(replay.toml, replay.digest)
    trial = Trial(packs.published(session, replay.packs_until), draft)
    chosen, until, last = replay.chosen, replay.packs_until, replay.last_id
    stop_at = time.monotonic() + seconds
    while True:
        started = time.monotonic()
        rows = session.execute(_slice(chosen, last, size)).all()
        session.rollback()
        found = [(row, _tried(trial, row, until)) for row in rows]
        last = rows[-1].id if rows else last
        with transaction() as writing:
            kept(writing)
            if not _keep(writing, replay_id, found, last, started, ended=len(rows) < size, now=clock()):
                return True
        if len(rows) < size:
            return True
        if time.monotonic() > stop_at:
            return False
        session = db.session()


def fail(session: Session, replay_id: int, error: str, *, now: datetime) -> None:
    """The replay stopped by itself; what it found so far stays."""
    replay = _locked(session, replay_id)
    replay.state, replay.error, replay.ended_at = "failed", error[:500], now


def count(session: Session, chosen: Mapping[str, str]) -> int:
    """How many judgements are chosen."""
    return session.scalar(select(func.count()).select_from(Judgement).where(*_which(chosen))) or 0


def empty() -> dict[str, Any]:
    """Tallies of nothing yet."""
    return {"n": {}, "money": {}, "below_law": 0, "by": {name: {} for name in DIMENSIONS}}


# --- inside --------------------------------------------------------------------------------------


def _tried(trial: Trial, row: Any, until: int) -> Tried:
    return trial.judge(row.facts, (row.outcome, row.amount_minor), current=row.packs_until == until)


def _keep(
    session: Session,
    replay_id: int,
    found: list[tuple[Any, Tried]],
    last: int,
    started: float,
    *,
    ended: bool,
    now: datetime,
) -> bool:
    """The slice is written down. False where the replay was stopped meanwhile."""
    replay = _locked(session, replay_id)
    if replay.state not in rules.GOING:
        return False
    changed = [(row, tried) for row, tried in found if tried.change != "same"]
    if changed:
        session.execute(insert(_rows), [_row(replay_id, row, tried) for row, tried in changed])
    tallies = json.loads(json.dumps(replay.tallies))
    for row, tried in found:
        add(tallies, row, tried)
    replay.tallies, replay.last_id, replay.done = tallies, last, replay.done + len(found)
    replay.millis += round((time.monotonic() - started) * 1000)
    if ended:
        replay.state, replay.ended_at = "done", now
    return True


def add(tallies: dict[str, Any], row: Any, tried: Tried) -> None:
    """One judgement more in the tallies."""
    counts = tallies["n"]
    counts[tried.change] = counts.get(tried.change, 0) + 1
    if tried.change == "same":
        return
    tallies["below_law"] += tried.below_law
    gain, currency = _gain(tried), row.currency or ""
    if gain is not None and row.currency:
        money = tallies["money"].setdefault(currency, {})
        money[tried.change] = money.get(tried.change, 0) + gain
    for name in DIMENSIONS:
        cell = tallies["by"][name].setdefault(getattr(row, name) or "", {"n": 0, "money": {}})
        cell["n"] += 1
        if gain is not None and row.currency:
            cell["money"][currency] = cell["money"].get(currency, 0) + gain


def _gain(tried: Tried) -> int | None:
    """How much more the customer gets; None where a person must say."""
    if tried.change == "needs_person":
        return None
    before, after = (one[1] or 0 if one[0] == "allowed" else 0 for one in (tried.before, tried.after))
    return after - before


def _row(replay_id: int, row: Any, tried: Tried) -> dict[str, Any]:
    return {
        "replay_id": replay_id,
        "judgement_id": row.id,
        "subject_kind": row.subject_kind,
        "subject_id": row.subject_id,
        "change": tried.change,
        "before": tried.before[0],
        "after": tried.after[0],
        "before_minor": tried.before[1],
        "after_minor": tried.after[1],
        "currency": row.currency or "",
        "below_law": tried.below_law,
        **{name: getattr(row, name) or "" for name in DIMENSIONS},
    }


def _slice(chosen: Mapping[str, str], after: int, size: int) -> Select[Any]:
    table: Any = Judgement.__table__
    currency = func.coalesce(table.c.currency, _fact_currency()).label("currency")
    names = ("id", "subject_kind", "subject_id", "outcome", "amount_minor", "packs_until", *DIMENSIONS)
    columns = [table.c[name] for name in names]
    return (
        select(*columns, currency, cast(table.c.facts, Text).label("facts"))
        .where(Judgement.id > after, *_which(chosen))
        .order_by(Judgement.id)
        .limit(size)
    )


def _fact_currency() -> Any:
    return Judgement.facts["facts"]["currency"]["value"].as_string()


def _which(chosen: Mapping[str, str]) -> list[Any]:
    """The chosen judgements: in the period, of the kind, and the newest of their case."""
    zone = ZoneInfo(chosen.get("zone", "UTC"))
    first, last = (date.fromisoformat(chosen[name]) for name in ("since", "until"))
    begins = datetime.combine(first, clock_time(), zone).astimezone(UTC)
    ends = datetime.combine(last + timedelta(days=1), clock_time(), zone).astimezone(UTC)
    newer = aliased(Judgement)
    which: list[Any] = [
        Judgement.judged_at >= begins,
        Judgement.judged_at < ends,
        ~select(newer.id)
        .where(
            newer.subject_kind == Judgement.subject_kind,
            newer.subject_id == Judgement.subject_id,
            newer.id > Judgement.id,
        )
        .exists(),
    ]
    which += [getattr(Judgement, name) == chosen[name] for name in DIMENSIONS if chosen.get(name)]
    if chosen.get("asked"):
        which.append(Judgement.facts["subject"].as_string() == chosen["asked"])
    return which


def _locked(session: Session, replay_id: int) -> Replay:
    replay = session.scalars(select(Replay).where(Replay.id == replay_id).with_for_update()).one_or_none()
    if replay is None:
        raise NotFound("not_found")
    return replay
