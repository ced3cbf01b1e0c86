"""Confirm what the packs judged: admit, decline with a ground, notify both parties, take more time."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.deadlines import actions as deadlines
from casedesk.kernel.errors import InvalidInput, RuleBroken
from casedesk.mediation import commands as c
from casedesk.mediation.actions import dating, notices
from casedesk.mediation.actions.asking import judge_admissibility
from casedesk.mediation.actions.closing import finish, store_closing
from casedesk.mediation.actions.filing import local_day, move, opened, settle_turn, tell_case, write
from casedesk.mediation.rules.admissibility import GROUNDS, needs_a_word
from casedesk.mediation.rules.dates import STATEMENT_DAYS, extension_fault


def admit(session: Session, command: c.Admit, *, actor: Actor, now: datetime) -> None:
    """The mediator confirms that the case may be taken; a word is needed where the verdict is no plain yes."""
    at = opened(session, command.mediation_id, "admit", actor=actor, version=command.version)
    judged = judge_admissibility(session, at.file, at.case, now=now)
    outcome = judged.verdict.outcome.value
    if needs_a_word(outcome) and not command.said:
        raise InvalidInput("mediation.admit_why", field="said")
    at.file.admitted_at = now
    at.file.complete_at = at.file.complete_at or at.file.requested_at
    body = {"verdict": outcome, "judgement": judged.judgement_id}
    write(session, at, "admitted", body, {"said": command.said}, now=now)
    move(session, at, "admissible", now=now)
    deadlines.stop(session, at.subject, "refusal", now=now)
    settle_turn(session, at)


def decline(session: Session, command: c.Decline, *, actor: Actor, now: datetime) -> None:
    """The case is not taken, on a ground of the law, and the customer is told why; late or not is on the clock."""
    if command.ground not in GROUNDS:
        raise InvalidInput("mediation.ground", field="ground")
    if not command.said:
        raise InvalidInput("mediation.decline_why", field="said")
    at = opened(session, command.mediation_id, "decline", actor=actor, version=command.version)
    judged = judge_admissibility(session, at.file, at.case, now=now)
    at.file.ground, at.file.declined_at = command.ground, now
    body = {"ground": command.ground, "judgement": judged.judgement_id}
    entry = write(session, at, "declined", body, {"said": command.said}, now=now)
    deadlines.stop(session, at.subject, "refusal", now=now)
    store_closing(session, at, "declined", entry.id, now=now)
    finish(session, at, "declined", now=now)
    notices.to_side(session, at, "customer", "declined", said=command.said, now=now)


def notify(session: Session, command: c.Notify, *, actor: Actor, now: datetime) -> None:
    """Tell both parties: from here the days of the law run."""
    at = opened(session, command.mediation_id, "notify", actor=actor, version=command.version)
    at.file.notified_at = now
    day = dating.outcome_day(session, at.file, at.case, now=now)
    at.file.due_on = day.last
    write(session, at, "notified", {"due_on": day.last.isoformat()}, now=now)
    move(session, at, "notified", now=now)
    dating.keep(session, at.file, "outcome", day, now=now)
    heard = local_day(at.file, now) + timedelta(days=STATEMENT_DAYS)
    dating.keep_house(session, at.file, "statement", heard, {"days": STATEMENT_DAYS}, now=now)
    notices.to_both(session, at, "notified", until=day.last, now=now)
    settle_turn(session, at)


def extend(session: Session, command: c.Extend, *, actor: Actor, now: datetime) -> None:
    """More time for a complex dispute: before the time is over, with the reason, both parties told in the same commit."""
    at = opened(session, command.mediation_id, "extend", actor=actor, version=command.version)
    due = at.file.extended_to or at.file.due_on
    if due is None:
        raise RuleBroken("mediation.act", state=at.file.state)
    if not command.said:
        raise InvalidInput("mediation.extend_why", field="said")
    if fault := extension_fault(command.until, due, local_day(at.file, now)):
        raise InvalidInput(fault[0], field=fault[1])
    extension = {
        "announced_at": now.isoformat(),
        "new_date": command.until.isoformat(),
        "parties_informed": True,
    }
    at.file.extended_to = command.until
    day = dating.outcome_day(session, at.file, at.case, extension=extension, now=now)
    write(session, at, "extended", {"before": due.isoformat(), **extension}, {"said": command.said}, now=now)
    dating.keep(session, at.file, "outcome", day, now=now)
    tell_case(session, at, {"state": at.file.state, "due_on": command.until.isoformat()}, now=now)
    notices.to_both(session, at, "extended", until=command.until, said=command.said, now=now)
    settle_turn(session, at)
