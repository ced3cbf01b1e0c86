"""What the pages of signals read: the list, one signal with all that stands beside it, the scans, the lessons."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session

from casedesk.accounts.models import Person
from casedesk.accounts.permits import ROLE_PERMISSIONS, Permission
from casedesk.cases.models import Case, Cause
from casedesk.customers.folding import key
from casedesk.customers.models import Entity, Terms
from casedesk.kernel.errors import NotFound
from casedesk.ledger.models import LedgerEntry
from casedesk.reports.findings import UNSTATED
from casedesk.reports.signal_models import (
    Signal,
    SignalAction,
    SignalAnnotation,
    SignalLesson,
    SignalScan,
    SignalVote,
    SignalWeek,
)
from casedesk.reports.signal_money import worth_on
from casedesk.reports.worth import alone, without_rate, worst_first
from casedesk.store.models import Entry, EntryText

VIEWS = ("open", "past", "closed")
RECENT = timedelta(days=28)
"""A rise that ended so recently stays among the open ones: somebody should still hear of it."""
LAST_VOTES = 20
MOST_LISTED = 100


@dataclass(frozen=True)
class Done:
    """A change because of a signal. `before`, `after`: times the usual; held: unknown, yes, no or unclear."""

    id: int
    signal_id: int
    change: str
    owner: str
    due_on: date
    done_on: date | None
    effect: dict[str, float] | None
    held: str
    source: str


@dataclass(frozen=True)
class ListPage:
    """The findings of a view, worst first, with the newest change of each; how many each view has.

    `no_rate`: currencies of the findings that cannot be compared with the others.
    """

    view: str
    signals: Sequence[Signal]
    actions: dict[int, Done]
    counts: dict[str, int]
    new: int
    no_rate: tuple[str, ...]


@dataclass(frozen=True)
class Annotated:
    """Something that happened, on the time axis. `id` is empty where it comes from published terms."""

    id: int | None
    on: date
    kind: str
    said: str
    detail: str


@dataclass(frozen=True)
class Money:
    """By currency, in minor units: refunded in the cases behind, and how many of them are still open."""

    refunded: dict[str, int]
    open_cases: int


@dataclass(frozen=True)
class Taught:
    """A lesson. `on`: when it was written."""

    signal_id: int
    cause: str
    source: str
    found: str
    done: str
    held: str
    by: str
    on: datetime


@dataclass(frozen=True)
class Step:
    """One line of the signal's record."""

    kind: str
    at: datetime
    by: str
    body: dict[str, object]
    text: dict[str, object]


@dataclass(frozen=True)
class SignalPage:
    """Everything beside one signal."""

    signal: Signal
    weeks: Sequence[SignalWeek]
    actions: list[Done]
    before: list[Done]
    annotations: list[Annotated]
    lessons: list[Taught]
    money: Money
    steps: list[Step]
    vote: bool | None


@dataclass(frozen=True)
class Scans:
    """The newest scan that came to its end, and the one that waits or runs; what people said of findings."""

    last: SignalScan | None
    current: SignalScan | None
    failed: SignalScan | None
    useful: int
    voted: int


def list_page(session: Session, view: str, today: date) -> ListPage:
    """The signals of `view`. A statement each for the signals, their changes, the counts, and for rates if need be."""
    rows = session.scalars(
        select(Signal)
        .where(_in_view(view, today))
        .order_by(Signal.ended, Signal.weight.desc(), Signal.excess.desc(), Signal.id)
        .limit(MOST_LISTED)
    ).all()
    actions = {
        one.signal_id: one for one in _actions(session, SignalAction.signal_id.in_([r.id for r in rows]))
    }
    wanted = [func.sum(_as_number(_in_view(name, today))) for name in VIEWS]
    fresh = and_(_in_view("open", today), Signal.state == "new", Signal.ended.is_(False))
    totals = session.execute(select(*wanted, func.sum(_as_number(fresh)))).one()
    counts = {name: int(totals[at] or 0) for at, name in enumerate(VIEWS)}
    currencies = {currency for one in rows for currency in one.excess_money}
    worth = worth_on(session, today) if len(currencies) > 1 else alone(rows)
    listed = [
        one for ended in (False, True) for one in worst_first([r for r in rows if r.ended is ended], worth)
    ]
    return ListPage(view, listed, actions, counts, int(totals[len(VIEWS)] or 0), without_rate(listed, worth))


def _as_number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _in_view(view: str, today: date) -> ColumnElement[bool]:
    """Open: not closed, and going on or just ended or being worked on; past: the rest that nobody closed."""
    live = or_(
        Signal.ended.is_(False),
        Signal.last >= today - RECENT,
        Signal.state.in_(("assigned", "watched")),
    )
    if view == "closed":
        return Signal.state == "closed"
    return and_(Signal.state != "closed", live if view == "open" else ~live)


def scans(session: Session) -> Scans:
    """One statement for the scans, one for the votes."""
    rows = session.scalars(select(SignalScan).order_by(SignalScan.id.desc()).limit(6)).all()
    last = next((one for one in rows if one.state == "done"), None)
    current = next((one for one in rows if one.state in ("queued", "running")), None)
    failed = rows[0] if rows and rows[0].state == "failed" else None
    votes = session.scalars(select(SignalVote.useful).order_by(SignalVote.at.desc()).limit(LAST_VOTES)).all()
    return Scans(last, current, failed, sum(votes), len(votes))


def signal_of(session: Session, signal_id: int, *, lock: bool = False) -> Signal:
    """The signal. Raises NotFound."""
    query = select(Signal).where(Signal.id == signal_id)
    found = session.scalars(query.with_for_update() if lock else query).one_or_none()
    if found is None:
        raise NotFound("not_found")
    return found


def page(session: Session, signal_id: int, person_id: int, zone: str) -> SignalPage:
    """One signal with what stands beside it. Raises NotFound."""
    signal = signal_of(session, signal_id)
    rows = session.scalars(
        select(SignalWeek)
        .where(SignalWeek.signal_id == signal_id)
        .order_by(SignalWeek.week, SignalWeek.scan_id)
    )
    newest = {row.week: row for row in rows}
    of_cause = _actions(session, Signal.cause == signal.cause)
    return SignalPage(
        signal=signal,
        weeks=list(newest.values()),
        actions=[one for one in of_cause if one.signal_id == signal_id],
        before=[one for one in of_cause if one.signal_id != signal_id and one.done_on],
        annotations=annotations(session, signal),
        lessons=lessons(session, cause=signal.cause),
        money=_money(session, signal, zone),
        steps=_steps(session, signal_id),
        vote=session.scalar(
            select(SignalVote.useful).where(
                SignalVote.signal_id == signal_id, SignalVote.person_id == person_id
            )
        ),
    )


def _actions(session: Session, condition: ColumnElement[bool]) -> list[Done]:
    rows = session.execute(
        select(SignalAction, Person.name, Signal.source)
        .join(Signal, Signal.id == SignalAction.signal_id)
        .join(Person, Person.id == SignalAction.owner_id)
        .where(condition)
        .order_by(SignalAction.id)
    )
    return [
        Done(
            row.id,
            row.signal_id,
            row.change,
            owner,
            row.due_on,
            row.done_on,
            row.effect,
            row.held,
            source,
        )
        for row, owner, source in rows
    ]


def shown_from(signal: Signal) -> date | None:
    """The first day on the signal's time axis."""
    series = signal.picture.get("series") or []
    return date.fromisoformat(series[0][0]) if series else None


def annotations(session: Session, signal: Signal) -> list[Annotated]:
    """What happened while the chart's weeks passed, entered by hand or by publishing terms, newest first."""
    start = shown_from(signal)
    if start is None:
        return []
    by_hand = session.scalars(
        select(SignalAnnotation).where(
            SignalAnnotation.happened_on >= start,
            SignalAnnotation.withdrawn_at.is_(None),
            SignalAnnotation.cause.in_(("", signal.cause)),
            SignalAnnotation.source.in_(("", signal.source))
            if signal.source
            else SignalAnnotation.source == "",
        )
    )
    found = [Annotated(one.id, one.happened_on, one.kind, one.said, one.detail) for one in by_hand]
    published = session.execute(
        select(Terms.code, Terms.valid_from, func.min(Entity.name), func.count())
        .join(Entity, Entity.id == Terms.entity_id)
        .where(Terms.valid_from >= start)
        .group_by(Terms.code, Terms.valid_from)
    )
    for code, on, name, many in published:
        found.append(Annotated(None, on, "new_terms", code, name if many == 1 else ""))
    return sorted(found, key=lambda one: (one.on, one.said), reverse=True)


def behind(signal: Signal, zone: str) -> ColumnElement[bool] | None:
    """The cases that a signal counts; None where they are not told by cause, source and day (timing)."""
    if signal.kind == "timing":
        return None
    cause = select(Cause.id).where(Cause.code == signal.cause).scalar_subquery()
    of = func.coalesce(Case.established_cause_id, Case.stated_cause_id)
    parts = [
        of.is_(None) if signal.cause == UNSTATED else of == cause,
        Case.merged_into_id.is_(None),
    ]
    if signal.source:
        parts.append(Case.source == ("" if signal.source == UNSTATED else signal.source))
    if signal.since is not None and signal.last is not None:
        parts += [
            Case.opened_at >= _start_of(signal.since, zone),
            Case.opened_at < _start_of(signal.last + timedelta(days=7), zone),
        ]
    return and_(*parts)


def _start_of(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def _money(session: Session, signal: Signal, zone: str) -> Money:
    where = behind(signal, zone)
    if where is None:
        return Money({}, 0)
    refunded = session.execute(
        select(LedgerEntry.currency, func.sum(LedgerEntry.amount_minor))
        .join(Case, Case.id == LedgerEntry.case_id)
        .where(where, LedgerEntry.kind == "refund")
        .group_by(LedgerEntry.currency)
    )
    still_open = session.scalar(select(func.count()).select_from(Case).where(where, Case.status != "closed"))
    return Money({row[0]: int(row[1]) for row in refunded}, still_open or 0)


def _steps(session: Session, signal_id: int) -> list[Step]:
    rows = session.execute(
        select(Entry, EntryText.text, Person.name)
        .outerjoin(EntryText, EntryText.entry_id == Entry.id)
        .outerjoin(Person, and_(Person.id == Entry.actor_id, Entry.actor_kind == "person"))
        .where(Entry.subject_kind == "signal", Entry.subject_id == signal_id)
        .order_by(Entry.seq.desc())
        .limit(12)
    )
    return [
        Step(entry.kind, entry.recorded_at, name or "", entry.body, text or {}) for entry, text, name in rows
    ]


def lessons(session: Session, *, cause: str = "", words: str = "") -> list[Taught]:
    """Lessons of a cause, or those that hold every word of `words`; the newest first."""
    query = _lessons().limit(50)
    if cause:
        query = query.where(SignalLesson.cause == cause)
    for word in key(words).split()[:8]:
        query = query.where(SignalLesson.words.contains(word, autoescape=True))
    return _taught(session.execute(query))


def _lessons() -> Any:
    return (
        select(SignalLesson, Person.name)
        .join(Person, Person.id == SignalLesson.written_by)
        .order_by(SignalLesson.id.desc())
    )


def _taught(rows: Iterable[Any]) -> list[Taught]:
    return [
        Taught(row.signal_id, row.cause, row.source, row.found, row.done, row.held, name, row.written_at)
        for row, name in rows
    ]


def owners(session: Session) -> list[tuple[int, str]]:
    """Who may be given a change to make: everyone active who sees signals or works cases."""
    roles = [role for role, may in ROLE_PERMISSIONS.items() if Permission.WORK_CASE in may]
    rows = session.execute(
        select(Person.id, Person.name)
        .where(Person.active.is_(True), Person.role.in_(roles))
        .order_by(Person.name)
    )
    return [(row[0], row[1]) for row in rows]


def signals_of_case(session: Session, case_id: int, zone: str) -> list[tuple[Signal, str, str]]:
    """The open signals that a case is one of the cases of, with the labels of the cause. One statement."""
    rows = session.execute(_signals_of_case(), {"case_id": case_id}).all()
    place = ZoneInfo(zone)
    return [
        (signal, en, fr)
        for signal, opened_at, en, fr in rows
        if signal.since is None or signal.since <= opened_at.astimezone(place).date()
    ]


@cache
def _signals_of_case() -> Any:
    """Built once: the page of every case with a signal of its cause asks it."""
    selected = select(Signal, Case.opened_at, Cause.label_en, Cause.label_fr)
    return _of_case(selected).order_by(Signal.weight.desc(), Signal.id)


def case_is_of_one() -> ColumnElement[bool]:
    """Whether any open signal is of the cause and source of the case `case_id`, or any lesson of its cause."""
    taught = select(SignalLesson.id).where(SignalLesson.cause == _cause_of_case())
    return or_(_of_case(select(Signal.id)).exists(), taught.exists())


def _cause_of_case() -> Any:
    of = func.coalesce(Case.established_cause_id, Case.stated_cause_id) == Cause.id
    return select(Cause.code).join(Case, of).where(Case.id == bindparam("case_id")).scalar_subquery()


def lessons_of_case(session: Session, case_id: int, most: int) -> list[Taught]:
    """What signals of the case's cause taught, the newest first. One statement."""
    return _taught(session.execute(_lessons_of_case(most), {"case_id": case_id}))


@cache
def _lessons_of_case(most: int) -> Any:
    return _lessons().where(SignalLesson.cause == _cause_of_case()).limit(most)


def _of_case(selected: Any) -> Any:
    return (
        selected.join(Cause, Cause.code == Signal.cause)
        .join(Case, func.coalesce(Case.established_cause_id, Case.stated_cause_id) == Cause.id)
        .where(
            Case.id == bindparam("case_id"),
            Signal.kind != "timing",
            Signal.state != "closed",
            Signal.ended.is_(False),
            or_(Signal.source == "", Signal.source == Case.source),
        )
    )


def new_ones(session: Session, today: date, most: int) -> list[tuple[Signal, str, str, int]]:
    """The worst signals that nobody has seen, with the labels of their cause and how many there are. One statement."""
    rows = session.execute(
        select(Signal, Cause.label_en, Cause.label_fr, func.count().over())
        .outerjoin(Cause, Cause.code == Signal.cause)
        .where(
            Signal.state == "new",
            Signal.ended.is_(False),
            or_(Signal.snoozed_until.is_(None), Signal.snoozed_until <= today),
        )
        .order_by(Signal.weight.desc(), Signal.excess.desc(), Signal.id)
        .limit(most)
    )
    return [(row[0], row[1] or "", row[2] or "", row[3]) for row in rows]
