"""Clocks of the law on a case: held only where the law says so, ended by what is paid, alive until it is."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from casedesk.accounts.models import Person
from casedesk.cases import commands as c
from casedesk.cases.actions import changing, deciding, exchanging, judging, opening, ruling, supplying
from casedesk.cases.ladder import Rule, Situation, holds
from casedesk.cases.models import Case, Cause
from casedesk.cases.usual_rules import USUAL
from casedesk.deadlines.models import Clock
from casedesk.deadlines.passing import look_at
from casedesk.ledger import actions as ledger
from casedesk.refunds import actions as refunds
from casedesk.refunds.models import RefundIntent
from casedesk.store import clock
from casedesk.store.db import db
from casedesk.store.record import SYSTEM
from casedesk.store.running import run_batch
from casedesk.store.transaction import transaction
from tests.factories import a_person, a_subscription, actor_of, sign_in, stored
from tests.integration.house import House, charge, furnish
from tests.jobs.dying_worker import work

DAY = timedelta(days=1)
NAME = "statutory.withdrawal"


@pytest.fixture
def agent(app: Flask) -> Person:
    return a_person("agent", goodwill_ceiling_minor=100_000)


@pytest.fixture
def owed(agent: Person) -> tuple[int, int]:
    """(case, charge): withdrawn five days after the contract, so that everything comes back within 14 days."""
    stored(
        Cause(code="unexpected_renewal", label_en="Unexpected renewal", label_fr="Reconduction inattendue")
    )
    house, began = furnish(), clock.now() - 5 * DAY
    young = a_subscription(
        house.customer, house.plan, concluded_at=began, accepted_at=began, started_on=began.date()
    )
    with transaction() as session:
        paid = charge(session, House(house.entity, house.customer, house.plan, young, house.person)).id
        case_id = opening.open_case(
            session,
            c.OpenCase(
                kind="refund",
                channel="mail",
                said="Je me rétracte.",
                cause_code="unexpected_renewal",
                customer_id=house.customer.id,
                subscription_id=young.id,
                charge_id=paid,
            ),
            actor=actor_of(agent),
            now=clock.now(),
        )
    told = (clock.now() - 5 * DAY).isoformat()
    know(case_id, agent, "withdrawal_information_given_at", told)
    know(case_id, agent, "express_request", False)
    know(case_id, agent, "leisure_specific_date", None, "never")
    return case_id, paid


def know(case_id: int, person: Person, name: str, value: Any, state: str = "known", **at: datetime) -> None:
    with transaction() as session:
        fact = c.FactLine(name, state, value, "mail log")
        now = at.get("now") or clock.now()
        supplying.supply_fact(session, c.SupplyFact(case_id, fact), actor=actor_of(person), now=now)


def clocks(case_id: int, name: str = NAME) -> list[Clock]:
    db.session.remove()
    return list(
        db.session.scalars(
            select(Clock).where(Clock.subject_id == case_id, Clock.name == name).order_by(Clock.round)
        )
    )


def the(case_id: int) -> Clock:
    return clocks(case_id)[-1]


def test_a_dispute_that_took_the_money_back_holds_the_refund_and_gives_back_whole_days(
    owed: tuple[int, int], agent: Person
) -> None:
    case_id, _charge = owed
    due, began = the(case_id).due_at, clock.now()
    know(case_id, agent, "dispute_status", "under_review")
    held = the(case_id)
    clock_id = held.id
    assert (held.state, held.due_at) == ("paused", due)
    assert held.working["holds"][0]["by"] == "CB-NO-DOUBLE-REFUND"
    with transaction() as session:  # the look that was left comes while it is held, and finds nothing
        assert look_at(session, clock_id, now=due + DAY).clocks == 0
    know(case_id, agent, "dispute_status", "won", now=began + 20 * DAY)
    running = the(case_id)
    assert (running.state, running.due_at) == ("running", due + 19 * DAY)  # the first and the last day count
    assert running.next_look_at is not None
    with transaction() as session:  # a later judgement keeps the days that were given back
        judging.judge_anew(session, case_id, actor=actor_of(agent), now=began + 21 * DAY)
    assert the(case_id).due_at == due + 19 * DAY


def test_goods_that_come_back_late_make_the_refund_due_that_day(owed: tuple[int, int], agent: Person) -> None:
    case_id, _charge = owed
    began = clock.now()
    know(case_id, agent, "contract_kind", "goods")
    know(case_id, agent, "goods_received_at", (began - 3 * DAY).isoformat())
    due = the(case_id).due_at
    assert the(case_id).state == "running"  # nobody has said yet where the goods are
    know(case_id, agent, "goods_back_at", None, "never")
    assert the(case_id).state == "paused"
    back = began + 30 * DAY
    know(case_id, agent, "goods_back_at", back.isoformat(), now=back)
    assert the(case_id).state == "running"
    assert back < the(case_id).due_at <= back + DAY
    assert the(case_id).due_at > due


def test_waiting_for_the_customer_holds_the_desk_and_never_the_law(
    owed: tuple[int, int], agent: Person
) -> None:
    case_id, _charge = owed
    due = the(case_id).due_at
    with transaction() as session:
        case = session.get_one(Case, case_id)
        changing.move_to(session, case, "waiting-customer", actor=actor_of(agent), now=clock.now())
    assert {one.state for one in clocks(case_id, "decide")} == {"paused"}
    assert the(case_id).state == "running"
    know(case_id, agent, "dispute_status", "under_review")
    with transaction() as session:
        case = session.get_one(Case, case_id)
        changing.move_to(session, case, "open", actor=actor_of(agent), now=clock.now() + 3 * DAY)
    assert {one.state for one in clocks(case_id, "decide")} == {"running"}
    assert (the(case_id).state, the(case_id).due_at) == ("paused", due)  # released by the law alone


def test_a_duty_that_has_run_out_stays_late_whatever_holds_it_then(
    owed: tuple[int, int], agent: Person
) -> None:
    case_id, _charge = owed
    after = the(case_id).due_at + DAY
    know(case_id, agent, "dispute_status", "under_review", now=after)
    assert the(case_id).state == "running"


def test_a_fact_that_shortens_the_period_into_the_past_makes_the_duty_late(
    owed: tuple[int, int], agent: Person
) -> None:
    case_id, _charge = owed
    earlier = clock.now() - 16 * DAY
    know(case_id, agent, "trader_informed_of_withdrawal_at", earlier.isoformat())
    assert the(case_id).due_at < clock.now()
    run_batch(work())
    assert the(case_id).breached_at is not None


def pay(case_id: int, charge_id: int, agent: Person) -> None:
    """Decide what the law gives, and pay it by hand."""
    order(case_id, charge_id, agent)
    settle(agent)


def order(case_id: int, charge_id: int, agent: Person) -> None:
    with transaction() as session:
        case = session.get_one(Case, case_id)
        assert case.verdict_minor == 47_880
        line = c.MoneyLine(charge_id, case.verdict_minor)
        command = c.ProposeDecision(case_id, case.version, (line,))
        deciding.propose_decision(session, command, actor=actor_of(agent), now=clock.now())
    while run_batch(work()):
        pass


def settle(agent: Person) -> None:
    boss = a_person("manager")
    db.session.remove()
    intent = db.session.scalars(select(RefundIntent.id)).one()
    with transaction() as session:
        refunds.confirm_by_hand(session, intent, "VIR 7", actor=actor_of(boss), now=clock.now())


def test_a_refund_that_was_paid_is_not_owed_again_by_the_next_judgement(
    owed: tuple[int, int], agent: Person
) -> None:
    case_id, charge_id = owed
    pay(case_id, charge_id, agent)
    assert [one.state for one in clocks(case_id)] == ["kept"]
    with transaction() as session:
        judging.judge_anew(session, case_id, actor=actor_of(agent), now=clock.now())
    with transaction() as session:
        said = c.RecordExchange(case_id, "phone", True, "Merci, bien reçu.")
        exchanging.record_exchange(session, said, actor=actor_of(agent), now=clock.now())
    know(case_id, agent, "category", "other")
    assert [one.state for one in clocks(case_id)] == ["kept"]


def test_a_refund_that_the_ledger_knows_before_anybody_stopped_its_clock_ends_it_as_kept(
    owed: tuple[int, int], agent: Person
) -> None:
    case_id, charge_id = owed
    with transaction() as session:
        ledger.refund_unreserved(
            session, charge_id, 47_880, key="elsewhere", case_id=case_id, now=clock.now()
        )
        judging.judge_anew(session, case_id, actor=actor_of(agent), now=clock.now())
    assert [one.state for one in clocks(case_id)] == ["kept"]


def test_a_case_closed_before_the_money_left_keeps_the_clock_of_the_law_until_it_is_paid(
    owed: tuple[int, int], agent: Person
) -> None:
    case_id, charge_id = owed
    order(case_id, charge_id, agent)
    with transaction() as session:
        case = session.get_one(Case, case_id)
        command = c.CloseCase(case_id, case.version, "granted")
        changing.close_case(session, command, actor=actor_of(agent), now=clock.now())
    assert the(case_id).state == "running"
    assert db.session.scalars(select(Clock.name).where(Clock.state == "running")).all() == [NAME]
    settle(agent)
    assert the(case_id).state == "kept"


def test_a_case_closed_with_nothing_to_pay_has_no_clock_left(owed: tuple[int, int], agent: Person) -> None:
    case_id, _charge = owed
    with transaction() as session:
        case = session.get_one(Case, case_id)
        command = c.CloseCase(case_id, case.version, "withdrawn")
        changing.close_case(session, command, actor=actor_of(agent), now=clock.now())
    assert the(case_id).state == "cancelled"


def test_a_duty_of_the_law_that_runs_out_raises_the_case_by_the_usual_rule(
    owed: tuple[int, int], agent: Person
) -> None:
    case_id, _charge = owed
    a_person("manager")
    usual = next(rule for rule in USUAL if rule.clock == "statutory")
    with transaction() as session:
        ruling.set_rule(session, usual, actor=SYSTEM, now=clock.now())
    know(case_id, agent, "trader_informed_of_withdrawal_at", (clock.now() - 16 * DAY).isoformat())
    while run_batch(work()):
        pass
    db.session.remove()
    assert db.session.get_one(Case, case_id).stage == "manager"


def test_a_rule_for_what_the_law_sets_leaves_dates_that_somebody_gave_and_other_clocks() -> None:
    rule = Rule(1, "clock_breached", "manager", clock="statutory")

    def fires(name: str) -> bool:
        return holds(rule, Situation("clock_breached", "refund", "desk", clock=name))

    assert fires("statutory.withdrawal")
    assert fires("statutory.free_termination")
    assert not fires("statutory.evidence")
    assert not fires("decide")


def test_the_page_of_clocks_says_what_the_law_holds_and_by_which_rule(
    client: FlaskClient, owed: tuple[int, int], agent: Person
) -> None:
    case_id, _charge = owed
    sign_in(client, agent)
    assert "only the law itself could hold it" in client.get(f"/cases/{case_id}/clocks").text
    know(case_id, agent, "dispute_status", "under_review")
    shown = client.get(f"/cases/{case_id}/clocks").text
    assert "the law holds it now" in shown
    assert "while the dispute is open nothing is repaid" in shown
    assert "CB-NO-DOUBLE-REFUND" in shown
    know(case_id, agent, "dispute_status", "won", now=clock.now() + 3 * DAY)
    shown = client.get(f"/cases/{case_id}/clocks").text
    assert "Held by law until" in shown
    assert "Reckoned anew this gives another" not in shown
