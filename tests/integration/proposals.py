"""A house with a case that can be decided, and decisions proposed on it: what pages of decisions are tested with."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event, select

from casedesk.accounts.models import Person
from casedesk.cases import commands as c
from casedesk.cases.actions import deciding, opening
from casedesk.cases.models import Case, Decision
from casedesk.ledger.models import ChargeBalance
from casedesk.store.clock import now
from casedesk.store.db import db
from casedesk.store.transaction import transaction
from tests.factories import actor_of
from tests.integration.house import House, charge


def paid(house: House, minor: int = 47_880) -> int:
    """A captured charge of the house's customer."""
    with transaction() as session:
        return charge(session, house, minor).id


def logged(house: House, person: Person, **other: Any) -> int:
    """A refund case of the house's customer, logged by `person`."""
    command = c.OpenCase(
        kind="refund",
        channel="mail",
        said="Bonjour, je souhaite être remboursée.",
        cause_code=None,
        customer_id=house.customer.id,
        subscription_id=house.subscription.id,
    )
    with transaction() as session:
        return opening.open_case(session, replace(command, **other), actor=actor_of(person), now=now())


def proposed(person: Person, case_id: int, charge_id: int, minor: int, **other: Any) -> int:
    """A decision of `person` that pays `minor` on the charge; its id."""
    command = c.ProposeDecision(
        case_id,
        the(case_id).version,
        (c.MoneyLine(charge_id, minor),),
        reason_code="goodwill",
        reason_text="Jamais venue depuis juillet.",
    )
    with transaction() as session:
        return deciding.propose_decision(
            session, replace(command, **other), actor=actor_of(person), now=now()
        ).id


def the(case_id: int) -> Case:
    fresh()
    return db.session.get_one(Case, case_id)


def decisions_of(case_id: int) -> list[Decision]:
    fresh()
    return list(db.session.scalars(select(Decision).where(Decision.case_id == case_id).order_by(Decision.n)))


def reserved(charge_id: int) -> int:
    fresh()
    return db.session.get_one(ChargeBalance, charge_id).reserved


def fresh() -> None:
    db.session.rollback()
    db.session.expire_all()


def hidden(page: str, name: str) -> str:
    """The value of a hidden field of the page."""
    tag = next(part for part in page.split("<input")[1:] if f'name="{name}"' in part.split(">")[0])
    return tag.split('value="')[1].split('"')[0]


def seen(client: FlaskClient, url: str) -> dict[str, str]:
    """What a form of the page at `url` carries back: which state was looked at."""
    page = client.get(url).text
    return {"version": hidden(page, "version"), "seen": hidden(page, "seen")}


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement that the database is sent meanwhile."""
    said: list[str] = []

    def listen(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            said.append(statement)

    event.listen(db.engine, "before_cursor_execute", listen)
    try:
        yield said
    finally:
        event.remove(db.engine, "before_cursor_execute", listen)
