"""Who leaves, in their own words, told once before the words are gone: rooms above look for them where no row leads.

Called in the erasing transaction itself, for nothing that names the person may wait in the outbox.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.customers.folding import phone_key, words_of
from casedesk.customers.models import ContactPoint, Customer


@dataclass(frozen=True)
class Leaving:
    """What a customer can be found by: the words of the name in small letters, accents and all (a file may have spoilt
    them), addresses folded (folding.py), the digits of phones."""

    customer_id: int
    name: frozenset[str]
    contacts: frozenset[str]
    phones: frozenset[str]
    reference: str


Watcher = Callable[[Session, Leaving, datetime], None]

WATCHERS: list[Watcher] = []


def install(watchers: Iterable[Watcher]) -> None:
    """Tell these of every customer who is about to be erased."""
    WATCHERS[:] = watchers


def tell(session: Session, customer: Customer, now: datetime) -> None:
    """Tell everybody, while the customer still has a name."""
    points = session.execute(
        select(ContactPoint.kind, ContactPoint.value, ContactPoint.value_key).where(
            ContactPoint.customer_id == customer.id
        )
    ).all()
    leaving = Leaving(
        customer.id,
        frozenset(words_of(customer.name.casefold())),
        frozenset(point.value_key for point in points if point.kind != "phone" and point.value_key),
        frozenset(phone_key(point.value) for point in points if point.kind == "phone"),
        customer.reference,
    )
    for watcher in WATCHERS:
        watcher(session, leaving, now)
