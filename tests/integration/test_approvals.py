"""Four eyes: what waits is listed, shown with its verdict and its letter, and answered by somebody else."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from casedesk.accounts.models import Person
from casedesk.cases import commands as c
from casedesk.cases.actions import supplying
from casedesk.store.clock import now
from casedesk.store.transaction import transaction
from tests.factories import a_person, a_team, actor_of, send, sign_in
from tests.integration.house import House, furnish
from tests.integration.proposals import (
    decisions_of,
    logged,
    paid,
    proposed,
    reserved,
    seen,
    statements,
    the,
)


@pytest.fixture
def house(app: Flask) -> House:
    return furnish()


@pytest.fixture
def agent(app: Flask) -> Person:
    return a_person("agent", name="Inès Belkacem", goodwill_ceiling_minor=3_000)


@pytest.fixture
def manager(app: Flask) -> Person:
    return a_person("manager", name="Solène Kerbiriou", approval_ceiling_minor=100_000)


@pytest.fixture
def waits(house: House, agent: Person) -> tuple[int, int, int]:
    """(case, charge, decision) of a proposal that waits."""
    charge_id = paid(house)
    case_id = logged(house, agent, charge_id=charge_id, claimed_minor=47_880)
    return case_id, charge_id, proposed(agent, case_id, charge_id, 47_880)


@pytest.fixture
def desk(client: FlaskClient, manager: Person) -> FlaskClient:
    return sign_in(client, manager)


def answer(client: FlaskClient, decision_id: int, **fields: str) -> object:
    return send(
        client,
        f"/decisions/{decision_id}/answer",
        {**seen(client, f"/decisions/{decision_id}"), **fields},
    )


def test_what_waits_is_listed_with_amount_reason_and_proposer(
    desk: FlaskClient, waits: tuple[int, int, int]
) -> None:
    case_id, _charge, decision_id = waits
    page = desk.get("/approvals").text
    assert the(case_id).number in page
    assert "478.80\u00a0EUR" in page
    assert "Goodwill" in page
    assert "Inès Belkacem" in page
    assert f'href="/decisions/{decision_id}"' in page


def test_a_list_without_proposals_says_so(desk: FlaskClient) -> None:
    assert "No decision waits for approval." in desk.get("/approvals").text


def test_agents_do_not_see_the_list(client: FlaskClient, agent: Person) -> None:
    assert sign_in(client, agent).get("/approvals").status_code == 403


def test_the_list_goes_on_by_pages(client: FlaskClient, house: House, agent: Person, manager: Person) -> None:
    numbers = []
    for _ in range(27):
        charge_id = paid(house)
        case_id = logged(house, agent, charge_id=charge_id)
        proposed(agent, case_id, charge_id, 40_000)
        numbers.append(the(case_id).number or "")
    sign_in(client, manager)
    first = client.get("/approvals").text
    assert [n for n in numbers if n in first] == numbers[:25]
    url = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = client.get(url).text
    assert [n for n in numbers if n in second] == numbers[25:]


@pytest.mark.parametrize("cursor", ["x", "W10", "WzEsMl0", "WyIyMDI2IiwiYSJd", "WyIyMDI2LTAxLTAxIiwxXQ"])
def test_a_cursor_that_is_none_is_refused_with_a_page(desk: FlaskClient, cursor: str) -> None:
    assert desk.get(f"/approvals?after={cursor}").status_code in (400, 422)


def test_the_page_of_a_decision_shows_verdict_difference_and_letter(
    desk: FlaskClient, waits: tuple[int, int, int]
) -> None:
    page = desk.get(f"/decisions/{waits[2]}").text
    assert "Approve 478.80\u00a0EUR" in page
    assert "Jamais venue depuis juillet." in page
    assert "Proposed by Inès Belkacem" in page
    assert "The verdict that it rests on" in page
    assert 'lang="fr"' in page
    assert "478,80" in page


def test_approving_makes_the_decision_effective(desk: FlaskClient, waits: tuple[int, int, int]) -> None:
    case_id, _charge, decision_id = waits
    done = answer(desk, decision_id, answer="approve")
    assert (done.status_code, done.location) == (303, f"/cases/{case_id}")  # type: ignore[attr-defined]
    assert [d.state for d in decisions_of(case_id)] == ["effective"]
    assert the(case_id).status == "decided"
    assert "This decision is in force." in desk.get(f"/decisions/{decision_id}").text


def test_declining_needs_a_word_and_keeps_what_was_typed(
    desk: FlaskClient, waits: tuple[int, int, int]
) -> None:
    case_id, charge_id, decision_id = waits
    refused = answer(desk, decision_id, answer="decline", said="  ")
    assert refused.status_code == 422  # type: ignore[attr-defined]
    assert "Say why you decline" in refused.text  # type: ignore[attr-defined]
    assert [d.state for d in decisions_of(case_id)] == ["proposed"]
    assert answer(desk, decision_id, answer="decline", said="Deux visites en novembre.").status_code == 303  # type: ignore[attr-defined]
    assert [d.state for d in decisions_of(case_id)] == ["declined"]
    assert reserved(charge_id) == 0
    assert the(case_id).status == "open"
    assert "Deux visites en novembre." in desk.get(f"/cases/{case_id}").text


def test_ones_own_proposal_has_no_button_and_says_why(
    client: FlaskClient, house: House, manager: Person
) -> None:
    charge_id = paid(house)
    case_id = logged(house, manager, charge_id=charge_id)
    decision_id = proposed(manager, case_id, charge_id, 47_880)
    sign_in(client, manager)
    page = client.get(f"/decisions/{decision_id}").text
    assert "This is your own proposal. Somebody else must approve it." in page
    assert 'value="approve"' not in page
    assert "not for you" in client.get("/approvals").text
    refused = answer(client, decision_id, answer="approve")
    assert refused.status_code == 422  # type: ignore[attr-defined]
    assert [d.state for d in decisions_of(case_id)] == ["proposed"]


def test_what_is_above_the_ceiling_is_said_beforehand_and_refused(
    client: FlaskClient, waits: tuple[int, int, int]
) -> None:
    case_id, _charge, decision_id = waits
    sign_in(client, a_person("manager", approval_ceiling_minor=10_000))
    page = client.get(f"/decisions/{decision_id}").text
    assert "above the 100.00\u00a0EUR that you may approve" in page
    assert 'aria-disabled="true"' in page
    refused = answer(client, decision_id, answer="approve")
    assert refused.status_code == 422  # type: ignore[attr-defined]
    assert "This is above what you may approve." in refused.text  # type: ignore[attr-defined]
    assert [d.state for d in decisions_of(case_id)] == ["proposed"]


def test_an_agent_reads_the_page_but_cannot_answer(
    client: FlaskClient, agent: Person, waits: tuple[int, int, int]
) -> None:
    sign_in(client, a_person("agent"))
    page = client.get(f"/decisions/{waits[2]}").text
    assert "It waits for a manager&#39;s approval." in page
    assert 'value="approve"' not in page
    assert send(client, f"/decisions/{waits[2]}/answer", {"answer": "approve"}).status_code == 403


def test_a_decision_answered_meanwhile_is_a_conflict_that_keeps_the_word(
    client: FlaskClient, manager: Person, waits: tuple[int, int, int]
) -> None:
    case_id, _charge, decision_id = waits
    sign_in(client, manager)
    stale = seen(client, f"/decisions/{decision_id}")
    assert answer(client, decision_id, answer="approve").status_code == 303  # type: ignore[attr-defined]
    late = send(
        client, f"/decisions/{decision_id}/answer", {**stale, "answer": "decline", "said": "Trop tard ?"}
    )
    assert late.status_code == 409
    assert "answered meanwhile" in late.text
    assert [d.state for d in decisions_of(case_id)] == ["effective"]


def test_the_same_form_sent_twice_answers_once(desk: FlaskClient, waits: tuple[int, int, int]) -> None:
    case_id, _charge, decision_id = waits
    fields = {**seen(desk, f"/decisions/{decision_id}"), "answer": "approve", "once": "pressed-twice"}
    first = send(desk, f"/decisions/{decision_id}/answer", fields)
    second = send(desk, f"/decisions/{decision_id}/answer", fields)
    assert first.location == second.location == f"/cases/{case_id}"
    assert [d.state for d in decisions_of(case_id)] == ["effective"]


def test_facts_that_changed_let_the_proposal_lapse(
    desk: FlaskClient, agent: Person, waits: tuple[int, int, int]
) -> None:
    case_id, charge_id, decision_id = waits
    with transaction() as session:
        fact = c.FactLine("express_request", "known", True, "signed form")
        supplying.supply_fact(session, c.SupplyFact(case_id, fact), actor=actor_of(agent), now=now())
    assert answer(desk, decision_id, answer="approve").status_code == 303  # type: ignore[attr-defined]
    assert [d.state for d in decisions_of(case_id)] == ["lapsed"]
    assert reserved(charge_id) == 0
    assert "the proposal lapsed" in desk.get(f"/cases/{case_id}").text


def test_who_sees_only_the_team_neither_lists_nor_opens_nor_answers_others(
    client: FlaskClient, waits: tuple[int, int, int]
) -> None:
    case_id, _charge, decision_id = waits
    sign_in(client, a_person("manager", sees="team", team_id=a_team().id, approval_ceiling_minor=100_000))
    assert "No decision waits for approval." in client.get("/approvals").text
    assert client.get(f"/decisions/{decision_id}").status_code == 404
    refused = send(client, f"/decisions/{decision_id}/answer", {"version": "1", "answer": "approve"})
    assert refused.status_code == 404
    assert [d.state for d in decisions_of(case_id)] == ["proposed"]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"answer": "maybe", "version": "1"},
        {"answer": "approve", "version": "²"},
        {"answer": "approve", "version": "9" * 30},
        {"answer": "approve", "version": "-1"},
        {"answer": "decline", "version": "1", "said": "x" * 100_001},
    ],
)
def test_nonsense_is_refused_with_a_page_and_decides_nothing(
    desk: FlaskClient, waits: tuple[int, int, int], fields: dict[str, str]
) -> None:
    case_id, _charge, decision_id = waits
    assert send(desk, f"/decisions/{decision_id}/answer", fields).status_code in (409, 422)
    assert [d.state for d in decisions_of(case_id)] == ["proposed"]


def test_a_decision_that_does_not_exist_is_not_found(desk: FlaskClient) -> None:
    assert desk.get("/decisions/999999").status_code == 404
    assert desk.get("/decisions/99999999999999999999").status_code == 404
    assert send(desk, "/decisions/999999/answer", {"answer": "approve"}).status_code == 404


def test_the_pages_keep_to_their_budget_of_queries(desk: FlaskClient, waits: tuple[int, int, int]) -> None:
    for url, most in (("/approvals", 8), (f"/decisions/{waits[2]}", 14)):
        desk.get(url)
        with statements() as said:
            assert desk.get(url).status_code == 200
        assert len(said) <= most, (url, len(said), said)
