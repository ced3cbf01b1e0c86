"""Pieces that several reports share: tables by step and by cut, head figures, money by currency."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from flask_babel import gettext as _

from casedesk.reports import figures, periods
from casedesk.reports.catalog.base import Behind, Column, Desk, Figure, Row, Table, Value
from casedesk.reports.figures import Cell
from casedesk.reports.periods import Period
from casedesk.web import locale

MOST_SERIES = 6
"""More series than this in one chart cannot be told apart: the smallest are drawn together."""


def total(cells: Iterable[Cell]) -> int:
    return sum(cell.n for cell in cells)


def by_value(cells: Iterable[Cell], part: str = "a") -> dict[str, int]:
    """Counts by one part of the cut, the largest first."""
    found: dict[str, int] = defaultdict(int)
    for cell in cells:
        found[getattr(cell, part)] += cell.n
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def money_of(cells: Iterable[Cell]) -> dict[str, int]:
    """Sums by currency, never over currencies; the desk's usual ones in their order of weight."""
    found: dict[str, int] = defaultdict(int)
    for cell in cells:
        if cell.currency:
            found[cell.currency] += cell.amount_minor
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def step_name(at: date, grain: str) -> str:
    """A step of time as its axis and table say it."""
    return locale.month_short_year(at) if grain == "month" else locale.day_short(at)


def share(part: int, whole: int) -> float | None:
    """`part` of `whole`; None of nothing, for a share of no case is not zero."""
    return part / whole if whole else None


def counts_before(desk: Desk, event: str) -> int | None:
    """How many in the comparison period; None where nothing is compared."""
    before = desk.before
    return total(figures.counted(desk.session, before.asked, event)) if before else None


def count_figure(desk: Desk, label: str, now: int, event: str, good: str = "") -> Figure:
    return Figure(label, now, "count", counts_before(desk, event), good=good)  # type: ignore[arg-type]


def step_points(
    desk: Desk, cells: Sequence[Cell], dimension: str, event: str, **more: str
) -> tuple[list[dict[str, object]], list[str]]:
    """Points of a chart by step and series, and the values of `dimension` that are series of their own."""
    sizes = by_value(cells)
    named = list(sizes)[:MOST_SERIES]
    rest = len(sizes) > MOST_SERIES
    grain, points = desk.asked.grain, []
    summed: dict[tuple[date, str], int] = defaultdict(int)
    for cell in cells:
        summed[cell.at, cell.a if cell.a in named else "\0"] += cell.n
    for order, at in enumerate(periods.steps(desk.asked.period, grain)):
        for rank, value in enumerate([*named, "\0"] if rest else named):
            if n := summed.get((at, value), 0):
                name = _("Others") if value == "\0" else desk.names.of(dimension, value)
                of = [one for one in sizes if one not in named] if value == "\0" else value
                behind = step_behind(desk, event, at, {dimension: of, **more})
                points.append(
                    {
                        "at": step_name(at, grain),
                        "order": order,
                        "series": name,
                        "rank": rank,
                        "n": n,
                        "behind": behind,
                    }
                )
    return points, named


def step_behind(desk: Desk, event: str, at: date, of: Mapping[str, str | Sequence[str]]) -> Behind:
    """The cases of one step, as far as it lies in the period."""
    period, end = desk.asked.period, periods.following(at, desk.asked.grain)
    return Behind(event, of, Period(max(at, period.start), min(end, period.end)))


def step_table(
    desk: Desk, cells: Sequence[Cell], dimension: str, event: str, title: str, **more: str
) -> Table:
    """Steps down, values of `dimension` across, sums at the ends. `more` is what the cells were narrowed to."""
    values = list(by_value(cells))
    summed: dict[tuple[date, str], int] = defaultdict(int)
    for cell in cells:
        summed[cell.at, cell.a] += cell.n
    grain = desk.asked.grain
    columns = (
        Column("at", _step_label(grain), "text"),
        *(Column(value or "none", desk.names.of(dimension, value)) for value in values),
        Column("total", _("Total")),
    )
    rows = []
    for at in periods.steps(desk.asked.period, grain):
        line: list[Value] = [summed.get((at, value), 0) for value in values]
        behind = {"total": step_behind(desk, event, at, more)} | {
            value or "none": step_behind(desk, event, at, {dimension: value, **more}) for value in values
        }
        rows.append(Row((step_name(at, grain), *line, sum(int(str(n)) for n in line)), behind))
    rows.append(
        Row(
            (
                _("Total"),
                *(
                    sum(summed.get((at, v), 0) for at in periods.steps(desk.asked.period, grain))
                    for v in values
                ),
                total(cells),
            ),
            {value or "none": Behind(event, {dimension: value, **more}) for value in values}
            | {"total": Behind(event, more)},
            total=True,
        )
    )
    return Table(title, columns, tuple(rows))


def _step_label(grain: str) -> str:
    return {"day": _("Day"), "week": _("Week from"), "month": _("Month")}[grain]


def cut_table(
    desk: Desk,
    cells: Sequence[Cell],
    dimension: str,
    label: str,
    event: str,
    *,
    before: Sequence[Cell] | None,
    **more: str,
) -> Table:
    """Values of one dimension with count, share and the count of the comparison period, all narrowed to `more`."""
    sizes, whole = by_value(cells), total(cells)
    earlier = by_value(before) if before is not None else {}
    columns = [
        Column(dimension, label, "text"),
        Column("n", _("Cases")),
        Column("share", _("Share"), "percent"),
    ]
    if before is not None:
        columns += [Column("before", _("Before")), Column("change", _("Difference"), "percent")]
    rows = []
    for value in [*sizes, *(v for v in earlier if v not in sizes)]:
        n = sizes.get(value, 0)
        line: list[Value] = [desk.names.of(dimension, value), n, share(n, whole)]
        if before is not None:
            line += [earlier.get(value, 0), change(n, earlier.get(value, 0))]
        rows.append(Row(tuple(line), _now_and_before(desk, event, {dimension: value, **more})))
    last: list[Value] = [_("Total"), whole, 1.0 if whole else None]
    if before is not None:
        last += [total(before), change(whole, total(before))]
    rows.append(Row(tuple(last), _now_and_before(desk, event, more), total=True))
    return Table(label, tuple(columns), tuple(rows))


def _now_and_before(desk: Desk, event: str, of: Mapping[str, str]) -> dict[str, Behind]:
    """The cases of a count and, where one stands beside it, of that of the comparison period."""
    found = {"n": Behind(event, of)}
    return found | {"before": Behind(event, of, desk.asked.before)} if desk.asked.before else found


def change(now: float, before: float) -> float | None:
    """By which share it moved; None from nothing."""
    return (now - before) / before if before else None


def ranked_points(
    desk: Desk, sizes: Mapping[str, int], dimension: str, event: str, most: int = 15
) -> list[dict[str, object]]:
    return [
        {"name": desk.names.of(dimension, value), "n": n, "behind": Behind(event, {dimension: value})}
        for value, n in list(sizes.items())[:most]
    ]


def partial_note(desk: Desk) -> tuple[str, ...]:
    """A period that ends today is not over: the last step is partial."""
    if desk.asked.period.end > desk.today:
        return (_("Today is not over: the last step is partial."),)
    return ()


def before_cells(desk: Desk, event: str, *by: str) -> list[Cell] | None:
    before = desk.before
    return figures.counted(desk.session, before.asked, event, *by) if before else None
