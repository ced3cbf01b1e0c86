"""Cases and exposure brought to one panel of weeks, with notes on what was left out and why."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from casedesk.detection.panel import Panel, monday_of, week_of, whole_weeks
from casedesk.detection.quality import (
    cases_without_exposure,
    exposure_gaps,
    stamped_together,
    vanished_sources,
)
from casedesk.kernel.errors import InvalidInput
from casedesk.reports.findings import UNSTATED, Note
from casedesk.reports.signal_delay import corrected, held_back
from casedesk.reports.signal_files import UNKNOWN_AGE, Cases, Exposure, day_text

Ints = NDArray[np.int64]
Array = NDArray[np.float64]

EVERY = "*"
MOST_ENTRIES = 60_000_000  # of a panel: about 1 GB while it is read
LONGEST_WEEKS = 2_600
LEAST_DAYS_OF_WEEK = 4  # days of exposure that stand for a week


@dataclass(frozen=True)
class Loaded:
    """A panel with its names; cases are those that the panel counts, week their week in it.

    at_risk: (sources, weeks), the exposure of the week itself, which people know; the panel's is that of the
    charges that the week's cases are about.
    """

    panel: Panel
    causes: tuple[str, ...]
    sources: tuple[str, ...]
    cases: Cases
    week: Ints
    source: Ints
    measure: str
    cells_judged: bool
    end_day: int
    notes: tuple[Note, ...]
    at_risk: Array


def load(cases: Cases, exposure: Exposure | None, on: int | None = None) -> Loaded:
    """The panel as of the start of day `on` (days since 1970-01-01), or as of the day of the last case.

    A week is complete when it lies wholly before that day. Cases from that day on are not read where `on` is
    given. Raises InvalidInput for no case, or more weeks or combinations than can be held.
    """
    notes: list[Note] = []
    if on is not None:
        notes += _note("signals.after_day", cases=int((cases.day >= on).sum()))
        cases = cases.only(cases.day < on)
    if not len(cases):
        raise InvalidInput("signals.no_cases")
    stamped = stamped_together(cases.opened)
    notes += _note("signals.stamped", cases=int(stamped.sum()))
    cases = cases.only(~stamped)
    notes += _note("signals.unknown_age", cases=int((cases.age == UNKNOWN_AGE).sum()))
    end_day = int(cases.day.max()) if on is None else on
    periods = [p for p in exposure.period if p < end_day] if exposure else []
    monday = monday_of(min([int(cases.day.min()), *periods]))
    weeks = (end_day - monday) // 7 + 1
    if weeks > LONGEST_WEEKS:
        raise InvalidInput("signals.span", first=day_text(monday), last=day_text(end_day))
    names = _Names.of(cases, exposure)
    shape = (len(cases.causes), len(names.sources), len(names.products), weeks)
    if np.prod(shape, dtype=float) > MOST_ENTRIES:
        raise InvalidInput("signals.too_large", sources=shape[1], causes=shape[0], products=shape[2])
    risk, raw = None, None
    if exposure:
        raw, risk, more = _exposed(exposure, names, cases, monday, weeks)
        notes += more
        monday, weeks = monday + 7 * (weeks - raw.shape[-1]), raw.shape[-1]
        shape = (*shape[:3], weeks)
    week, source = week_of(cases.day, monday), names.source_of(cases)
    flat = np.ravel_multi_index((cases.cause, source, names.product_of(cases), week), shape)
    counts = np.bincount(flat, minlength=int(np.prod(shape))).reshape(shape)
    if risk is None or raw is None:
        risk = raw = _counts_alone(counts)
    panel = Panel(counts, risk, monday, whole_weeks(monday, weeks, end_day))
    notes += _about(replace(panel, exposure=raw), names.sources, exposure)
    return Loaded(
        panel,
        cases.causes,
        names.sources,
        cases,
        week,
        source,
        exposure.measure if exposure else "",
        exposure is not None and names.sources != (EVERY,),
        end_day,
        tuple(notes),
        np.nan_to_num(raw).sum(1),
    )


def _note(code: str, **params: int | str) -> list[Note]:
    """The note, unless its count is zero."""
    return [] if params.get("cases") == 0 else [Note(code, dict(params))]


@dataclass(frozen=True)
class _Names:
    sources: tuple[str, ...]
    products: tuple[str, ...]

    @classmethod
    def of(cls, cases: Cases, exposure: Exposure | None) -> "_Names":
        if exposure is None:
            return cls(tuple(sorted(cases.sources)), (EVERY,))
        return cls(_named(cases.sources, exposure.source), _named(cases.products, exposure.product))

    def source_of(self, cases: Cases) -> Ints:
        return _codes(cases.sources, self.sources)[cases.source]

    def product_of(self, cases: Cases) -> Ints:
        return _codes(cases.products, self.products)[cases.product]


def _named(of_cases: tuple[str, ...], of_exposure: tuple[str, ...]) -> tuple[str, ...]:
    """All names, or "every" alone where the exposure is not told apart, or nothing but the unstated is known."""
    told_apart = set(of_exposure) - {EVERY}
    names = told_apart | set(of_cases)
    return tuple(sorted(names)) if told_apart and names != {UNSTATED} else (EVERY,)


def _codes(names: tuple[str, ...], known: tuple[str, ...]) -> Ints:
    if known == (EVERY,):
        return np.zeros(max(len(names), 1), dtype=np.int64)
    place = {name: at for at, name in enumerate(known)}
    return np.array([place[name] for name in names], dtype=np.int64)


def _counts_alone(counts: Ints) -> Array:
    """Without any exposure: one unit a source and week, unknown where the whole file has no case that week."""
    return np.where(counts.sum((0, 1, 2)) > 0, np.ones(counts.shape[1:]), np.nan)


def _exposed(
    exposure: Exposure, names: "_Names", cases: Cases, monday: int, weeks: int
) -> tuple[Array, Array, list[Note]]:
    """The exposure as it is, and as the cases of each week are about it, from the first week that has cases on."""
    raw = _risk(exposure, names, monday, weeks)
    delay = cases.delay
    if delay is None and exposure.measure == "purchases":
        delay = cases.age
    used, notes = raw, list[Note]()
    if delay is not None:
        used, notes = corrected(raw, cases, delay, monday, complete=exposure.complete)
    cut = 0 if exposure.since is None else max((exposure.since - monday) // 7, 0)
    raw, used = raw[..., cut:], used[..., cut:]
    return raw, used, [*notes, *held_back(raw, used, names.sources)]


def _risk(exposure: Exposure, names: _Names, monday: int, weeks: int) -> Array:
    """Exposure by source, product and week; daily rows are averaged (subscriptions) or scaled to the week (purchases)."""
    source_at = {name: at for at, name in enumerate(names.sources)}
    product_at = {name: at for at, name in enumerate(names.products)}
    source = np.array([0 if EVERY in source_at else source_at.get(name, -1) for name in exposure.source])
    product = np.array([0 if EVERY in product_at else product_at.get(name, -1) for name in exposure.product])
    day = np.array(exposure.period, dtype=np.int64)
    week = week_of(day, monday)
    used = (source >= 0) & (product >= 0) & (week >= 0) & (week < weeks) & np.isfinite(exposure.amount)
    shape = (len(names.sources), len(names.products), weeks)
    at = np.ravel_multi_index((source[used], product[used], week[used]), shape)
    size = int(np.prod(shape))
    total = np.bincount(at, weights=exposure.amount[used], minlength=size)
    rows = np.bincount(at, minlength=size)
    # A source and product counts by the day where any of its rows is no Monday, else by the week.
    row = np.ravel_multi_index((source[used], product[used]), shape[:2])
    odd_days = np.bincount(row, weights=(day[used] + 3) % 7 != 0, minlength=shape[0] * shape[1])
    daily = np.repeat(odd_days > 0, weeks)
    enough = rows >= np.where(daily, LEAST_DAYS_OF_WEEK, 1)
    scale = np.where(daily & (exposure.measure == "purchases"), 7.0, 1.0)
    amount = np.where(enough, total / np.maximum(rows, 1) * scale, np.nan)
    return amount.reshape(shape)


def _totals_left_out(exposure: Exposure, sources: tuple[str, ...]) -> list[Note]:
    """Totals that stand beside their parts in one file would count twice."""
    left = sum(name == EVERY for name in exposure.source) if sources != (EVERY,) else 0
    return [Note("signals.totals", {"rows": left})] if left else []


def _about(panel: Panel, sources: tuple[str, ...], exposure: Exposure | None) -> list[Note]:
    """What the page says beside the findings."""
    notes: list[Note] = []
    if panel.complete < panel.shape[3]:
        notes.append(Note("signals.incomplete_week", {"week": day_text(panel.day(panel.complete))}))
    if exposure is None:
        return [*notes, Note("signals.no_exposure", {})]
    notes += _totals_left_out(exposure, sources)
    for gap in exposure_gaps(panel):
        notes.append(Note("signals.gap", {"source": sources[gap.source], "weeks": len(gap.weeks)}))
    for odd in cases_without_exposure(panel):
        code = "signals.zero_exposure" if odd.zero else "signals.unknown_exposure"
        notes.append(Note(code, {"source": sources[odd.source], "cases": odd.cases, "weeks": odd.weeks}))
    for gone in vanished_sources(panel):
        code = "signals.exposure_stops" if gone.exposure else "signals.cases_stop"
        notes.append(Note(code, {"source": sources[gone.source], "week": day_text(panel.day(gone.last))}))
    return notes
