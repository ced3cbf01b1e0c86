"""Who sells what under which terms, and a contract that came by no import: each deed is on the record."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.customers.commands import AddBusiness, AddPlan, PublishTerms
from casedesk.customers.models import Entity, Plan, Terms
from casedesk.kernel.errors import InvalidInput
from casedesk.store.record import DESK, Line, append


def add_business(session: Session, command: AddBusiness, *, actor: Actor, now: datetime) -> Entity:
    """A legal entity or brand that contracts are with. Raises InvalidInput where its code is taken."""
    if session.scalar(select(Entity.id).where(Entity.code == command.code)) is not None:
        raise InvalidInput("business.taken", field="code")
    entity = Entity(**command.values())
    session.add(entity)
    session.flush()
    _record(session, "business.added", entity.name, {"entity": entity.id, "code": entity.code}, actor, now)
    return entity


def add_plan(session: Session, command: AddPlan, *, actor: Actor, now: datetime) -> Plan:
    """Something that an entity sells, at its price. Raises InvalidInput."""
    entity = _entity(session, command.entity_id)
    if session.scalar(select(Plan.id).where(Plan.code == command.code)) is not None:
        raise InvalidInput("plan.taken", field="code")
    plan = Plan(
        entity_id=entity.id,
        code=command.code,
        name=command.name,
        contract_kind=command.contract_kind,
        category=command.category,
        interval_months=command.interval_months,
        price_minor=command.price_minor,
        currency=entity.currency,
    )
    session.add(plan)
    session.flush()
    _record(session, "plan.added", plan.name, {"plan": plan.id, "code": plan.code}, actor, now)
    return plan


def publish_terms(session: Session, command: PublishTerms, *, actor: Actor, now: datetime) -> Terms:
    """A version of an entity's terms; once published it is never edited: a change is a new version. Raises InvalidInput."""
    entity = _entity(session, command.entity_id)
    taken = select(Terms.id).where(Terms.entity_id == entity.id, Terms.code == command.code)
    if session.scalar(taken) is not None:
        raise InvalidInput("terms.taken", field="code")
    terms = Terms(
        entity_id=entity.id,
        code=command.code,
        valid_from=command.valid_from,
        refund_window_days=command.refund_window_days,
        proration=command.proration,
        commitment_months=command.commitment_months,
        notice_months=command.notice_months,
        renewal=command.renewal,
        renewal_months=command.renewal_months,
        billing_day_rule=command.billing_day_rule,
        fees={},
        clauses={},
    )
    session.add(terms)
    session.flush()
    body = {"terms": terms.id, "entity": entity.code, "valid_from": _day(terms.valid_from)}
    _record(session, "terms.published", terms.code, body, actor, now)
    return terms


def _entity(session: Session, entity_id: int) -> Entity:
    entity = session.get(Entity, entity_id)
    if entity is None:
        raise InvalidInput("business.unknown", field="entity_id")
    return entity


def _day(value: date) -> str:
    return value.isoformat()


def _record(
    session: Session, kind: str, name: str, body: dict[str, Any], actor: Actor, now: datetime
) -> None:
    append(session, DESK, Line(kind, {"name": name, **body}), actor=actor.ref, now=now)
