"""What is stated of plans, terms and contracts: the newest word on each fact that may be stated."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casedesk.customers.models import ContractFact, Entity, Plan, Subscription, Terms
from casedesk.customers.rules import STATED
from casedesk.kernel.errors import NotFound


@dataclass(frozen=True)
class StatedLine:
    """The newest word on one fact."""

    name: str
    state: str
    value: Any
    source: str
    recorded_at: datetime

    @property
    def written(self) -> Any:
        """The value as files write it, a known no included; None where nothing is known."""
        return {"known": self.value, "never": "never"}.get(self.state)


@dataclass(frozen=True)
class PlanLine:
    id: int
    code: str
    name: str
    entity: str
    contract_kind: str
    price_minor: int
    currency: str
    interval_months: int
    active: bool
    contracts: int
    stated: int


@dataclass(frozen=True)
class TermsOf:
    id: int
    code: str
    valid_from: date


@dataclass(frozen=True)
class StatedPage:
    """A plan, or a version of terms, with what is stated of it."""

    kind: str
    id: int
    title: str
    code: str
    entity: str
    currency: str
    lines: dict[str, StatedLine | None]
    terms: tuple[TermsOf, ...]
    active: bool = True


def stated(session: Session, kind: str, subject_id: int) -> dict[str, StatedLine | None]:
    """Every fact that may be stated of the subject, with its newest word; None where nobody said anything."""
    rows = session.execute(
        select(
            ContractFact.name,
            ContractFact.state,
            ContractFact.value,
            ContractFact.source,
            ContractFact.recorded_at,
        )
        .where(ContractFact.subject_kind == kind, ContractFact.subject_id == subject_id)
        .order_by(ContractFact.id)
    )
    newest = {
        r.name: StatedLine(r.name, r.state, (r.value or {}).get("v"), r.source, r.recorded_at) for r in rows
    }
    return {name: newest.get(name) for name in STATED[kind]}


def currency_of(session: Session, subscription_id: int) -> str:
    """The currency of a contract. Raises NotFound."""
    found = session.scalar(select(Subscription.currency).where(Subscription.id == subscription_id))
    if found is None:
        raise NotFound("not_found")
    return found


def plans(session: Session) -> list[PlanLine]:
    """Every plan, with how many contracts are on it and how many of its facts are stated."""
    contracts = dict(
        session.execute(select(Subscription.plan_id, func.count()).group_by(Subscription.plan_id)).all()
    )
    known = dict(
        session.execute(
            select(ContractFact.subject_id, func.count(ContractFact.name.distinct()))
            .where(ContractFact.subject_kind == "plan")
            .group_by(ContractFact.subject_id)
        ).all()
    )
    rows = session.execute(
        select(Plan, Entity.name.label("entity"))
        .join(Entity, Entity.id == Plan.entity_id)
        .order_by(Entity.name, Plan.active.desc(), Plan.name)
    )
    return [
        PlanLine(
            plan.id,
            plan.code,
            plan.name,
            entity,
            plan.contract_kind,
            plan.price_minor,
            plan.currency,
            plan.interval_months,
            plan.active,
            contracts.get(plan.id, 0),
            known.get(plan.id, 0),
        )
        for plan, entity in rows
    ]


def plan_page(session: Session, plan_id: int) -> StatedPage:
    """Raises NotFound."""
    row = session.execute(
        select(Plan, Entity).join(Entity, Entity.id == Plan.entity_id).where(Plan.id == plan_id)
    ).one_or_none()
    if row is None:
        raise NotFound("not_found")
    versions = session.execute(
        select(Terms.id, Terms.code, Terms.valid_from)
        .where(Terms.entity_id == row.Plan.entity_id)
        .order_by(Terms.valid_from.desc())
    )
    return StatedPage(
        "plan",
        plan_id,
        row.Plan.name,
        row.Plan.code,
        row.Entity.name,
        row.Plan.currency,
        stated(session, "plan", plan_id),
        tuple(TermsOf(*version) for version in versions),
        row.Plan.active,
    )


def terms_page(session: Session, terms_id: int) -> StatedPage:
    """Raises NotFound."""
    row = session.execute(
        select(Terms, Entity).join(Entity, Entity.id == Terms.entity_id).where(Terms.id == terms_id)
    ).one_or_none()
    if row is None:
        raise NotFound("not_found")
    return StatedPage(
        "terms",
        terms_id,
        row.Terms.code,
        "",
        row.Entity.name,
        row.Entity.currency,
        stated(session, "terms", terms_id),
        (),
    )
