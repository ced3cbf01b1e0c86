"""The year that the demo plays: when cases are opened, what they are about, what was planted, how far each has come.

Cases come as evenly as the shop grows; what rises in it was put there, and is listed in `PLANTED`. Those that are still
open are the ones that stayed open, most of them young, some of them weeks and months old: there is no flood at the end.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from casedesk.demo.calendar import before, local

EVERY = "*"
WEEKS = 52
GROWTH = 0.52
"""Weekly cases a year ago, as a share of today's: the shop has nearly doubled its subscriptions since."""

CAUSES_BY_KIND = {
    "refund": (
        ("unexpected_renewal", 26), ("changed_mind", 18), ("trial_only", 9), ("unexpected_fee", 11),
        ("service_not_rendered", 13), ("duplicate_charge", 8), ("price_change", 7), ("health", 8),
    ),
    "cancellation": (
        ("moved_away", 24), ("health", 18), ("commitment_misunderstood", 20), ("price_change", 12),
        ("unexpected_renewal", 16), ("trial_only", 10),
    ),
    "dispute": (
        ("service_not_rendered", 26), ("price_change", 16), ("unclear_terms", 18), ("unexpected_fee", 14),
        ("quality", 16), ("commitment_misunderstood", 10),
    ),
    "chargeback": (
        ("not_recognised", 52), ("unexpected_renewal", 22), ("duplicate_charge", 14), ("unexpected_fee", 12),
    ),
}  # fmt: skip
KINDS = tuple(CAUSES_BY_KIND)
_KIND_WEIGHTS = (34, 24, 21, 21)

LIVE = {"open": 17, "waiting-customer": 17, "waiting-third-party": 17, "waiting-approval": 20, "decided": 18}
"""How many live cases there are of each kind, by status."""
_STAYS = {"open": 1.0, "waiting-approval": 1.4, "decided": 2.2, "waiting-customer": 3.0, "waiting-third-party": 5.0}  # fmt: skip
"""How old the cases of a status are beside each other's."""
_WEEKS_OPEN, _OLDEST = 6.0, 20.0
"""How fast cases are done with, and how old one that is not can be; withdrawals, which the law hurries, two weeks."""
APPROVABLE = {
    "refund": ("health", "service_not_rendered", "unexpected_renewal"),
    "cancellation": ("health", "unexpected_renewal"),
    "dispute": ("service_not_rendered", "unclear_terms", "quality"),
    "chargeback": ("not_recognised", "unexpected_renewal", "duplicate_charge"),
}
"""What the desk goes beyond the rule for, so that a manager has to approve."""


@dataclass(frozen=True)
class Planted:
    """What the scan is to find by itself: so many cases more from `first` to `last` weeks before this one."""

    cause: str
    source: str
    kinds: tuple[str, ...]
    more: int
    first: int
    last: int


PLANTED = (
    Planted("unexpected_renewal", "facebook", ("refund", "cancellation", "chargeback"), 46, 7, 0),
    Planted("not_recognised", EVERY, ("chargeback",), 34, 3, 0),
    Planted("service_not_rendered", EVERY, ("dispute", "dispute", "refund"), 40, 6, 0),
    Planted("unexpected_fee", "google-search", ("refund", "dispute"), 38, 19, 13),
    Planted("commitment_misunderstood", "affiliate", ("cancellation",), 32, WEEKS - 1, 0),
)


@dataclass
class Slot:
    """A case that is to be: `source` is None where it is the contract's own."""

    at: datetime
    kind: str
    cause: str
    source: str | None
    status: str = "closed"
    planted: bool = False


def slots(rng: random.Random, now: datetime, count: int, taken: list[tuple[str, datetime]]) -> list[Slot]:
    """`count` cases of the year, oldest first, beside those `taken` (kind, opened) that are written by hand."""
    made = [_planted(rng, now, one, n) for one in PLANTED for n in range(one.more)]
    base = [_usual(rng, now) for _ in range(count + len(taken) - len(made))]
    for kind, at in taken:  # they stand in the place of others, so that their days are not fuller
        of_kind = [one for one in base if one.kind == kind] or base
        base.remove(min(of_kind, key=lambda one: abs(one.at - at)))
    made += base
    for kind in KINDS:
        _keep_open(rng, now, [one for one in made if one.kind == kind])
    return sorted(made, key=lambda one: one.at)


def _usual(rng: random.Random, now: datetime) -> Slot:
    while True:
        ago = rng.random()
        if rng.random() < 1 - (1 - GROWTH) * ago:
            break
    kind = rng.choices(KINDS, _KIND_WEIGHTS)[0]
    names, weights = zip(*CAUSES_BY_KIND[kind], strict=True)
    return Slot(_moment(rng, now, ago * WEEKS * 7), kind, rng.choices(names, weights)[0], None)


def _planted(rng: random.Random, now: datetime, one: Planted, n: int) -> Slot:
    """The n-th case of a recurrence; they are spread evenly from its first week to its last."""
    begins = (now - timedelta(days=now.weekday() + 7 * one.first)).replace(hour=0, minute=0)
    ends = min(begins + timedelta(weeks=one.first - one.last + 1), now - timedelta(hours=2))
    at = begins + (ends - begins) * ((n + rng.random()) / one.more)
    days = (now - at) / timedelta(days=1)
    source = None if one.source == EVERY else one.source
    return Slot(_moment(rng, now, days), one.kinds[n % len(one.kinds)], one.cause, source, planted=True)


def _moment(rng: random.Random, now: datetime, days_ago: float) -> datetime:
    """An instant of that day at which somebody would write, and in which the desk can still answer."""
    at = now - timedelta(days=days_ago)
    if days_ago < 1:
        return before(now, rng.uniform(0.2, 9))
    return local(at, rng.choices(range(7, 23), (1, 3, 7, 9, 8, 6, 5, 6, 7, 7, 6, 5, 4, 4, 3, 2))[0], rng.randrange(60))  # fmt: skip


def _keep_open(rng: random.Random, now: datetime, of_kind: list[Slot]) -> None:
    """Most of the young ones are still live, few of the old; each status takes those of about its age."""
    wanted = [status for status, many in LIVE.items() for _ in range(many)]
    age = {id(one): (now - one.at) / timedelta(weeks=1) for one in of_kind}
    luck = {id(one): -rng.expovariate(1.0) * 2.718 ** (age[id(one)] / _WEEKS_OPEN) for one in of_kind}
    young = [one for one in of_kind if age[id(one)] < (2 if one.cause == "changed_mind" else _OLDEST)]
    live = sorted(young, key=lambda one: luck[id(one)])[-len(wanted) :]
    left = sorted(wanted, key=lambda status: _STAYS[status] * rng.expovariate(1.0))
    for one in sorted(live, key=lambda one: age[id(one)]):
        fits = one.cause in APPROVABLE[one.kind]
        status = next((s for s in left if s != "waiting-approval" or fits), left[0])
        one.status = status
        left.remove(status)
