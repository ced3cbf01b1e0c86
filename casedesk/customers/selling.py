"""Who sells what under which terms: each deed is on the record of the desk."""

from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.customers.commands import AddBusiness, AddPlan, ChangeBusiness, ChangePlan, PublishTerms
from casedesk.customers.models import Entity, Plan, Terms
from casedesk.kernel.errors import Conflict, InvalidInput, NotFound
from casedesk.store.record import DESK, Line, append

Row = TypeVar("Row", Entity, Plan)


def add_business(session: Session, command: AddBusiness, *, actor: Actor, now: datetime) -> Entity:
    """A legal entity or brand that contracts are with. Raises InvalidInput where its code is taken."""
    if session.scalar(select(Entity.id).where(Entity.code == command.code)) is not None:
        raise InvalidInput("business.taken", field="code")
    entity = Entity(**command.values())
    session.add(entity)
    session.flush()
    _record(session, "business.added", entity.name, {"entity": entity.id, "code": entity.code}, actor, now)
    return entity


def change_business(session: Session, command: ChangeBusiness, *, actor: Actor, now: datetime) -> Entity:
    """The business as the command says, or retired; letters that were written keep what they say.

    Raises Conflict where somebody else changed it since, NotFound.
    """
    entity = _locked(session, Entity, command.entity_id)
    if entity.version != command.version:
        raise Conflict("business.stale")
    _change(session, "business", entity, command.values(), actor, now)
    return entity


def change_plan(session: Session, command: ChangePlan, *, actor: Actor, now: datetime) -> Plan:
    """The plan as the command says, or no longer offered; contracts keep their price and stay on it.

    Raises Conflict where somebody else changed it since, NotFound.
    """
    plan = _locked(session, Plan, command.plan_id)
    if plan.version != command.version:
        raise Conflict("plan.stale")
    _change(session, "plan", plan, command.values(), actor, now)
    return plan


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
    """The business that something new is of. Raises InvalidInput where there is none, or where it is retired."""
    entity = session.get(Entity, entity_id)
    if entity is None:
        raise InvalidInput("business.unknown", field="entity_id")
    if not entity.active:
        raise InvalidInput("business.retired", field="entity_id")
    return entity


def _locked(session: Session, model: type[Row], row_id: int) -> Row:
    row = session.scalars(select(model).where(model.id == row_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("not_found")
    return row


def _change(
    session: Session, what: str, row: Entity | Plan, values: dict[str, Any], actor: Actor, now: datetime
) -> None:
    """Write `values` and say on the record what they were; being retired or back is an entry of its own."""
    changes = {k: [getattr(row, k), v] for k, v in values.items() if getattr(row, k) != v}
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    about = {what if what == "plan" else "entity": row.id, "code": row.code}
    turned = changes.pop("active", None)
    if changes:
        currency = {"currency": row.currency} if "price_minor" in changes else {}
        _record(session, f"{what}.changed", row.name, {**about, **currency, "changes": changes}, actor, now)
    if turned:
        _record(session, f"{what}.{'back' if row.active else 'retired'}", row.name, about, actor, now)


def _day(value: date) -> str:
    return value.isoformat()


def _record(
    session: Session, kind: str, name: str, body: dict[str, Any], actor: Actor, now: datetime
) -> None:
    append(session, DESK, Line(kind, {"name": name, **body}), actor=actor.ref, now=now)
