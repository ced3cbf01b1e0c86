"""Customers and contracts: found by what one has, changed without losing anything, erased for good."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select, text

from casedesk.accounts.actor import not_a_person
from casedesk.customers import actions, queries
from casedesk.customers.commands import RecordDisclosure
from casedesk.customers.folding import key, phone_key
from casedesk.customers.models import Consent, ContactPoint, Customer, Disclosure, Period, Subscription
from casedesk.kernel.errors import InvalidInput
from casedesk.ledger.models import Charge
from casedesk.store.db import db
from casedesk.store.models import Entry, EntryText, OutboxRow
from casedesk.store.transaction import transaction
from tests.factories import (
    NOW,
    a_customer,
    a_person,
    a_plan,
    a_subscription,
    actor_of,
    an_entity,
    send,
    sign_in,
    stored,
    terms,
)

SYSTEM = not_a_person("system")


def _fields(**other: object) -> dict[str, object]:
    return {
        "name": "Aïcha N'Diaye",
        "kind": "consumer",
        "locale": "fr",
        "country": "FR",
        "time_zone": "Europe/Paris",
        "mail": "aicha@courrier.example",
        "phone": "+33 6 39 98 41 07",
    } | other


@pytest.mark.parametrize(
    ("typed", "by"),
    [
        ("Eleonore.V@Courrier.example", "mail"),
        ("eleonore.v@", "mail"),
        ("éléonore van", "name"),
        ("ELEONORE  VANDENBROUCKE", "name"),
        ("c-77", "reference"),
        ("S-118203", "subscription"),
        ("s-118203", "subscription"),
        ("CH-9", "charge"),
        ("06 39 98 41 07", "phone"),
    ],
)
def test_a_customer_is_found_by_whatever_one_has(app: Flask, typed: str, by: str) -> None:
    customer = a_customer("eleonore.v@courrier.example", reference="C-77")
    stored(
        ContactPoint(
            customer_id=customer.id, kind="phone", value="0639984107", value_key=phone_key("0639984107")
        )
    )
    a_customer("other@courrier.example", name="Zoé Martin")
    contract = a_subscription(customer, reference="S-118203")
    charge = stored(
        Charge(
            reference="CH-9",
            entity_id=contract.entity_id,
            customer_id=customer.id,
            subscription_id=contract.id,
            amount_minor=47880,
            currency="EUR",
            captured_at=NOW,
        )
    )
    (hit,) = queries.find(db.session(), typed, 10)
    assert (hit.id, hit.by, hit.mail) == (customer.id, by, "eleonore.v@courrier.example")
    assert hit.subscription_id == (contract.id if by in ("subscription", "charge") else None)
    assert hit.charge_id == (charge.id if by == "charge" else None)


@pytest.mark.parametrize(
    "typed", ["", "a", "%", "%%%", "_______", "\\", "'; --", "x" * 5000, "\U0010ffff\U0010ffff", "@", "@@"]
)
def test_a_search_for_nothing_or_nonsense_finds_nobody(app: Flask, typed: str) -> None:
    a_customer()
    assert queries.find(db.session(), typed, 10) == []


def test_a_customer_with_two_addresses_is_found_once_and_shown_with_the_preferred_one(app: Flask) -> None:
    customer = a_customer("first@courrier.example")
    stored(
        ContactPoint(
            customer_id=customer.id, kind="mail", value="b@courrier.example", value_key="b@courrier.example"
        )
    )
    (hit,) = queries.find(db.session(), customer.reference, 10)
    assert hit.mail == "first@courrier.example"


def test_looking_for_a_name_or_address_reads_an_index(app: Flask, is_postgresql: bool) -> None:
    said: list[tuple[str, object]] = []
    listen = lambda conn, cur, sql, params, *_: said.append((sql, params))  # noqa: E731
    event.listen(db.engine, "before_cursor_execute", listen)
    queries.find(db.session(), "vanden", 10)
    queries.find(db.session(), "a@courrier.example", 10)
    event.remove(db.engine, "before_cursor_execute", listen)
    looks = [one for one in said if "customer_words" in one[0] or "value_key" in one[0]]
    assert len(looks) == 2
    with db.engine.connect() as connection:
        if is_postgresql:
            connection.execute(text("SET enable_seqscan = off"))
        for sql, params in looks:
            plan = connection.exec_driver_sql(
                ("EXPLAIN " if is_postgresql else "EXPLAIN QUERY PLAN ") + sql, params
            )
            said_plan = " ".join(str(row) for row in plan)
            assert "Index Cond" in said_plan or "USING" in said_plan, said_plan
            assert ("ix_customer_words_word" in said_plan) or ("ix_contact_points_value_key" in said_plan)


def test_an_agent_adds_a_customer_who_is_then_found(client: FlaskClient, app: Flask) -> None:
    sign_in(client, a_person())
    answer = send(client, "/customers", _fields())
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"]).text
    assert "Aïcha N&#39;Diaye" in page
    assert "+33 6 39 98 41 07" in page
    assert "Aïcha" in client.get("/customers?q=aicha").text
    assert db.session.scalars(select(Customer.reference)).one() == "C-0000001"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": " \t "}, "Type the name of the customer."),
        ({"mail": "aicha"}, "Type a whole mail address"),
        ({"phone": "12"}, "phone number with 6 to 18 digits"),
        ({"country": "XX"}, "Choose one of the list."),
        ({"employees": "many"}, "Not a valid integer"),
        ({"employees": "9" * 30}, "too large"),
        ({"name": "n" * 201}, "200"),
    ],
)
def test_a_customer_that_cannot_be_stored_is_refused_and_what_was_typed_stays(
    client: FlaskClient, app: Flask, fields: dict[str, str], sentence: str
) -> None:
    sign_in(client, a_person())
    answer = send(client, "/customers", _fields(city="Lille <b>", **fields))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Lille &lt;b&gt;" in answer.text
    assert db.session.scalar(select(func.count()).select_from(Customer)) == 0


def test_a_stale_change_is_refused_with_what_is_stored_now(client: FlaskClient, app: Flask) -> None:
    customer = a_customer()
    sign_in(client, a_person())
    url = f"/customers/{customer.id}"
    assert send(client, url, _fields(city="Roubaix", version=1)).status_code == 303
    second = send(client, url, _fields(city="Tourcoing", version=1))
    assert second.status_code == 409
    assert "Roubaix" in second.text
    assert 'value="Tourcoing"' in second.text
    assert send(client, url, _fields(city="Tourcoing", version=2)).status_code == 303


def test_a_change_is_on_the_customers_record_with_the_personal_part_apart(
    client: FlaskClient, app: Flask
) -> None:
    customer = a_customer()
    sign_in(client, a_person())
    send(client, f"/customers/{customer.id}", _fields(city="Roubaix", country="BE", version=1))
    entry = db.session.scalars(select(Entry).where(Entry.kind == "customer.changed")).one()
    assert entry.body == {"changes": {"country": ["FR", "BE"]}}
    assert db.session.get_one(EntryText, entry.id).text["changes"]["city"] == ["Lille", "Roubaix"]


def test_contact_points_are_added_once_and_removed(client: FlaskClient, app: Flask) -> None:
    customer = a_customer("a@courrier.example")
    sign_in(client, a_person())
    url = f"/customers/{customer.id}/contacts"
    assert (
        send(client, url, {"kind": "mail", "value": "B@courrier.example", "preferred": "y"}).status_code
        == 303
    )
    known = send(client, url, {"kind": "mail", "value": "b@Courrier.example"})
    assert known.status_code == 422
    assert "known already" in known.text
    points = {p.value: (p.id, p.preferred) for p in db.session.scalars(select(ContactPoint))}
    first = points["a@courrier.example"][0]
    assert (points["a@courrier.example"][1], points["B@courrier.example"][1]) == (False, True)
    other = a_customer()
    foreign = f"/customers/{other.id}/contacts/{first}/removal"
    assert send(client, foreign).status_code == 404
    assert send(client, f"{url}/{first}/removal").status_code == 303
    assert client.get(f"/customers/{customer.id}").text.count("@courrier.example") >= 1
    assert db.session.scalars(
        select(ContactPoint.value).where(ContactPoint.customer_id == customer.id)
    ).all() == ["B@courrier.example"]


def test_the_newest_word_on_a_purpose_is_the_consent_in_force(client: FlaskClient, app: Flask) -> None:
    customer = a_customer()
    sign_in(client, a_person())
    for given in ("yes", "no"):
        send(
            client,
            f"/customers/{customer.id}/consents",
            {"purpose": "marketing_mail", "given": given, "source": "mail of 12 Nov"},
        )
    assert db.session.scalar(select(func.count()).select_from(Consent)) == 2
    (line,) = queries.customer(db.session(), customer.id).consents
    assert (line.purpose, line.given, line.source) == ("marketing_mail", False, "mail of 12 Nov")


def test_a_contract_shows_terms_in_force_history_periods_and_every_disclosure(
    client: FlaskClient, app: Flask
) -> None:
    entity = an_entity()
    old, new = (
        terms(entity, code="2024-03"),
        terms(entity, code="2026-01", valid_from=date(2026, 1, 1), refund_window_days=None),
    )
    contract = a_subscription(plan=a_plan(entity), accepted=old)
    stored(
        Period(
            subscription_id=contract.id,
            starts_on=date(2026, 10, 12),
            ends_on=date(2027, 10, 12),
            price_minor=47880,
        )
    )
    sign_in(client, a_person())
    page = client.get(f"/subscriptions/{contract.id}").text
    for said in (
        "2024-03",
        "2026-01",
        "accepted",
        "14 days",
        "12 months",
        "Tue 12 Oct 2027",
        "478.80",
        "Visa 4417",
        "facebook",
    ):
        assert said in page, said
    assert page.count("not known") >= 8
    assert new.id != old.id


def test_a_disclosure_is_given_at_a_moment_or_known_never_to_have_been(
    client: FlaskClient, app: Flask
) -> None:
    contract = a_subscription()
    sign_in(client, a_person())
    url = f"/subscriptions/{contract.id}/disclosures"
    given = {
        "kind": "renewal_reminder",
        "when": "given",
        "given_at": "2026-08-28T09:12",
        "medium": "dedicated_without_box",
        "source": "mail log",
    }
    assert send(client, url, given).status_code == 303
    assert (
        send(client, url, {"kind": "confirmation", "when": "never", "source": "register"}).status_code == 303
    )
    newest = queries.subscription(db.session(), contract.id).newest
    assert newest["renewal_reminder"].given_at == datetime(2026, 8, 28, 7, 12, tzinfo=UTC)
    assert newest["confirmation"].never
    assert newest["withdrawal_information"] is None


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"when": ""}, "one of the two"),
        ({"given_at": ""}, "one of the two"),
        ({"given_at": "2026-02-31T10:00"}, "February 2026 has 28 days"),
        ({"given_at": "2026-03-29T02:30"}, "the clocks go forward"),
        ({"given_at": "yesterday"}, "is not a date with an hour"),
        ({"given_at": "2099-01-01T10:00"}, "This is in the future"),
        ({"medium": "newsletter"}, "from the list"),
        ({"source": ""}, "Say where this is known from"),
        ({"kind": "oracle"}, "Choose one of the list."),
    ],
)
def test_a_disclosure_that_cannot_be_is_refused_with_a_sentence(
    client: FlaskClient, app: Flask, fields: dict[str, str], sentence: str
) -> None:
    contract = a_subscription()
    sign_in(client, a_person())
    whole = {
        "kind": "confirmation",
        "when": "given",
        "given_at": "2026-08-28T09:12",
        "medium": "mail",
        "source": "log",
    }
    answer = send(client, f"/subscriptions/{contract.id}/disclosures", whole | fields)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert db.session.scalar(select(func.count()).select_from(Disclosure)) == 0


def test_never_and_a_moment_together_are_refused(app: Flask) -> None:
    contract = a_subscription()
    command = RecordDisclosure(contract.id, "confirmation", "log", given_at=NOW, never=True)
    with transaction() as session, pytest.raises(InvalidInput, match=r"disclosure\.when"):
        actions.record_disclosure(session, command, actor=SYSTEM, now=NOW)


@pytest.mark.parametrize(
    ("at_period_end", "asked", "last", "state"),
    [
        (False, None, date(2026, 11, 24), "ended"),
        (True, None, date(2027, 10, 12), "ending"),
        (False, date(2026, 12, 31), date(2026, 12, 31), "ending"),
    ],
)
def test_a_contract_ends_now_on_a_day_or_with_the_paid_period(
    app: Flask, at_period_end: bool, asked: date | None, last: date, state: str
) -> None:
    contract = a_subscription()
    stored(
        Period(
            subscription_id=contract.id,
            starts_on=date(2026, 10, 12),
            ends_on=date(2027, 10, 12),
            price_minor=47880,
        )
    )
    actor = actor_of(a_person())
    with transaction() as session:
        actions.end_subscription(
            session, contract.id, at_period_end=at_period_end, ends_on=asked, actor=actor, now=NOW
        )
    row = db.session.get_one(Subscription, contract.id)
    assert (row.ends_on, row.state) == (last, state)


def test_the_last_day_of_a_contract_is_counted_where_the_customer_lives(app: Flask) -> None:
    contract = a_subscription(a_customer(time_zone="Pacific/Auckland"))
    with transaction() as session:
        actions.end_subscription(
            session,
            contract.id,
            actor=SYSTEM,
            now=datetime(2026, 11, 24, 20, tzinfo=UTC),
        )
    assert db.session.get_one(Subscription, contract.id).ends_on == date(2026, 11, 25)


def test_an_administrator_erases_a_customer_and_nothing_says_who_it_was(
    client: FlaskClient, app: Flask
) -> None:
    customer = a_customer("eleonore.v@courrier.example")
    a_subscription(customer)
    agent = sign_in(app.test_client(), a_person())
    send(agent, f"/customers/{customer.id}", _fields(name="Éléonore V", city="Roubaix", version=1))
    sign_in(client, a_person("administrator"))
    unsure = send(client, f"/customers/{customer.id}/erasure")
    assert unsure.status_code == 422
    assert send(client, f"/customers/{customer.id}/erasure", {"sure": "y"}).status_code == 303
    row = db.session.get_one(Customer, customer.id)
    assert (row.name, row.name_key, row.city, row.address) == ("", "", "", "")
    assert row.erased_at is not None
    assert db.session.scalar(select(func.count()).select_from(ContactPoint)) == 0
    assert db.session.scalars(select(Subscription.payment_last4)).one() == ""
    assert queries.find(db.session(), "eleonore.v@courrier.example", 5) == []
    left = [str(t.text) for t in db.session.scalars(select(EntryText))]
    assert not [t for t in left if "Éléonore" in t or "Roubaix" in t]
    assert "customer.erased" in db.session.scalars(select(OutboxRow.kind)).all()
    page = client.get(f"/customers/{customer.id}").text
    assert "Erased customer" in page
    assert send(agent, f"/customers/{customer.id}", _fields(version=9)).status_code == 422


def test_a_legal_hold_stops_an_erasure(client: FlaskClient, app: Flask) -> None:
    customer = a_customer(legal_hold=True)
    sign_in(client, a_person("administrator"))
    answer = send(client, f"/customers/{customer.id}/erasure", {"sure": "y"})
    assert answer.status_code == 422
    assert "legal hold" in answer.text
    assert db.session.get_one(Customer, customer.id).name == customer.name


def test_pages_of_customers_keep_to_their_budget_of_queries(client: FlaskClient, app: Flask) -> None:
    customer = a_customer()
    contract = a_subscription(customer)
    sign_in(client, a_person("manager"))
    counts = {}
    for url in ("/customers?q=eleonore", f"/customers/{customer.id}", f"/subscriptions/{contract.id}"):
        said: list[str] = []
        listen = lambda conn, cur, sql, *_: said.append(sql)  # noqa: E731, B023
        event.listen(db.engine, "before_cursor_execute", listen)
        assert client.get(url).status_code == 200
        event.remove(db.engine, "before_cursor_execute", listen)
        counts[url] = len(said)
    assert counts["/customers?q=eleonore"] <= 8, counts
    assert max(counts.values()) <= 10, counts


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Éléonore LEFÈVRE", "eleonore  lefevre"),
        ("STRASSE", "straße"),
        ("ﬁn", "fin"),
        ("İpek", "ipek"),
        ("Ångström", "Ångström"),
    ],
)
def test_two_spellings_of_one_name_have_one_key(one: str, other: str) -> None:
    assert key(one) == key(other)


def test_a_kind_that_is_not_known_stays_so_until_somebody_chooses_it(client: FlaskClient, app: Flask) -> None:
    customer = a_customer(kind_known=False)
    sign_in(client, a_person())
    url = f"/customers/{customer.id}"
    form = client.get(f"{url}/edit").text
    offered = form[form.index('name="kind"') :]
    assert offered.index('<option selected value=""') < offered.index('value="consumer"')
    assert send(client, url, _fields(kind="", city="Roubaix", version=1)).status_code == 303
    db.session.expire_all()
    again = db.session.get_one(Customer, customer.id)
    assert (again.city, again.kind_known) == ("Roubaix", False)
    assert (
        send(client, url, _fields(kind="business", city="Roubaix", version=again.version)).status_code == 303
    )
    db.session.expire_all()
    again = db.session.get_one(Customer, customer.id)
    assert (again.kind, again.kind_known) == ("business", True)
    assert send(client, url, _fields(kind="", version=again.version)).status_code == 422
