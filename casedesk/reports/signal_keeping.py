"""Ask for a scan, read what it needs, keep what it found. Rows only: nothing here computes (and nothing loads numpy)."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, datetime
from math import isfinite
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.reports.findings import CellFound, ClusterFound, RiseFound
from casedesk.reports.signal_models import Signal, SignalAction, SignalScan, SignalWeek
from casedesk.reports.signal_money import weigh
from casedesk.reports.signal_rules import held_by, is_asleep, is_to_be_told, same_episode
from casedesk.store import outbox, record
from casedesk.store.record import SYSTEM, Line

if TYPE_CHECKING:
    from casedesk.reports.signal_scan import Looked, Seen

SUBJECT = "signal"


def ask(session: Session, *, as_of: date, actor: Actor | None, now: datetime) -> SignalScan:
    """A scan as of the start of the day `as_of` waits for the worker. One that waits or runs already is answered."""
    waiting = session.scalars(
        select(SignalScan).where(SignalScan.state.in_(("queued", "running"))).order_by(SignalScan.id)
    ).first()
    if waiting is not None:
        return waiting
    scan = SignalScan(
        as_of=as_of,
        state="queued",
        asked_by=actor.id if actor is not None and actor.id else None,
        asked_at=now,
        notes=[],
        few=[],
    )
    session.add(scan)
    session.flush()
    outbox.put(
        session,
        "signals.scan",
        key=f"signals-scan-{scan.id}",
        due_at=now,
        now=now,
        subject=("signals", 0),
        scan_id=scan.id,
    )
    return scan


def latest(session: Session, before: int | None = None) -> SignalScan | None:
    """The newest scan that came to its end, up to (excluding) the scan `before`."""
    query = select(SignalScan).where(SignalScan.state == "done")
    if before is not None:
        query = query.where(SignalScan.id < before)
    return session.scalars(query.order_by(SignalScan.id.desc()).limit(1)).first()


def open_since(session: Session) -> date | None:
    """The first week of the oldest episode that has not ended."""
    return session.scalars(
        select(Signal.since)
        .where(Signal.kind == "spike", Signal.ended.is_(False))
        .order_by(Signal.since)
        .limit(1)
    ).first()


def watched(session: Session) -> list[tuple[int, str, str, date, date]]:
    """Changes that were made because of a rise: (action, cause, source, first week of the rise, day of the change)."""
    rows = session.execute(
        select(SignalAction.id, Signal.cause, Signal.source, Signal.since, SignalAction.done_on)
        .join(Signal, Signal.id == SignalAction.signal_id)
        .where(SignalAction.done_on.is_not(None), Signal.since.is_not(None))
        .order_by(SignalAction.id)
    )
    return [
        (action, cause, source, since, done) for action, cause, source, since, done in rows if since and done
    ]


def keep(session: Session, scan: SignalScan, looked: "Looked", *, now: datetime) -> list[Signal]:
    """What the scan found is kept; answers the signals of which people are to be told now.

    An episode that the scan saw before keeps its row: it has grown, or ended. What holds over the whole period
    and is not seen any more has ended too.
    """
    known = list(session.scalars(select(Signal).order_by(Signal.id).with_for_update()))
    touched: set[int] = set()
    for seen in looked.seen:
        signal = _matching(known, touched, seen)
        if signal is None:
            signal = _new(session, scan, seen, now)
            known.append(signal)
        else:
            _grow(session, scan, signal, seen, now)
        touched.add(signal.id)
        _keep_weeks(session, scan, signal, seen)
    for signal in known:
        if signal.id not in touched and not signal.ended and _would_be_seen(signal, looked):
            signal.ended, signal.last_scan_id = True, scan.id
            signal.picture = {**signal.picture, "gone": True}
            _write(session, signal, "signal.gone", {}, now)
    _keep_effects(session, looked)
    _close_scan(scan, looked, now)
    session.flush()
    weigh(session, scan.as_of)
    return [signal for signal in known if signal.id in touched and _tell(signal, scan.as_of)]


def _tell(signal: Signal, today: date) -> bool:
    asleep = is_asleep(signal.snoozed_until, today)
    return is_to_be_told(signal.state, signal.told_excess, signal.excess, ended=signal.ended, asleep=asleep)


def _close_scan(scan: SignalScan, looked: "Looked", now: datetime) -> None:
    scan.state, scan.finished_at = "done", now
    scan.cases, scan.weeks, scan.series = looked.cases, looked.weeks, looked.series
    scan.judged, scan.past = looked.judged, looked.past
    scan.notes = [asdict(note) for note in looked.notes]
    scan.few = [list(pair) for pair in looked.few]
    scan.done = scan.of = max(scan.of, 1)


def _would_be_seen(signal: Signal, looked: "Looked") -> bool:
    """Did the scan look where the signal is? Episodes that began before its first week are left as they are."""
    if signal.kind != "spike" or signal.since is None:
        return True
    return looked.walked_from is not None and signal.since >= looked.walked_from


def _matching(known: Iterable[Signal], touched: set[int], seen: "Seen") -> Signal | None:
    """The row of the same finding. What ended and was closed by people is another episode when it comes back."""
    of_row = [
        one
        for one in known
        if one.id not in touched
        and one.kind == seen.found.kind
        and one.cause == seen.found.cause
        and one.source == (getattr(seen.found, "source", "") or "")
        and one.dimension == getattr(seen.found, "dimension", "")
    ]
    if isinstance(seen.found, RiseFound):
        since, last = seen.weeks[0].week, seen.weeks[-1].week
        of_row = [
            one for one in of_row if one.since and one.last and same_episode(since, last, one.since, one.last)
        ]
    else:
        of_row = [one for one in of_row if not one.ended]
    return of_row[0] if of_row else None


def _new(session: Session, scan: SignalScan, seen: "Seen", now: datetime) -> Signal:
    signal = Signal(
        kind=seen.found.kind,
        cause=seen.found.cause,
        source=getattr(seen.found, "source", "") or "",
        dimension=getattr(seen.found, "dimension", ""),
        state="new",
        first_scan_id=scan.id,
        last_scan_id=scan.id,
        found_at=now,
        **_values(seen),
    )
    session.add(signal)
    session.flush()
    _write(session, signal, "signal.found", {"scan": scan.id}, now)
    return signal


def _grow(session: Session, scan: SignalScan, signal: Signal, seen: "Seen", now: datetime) -> None:
    ended_before = signal.ended
    for name, value in _values(seen).items():
        setattr(signal, name, value)
    signal.last_scan_id = scan.id
    if signal.ended != ended_before:
        _write(session, signal, "signal.ended" if signal.ended else "signal.back", {"scan": scan.id}, now)


def _values(seen: "Seen") -> dict[str, Any]:
    """The columns that a scan writes."""
    found = seen.found
    excess = max(found.observed - found.expected, 0.0)
    values: dict[str, Any] = {
        "observed": found.observed,
        "expected": found.expected,
        "excess": excess,
        "score": found.score,
        "finding": plain(asdict(found)),
        "picture": plain(seen.picture),
        "ended": False,
    }
    if isinstance(found, ClusterFound):
        return values | {"low": found.low, "high": found.high, "excess_money": {}}
    values |= {"excess_money": found.excess_money}
    if isinstance(found, CellFound):
        return values
    return values | {
        "since": seen.weeks[0].week,
        "last": seen.weeks[-1].week,
        "ended": found.ended,
    }


def plain(value: Any) -> Any:
    """`value` as JSON can hold it: what is no number (NaN) becomes nothing."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def _keep_weeks(session: Session, scan: SignalScan, signal: Signal, seen: "Seen") -> None:
    """The figures of weeks that are new, or that differ from those on file: rows are added, none is changed."""
    if not seen.weeks:
        return
    rows = session.scalars(
        select(SignalWeek).where(SignalWeek.signal_id == signal.id).order_by(SignalWeek.scan_id)
    )
    on_file = {row.week: row for row in rows}
    for week in seen.weeks:
        old = on_file.get(week.week)
        if old is not None and (old.observed, round(old.expected, 6)) == (
            week.observed,
            round(week.expected, 6),
        ):
            continue
        session.add(SignalWeek(signal_id=signal.id, scan_id=scan.id, **asdict(week)))


def _keep_effects(session: Session, looked: "Looked") -> None:
    if not looked.effects:
        return
    for action in session.scalars(select(SignalAction).where(SignalAction.id.in_(looked.effects))):
        effect = looked.effects[action.id]
        action.effect = asdict(effect)
        action.held = held_by(effect.low, effect.high)


def _write(session: Session, signal: Signal, kind: str, more: dict[str, Any], now: datetime) -> None:
    body = {"cause": signal.cause, "source": signal.source, "observed": signal.observed, **more}
    record.append(session, (SUBJECT, signal.id), Line(kind, body), actor=SYSTEM, now=now)
