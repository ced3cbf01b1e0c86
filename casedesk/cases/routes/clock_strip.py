"""The clocks of a case on one line: dots and bars with their places worked out here, drawn by the template.

Three lanes: the contract, what we must do, what the other side may do. The same dates stand in a table beside it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask_babel import gettext as _

from casedesk.cases.event_words import clock_name
from casedesk.cases.queries.sheet import CaseSheet, ContractPart
from casedesk.cases.queries.views import SOON
from casedesk.web import locale
from casedesk.web.clockface import time_left

WIDTH, LEFT, HEIGHT = 1392, 96, 100
LANES = {"contract": 39, "ours": 65, "theirs": 91}
PAST, AHEAD = timedelta(days=45), timedelta(days=90)
"""How far the line looks: dates beyond stand in the table only."""

_LETTER = 7.0
_GAP = 11


@dataclass(frozen=True)
class Mark:
    """A date of a lane. `state`: kept, late, risk, past or empty (ahead)."""

    lane: str
    at: datetime
    name: str
    note: str
    state: str


@dataclass(frozen=True)
class Dot:
    """A mark in its place, with its label (empty where there is no room: the table has it)."""

    x: float
    y: int
    state: str
    label: str
    sub: str
    label_x: float
    anchor: str
    box_x: float
    box_width: float


@dataclass(frozen=True)
class Bar:
    x: float
    width: float
    used: bool
    label: str
    sub: str


@dataclass(frozen=True)
class Strip:
    """Everything the drawing needs, and the rows of the table that says the same."""

    ticks: list[tuple[float, str]]
    bars: list[Bar]
    dots: list[Dot]
    now_x: float
    rows: list[dict[str, str]]


def strip(sheet: CaseSheet, clocks: Sequence[Any], verdict_clocks: Iterable[Any], now: datetime) -> Strip:
    """The strip of the case at `now`."""
    marks = [*_of_desk(clocks, now), *_of_verdict(verdict_clocks, now), *_of_card(sheet.contract, now)]
    start, end = _window(marks, sheet, now)

    def x(at: datetime) -> float:
        return round(LEFT + (at - start) / (end - start) * (WIDTH - LEFT - 8), 1)

    shown = [mark for mark in marks if start <= mark.at <= end]
    dots = [dot for lane in ("ours", "theirs") for dot in _placed([m for m in shown if m.lane == lane], x)]
    return Strip(
        _ticks(start, end, x), _bars(sheet, start, end, now, x), dots, x(now), [_row(mark) for mark in marks]
    )


def _of_desk(clocks: Sequence[Any], now: datetime) -> list[Mark]:
    marks = []
    for clock in clocks:
        if clock.state == "cancelled":
            continue
        name = clock_name(clock.name)
        if clock.state in ("kept", "late"):
            note = _("kept") if clock.state == "kept" else _("late")
            marks.append(Mark("ours", clock.stopped_at or clock.due_at, name, note, clock.state))
        elif clock.state == "paused":
            marks.append(Mark("ours", clock.due_at, name, _("paused"), "past"))
        else:
            marks.append(Mark("ours", clock.due_at, name, _due(clock.due_at, now), _state(clock.due_at, now)))
    return marks


def _of_verdict(clocks: Iterable[Any], now: datetime) -> list[Mark]:
    """Windows of the customer and of others; our own duties run as clocks of the desk already."""
    return [
        Mark(
            "theirs",
            clock.until,
            clock_name(clock.name),
            _("closed") if clock.until <= now else _("until %(day)s", day=locale.day_short(clock.last_day)),
            "past" if clock.until <= now else "",
        )
        for clock in clocks
        if not clock.obligation
    ]


def _of_card(contract: ContractPart | None, now: datetime) -> list[Mark]:
    """The end of the card that a refund would go to: last day of its month."""
    if contract is None or len(contract.payment_expiry) != 7:
        return []
    try:
        month = date.fromisoformat(f"{contract.payment_expiry}-01")
    except ValueError:
        return []
    last = (month + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    at = _noon(last)
    if not timedelta(0) <= at - now < timedelta(days=120):
        return []
    name = _("%(card)s expires", card=contract.payment or _("Card"))
    return [Mark("theirs", at, name, locale.day_short(last), "risk" if at - now < timedelta(days=14) else "")]


def _state(due: datetime, now: datetime) -> str:
    if due <= now:
        return "late"
    return "risk" if due - now <= SOON else ""


def _due(due: datetime, now: datetime) -> str:
    left = time_left(due, now)
    return (
        left
        if due <= now
        else f"{locale.weekday_hour(due)}"
        if due - now < timedelta(days=7)
        else locale.day_short(due)
    )


def _window(marks: list[Mark], sheet: CaseSheet, now: datetime) -> tuple[datetime, datetime]:
    """From shortly before the first mark to shortly after the last one that is near, a month at least."""
    points = [mark.at for mark in marks] + [sheet.case.opened_at, now]
    start = max(min(points), now - PAST) - timedelta(days=3)
    ahead = [point for point in points if point <= now + AHEAD]
    span = max(ahead) + timedelta(days=3) - start
    return start, start + max(timedelta(days=30), span * 1.15)


def _ticks(start: datetime, end: datetime, x: Any) -> list[tuple[float, str]]:
    ticks = []
    day = (start.date().replace(day=1) + timedelta(days=32)).replace(day=1)
    while _noon(day) < end:
        label = locale.month_short(day) if day.month != 1 else locale.month_short_year(day)
        ticks.append((x(_midnight(day)), label))
        day = (day + timedelta(days=32)).replace(day=1)
    if len(ticks) < 2:
        first = start.date() - timedelta(days=start.date().weekday()) + timedelta(days=7)
        weeks = [first + timedelta(days=7 * n) for n in range(6)]
        ticks = [(x(_midnight(w)), locale.day_short(w)) for w in weeks if _noon(w) < end]
    return ticks


def _bars(sheet: CaseSheet, start: datetime, end: datetime, now: datetime, x: Any) -> list[Bar]:
    contract = sheet.contract
    if contract is None:
        return []
    begins = contract.period_starts_on or contract.started_on
    last = contract.ends_on or contract.period_ends_on
    until = _midnight(last) if last else end
    used_until = min(now, until)
    bars = []
    left = max(_midnight(begins), start)
    if used_until > left:
        days = (used_until.date() - begins).days
        bars.append(_bar(left, used_until, True, _("Access, %(num)s days", num=days), "", x))
    right = min(until, end)
    if right > max(now, left):
        said = _("Paid until %(day)s", day=locale.day_year(last)) if last else _("No end agreed")
        bars.append(_bar(max(now, left), right, False, contract.plan, said, x))
    return bars


def _bar(a: datetime, b: datetime, used: bool, label: str, sub: str, x: Any) -> Bar:
    width = round(x(b) - x(a), 1)
    room = int((width - 16) / _LETTER)
    if len(label) + len(sub) + 1 > room:
        sub = ""
    return Bar(x(a), width, used, label if len(label) <= room else "", sub)


def _placed(marks: list[Mark], x: Any) -> list[Dot]:
    """Each mark with its label at the right, else at the left, else shorter, else without."""
    marks = sorted(marks, key=lambda mark: mark.at)
    dots: list[Dot] = []
    taken = float(LEFT - 20)
    for n, mark in enumerate(marks):
        here = x(mark.at)
        following = x(marks[n + 1].at) if n + 1 < len(marks) else float(WIDTH)
        dot = _label(mark, here, taken, following)
        taken = max(here + 8, dot.box_x + dot.box_width if dot.label else here + 8)
        dots.append(dot)
    return dots


def _label(mark: Mark, here: float, taken: float, following: float) -> Dot:
    y = LANES[mark.lane]
    for sub in (mark.note, ""):
        width = (len(mark.name) + (len(sub) + 1 if sub else 0)) * _LETTER
        if here + _GAP + width < following - 8:
            return Dot(here, y - 4, mark.state, mark.name, sub, here + _GAP, "start", here + 7, width + 8)
        if here - _GAP - width > taken + 4:
            return Dot(
                here, y - 4, mark.state, mark.name, sub, here - _GAP, "end", here - width - 15, width + 8
            )
    return Dot(here, y - 4, mark.state, "", "", here, "start", here, 0)


def _row(mark: Mark) -> dict[str, str]:
    return {
        "lane": _("ours") if mark.lane == "ours" else _("theirs"),
        "what": mark.name,
        "when": locale.moment(mark.at),
        "state": mark.state,
        "note": mark.note,
    }


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), UTC)


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
