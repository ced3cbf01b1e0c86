"""Money leaves once: ordered by the decision, paid by a provider or by hand, booked in the ledger, on the record."""

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from casedesk.accounts.actor import Actor
from casedesk.cases.actions import clocks
from casedesk.cases.commands import MoneyLine
from casedesk.cases.models import Case
from casedesk.deadlines.queries import clocks_of
from casedesk.kernel.errors import InvalidInput, NotFound, RuleBroken
from casedesk.ledger import queries as ledger
from casedesk.ledger.rules import Balance
from casedesk.refunds import actions, jobs, queries
from casedesk.refunds.models import RefundIntent
from casedesk.refunds.providers import Paid, Request, Sandbox
from casedesk.store import clock, outbox
from casedesk.store.db import db
from casedesk.store.models import Entry
from casedesk.store.running import Work, run_batch, run_call
from casedesk.store.transaction import transaction
from casedesk.store.work import Refused
from tests.factories import NOW, a_person, actor_of, send, sign_in
from tests.integration.house import House, charge, decided, furnish
from tests.integration.verdicts import owed_pro_rata

WORK = Work(jobs.HANDLERS, jobs.CALLS)


@pytest.fixture
def house(app: Flask) -> House:
    return furnish()


@pytest.fixture
def manager(app: Flask) -> Actor:
    return actor_of(a_person("manager"))


def _charged(house: House, **other: object) -> int:
    with transaction() as session:
        return charge(session, house, 1_000, **other).id


def _ordered(charge_id: int, amount: int = 400, **other: object) -> tuple[int, int]:
    """(case, refund) of a decision that pays `amount` on the charge."""
    house = _house_of(charge_id)
    case_id, decision_id = decided(house, (MoneyLine(charge_id, amount, **other),))  # type: ignore[arg-type]
    run_batch(WORK)
    db.session.rollback()
    intent = db.session.scalars(select(RefundIntent).filter_by(decision_id=decision_id)).one_or_none()
    return case_id, intent.id if intent else 0


_houses: dict[int, House] = {}


def _house_of(charge_id: int) -> House:
    return _houses[charge_id]


@pytest.fixture
def by_hand(house: House) -> Iterator[int]:
    charge_id = _charged(house)
    _houses[charge_id] = house
    yield charge_id
    _houses.clear()


@pytest.fixture
def by_provider(house: House) -> Iterator[int]:
    charge_id = _charged(house, provider="sandbox", provider_reference="pay_1")
    _houses[charge_id] = house
    yield charge_id
    _houses.clear()


def _intent(intent_id: int) -> RefundIntent:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(RefundIntent, intent_id)


def _balance(charge_id: int) -> Balance:
    db.session.rollback()
    return ledger.charges(db.session(), [charge_id])[0].balance


def _kinds(case_id: int, beginning: str = "event.refund") -> list[str]:
    rows = db.session.scalars(select(Entry.kind).where(Entry.subject_id == case_id).order_by(Entry.seq))
    return [kind for kind in rows if kind.startswith(beginning)]


def test_a_provider_pays_what_the_decision_gives_and_the_ledger_and_the_record_say_so(
    by_provider: int,
) -> None:
    case_id, intent_id = _ordered(by_provider)
    assert _balance(by_provider) == Balance(1_000, reserved=400)
    assert run_call(WORK)
    assert not run_call(WORK)
    intent = _intent(intent_id)
    assert (intent.state, intent.provider_reference[:4], intent.last_error) == ("paid", "sbx_", None)
    assert _balance(by_provider) == Balance(1_000, refunded=400)
    assert _kinds(case_id) == ["event.refund_paid"]
    assert ledger.compare_balances(db.session()) == []


def test_a_worker_that_died_after_the_provider_paid_pays_once(app: Flask, by_provider: int) -> None:
    case_id, intent_id = _ordered(by_provider)
    now = clock.now()
    with transaction() as session:
        [job] = outbox.due(session, ["refund.pay"], limit=1, now=now)
        request = jobs.prepare(session, job, now=now)
        outbox.send(session, job, until=now, now=now)
    assert request is not None
    first = jobs.call(request)  # the provider has paid; the worker dies before it is written down
    assert _intent(intent_id).state == "sending"
    run_call(WORK)
    assert _intent(intent_id).provider_reference == first[1].reference
    assert _balance(by_provider) == Balance(1_000, refunded=400)
    assert _kinds(case_id) == ["event.refund_paid"]
    books = app.extensions["settings"].data_dir / "sandbox-refunds"
    assert [json.loads(path.read_text())["amount_minor"] for path in books.iterdir()] == [400]


def test_the_sandbox_pays_a_key_once_and_refuses_it_for_another_sum(app: Flask) -> None:
    data_dir = app.extensions["settings"].data_dir
    one = Request("k", "sandbox", "ch-1", "pay_1", 400, "EUR")
    assert Sandbox().pay(one, data_dir) == Sandbox().pay(one, data_dir)
    assert isinstance(Sandbox().pay(one, data_dir), Paid)
    with pytest.raises(Refused, match="another refund"):
        Sandbox().pay(Request("k", "sandbox", "ch-1", "pay_1", 401, "EUR"), data_dir)


def test_a_provider_that_refuses_leaves_the_money_reserved_and_the_refund_on_the_list(
    house: House, manager: Actor
) -> None:
    charge_id = _charged(house, provider="sandbox", provider_reference="refuse-1")
    _houses[charge_id] = house
    case_id, intent_id = _ordered(charge_id)
    run_call(WORK)
    assert (_intent(intent_id).state, _intent(intent_id).last_error) == (
        "failed",
        "Refused: the card was closed",
    )
    assert _balance(charge_id) == Balance(1_000, reserved=400)
    assert _kinds(case_id) == ["event.refund_failed"]
    [line] = queries.page(db.session(), manager, "to_pay").lines
    assert (line.id, line.may_be_tried_again, line.may_be_confirmed) == (intent_id, True, True)
    with transaction() as session:
        actions.try_again(session, intent_id, actor=manager, now=clock.now())
    run_call(WORK)
    assert _kinds(case_id) == ["event.refund_failed", "event.refund_tried_again", "event.refund_failed"]
    with transaction() as session:
        actions.confirm_by_hand(session, intent_id, "VIR 1", actor=manager, now=clock.now())
    assert _balance(charge_id) == Balance(1_000, refunded=400)


def test_a_provider_that_is_away_is_asked_again_by_itself(house: House, manager: Actor) -> None:
    charge_id = _charged(house, provider="sandbox", provider_reference="later-1")
    _houses[charge_id] = house
    case_id, intent_id = _ordered(charge_id)
    run_call(WORK)
    assert _intent(intent_id).state == "ready"
    assert _kinds(case_id) == []
    shown = queries.page(db.session(), manager, "on_its_way")
    assert [line.id for line in shown.lines] == [intent_id]
    assert shown.counts == {"to_pay": 0, "on_its_way": 1, "paid": 0}
    with pytest.raises(RuleBroken, match=r"refund\.on_its_way"), transaction() as session:
        actions.confirm_by_hand(session, intent_id, "VIR 1", actor=manager, now=clock.now())


def test_confirming_twice_pays_once(by_hand: int, manager: Actor) -> None:
    case_id, intent_id = _ordered(by_hand)
    assert not run_call(WORK)  # nobody but a person pays it
    for _ in range(2):
        with transaction() as session:
            actions.confirm_by_hand(session, intent_id, "VIR 2026-4711", actor=manager, now=clock.now())
    assert _balance(by_hand) == Balance(1_000, refunded=400)
    assert _kinds(case_id) == ["event.refund_paid"]
    assert _intent(intent_id).provider_reference == "VIR 2026-4711"


def test_a_transfer_is_paid_by_hand_also_where_a_provider_captured(by_provider: int, manager: Actor) -> None:
    _case_id, _intent_id = _ordered(by_provider, means="transfer")
    assert not run_call(WORK)
    [line] = queries.page(db.session(), manager, "to_pay").lines
    assert line.by_hand


def test_a_payment_by_hand_needs_the_banks_reference(by_hand: int, manager: Actor) -> None:
    _case_id, intent_id = _ordered(by_hand)
    with pytest.raises(InvalidInput, match=r"refund\.reference"), transaction() as session:
        actions.confirm_by_hand(session, intent_id, "", actor=manager, now=clock.now())
    with pytest.raises(NotFound), transaction() as session:
        actions.confirm_by_hand(session, 999_999, "x", actor=manager, now=clock.now())


def test_a_credit_is_booked_at_once_and_nothing_leaves(by_provider: int) -> None:
    case_id, intent_id = _ordered(by_provider, method="credit", means="balance")
    assert intent_id == 0
    assert _balance(by_provider) == Balance(1_000, refunded=400)
    assert _kinds(case_id, "event.credit") == ["event.credit_booked"]


def test_a_superseded_decision_gives_back_what_has_not_left(by_hand: int) -> None:
    case_id, decision_id = decided(_house_of(by_hand), (MoneyLine(by_hand, 400),))
    with transaction() as session:
        session.execute(text(f"UPDATE decisions SET state = 'superseded' WHERE id = {decision_id}"))
    run_batch(WORK)
    assert _balance(by_hand) == Balance(1_000)
    assert queries.refunds_of_case(db.session(), case_id) == []


def test_the_list_is_paid_from_the_page(by_hand: int, client: FlaskClient) -> None:
    _case_id, intent_id = _ordered(by_hand)
    sign_in(client, a_person("manager"))
    shown = client.get("/refunds")
    assert shown.status_code == 200
    assert "4.00" in shown.text
    missing = send(client, f"/refunds/{intent_id}/confirmation", {"reference": " "})
    assert missing.status_code == 422
    assert 'aria-invalid="true"' in missing.text
    assert send(client, f"/refunds/{intent_id}/confirmation", {"reference": "VIR 7"}).status_code == 303
    assert _intent(intent_id).state == "paid"
    assert "VIR 7" in client.get("/refunds?view=paid").text
    assert client.get("/refunds?view=nonsense").status_code == 404


@pytest.mark.parametrize("role", ["agent", "mediator", "administrator"])
def test_only_who_pays_refunds_sees_the_list(client: FlaskClient, app: Flask, role: str) -> None:
    sign_in(client, a_person(role))
    assert client.get("/refunds").status_code == 403
    assert send(client, "/refunds/1/confirmation", {"reference": "x"}).status_code == 403


def test_the_refunds_of_another_team_are_not_found(by_hand: int, client: FlaskClient) -> None:
    _case_id, intent_id = _ordered(by_hand)
    sign_in(client, a_person("manager", sees="assigned"))
    assert "4.00" not in client.get("/refunds").text
    for path in ("confirmation", "attempts"):
        assert send(client, f"/refunds/{intent_id}/{path}", {"reference": "x"}).status_code == 404


def test_the_clock_that_the_law_started_stops_when_the_last_refund_is_paid(house: House) -> None:
    charges = [_charged(house, provider="sandbox", provider_reference="pay") for _ in range(2)]
    lines = tuple(MoneyLine(charge_id, 400) for charge_id in charges)
    case_id, _decision = decided(house, lines, verdict=owed_pro_rata(paid=1_000, kept=200))
    with transaction() as session:
        case = session.get_one(Case, case_id)
        due = NOW + timedelta(days=10)
        clocks.start_by_law(session, case, "statutory.free_termination", due, {"kind": "statutory"}, now=NOW)
    run_batch(WORK)
    run_call(WORK)
    assert [line.state for line in clocks_of(db.session(), ("case", case_id), now=NOW)] == ["running"]
    run_call(WORK)
    db.session.rollback()
    assert [line.state for line in clocks_of(db.session(), ("case", case_id), now=NOW)] == ["kept"]


@pytest.mark.parametrize(("days", "state"), [(10, "kept"), (-1, "late")])
def test_the_clock_of_a_refund_stops_when_it_is_paid_whatever_the_decision_rests_on(
    house: House, days: int, state: str
) -> None:
    lines = (MoneyLine(_charged(house, provider="sandbox", provider_reference="pay"), 400),)
    case_id, _decision = decided(house, lines)
    due = clock.now() + timedelta(days=days)
    with transaction() as session:
        case = session.get_one(Case, case_id)
        clocks.start_by_law(session, case, "statutory.withdrawal", due, {"kind": "statutory"}, now=NOW)
    run_batch(WORK)
    run_call(WORK)
    db.session.rollback()
    assert [line.state for line in clocks_of(db.session(), ("case", case_id), now=clock.now())] == [state]
