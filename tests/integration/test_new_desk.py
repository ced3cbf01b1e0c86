"""A desk without demo data: migrate, add a person, and log the first case; every step is a page or a command."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from casedesk.cases.models import Case, Cause
from casedesk.cli import main
from casedesk.customers.actions import add_subscription
from casedesk.customers.commands import AddSubscription
from casedesk.customers.models import Customer, Entity, Plan, Subscription, Terms
from casedesk.kernel.errors import InvalidInput
from casedesk.store.db import db
from casedesk.store.models import Entry
from casedesk.store.transaction import transaction
from tests.factories import NOW, a_person, actor_of, send, sign_in
from tests.integration.house import furnish

BUSINESS = {
    "name": "Cimes",
    "code": "cimes-fr",
    "address": "14, rue des Tanneurs\n59000 Lille",
    "country": "FR",
    "locale": "fr",
    "time_zone": "Europe/Paris",
    "currency": "EUR",
    "case_prefix": "CD",
    "sender_mail": "service@cimes.example",
}


def only(model: type) -> object:
    db.session.rollback()
    return db.session().scalars(select(model)).one()


def test_a_new_desk_has_causes_after_migrate_and_keeps_its_own_later(tmp_path: Path) -> None:
    env = {"CASEDESK_DATA": str(tmp_path), "DATABASE_URL": ""}
    for _ in range(2):
        done = CliRunner().invoke(main, ["migrate"], env=env)
        assert done.exit_code == 0, done.output
    from casedesk.app import create_app
    from casedesk.config import Settings

    app = create_app(Settings.from_environment(env))
    with app.app_context():
        codes = set(db.session().scalars(select(Cause.code)))
        db.session.remove()
        db.engine.dispose()
    assert {"unclear_terms", "unexpected_fee", "service_not_rendered"} <= codes
    assert len(codes) == 13


def test_a_business_its_plan_terms_a_customer_a_contract_and_a_first_case(app: Flask) -> None:
    admin = sign_in(app.test_client(), a_person("administrator"))
    assert "comes first" in admin.get("/plans/new").text or "come first" in admin.get("/plans/new").text
    assert send(admin, "/businesses/new", BUSINESS).status_code == 303
    business = only(Entity)
    assert (business.legal_name, business.mediator_body) == ("Cimes", {})
    plan = {
        "entity_id": business.id,
        "name": "Intégrale, 12 mois",
        "code": "integrale",
        "contract_kind": "service",
        "category": "other",
        "interval_months": "12",
        "price": "478,80",
    }
    assert send(admin, "/plans/new", plan).status_code == 303
    assert (only(Plan).price_minor, only(Plan).currency) == (47_880, "EUR")
    terms = {
        "entity_id": business.id,
        "code": "2026-01",
        "valid_from": "2026-01-01",
        "refund_window_days": "",
        "proration": "days",
        "commitment_months": "12",
        "notice_months": "1",
        "renewal": "tacit",
        "renewal_months": "12",
        "billing_day_rule": "same_day",
    }
    assert send(admin, "/terms/new", terms).status_code == 303
    again = send(admin, "/terms/new", terms)
    assert (again.status_code, "published already" in again.text) == (422, True)

    agent = sign_in(app.test_client(), a_person("agent"))
    data = {
        "name": "Zoé Lefèvre",
        "kind": "consumer",
        "locale": "fr",
        "country": "FR",
        "time_zone": "Europe/Paris",
    }
    assert send(agent, "/customers", data).status_code == 303
    customer = only(Customer)
    contract = {
        "plan_id": only(Plan).id,
        "terms_id": only(Terms).id,
        "channel": "online",
        "concluded_at": "2026-03-02T10:00",
        "started_on": "2026-03-02",
    }
    url = f"/customers/{customer.id}/subscriptions/new"
    assert "Intégrale, 12 mois" in agent.get(url).text
    future = send(agent, url, {**contract, "concluded_at": "2099-03-02T10:00", "reference": "X-7"})
    assert (future.status_code, "in the future" in future.text, "X-7" in future.text) == (422, True, True)
    assert send(agent, url, contract).status_code == 303
    subscription = only(Subscription)
    assert (subscription.reference, subscription.price_minor) == (f"S-{subscription.id:07d}", 47_880)
    page = agent.get(f"/cases/new?customer={customer.id}&subscription={subscription.id}")
    assert page.status_code == 200

    kinds = db.session().scalars(select(Entry.kind).where(Entry.subject_kind == "desk")).all()
    assert [k for k in kinds if k in ("business.added", "plan.added", "terms.published")] == [
        "business.added",
        "plan.added",
        "terms.published",
    ]
    assert "Terms 2026-01 published" in admin.get("/people/audit").text


@pytest.fixture
def admin(app: Flask, client: FlaskClient) -> FlaskClient:
    return sign_in(client, a_person("administrator"))


def add(client: FlaskClient, code: str, **other: str) -> int:
    fields = {"code": code, "label_en": code.title(), "label_fr": f"{code} (fr)"} | other
    assert send(client, "/causes", fields).status_code == 303
    return db.session().scalars(select(Cause.id).where(Cause.code == code)).one()


def test_causes_are_added_renamed_retired_and_merged_on_the_record(admin: FlaskClient) -> None:
    late, slow, lost = add(admin, "late"), add(admin, "slow"), add(admin, "lost")
    taken = send(admin, "/causes", {"code": "late", "label_en": "Again", "label_fr": "Encore"})
    assert (taken.status_code, "has this code" in taken.text, "Encore" in taken.text) == (422, True, True)
    words = {"label_en": "Slow delivery", "label_fr": "Livraison lente", "position": "1", "in_use": "y"}
    assert send(admin, f"/causes/{slow}", words).status_code == 303
    assert send(admin, f"/causes/{lost}/merge", {"into_id": slow}).status_code == 303
    assert send(admin, f"/causes/{slow}/merge", {"into_id": late}).status_code == 303
    db.session.rollback()
    merged = dict(db.session().execute(select(Cause.code, Cause.merged_into_id)).all())
    assert merged == {"late": None, "slow": late, "lost": late}, "what was merged before follows"
    assert send(admin, f"/causes/{slow}", words).status_code == 422, "a merged cause does not come back"
    assert send(admin, f"/causes/{late}/merge", {"into_id": late}).status_code == 422
    retired = {"label_en": "Late", "label_fr": "En retard", "position": "3"}
    assert send(admin, f"/causes/{late}", retired).status_code == 303
    page = admin.get("/causes").text
    assert re.search(r"merged into\s+late", page)
    assert "retired" in page
    kinds = db.session().scalars(
        select(Entry.kind).where(Entry.subject_kind == "desk", Entry.kind.like("cause.%")).order_by(Entry.id)
    )
    assert list(kinds) == ["cause.added"] * 3 + ["cause.changed", "cause.merged", "cause.merged"] + [
        "cause.changed",
        "cause.retired",
    ]


def test_only_administrators_keep_the_causes(app: Flask) -> None:
    agent = sign_in(app.test_client(), a_person("agent"))
    assert agent.get("/causes").status_code == 403
    assert db.session().scalars(select(Case)).all() == []


def _contract(plan_id: int, terms_id: int, **other: str) -> dict[str, object]:
    return {
        "plan_id": plan_id,
        "terms_id": terms_id,
        "channel": "online",
        "concluded_at": "2026-03-02T10:00",
        "started_on": "2026-03-02",
    } | other


def test_a_business_and_a_plan_change_and_retire_and_what_was_concluded_stays(app: Flask) -> None:
    house = furnish()
    entity_id, plan_id, customer_id = house.entity.id, house.plan.id, house.customer.id
    terms_id = house.subscription.terms_id
    manager = sign_in(app.test_client(), a_person("manager"))
    url, plan_url = f"/businesses/{entity_id}", f"/plans/{plan_id}/edit"
    page = manager.get(url).text
    assert "Médiation des loisirs sportifs" in page
    assert "9, quai Voltaire" in page
    words = {
        "name": "Cimes & Cie",
        "legal_name": "Cimes & Cie SAS",
        "address": "3, quai du Wault\n59000 Lille",
        "locale": "fr",
        "case_prefix": "CC",
        "sender_mail": "aide@cimes.example",
        "mediator": "Médiateur du tourisme",
        "mediator_website": "mediateur.example",
        "mediator_address": "",
        "mediator_wait": "2",
    }
    assert send(manager, url, {**words, "active": "y", "version": 1}).status_code == 303
    changed = only(Entity)
    assert (changed.name, changed.case_prefix, changed.code, changed.active) == (
        "Cimes & Cie",
        "CC",
        house.entity.code,
        True,
    )
    assert changed.mediator_body == {
        "name": "Médiateur du tourisme",
        "website": "mediateur.example",
        "min_wait_months": 2,
    }
    late = send(manager, url, {**words, "name": "Cimes 2", "version": 1})
    assert (late.status_code, "meanwhile" in late.text, "Cimes 2" in late.text) == (409, True, True)
    assert "Stored now" in late.text
    assert "Cimes &amp; Cie SAS" in late.text

    offer = {"name": "Intégrale +", "price": "520,00", "version": 1}
    assert send(manager, plan_url, offer).status_code == 303
    plan, contract = only(Plan), only(Subscription)
    assert (plan.name, plan.price_minor, plan.active) == ("Intégrale +", 52_000, False)
    assert (contract.plan_id, contract.price_minor) == (plan_id, house.subscription.price_minor)
    assert "not offered" in manager.get("/plans").text
    assert manager.get(f"/subscriptions/{contract.id}").status_code == 200
    new = f"/customers/{customer_id}/subscriptions/new"
    assert "Intégrale +" not in manager.get(new).text
    refused = send(manager, new, _contract(plan_id, terms_id))
    assert refused.status_code == 422

    assert send(manager, plan_url, {**offer, "active": "y", "version": 2}).status_code == 303
    assert send(manager, url, {**words, "version": 2}).status_code == 303
    assert "Intégrale +" not in manager.get(new).text, "a retired business sells nothing"
    assert send(manager, new, _contract(plan_id, terms_id)).status_code == 422
    assert "nothing to choose" in manager.get("/plans/new").text
    audit = manager.get("/people/audit").text
    for told in (
        "Business Cimes &amp; Cie changed",
        "Plan Intégrale + changed",
        "Plan Intégrale + no longer offered",
        "Plan Intégrale + offered again",
        "Business Cimes &amp; Cie retired",
    ):
        assert told in audit, told


def test_a_retired_plan_and_business_take_nothing_new_however_it_is_asked(app: Flask) -> None:
    house = furnish()
    ask = AddSubscription(
        house.customer.id, house.plan.id, house.subscription.terms_id, "online", NOW, NOW.date()
    )
    with transaction() as session:
        session.get_one(Entity, house.entity.id).active = False
    with pytest.raises(InvalidInput, match=r"business\.retired"), transaction() as session:
        add_subscription(session, ask, actor=actor_of(house.person), now=NOW)
    with transaction() as session:
        session.get_one(Entity, house.entity.id).active = True
        session.get_one(Plan, house.plan.id).active = False
    with pytest.raises(InvalidInput, match=r"plan\.retired"), transaction() as session:
        add_subscription(session, ask, actor=actor_of(house.person), now=NOW)


def test_agents_read_plans_and_change_none(app: Flask) -> None:
    house = furnish()
    agent = sign_in(app.test_client(), a_person("agent"))
    assert agent.get("/plans").status_code == 200
    assert "/edit" not in agent.get(f"/plans/{house.plan.id}").text
    assert agent.get(f"/plans/{house.plan.id}/edit").status_code == 403
    assert (
        send(agent, f"/plans/{house.plan.id}/edit", {"name": "X", "price": "1", "version": 1}).status_code
        == 403
    )
    assert send(agent, f"/businesses/{house.entity.id}", {"name": "X", "version": 1}).status_code == 403
    assert only(Plan).name == "Intégrale"
