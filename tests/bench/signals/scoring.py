"""What a flag is worth: found and false, by week, by episode, by cell and by cluster, pooled over data sets.

A flag on a cause as a whole whose truth is one source is half right. An episode that never meets a truth is
false; of one that does, each part more than two weeks away is. F1: of the share of outbreak weeks flagged
(clusters: of patterns located) and the share of flags that are right.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.bench.signals.planted import CellSet, SeriesSet, Spike

Row = tuple[int, int | None]
Flag = tuple[int, int | None, int]  # cause, source or None, week


def f1(sensitivity: float, precision: float) -> float:
    """The harmonic mean; 0 where both are."""
    total = sensitivity + precision
    return 2 * sensitivity * precision / total if total else 0.0


def _share(part: float, of: float) -> float:
    return part / of if of else 0.0


@dataclass
class SpikeScore:
    """Sums over data sets; the properties are the figures."""

    truth_weeks: int = 0
    found_weeks: float = 0.0
    right: float = 0.0
    flags: int = 0
    false_flags: int = 0
    quiet: int = 0
    events: int = 0
    found: int = 0
    exact: int = 0
    delays: list[int] = field(default_factory=list)
    false_episodes: int = 0
    weeks: int = 0
    steps: int = 0
    steps_found: int = 0
    step_delays: list[int] = field(default_factory=list)

    @property
    def figures(self) -> dict[str, float]:
        sensitivity, precision = _share(self.found_weeks, self.truth_weeks), _share(self.right, self.flags)
        return {
            "F1": f1(sensitivity, precision),
            "POD": _share(self.found, self.events),
            "POD_exact": _share(self.exact, self.events),
            "PPV": precision,
            "sensitivity": sensitivity,
            "FPR": _share(self.false_flags, self.quiet),
            "delay": _share(sum(self.delays), len(self.delays)),
            "step_POD": _share(self.steps_found, self.steps),
            "step_delay": _share(sum(self.step_delays), len(self.step_delays)),
            "false_episodes_a_week": _share(self.false_episodes, self.weeks),
        }

    def add(self, flags: Iterable[Flag], data: CellSet | SeriesSet) -> None:
        """Count the flags of one data set."""
        if isinstance(data, CellSet):
            causes, sources, _, weeks = data.counts.shape
        else:
            causes, weeks = data.counts.shape
            sources = 0
        seen = {flag for flag in flags if data.first_scored <= flag[2] < weeks}
        truth = _Truth(data.spikes, data.first_scored, weeks)
        self.weeks += weeks - data.first_scored
        self.flags += len(seen)
        self.events += len(truth.events)
        self.truth_weeks += truth.weeks
        self._quiet(truth, causes, sources, weeks - data.first_scored)
        credit: dict[tuple[int, int], float] = {}
        first: dict[int, int] = {}
        exact: set[int] = set()
        for flag in sorted(seen, key=lambda flag: flag[2]):
            spikes = truth.at(flag)
            if not spikes:
                self.false_flags += 1
                continue
            worth = 0.0
            for event in spikes:
                spike = data.spikes[event]
                here = spike.source == flag[1] or spike.source is None
                worth = max(worth, 1.0 if here else 0.5)
                credit[event, flag[2]] = max(credit.get((event, flag[2]), 0.0), 1.0 if here else 0.5)
                first.setdefault(event, flag[2] - spike.start)
                exact |= {event} if here else set()
            self.right += worth
        scored = set(truth.events)
        self.found_weeks += sum(value for (event, _), value in credit.items() if event in scored)
        self.found += len(scored & first.keys())
        self.exact += len(scored & exact)
        self.delays += [first[event] for event in sorted(scored & first.keys())]
        steps = {event for event in scored if data.spikes[event].kind == "step_cause"}
        self.steps += len(steps)
        self.steps_found += len(steps & first.keys())
        self.step_delays += [first[event] for event in sorted(steps & first.keys())]
        self.false_episodes += _false_episodes(seen, truth)

    def _quiet(self, truth: "_Truth", causes: int, sources: int, weeks: int) -> None:
        if not sources:
            self.quiet += causes * weeks - len(truth.rows)
            return
        busy: dict[tuple[int, int], set[int]] = defaultdict(set)
        for cause, source, week in truth.rows:
            busy[cause, week] |= set(range(sources)) if source is None else {source}
        self.quiet += causes * sources * weeks - sum(map(len, busy.values())) + causes * weeks - len(busy)


class _Truth:
    """The planted rises of the scored weeks, by row and week."""

    def __init__(self, spikes: list[Spike], first: int, weeks: int) -> None:
        self.rows: dict[tuple[int, int | None, int], int] = {}
        self.by_cause: dict[tuple[int, int], set[int]] = defaultdict(set)
        self.events = [event for event, spike in enumerate(spikes) if spike.scored]
        self.weeks = sum(min(spikes[e].end, weeks - 1) - spikes[e].start + 1 for e in self.events)
        for event, spike in enumerate(spikes):
            for week in range(max(spike.start, first), min(spike.end, weeks - 1) + 1):
                self.rows[spike.cause, spike.source, week] = event
        for (cause, _, week), event in self.rows.items():
            self.by_cause[cause, week].add(event)

    def at(self, flag: Flag) -> set[int]:
        cause, source, week = flag
        if source is None:
            return self.by_cause.get((cause, week), set())
        places = ((cause, source, week), (cause, None, week))
        return {self.rows[place] for place in places if place in self.rows}

    def weeks_of(self, row: Row) -> set[int]:
        """The weeks in which a flag of `row` would be right."""
        cause, source = row
        if source is None:
            return {week for (of, week) in self.by_cause if of == cause}
        return {week for (of, at, week) in self.rows if of == cause and at in (source, None)}


def _parts(weeks: Iterable[int]) -> list[list[int]]:
    """Runs of weeks; one silent week inside a run is allowed."""
    runs: list[list[int]] = []
    for week in sorted(weeks):
        if runs and week - runs[-1][-1] <= 2:
            runs[-1].append(week)
        else:
            runs.append([week])
    return runs


def _false_episodes(flags: set[Flag], truth: _Truth) -> int:
    by_row: dict[Row, list[int]] = defaultdict(list)
    for cause, source, week in flags:
        by_row[cause, source].append(week)
    false = 0
    for row, weeks in by_row.items():
        true = truth.weeks_of(row)
        for run in _parts(weeks):
            if true & set(run):
                false += len(_parts(week for week in run if all(abs(week - of) > 2 for of in true)))
            else:
                false += 1
    return false


@dataclass
class FoundScore:
    """Cells, or clusters in time: planted, found, false; sets with something false."""

    planted: int = 0
    found: int = 0
    paired: int = 0
    false: int = 0
    false_pairs: int = 0
    empty: int = 0
    sets: int = 0
    sets_with_false: int = 0

    @property
    def figures(self) -> dict[str, float]:
        sensitivity, precision = _share(self.found, self.planted), _share(self.found, self.found + self.false)
        return {
            "F1": f1(sensitivity, precision),
            "POD": _share(self.paired, self.planted),
            "POD_located": sensitivity,
            "FDP": 1 - precision if self.found + self.false else 0.0,
            "FPR": _share(self.false_pairs, self.empty),
            "sets_with_false": _share(self.sets_with_false, self.sets),
        }

    def add_cells(self, found: set[tuple[int, int]], data: CellSet) -> None:
        """Cells: what is truly above 1.3 without being planted counts neither way."""
        judged = found - data.neutral
        causes, sources = data.counts.shape[:2]
        right = len(judged & data.elevated)
        self.planted += len(data.elevated)
        self.found += right
        self.paired += right
        self.false += len(judged) - right
        self.false_pairs += len(judged) - right
        self.empty += causes * sources - len(data.neutral) - len(data.elevated)
        self.sets += 1
        self.sets_with_false += len(judged) > right

    def add_clusters(
        self,
        found: list[tuple[int, str, int, int]],
        truth: dict[tuple[int, str], tuple[int, int]],
        pairs: int,
    ) -> None:
        """Clusters: right where they overlap the truth and are no wider than twice it and two bins."""
        false_before = self.false
        self.planted += len(truth)
        self.empty += pairs - len(truth)
        self.sets += 1
        for cause, clock, low, high in found:
            if (cause, clock) not in truth:
                self.false += 1
                self.false_pairs += 1
                continue
            self.paired += 1
            begins, ends = truth[cause, clock]
            located = low <= ends and high >= begins and high - low + 1 <= 2 * (ends - begins + 1) + 2
            self.found += located
            self.false += not located
        self.sets_with_false += self.false > false_before
