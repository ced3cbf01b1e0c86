"""Charges, captured through the ledger."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from casedesk.customers.models import Customer, Subscription
from casedesk.imports.faults import RowFault
from casedesk.imports.shaping import Item
from casedesk.imports.storing.base import (
    Context,
    Ready,
    Store,
    by_column,
    currency,
    each,
    entity,
    minor,
    pointed,
    refuse_taken,
    targets,
)
from casedesk.ledger import actions as ledger
from casedesk.ledger.models import Charge
from casedesk.ledger.rules import NewCharge


def prepare(session: Session, items: Sequence[Item], context: Context) -> list[Ready]:
    house = entity(session, context)
    refuse_taken(session, items, Charge.reference)
    customers = targets(session, "customers", items, "customer", context, Customer.reference, Customer.id)
    subscriptions = targets(
        session, "subscriptions", items, "subscription", context, Subscription.reference, Subscription.id
    )
    owners = by_column(session, Subscription.id, Subscription.customer_id, set(subscriptions.values()))  # type: ignore[arg-type]

    def columns(item: Item) -> dict[str, Any]:
        of = item.record
        customer = pointed(item, "customer", customers, "import.no_customer")
        subscription = pointed(item, "subscription", subscriptions, "import.no_subscription")
        owner = owners.get(subscription) if subscription else customer  # type: ignore[call-overload]
        if customer is not None and owner != customer:
            raise RowFault("import.not_theirs", "subscription", reference=of["subscription"])
        start, end = of.get("period_starts_on"), of.get("period_ends_on")
        if start and end and end <= start:  # type: ignore[operator]
            raise RowFault("import.ends_before", "period_ends_on", ends=end, starts=start)
        if of["captured_at"] > context.now:  # type: ignore[operator]
            raise RowFault("import.in_future", "captured_at")
        return {
            "reference": item.reference,
            "entity_id": house.id,
            "customer_id": owner,
            "subscription_id": subscription,
            "amount_minor": minor(item, "amount"),
            "tax_minor": minor(item, "tax") or 0,
            "currency": currency(item, "amount"),
            "captured_at": of["captured_at"],
            "period_starts_on": start,
            "period_ends_on": end,
            "description": of.get("description", ""),
            "network": of.get("network", ""),
            "provider": of.get("provider", ""),
            "provider_reference": of.get("provider_reference", ""),
        }

    return each(items, columns)


def insert_all(session: Session, ready: Sequence[Ready], _context: Context) -> list[int]:
    return ledger.capture_many(session, [NewCharge(**columns) for _, columns in ready])


STORE = Store(prepare, insert_all)
