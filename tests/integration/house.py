"""Cimes, who sells the yearly plan 'Intégrale', and Éléonore, who bought it: what money and letters are tested with."""

from dataclasses import dataclass
from datetime import date
from itertools import count

from sqlalchemy.orm import Session

from casedesk.accounts.models import Person
from casedesk.customers.models import Customer, Entity, Plan, Subscription
from casedesk.ledger import actions as ledger
from casedesk.ledger.models import Charge
from casedesk.ledger.rules import NewCharge
from tests.factories import NOW, a_customer, a_person, a_plan, a_subscription, an_entity

__all__ = ["NOW", "House", "charge", "furnish"]

_serial = count(1)

MEDIATOR = {
    "name": "Médiation des loisirs sportifs",
    "website": "mediation-loisirs.example",
    "address": "9, quai Voltaire, 75007 Paris",
}


@dataclass(frozen=True)
class House:
    entity: Entity
    customer: Customer
    plan: Plan
    subscription: Subscription
    person: Person


def furnish(*, locale: str = "fr") -> House:
    """The business, its customer and the manager Inès; each stored at once."""
    entity = an_entity(
        legal_name="Cimes SAS, capital 120 000 €, RCS Paris 900 000 000",
        address="14, rue de la Fontaine-au-Roi\n75011 Paris",
        mediator_body=MEDIATOR,
    )
    customer = a_customer(
        locale=locale,
        salutation="Madame" if locale == "fr" else "Ms",
        address="Appartement 12, résidence des Tisserands\n87, rue du Faubourg-de-Roubaix\n59800 Lille",
    )
    plan = a_plan(entity, name="Intégrale")
    return House(entity, customer, plan, a_subscription(customer, plan), a_person("manager"))


def charge(session: Session, house: House, amount_minor: int = 47_880) -> Charge:
    """A captured yearly fee."""
    return ledger.capture(
        session,
        NewCharge(
            reference=f"ch-{next(_serial)}",
            entity_id=house.entity.id,
            customer_id=house.customer.id,
            subscription_id=house.subscription.id,
            amount_minor=amount_minor,
            currency="EUR",
            captured_at=NOW,
            period_starts_on=date(2026, 10, 12),
            period_ends_on=date(2027, 10, 12),
            description="Intégrale",
        ),
    )
