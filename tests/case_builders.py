"""Cases for tests of lists and pages: rows as the actions leave them, or through the actions themselves."""

import itertools
from datetime import timedelta
from typing import Any

from casedesk.cases.models import Case, Cause
from casedesk.customers.models import Customer, Entity
from casedesk.kernel.refs import case_number
from tests.factories import NOW, an_entity, stored

_n = itertools.count(4801)


def a_cause(code: str | None = None, **other: Any) -> Cause:
    code = code or f"cause_{next(_n)}"
    values: dict[str, Any] = {
        "code": code,
        "label_en": "Unexpected renewal",
        "label_fr": "Reconduction inattendue",
    }
    return stored(Cause(**(values | other)))


def a_case(customer: Customer | None = None, entity: Entity | None = None, **other: Any) -> Case:
    """An open refund case at the desk, due in two days, claimed by somebody unknown unless `customer` is given."""
    serial = next(_n)
    values: dict[str, Any] = {
        "number": case_number("CD", 2026, serial),
        "entity_id": (entity or an_entity()).id,
        "kind": "refund",
        "status": "open",
        "stage": "desk",
        "customer_id": customer.id if customer else None,
        "claimed_name": None if customer else f"Claimant {serial}",
        "channel": "mail",
        "claimed_minor": 47_880,
        "currency": "EUR",
        "source": "facebook",
        "occurred_at": NOW - timedelta(days=4),
        "opened_at": NOW - timedelta(days=4),
        "last_contact_at": NOW - timedelta(days=1),
        "last_contact_channel": "mail",
        "next_clock": "decide",
        "next_started_at": NOW - timedelta(days=2),
        "next_due_at": NOW + timedelta(days=2),
    }
    return stored(Case(**(values | other)))
