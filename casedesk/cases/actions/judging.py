"""Judge a case anew where what the rules read has changed, and show the outcome on its row."""

from datetime import datetime

from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.cases.actions import clocks
from casedesk.cases.actions.weighing import leave_weighing
from casedesk.cases.actions.writing import subject_of, write_event
from casedesk.cases.facts import CaseFile, facts_of
from casedesk.cases.models import Case
from casedesk.cases.queries.file import Subjects, file_of, file_of_case
from casedesk.cases.queries.sight import case_for
from casedesk.cases.rules import Owed
from casedesk.kernel.errors import Conflict
from casedesk.policy.verdict import Level, Obligation, Verdict
from casedesk.rulebook import actions as rulebook
from casedesk.rulebook.actions import About, Judged

OBLIGED = "statutory."
"""Prefix of the clocks that a verdict's obligations start; `statutory.withdrawal` and the like."""


def judge_case(session: Session, case: Case, *, actor: Actor, now: datetime) -> Judged:
    """Judge the case on what the record says now; keep the judgement where facts or verdict are new."""
    file = file_of_case(session, case)
    judged = rulebook.judge_and_keep(
        session,
        subject_of(case),
        subject_asked(file.kind),
        facts_of(file, now=now),
        About(cause=file.cause, source=case.source, plan=file.plan.get("code")),
        since=case.judgement_id,
        now=now,
    )
    if judged.judgement_id == case.judgement_id:
        return judged
    verdict, amount = judged.verdict, judged.verdict.amount
    before = case.verdict_outcome
    case.judgement_id = judged.judgement_id
    case.verdict_outcome = verdict.outcome.value
    case.verdict_minor = amount.minor if amount is not None else None
    case.verdict_missing = len(verdict.missing)
    _oblige(session, case, verdict, bool(file.charge.get("refunded")), now)
    params: dict[str, object] = {
        "outcome": case.verdict_outcome,
        "before": before,
        "judgement": judged.judgement_id,
    }
    if amount is not None:
        params |= {"minor": amount.minor, "currency": amount.currency}
    if verdict.missing:
        params["missing"] = list(verdict.missing)
    entry = write_event(session, case, "judged", params, actor=actor, now=now)
    if before not in (None, case.verdict_outcome) and case.verdict_outcome == "needs_review":
        leave_weighing(session, case, str(entry.id), now=now)
    return judged


def judge_anew(session: Session, case_id: int, *, actor: Actor, now: datetime) -> Judged:
    """The case has the verdict of today's packs. Raises NotFound, and Conflict where the case is closed."""
    case = case_for(session, actor, case_id, lock=True)
    if case.status == "closed":
        raise Conflict("rulebook.case_closed")
    return judge_case(session, case, actor=actor, now=now)


def preview(session: Session, subjects: Subjects, *, now: datetime) -> Verdict:
    """The verdict on a case that is being typed. Nothing is stored."""
    file = file_of(session, subjects)
    return rulebook.judge(session, subject_asked(file.kind), facts_of(file, now=now), now=now).verdict


def preview_file(session: Session, file: CaseFile, *, now: datetime) -> Verdict:
    """The verdict on a file as it stands. Nothing is stored."""
    return rulebook.judge(session, subject_asked(file.kind), facts_of(file, now=now), now=now).verdict


def owed(verdict: Verdict) -> Owed:
    """What the decision's rules need of the verdict."""
    resting = [f for f in verdict.findings if f.rule in verdict.reasons]
    return Owed(
        outcome=verdict.outcome.value,
        amount_minor=verdict.amount.minor if verdict.amount is not None else None,
        by_statute=any(f.level is Level.STATUTE for f in resting),
        leaving=verdict.asked == "cancellation",
    )


def subject_asked(kind: str) -> str:
    """The question that the packs are asked for a case of this kind."""
    return {"cancellation": "cancellation", "chargeback": "chargeback"}.get(kind, "refund")


def _oblige(session: Session, case: Case, verdict: Verdict, repaid: bool, now: datetime) -> None:
    """Start, move, hold or release the clocks of what the law now asks of the business.

    What has come back is done; what is asked no more ends.
    """
    duties = _duties(verdict)
    done = [name for name, duty in duties.items() if duty.amount is not None and not duty.amount.minor]
    if repaid and done:
        clocks.stop(session, case, *done, now=now)
    clocks.drop_by_law(session, case, duties.keys() - set(done), OBLIGED, now=now)
    for name, duty in duties.items():
        if name in done or duty.deadline is None:
            continue
        due, zone = duty.deadline.utc_exclusive, duty.deadline.zone
        if due <= now and not clocks.lives(session, case, name):
            continue
        working = {
            "kind": "statutory",
            "rule": duty.rule,
            "judgement": case.judgement_id,
            "law_due": due.isoformat(),
            "zone": zone,
        }
        clocks.start_by_law(session, case, name, due, working, now=now)
        why = {"code": duty.suspended, "by": duty.suspended_by, "then": duty.then}
        clocks.follow_law(session, case, name, why if duty.suspended else None, now=now)


def _duties(verdict: Verdict) -> dict[str, Obligation]:
    """The duties of the business by the name of their clock; of two of one name the one that is due first."""
    found: dict[str, Obligation] = {}
    for duty in verdict.obligations:
        other = found.get(OBLIGED + duty.code)
        if duty.who == "trader" and (other is None or _due_before(duty, other)):
            found[OBLIGED + duty.code] = duty
    return found


def _due_before(duty: Obligation, other: Obligation) -> bool:
    if duty.deadline is None or other.deadline is None:
        return other.deadline is None
    return duty.deadline.utc_exclusive < other.deadline.utc_exclusive
