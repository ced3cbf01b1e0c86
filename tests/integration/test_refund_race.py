"""Fifty signed-in agents decide at once on one charge, through the routes: money is never created."""

import threading
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from casedesk.cases.actions import opening
from casedesk.cases.commands import OpenCase
from casedesk.cases.models import Case, Decision
from casedesk.ledger import queries as ledger
from casedesk.ledger.models import LedgerEntry
from casedesk.ledger.rules import Balance
from casedesk.refunds import jobs
from casedesk.refunds.models import RefundIntent
from casedesk.rulebook import packs
from casedesk.store.db import db
from casedesk.store.running import Work, run_batch, run_call
from casedesk.store.transaction import transaction
from tests.factories import NOW, a_person, actor_of, send, sign_in
from tests.integration.house import House, charge, furnish

AGENTS, EACH, CAPTURED = 50, 15_000, 100_000

ANSWERS = {303, 409, 422, 503}
"""Decided; somebody was faster; not enough is left; SQLite was busy for longer than anybody waits. Never a 500."""


@pytest.fixture
def house(app: Flask) -> House:
    with transaction() as session:
        packs.publish_shipped(session, now=NOW)
    return furnish()


@pytest.fixture
def fee(house: House) -> int:
    with transaction() as session:
        return charge(session, house, CAPTURED, provider="sandbox", provider_reference="pay_1").id


def _cases(house: House, fee: int) -> list[int]:
    """One case per agent, all on the same charge."""
    actor = actor_of(a_person("agent"))
    opened = OpenCase(
        kind="refund",
        channel="mail",
        said="Je souhaite être remboursée.",
        cause_code=None,
        customer_id=house.customer.id,
        subscription_id=house.subscription.id,
        charge_id=fee,
        claimed_minor=EACH,
    )
    with transaction() as session:
        return [opening.open_case(session, opened, actor=actor, now=NOW) for _ in range(AGENTS)]


def _at_once(app: Flask, doors: Sequence[tuple[FlaskClient, str, dict[str, str]]]) -> Counter[int]:
    """POST through every door at the same instant; how often each status was answered."""
    ready = threading.Barrier(len(doors))

    def one(door: tuple[FlaskClient, str, dict[str, str]]) -> int:
        client, url, fields = door
        with app.app_context():
            ready.wait()
            return send(client, url, fields).status_code

    with ThreadPoolExecutor(len(doors)) as pool:
        return Counter(pool.map(one, doors))


def _versions(case_ids: Sequence[int]) -> dict[int, int]:
    db.session.rollback()
    rows = db.session.execute(select(Case.id, Case.version).where(Case.id.in_(case_ids)))
    return {row.id: row.version for row in rows}


def _fields(version: int) -> dict[str, str]:
    return {
        "way": "other",
        "other": f"{EACH // 100}.00",
        "method": "refund",
        "reason_code": "goodwill",
        "reason_text": "Jamais venue depuis la reconduction.",
        "subscription_effect": "keep",
        "version": str(version),
    }


def _balance(fee: int) -> Balance:
    db.session.rollback()
    return ledger.charges(db.session(), [fee])[0].balance


def test_fifty_agents_at_once_never_give_back_more_than_was_captured(
    app: Flask, house: House, fee: int
) -> None:
    versions = _versions(_cases(house, fee))
    agents = [
        sign_in(app.test_client(), a_person("agent", goodwill_ceiling_minor=CAPTURED)) for _ in versions
    ]
    doors = [
        (client, f"/cases/{case_id}/decision", _fields(version))
        for client, (case_id, version) in zip(agents, versions.items(), strict=True)
    ]
    answers = _at_once(app, doors)
    assert set(answers) <= ANSWERS
    decided = answers[303]
    assert _balance(fee) == Balance(CAPTURED, reserved=EACH * decided)
    assert 1 <= decided <= CAPTURED // EACH
    assert decided == CAPTURED // EACH or answers[503] or answers[409]

    _approve_all(app)
    work = Work(jobs.HANDLERS, jobs.CALLS)
    while run_batch(work) or run_call(work):
        pass
    assert _balance(fee) == Balance(CAPTURED, refunded=EACH * decided)
    paid = select(func.count(), func.sum(RefundIntent.amount_minor)).where(RefundIntent.state == "paid")
    assert tuple(db.session.execute(paid).one()) == (decided, EACH * decided)
    booked = select(func.count()).where(LedgerEntry.charge_id == fee, LedgerEntry.kind == "refund")
    assert db.session.scalar(booked) == decided
    assert ledger.compare_balances(db.session()) == []


def test_fifty_agents_at_once_on_one_case_decide_it_once(app: Flask, house: House, fee: int) -> None:
    [case_id, *_] = _cases(house, fee)
    version = _versions([case_id])[case_id]
    agents = [
        sign_in(app.test_client(), a_person("agent", goodwill_ceiling_minor=CAPTURED)) for _ in range(AGENTS)
    ]
    answers = _at_once(app, [(one, f"/cases/{case_id}/decision", _fields(version)) for one in agents])
    assert set(answers) <= ANSWERS
    assert answers[303] == 1
    assert _balance(fee) == Balance(CAPTURED, reserved=EACH)
    count = select(func.count()).select_from(Decision).where(Decision.case_id == case_id)
    assert db.session.scalar(count) == 1


def _approve_all(app: Flask) -> None:
    """A manager approves what waits, each twice at once: a decision takes effect once."""
    rows = db.session.execute(select(Decision.id, Decision.version).where(Decision.state == "proposed")).all()
    if not rows:
        return
    managers = [
        sign_in(app.test_client(), a_person("manager", approval_ceiling_minor=10**9)) for _ in range(2)
    ]
    doors = [
        (manager, f"/decisions/{row.id}/answer", {"answer": "approve", "version": str(row.version)})
        for row in rows
        for manager in managers
    ]
    answers = _at_once(app, doors)
    assert answers[303] == len(rows)
    assert answers[409] == len(rows)
