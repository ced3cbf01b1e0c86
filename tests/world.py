"""One of everything: what the tests walk through that open every door with every key.

A new room adds its things to `a_world`; a thing is named as the addresses name it (``case_id``, ``letter_id``).
"""

from dataclasses import dataclass

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casedesk.accounts.models import Person
from casedesk.cases.actions import exchanging, opening
from casedesk.cases.commands import MoneyLine, NewAttachment, OpenCase, RecordExchange
from casedesk.cases.models import Attachment, Cause
from casedesk.channels.models import OutgoingMail
from casedesk.customers.models import ContactPoint
from casedesk.documents.models import Letter
from casedesk.imports import actions as imports
from casedesk.imports.actions import NewImport
from casedesk.refunds.models import RefundIntent
from casedesk.rulebook import packs
from casedesk.store import blobs, clock
from casedesk.store.running import run_batch
from casedesk.store.transaction import transaction
from casedesk.worker import collect
from tests.factories import NOW, a_person, a_team, actor_of, stored
from tests.integration.house import charge, decided, furnish
from tests.integration.verdicts import owed_pro_rata

ROLES = ("agent", "manager", "mediator", "administrator")

OF_A_CASE = ("case_id", "attachment_id", "letter_id", "mail_id", "decision_id")
"""Things that are seen only by who sees their case."""


@dataclass(frozen=True)
class World:
    people: dict[str, Person]
    ids: dict[str, int | str]


def a_world(app: Flask) -> World:
    """A desk with one of everything: people of each role, a customer with a contract, two cases, a letter, a refund."""
    stored(
        Cause(code="unexpected_renewal", label_en="Unexpected renewal", label_fr="Reconduction inattendue")
    )
    with transaction() as session:
        packs.publish_shipped(session, now=NOW)
    team = a_team("Remboursements")
    people = {role: a_person(role, team_id=team.id, approval_ceiling_minor=100_000) for role in ROLES}
    house, spare = furnish(), a_person(name="Chloé Dürrenmatt")
    with transaction() as session:
        charge_id, second = charge(session, house).id, charge(session, house).id
    case_id = _opened(house.customer.id, house.subscription.id, second, people["manager"])
    work = collect()
    decided_case, decision_id = decided(house, (MoneyLine(charge_id, 47_880),), verdict=owed_pro_rata())
    while run_batch(work):
        pass
    with transaction() as session:
        run_id = _uploaded(session, people["manager"])
        ids: dict[str, int | str] = {
            "case_id": case_id,
            "decision_id": decision_id,
            "attachment_id": _last(session, Attachment.id),
            "mail_id": _last(session, OutgoingMail.id),
            "letter_id": _last(session, Letter.id),
            "intent_id": _last(session, RefundIntent.id),
            "contact_id": _last(session, ContactPoint.id),
            "customer_id": house.customer.id,
            "subscription_id": house.subscription.id,
            "person_id": spare.id,
            "team_id": team.id,
            "run_id": run_id,
            "token": "x",
            "place": f"case-{decided_case}-reply",
        }
    return World(people, ids)


def _opened(customer_id: int, subscription_id: int, charge_id: int, owner: Person) -> int:
    """A case with the customer's mail, a file and a reply that left."""
    with transaction() as session:
        digest = blobs.put(session, b"%PDF-1.4 proof", "application/pdf", now=NOW)
        file = NewAttachment(digest, "preuve.pdf", "application/pdf", 14)
        command = OpenCase(
            kind="refund",
            channel="mail",
            said="Bonjour, je souhaite être remboursée.",
            cause_code="unexpected_renewal",
            customer_id=customer_id,
            subscription_id=subscription_id,
            charge_id=charge_id,
            attachments=(file,),
        )
        actor, now = actor_of(owner), clock.now()
        case_id = opening.open_case(session, command, actor=actor, now=now)
        reply = RecordExchange(case_id, "mail", False, "Nous revenons vers vous.", happened_at=now)
        exchanging.record_exchange(session, reply, actor=actor, now=now)
    return case_id


def _uploaded(session: Session, person: Person) -> int:
    """An import that nobody has started yet."""
    mapping = 'kind = "customers"\nsource = "old"\n[fields]\nreference = "id"\nname = "name"\n'
    new = NewImport("customers", "old", "clients.csv", b"id;name\n1;Ana\n", mapping, {})
    return imports.upload(session, new, person_id=person.id, now=NOW).id


def _last(session: Session, column: object) -> int:
    found = session.scalar(select(func.max(column)))  # type: ignore[call-overload]
    assert found is not None, f"the world has no {column}"
    return int(found)
