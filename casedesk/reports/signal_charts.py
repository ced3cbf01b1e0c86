"""Geometry of the drawings beside a signal: bars, band, line, marks; whiskers; a histogram. Plain numbers for SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

WIDE, TALL = 820, 250
LEFT, RIGHT, TOP, BOTTOM = 34, 8, 34, 26


@dataclass(frozen=True)
class Bar:
    """A bar; `state`: hot, part or empty. `title` is what it says when pointed at."""

    x: float
    y: float
    width: float
    height: float
    state: str
    title: str


@dataclass(frozen=True)
class Tick:
    """A word at a place of an axis."""

    at: float
    text: str


@dataclass(frozen=True)
class Mark:
    """An annotation: a line over the weeks and its words beside it. `end`: words to the left of the line."""

    x: float
    y: float
    text: str
    day: str
    end: bool
    back_x: float
    back_width: float


@dataclass(frozen=True)
class WeekChart:
    """The chart of weeks. `band` and `line` are point lists of SVG."""

    bars: tuple[Bar, ...]
    band: str
    line: str
    rows: tuple[Tick, ...]
    months: tuple[Tick, ...]
    marks: tuple[Mark, ...]
    top: float
    label: Tick | None
    label_y: float
    part: Tick | None


@dataclass(frozen=True)
class WeekOf:
    """One week to draw. `expected`, `low`, `high` None: not known. `hot`: beyond the usual. `days`: of a part of a week."""

    week: date
    observed: int
    expected: float | None
    low: int | None
    high: int | None
    hot: bool
    title: str
    days: int | None = None


@dataclass(frozen=True)
class Noted:
    """What happened on a day, as it is written on the chart."""

    on: date
    text: str
    day: str


def weeks(
    rows: Sequence[WeekOf], noted: Sequence[Noted], months: Sequence[tuple[date, str]], label: str, part: str
) -> WeekChart:
    """The chart of `rows`, one a week in order. `months`: first days and their words; `label`: over the hot weeks."""
    highest = max((max(row.observed, row.high or 0, row.expected or 0) for row in rows), default=1)
    step, top = _scale(highest)
    lanes = min(len(noted), 4)
    head = TOP + 16 * max(lanes - 1, 0)
    floor, breadth = TALL - BOTTOM, WIDE - LEFT - RIGHT
    slot = breadth / max(len(rows), 1)

    def at_y(value: float) -> float:
        return round(floor - (floor - head) * value / top, 1)

    bars = tuple(
        Bar(
            round(LEFT + slot * place + slot * 0.09, 1),
            at_y(row.observed),
            round(slot * 0.82, 1),
            round(floor - at_y(row.observed), 1),
            "part" if row.days is not None else "hot" if row.hot else "",
            row.title,
        )
        for place, row in enumerate(rows)
    )
    known = [(place, row) for place, row in enumerate(rows) if row.expected is not None]
    banded = [(place, row) for place, row in known if row.low is not None and row.high is not None]
    middle = [LEFT + slot * (place + 0.5) for place in range(len(rows))]
    return WeekChart(
        bars,
        _points(
            [(middle[place], at_y(row.high or 0)) for place, row in banded]
            + [(middle[place], at_y(row.low or 0)) for place, row in reversed(banded)]
        ),
        _points([(middle[place], at_y(row.expected or 0)) for place, row in known]),
        tuple(Tick(at_y(value), f"{value:g}") for value in _steps(step, top)),
        _months(rows, months, slot),
        _marks(rows, noted[:lanes], slot),
        head,
        _label(rows, slot, label),
        min((bar.y for bar in bars if bar.state == "hot"), default=head) - 8,
        Tick(WIDE - RIGHT, part) if rows and rows[-1].days is not None else None,
    )


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _scale(highest: float) -> tuple[int, int]:
    """A step of 1, 2 or 5 times a power of ten with two to five steps, and the top of the axis."""
    power = 1
    while True:
        for step in (1, 2, 5):
            if highest <= 4 * step * power:
                return step * power, max(ceil(max(highest, 1) / (step * power)), 1) * step * power
        power *= 10


def _steps(step: int, top: int) -> range:
    return range(0, top + 1, step)


def _months(rows: Sequence[WeekOf], months: Sequence[tuple[date, str]], slot: float) -> tuple[Tick, ...]:
    """The word of a month under its first week that is drawn, far enough from its neighbour and the right edge."""
    found: list[Tick] = []
    for first, word in months:
        place = next((n for n, row in enumerate(rows) if row.week >= first), None)
        if place is None or (found and LEFT + slot * place - found[-1].at < 34):
            continue
        if LEFT + slot * place < WIDE - 70:
            found.append(Tick(round(LEFT + slot * place, 1), word))
    return tuple(found)


def _marks(rows: Sequence[WeekOf], noted: Sequence[Noted], slot: float) -> tuple[Mark, ...]:
    """Each mark on a lane of its own, so that words never lie on words; the words on the side with more room."""
    if not rows:
        return ()
    start = rows[0].week
    end = rows[-1].week + timedelta(days=7)
    marks = []
    for lane, one in enumerate(sorted(noted, key=lambda noted: noted.on)):
        if not start <= one.on < end:
            continue
        x = round(LEFT + slot * (one.on - start).days / 7, 1)
        left = x > WIDE / 2
        width = 6.4 * (len(one.text) + len(one.day) + 2)
        marks.append(
            Mark(
                x,
                14 + 16 * lane,
                one.text,
                one.day,
                left,
                round(max(x - 8 - width, 0) if left else x + 4, 1),
                round(min(width, x - 8) if left else width, 1),
            )
        )
    return tuple(marks)


def _label(rows: Sequence[WeekOf], slot: float, text: str) -> Tick | None:
    """The words over the hot weeks, kept inside the drawing."""
    hot = [place for place, row in enumerate(rows) if row.hot]
    if not hot or not text:
        return None
    half = 3.6 * len(text)
    middle = LEFT + slot * (hot[0] + hot[-1] + 1) / 2
    return Tick(round(min(max(middle, LEFT + half), WIDE - RIGHT - half), 1), text)


# --- small drawings -----------------------------------------------------------------------------------

WHISKER, WHISKER_MOST = 180, 5.0


@dataclass(frozen=True)
class Whisker:
    """A ratio with its interval on an axis from 0 to `most`; `beyond`: the interval ends outside."""

    low: float
    point: float
    high: float
    one: float
    beyond: bool


def whisker(low: float, ratio: float, high: float, most: float) -> Whisker:
    def at(value: float) -> float:
        return round(6 + (WHISKER - 12) * min(value, most) / most, 1)

    return Whisker(at(low), at(ratio), at(high), at(1.0), high > most)


def axis_most(ratios: Sequence[float]) -> float:
    """The end of the axis of whiskers: 3, 5, 10 or more, so that the highest ratio is inside."""
    highest = max(ratios, default=1.0)
    return next((most for most in (3.0, 5.0, 10.0, 20.0, 50.0) if highest <= most * 0.9), 100.0)


def axis_values(most: float) -> tuple[float, float, float]:
    """The three values that are written on the axis: one, about its middle, its end."""
    return 1.0, {3.0: 2.0, 5.0: 3.0}.get(most, most / 2), most


def axis_at(value: float, most: float) -> float:
    return round(6 + (WHISKER - 12) * min(value, most) / most, 1)


@dataclass(frozen=True)
class Histogram:
    """Bars of equal width over the bins of a clock; `line`: what one would expect, as SVG points (empty: none)."""

    bars: tuple[Bar, ...]
    line: str
    ticks: tuple[Tick, ...]
    width: int
    height: int


def histogram(
    values: Sequence[tuple[str, int, float | None, bool, str]],
    *,
    width: int = 256,
    height: int = 84,
    every: int = 7,
) -> Histogram:
    """`values`: (word, observed, expected or None, hot, title) of each bin. A word stands at each `every`-th bin."""
    highest = max((max(seen, usual or 0) for _, seen, usual, _, _ in values), default=1) or 1
    floor = height - 20
    slot = (width - 4) / max(len(values), 1)
    bars = []
    for place, (_, seen, _, hot, title) in enumerate(values):
        tall = max(round((floor - 8) * seen / highest, 1), 1.0)
        state = "hot" if hot else ""
        bars.append(
            Bar(round(2 + slot * place, 1), round(floor - tall, 1), round(slot * 0.78, 1), tall, state, title)
        )
    usual_points = [
        (2 + slot * (place + 0.4), floor - (floor - 8) * usual / highest)
        for place, (_, _, usual, _, _) in enumerate(values)
        if usual is not None
    ]
    ticks = tuple(
        Tick(round(2 + slot * (place + 0.4), 1), word)
        for place, (word, *_rest) in enumerate(values)
        if place % every == 0
    )
    return Histogram(tuple(bars), _points(usual_points), ticks, width, height)
