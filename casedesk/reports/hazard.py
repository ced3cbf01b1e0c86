"""How many were at risk in each week after something, and how often it came to a case. Pure."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

WEEK = 7


@dataclass(frozen=True)
class Week:
    """One week after the beginning (0: its first seven days): days at risk in it, and cases."""

    week: int
    risk_days: int
    cases: int

    @property
    def at_risk(self) -> int:
        """Contracts that were that old for the whole week, or as many shares of one."""
        return self.risk_days // WEEK


def weeks(
    begun: Mapping[tuple[int, int | None], int], cases: Mapping[int, int], start: int, end: int, count: int
) -> list[Week]:
    """The first `count` weeks of what began, as far as they lie in [start, end).

    begun: how many by (day, days until it began anew or None), days as ordinals of dates. cases: by days since the
    beginning. One at risk on a day of its life is one day at risk in that week, if the day lies in the period and its
    clock was not set back before.
    """
    at_risk = [0] * count
    for length, days in _by_length(begun).items():
        order = sorted(days)
        sums = [0, *accumulate(days[day] for day in order)]
        for age in range(min(count * WEEK, length if length is not None else count * WEEK)):
            low, high = bisect_left(order, start - age), bisect_left(order, end - age)
            at_risk[age // WEEK] += sums[high] - sums[low]
    found = [0] * count
    for age, n in cases.items():
        if 0 <= age < count * WEEK:
            found[age // WEEK] += n
    return [Week(week, at_risk[week], found[week]) for week in range(count)]


def _by_length(begun: Mapping[tuple[int, int | None], int]) -> dict[int | None, dict[int, int]]:
    found: dict[int | None, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for (day, length), n in begun.items():
        found[length][day] += n
    return found
