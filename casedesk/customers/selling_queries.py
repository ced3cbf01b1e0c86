"""What a business sells, as lists to choose from, and the businesses themselves."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casedesk.customers.models import Entity, Plan, Subscription, Terms
from casedesk.kernel.errors import NotFound
from casedesk.web.locale import money

_TAKES_PART = {"True": "yes", "False": "no"}


@dataclass(frozen=True)
class Offer:
    """Businesses, plans and terms as (id, words), and the currency of each business."""

    businesses: tuple[tuple[int, str], ...]
    currencies: dict[int, str]
    plans: tuple[tuple[int, str], ...] = ()
    terms: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class BusinessLine:
    """A business on the list, with how many plans it offers and how many contracts are with it."""

    id: int
    code: str
    name: str
    country: str
    currency: str
    active: bool
    plans: int
    contracts: int


@dataclass(frozen=True)
class BusinessView:
    """One business as it stands; of the mediation body what is named, else empty."""

    id: int
    code: str
    name: str
    legal_name: str
    address: str
    country: str
    locale: str
    time_zone: str
    currency: str
    case_prefix: str
    sender_mail: str
    mediator: str
    mediator_website: str
    mediator_address: str
    mediator_takes_part: str
    mediator_wait: int | None
    active: bool
    version: int


@dataclass(frozen=True)
class PlanView:
    """One plan as it may be changed; `price` in minor units."""

    id: int
    code: str
    name: str
    price: int
    currency: str
    active: bool
    version: int
    contracts: int


def business_lines(session: Session) -> list[BusinessLine]:
    """Every business, those in use first."""
    plans = _counted(session, Plan.entity_id, Plan.active)
    contracts = _counted(session, Subscription.entity_id)
    rows = session.execute(
        select(Entity.id, Entity.code, Entity.name, Entity.country, Entity.currency, Entity.active).order_by(
            Entity.active.desc(), Entity.name
        )
    )
    return [BusinessLine(*row, plans.get(row.id, 0), contracts.get(row.id, 0)) for row in rows]


def business(session: Session, entity_id: int) -> BusinessView:
    """Raises NotFound."""
    row = session.get(Entity, entity_id)
    if row is None:
        raise NotFound("not_found")
    return BusinessView(
        id=row.id,
        code=row.code,
        name=row.name,
        legal_name=row.legal_name,
        address=row.address,
        country=row.country,
        locale=row.locale,
        time_zone=row.time_zone,
        currency=row.currency,
        case_prefix=row.case_prefix,
        sender_mail=row.sender_mail,
        mediator=str(row.mediator_body.get("name", "")),
        mediator_website=str(row.mediator_body.get("website", "")),
        mediator_address=str(row.mediator_body.get("address", "")),
        mediator_takes_part=_TAKES_PART.get(str(row.mediator_body.get("takes_part")), ""),
        mediator_wait=row.mediator_body.get("min_wait_months"),
        active=row.active,
        version=row.version,
    )


def plan_view(session: Session, plan_id: int) -> PlanView:
    """Raises NotFound."""
    row = session.get(Plan, plan_id)
    if row is None:
        raise NotFound("not_found")
    contracts = session.scalar(select(func.count()).where(Subscription.plan_id == plan_id)) or 0
    return PlanView(
        row.id, row.code, row.name, row.price_minor, row.currency, row.active, row.version, contracts
    )


def businesses(session: Session) -> Offer:
    """The businesses that something new may be of: those in use."""
    query = select(Entity.id, Entity.name, Entity.currency).where(Entity.active).order_by(Entity.name)
    rows = session.execute(query).all()
    return Offer(tuple((row.id, row.name) for row in rows), {row.id: row.currency for row in rows})


def offer(session: Session) -> Offer:
    """Everything that a new contract can be about: plans in use, and every version of terms, the newest first."""
    names = businesses(session)
    shown = dict(names.businesses)
    plans = session.execute(
        select(Plan.id, Plan.name, Plan.entity_id, Plan.price_minor, Plan.currency)
        .where(Plan.active, Plan.entity_id.in_(shown))
        .order_by(Plan.entity_id, Plan.name)
    )
    terms = session.execute(
        select(Terms.id, Terms.code, Terms.entity_id)
        .where(Terms.entity_id.in_(shown))
        .order_by(Terms.entity_id, Terms.valid_from.desc())
    )
    return Offer(
        names.businesses,
        names.currencies,
        tuple((r.id, f"{shown[r.entity_id]}: {r.name}, {money(r.price_minor, r.currency)}") for r in plans),
        tuple((r.id, f"{shown[r.entity_id]}: {r.code}") for r in terms),
    )


def _counted(session: Session, by: Any, *only: Any) -> dict[int, int]:
    rows = session.execute(select(by, func.count()).where(*only).group_by(by)).all()
    return {row[0]: row[1] for row in rows}
