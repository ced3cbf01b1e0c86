"""What a closed file says for the year: codes of the close form, and the figures that the law lists.

Source: Code de la consommation R614-2; Directive 2013/11/EU art. 7(2).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

FAVOURS = ("customer", "company", "shared")
"""In whose favour an opinion or agreement goes, for the most part."""

INTERRUPTIONS = ("customer_left", "company_left", "settled_directly", "court", "not_completed", "time_over")

INTERRUPTED = ("withdrawn", "lapsed")


@dataclass(frozen=True)
class FileFigures:
    """One file as the report reads it."""

    id: int
    number: str
    kind: str
    cause: str
    state: str
    requested_at: datetime
    cross_border: bool = False
    ground: str | None = None
    ended_at: datetime | None = None
    days: int | None = None
    favours: str | None = None
    interruption: str | None = None
    recommendation: str | None = None
    tasks: int = 0
    tasks_done: int = 0
    tasks_failed: int = 0


@dataclass(frozen=True)
class Figure:
    """One figure: a count of files, its whole (for a share), the files counted. `mean_days`: of the files' days."""

    code: str
    sub: str
    count: int
    of: int | None
    files: tuple[int, ...]
    mean_days: float | None = None

    @property
    def share(self) -> float | None:
        return self.count / self.of if self.of else None


@dataclass(frozen=True)
class YearReport:
    """The figures of a year, or of any days. `filed` came in then, `ended` ended then; a file may be in either or both."""

    filed: int
    ended: int
    figures: tuple[Figure, ...]
    recommendations: tuple[tuple[str, int], ...]


def report(filed: Sequence[FileFigures], ended: Sequence[FileFigures]) -> YearReport:
    """Count `filed` and `ended` into the figures that the law lists, in its order."""
    figures = [_figure("filed", "", filed, None)]
    figures += _by("filed_kind", filed, lambda f: f.kind, len(filed))
    figures += _by("question", filed, lambda f: f.cause, len(filed))
    declined = [f for f in ended if f.state == "declined"]
    figures.append(_figure("declined", "", declined, len(ended)))
    figures += _by("declined_ground", declined, lambda f: f.ground or "", len(ended))
    stopped = [f for f in ended if f.state in INTERRUPTED]
    figures.append(_figure("interrupted", "", stopped, len(ended)))
    figures += _by("interrupted_cause", stopped, lambda f: f.interruption or "", len(ended))
    whole = [f for f in ended if f.state in ("agreed", "closed")]
    timed = [f for f in whole if f.days is not None]
    figures.append(_figure("duration", "", timed, None))
    amicable = [f for f in ended if f.state == "agreed"]
    figures.append(_figure("amicable", "", amicable, len(whole)))
    figures.append(_figure("opinion", "", [f for f in ended if f.state == "closed"], len(whole)))
    figures += _by("favours", whole, lambda f: f.favours or "", len(whole))
    known = [f for f in amicable if f.tasks and f.tasks_done + f.tasks_failed == f.tasks]
    figures.append(_figure("carried_out", "", [f for f in known if not f.tasks_failed], len(known)))
    figures.append(_figure("cross_border", "", [f for f in filed if f.cross_border], len(filed)))
    said = Counter(f.recommendation for f in ended if f.recommendation)
    return YearReport(len(filed), len(ended), tuple(figures), tuple(said.most_common()))


def _figure(code: str, sub: str, files: Sequence[FileFigures], of: int | None) -> Figure:
    days = [f.days for f in files if f.days is not None]
    mean = sum(days) / len(days) if code == "duration" and days else None
    return Figure(code, sub, len(files), of, tuple(f.id for f in files), mean)


def _by(code: str, files: Iterable[FileFigures], key: Callable[[FileFigures], str], of: int) -> list[Figure]:
    groups: dict[str, list[FileFigures]] = {}
    for file in files:
        groups.setdefault(key(file), []).append(file)
    ranked = sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return [_figure(code, sub, members, of) for sub, members in ranked]
