"""Who mediates in the demo, and the parties without account."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor, not_a_person
from casedesk.accounts.models import Person
from casedesk.accounts.sign_ins import PERSON_COLUMNS
from casedesk.mediation.actions import appointing
from casedesk.mediation.actions.appointing import ChangeMediator

CUSTOMER, SYSTEM = not_a_person("customer"), not_a_person("system")

PANEL = (
    ("agnes@cimes.example", ("dispute", "cancellation"), ("fr",), 14),
    ("berengere@cimes.example", ("dispute", "refund"), ("fr",), 12),
    ("aurelien@cimes.example", ("refund", "cancellation", "dispute"), ("en", "fr"), 12),
)


@dataclass
class Panel:
    """Who mediates, and who keeps the panel, as actors."""

    mediators: dict[int, Actor]
    keeper: Actor


def panel_of(session: Session, now: datetime) -> Panel:
    """Put the mediators of PANEL on the panel, as of a year before `now`."""
    people = {person.mail: person for person in session.scalars(select(Person).order_by(Person.id))}
    keeper = _actor(next(p for p in people.values() if p.role == "administrator"))
    began = now - timedelta(days=330)
    mediators = {}
    for mail, fields, locales, capacity in PANEL:
        person = people[mail]
        change = ChangeMediator(person.id, fields, locales, capacity, True)
        appointing.change_mediator(session, change, actor=keeper, now=began)
        mediators[person.id] = _actor(person)
    return Panel(mediators, keeper)


def _actor(person: Person) -> Actor:
    return Actor(*(getattr(person, column.key) for column in PERSON_COLUMNS))
