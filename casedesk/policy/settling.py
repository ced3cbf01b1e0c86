"""What all remedies come to together, and which missing facts could change that.

Mandatory law goes before the contract and the contract before the house, but the one that is kinder to the
customer wins: the largest amount of those that hold. Where facts are missing, their values are supposed in
turn for the whole case: what changes neither outcome nor amount is not asked for.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from casedesk.kernel.money import Money
from casedesk.policy.exploring import Differs, Explored, Supposed, TooMany, explore
from casedesk.policy.facts import NEVER, Facts, Kind, vocabulary, written
from casedesk.policy.findings import judged_rule, outcome_of
from casedesk.policy.pack import Pack, Packs, Rule
from casedesk.policy.probing import probes
from casedesk.policy.reading import Calendars, CalendarSource, Needs
from casedesk.policy.routes import Route, doubts_of, not_asked, taken, worth
from casedesk.policy.suppose import Judged
from casedesk.policy.verdict import Alternative, Doubt, Outcome

MOST_CASES = 400
"""Whole cases that are supposed for one verdict; beyond that a fact that is missing in a rule stays missing."""

_MONEY_SUBJECTS = frozenset({"refund", "withdrawal"})
MOST_FACTS_SHOWN = 3

Mark = tuple[Outcome, Money | None]
_OPEN = (Outcome.NEEDS_INFORMATION, Outcome.NEEDS_REVIEW)


@dataclass(slots=True)
class Case:
    """All routes, and what they come to."""

    routes: list[Route]
    outcome: Outcome
    prevailing: Route | None
    amount: Money | None
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    doubts: tuple[Doubt, ...]
    guards: list[tuple[Judged, Pack]]
    alternatives: tuple[Alternative, ...] = ()
    may_matter: bool = False


def resolved(packs: Packs, facts: Facts, subject: str, place: str, calendars: Calendars) -> Case:
    """The case, asking only for what could change its outcome or amount. `calendars`: those of this case alone."""
    case = settle(packs, facts, subject, place, calendars)
    return _Supposing(packs, facts, subject, place, calendars, case).resolved() if case.missing else case


def settle(packs: Packs, facts: Facts, subject: str, place: str, calendars: CalendarSource) -> Case:
    """What the remedies come to on these facts; `missing` is what some rule of theirs still asks."""
    routes = [
        taken(packs, facts, pack, remedy, calendars)
        for pack in packs.for_place(place)
        for remedy in pack.remedies
        if subject in remedy.subjects
    ]
    speaking = [route for route in routes if not route.skipped]
    holding = [route for route in speaking if route.holds]
    open_ones = [
        route for route in speaking if route.outcome in (Outcome.NEEDS_INFORMATION, Outcome.NEEDS_REVIEW)
    ]
    prevailing = max(holding, key=worth, default=None)
    amount: Money | None = None
    ask: tuple[str, ...] = ()
    if prevailing is not None:
        amount, ask = _payable(prevailing, facts)
    asked_end = subject not in _MONEY_SUBJECTS
    guards = _guards(packs, facts, place, amount, calendars)
    may_add = [route for route in open_ones if _may_add(route, prevailing, asked_end, facts)]
    missing = tuple(dict.fromkeys([*ask, *(name for route in may_add for name in route.missing)]))
    doubts = [
        Doubt(code, route.remedy.right)
        for route in may_add
        if route.outcome is Outcome.NEEDS_REVIEW
        for code in doubts_of(route)
    ]
    doubts += [
        Doubt(judged.answer.code if judged.answer else "facts.missing", judged.rule.id)
        for judged, _ in guards
    ]
    if doubts:
        outcome = Outcome.NEEDS_REVIEW
    elif missing or may_add:
        outcome = Outcome.NEEDS_INFORMATION
    elif prevailing is not None:
        outcome = Outcome.ALLOWED
    else:
        outcome = Outcome.REFUSED if speaking else Outcome.NEEDS_REVIEW
    if not speaking:
        doubts = [Doubt("case.no_rule_applies", "")]
    unknown = tuple(
        dict.fromkeys(name for route in speaking for name in not_asked(route) if name not in missing)
    )
    settled = outcome in (Outcome.ALLOWED, Outcome.REFUSED)
    return Case(
        routes, outcome, prevailing, amount if settled else None, missing, unknown, tuple(doubts), guards
    )


def _payable(route: Route, facts: Facts) -> tuple[Money | None, tuple[str, ...]]:
    """What is due less what came back already, and the facts that are missing for it."""
    if route.due is None:
        return None, ()
    if route.due.minor == 0:
        return route.due, ()
    back = 0
    for name in ("already_refunded_minor", "lost_dispute_minor"):
        value = facts.value(name)
        if isinstance(value, int):
            back += value
        elif name == "already_refunded_minor":
            return None, (name,)
    return Money(max(0, route.due.minor - back), route.due.currency), ()


def still_due(route: Route) -> Money | None:
    """What a right still gives once what came back already is taken off; all of it where that is not known."""
    left = _payable(route, route.facts)[0]
    return route.due if left is None else left


def _may_add(route: Route, prevailing: Route | None, asked_end: bool, facts: Facts) -> bool:
    """Could this open route still change outcome or amount?"""
    if prevailing is None or route is prevailing:
        return True
    if asked_end or not (route.remedy.amount or route.remedy.whole):
        return False
    paid = facts.value("paid_minor")
    return not (isinstance(paid, int) and prevailing.due is not None and prevailing.due.minor >= paid)


def _guards(
    packs: Packs, facts: Facts, place: str, amount: Money | None, calendars: CalendarSource
) -> list[tuple[Judged, Pack]]:
    """Rules that stop a payment now: a card dispute that has taken the money already."""
    if amount is None or amount.minor == 0 or facts.value("dispute_status") in (None, NEVER):
        return []
    known = {**facts.known, "refund_requested_minor": amount.minor}
    found = [
        judged_rule(packs, known, name, calendars) for pack in packs.for_place(place) for name in pack.guards
    ]
    return [(judged, pack) for judged, pack in found if outcome_of(judged) is not Outcome.ALLOWED]


# --- what is missing, tried out ----------------------------------------------------------------


class _Supposing:
    """A case with missing facts, settled anew for the values that they may have."""

    def __init__(
        self, packs: Packs, facts: Facts, subject: str, place: str, calendars: Calendars, case: Case
    ) -> None:
        self.packs, self.facts, self.case = packs, facts, case
        self.subject, self.place, self.calendars = subject, place, calendars.without_trying()
        self.idle = frozenset(case.unknown) - frozenset(case.missing)
        self.left = MOST_CASES
        self.first: Case | None = None
        self._values: dict[tuple[str, bool], list[object]] = {}

    def resolved(self) -> Case:
        """Few values of each missing fact; then all of those, one at a time, that so far change nothing."""
        try:
            tried = self._explored()
        except TooMany:
            return replace(self.case, may_matter=True)
        differing, unsure = set(tried.mattering()), False
        for name in [name for name in tried.names if name not in differing | self.idle]:
            try:
                self._explored(name)
            except Differs:
                differing.add(name)
            except TooMany:
                differing.add(name)
                unsure = True
        asked = dict.fromkeys((*self.case.missing, *tried.names))
        missing = tuple(name for name in asked if name in differing)
        unknown = tuple(name for name in dict.fromkeys((*self.case.unknown, *asked)) if name not in differing)
        if missing or self.first is None:
            alternatives = tuple(_alternatives(missing, tried))
            return replace(
                self.case, missing=missing, unknown=unknown, alternatives=alternatives, may_matter=unsure
            )
        return self._agreed(self.first, unknown)

    def _agreed(self, alike: Case, unknown: tuple[str, ...]) -> Case:
        """Every value gives the same: the case is settled, and shows its own working."""
        prevailing = self.case.prevailing or alike.prevailing
        return replace(
            self.case,
            outcome=alike.outcome,
            prevailing=prevailing if alike.outcome is not Outcome.REFUSED else None,
            amount=alike.amount,
            doubts=alike.doubts,
            missing=(),
            unknown=unknown,
        )

    def _explored(self, asked: str = "") -> Explored:
        """Raises Differs where a value of fact `asked` changes anything, TooMany."""

        def values_of(name: str) -> list[object]:
            key = (name, name != asked)
            if key not in self._values:
                self._values[key] = _values(name, self._reading(name), self.facts, rough=key[1])
            # What is idle changes no rule's answer, whatever else is supposed: one value stands for all.
            return self._values[key][:1] if name in self.idle else self._values[key]

        explored = explore(self._mark, values_of, self.left, asked=asked)
        self.left -= len(explored.leaves)
        return explored

    def _reading(self, name: str) -> list[Rule]:
        """The rules of the case that read fact `name`."""
        remedies = [route.remedy for route in self.case.routes if not route.skipped]
        named = (
            rule
            for remedy in remedies
            for rule in (remedy.right, remedy.window, remedy.amount, *remedy.but_not)
        )
        rules = {rule: self.packs.rule(rule)[1] for rule in named if rule in self.packs}
        return [rule for rule in rules.values() if name in rule.reads] or list(rules.values())[:1]

    def _mark(self, supposed: Supposed) -> Mark:
        facts = self.facts.supposing(supposed)
        case = settle(self.packs, facts, self.subject, self.place, self.calendars)
        if case.outcome in _OPEN:
            for name in case.missing:
                if name not in supposed:
                    raise Needs(name)
        if self.first is None:
            self.first = case
        return case.outcome, case.amount


def _alternatives(missing: Sequence[str], tried: Explored) -> Iterator[Alternative]:
    """What each answer to a missing fact of few words gives, whatever the others are; open where that depends."""
    if len(missing) > MOST_FACTS_SHOWN:
        return
    for name in missing:
        if vocabulary()[name].kind not in (Kind.FLAG, Kind.ENUMERATION):
            continue
        values = {repr(of[name]): of[name] for of, _ in tried.leaves if name in of}
        shown = [_alternative(name, value, tried) for value in values.values()]
        if any(one.outcome is not Outcome.NEEDS_INFORMATION for one in shown):
            yield from shown


def _alternative(name: str, value: object, tried: Explored) -> Alternative:
    marks: set[Any] = {mark for of, mark in tried.leaves if of.get(name, value) == value}
    outcome, amount = marks.pop() if len(marks) == 1 else (Outcome.NEEDS_INFORMATION, None)
    return Alternative(name, written(name, value), outcome, amount)


def _values(name: str, rules: Iterable[Rule], facts: Facts, *, rough: bool) -> list[object]:
    """What any of the rules can tell apart."""
    found = {repr(value): value for rule in rules for value in probes(name, rule, facts.known, rough=rough)}
    return list(found.values())
