"""What a scan says, in plain values: the page, the command, mails and exports all read these."""

from dataclasses import dataclass, field

UNSTATED = "(none)"
"""Stands for a cause, source or product that nobody stated."""


@dataclass(frozen=True)
class RiseFound:
    """A cause that rises, at one source or (source None) as a whole.

    since, last: first and last week (ISO dates of their Mondays); usual_low, usual_high: what its weeks usually
    bring; at_risk: exposure of the last week in `measure`; excess_money: minor units by currency; others: other
    sources that rise with it, None where sources are not told apart; renamed_from: causes that fell by as much.
    """

    cause: str
    source: str | None
    since: str
    last: str
    peak: str
    ended: bool
    observed: int
    expected: float
    usual_low: int
    usual_high: int
    ratio: float
    ratio_low: float
    ratio_high: float
    at_risk: float | None
    measure: str
    excess: float
    excess_money: dict[str, int]
    others: tuple[str, ...] | None
    renamed_from: tuple[str, ...]
    score: float
    weeks: tuple[str, ...]
    kind: str = field(default="spike", init=False)


@dataclass(frozen=True)
class CellFound:
    """A source that disputes a cause more than the other sources, over the whole period."""

    cause: str
    source: str
    observed: int
    expected: float
    ratio: float
    ratio_low: float
    ratio_high: float
    crude: float
    shrunken: float
    excess: float
    excess_money: dict[str, int]
    score: float
    kind: str = field(default="cell", init=False)


@dataclass(frozen=True)
class ClusterFound:
    """A cause that clusters in some bins of a clock (`dimension`), both ends included."""

    cause: str
    dimension: str
    low: int
    high: int
    observed: int
    expected: float
    ratio: float
    score: float
    kind: str = field(default="timing", init=False)


Found = RiseFound | CellFound | ClusterFound


@dataclass(frozen=True)
class Note:
    """Something that a reader must know beside the findings: a code of `wording.NOTES` and its parameters."""

    code: str
    params: dict[str, int | str]


@dataclass(frozen=True)
class Scan:
    """All that is found as of a day, what is odd about the data, and what is too thin to judge."""

    on: str
    cases: int
    weeks: int
    found: tuple[Found, ...]
    notes: tuple[Note, ...]
