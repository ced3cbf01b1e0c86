"""Weigh a case against the rules of escalation, and find words that may call for one. A rule speaks once of one occasion."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.cases.actions.escalating import escalate
from casedesk.cases.actions.writing import locked_case, subject_of, write_event
from casedesk.cases.commands import AnswerWords, Escalate
from casedesk.cases.escalation_models import EscalationRule, FoundWords, RuleFiring
from casedesk.cases.ladder import FOUND, Rule, Situation, found_in, holds, rung
from casedesk.cases.models import Case
from casedesk.cases.rules import may_change_stage
from casedesk.kernel.errors import Conflict, InvalidInput, NotFound
from casedesk.store import outbox
from casedesk.store.models import Entry

Occasion = tuple[Situation, str]
Summarise = Callable[[Case, str], str]
"""Draft the hand-over summary of a case that is raised to a stage."""


def leave_weighing(
    session: Session, case: Case, key: str, *, now: datetime, event: dict[str, Any] | None = None
) -> None:
    """Leave the comparison with the rules to the worker; `event` tells what happened beside what the case shows."""
    outbox.put(
        session,
        "case.weigh",
        key=f"weigh-{key}",
        due_at=now,
        now=now,
        subject=subject_of(case),
        case_id=case.id,
        event=event or {},
    )


def weigh(
    session: Session,
    case: Case,
    event: dict[str, Any],
    summarise: Summarise,
    *,
    actor: Actor,
    now: datetime,
) -> int | None:
    """Raise the locked case where a rule holds that has not spoken of this occasion; the id of the escalation."""
    rules = active_rules(session)
    if case.status == "closed" or not rules:
        return None
    rows = session.execute(
        select(RuleFiring.rule_id, RuleFiring.occasion).where(RuleFiring.case_id == case.id)
    )
    spoken = {(row.rule_id, row.occasion) for row in rows}
    holding = [
        (rule, occasion)
        for situation, occasion in _occasions(session, case, event, rules)
        for rule in rules
        if (rule.id, occasion) not in spoken and holds(rule, situation)
    ]
    if not holding:
        return None
    raising = [rule for rule, _ in holding if _raises(rule, case)]
    highest = max(raising, key=lambda rule: (rung(rule.to_stage), -rule.id), default=None)
    escalation_id = None
    if highest is not None:
        command = Escalate(
            case.id, highest.to_stage, highest.trigger, summarise(case, highest.to_stage), rule_id=highest.id
        )
        escalation_id = escalate(session, command, actor=actor, now=now).id
    session.add_all(
        RuleFiring(
            rule_id=rule.id,
            case_id=case.id,
            occasion=occasion,
            escalation_id=escalation_id if rule is highest else None,
            at=now,
        )
        for rule, occasion in holding
    )
    session.flush()
    return escalation_id


def find_words(session: Session, case: Case, entry: Entry, text: str) -> None:
    """Propose what the customer's words may mean; a person says whether it is so."""
    for kind in found_in(text):
        session.add(FoundWords(case_id=case.id, entry_id=entry.id, kind=kind, state="proposed"))
        case.words_found += 1


def answer_words(session: Session, command: AnswerWords, *, actor: Actor, now: datetime) -> FoundWords:
    """Confirm or dismiss what was found, or flag what nobody found. Raises NotFound, InvalidInput, Conflict."""
    case = locked_case(session, actor, command.case_id, None)
    entry = session.get(Entry, command.entry_id)
    if (
        entry is None
        or (entry.subject_kind, entry.subject_id) != ("case", case.id)
        or entry.kind != "exchange"
    ):
        raise NotFound("not_found")
    if command.kind not in FOUND:
        raise InvalidInput("words.kind", field="kind")
    row = session.scalars(
        select(FoundWords)
        .where(FoundWords.entry_id == entry.id, FoundWords.kind == command.kind)
        .with_for_update()
    ).one_or_none()
    if row is None:
        row = FoundWords(case_id=case.id, entry_id=entry.id, kind=command.kind, state="proposed")
        session.add(row)
    elif row.state != "proposed":
        raise Conflict("words.answered")
    row.state = "confirmed" if command.so else "dismissed"
    row.answered_by, row.answered_at = actor.id, now
    session.flush()
    _count_words(session, case)
    what = "words_confirmed" if command.so else "words_dismissed"
    write_event(session, case, what, {"kind": command.kind, "entry": entry.id}, actor=actor, now=now)
    if command.so:
        event = {"trigger": "words", "words": command.kind, "occasion": f"words-{row.id}"}
        leave_weighing(session, case, f"words-{row.id}", now=now, event=event)
    session.flush()
    return row


def active_rules(session: Session) -> list[Rule]:
    """The rules in use, as they are compared."""
    return [as_rule(row) for row in session.scalars(select(EscalationRule).where(EscalationRule.active))]


def as_rule(row: EscalationRule) -> Rule:
    return Rule(
        id=row.id,
        trigger=row.trigger_kind,
        to_stage=row.to_stage,
        clock=row.clock,
        minutes=row.minutes,
        words=row.words,
        times=row.times,
        kind=row.kind,
        amount_minor=row.amount_minor,
        currency=row.currency,
    )


def _raises(rule: Rule, case: Case) -> bool:
    return rung(rule.to_stage) > rung(case.stage) and may_change_stage("system", case.stage, rule.to_stage)


def _occasions(session: Session, case: Case, event: dict[str, Any], rules: Sequence[Rule]) -> list[Occasion]:
    """What holds of the case now, and what has just happened to it, each under the name of its occasion."""
    found = [
        (_situation(case, "amount_above"), "amount"),
        (_situation(case, "verdict_in_doubt"), "verdict"),
        (_situation(case, "vulnerable"), "vulnerable"),
    ]
    if any(rule.trigger == "second_contact" for rule in rules):
        found.append((_situation(case, "second_contact", contacts=_contacts(session, case)), "contact"))
    if event:
        facts = {name: event[name] for name in ("clock", "minutes", "words") if name in event}
        found.append((_situation(case, event["trigger"], **facts), event["occasion"]))
    return found


def _situation(case: Case, trigger: str, **facts: Any) -> Situation:
    return Situation(
        trigger=trigger,
        kind=case.kind,
        stage=case.stage,
        claimed_minor=case.claimed_minor,
        currency=case.currency,
        verdict=case.verdict_outcome,
        vulnerable=case.vulnerable,
        **facts,
    )


def _contacts(session: Session, case: Case) -> int:
    """How often the customer came to us on this matter: messages on this case, and further cases on the same contract."""
    bodies = session.scalars(
        select(Entry.body).where(
            Entry.subject_kind == "case",
            Entry.subject_id == case.id,
            Entry.kind == "exchange",
            Entry.corrects_id.is_(None),
        )
    )
    others = 0
    if case.subscription_id is not None:
        others = (
            session.scalar(
                select(func.count())
                .select_from(Case)
                .where(
                    Case.subscription_id == case.subscription_id,
                    Case.id != case.id,
                    Case.kind == case.kind,
                    Case.opened_at < case.opened_at,
                )
            )
            or 0
        )
    return sum(bool(body.get("inbound")) for body in bodies) + others


def _count_words(session: Session, case: Case) -> None:
    case.words_found = (
        session.scalar(
            select(func.count())
            .select_from(FoundWords)
            .where(FoundWords.case_id == case.id, FoundWords.state == "proposed")
        )
        or 0
    )
