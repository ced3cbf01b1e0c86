"""One remedy on the facts of a case: does the right hold, what stands in its way, and what does it pay?"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from casedesk.kernel.money import Money
from casedesk.policy.facts import NEVER, Facts
from casedesk.policy.findings import judged_rule, outcome_of
from casedesk.policy.pack import Pack, Packs, Remedy
from casedesk.policy.reading import Calendars, CalendarSource, Needs, Open, Reading
from casedesk.policy.suppose import Judged
from casedesk.policy.verdict import Level, Outcome

RANK = {level: at for at, level in enumerate(Level)}


@dataclass(slots=True)
class Route:
    """One remedy on the facts of the case."""

    remedy: Remedy
    pack: Pack
    facts: Facts
    outcome: Outcome
    right: Judged | None = None
    right_pack: Pack | None = None
    amount: Judged | None = None
    amount_pack: Pack | None = None
    barriers: list[tuple[Judged, Pack]] = field(default_factory=list)
    due: Money | None = None
    missing: tuple[str, ...] = ()
    skipped: bool = False
    holds: bool = False  # the right holds, whatever is still open on the amount


def taken(packs: Packs, facts: Facts, pack: Pack, remedy: Remedy, calendars: CalendarSource) -> Route:
    """One remedy on these facts; within one case it is taken once on the same values of the facts that it reads."""
    if not isinstance(calendars, Calendars):
        return take(packs, facts, pack, remedy, calendars)
    key = (id(remedy), *map(facts.known.get, packs.reads_of(remedy)))
    found: Route | None = calendars.answered.get(key)
    if found is None:
        found = calendars.answered[key] = take(packs, facts, pack, remedy, calendars)
    return found


def take(packs: Packs, facts: Facts, pack: Pack, remedy: Remedy, calendars: CalendarSource) -> Route:
    """One remedy on these facts: does the right hold, and what does it pay?"""
    facts = _instead(facts, remedy)
    route = Route(remedy, pack, facts, Outcome.REFUSED)
    if remedy.on_record and facts.value(remedy.on_record) in (None, NEVER):
        route.skipped = True
        return route
    try:
        if remedy.when is not None and not remedy.when(Reading(facts.known)):
            route.skipped = True
            return route
    except Needs as needs:
        route.outcome, route.missing = Outcome.NEEDS_INFORMATION, (needs.fact,)
        return route
    except Open:
        route.outcome = Outcome.NEEDS_REVIEW
        return route
    if remedy.window:
        late, of = judged_rule(packs, _for_right(facts, remedy), remedy.window, calendars)
        if outcome_of(late) is Outcome.REFUSED:
            route.right, route.right_pack = late, of
            return route
    route.right, route.right_pack = judged_rule(packs, _for_right(facts, remedy), remedy.right, calendars)
    route.outcome, route.missing = outcome_of(route.right), route.right.missing
    for name in remedy.but_not:
        _bar(route, *judged_rule(packs, _leaving(facts), name, calendars))
    route.holds = route.outcome is Outcome.ALLOWED
    if remedy.amount and route.outcome is not Outcome.REFUSED:
        _price(route, *judged_rule(packs, facts.known, remedy.amount, calendars))
    elif remedy.whole and route.holds:
        route.due = _money(facts, facts.value(remedy.whole))
        if route.due is None:
            route.outcome, route.missing = Outcome.NEEDS_INFORMATION, (remedy.whole,)
    return route


def right_of(route: Route) -> str:
    """The rule that the route was judged by: the right, or the window that had closed."""
    return route.right.rule.id if route.right is not None else route.remedy.right


def worth(route: Route) -> tuple[int, int]:
    """Kinder first; at the same amount the higher law."""
    return (route.due.minor if route.due else 0, -RANK[route.remedy.level])


def doubts_of(route: Route) -> list[str]:
    judged = [route.right, route.amount, *(barrier for barrier, _ in route.barriers)]
    return list(dict.fromkeys(code for one in judged if one is not None for code in one.doubts))


def not_asked(route: Route) -> tuple[str, ...]:
    judged = [one for one in (route.right, route.amount) if one is not None]
    return (*route.missing, *(name for one in judged for name in one.unknown))


def _for_right(facts: Facts, remedy: Remedy) -> Mapping[str, object]:
    """The facts for the right alone: what it pays is asked of another rule."""
    if not remedy.amount or remedy.amount == remedy.right:
        return facts.known
    return {name: value for name, value in facts.known.items() if name != "paid_minor"}


def _instead(facts: Facts, remedy: Remedy) -> Facts:
    """Facts that the remedy reads, taken from another one while they are unknown."""
    for name, other in remedy.instead.items():
        if facts.value(name) is None and facts.value(other) not in (None, NEVER):
            facts = facts.with_fact(name, facts.value(other), facts.sources.get(other, ""))
    return facts


def _leaving(facts: Facts) -> Mapping[str, object]:
    """The facts with the day asked for, which is that of the act where no other is known."""
    if facts.value("requested_end") is not None or facts.value("action_at") in (None, NEVER):
        return facts.known
    try:
        return {**facts.known, "requested_end": Reading(facts.known).local("action_at")}
    except (Needs, Open):
        return facts.known


def _bar(route: Route, barrier: Judged, pack: Pack) -> None:
    """A rule that stands in the way of a right that would hold."""
    outcome = outcome_of(barrier)
    route.barriers.append((barrier, pack))
    if route.outcome is not Outcome.ALLOWED or outcome is Outcome.ALLOWED:
        return
    route.outcome = outcome
    route.missing = barrier.missing


def _price(route: Route, amount: Judged, pack: Pack) -> None:
    """What the right pays; an amount that is open keeps the route open."""
    route.amount, route.amount_pack = amount, pack
    outcome = outcome_of(amount)
    if route.outcome is Outcome.ALLOWED and outcome in (Outcome.NEEDS_INFORMATION, Outcome.NEEDS_REVIEW):
        route.outcome = outcome
    route.missing = tuple(dict.fromkeys([*route.missing, *amount.missing]))
    paid, retained = route.facts.value("paid_minor"), amount.keys.get("retained_minor")
    minor = amount.keys.get("refundable_minor")
    if isinstance(paid, int) and isinstance(retained, int) and outcome is Outcome.ALLOWED:
        minor = max(0, paid - retained)
    route.due = _money(route.facts, minor)


def _money(facts: Facts, minor: object) -> Money | None:
    currency = facts.value("currency")
    return Money(minor, currency) if isinstance(minor, int) and isinstance(currency, str) else None
