"""What a report is: one definition that page, CSV, Excel, JSON and PDF read alike."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal

from flask_babel import LazyString
from sqlalchemy.orm import Session

from casedesk.reports.asked import Asked
from casedesk.reports.names import Names
from casedesk.reports.periods import Period

Unit = Literal["text", "count", "money", "percent", "duration", "ratio", "day", "days"]
Value = str | int | float | date | None
Spec = dict[str, Any]

MANAGERS = ("manager",)
DESK = ("manager", "agent")


@dataclass(frozen=True)
class Column:
    """One column. Money is in minor units of `currency`; durations are seconds; percentages shares of one."""

    code: str
    label: str
    unit: Unit = "count"
    currency: str = ""


@dataclass(frozen=True)
class Behind:
    """The cases that a figure stands for: those of `event` in the period (or in `days`), narrowed by `of`.

    event: one of figures.EVENTS. of: by dimension the value or values, by one of cube_rules.SPANS `first..last`.
    """

    event: str
    of: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    days: Period | None = None


@dataclass(frozen=True)
class Row:
    """Values in the order of the columns. `behind`: by the code of a column, the cases that its figure counts; the
    first of them also stand behind the row's name."""

    values: tuple[Value, ...]
    behind: Mapping[str, Behind] = field(default_factory=dict)
    total: bool = False


@dataclass(frozen=True)
class Table:
    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: str = ""


@dataclass(frozen=True)
class Figure:
    """One number of the head; `before` is the same of the comparison period. good: which way is better, if any."""

    label: str
    value: Value
    unit: Unit = "count"
    before: Value = None
    currency: str = ""
    good: Literal["up", "down", ""] = ""
    plus_minus: str = ""


@dataclass(frozen=True)
class Made:
    """A report's figures for one question. The first table stands beside the chart and says the same."""

    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    chart: Spec | None = None
    chart_title: str = ""
    notes: tuple[str, ...] = ()
    is_empty: bool = False


@dataclass(frozen=True)
class Desk:
    """What a report is made with: the database, the question, the names, and the desk's own settings."""

    session: Session
    asked: Asked
    names: Names
    now: datetime
    today: date
    currency: str
    zone: str

    def by(self, *cuts: str) -> str:
        """The dimension to cut by: what was asked for where it is one of `cuts`, else the first."""
        return self.asked.by if self.asked.by in cuts else cuts[0]

    @property
    def before(self) -> "Desk | None":
        """The same over the comparison period."""
        return replace(self, asked=self.asked.over(self.asked.before)) if self.asked.before else None


@dataclass(frozen=True)
class Report:
    """One report. `sentence` says what it answers, `counted` how. `cuts` and `filters` are what a reader may choose."""

    code: str
    title: LazyString
    sentence: LazyString
    counted: tuple[LazyString, ...]
    make: Callable[[Desk], Made]
    roles: tuple[str, ...] = MANAGERS
    filters: tuple[str, ...] = ("kind", "team", "cause", "source", "plan", "channel")
    compares: bool = True
    by_period: bool = True
    steps: bool = False
    cuts: tuple[str, ...] = ()
    group: str = "work"
    icon: str = "chart-bar"
