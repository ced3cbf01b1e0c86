"""A whole case: every remedy that law, contract and house give for a subject, and what they come to together.

A remedy is a right, what it pays and what must then be done, each a rule of the packs. Mandatory law
goes before the contract and the contract before the house, but the one that is kinder to the customer
wins: the largest amount of those that hold. What gives less is set aside, and says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from casedesk.kernel.calendar import Deadline, calendar_for
from casedesk.kernel.money import Money
from casedesk.policy.derive import derived
from casedesk.policy.facts import NEVER, Facts, Kind, vocabulary, written
from casedesk.policy.findings import deciding_day, finding_of, judged_rule, outcome_of, stamp_of
from casedesk.policy.pack import Pack, Packs, Remedy
from casedesk.policy.reading import Calendars, CalendarSource, Needs, Open, Reading
from casedesk.policy.suppose import Judged, probes
from casedesk.policy.verdict import (
    Alternative,
    Body,
    Doubt,
    Finding,
    Level,
    Obligation,
    Outcome,
    PackStamp,
    Standing,
    Verdict,
)

MOST_FACTS_TRIED = 3
_MONEY_SUBJECTS = frozenset({"refund", "withdrawal"})
_RANK = {level: at for at, level in enumerate(Level)}


@dataclass(slots=True)
class _Route:
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


@dataclass(slots=True)
class _Case:
    """All routes, and what they come to."""

    routes: list[_Route]
    outcome: Outcome
    prevailing: _Route | None
    amount: Money | None
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    doubts: tuple[Doubt, ...]
    guards: list[tuple[Judged, Pack]]


def judge_case(
    packs: Packs,
    facts: Facts,
    subject: str,
    *,
    on: date | None = None,
    calendars: CalendarSource = calendar_for,
) -> Verdict:
    """What law, contract and house give for `subject` (refund, withdrawal, cancellation, mediation, chargeback).

    `on`: the day of judging. Never raises on facts.
    """
    facts = derived(facts)
    used = Calendars(calendars)
    place = facts.value("jurisdiction")
    if not isinstance(place, str):
        body = Body(missing=("jurisdiction",), judged_on=on)
        return Verdict(subject, Outcome.NEEDS_INFORMATION, (), body)
    judged = _settle(packs, facts, subject, place, used)
    reasons: tuple[str, ...] = () if judged.prevailing is None else (judged.prevailing.remedy.right,)
    if judged.outcome is Outcome.REFUSED:
        reasons = tuple(_right_of(route) for route in judged.routes if not route.skipped)
    return Verdict(
        subject, judged.outcome, reasons, lambda: _body(packs, facts, subject, place, judged, used, on)
    )


# --- what the routes come to -------------------------------------------------------------------


def _settle(packs: Packs, facts: Facts, subject: str, place: str, calendars: CalendarSource) -> _Case:
    routes = [
        _route(packs, facts, pack, remedy, calendars)
        for pack in packs.for_place(place)
        for remedy in pack.remedies
        if subject in remedy.subjects
    ]
    taken = [route for route in routes if not route.skipped]
    holding = [route for route in taken if route.holds]
    open_ones = [
        route for route in taken if route.outcome in (Outcome.NEEDS_INFORMATION, Outcome.NEEDS_REVIEW)
    ]
    prevailing = max(holding, key=_worth, default=None)
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
        for code in _doubts(route)
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
        outcome = Outcome.REFUSED if taken else Outcome.NEEDS_REVIEW
    if not taken:
        doubts = [Doubt("case.no_rule_applies", "")]
    unknown = tuple(
        dict.fromkeys(name for route in taken for name in _not_asked(route) if name not in missing)
    )
    settled = outcome in (Outcome.ALLOWED, Outcome.REFUSED)
    return _Case(
        routes, outcome, prevailing, amount if settled else None, missing, unknown, tuple(doubts), guards
    )


def _route(packs: Packs, facts: Facts, pack: Pack, remedy: Remedy, calendars: CalendarSource) -> _Route:
    """One remedy on these facts: does the right hold, and what does it pay?"""
    facts = _instead(facts, remedy)
    route = _Route(remedy, pack, facts, Outcome.REFUSED)
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


def _right_of(route: _Route) -> str:
    """The rule that the route was judged by: the right, or the window that had closed."""
    return route.right.rule.id if route.right is not None else route.remedy.right


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


def _bar(route: _Route, barrier: Judged, pack: Pack) -> None:
    """A rule that stands in the way of a right that would hold."""
    outcome = outcome_of(barrier)
    route.barriers.append((barrier, pack))
    if route.outcome is not Outcome.ALLOWED or outcome is Outcome.ALLOWED:
        return
    route.outcome = outcome
    route.missing = barrier.missing


def _price(route: _Route, amount: Judged, pack: Pack) -> None:
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


def _worth(route: _Route) -> tuple[int, int]:
    """Kinder first; at the same amount the higher law."""
    return (route.due.minor if route.due else 0, -_RANK[route.remedy.level])


def _payable(route: _Route, facts: Facts) -> tuple[Money | None, tuple[str, ...]]:
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


def _may_add(route: _Route, prevailing: _Route | None, asked_end: bool, facts: Facts) -> bool:
    """Could this open route still change outcome or amount?"""
    if prevailing is None or route is prevailing:
        return True
    if asked_end or not (route.remedy.amount or route.remedy.whole):
        return False
    paid = facts.value("paid_minor")
    return not (isinstance(paid, int) and prevailing.due is not None and prevailing.due.minor >= paid)


def _doubts(route: _Route) -> list[str]:
    judged = [route.right, route.amount, *(barrier for barrier, _ in route.barriers)]
    return list(dict.fromkeys(code for one in judged if one is not None for code in one.doubts))


def _not_asked(route: _Route) -> tuple[str, ...]:
    judged = [one for one in (route.right, route.amount) if one is not None]
    return (*route.missing, *(name for one in judged for name in one.unknown))


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


# --- the body ----------------------------------------------------------------------------------


def _body(
    packs: Packs,
    facts: Facts,
    subject: str,
    place: str,
    case: _Case,
    calendars: Calendars,
    on: date | None,
) -> Body:
    findings = [finding for route in case.routes for finding in _findings(route, case)]
    findings += [finding_of(judged, pack, facts, Standing.AGAINST) for judged, pack in case.guards]
    obligations, owed = _obligations(packs, case, calendars)
    findings += owed
    beside = _beside(packs, facts, place, calendars)
    findings.sort(key=lambda finding: _ORDER[finding.standing])
    missing, unknown, alternatives = _alternatives(packs, facts, subject, place, case, calendars)
    clocks = dict.fromkeys(clock for finding in (*findings, *beside) for clock in finding.clocks)
    return Body(
        amount=case.amount,
        clocks=tuple(
            sorted(clocks, key=lambda clock: (clock.deadline.utc_exclusive, clock.name, clock.rule))
        ),
        obligations=tuple(obligations),
        findings=tuple(findings),
        missing=missing,
        unknown=unknown,
        doubts=case.doubts,
        conflicts=tuple(name for name in packs.conflicts() if any(name == found.rule for found in findings)),
        alternatives=alternatives,
        answer=_ends(case),
        packs=_stamps(packs, place, findings, on),
        calendars=calendars.digests(),
        judged_for=_judged_for(case),
        judged_on=on,
        may_matter=any(one.may_matter for route in case.routes for one in (route.right, route.amount) if one),
    )


_ORDER = {
    standing: at
    for at, standing in enumerate(
        (
            Standing.FOR,
            Standing.ASK,
            Standing.REVIEW,
            Standing.AGAINST,
            Standing.FALLEN,
            Standing.SET_ASIDE,
            Standing.NOT_APPLICABLE,
        )
    )
}
_OPEN = {Outcome.NEEDS_INFORMATION: Standing.ASK, Outcome.NEEDS_REVIEW: Standing.REVIEW}


def _findings(route: _Route, case: _Case) -> list[Finding]:
    """The findings of one route, each with its standing in this case."""
    felled = case.prevailing.remedy.fells if case.prevailing is not None else ()
    found = []
    if route.right is not None and route.right_pack is not None:
        standing = Standing.FALLEN if route.remedy.right in felled else _standing(route, route.right, case)
        found.append(finding_of(route.right, route.right_pack, route.facts, standing))
    for barrier, pack in route.barriers:
        standing = Standing.FALLEN if barrier.rule.id in felled else _standing(route, barrier, case)
        found.append(finding_of(barrier, pack, route.facts, standing))
    shown = {route.remedy.right, route.remedy.obligation if route.holds else ""}
    if route.amount is not None and route.amount_pack is not None and route.amount.rule.id not in shown:
        standing = _standing(route, route.amount, case)
        found.append(finding_of(route.amount, route.amount_pack, route.facts, standing))
    return found


def _standing(route: _Route, judged: Judged, case: _Case) -> Standing:
    outcome = outcome_of(judged)
    if outcome in _OPEN:
        return _OPEN[outcome]
    won = case.prevailing
    if won is None:
        return Standing.FOR if outcome is Outcome.ALLOWED else Standing.AGAINST
    gives_less = _RANK[route.remedy.level] > _RANK[won.remedy.level] and route is not won
    if gives_less and (outcome is Outcome.REFUSED or _worth(route)[0] < _worth(won)[0]):
        in_contract = route.remedy.level is Level.CONTRACT
        return Standing.SET_ASIDE if in_contract else Standing.NOT_APPLICABLE
    return Standing.FOR if outcome is Outcome.ALLOWED else Standing.NOT_APPLICABLE


def _obligations(
    packs: Packs, case: _Case, calendars: CalendarSource
) -> tuple[list[Obligation], list[Finding]]:
    """What the business must do by when: for the prevailing right, and for what the law gives beside it."""
    obligations, findings = [], []
    for route in case.routes:
        by_law = route.holds and route.remedy.level is Level.STATUTE
        if not route.remedy.obligation or not (route is case.prevailing or by_law):
            continue
        known = {**route.facts.known, "action_at": NEVER}
        judged, pack = judged_rule(packs, known, route.remedy.obligation, calendars)
        amount = case.amount if route is case.prevailing else route.due
        deadline = _deadline_in(judged, route.facts)
        obligations.append(Obligation(route.remedy.code, "trader", judged.rule.id, deadline, amount))
        findings.append(finding_of(judged, pack, route.facts, Standing.FOR))
    return obligations, findings


def _deadline_in(judged: Judged, facts: Facts) -> Deadline | None:
    day, end = judged.keys.get("deadline_local_date"), judged.keys.get("deadline_utc_exclusive")
    zone = facts.value("timezone")
    if not isinstance(day, date) or end is None or not isinstance(zone, str):
        return None
    return Deadline(day, zone, end)  # type: ignore[arg-type]


def _beside(packs: Packs, facts: Facts, place: str, calendars: CalendarSource) -> list[Finding]:
    """Deadlines of others that stand beside the case, where their facts are known."""
    found = []
    for pack in packs.for_place(place):
        for name in pack.clocks:
            judged, from_pack = judged_rule(packs, facts.known, name, calendars)
            if judged.answer is not None and judged.answer.clocks:
                found.append(finding_of(judged, from_pack, facts, Standing.NOT_APPLICABLE))
    return found


def _ends(case: _Case) -> dict[str, object]:
    """The day on which the contract ends by the prevailing right, where it ends it."""
    holding = [route for route in case.routes if route.holds and route.right is not None]
    if case.prevailing in holding:
        holding.sort(key=lambda route: route is not case.prevailing)
    for route in holding:
        if found := _end_of(route):
            return found
    return {}


def _end_of(route: _Route) -> dict[str, object]:
    if route.right is None:
        return {}
    if (told := route.right.keys.get("contract_ends_local_date")) is not None:
        return {"contract_ends_local_date": told}
    if route.remedy.end and route.facts.value(route.remedy.end) not in (None, NEVER):
        try:
            return {"contract_ends_local_date": Reading(route.facts.known).local(route.remedy.end)}
        except (Needs, Open):
            return {}
    return {}


def _alternatives(
    packs: Packs, facts: Facts, subject: str, place: str, case: _Case, calendars: CalendarSource
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[Alternative, ...]]:
    """What each answer to a missing fact would give; a fact that changes nothing is merely unknown."""
    missing, unknown, found = list(case.missing), list(case.unknown), []
    for name in case.missing if len(case.missing) <= MOST_FACTS_TRIED else ():
        spec = vocabulary()[name]
        if spec.kind not in (Kind.FLAG, Kind.ENUMERATION):
            continue
        rule = next((one.rule for route in case.routes for one in (route.right, route.amount) if one), None)
        if rule is None:
            continue
        tried = []
        for value in probes(name, rule, facts.known):
            settled = _settle(packs, facts.with_fact(name, value), subject, place, calendars)
            tried.append(Alternative(name, written(name, value), settled.outcome, settled.amount))
        results = {(one.outcome, one.amount) for one in tried}
        if len(results) == 1 and tried[0].outcome in (Outcome.ALLOWED, Outcome.REFUSED):
            missing.remove(name)
            unknown.append(name)
            continue
        if any(one.outcome is not Outcome.NEEDS_INFORMATION for one in tried):
            found += tried
    return tuple(missing), tuple(unknown), tuple(found)


def _judged_for(case: _Case) -> date | None:
    """The day of the fact that the prevailing (or the first) right attaches to."""
    routes = [case.prevailing] if case.prevailing is not None else case.routes
    for route in routes:
        if route is not None and route.right is not None:
            day = deciding_day(route.right.rule, route.facts.known)
            if day is not None:
                return day
    return None


def _stamps(packs: Packs, place: str, findings: list[Finding], on: date | None) -> tuple[PackStamp, ...]:
    """Every pack that a replay needs: those that bear on the place, and those that other rules came from."""
    names = {finding.pack for finding in findings} | {pack.id for pack in packs.for_place(place)}
    return tuple(stamp_of(pack, on) for pack in packs.packs if pack.id in names)
