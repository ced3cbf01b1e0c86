"""A replay as its page shows it: how far it is, what would have changed, and the cases behind each number."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.kernel.errors import NotFound
from casedesk.rulebook import beside, rules
from casedesk.rulebook.beside import CaseName
from casedesk.rulebook.models import PackDraft, Replay, ReplayRow

PAGE = 50
ORDER = ("same", "now_owed", "no_longer_owed", "money", "needs_person", "other")


@dataclass(frozen=True)
class ChangeLine:
    """How many judgements came out so, and the money of it by currency (minor units)."""

    change: str
    count: int
    money: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class CutLine:
    """What changed for one cause, source or plan."""

    code: str
    name: str
    count: int
    money: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class ReplayFace:
    """A replay. `stale`: the draft was changed since."""

    id: int
    draft_id: int
    state: str
    total: int
    done: int
    millis: int
    since: date
    until: date
    chosen: Mapping[str, str]
    asked_by: str
    asked_at: datetime
    ended_at: datetime | None
    error: str
    changes: tuple[ChangeLine, ...]
    gain: tuple[tuple[str, int], ...]
    months: int
    below_law: int
    cuts: tuple[tuple[str, tuple[CutLine, ...]], ...]
    stale: bool

    @property
    def going(self) -> bool:
        return self.state in rules.GOING

    @property
    def share(self) -> int:
        """Per cent of the judgements that are done."""
        return 100 * self.done // self.total if self.total else 0

    @property
    def changed(self) -> int:
        return sum(line.count for line in self.changes if line.change != "same")


@dataclass(frozen=True)
class RowLine:
    """One judgement that would differ, with its case where the reader sees it."""

    case: CaseName | None
    change: str
    before: str
    after: str
    before_minor: int | None
    after_minor: int | None
    currency: str
    below_law: bool
    cause: str
    source: str
    plan: str


@dataclass(frozen=True)
class ReplayPage:
    face: ReplayFace
    pack: str
    version: str
    rows: tuple[RowLine, ...]
    next_after: int | None
    shown: Mapping[str, str]


def newest_of(session: Session, actor: Actor, draft_id: int) -> ReplayFace | None:
    """The last replay of a draft."""
    replay = session.scalars(
        select(Replay).where(Replay.draft_id == draft_id).order_by(Replay.id.desc()).limit(1)
    ).one_or_none()
    return _face(session, actor, replay, _digest(session, draft_id)) if replay else None


def replay_page(
    session: Session, actor: Actor, replay_id: int, shown: Mapping[str, str], after: int
) -> ReplayPage:
    """The replay with the rows that `shown` chooses (change, cause, source, plan). Raises NotFound."""
    replay = session.get(Replay, replay_id)
    if replay is None:
        raise NotFound("not_found")
    draft = session.get_one(PackDraft, replay.draft_id)
    face = _face(session, actor, replay, _digest(session, replay.draft_id))
    rows, next_after = _rows(session, actor, replay_id, shown, after)
    return ReplayPage(face, draft.pack, draft.version, rows, next_after, shown)


def months_between(since: date, until: date) -> int:
    """Months of a period, rounded, at least one."""
    return max(1, round(((until - since).days + 1) / 30.44))


def _rows(
    session: Session, actor: Actor, replay_id: int, shown: Mapping[str, str], after: int
) -> tuple[tuple[RowLine, ...], int | None]:
    query = select(ReplayRow).where(ReplayRow.replay_id == replay_id, ReplayRow.judgement_id > after)
    for name in ("change", "cause", "source", "plan"):
        if name in shown:
            query = query.where(getattr(ReplayRow, name) == shown[name])
    if shown.get("below"):
        query = query.where(ReplayRow.below_law)
    found = list(session.scalars(query.order_by(ReplayRow.judgement_id).limit(PAGE + 1)))
    ids = {row.subject_id for row in found if row.subject_kind == "case"}
    cases = beside.ask().named(session, actor, ids)
    labels = _labels(session, actor)
    lines = tuple(_line(row, cases, labels) for row in found[:PAGE])
    return lines, found[PAGE - 1].judgement_id if len(found) > PAGE else None


def _line(row: ReplayRow, cases: Mapping[int, CaseName], labels: Mapping[str, Mapping[str, str]]) -> RowLine:
    return RowLine(
        cases.get(row.subject_id) if row.subject_kind == "case" else None,
        row.change,
        row.before,
        row.after,
        row.before_minor,
        row.after_minor,
        row.currency,
        row.below_law,
        labels["cause"].get(row.cause, row.cause),
        row.source,
        labels["plan"].get(row.plan, row.plan),
    )


def _labels(session: Session, actor: Actor) -> dict[str, dict[str, str]]:
    at = 1 if actor.locale == "fr" else 0
    causes = {code: labels[at] for code, labels in beside.ask().causes(session).items()}
    return {"cause": causes, "source": {}, "plan": beside.ask().plans(session)}


def _face(session: Session, actor: Actor, replay: Replay, digest: str) -> ReplayFace:
    tallies: Mapping[str, Any] = replay.tallies
    labels = _labels(session, actor)
    person = session.get(Person, replay.asked_by)
    since, until = (date.fromisoformat(replay.chosen[name]) for name in ("since", "until"))
    money: dict[str, int] = {}
    for currency, by_change in tallies["money"].items():
        money[currency] = sum(by_change.values())
    return ReplayFace(
        id=replay.id,
        draft_id=replay.draft_id,
        state=replay.state,
        total=replay.total,
        done=replay.done,
        millis=replay.millis,
        since=since,
        until=until,
        chosen={
            key: value
            for key, value in replay.chosen.items()
            if value and key not in ("since", "until", "zone")
        },
        asked_by=person.name if person else "",
        asked_at=replay.asked_at,
        ended_at=replay.ended_at,
        error=replay.error,
        changes=tuple(_change(change, tallies) for change in ORDER if tallies["n"].get(change)),
        gain=tuple(sorted(money.items())),
        months=months_between(since, until),
        below_law=tallies["below_law"],
        cuts=tuple((name, _cut(tallies["by"][name], labels[name])) for name in ("cause", "source", "plan")),
        stale=digest != replay.digest,
    )


def _change(change: str, tallies: Mapping[str, Any]) -> ChangeLine:
    money = {currency: by[change] for currency, by in tallies["money"].items() if by.get(change)}
    return ChangeLine(change, tallies["n"][change], tuple(sorted(money.items())))


def _cut(cells: Mapping[str, Any], labels: Mapping[str, str]) -> tuple[CutLine, ...]:
    lines = [
        CutLine(code, labels.get(code, code), cell["n"], tuple(sorted(cell["money"].items())))
        for code, cell in cells.items()
    ]
    return tuple(sorted(lines, key=lambda line: (-line.count, line.name)))


def _digest(session: Session, draft_id: int) -> str:
    return sha256(session.get_one(PackDraft, draft_id).toml.encode()).hexdigest()
