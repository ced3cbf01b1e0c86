"""Facts in, verdict out: one rule asked (`judge`), or a whole case (`judge_case`)."""

from collections.abc import Mapping
from datetime import date

from casedesk.kernel.calendar import calendar_for
from casedesk.kernel.money import Money
from casedesk.policy.facts import NEVER, Facts, written
from casedesk.policy.pack import Pack, Packs, Rule
from casedesk.policy.reading import NO, YES, Answer, CalendarSource, Needs, Open, Reading, review
from casedesk.policy.suppose import Judged, judge_rule
from casedesk.policy.verdict import Body, Doubt, Finding, Input, Outcome, PackStamp, Standing, Verdict

_OUTCOMES = {YES: Outcome.ALLOWED, NO: Outcome.REFUSED}
_AMOUNT_KEYS = ("refundable_minor", "surcharge_minor", "amount_minor")


def judge(
    packs: Packs, facts: Facts, rule: str, *, on: date | None = None, calendars: CalendarSource = calendar_for
) -> Verdict:
    """The answer to one rule's question. `on`: the day of judging. Raises PackError for an unknown rule."""
    judged, pack = judged_rule(packs, facts.known, rule, calendars)
    outcome = outcome_of(judged)
    reasons = (rule,) if outcome in (Outcome.ALLOWED, Outcome.REFUSED) else ()
    return Verdict(rule, outcome, reasons, lambda: _body(judged, pack, facts, outcome, on))


def judged_rule(
    packs: Packs, known: Mapping[str, object], name: str, calendars: CalendarSource
) -> tuple[Judged, Pack]:
    """The rule in force for the day that decides, judged."""
    pack, newest = packs.rule(name)
    day = deciding_day(newest, known)
    if day is not None:
        pack, newest = packs.rule(name, on=day)
        if newest.effective_from is not None and day < newest.effective_from:
            return _before_the_first(newest), pack
    return judge_rule(newest, known, calendars), pack


def deciding_day(rule: Rule, known: Mapping[str, object]) -> date | None:
    """The local day of the fact that a rule's validity attaches to, where it is known."""
    if not rule.attaches_to:
        return None
    value = known.get(rule.attaches_to)
    if value is None or value is NEVER or isinstance(value, tuple):
        return None
    try:
        return Reading(known).local(rule.attaches_to)
    except (Needs, Open):
        return None


def _before_the_first(rule: Rule) -> Judged:
    code = "rule.before_first_version"
    return Judged(rule, review(code), {}, doubts=(code,))


def outcome_of(judged: Judged) -> Outcome:
    """The outcome of one judged rule."""
    if judged.answer is None:
        return Outcome.NEEDS_REVIEW if judged.doubts else Outcome.NEEDS_INFORMATION
    return _OUTCOMES.get(judged.answer.eligible, Outcome.NEEDS_REVIEW)


def eligible_word(outcome: Outcome) -> str:
    """The outcome as the word that `policy judge` prints."""
    return {Outcome.ALLOWED: "yes", Outcome.REFUSED: "no"}.get(outcome, "needs-review")


def _body(judged: Judged, pack: Pack, facts: Facts, outcome: Outcome, on: date | None) -> Body:
    finding = finding_of(judged, pack, facts, STANDINGS[outcome])
    return Body(
        amount=amount_of(judged.keys),
        clocks=finding.clocks,
        findings=(finding,),
        missing=judged.missing,
        unknown=judged.unknown,
        doubts=tuple(Doubt(code, judged.rule.id) for code in judged.doubts),
        answer={"eligible": eligible_word(outcome), **judged.keys},
        packs=(stamp_of(pack, on),),
        calendars=tuple(sorted(judged.calendars.items())),
        judged_for=deciding_day(judged.rule, facts.known),
        judged_on=on,
        may_matter=judged.may_matter,
    )


STANDINGS = {
    Outcome.ALLOWED: Standing.FOR,
    Outcome.REFUSED: Standing.AGAINST,
    Outcome.NEEDS_INFORMATION: Standing.ASK,
    Outcome.NEEDS_REVIEW: Standing.REVIEW,
}


def finding_of(judged: Judged, pack: Pack, facts: Facts, standing: Standing) -> Finding:
    """What one judged rule says, with its inputs and its working."""
    rule, answer = judged.rule, judged.answer or Answer("", "facts.missing")
    return Finding(
        rule=rule.id,
        version=rule.version,
        pack=pack.id,
        level=rule.level,
        standing=standing,
        code=answer.code,
        params=answer.params,
        citation=rule.citation,
        steps=tuple(answer.steps),
        inputs=tuple(
            Input(name, written(name, value), facts.sources.get(name, ""))
            for name, value in judged.seen.items()
        ),
        amount=amount_of(judged.keys),
        clocks=tuple(clock._replace(rule=rule.id) for clock in answer.clocks),
        doubts=judged.doubts,
        missing=judged.missing,
        confidence=rule.confidence,
    )


def amount_of(keys: Mapping[str, object]) -> Money | None:
    """The amount among answer keys, with its currency."""
    currency = keys.get("currency")
    for name in _AMOUNT_KEYS:
        minor = keys.get(name)
        if isinstance(minor, int) and isinstance(currency, str):
            return Money(minor, currency)
    return None


def stamp_of(pack: Pack, on: date | None) -> PackStamp:
    """Which pack was used, and whether its review-by date has passed on the day of judging."""
    overdue = on is not None and bool(pack.review_by) and pack.review_by < on.isoformat()
    return PackStamp(pack.id, pack.version, pack.digest, pack.review_by, overdue)
