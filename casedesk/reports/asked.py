"""What is asked of a report: period, comparison, filters. Read from an address, a saved report or a command alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlencode

from casedesk.kernel.errors import InvalidInput
from casedesk.reports import periods
from casedesk.reports.cube_rules import CUT_COLUMNS
from casedesk.reports.periods import Period

FILTERS = ("kind", "team", "cause", "source", "plan", "channel", "owner", "currency")
Typed = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Asked:
    """One question. `filters` hold (dimension, values); `scope` what the reader may see at all, never typed.

    scope: () everything, or (dimension, value) pairs of which one must hold.
    """

    period: Period
    name: str
    before: Period | None
    compare: str
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    grain: str = "month"
    by: str = ""
    scope: tuple[tuple[str, str], ...] = ()

    def values(self, dimension: str) -> tuple[str, ...]:
        return dict(self.filters).get(dimension, ())

    def narrowed(self, **more: str) -> "Asked":
        """The same with further filters."""
        others = tuple((name, values) for name, values in self.filters if name not in more)
        return replace(self, filters=others + tuple((name, (value,)) for name, value in more.items()))

    def over(self, period: Period) -> "Asked":
        return replace(self, period=period, before=None)

    @property
    def is_partial(self) -> bool:
        """Does the last step end before its time? Set where the period ends today."""
        return periods.following(periods.floor(self.period.last, self.grain), self.grain) > self.period.end


def read(typed: Typed, *, today: date, known: Mapping[str, Mapping[str, str]]) -> Asked:
    """The question of `typed` fields. Raises InvalidInput with the field that cannot be answered.

    known: by dimension, the values that there are (an unknown cause is refused, not answered with zero).
    """
    first, last = _one(typed, "from"), _one(typed, "to")
    name = _one(typed, "period") or ("custom" if first or last else periods.DEFAULT)
    if name == "custom":
        if not (first and last):
            raise InvalidInput("report.both_days", field="from")
        period = periods.custom(first, last, today)
    else:
        period = periods.preset(name, today)
    compare = _one(typed, "compare") or "before"
    grain = _one(typed, "grain") or period.grain
    if grain not in periods.GRAINS:
        raise InvalidInput("report.grain", field="grain", grain=grain[:20])
    by = _one(typed, "by")
    if by and by not in CUT_COLUMNS:
        raise InvalidInput("report.cut", field="by", cut=by[:20])
    before = periods.compared(period, compare)
    return Asked(period, name, before, compare, _filters(typed, known), grain, by)


def _filters(typed: Typed, known: Mapping[str, Mapping[str, str]]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    found = []
    for dimension in FILTERS:
        values = tuple(value for value in typed.get(dimension, ()) if value)
        for value in values:
            if value not in known.get(dimension, {}):
                raise InvalidInput(f"report.unknown_{dimension}", field=dimension, value=value[:60])
        if values:
            found.append((dimension, values))
    return tuple(found)


def _one(typed: Typed, name: str) -> str:
    values = typed.get(name, ())
    return values[-1].strip() if values else ""


def typed_of(asked: Asked) -> dict[str, list[str]]:
    """The fields that ask the same again; a preset stays a preset, so that a saved report moves with the days."""
    typed = {"period": [asked.name], "compare": [asked.compare], "grain": [asked.grain]}
    if asked.by:
        typed["by"] = [asked.by]
    if asked.name == "custom":
        typed |= {"from": [asked.period.start.isoformat()], "to": [asked.period.last.isoformat()]}
    return typed | {name: list(values) for name, values in asked.filters}


def query_of(asked: Asked, **changes: str | list[str]) -> str:
    """The same question as the query part of an address, with `changes` (an empty one drops the field)."""
    fields = {**typed_of(asked), **changes}
    return urlencode({name: value for name, value in fields.items() if value}, doseq=True)
