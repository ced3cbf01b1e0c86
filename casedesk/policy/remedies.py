"""A whole case: every remedy that law, contract and house give for a subject, and what they come to together.

A remedy is a right, what it pays and what must then be done, each a rule of the packs (routes.py). What they
come to, and what is missing for it, is settled first (settling.py); findings, clocks and duties follow here.
"""

from datetime import date

from casedesk.kernel.calendar import Deadline, calendar_for
from casedesk.kernel.money import Money
from casedesk.policy.derive import derived
from casedesk.policy.facts import NEVER, Facts
from casedesk.policy.findings import deciding_day, finding_of, judged_rule, outcome_of, stamp_of
from casedesk.policy.pack import Pack, Packs, Remedy, Rule, Suspension
from casedesk.policy.reading import Calendars, CalendarSource, Needs, Open, Reading
from casedesk.policy.routes import RANK, Route, doubts_of, right_of, take, worth
from casedesk.policy.settling import Case, resolved, still_due
from casedesk.policy.suppose import Judged
from casedesk.policy.verdict import (
    Body,
    Finding,
    Level,
    Obligation,
    Outcome,
    PackStamp,
    Standing,
    Verdict,
)


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
    judged = resolved(packs, facts, subject, place, used)
    reasons: tuple[str, ...] = () if judged.prevailing is None else (judged.prevailing.remedy.right,)
    if judged.outcome is Outcome.REFUSED:
        reasons = tuple(right_of(route) for route in judged.routes if not route.skipped)
    return Verdict(
        subject, judged.outcome, reasons, lambda: _body(packs, facts, subject, place, judged, used, on)
    )


def outcome_and_amount(
    packs: Packs, facts: Facts, subject: str, *, calendars: CalendarSource = calendar_for
) -> tuple[Outcome, Money | None]:
    """Outcome and amount of `judge_case` and nothing else: for many cases in a row. Never raises on facts."""
    facts = derived(facts)
    place = facts.value("jurisdiction")
    if not isinstance(place, str):
        return Outcome.NEEDS_INFORMATION, None
    judged = resolved(packs, facts, subject, place, Calendars(calendars))
    return judged.outcome, judged.amount


def route_of(
    packs: Packs, facts: Facts, pack: Pack, remedy: Remedy, *, calendars: CalendarSource = calendar_for
) -> Route:
    """One remedy alone on `facts` (derived already)."""
    return take(packs, facts, pack, remedy, calendars)


def same_gift(one: Route, other: Route) -> bool:
    """Do two routes leave every case the same? What is missing is tried out by the whole case: never the same."""
    return not (one.missing or other.missing) and _gives(one) == _gives(other)


def _gives(route: Route) -> tuple[object, ...]:
    """Everything of one remedy that the whole case can depend on."""
    right, amount = route.right, route.amount
    return (
        route.outcome,
        route.due,
        route.skipped,
        route.holds,
        tuple(doubts_of(route)),
        right.rule.id if right is not None else "",
        amount.missing if amount is not None else (),
    )


# --- the body ----------------------------------------------------------------------------------


def _body(
    packs: Packs,
    facts: Facts,
    subject: str,
    place: str,
    case: Case,
    calendars: Calendars,
    on: date | None,
) -> Body:
    findings = [finding for route in case.routes for finding in _findings(route, case)]
    findings += [finding_of(judged, pack, facts, Standing.AGAINST) for judged, pack in case.guards]
    obligations, owed = _obligations(packs, case, calendars)
    findings += owed
    beside = _beside(packs, facts, place, calendars)
    findings.sort(key=lambda finding: _ORDER[finding.standing])
    clocks = dict.fromkeys(clock for finding in (*findings, *beside) for clock in finding.clocks)
    return Body(
        amount=case.amount,
        clocks=tuple(
            sorted(clocks, key=lambda clock: (clock.deadline.utc_exclusive, clock.name, clock.rule))
        ),
        obligations=tuple(obligations),
        findings=tuple(findings),
        missing=case.missing,
        unknown=case.unknown,
        doubts=case.doubts,
        conflicts=tuple(name for name in packs.conflicts() if any(name == found.rule for found in findings)),
        alternatives=case.alternatives,
        answer=_ends(case),
        packs=_stamps(packs, place, findings, on),
        calendars=calendars.digests(),
        judged_for=_judged_for(case),
        judged_on=on,
        may_matter=case.may_matter or _may_matter(case),
    )


def _may_matter(case: Case) -> bool:
    """Could a rule of the case not try out all values of what it misses?"""
    judged = (one for route in case.routes for one in (route.right, route.amount) if one is not None)
    return any(one.may_matter for one in judged)


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


def _findings(route: Route, case: Case) -> list[Finding]:
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


def _standing(route: Route, judged: Judged, case: Case) -> Standing:
    outcome = outcome_of(judged)
    if outcome in _OPEN:
        return _OPEN[outcome]
    won = case.prevailing
    if won is None:
        return Standing.FOR if outcome is Outcome.ALLOWED else Standing.AGAINST
    gives_less = RANK[route.remedy.level] > RANK[won.remedy.level] and route is not won
    if gives_less and (outcome is Outcome.REFUSED or worth(route)[0] < worth(won)[0]):
        in_contract = route.remedy.level is Level.CONTRACT
        return Standing.SET_ASIDE if in_contract else Standing.NOT_APPLICABLE
    return Standing.FOR if outcome is Outcome.ALLOWED else Standing.NOT_APPLICABLE


def _obligations(
    packs: Packs, case: Case, calendars: CalendarSource
) -> tuple[list[Obligation], list[Finding]]:
    """What the business must do by when: for the prevailing right, and for what the law gives beside it."""
    obligations, findings = [], []
    for route in case.routes:
        by_law = route.holds and route.remedy.level is Level.STATUTE
        if not route.remedy.obligation or not (route is case.prevailing or by_law):
            continue
        known = {**route.facts.known, "action_at": NEVER}
        judged, pack = judged_rule(packs, known, route.remedy.obligation, calendars)
        amount = case.amount if route is case.prevailing else still_due(route)
        deadline = _deadline_in(judged, route.facts)
        held = _suspended(packs, judged.rule, route.facts, amount, calendars)
        duty = Obligation(route.remedy.code, "trader", judged.rule.id, deadline, amount)
        if held is not None:
            by = held.while_no or judged.rule.id
            duty = duty._replace(suspended=held.code, suspended_by=by, then=held.then)
        obligations.append(duty)
        findings.append(finding_of(judged, pack, route.facts, Standing.FOR))
    return obligations, findings


def _suspended(
    packs: Packs, rule: Rule, facts: Facts, amount: Money | None, calendars: CalendarSource
) -> Suspension | None:
    """What holds the period of this duty now; a fact that is not known holds nothing."""
    for one in rule.suspensions:
        if one.when is not None:
            try:
                holds = one.when(Reading(facts.known))
            except (Needs, Open):
                holds = False
        else:
            asked = {"refund_requested_minor": amount.minor} if amount is not None else {}
            judged, _pack = judged_rule(packs, {**facts.known, **asked}, one.while_no, calendars)
            holds = outcome_of(judged) is Outcome.REFUSED
        if holds:
            return one
    return None


def _deadline_in(judged: Judged, facts: Facts) -> Deadline | None:
    day, end = judged.keys.get("deadline_local_date"), judged.keys.get("deadline_utc_exclusive")
    zone = facts.value("timezone")
    if isinstance(day, date) and end is not None and isinstance(zone, str):
        return Deadline(day, zone, end)  # type: ignore[arg-type]
    # Whether the period has ended may be open (goods that are waited for); when it ends at the earliest is not.
    clocks = judged.answer.clocks if judged.answer is not None else ()
    return clocks[0].deadline if clocks else None


def _beside(packs: Packs, facts: Facts, place: str, calendars: CalendarSource) -> list[Finding]:
    """Deadlines of others that stand beside the case, where their facts are known."""
    found = []
    for pack in packs.for_place(place):
        for name in pack.clocks:
            judged, from_pack = judged_rule(packs, facts.known, name, calendars)
            if judged.answer is not None and judged.answer.clocks:
                found.append(finding_of(judged, from_pack, facts, Standing.NOT_APPLICABLE))
    return found


def _ends(case: Case) -> dict[str, object]:
    """The day on which the contract ends by the prevailing right, where it ends it."""
    holding = [route for route in case.routes if route.holds and route.right is not None]
    if case.prevailing in holding:
        holding.sort(key=lambda route: route is not case.prevailing)
    for route in holding:
        if found := _end_of(route):
            return found
    return {}


def _end_of(route: Route) -> dict[str, object]:
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


def _judged_for(case: Case) -> date | None:
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
