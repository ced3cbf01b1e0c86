"""What logging a case needs beside the customer: the entity of a contract, and open cases that look alike."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.cases.models import Case
from casedesk.cases.queries.sight import visible
from casedesk.customers.models import Entity, Subscription
from casedesk.store.db import values


@dataclass(frozen=True)
class AlikeLine:
    """An open case of the same customer."""

    id: int
    number: str
    kind: str
    subscription_id: int | None
    opened_at: datetime


def open_cases_of(session: Session, actor: Actor, customer_id: int, limit: int = 6) -> list[AlikeLine]:
    """The customer's open cases that the actor may see, newest first."""
    rows = session.execute(
        select(Case.id, Case.number, Case.kind, Case.subscription_id, Case.opened_at)
        .where(Case.customer_id == customer_id, Case.status != "closed", visible(actor))
        .order_by(Case.opened_at.desc(), Case.id.desc())
        .limit(limit)
    )
    return [AlikeLine(*values((row[0], row[1] or str(row[0]), *row[2:]))) for row in rows]


def entity_id_for(session: Session, subscription_id: int | None) -> int | None:
    """The entity that a contract is with; without a contract the first in use. None where there is none."""
    if subscription_id is not None:
        entity_id = session.scalar(select(Subscription.entity_id).where(Subscription.id == subscription_id))
        if entity_id is not None:
            return entity_id
    return session.scalar(select(Entity.id).where(Entity.active).order_by(Entity.id).limit(1))


def currency_for(session: Session, entity_id: int | None) -> str:
    """The currency of the entity."""
    return session.scalar(select(Entity.currency).where(Entity.id == entity_id)) or "EUR"
