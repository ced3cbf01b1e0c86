"""The days of a file on one line: the procedure, what is awaited, and the legal period as a bar with its working."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from flask_babel import gettext as _

from casedesk.cases.queries.views import SOON
from casedesk.deadlines.queries import ClockLine
from casedesk.mediation import words
from casedesk.mediation.queries.page import FilePage
from casedesk.web import locale

WIDTH, LEFT = 1392, 84
PROCEDURE, AWAITED, PERIOD = 39, 65, 91
_LETTER, _GAP = 7.0, 11


@dataclass(frozen=True)
class Mark:
    """A day of a lane. `state`: kept, late, risk, past or empty (ahead); `working`: how it came about."""

    lane: int
    at: datetime
    name: str
    note: str
    state: str
    working: str = ""


@dataclass(frozen=True)
class Dot:
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
    """Everything that the drawing needs, and the rows of the table that says the same."""

    ticks: list[tuple[float, str]]
    bars: list[Bar]
    dots: list[Dot]
    now_x: float | None
    rows: list[Mark]


def strip(page: FilePage, now: datetime) -> Strip:
    """The strip of the file at `now`; it ends with the file."""
    marks = sorted([*_procedure(page), *_clocks(page, now)], key=lambda mark: mark.at)
    over = page.file.ended_at
    points = [mark.at for mark in marks] + [over or now]
    start = min(points) - timedelta(days=4)
    span = max(timedelta(days=30), (max(points) - start) * 1.1)
    end = start + span

    def x(at: datetime) -> float:
        return round(LEFT + (at - start) / span * (WIDTH - LEFT - 8), 1)

    dots = [
        dot
        for lane in (PROCEDURE, AWAITED)
        for dot in _placed([mark for mark in marks if mark.lane == lane], x)
    ]
    here = x(now) if start <= now <= end and over is None else None
    return Strip(_ticks(start, end, x), _bars(page, now, x), dots, here, marks)


def working(clock: ClockLine) -> str:
    """How a day came about: the rule and its arithmetic, or who set it."""
    told = clock.working
    last = told.get("last")
    if told.get("kind") == "rule":
        days = next((step for step in told.get("steps", ()) if step["code"] == "add_days"), None)
        if days is None:
            return str(told["rule"])
        said = _(
            "%(rule)s: %(start)s + %(days)s days = %(last)s",
            rule=words.ARTICLES.get(told["rule"], told["rule"]),
            start=locale.day_short(date.fromisoformat(days["from"])),
            days=days["count"],
            last=locale.day_short(date.fromisoformat(days["to"])),
        )
        if any(step["code"] == "extended" for step in told["steps"]) and last:
            said += "; " + _("extended to %(day)s", day=locale.day_short(date.fromisoformat(last)))
        return said
    if told.get("kind") == "house":
        return _("House rule, for no pack covers this country: %(days)s days", days=told["days"])
    if "days" in told:
        return _("House rule: %(days)s days", days=told["days"])
    return _("Set by the mediator") if told.get("by") == "mediator" else _("Set with the proposal")


def _procedure(page: FilePage) -> list[Mark]:
    file = page.file
    marks = [_done(file.requested_at, _("Request"))]
    if file.admitted_at and file.notified_at:
        days = (file.notified_at.date() - file.requested_at.date()).days
        note = _("%(day)s, after %(days)s days", day=locale.day_short(file.notified_at), days=days)
        marks.append(Mark(PROCEDURE, file.notified_at, _("Admissible, notified"), note, "kept"))
    elif file.admitted_at:
        marks.append(_done(file.admitted_at, _("Admissible")))
    if file.declined_at:
        marks.append(_done(file.declined_at, _("Not taken")))
    elif file.ended_at and file.state != "agreed":
        marks.append(_done(file.ended_at, words.said(words.STATE, file.state)))
    if page.agreement:
        marks.append(_done(page.agreement.at, _("Agreement")))
    return marks


def _done(at: datetime, name: str) -> Mark:
    return Mark(PROCEDURE, at, name, locale.day_short(at), "kept")


def _clocks(page: FilePage, now: datetime) -> list[Mark]:
    marks = []
    for clock in page.clocks:
        if clock.state == "cancelled":
            continue
        lane = PROCEDURE if clock.name in ("refusal", "outcome", "grace") else AWAITED
        if clock.state in ("kept", "late"):
            if lane == PROCEDURE:
                continue  # the deed that kept it stands on the lane already
            at = clock.stopped_at or clock.due_at
            marks.append(
                Mark(lane, at, words.clock(clock.name), locale.day_short(at), clock.state, working(clock))
            )
            continue
        day = clock.due_at - timedelta(seconds=1)
        left = (day.date() - now.date()).days
        note = locale.day_short(day)
        if 0 <= left <= 21:
            note = _("%(day)s, in %(days)s days", day=note, days=left)
        state = "late" if clock.due_at <= now else "risk" if clock.due_at - now <= SOON else ""
        marks.append(Mark(lane, day, words.clock(clock.name), note, state, working(clock)))
    return marks


def _bars(page: FilePage, now: datetime, x: Callable[[datetime], float]) -> list[Bar]:
    """The legal period: what of it has passed and what is left, with the rule that sets it."""
    clock = next((one for one in page.clocks if one.name == "outcome" and one.state != "cancelled"), None)
    begins = page.file.notified_at
    if clock is None or begins is None:
        return []
    until = clock.due_at
    last = until - timedelta(seconds=1)
    stop = min(clock.stopped_at or now, until)
    used = max(0, (locale.local(stop).date() - locale.local(begins).date()).days)
    bars = [_bar(begins, max(stop, begins), True, _("%(days)s days passed", days=used), "", x)]
    if stop < until:
        left = (locale.local(last).date() - locale.local(stop).date()).days
        said = working(clock)
        label = _("%(days)s days left", days=left) if clock.stopped_at is None else ""
        bars.append(_bar(stop, until, False, label, said, x))
    return bars


def _bar(a: datetime, b: datetime, used: bool, label: str, sub: str, x: Callable[[datetime], float]) -> Bar:
    width = round(max(0.0, x(b) - x(a)), 1)
    room = int((width - 16) / _LETTER)
    if len(label) + len(sub) + 1 > room:
        sub = ""
    return Bar(x(a), width, used, label if len(label) <= room else "", sub)


def _ticks(start: datetime, end: datetime, x: Callable[[datetime], float]) -> list[tuple[float, str]]:
    ticks = []
    day = (start.date().replace(day=1) + timedelta(days=32)).replace(day=1)
    while _midnight(day) < end:
        label = locale.month_short(day) if day.month != 1 else locale.month_short_year(day)
        ticks.append((x(_midnight(day)), label))
        day = (day + timedelta(days=32)).replace(day=1)
    return ticks


def _placed(marks: Sequence[Mark], x: Callable[[datetime], float]) -> list[Dot]:
    """Each mark with its label at the right, else at the left, else shorter, else without (the table has it)."""
    dots: list[Dot] = []
    taken = float(LEFT - 20)
    for n, mark in enumerate(marks):
        here = x(mark.at)
        following = x(marks[n + 1].at) if n + 1 < len(marks) else float(WIDTH)
        dot = _label(mark, here, taken, following)
        taken = max(here + 8, dot.box_x + dot.box_width) if dot.label else here + 8
        dots.append(dot)
    return dots


def _label(mark: Mark, here: float, taken: float, following: float) -> Dot:
    y = mark.lane - 4
    for sub in (mark.note, ""):
        width = (len(mark.name) + (len(sub) + 1 if sub else 0)) * _LETTER
        if here + _GAP + width < following - 8:
            return Dot(here, y, mark.state, mark.name, sub, here + _GAP, "start", here + 7, width + 8)
        if here - _GAP - width > taken + 4:
            return Dot(here, y, mark.state, mark.name, sub, here - _GAP, "end", here - width - 15, width + 8)
    return Dot(here, y, mark.state, "", "", here, "start", here, 0)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(0), UTC)
