"""What a whole case comes to when one of its remedies changes, told from what it came to before: the others are not judged.

A remedy that is decided (it misses nothing, and nothing unknown was looked at) is weighed against what the case came to: one
that gives all that was paid is never outdone; one that gives nothing leaves what was open open; and where the case was
settled, every other remedy of it gives the same whatever is still unknown. Where this does not tell what comes out, the
answer is None, and the case must be judged whole. A test holds each answer against that.
"""

from functools import lru_cache

from casedesk.policy.facts import NEVER, Facts, Kind, vocabulary
from casedesk.policy.routes import Route
from casedesk.policy.suppose import Judged
from casedesk.policy.verdict import Outcome

Result = tuple[str, int | None]
"""Outcome, and the amount in minor units where there is one."""

_ALLOWED, _REFUSED, _INFORMATION = (
    Outcome.ALLOWED.value,
    Outcome.REFUSED.value,
    Outcome.NEEDS_INFORMATION.value,
)
_KNOWN_AT_ONCE = frozenset({"paid_minor", "currency"})


def shifted(before: Result, old: Route | None, new: Route, facts: Facts, *, others: bool) -> Result | None:
    """The case that came to `before` with `old`, now with `new` in its place; None where only judging it tells.

    `others`: some other remedy speaks to every case of this kind, so that the case is never without one.
    """
    if not _plain(facts):
        return None
    given, had = _worth(new, facts), 0 if old is None else _worth(old, facts)
    if given is None or had is None:
        return None
    if new.holds and new.due is not None and new.due.minor == _most(facts):
        return _ALLOWED, given
    if before[0] == _REFUSED:
        return _beside_nothing(old, new, given)
    if before[0] == _ALLOWED:
        return _beside_amount(before, had, given)
    silent = old is None or not (old.holds or new.skipped)
    return before if silent and not new.holds and (others or before[0] == _INFORMATION) else None


def _most(facts: Facts) -> int:
    """What was paid, where no sum of the case is larger, so that nothing can pay more; else -1."""
    paid = facts.value("paid_minor")
    sums = [value for name in _sums() if isinstance(value := facts.known.get(name), int)]
    return paid if isinstance(paid, int) and paid >= max(sums, default=0) else -1


@lru_cache(maxsize=1)
def _sums() -> tuple[str, ...]:
    """The facts that are amounts of money."""
    return tuple(name for name, spec in vocabulary().items() if spec.kind is Kind.MONEY)


def _beside_nothing(old: Route | None, new: Route, given: int) -> Result | None:
    """Nothing else holds: the new remedy alone decides. One that falls silent may leave a case without any rule."""
    if old is not None and old.holds:
        return None
    if new.holds:
        return _ALLOWED, given
    return None if new.skipped and old is not None and not old.skipped else (_REFUSED, None)


def _beside_amount(before: Result, had: int, given: int) -> Result | None:
    """Something holds that pays the amount of before: the larger of the two counts, where it was not the old remedy's."""
    amount = before[1]
    if not amount:
        return None
    if given > amount:
        return _ALLOWED, given
    return before if amount > had or given == amount else None


def _plain(facts: Facts) -> bool:
    """Is what any right pays here a matter of its own amount alone: no dispute took money, and the sums are known?"""
    return (
        facts.value("dispute_status") in (None, NEVER)
        and isinstance(facts.value("paid_minor"), int)
        and isinstance(facts.value("currency"), str)
        and isinstance(facts.value("already_refunded_minor"), int)
    )


def _worth(route: Route, facts: Facts) -> int | None:
    """What a decided remedy pays now, 0 where it does not hold; None where it is not decided, or pays no sum."""
    if route.skipped:
        return 0
    judged = [one for one in (route.right, route.amount) if one is not None]
    judged += [barrier for barrier, _pack in route.barriers]
    if route.outcome not in (Outcome.ALLOWED, Outcome.REFUSED) or not all(map(_decided, judged)):
        return None
    if not route.holds:
        return 0
    if route.due is None or route.missing:
        return None
    back = sum(
        value
        for name in ("already_refunded_minor", "lost_dispute_minor")
        if isinstance(value := facts.value(name), int)
    )
    return max(0, route.due.minor - back)


def _decided(judged: Judged) -> bool:
    """Does the rule answer, without having looked at anything that is unknown?"""
    looked_at = judged.missing or judged.unknown or not set(judged.absent) <= _KNOWN_AT_ONCE
    return judged.answer is not None and not looked_at
