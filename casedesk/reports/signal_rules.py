"""What may become of a signal, when people are told of it, and what counts as grown. Pure."""

from datetime import date, datetime, time, timedelta

KINDS = ("spike", "cell", "timing")
STATES = ("new", "acknowledged", "explained", "assigned", "watched", "closed")
SCAN_STATES = ("queued", "running", "done", "failed")
ANNOTATIONS = ("price_change", "new_terms", "campaign", "outage", "other")
HELD = ("unknown", "yes", "no", "unclear")

MOVES: dict[str, frozenset[str]] = {
    "new": frozenset({"acknowledged", "explained", "assigned", "closed"}),
    "acknowledged": frozenset({"explained", "assigned", "closed"}),
    "explained": frozenset({"acknowledged", "assigned", "closed"}),
    "assigned": frozenset({"watched", "closed"}),
    "watched": frozenset({"assigned", "closed"}),
    "closed": frozenset({"acknowledged"}),
}
"""From a state to those that may follow it. A closed signal is opened again as one that was seen."""

OPEN = tuple(state for state in STATES if state != "closed")
GROWN = 1.5
"""Told again when the cases beyond the usual are this many times those of the last mail."""

QUIET_FROM, QUIET_UNTIL = time(20), time(8)
LONGEST_SNOOZE = timedelta(days=92)
EFFECT_WEEKS = 12
LEAST_EFFECT_WEEKS = 4


def may_become(before: str, after: str) -> bool:
    """May a signal in state `before` become `after`?"""
    return after in MOVES[before]


def is_asleep(snoozed_until: date | None, today: date) -> bool:
    """Is nobody to be told of the signal today? The day that it is snoozed until is awake again."""
    return snoozed_until is not None and today < snoozed_until


def is_to_be_told(state: str, told_excess: float | None, excess: float, *, ended: bool, asleep: bool) -> bool:
    """Is a mail due? One an episode, and again only where the excess has grown by half since the last.

    What is over, explained or closed is told no more: somebody knows why.
    """
    if ended or asleep or state in ("explained", "closed"):
        return False
    return told_excess is None or (told_excess > 0 and excess >= GROWN * told_excess)


def after_quiet(moment: datetime) -> datetime:
    """`moment` (in the reader's zone), or the next morning's end of the quiet hours where it lies in them."""
    if QUIET_UNTIL <= moment.time() < QUIET_FROM:
        return moment
    day = moment.date() + timedelta(days=1) if moment.time() >= QUIET_FROM else moment.date()
    return datetime.combine(day, QUIET_UNTIL, moment.tzinfo)


def same_episode(since: date, last: date, other_since: date, other_last: date) -> bool:
    """Do two runs of weeks of one row share a week? Then they are one episode, seen at two times."""
    return since <= other_last and other_since <= last


def held_by(low: float, high: float) -> str:
    """Did a change hold, by the 95 % interval of rate after over rate before?"""
    if high < 1:
        return "yes"
    return "no" if low > 1 else "unclear"
