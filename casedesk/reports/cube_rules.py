"""What the cube counts and how it is cut. Pure: names, bins and the columns of each cut."""

import math

VERSION = 3
"""Moves when the meaning of a column changes: the worker then makes every row anew."""

REPEAT_DAYS = 30
"""A case is a repeat contact where its customer opened another one in the days before."""

BIN_WIDTH = math.log(1.02)

MARKS = ("refund", "credit", "dispute", "dispute_won", "clock_kept", "clock_late", "reopened", "reversed")

CUT_COLUMNS = {
    "team": "team_id",
    "owner": "owner_id",
    "decider": "decided_by",
    "kind": "kind",
    "cause": "cause",
    "source": "source",
    "plan": "plan",
    "channel": "channel",
    "outcome": "outcome",
    "clause": "clause",
    "network": "network",
    "reason": "exception_reason",
    "entity": "entity_id",
    "currency": "currency",
}
"""The column of case_facts that each cut goes by. `detail` goes by the mark's own."""

FILTERED = ("kind", "team", "cause", "source", "plan", "channel")
"""What nearly every report can be narrowed by: one narrowing of the usual cuts is answered by a roll-up too."""


def _pairs(*cuts: str, but: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Each of `cuts` with each other dimension that it can be narrowed by, once."""
    found = {
        tuple(sorted((cut, other))): f"{cut}+{other}" for cut in cuts for other in FILTERED if other != cut
    }
    return tuple(one for key, one in found.items() if not set(key) & set(but))


CUTS: dict[str, tuple[str, ...]] = {
    "opened": (
        "",
        "team",
        "owner",
        "kind",
        "cause",
        "source",
        "plan",
        "channel",
        "entity",
        "kind+network",
        *_pairs(*FILTERED),
    ),
    "decided": ("", "outcome", "cause", "source", "team", "decider", "clause"),
    "closed": ("", "outcome", *_pairs("outcome")),
    "exception": ("", "reason", "cause", "clause", "decider"),
    "repeat": ("", "cause", "source"),
    "bought": ("", "source", "plan"),
    "refund": (
        "",
        "cause",
        "source",
        "plan",
        "clause",
        "team",
        *_pairs("cause", "source", but=("team", "channel")),
    ),
    "credit": (
        "",
        "cause",
        "source",
        "plan",
        "clause",
        "team",
        *_pairs("cause", "source", but=("team", "channel")),
    ),
    "dispute": ("", "detail"),
    "dispute_won": ("", "detail"),
    "clock_kept": ("", "detail", "team", *_pairs("detail")),
    "clock_late": ("", "detail", "team", *_pairs("detail")),
    "reopened": ("", "cause", "team", "decider"),
    "reversed": ("", "cause", "team", "decider"),
}
"""Which cuts of an event are kept by day. What is not here is counted from the facts, with the same result."""

DURATIONS = {
    "first_reply": ("first_reply_day", "first_reply_bin"),
    "resolution": ("closed_day", "resolution_bin"),
}
DURATION_CUTS = ("", "team", "kind", "cause")

TIMINGS = {
    "hour_of_week": "opened_hour",
    "month_day": "opened_month_day",
    "purchase": "days_since_purchase",
    "renewal": "days_since_renewal",
    "billing": "days_since_billing",
}
STANDING = "standing"
"""Cases that are not closed now, whenever they opened: what Workload counts; no event of a day."""

COHORT_DAYS = 90
"""A purchase of a cohort that became a case did so within as many days."""

SPANS = {
    "purchase": "f.days_since_purchase",
    "renewal": "f.days_since_renewal",
    "billing": "f.days_since_billing",
    "hour_of_week": "f.opened_hour",
    "month_day": "f.opened_month_day",
    "first_reply": "f.first_reply_bin",
    "resolution": "f.resolution_bin",
    "messages": "f.contacts_in",
    "opened": "f.opened_day",
}
"""Numbers and days of a case's facts that a figure may stand for a span of."""

LONGEST_DAYS = 400
"""Days since a purchase, renewal or charge beyond which a case says nothing about it."""


def bin_of(seconds: int) -> int:
    """The bin of a duration: k where 1.02^k <= seconds < 1.02^(k+1); 0 below one second."""
    return int(math.log(max(seconds, 1)) / BIN_WIDTH)


def bin_middle(bin_: int) -> float:
    """The seconds that a bin stands for: at most 1 % from any duration in it."""
    return math.exp((bin_ + 0.5) * BIN_WIDTH)


def bin_edge(bin_: int) -> float:
    """The seconds at which a bin begins."""
    return math.exp(bin_ * BIN_WIDTH)


def first_bin(seconds: float) -> int:
    """The first bin whose middle is not below `seconds`."""
    found = max(bin_of(int(seconds)) - 1, 0)
    while bin_middle(found) < seconds:
        found += 1
    return found


def quantile(histogram: list[tuple[int, int]], share: float) -> float | None:
    """The duration that `share` of all stay below, in seconds, from (bin, count) sorted by bin; None of nothing.

    The nearest-rank quantile, known to +-2 % by the width of a bin.
    """
    total = sum(count for _, count in histogram)
    if not total:
        return None
    wanted = max(math.ceil(share * total), 1)
    seen = 0
    for bin_, count in histogram:
        seen += count
        if seen >= wanted:
            return bin_middle(bin_)
    return None
