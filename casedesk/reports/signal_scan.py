"""One scan of what the database holds: findings, each with its weeks and what the page draws. Worker only (numpy).

Weeks that were judged before and whose past has not changed are not walked again: the walk begins at the oldest
episode that is still open. Where the past has changed (a late import, a cause corrected) all weeks are walked.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from casedesk.detection.causes import Cells
from casedesk.detection.changes import WeekView, flagged_weeks
from casedesk.detection.effect import Effect
from casedesk.detection.episodes import Episode, EpisodeWeek, episodes
from casedesk.reports import signals
from casedesk.reports.findings import CellFound, Found, Note
from casedesk.reports.signal_effects import Watch, effects_of
from casedesk.reports.signal_files import day_number, day_text
from casedesk.reports.signal_panel import EVERY, Loaded, load
from casedesk.reports.signal_pictures import Picture, cell_picture, cluster_picture, rise_picture
from casedesk.reports.signal_source import Read

Step = Callable[[int, int], None]


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
        seen=(
            *rises,
            *_cells(data, cells),
            *(Seen(one, (), cluster_picture(data, one)) for one in clusters),
        ),
        notes=(*data.notes, *rise_notes, *signals.few_notes(data, view), *cell_notes, *timing_notes),
        few=_few(data, view),
        effects=effects_of(data, known.watched),
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


def _rises(data: Loaded, found: list[Episode], views: dict[int, WeekView]) -> tuple[list[Seen], list[Note]]:
    seen = []
    for one in found:
        rise = signals.rise_found(data, one, views[one.first])
        seen.append(
            Seen(
                rise,
                tuple(_figures(data, one.source, week) for week in one.weeks),
                rise_picture(data, one, views),
            )
        )
    if not views:
        return seen, [signals.short_history(data)]
    return seen, []


def _figures(data: Loaded, source: int | None, week: EpisodeWeek) -> Figures:
    return Figures(
        day_date(data, week.week),
        week.observed,
        week.expected,
        week.low,
        week.high,
        signals.risk_of(data, source, week.week),
        week.surprise,
    )


def _cells(data: Loaded, found: tuple[list[CellFound], Cells | None]) -> Iterator[Seen]:
    rows, judged = found
    if judged is not None:
        yield from (Seen(one, (), cell_picture(data, judged, one)) for one in rows)
