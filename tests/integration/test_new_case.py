"""New case: find the customer, see the verdict while one types, log it in one commit, lose nothing."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from casedesk.accounts.models import Person
from casedesk.cases.models import Case, SuppliedFact
from casedesk.customers.models import ContactPoint, Subscription
from casedesk.ledger.models import Charge
from casedesk.rulebook import packs
from casedesk.store import clock
from casedesk.store.db import db
from casedesk.store.models import Draft, EntryText
from casedesk.store.transaction import transaction
from tests.case_builders import a_cause
from tests.factories import NOW, a_customer, a_person, send, sign_in
from tests.integration.house import House, charge, furnish


@pytest.fixture
def house(app: Flask, monkeypatch: pytest.MonkeyPatch) -> House:
    """Éléonore, whose contract was concluded online thirteen days ago: the right to withdraw still runs."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    a_cause("changed_mind", label_en="Changed mind", label_fr="A changé d’avis")
    with transaction() as session:
        packs.publish_shipped(session, now=NOW)
    house = furnish()
    with transaction() as session:
        contract = session.get_one(Subscription, house.subscription.id)
        contract.channel, contract.concluded_at = "online", NOW.replace(day=11)
    with transaction() as session:
        charge(session, house)
    return house


@pytest.fixture
def me(house: House) -> Person:
    return a_person("agent", name="Inès Belkacem")


@pytest.fixture
def desk(app: Flask, me: Person) -> FlaskClient:
    return sign_in(app.test_client(), me)


def typed(house: House, **other: str) -> dict[str, str]:
    """What an agent has typed of a phone call."""
    return {
        "customer_id": str(house.customer.id),
        "subscription_id": str(house.subscription.id),
        "kind": "refund",
        "channel": "phone",
        "said": "A changé d’avis, veut récupérer son argent.",
        "cause": "changed_mind",
        "claimed": "478.80",
        **other,
    }


@pytest.mark.parametrize("by", ["mail", "name", "contract", "charge"])
def test_a_customer_is_found_by_mail_name_contract_or_charge(
    desk: FlaskClient, house: House, by: str
) -> None:
    texts = {
        "mail": _mail_of(house),
        "name": "eleonore vanden",
        "contract": house.subscription.reference,
        "charge": _charge_reference(),
    }
    text = texts[by]
    hits = desk.get("/cases/new/lookup", query_string={"who": text}).text
    assert "Éléonore Vandenbroucke-Lefèvre" in hits
    assert f'value="{house.customer.id}:' in hits
    page = send(desk, "/cases/new", {"find": "1", "who": text, "said": "Typed before the search."})
    assert page.status_code == 200
    assert "Éléonore Vandenbroucke-Lefèvre" in page.text
    assert "Typed before the search.</textarea>" in page.text


def _mail_of(house: House) -> str:
    return db.session.scalars(
        select(ContactPoint.value).where(ContactPoint.customer_id == house.customer.id)
    ).one()


def _charge_reference() -> str:
    return db.session.scalars(select(Charge.reference)).first() or ""


def test_a_picked_customer_brings_contract_charge_and_amount(desk: FlaskClient, house: House) -> None:
    page = send(desk, "/cases/new", {"pick": f"{house.customer.id}::", "said": "Kept."}).text
    assert re.search(rf'name="subscription_id" value="{house.subscription.id}" checked', page)
    assert 'value="478.80"' in page
    assert "Kept.</textarea>" in page
    assert 'id="new-verdict"' in page


def test_the_verdict_follows_what_is_typed_and_asks_with_amounts(desk: FlaskClient, house: House) -> None:
    panel = send(desk, "/cases/new/verdict", typed(house)).text
    asked = re.findall(r'name="fact_(\w+)"', panel)
    assert asked, panel
    assert "FR-WD" in panel
    assert db.session.scalar(select(func.count(Case.id))) == 0
    other = send(desk, "/cases/new/verdict", typed(house, kind="cancellation")).text
    assert other != panel


def test_without_a_contract_the_panel_says_what_to_do(desk: FlaskClient) -> None:
    panel = send(desk, "/cases/new/verdict", {"kind": "refund", "said": "x"}).text
    assert "Find the customer and choose the contract" in panel


def test_a_case_is_logged_with_its_facts_and_verdict(desk: FlaskClient, house: House, me: Person) -> None:
    answer = send(desk, "/cases/new", typed(house, fact_withdrawal_information_given_at="never"))
    assert answer.status_code == 303
    case = db.session.scalars(select(Case)).one()
    assert answer.headers["Location"].endswith(f"/cases/{case.id}")
    assert (case.kind, case.owner_id, case.claimed_minor, case.channel) == ("refund", me.id, 47_880, "phone")
    assert case.verdict_outcome is not None
    fact = db.session.scalars(select(SuppliedFact)).one()
    assert (fact.name, fact.state, fact.source) == ("withdrawal_information_given_at", "never", "statement")
    page = desk.get(answer.headers["Location"]).text
    assert "Case logged." in page
    assert "veut récupérer son argent" in page


def test_create_and_decide_goes_on_to_the_decision(desk: FlaskClient, house: House) -> None:
    answer = send(desk, "/cases/new", typed(house, then="decide"))
    assert answer.headers["Location"].endswith("/decision")


def test_an_open_case_that_looks_alike_is_shown_before(desk: FlaskClient, house: House) -> None:
    send(desk, "/cases/new", typed(house))
    page = desk.get(f"/cases/new?customer={house.customer.id}").text
    number = db.session.scalars(select(Case.number)).one()
    assert "An open case looks alike:" in page
    assert number is not None
    assert number in page
    assert "same contract" in page


def test_an_unknown_customer_is_logged_under_the_name_given(desk: FlaskClient, house: House) -> None:
    sent = {
        "kind": "dispute",
        "channel": "letter",
        "said": "Wants an answer.",
        "claimed_name": "Zoë Peeters",
        "claimed_contact": "zoe@boite.example",
    }
    answer = send(desk, "/cases/new", sent)
    assert answer.status_code == 303
    page = desk.get(answer.headers["Location"]).text
    assert "Zoë Peeters" in page
    assert "Not matched to a customer yet." in page


def test_nobody_at_all_is_refused_with_a_sentence(desk: FlaskClient, house: House) -> None:
    answer = send(desk, "/cases/new", {"kind": "refund", "channel": "phone", "said": "Who was it?"})
    assert answer.status_code == 422
    assert "Say who it is" in answer.text
    assert "Who was it?</textarea>" in answer.text


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("said", "  ", "Write what the customer said."),
        ("claimed", "a lot", "is not an amount"),
        ("claimed", "10.001", "EUR has 2 decimals"),
        ("claimed", "9" * 40, "more than the desk can book"),
        ("claimed", "-5", "without a sign"),
        ("said_at", "2026-02-30T10:00", "February 2026 has 28 days"),
        ("said_at", "2027-01-01T10:00", "This was said in the future"),
        ("kind", "gift", "Choose one of the list"),
        ("cause", "no_such_cause", "Choose one of the list"),
        ("priority", "9", "Choose one of the list"),
        ("fact_withdrawal_information_given_at", "yesterday", "is not a date"),
        ("fact_no_such_fact", "1", "No rule reads a fact of this name"),
    ],
)
def test_bad_input_is_said_and_nothing_typed_is_lost(
    desk: FlaskClient, house: House, field: str, value: str, said: str
) -> None:
    answer = send(desk, "/cases/new", typed(house, **{field: value}))
    assert answer.status_code == 422
    assert said in answer.text
    if field != "said":
        assert "veut récupérer son argent.</textarea>" in answer.text
    assert db.session.scalar(select(func.count(Case.id))) == 0


def test_somebody_elses_contract_is_never_taken(desk: FlaskClient, house: House) -> None:
    stranger = a_customer(name="Théo Nguyên")
    answer = send(desk, "/cases/new", typed(house, customer_id=str(stranger.id)))
    assert answer.status_code == 303
    case = db.session.scalars(select(Case)).one()
    assert (case.customer_id, case.subscription_id, case.charge_id) == (stranger.id, None, None)


def test_a_customer_who_is_gone_is_no_error_of_ours(desk: FlaskClient, house: House) -> None:
    answer = send(desk, "/cases/new", typed(house, customer_id="987654321"))
    assert answer.status_code == 422
    assert "Say who it is" in answer.text


def test_the_draft_of_a_new_case_comes_back_and_can_be_discarded(
    desk: FlaskClient, house: House, me: Person
) -> None:
    assert send(desk, "/drafts/case-new", typed(house, said="Half a sent")).status_code == 200
    page = desk.get("/cases/new").text
    assert "Half a sent</textarea>" in page
    assert "Éléonore Vandenbroucke-Lefèvre" in page
    assert send(desk, "/cases/new", {"discard": "1"}).status_code == 303
    assert "Half a sent" not in desk.get("/cases/new").text
    send(desk, "/drafts/case-new", typed(house))
    send(desk, "/cases/new", typed(house))
    assert db.session.scalars(select(Draft)).all() == []


def test_a_double_submit_logs_one_case(desk: FlaskClient, house: House) -> None:
    sent = typed(house, once="one-token")
    places = {send(desk, "/cases/new", sent).headers["Location"] for _ in range(2)}
    assert len(places) == 1
    assert db.session.scalar(select(func.count(Case.id))) == 1


def test_what_was_said_is_personal_text_not_a_code(desk: FlaskClient, house: House) -> None:
    send(desk, "/cases/new", typed(house, said="<b>Mon numéro</b> est 06\x00 12"))
    texts = [text["said"] for text in db.session.scalars(select(EntryText.text)) if "said" in text]
    assert texts == ["<b>Mon numéro</b> est 06 12"]


def test_the_page_reads_in_french(app: Flask, house: House) -> None:
    page = (
        sign_in(app.test_client(), a_person("agent", locale="fr"))
        .get(f"/cases/new?customer={house.customer.id}")
        .text
    )
    for shown in (
        "Nouveau dossier",
        "Sur quel contrat",
        "Ce que le client a dit",
        "478,80",
        "Créer et décider",
    ):
        assert shown in page, shown


def test_a_mediator_logs_no_cases(app: Flask, house: House) -> None:
    client = sign_in(app.test_client(), a_person("mediator"))
    assert client.get("/cases/new").status_code == 403
