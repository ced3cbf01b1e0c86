"""Change what a case says of itself: owner, team, priority, causes, status, stage, tags; close and reopen."""

from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person, Team
from casedesk.cases.actions import clocks
from casedesk.cases.actions.escalating import end_with_case
from casedesk.cases.actions.judging import judge_case
from casedesk.cases.actions.weighing import leave_weighing
from casedesk.cases.actions.writing import locked_case, show_next_clock, write_event
from casedesk.cases.commands import ChangeCase, CloseCase
from casedesk.cases.models import Case, CaseTag, Cause, Decision
from casedesk.cases.queries.people import standing_in
from casedesk.cases.rules import DIRECT_CLOSINGS, FREE_STAGES, may_change_stage, may_change_status
from casedesk.customers.models import Customer, Subscription
from casedesk.kernel.errors import InvalidInput, NotFound, RuleBroken
from casedesk.ledger.models import Charge

_FIELDS: dict[str, type | None] = {
    "owner_id": Person,
    "team_id": Team,
    "customer_id": Customer,
    "subscription_id": Subscription,
    "charge_id": Charge,
    "stated_cause_id": Cause,
    "established_cause_id": Cause,
    "priority": None,
    "claimed_minor": None,
    "legal_hold": None,
    "vulnerable": None,
}
_READ_BY_RULES = frozenset({"customer_id", "subscription_id", "charge_id", "claimed_minor"})
_READ_BY_CLOCKS = frozenset({"priority", "customer_id", "vulnerable"})
_READ_BY_LADDER = frozenset({"claimed_minor", "vulnerable", "subscription_id"})


def change_case(session: Session, command: ChangeCase, *, actor: Actor, now: datetime) -> None:
    """Make the changes and record each with its value before. Raises InvalidInput, RuleBroken, Conflict."""
    case = locked_case(session, actor, command.case_id, command.case_version)
    changes = dict(command.changes)
    stage, status = changes.pop("stage", None), changes.pop("status", None)
    if changes.get("owner_id"):
        changes["owner_id"] = standing_in(session, changes["owner_id"], now=now)
    changed = _set_fields(session, case, changes)
    if command.tags is not None:
        changed |= _set_tags(session, case, command.tags)
    if changed:
        entry = write_event(session, case, "changed", {"fields": changed}, actor=actor, now=now)
        if _READ_BY_LADDER & set(changed):
            leave_weighing(session, case, str(entry.id), now=now)
    if _READ_BY_CLOCKS & set(changed):
        clocks.follow_change(session, case, now=now)
    if stage and stage != case.stage:
        _change_stage(session, case, stage, actor=actor, now=now)
    if status and status != case.status:
        move_to(session, case, status, actor=actor, now=now)
    if _READ_BY_RULES & set(changed):
        _take_acquisition(session, case)
        judge_case(session, case, actor=actor, now=now)
    session.flush()


def close_case(session: Session, command: CloseCase, *, actor: Actor, now: datetime) -> None:
    """Close the case: with the effective decision's outcome, or withdrawn, no-answer or duplicate."""
    case = locked_case(session, actor, command.case_id, command.case_version)
    decided = session.scalar(
        select(Decision.outcome)
        .where(Decision.case_id == case.id, Decision.state == "effective")
        .order_by(Decision.n.desc())
        .limit(1)
    )
    if decided is None and command.outcome not in DIRECT_CLOSINGS:
        raise RuleBroken("case.close_needs_outcome", field="outcome")
    case.outcome = decided if decided is not None else command.outcome
    move_to(session, case, "closed", actor=actor, now=now)
    session.flush()


def move_to(
    session: Session, case: Case, status: str, *, actor: Actor, now: datetime, by_customer: bool = False
) -> None:
    """Change the status where the table of transitions lets the actor, with its clocks and its event."""
    before = case.status
    role = "system" if by_customer else actor.role
    if not may_change_status(role, before, status):
        raise RuleBroken("case.status", before=before, after=status)
    if status == "closed" and case.outcome is None:
        raise RuleBroken("case.close_needs_outcome", field="outcome")
    case.status = status
    if status == "closed":
        case.closed_at = now
        end_with_case(session, case, now=now)
    elif before == "closed":
        case.closed_at, case.outcome = None, None
    session.flush()
    clocks.follow_status(session, case, before, now=now)
    if before == "closed":
        clocks.start(session, case, "next_reply", "decide", now=now)
    params: dict[str, object] = {"before": before, "after": status}
    if status == "closed":
        params["outcome"] = case.outcome
    write_event(session, case, "status", params, actor=actor, now=now)


def _set_fields(session: Session, case: Case, changes: dict[str, Any]) -> dict[str, Any]:
    changed: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in _FIELDS:
            raise InvalidInput("case.field", field=name)
        model = _FIELDS[name]
        if model is not None and value is not None and session.get(model, value) is None:
            raise NotFound("not_found")
        before = getattr(case, name)
        if before != value:
            setattr(case, name, value)
            changed[name] = [before, value]
    _check_whole(session, case)
    return changed


def _check_whole(session: Session, case: Case) -> None:
    """The subscription and the charge stay the customer's own; the owner is someone who works."""
    subscription = session.get(Subscription, case.subscription_id) if case.subscription_id else None
    charge = session.get(Charge, case.charge_id) if case.charge_id else None
    for thing in (subscription, charge):
        if thing is not None and thing.customer_id != case.customer_id:
            raise InvalidInput("case.not_theirs", field="subscription_id")
    if case.claimed_minor is not None and case.claimed_minor < 0:
        raise InvalidInput("case.claimed", field="claimed_minor")
    if case.priority not in (1, 2, 3, 4):
        raise InvalidInput("case.priority", field="priority")
    owner = session.get(Person, case.owner_id) if case.owner_id else None
    if owner is not None and (not owner.active or owner.role not in ("agent", "manager")):
        raise InvalidInput("case.owner", field="owner_id")


def _set_tags(session: Session, case: Case, tags: tuple[str, ...]) -> dict[str, Any]:
    wanted = sorted({tag.strip().lower()[:40] for tag in tags if tag.strip()})
    before = sorted(session.scalars(select(CaseTag.tag).where(CaseTag.case_id == case.id)))
    if before == wanted:
        return {}
    session.execute(delete(CaseTag).where(CaseTag.case_id == case.id))
    session.add_all(CaseTag(case_id=case.id, tag=tag) for tag in wanted)
    return {"tags": [before, wanted]}


def _change_stage(session: Session, case: Case, stage: str, *, actor: Actor, now: datetime) -> None:
    before = case.stage
    if stage not in FREE_STAGES or before not in FREE_STAGES:
        raise RuleBroken("case.stage_by_escalation", field="stage")
    if not may_change_stage(actor.role, before, stage):
        raise RuleBroken("case.stage", before=before, after=stage)
    case.stage = stage
    write_event(session, case, "stage", {"before": before, "after": stage}, actor=actor, now=now)


def _take_acquisition(session: Session, case: Case) -> None:
    """The source of the disputed subscription is frozen on the case once it is known."""
    subscription = session.get(Subscription, case.subscription_id) if case.subscription_id else None
    if subscription is not None and case.source == "unknown":
        case.source, case.medium, case.campaign = (
            subscription.source,
            subscription.medium,
            subscription.campaign,
        )
    show_next_clock(session, case)
