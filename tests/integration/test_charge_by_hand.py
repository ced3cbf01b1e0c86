"""A contract made by hand has no charge until somebody who may import money enters what was captured; then refunds run."""

from flask import Flask
from sqlalchemy import func, select

from casedesk.ledger import actions as ledger
from casedesk.ledger import queries
from casedesk.ledger.models import Charge, LedgerEntry
from casedesk.store.db import db
from casedesk.store.models import Entry, OutboxRow
from casedesk.store.transaction import transaction
from tests.factories import NOW, a_person, send, sign_in
from tests.integration.house import House, furnish

TYPED = {
    "amount": "478,80",
    "currency": "EUR",
    "captured_at": "2026-03-02T10:00",
    "reference": "ch_3PqA17",
    "network": "sepa",
    "tax": "79,80",
    "period_starts_on": "2026-03-02",
    "period_ends_on": "2027-03-02",
    "description": "Intégrale, 12 mois",
}


def _url(house: House) -> str:
    return f"/subscriptions/{house.subscription.id}/charges/new"


def test_a_charge_is_entered_and_can_be_given_back(app: Flask) -> None:
    house = furnish()
    manager = sign_in(app.test_client(), a_person("manager"))
    contract = f"/subscriptions/{house.subscription.id}"
    assert _url(house) in manager.get(contract).text
    assert '<option selected value="EUR">' in manager.get(_url(house)).text
    assert send(manager, _url(house), TYPED).status_code == 303
    db.session.rollback()
    line = queries.charges_of_subscription(db.session(), house.subscription.id)[0]
    assert (line.reference, line.amount_minor, line.tax_minor, line.refundable) == (
        "ch_3PqA17",
        47_880,
        7_980,
        47_880,
    )
    charge = db.session().scalars(select(Charge)).one()
    assert (charge.customer_id, charge.entity_id, charge.network) == (
        house.customer.id,
        house.entity.id,
        "sepa",
    )
    assert "ch_3PqA17" in manager.get(contract).text
    assert "Charge ch_3PqA17 of" in manager.get("/people/audit").text
    told = select(func.count()).where(Entry.subject_kind == "desk", Entry.kind == "charge.entered")
    assert db.session().scalar(told) == 1
    judged = select(func.count()).where(OutboxRow.key == f"charged-{charge.id}")
    assert db.session().scalar(judged) == 1, "live cases of the contract are judged anew"
    with transaction() as session:
        ledger.reserve(session, charge.id, 47_880, key="r", case_id=None, now=NOW)
        ledger.refund(session, charge.id, 47_880, key="f", case_id=None, now=NOW)
    db.session.rollback()
    assert queries.refundable(db.session(), charge.id) == 0
    assert queries.compare_balances(db.session()) == []


def test_what_cannot_be_is_refused_and_what_was_typed_stays(app: Flask) -> None:
    house = furnish()
    client = sign_in(app.test_client(), a_person("administrator"))
    for change, sentence in (
        ({"amount": ""}, "amount that was captured"),
        ({"amount": "0"}, "above zero"),
        ({"amount": "-3"}, ""),
        ({"amount": "9" * 30}, ""),
        ({"currency": "JPY"}, ""),
        ({"currency": "XXX"}, "one of the list"),
        ({"captured_at": "2099-01-01T10:00"}, "in the future"),
        ({"captured_at": "2026-02-31T10:00"}, "does not exist"),
        ({"reference": ""}, "number at the payment provider"),
        ({"tax": "478,81"}, "never more than it"),
        ({"period_ends_on": ""}, "both days"),
        ({"period_ends_on": "2026-03-02"}, "both days"),
        ({"network": "beads"}, "one of the list"),
    ):
        answer = send(client, _url(house), TYPED | change)
        assert (answer.status_code, sentence in answer.text) == (422, True), change
        if "description" not in change:
            assert "Intégrale, 12 mois" in answer.text
    assert db.session().scalar(select(func.count()).select_from(LedgerEntry)) == 0
    assert send(client, _url(house), TYPED).status_code == 303
    again = send(client, _url(house), TYPED | {"amount": "10,00"})
    assert (again.status_code, "already" in again.text) == (422, True)
    db.session.rollback()
    assert db.session().scalar(select(func.count()).select_from(Charge)) == 1


def test_agents_and_mediators_enter_no_money(app: Flask) -> None:
    house = furnish()
    for role in ("agent", "mediator"):
        client = sign_in(app.test_client(), a_person(role))
        assert client.get(_url(house)).status_code == 403
        assert send(client, _url(house), TYPED).status_code == 403
    agent = sign_in(app.test_client(), a_person("agent"))
    assert "/charges/new" not in agent.get(f"/subscriptions/{house.subscription.id}").text
    assert db.session().scalar(select(func.count()).select_from(Charge)) == 0
