"""Subscriptions, with the plan and the terms they are on; both are made where the mapping describes them."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.customers.models import ContractFact, Customer, Disclosure, Plan, Subscription, Terms
from casedesk.imports.faults import RowFault
from casedesk.imports.shaping import Item
from casedesk.imports.storing.base import (
    Context,
    Ready,
    Store,
    currency,
    each,
    entity,
    inserted,
    minor,
    noon,
    pointed,
    refuse_taken,
    targets,
)
from casedesk.imports.values import NEVER
from casedesk.store.bulk import insert_rows


def prepare(session: Session, items: Sequence[Item], context: Context) -> list[Ready]:
    house = entity(session, context)
    refuse_taken(session, items, Subscription.reference)
    customers = targets(session, "customers", items, "customer", context, Customer.reference, Customer.id)

    def columns(item: Item) -> dict[str, Any]:
        of: dict[str, Any] = item.record
        started = of["started_on"]
        concluded = of.get("concluded_at", noon(started, house.time_zone))
        ends = of.get("ends_on")
        if ends is not None and ends < started:
            raise RowFault("import.ends_before", "ends_on", ends=ends, starts=started)
        code = currency(item, "price") or house.currency
        price = minor(item, "price")
        return {
            "reference": item.reference,
            "customer_id": pointed(item, "customer", customers, "import.no_customer"),
            "entity_id": house.id,
            "plan_id": _plan(session, item, code, price, context),
            "terms_id": _terms(session, item, context),
            "state": of.get(
                "state", "ended" if ends is not None and ends <= context.now.date() else "active"
            ),
            "channel": of.get("channel", ""),
            "concluded_at": concluded,
            "concluded_known": "concluded_at" in of,
            "accepted_at": of.get("accepted_at", concluded),
            "started_on": started,
            "ends_on": ends,
            "commitment_until": of.get("commitment_until"),
            "renewed_at": of.get("renewed_at"),
            "billing_day": of.get("billing_day"),
            "price_minor": price,
            "currency": code,
            "payment_brand": of.get("payment_brand", ""),
            "payment_last4": of.get("payment_last4", ""),
            "source": of.get("source", "unknown"),
            "medium": of.get("medium", ""),
            "campaign": of.get("campaign", ""),
            "first_touch_at": of.get("first_touch_at"),
        }

    return each(items, columns)


def _plan(session: Session, item: Item, code: str, price: int | None, context: Context) -> int:
    name = str(item.record["plan"])
    plans: dict[str, int] = context.cache.setdefault("plans", {})
    if name not in plans:
        found = session.scalar(select(Plan.id).where(Plan.code == name)) or session.scalar(
            select(Plan.id).where(Plan.code == _slug(context.mapping.source, name))
        )
        plans[name] = found or _new_plan(session, name, code, price, context)
    return plans[name]


def _new_plan(session: Session, name: str, code: str, price: int | None, context: Context) -> int:
    given = context.mapping.plan
    if not given:
        raise RowFault("import.no_plan", "plan", plan=name[:80])
    plan = Plan(
        entity_id=entity(session, context).id,
        code=_slug(context.mapping.source, name),
        name=name,
        contract_kind=str(given.get("contract_kind", "")),
        category=str(given.get("category", "")),
        interval_months=int(given.get("interval_months", 1)),
        price_minor=price or 0,
        currency=code,
    )
    session.add(plan)
    session.flush()
    _state(session, "plan", plan.id, given.get("facts", {}), context)
    return plan.id


def _slug(source: str, name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", f"{source} {name}".lower()).strip("-")


def _terms(session: Session, item: Item, context: Context) -> int:
    code = str(item.record.get("terms") or context.mapping.terms.get("code") or "")
    known: dict[str, int] = context.cache.setdefault("terms", {})
    if code not in known:
        house = entity(session, context)
        query = select(Terms.id).where(Terms.entity_id == house.id)
        query = query.where(Terms.code == code) if code else query.order_by(Terms.valid_from.desc()).limit(1)
        known[code] = session.scalar(query) or _new_terms(session, code, context)
    return known[code]


def _new_terms(session: Session, code: str, context: Context) -> int:
    given = context.mapping.terms
    if not code or given.get("code") != code or "valid_from" not in given:
        raise RowFault("import.no_terms", "terms", terms=code[:80])
    terms = Terms(
        entity_id=entity(session, context).id,
        code=code,
        valid_from=given["valid_from"],
        refund_window_days=given.get("refund_window_days"),
        proration=str(given.get("proration", "")),
        commitment_months=int(given.get("commitment_months", 0)),
        notice_months=int(given.get("notice_months", 0)),
        renewal=str(given.get("renewal", "")),
        renewal_months=int(given.get("renewal_months", 0)),
        billing_day_rule=str(given.get("billing_day_rule", "same_day")),
        fees={},
        clauses={},
    )
    session.add(terms)
    session.flush()
    # A number that the mapping does not say stands as 0 in its column and is known to nobody.
    silent = {name: None for name, key in _NUMBERS.items() if key not in given}
    _state(session, "terms", terms.id, {**silent, **given.get("facts", {})}, context)
    return terms.id


_NUMBERS = {
    "commitment_months": "commitment_months",
    "notice_months": "notice_months",
    "contract_notice_months": "notice_months",
}


def _state(
    session: Session, kind: str, subject_id: int, facts: Mapping[str, object], context: Context
) -> None:
    """Keep what the mapping states; None says that nothing is known."""
    insert_rows(session, ContractFact, [_stated(kind, subject_id, *one, context) for one in facts.items()])


def _stated(kind: str, subject_id: int, name: str, value: object, context: Context) -> dict[str, Any]:
    state = "unknown" if value is None else "never" if value in ("never", "none") else "known"
    return {
        "subject_kind": kind,
        "subject_id": subject_id,
        "name": name,
        "state": state,
        "value": {"v": value} if state == "known" else None,
        "source": f"import {context.mapping.source}",
        "recorded_at": context.now,
    }


def insert_all(session: Session, ready: Sequence[Ready], context: Context) -> list[int]:
    ids = inserted(session, Subscription, ready)
    facts, told = [], []
    for (item, _), subscription_id in zip(ready, ids, strict=True):
        for name, value in item.record.items():
            if name.startswith("fact_"):
                facts.append(
                    _stated("subscription", subscription_id, name.removeprefix("fact_"), value, context)
                )
            elif name.startswith("told_"):
                told.append(_told(subscription_id, name.removeprefix("told_"), value, context))
    insert_rows(session, ContractFact, facts)
    insert_rows(session, Disclosure, told)
    return ids


def _told(subscription_id: int, kind: str, at: object, context: Context) -> dict[str, Any]:
    return {
        "subscription_id": subscription_id,
        "kind": kind,
        "given_at": None if at == NEVER else at,
        "never": at == NEVER,
        "medium": "",
        "source": f"import {context.mapping.source}",
        "recorded_at": context.now,
    }


STORE = Store(prepare, insert_all)
