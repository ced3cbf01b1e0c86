"""Customers with their addresses."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from casedesk.customers.folding import key, phone_key
from casedesk.customers.models import ContactPoint, Customer
from casedesk.customers.naming import keep_words
from casedesk.imports.faults import RowFault
from casedesk.imports.shaping import Item
from casedesk.imports.storing.base import (
    Context,
    Ready,
    Store,
    each,
    entity,
    inserted,
    refuse_taken,
)
from casedesk.store.bulk import insert_rows


def prepare(session: Session, items: Sequence[Item], context: Context) -> list[Ready]:
    house = entity(session, context)
    refuse_taken(session, items, Customer.reference)
    zones: dict[str, str] = {}

    def columns(item: Item) -> dict[str, Any]:
        of = item.record
        name = str(of["name"])
        return {
            "reference": item.reference,
            "kind": of.get("kind", "consumer"),
            "kind_known": "kind" in of,
            "name": name,
            "name_key": key(name),
            "salutation": of.get("salutation", ""),
            "locale": _locale(item, house.locale),
            "country": _country(item, house.country),
            "region": of.get("region", ""),
            "city": of.get("city", ""),
            "address": of.get("address", ""),
            "time_zone": _zone(item, house.time_zone, zones),
            "employees": of.get("employees"),
            "main_activity": of.get("main_activity"),
            "vulnerable": of.get("vulnerable", False),
            "created_at": of.get("created_at", context.now),
        }

    return each(items, columns)


def _locale(item: Item, usual: str) -> str:
    text = str(item.record.get("locale", usual)).lower().replace("_", "-")
    if not text[:2].isalpha():
        raise RowFault("import.locale", "locale", text=text[:20])
    return text[:2]


def _country(item: Item, usual: str) -> str:
    text = str(item.record.get("country", usual)).upper()
    if not (len(text) == 2 and text.isascii() and text.isalpha()):
        raise RowFault("import.country", "country", text=text[:40])
    return text


def _zone(item: Item, usual: str, checked: dict[str, str]) -> str:
    text = str(item.record.get("time_zone", usual))
    if text not in checked:
        try:
            ZoneInfo(text)
        except (KeyError, ValueError, OSError):
            raise RowFault("import.zone", "time_zone", text=text[:40]) from None
        checked[text] = text
    return text


def insert_all(session: Session, ready: Sequence[Ready], _context: Context) -> list[int]:
    ids = inserted(session, Customer, ready)
    points = [
        {
            "customer_id": customer_id,
            "kind": kind,
            "value": value,
            "value_key": folded(value),
            "preferred": True,
        }
        for (item, _), customer_id in zip(ready, ids, strict=True)
        for kind, folded in (("mail", key), ("phone", phone_key))
        if (value := str(item.record.get(kind, "")))
    ]
    insert_rows(session, ContactPoint, points)
    keep_words(session, [(i, columns["name_key"]) for (_, columns), i in zip(ready, ids, strict=True)])
    return ids


STORE = Store(prepare, insert_all)
