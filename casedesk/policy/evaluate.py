"""Facts in, verdict out: one rule asked (`judge`), or a whole case (`judge_case`)."""

from datetime import date

from casedesk.kernel.calendar import calendar_for
from casedesk.policy.compact import decision
from casedesk.policy.facts import Facts
from casedesk.policy.findings import (
    STANDINGS,
    amount_of,
    deciding_day,
    eligible_word,
    finding_of,
    judged_rule,
    outcome_of,
    stamp_of,
)
from casedesk.policy.pack import Pack, Packs
from casedesk.policy.reading import Calendars, CalendarSource
from casedesk.policy.remedies import judge_case
from casedesk.policy.suppose import Judged
from casedesk.policy.verdict import Body, Doubt, Outcome, Verdict

__all__ = ["judge", "judge_case"]


def judge(
    packs: Packs, facts: Facts, rule: str, *, on: date | None = None, calendars: CalendarSource = calendar_for
) -> Verdict:
    """The answer to one rule's question. `on`: the day of judging. Raises PackError for an unknown rule."""
    if packs.rule(rule)[1].kind == "requirements":
        return decision(packs, rule, on).judge(facts)
    used = Calendars(calendars)
    judged, pack = judged_rule(packs, facts.known, rule, used)
    outcome = outcome_of(judged)
    reasons = (rule,) if outcome in (Outcome.ALLOWED, Outcome.REFUSED) else ()
    return Verdict(rule, outcome, reasons, lambda: _body(judged, pack, facts, outcome, used, on))


def _body(
    judged: Judged, pack: Pack, facts: Facts, outcome: Outcome, used: Calendars, on: date | None
) -> Body:
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
        calendars=used.digests(),
        judged_for=deciding_day(judged.rule, facts.known),
        judged_on=on,
        may_matter=judged.may_matter,
    )
