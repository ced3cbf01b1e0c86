"""One judged rule as a finding: standing, inputs, working, amount; and the pack that it came from."""

from collections.abc import Mapping
from datetime import date

from casedesk.kernel.money import Money
from casedesk.policy.facts import NEVER, Facts, written
from casedesk.policy.pack import Pack, Packs, Rule
from casedesk.policy.reading import (
    NO,
    YES,
    Answer,
    Calendars,
    CalendarSource,
    Needs,
    Open,
    Reading,
    review,
)
from casedesk.policy.suppose import Judged, judge_rule
from casedesk.policy.verdict import Finding, Input, Outcome, PackStamp, Standing

_OUTCOMES = {YES: Outcome.ALLOWED, NO: Outcome.REFUSED}
_AMOUNT_KEYS = ("refundable_minor", "surcharge_minor", "amount_minor")


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
    return _answered(newest, known, calendars), pack


def _answered(rule: Rule, known: Mapping[str, object], calendars: CalendarSource) -> Judged:
    """What the rule says; within one case it is asked once on the same values of the facts that it reads."""
    if not isinstance(calendars, Calendars):
        return judge_rule(rule, known, calendars)
    key: tuple[object, ...] = (id(rule), known.get("jurisdiction"), *map(known.get, rule.reads))
    try:
        hash(key)
    except TypeError:  # records among the values
        key = tuple(map(_hashable, key))
    found: Judged | None = calendars.answered.get(key)
    if found is None:
        found = calendars.answered[key] = judge_rule(rule, known, calendars)
    return found


def _hashable(value: object) -> object:
    if isinstance(value, Mapping):
        return tuple(value.items())
    if isinstance(value, tuple):
        return tuple(map(_hashable, value))
    return value


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
