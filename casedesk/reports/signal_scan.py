"""One scan of what the database holds: findings, each with its weeks and what the page draws. Worker only (numpy).

Weeks that were judged before and whose past has not changed are not walked again: the walk begins at the oldest
episode that is still open. Where the past has changed (a late import, a cause corrected) all weeks are walked.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from casedesk.detection.causes import Cells
from casedesk.detection.changes import DEFAULT, WeekView, expected_cases, flagged_weeks
from casedesk.detection.effect import Effect, step_effect
from casedesk.detection.episodes import Episode, EpisodeWeek, episodes
from casedesk.detection.rates import ratio_interval
from casedesk.detection.tails import too_few, usual_range
from casedesk.reports import signals
from casedesk.reports.findings import CellFound, ClusterFound, Found, Note
from casedesk.reports.signal_files import day_number, day_text
from casedesk.reports.signal_panel import EVERY, Loaded, load
from casedesk.reports.signal_rules import EFFECT_WEEKS
from casedesk.reports.signal_source import Read

SHOWN_WEEKS = 34
AGES = 28
Step = Callable[[int, int], None]
Picture = dict[str, Any]


@dataclass(frozen=True)
class Watch:
    """A change that was made because of a signal: its effect is measured anew at each scan."""

    action_id: int
    cause: str
    source: str
    since: date
    done_on: date


@dataclass(frozen=True)
class Known:
    """What the scan before knew: the last week that it judged, the digest of the past, the oldest open episode."""

    judged: date | None = None
    past: str = ""
    open_since: date | None = None
    watched: tuple[Watch, ...] = ()


@dataclass(frozen=True)
class Figures:
    """One week of an episode, as EpisodeWeek, with its Monday."""

    week: date
    observed: int
    expected: float
    low: int
    high: int
    at_risk: float | None
    surprise: float


@dataclass(frozen=True)
class Seen:
    """One finding, its weeks (of an episode), and what the page draws of it."""

    found: Found
    weeks: tuple[Figures, ...]
    picture: Picture


@dataclass(frozen=True)
class Looked:
    """All that a scan brings. `walked_from`: episodes that began before it and are not seen have ended before."""

    cases: int
    weeks: int
    series: int
    judged: date | None
    past: str
    walked_from: date | None
    seen: tuple[Seen, ...]
    notes: tuple[Note, ...]
    few: tuple[tuple[str, str], ...]
    effects: dict[int, Effect]


def look(read: Read, *, as_of: date, known: Known, step: Step = lambda _done, _of: None) -> Looked:
    """Everything found in `read` as of the start of the day `as_of`."""
    data = load(read.cases, read.exposure, day_number(as_of.isoformat()))
    last = data.panel.complete - 1
    first = _first_week(data, known)
    walked = []
    for one in flagged_weeks(data.panel, first, last):
        walked.append(one)
        step(len(walked), last - first + 3)
    views = {view.week: view for view, _ in walked if view is not None}
    step(last - first + 2, last - first + 3)
    clusters, timing_notes = signals.clusters(data)
    cells, cell_notes = signals.cells(data)
    rises, rise_notes = _rises(data, episodes(signals.with_sources(data, walked)), views)
    view = views.get(last)
    judged = day_date(data, last) if view is not None else None
    return Looked(
        cases=len(data.cases),
        weeks=data.panel.complete,
        series=0 if view is None else _judged_series(data, view),
        judged=judged,
        past=digest(data, last + 1),
        walked_from=day_date(data, first),
        seen=(*rises, *_cells(data, cells), *(_cluster(data, one) for one in clusters)),
        notes=(*data.notes, *rise_notes, *signals.few_notes(data, view), *cell_notes, *timing_notes),
        few=_few(data, view),
        effects=_effects(data, known.watched),
    )


def day_date(data: Loaded, week: int) -> date:
    """The Monday of a week of the panel."""
    return date.fromisoformat(day_text(data.panel.day(week)))


def digest(data: Loaded, weeks: int) -> str:
    """Names, cases and exposure of the first `weeks` weeks: the same digest, the same episodes up to there."""
    made = hashlib.sha256(repr((data.causes, data.sources, data.panel.monday, weeks)).encode())
    made.update(np.ascontiguousarray(data.panel.counts[..., :weeks]).tobytes())
    made.update(np.ascontiguousarray(np.nan_to_num(data.panel.exposure[..., :weeks], nan=-1.0)).tobytes())
    return made.hexdigest()


def _first_week(data: Loaded, known: Known) -> int:
    """The week to walk from: the oldest open episode's where the past is as it was, else the very first."""
    if known.judged is None:
        return 0
    judged = (day_number(known.judged.isoformat()) - data.panel.monday) // 7
    if not 0 <= judged < data.panel.complete or digest(data, judged + 1) != known.past:
        return 0
    since = known.open_since
    begins = judged if since is None else (day_number(since.isoformat()) - data.panel.monday) // 7
    return max(min(begins, judged), 0)


def _judged_series(data: Loaded, view: WeekView) -> int:
    causes = int((~view.few_causes).sum())
    return causes + (0 if data.sources == (EVERY,) else int((~view.few_cells).sum()))


def _few(data: Loaded, view: WeekView | None) -> tuple[tuple[str, str], ...]:
    """Causes, and causes at a source that could be told, that are too few to judge this week: (cause, source or "")."""
    if view is None:
        return ()
    whole = [(data.causes[cause], "") for cause in np.flatnonzero(view.few_causes)]
    if data.sources == (EVERY,):
        return tuple(whole)
    apart = np.argwhere(view.few_cells & ~view.few_causes[:, None])
    return (*whole, *((data.causes[cause], data.sources[source]) for cause, source in apart))


# --- rises ------------------------------------------------------------------------------------------


def _rises(data: Loaded, found: list[Episode], views: dict[int, WeekView]) -> tuple[list[Seen], list[Note]]:
    seen = []
    for one in found:
        rise = signals.rise_found(data, one, views[one.first])
        seen.append(Seen(rise, tuple(_figures(data, week) for week in one.weeks), _picture(data, one, views)))
    if not views:
        return seen, [signals.short_history(data)]
    return seen, []


def _figures(data: Loaded, week: EpisodeWeek) -> Figures:
    return Figures(
        day_date(data, week.week),
        week.observed,
        week.expected,
        week.low,
        week.high,
        week.at_risk if data.measure else None,
        week.surprise,
    )


def _picture(data: Loaded, one: Episode, views: dict[int, WeekView]) -> Picture:
    inside = (data.cases.cause == one.cause) & np.isin(data.week, [week.week for week in one.weeks])
    if one.source is not None:
        inside &= data.source == one.source
    return {
        "series": list(_series(data, one, views)),
        "partial": _partial(data, one),
        "sources": _sources(data, one, views),
        "asked": _asked(data, inside),
        "ages": _ages(data, inside),
        "ahead": None if one.ended else _ahead(one),
    }


def _series(data: Loaded, one: Episode, views: dict[int, WeekView]) -> Iterator[list[Any]]:
    """[Monday, observed, expected, low, high] of the weeks before and during an episode.

    Before it, what one expected when it began; from then on, what each week's own view expected.
    """
    last = data.panel.complete - 1
    fit = expected_cases(data.panel, one.first)
    cases = data.panel.comparable[one.cause].sum(1)  # (sources, weeks)
    observed = cases.sum(0) if one.source is None else cases[one.source]
    end = min(last, one.last + 8)
    for week in range(max(min(one.first - 8, end - SHOWN_WEEKS + 1), 0), end + 1):
        view = views.get(week) if week >= one.first else None
        if view is not None:
            at = (0, one.cause) if one.source is None else (0, one.cause, one.source)
            sums = view.causes if one.source is None else view.cells
            expected, variance = float(sums.expected[at]), float(sums.variance[at])
        elif week > one.first:
            continue
        elif one.source is None:
            expected = float(fit.cause[one.cause, week])
            variance = expected * float(fit.cause_dispersion[one.cause])
        else:
            cell = (one.cause, one.source)
            expected = float(fit.cell[(*cell, week)])
            variance = (expected + fit.cell_shock * expected**2) * float(fit.cell_excess[cell])
        low, high = usual_range(np.array([expected]), np.array([variance]))
        yield [
            day_text(data.panel.day(week)),
            int(observed[week]),
            round(expected, 2),
            int(low[0]),
            int(high[0]),
        ]


def _partial(data: Loaded, one: Episode) -> dict[str, Any] | None:
    """The week that is not over: its cases so far and how many of its days are past."""
    week = data.panel.complete
    days = data.end_day - data.panel.day(week)
    if week >= data.panel.shape[3] or days <= 0 or one.ended:
        return None
    counts = data.panel.counts[one.cause, :, :, week].sum(1)
    so_far = counts.sum() if one.source is None else counts[one.source]
    return {"week": day_text(data.panel.day(week)), "observed": int(so_far), "days": int(days)}


def _sources(data: Loaded, one: Episode, views: dict[int, WeekView]) -> list[dict[str, Any]]:
    """Every source of the cause over the episode's weeks, the most surprising first."""
    if data.sources == (EVERY,):
        return []
    weeks = [views[week.week] for week in one.weeks]
    variance = np.sum([view.cells.variance[0, one.cause] for view in weeks], axis=0)
    few = too_few(one.sources_expected, variance)
    rising = {*one.other_sources_rise(), *([] if one.source is None else [one.source])}
    rows = []
    for source, name in enumerate(data.sources):
        observed, expected = int(one.sources_observed[source]), float(one.sources_expected[source])
        if not observed and expected < 0.05:
            continue
        low, high = ratio_interval(np.array([observed]), np.array([max(expected, 1e-9)]))
        thin = bool(few[source]) and source not in rising
        rows.append(
            {
                "source": name,
                "at_risk": float(weeks[-1].at_risk[source]) if data.measure else None,
                "observed": observed,
                "expected": round(expected, 2),
                "ratio": None if thin else observed / max(expected, 1e-9),
                "low": None if thin else float(low[0]),
                "high": None if thin else float(high[0]),
                "says": "high" if source in rising else "few" if thin else "usual",
            }
        )
    order = {"high": 0, "usual": 1, "few": 2}
    return sorted(rows, key=lambda row: (order[row["says"]], -(row["ratio"] or 0), row["source"]))


def _asked(data: Loaded, inside: Any) -> dict[str, int]:
    """What is claimed in the cases, in minor units by currency."""
    sums = {
        currency: int(data.cases.minor[inside & (data.cases.currency == code)].sum())
        for code, currency in enumerate(data.cases.currencies)
    }
    return {currency: minor for currency, minor in sums.items() if currency and minor}


def _ages(data: Loaded, inside: Any) -> dict[str, Any]:
    """Cases by days since the charge, four weeks of them; `others`: the share of all other causes in each day."""
    cause = data.cases.cause[inside]
    ages = data.cases.age[inside]
    known = ages[ages >= 0]
    rest = np.ones(len(data.cases), dtype=bool) if not cause.size else data.cases.cause != cause[0]
    other = data.cases.age[rest & (data.cases.age >= 0)]
    return {
        "days": np.bincount(known[known < AGES], minlength=AGES).tolist(),
        "known": int(known.size),
        "others": (np.bincount(other[other < AGES], minlength=AGES) / max(other.size, 1)).round(4).tolist(),
    }


def _ahead(one: Episode) -> dict[str, Any]:
    """The next four weeks if nothing changes: the mean of the episode's last four, with its 95 % range."""
    recent = one.weeks[-4:]
    rate = sum(week.observed for week in recent) / len(recent)
    mean = np.array([4 * rate])
    low, high = usual_range(mean, mean * (1 + 4 / len(recent)))
    return {"weeks": 4, "cases": round(4 * rate), "low": int(low[0]), "high": int(high[0])}


# --- what a change brought ---------------------------------------------------------------------------


def _effects(data: Loaded, watched: tuple[Watch, ...]) -> dict[int, Effect]:
    """The effect of each change that enough weeks have passed since."""
    found = {}
    for watch in watched:
        effect = _effect(data, watch)
        if effect is not None:
            found[watch.action_id] = effect
    return found


def _effect(data: Loaded, watch: Watch) -> Effect | None:
    """Weeks of the episode before the change against the weeks after it, both in times the usual of before the episode."""
    if watch.cause not in data.causes or (watch.source and watch.source not in data.sources):
        return None
    since = (day_number(watch.since.isoformat()) - data.panel.monday) // 7
    done = (day_number(watch.done_on.isoformat()) - data.panel.monday) // 7
    last = data.panel.complete - 1
    history = max(since + 1 - DEFAULT.left_out, 0)
    if since < 0 or done > last or data.panel.covered[:, :history].any(0).sum() < DEFAULT.least_history:
        return None
    cause = data.causes.index(watch.cause)
    fit = expected_cases(data.panel, since)
    cases, at_risk = data.panel.comparable[cause].sum(1), data.panel.at_risk.sum(1)
    if watch.source:
        source = data.sources.index(watch.source)
        usual, observed, risk = fit.cell[cause, source, since], cases[source], at_risk[source]
    else:
        usual, observed, risk = fit.cause[cause, since], cases.sum(0), at_risk.sum(0)
    if risk[since] <= 0:
        return None
    weeks = np.array([week for week in range(since, min(done + EFFECT_WEEKS, last) + 1) if week != done])
    weeks = weeks[weeks >= done - EFFECT_WEEKS]
    expected = usual * risk[weeks] / risk[since]
    return step_effect(observed[weeks], expected, weeks > done)


# --- cells and clusters ---------------------------------------------------------------------------------


def _cells(data: Loaded, found: tuple[list[CellFound], Cells | None]) -> Iterator[Seen]:
    rows, cells = found
    if cells is None:
        return
    for one in rows:
        cause, source = data.causes.index(one.cause), data.sources.index(one.source)
        inside = (data.cases.cause == cause) & (data.source == source) & (data.week < data.panel.complete)
        yield Seen(
            one,
            (),
            {
                "series": _cell_series(data, cause, source, one),
                "partial": None,
                "sources": _cell_sources(data, cells, cause),
                "asked": _asked(data, inside),
                "ages": _ages(data, inside),
                "ahead": None,
                "from": day_text(data.panel.day(0)),
            },
        )


def _cell_series(data: Loaded, cause: int, source: int, one: CellFound) -> list[list[Any]]:
    """Weeks of the cell; expected at the others' rate, by its exposure of the week."""
    end = data.panel.complete
    at_risk = data.panel.at_risk[source, :, :end].sum(0)
    expected = one.expected * at_risk / max(float(at_risk.sum()), 1e-9)
    observed = data.panel.comparable[cause, source, :, :end].sum(0)
    return [
        [day_text(data.panel.day(week)), int(observed[week]), round(float(expected[week]), 2), None, None]
        for week in range(max(end - SHOWN_WEEKS, 0), end)
    ]


def _cell_sources(data: Loaded, cells: Cells, cause: int) -> list[dict[str, Any]]:
    rows = []
    at_risk = data.panel.at_risk[..., max(data.panel.complete - 1, 0)].sum(1)
    for source, name in enumerate(data.sources):
        at = (cause, source)
        if not cells.expected[at] > 0:
            continue
        thin = bool(cells.few[at])
        rows.append(
            {
                "source": name,
                "at_risk": float(at_risk[source]) if data.measure else None,
                "observed": int(cells.observed[at]),
                "expected": round(float(cells.expected[at]), 2),
                "crude": None if thin or np.isnan(cells.crude[at]) else float(cells.crude[at]),
                "ratio": None if thin else float(cells.ratio[at]),
                "low": None if thin else float(cells.low[at]),
                "high": None if thin else float(cells.high[at]),
                "says": "high" if cells.found[at] else "few" if thin else "usual",
            }
        )
    order = {"high": 0, "usual": 1, "few": 2}
    return sorted(rows, key=lambda row: (order[row["says"]], -(row["ratio"] or 0), row["source"]))


def _cluster(data: Loaded, one: ClusterFound) -> Seen:
    clock = signals.CLOCK_OF[one.dimension]
    bins = signals.bins_of(data)[clock]
    cause = data.causes.index(one.cause)
    mine = (data.cases.cause == cause) & (bins >= 0) & (bins < clock.bins)
    others = (data.cases.cause != cause) & (bins >= 0) & (bins < clock.bins)
    own = np.bincount(bins[mine], minlength=clock.bins)
    common = np.bincount(bins[others], minlength=clock.bins) / max(int(others.sum()), 1)
    inside = mine & (bins >= one.low - clock.first) & (bins <= one.high - clock.first)
    picture: Picture = {
        "bins": [
            [at + clock.first, int(own[at]), round(float(common[at] * own.sum()), 2)]
            for at in range(clock.bins)
        ],
        "of": int(own.sum()),
        "asked": _asked(data, inside),
        "sources": [],
        "series": [],
        "partial": None,
        "ahead": None,
    }
    return Seen(one, (), picture)
