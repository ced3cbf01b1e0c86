"""Set the rules of escalation. Every change is on the desk's record."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from casedesk.cases.commands import SetRule
from casedesk.cases.escalation_models import EscalationRule
from casedesk.cases.ladder import FOUND, RAISED_TO, TRIGGERS
from casedesk.cases.rules import KINDS
from casedesk.kernel.errors import Conflict, InvalidInput, NotFound
from casedesk.store.record import DESK, ActorRef, Line, append


def set_rule(session: Session, command: SetRule, *, actor: ActorRef, now: datetime) -> EscalationRule:
    """The rule as the command says; it speaks of what happens from now on. Raises InvalidInput, Conflict."""
    _check(command)
    values = _values(command)
    if command.rule_id is None:
        row = EscalationRule(**values)
        session.add(row)
    else:
        found = session.get(EscalationRule, command.rule_id, with_for_update=True, populate_existing=True)
        if found is None:
            raise NotFound("not_found")
        if command.version is not None and found.version != command.version:
            raise Conflict("service.stale")
        row = found
        changed = {name: value for name, value in values.items() if getattr(row, name) != value}
        if not changed:
            return row
        for name, value in changed.items():
            setattr(row, name, value)
    session.flush()
    body = {"rule": row.id, "name": row.name_en, **{k: v for k, v in values.items() if v is not None}}
    append(session, DESK, Line("escalation_rule.set", body), actor=actor, now=now)
    return row


def _values(command: SetRule) -> dict[str, Any]:
    """The columns; what the trigger does not read is left empty, so that nothing hides in a rule."""
    by_clock, by_words = command.trigger == "clock_breached", command.trigger == "words"
    return {
        "name_en": command.name_en,
        "name_fr": command.name_fr or command.name_en,
        "trigger_kind": command.trigger,
        "clock": command.clock if by_clock else None,
        "minutes": command.minutes if by_clock else 0,
        "words": command.words if by_words else None,
        "times": command.times if command.trigger == "second_contact" else 2,
        "kind": command.kind,
        "amount_minor": command.amount_minor,
        "currency": command.currency,
        "to_stage": command.to_stage,
        "active": command.active,
    }


def _check(command: SetRule) -> None:
    if not command.name_en:
        raise InvalidInput("escalation_rule.name", field="name_en")
    if command.trigger not in TRIGGERS:
        raise InvalidInput("escalation_rule.trigger", field="trigger")
    if command.to_stage not in RAISED_TO:
        raise InvalidInput("escalation_rule.stage", field="to_stage")
    if command.kind is not None and command.kind not in KINDS:
        raise InvalidInput("case.kind", field="kind")
    if command.words is not None and command.words not in FOUND:
        raise InvalidInput("words.kind", field="words")
    if command.trigger == "amount_above" and not command.amount_minor:
        raise InvalidInput("escalation_rule.amount", field="amount_minor")
    if command.amount_minor is not None and command.amount_minor <= 0:
        raise InvalidInput("escalation_rule.amount", field="amount_minor")
    if command.trigger == "second_contact" and not 2 <= command.times <= 99:
        raise InvalidInput("escalation_rule.times", field="times")
    if command.minutes < 0:
        raise InvalidInput("escalation_rule.minutes", field="minutes")
