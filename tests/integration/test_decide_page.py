"""Decide: three figures, the ways to pay, the contract's end, who must agree; what cannot be is refused and kept."""

import itertools
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from casedesk.accounts.models import Person
from casedesk.cases import commands as c
from casedesk.cases.actions import changing, supplying
from casedesk.cases.models import DecisionLine
from casedesk.customers.models import Subscription
from casedesk.ledger.models import ChargeBalance
from casedesk.store.clock import now
from casedesk.store.db import db
from casedesk.store.models import Draft
from casedesk.store.transaction import transaction
from tests.factories import a_customer, a_person, a_subscription, a_team, actor_of, send, sign_in
from tests.integration.house import House, charge, furnish
from tests.integration.proposals import (
    decisions_of,
    fresh,
    logged,
    paid,
    proposed,
    reserved,
    seen,
    statements,
    the,
)

_once = itertools.count(1)


@pytest.fixture
def house(app: Flask) -> House:
    return furnish()


@pytest.fixture
def agent(app: Flask) -> Person:
    return a_person("agent", name="Inès Belkacem", goodwill_ceiling_minor=3_000)


@pytest.fixture
def desk(client: FlaskClient, agent: Person) -> FlaskClient:
    return sign_in(client, agent)


@pytest.fixture
def charge_id(house: House) -> int:
    return paid(house)


@pytest.fixture
def refused_case(house: House, agent: Person, charge_id: int) -> int:
    """A case of two years ago's contract: nothing is owed by rule."""
    case_id = logged(house, agent, charge_id=charge_id, claimed_minor=47_880)
    known(case_id, agent, "withdrawal_information_given_at", "2024-10-12T08:00:00+00:00")
    known(case_id, agent, "renewed", False)
    return case_id


@pytest.fixture
def open_case(agent: Person) -> tuple[int, int]:
    """(case, charge) of a contract concluded five days ago, of which the desk does not know what was said."""
    house = furnish()
    began = now() - timedelta(days=5)
    young = a_subscription(
        house.customer,
        house.plan,
        concluded_at=began,
        accepted_at=began,
        started_on=began.date(),
    )
    with transaction() as session:
        paid_on = charge(session, House(house.entity, house.customer, house.plan, young, house.person)).id
    return logged(house, agent, subscription_id=young.id, charge_id=paid_on), paid_on


@pytest.fixture
def owed_case(agent: Person, open_case: tuple[int, int]) -> tuple[int, int]:
    """The same with the facts: the law gives the whole fee back."""
    known(open_case[0], agent, "withdrawal_information_given_at", (now() - timedelta(days=5)).isoformat())
    known(open_case[0], agent, "express_request", False)
    known(open_case[0], agent, "leisure_specific_date", None, state="never")
    return open_case


def known(case_id: int, person: Person, name: str, value: Any, state: str = "known") -> None:
    with transaction() as session:
        fact = c.FactLine(name, state, value, "mail log")
        supplying.supply_fact(session, c.SupplyFact(case_id, fact), actor=actor_of(person), now=now())


def decide(client: FlaskClient, case_id: int, **fields: Any) -> TestResponse:
    url = f"/cases/{case_id}/decision"
    usual = {"subscription_effect": "keep", "method": "refund"}
    return send(client, url, {**seen(client, url), **usual, **fields})


WHY = {"reason_code": "goodwill", "reason_text": "Jamais venue depuis juillet."}


def lines_of(case_id: int) -> list[tuple[int, int, str, str]]:
    fresh()
    ids = [d.id for d in decisions_of(case_id)]
    rows = db.session.execute(
        select(
            DecisionLine.charge_id, DecisionLine.amount_minor, DecisionLine.method, DecisionLine.means
        ).where(DecisionLine.decision_id.in_(ids))
    )
    return [tuple(row) for row in rows]  # type: ignore[misc]


def test_the_page_shows_three_figures_and_names_the_deed(
    desk: FlaskClient, owed_case: tuple[int, int]
) -> None:
    page = desk.get(f"/cases/{owed_case[0]}/decision").text
    assert the(owed_case[0]).verdict_outcome == "allowed"
    for words in ("By rule", "You propose", "Beyond the rule", "law, not less", "What happens then"):
        assert words in page
    assert "Pay 478.80 by rule, now" in page
    assert "No approval needed" in page


def test_what_the_rule_gives_is_paid_at_once(desk: FlaskClient, owed_case: tuple[int, int]) -> None:
    case_id, charge_id = owed_case
    done = decide(desk, case_id, way="rule", subscription_effect="end_now")
    assert (done.status_code, done.location) == (303, f"/cases/{case_id}")
    assert [d.state for d in decisions_of(case_id)] == ["effective"]
    assert lines_of(case_id) == [(charge_id, 47_880, "refund", "original")]
    assert the(case_id).status == "decided"


def test_less_than_the_law_gives_is_refused_with_a_sentence(
    desk: FlaskClient, owed_case: tuple[int, int]
) -> None:
    case_id, charge_id = owed_case
    refused = decide(desk, case_id, way="other", other="478.79", **WHY)
    assert refused.status_code == 422
    assert "The law gives more than this." in refused.text
    assert 'value="478.79"' in refused.text
    assert "Jamais venue depuis juillet." in refused.text
    assert "Pay 478.80 by rule, now" in refused.text
    assert decisions_of(case_id) == []
    assert reserved(charge_id) == 0


def test_the_lawful_minimum_is_one_click_whatever_is_chosen(
    desk: FlaskClient, owed_case: tuple[int, int]
) -> None:
    case_id, charge_id = owed_case
    done = decide(desk, case_id, way="refuse", by_rule="47880")
    assert done.status_code == 303
    assert lines_of(case_id) == [(charge_id, 47_880, "refund", "original")]


def test_beyond_the_ceiling_it_asks_for_approval_by_name(
    client: FlaskClient, desk: FlaskClient, refused_case: int
) -> None:
    a_person("manager", name="Solène Kerbiriou", approval_ceiling_minor=100_000)
    a_person("manager", name="Bas Plafond", approval_ceiling_minor=100)
    a_person("manager", name="Autre Équipe", approval_ceiling_minor=100_000, sees="team", team_id=a_team().id)
    a_person("manager", name="Parti Ailleurs", approval_ceiling_minor=100_000, active=False)
    shown = decide(desk, refused_case, way="whole", look="1")
    assert shown.status_code == 200
    assert "Ask Solène to approve" in shown.text
    for nobody in ("Bas Plafond", "Autre Équipe", "Parti Ailleurs"):
        assert nobody not in shown.text
    assert decisions_of(refused_case) == []
    done = decide(desk, refused_case, way="whole", **WHY)
    assert done.status_code == 303
    (decision,) = decisions_of(refused_case)
    assert (decision.state, decision.amount_minor) == ("proposed", 47_880)
    again = client.get(f"/cases/{refused_case}/decision")
    assert (again.status_code, again.location) == (303, f"/decisions/{decision.id}")


def test_within_the_ceiling_one_decides_alone(desk: FlaskClient, refused_case: int) -> None:
    done = decide(desk, refused_case, way="other", other="30", **WHY)
    assert done.status_code == 303
    (decision,) = decisions_of(refused_case)
    assert (decision.state, decision.amount_minor, decision.reason_code) == ("effective", 3_000, "goodwill")


def test_a_difference_without_a_reason_comes_back_with_what_was_typed(
    desk: FlaskClient, refused_case: int
) -> None:
    refused = decide(desk, refused_case, way="other", other="12.50", letter_text="Avec nos regrets.")
    assert refused.status_code == 422
    assert "This differs from the rule. Choose a reason and say why." in refused.text
    assert 'value="12.50"' in refused.text
    assert "Avec nos regrets." in refused.text
    assert decisions_of(refused_case) == []


def test_a_credit_is_booked_on_the_balance(desk: FlaskClient, refused_case: int, charge_id: int) -> None:
    done = decide(desk, refused_case, way="other", other="20.00", method="credit", **WHY)
    assert done.status_code == 303
    assert lines_of(refused_case) == [(charge_id, 2_000, "credit", "balance")]


def test_nothing_owed_is_decided_without_payment(desk: FlaskClient, refused_case: int) -> None:
    assert "Decide: no payment" in desk.get(f"/cases/{refused_case}/decision").text
    assert decide(desk, refused_case, way="rule").status_code == 303
    (decision,) = decisions_of(refused_case)
    assert (decision.state, decision.outcome, decision.amount_minor) == ("effective", "refused", 0)


def test_several_charges_take_an_amount_each(
    desk: FlaskClient, house: House, refused_case: int, charge_id: int
) -> None:
    second = paid(house, 1_000)
    page = desk.get(f"/cases/{refused_case}/decision").text
    assert f'name="part-{charge_id}"' in page
    assert f'name="part-{second}"' in page
    parts = {f"part-{charge_id}": "12.50", f"part-{second}": "5"}
    assert decide(desk, refused_case, way="each", **parts, **WHY).status_code == 303
    assert sorted(lines_of(refused_case)) == sorted(
        [(charge_id, 1_250, "refund", "original"), (second, 500, "refund", "original")]
    )


def test_a_part_above_its_charge_is_refused_at_its_field(
    desk: FlaskClient, house: House, refused_case: int, charge_id: int
) -> None:
    second = paid(house, 1_000)
    parts = {f"part-{charge_id}": "1", f"part-{second}": "10.01"}
    refused = decide(desk, refused_case, way="each", **parts, **WHY)
    assert refused.status_code == 422
    assert "More than is left of this charge." in refused.text
    assert 'value="10.01"' in refused.text
    assert decisions_of(refused_case) == []


def test_an_amount_in_one_sum_goes_over_the_charges_the_disputed_first(
    desk: FlaskClient, house: House, agent: Person
) -> None:
    disputed, other = paid(house, 1_000), paid(house, 2_000)
    case_id = logged(house, agent, charge_id=disputed)
    known(case_id, agent, "withdrawal_information_given_at", "2024-10-12T08:00:00+00:00")
    assert decide(desk, case_id, way="other", other="25", **WHY).status_code == 303
    assert lines_of(case_id) == [
        (disputed, 1_000, "refund", "original"),
        (other, 1_500, "refund", "original"),
    ]


def test_charges_of_another_customer_are_not_touched(
    desk: FlaskClient, house: House, refused_case: int
) -> None:
    paid(house, 1_000)
    foreign = paid(furnish())
    refused = decide(desk, refused_case, way="each", **{f"part-{foreign}": "10"}, **WHY)
    assert refused.status_code == 422
    assert "Enter an amount on one charge at least." in refused.text
    assert reserved(foreign) == 0
    assert f'name="part-{foreign}"' not in refused.text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("12,345.678", "has 2 decimals"),
        ("-5", "without a sign"),
        ("478.81", "can be given back"),
        ("999999999999999999999", "more than the desk can book"),
        ("ten", "is not an amount"),
        ("1.2.3", "can be read in two ways"),
        ("", "Enter the amount."),
        ("<b>5</b>", "is not an amount"),
        ("٥", "is not an amount"),
    ],
)
def test_an_amount_that_cannot_be_paid_is_refused_and_kept(
    desk: FlaskClient, refused_case: int, charge_id: int, typed: str, sentence: str
) -> None:
    refused = decide(desk, refused_case, way="other", other=typed, **WHY)
    assert refused.status_code == 422
    assert sentence in refused.text
    assert "<b>5</b>" not in refused.text
    assert "Jamais venue depuis juillet." in refused.text
    assert decisions_of(refused_case) == []
    assert reserved(charge_id) == 0


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"way": "steal"},
        {"way": "rule", "subscription_effect": "burn"},
        {"way": "rule", "method": "cash"},
        {"way": "rule", "reason_code": "nonsense"},
        {"way": "rule", "subscription_effect": "end_now", "effect_on": "2026-02-30"},
        {"way": "rule", "subscription_effect": "end_now", "effect_on": "1999-01-01"},
        {"way": "rule", "subscription_effect": "end_now", "effect_on": "2099-01-01"},
        {"way": "rule", "subscription_effect": "end_now", "effect_on": "soon"},
        {"way": "rule", "letter_text": "x" * 100_001},
        {"by_rule": "many"},
        {"by_rule": "1"},
        {"way": "rule", "shown": "999 refund keep"},
    ],
)
def test_nonsense_is_refused_with_a_page_and_decides_nothing(
    desk: FlaskClient, refused_case: int, fields: dict[str, str]
) -> None:
    assert decide(desk, refused_case, **fields).status_code == 422
    assert decisions_of(refused_case) == []


@pytest.mark.parametrize("version", ["", "²", "-1", "9" * 30, "0"])
def test_a_version_that_nobody_saw_is_a_conflict(desk: FlaskClient, refused_case: int, version: str) -> None:
    answer = decide(desk, refused_case, way="rule", version=version)
    assert answer.status_code == 409
    assert decisions_of(refused_case) == []


def test_a_stale_page_shows_what_changed_and_keeps_what_was_typed(
    desk: FlaskClient, refused_case: int
) -> None:
    stale = seen(desk, f"/cases/{refused_case}/decision")
    colleague = actor_of(a_person("agent", name="Marc Delaunay"))
    version = the_version(refused_case)
    with transaction() as session:
        change = c.ChangeCase(refused_case, version, {"priority": 1})
        changing.change_case(session, change, actor=colleague, now=now())
    typed = {"way": "other", "other": "7.50", **WHY}
    late = decide(desk, refused_case, **{**typed, **stale})
    assert late.status_code == 409
    assert "New since you opened this page" in late.text
    assert "Marc Delaunay" in late.text
    assert 'value="7.50"' in late.text
    assert decisions_of(refused_case) == []
    assert decide(desk, refused_case, **typed).status_code == 303


def the_version(case_id: int) -> int:
    version = the(case_id).version
    fresh()
    return version


def test_the_same_form_sent_twice_decides_once(desk: FlaskClient, refused_case: int) -> None:
    url = f"/cases/{refused_case}/decision"
    form = {
        **seen(desk, url),
        "way": "other",
        "other": "5",
        "method": "refund",
        "subscription_effect": "keep",
        "once": f"twice-{next(_once)}",
        **WHY,
    }
    first, second = send(desk, url, form), send(desk, url, form)
    assert first.location == second.location == f"/cases/{refused_case}"
    assert len(decisions_of(refused_case)) == 1
    assert len(lines_of(refused_case)) == 1


def test_two_agents_never_give_back_more_than_was_captured(
    client: FlaskClient, app: Flask, house: House, agent: Person
) -> None:
    only = paid(house, 1_000)
    first, second = (logged(house, agent, charge_id=only) for _ in range(2))
    for case_id in (first, second):
        known(case_id, agent, "withdrawal_information_given_at", "2024-10-12T08:00:00+00:00")
    sign_in(client, agent)
    typed = {"way": "other", "other": "7", **WHY}
    assert decide(client, first, **typed).status_code == 303
    refused = decide(client, second, **typed)
    assert refused.status_code == 422
    assert "can be given back" in refused.text
    fresh()
    assert db.session.get_one(ChargeBalance, only).reserved == 700


def test_pressing_a_button_that_named_another_sum_does_nothing(desk: FlaskClient, refused_case: int) -> None:
    answer = decide(desk, refused_case, way="other", other="30", shown="0 refund keep", **WHY)
    assert answer.status_code == 422
    assert "The figures follow your last choice only now." in answer.text
    assert decisions_of(refused_case) == []


def test_ending_the_contract_says_when_and_does_it(
    desk: FlaskClient, house: House, refused_case: int
) -> None:
    day = (now() + timedelta(days=20)).date()
    shown = decide(
        desk, refused_case, way="rule", subscription_effect="end_now", effect_on=str(day), look="1"
    )
    assert "End the contract, pay nothing" in shown.text
    done = decide(desk, refused_case, way="rule", subscription_effect="end_now", effect_on=str(day))
    assert done.status_code == 303
    fresh()
    assert db.session.get_one(Subscription, house.subscription.id).ends_on == day


def test_a_day_is_only_meant_where_the_contract_ends_at_once(desk: FlaskClient, refused_case: int) -> None:
    done = decide(desk, refused_case, way="rule", subscription_effect="keep", effect_on="2027-01-01")
    assert done.status_code == 303
    (decision,) = decisions_of(refused_case)
    assert decision.effect_on is None


def test_an_open_verdict_asks_for_approval(desk: FlaskClient, open_case: tuple[int, int]) -> None:
    case_id, _charge = open_case
    assert the(case_id).verdict_outcome in ("needs_information", "needs_review")
    page = desk.get(f"/cases/{case_id}/decision").text
    assert "Decided now, it needs approval." in page
    assert "No amount is chosen yet." in page
    refused = decide(desk, case_id, way="rule")
    assert refused.status_code == 422
    assert "The verdict gives no amount yet." in refused.text
    assert decide(desk, case_id, way="other", other="5", **WHY).status_code == 303
    (decision,) = decisions_of(case_id)
    assert (decision.state, decision.approval_reasons) == ("proposed", ["verdict_open"])


def test_a_cancellation_is_decided_on_the_way_out(desk: FlaskClient, house: House, agent: Person) -> None:
    case_id = logged(house, agent, kind="cancellation")
    page = desk.get(f"/cases/{case_id}/decision").text
    assert "Decide on the cancellation" in page
    done = decide(
        desk, case_id, way="refuse", subscription_effect="end_at_period_end", reason_code="agreed",
        reason_text="Fin de période convenue.",
    )  # fmt: skip
    assert done.status_code == 303
    (decision,) = decisions_of(case_id)
    assert (decision.amount_minor, decision.subscription_effect) == (0, "end_at_period_end")


def test_a_case_without_a_customer_can_be_refused(desk: FlaskClient, house: House, agent: Person) -> None:
    case_id = logged(
        house, agent, customer_id=None, subscription_id=None, claimed_name="Zoë P.",
        entity_id=house.entity.id,
    )  # fmt: skip
    page = desk.get(f"/cases/{case_id}/decision")
    assert page.status_code == 200
    assert "Zoë P." in page.text
    assert decide(desk, case_id, way="refuse", reason_code="agreed", reason_text="x").status_code == 303


def test_a_closed_case_is_not_decided(desk: FlaskClient, refused_case: int) -> None:
    form = seen(desk, f"/cases/{refused_case}/decision")
    closer = actor_of(a_person("agent"))
    version = the_version(refused_case)
    with transaction() as session:
        changing.close_case(
            session,
            c.CloseCase(refused_case, version, "withdrawn"),
            actor=closer,
            now=now(),
        )
    assert "Reopen it before you decide." in desk.get(f"/cases/{refused_case}/decision").text
    answer = send(
        desk,
        f"/cases/{refused_case}/decision",
        {**form, "version": str(the_version(refused_case)), "way": "rule", "subscription_effect": "keep"},
    )
    assert answer.status_code == 422
    assert decisions_of(refused_case) == []


def test_while_one_decision_waits_no_second_is_made(
    desk: FlaskClient, agent: Person, refused_case: int, charge_id: int
) -> None:
    form = seen(desk, f"/cases/{refused_case}/decision")
    proposed(agent, refused_case, charge_id, 40_000)
    answer = send(
        desk,
        f"/cases/{refused_case}/decision",
        {**form, "version": str(the_version(refused_case)), "way": "rule", "subscription_effect": "keep"},
    )
    assert answer.status_code == 422
    assert "waits for approval" in answer.text
    assert len(decisions_of(refused_case)) == 1


def test_a_case_one_may_not_see_is_not_found(client: FlaskClient, app: Flask, refused_case: int) -> None:
    sign_in(client, a_person("agent", sees="team", team_id=a_team().id))
    url = f"/cases/{refused_case}/decision"
    assert client.get(url).status_code == 404
    assert send(client, url, {"way": "rule", "subscription_effect": "keep"}).status_code == 404
    assert client.get("/cases/999999/decision").status_code == 404
    assert decisions_of(refused_case) == []


@pytest.mark.parametrize("role", ["mediator", "administrator"])
def test_other_roles_do_not_decide(client: FlaskClient, refused_case: int, role: str) -> None:
    sign_in(client, a_person(role))
    url = f"/cases/{refused_case}/decision"
    assert client.get(url).status_code == 403
    assert send(client, url, {"way": "rule"}).status_code == 403


def test_the_letter_is_shown_in_the_customers_language_with_ones_own_words(
    desk: FlaskClient, refused_case: int
) -> None:
    shown = decide(desk, refused_case, way="other", other="30", letter_text="Avec nos regrets <i>.", look="1")
    letter = shown.text.split('id="decide-letter"')[1]
    assert 'lang="fr"' in letter
    assert "30,00" in letter
    assert "Avec nos regrets &lt;i&gt;." in letter


def test_a_draft_comes_back_and_goes_with_the_decision(
    desk: FlaskClient, agent: Person, refused_case: int
) -> None:
    url = f"/cases/{refused_case}/decision"
    typed = {"way": "other", "other": "12.50", "subscription_effect": "keep", **WHY}
    assert send(desk, f"/drafts/case-{refused_case}-decision", typed).status_code == 200
    page = desk.get(url).text
    assert 'value="12.50"' in page
    assert "Jamais venue depuis juillet." in page
    assert "12.50" in page.split("You propose")[1][:80]
    assert decide(desk, refused_case, **typed).status_code == 303
    fresh()
    assert db.session.scalars(select(Draft.place)).all() == []


def test_the_page_keeps_to_its_budget_of_queries(desk: FlaskClient, house: House, refused_case: int) -> None:
    for _ in range(6):
        paid(house)
    a_customer()
    url = f"/cases/{refused_case}/decision"
    desk.get(url)
    with statements() as said:
        assert desk.get(url).status_code == 200
    assert len(said) <= 14, (len(said), said)
