"""What a business sells, as lists to choose from."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.customers.models import Entity, Plan, Terms
from casedesk.web.locale import money


@dataclass(frozen=True)
class Offer:
    """Businesses, plans and terms as (id, words), and the currency of each business."""

    businesses: tuple[tuple[int, str], ...]
    currencies: dict[int, str]
    plans: tuple[tuple[int, str], ...] = ()
    terms: tuple[tuple[int, str], ...] = ()


def businesses(session: Session) -> Offer:
    rows = session.execute(select(Entity.id, Entity.name, Entity.currency).order_by(Entity.name)).all()
    return Offer(tuple((row.id, row.name) for row in rows), {row.id: row.currency for row in rows})


def offer(session: Session) -> Offer:
    """Everything that a new contract can be about: plans in use, and every version of terms, the newest first."""
    names = businesses(session)
    shown = dict(names.businesses)
    plans = session.execute(
        select(Plan.id, Plan.name, Plan.entity_id, Plan.price_minor, Plan.currency)
        .where(Plan.active)
        .order_by(Plan.entity_id, Plan.name)
    )
    terms = session.execute(
        select(Terms.id, Terms.code, Terms.entity_id).order_by(Terms.entity_id, Terms.valid_from.desc())
    )
    return Offer(
        names.businesses,
        names.currencies,
        tuple((r.id, f"{shown[r.entity_id]}: {r.name}, {money(r.price_minor, r.currency)}") for r in plans),
        tuple((r.id, f"{shown[r.entity_id]}: {r.code}") for r in terms),
    )
