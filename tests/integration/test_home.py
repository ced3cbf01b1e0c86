"""Home: what is due, unread, pressing and waiting, for who looks; in few queries."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from casedesk.accounts.models import Person
from casedesk.cases.models import Case
from casedesk.store.clock import now
from tests.case_builders import a_case
from tests.factories import a_person, a_team, an_entity, sign_in
from tests.integration.house import House, furnish
from tests.integration.proposals import logged, paid, proposed, statements


@pytest.fixture
def agent(app: Flask) -> Person:
    return a_person("agent", name="Inès Belkacem", goodwill_ceiling_minor=3_000)


@pytest.fixture
def manager(app: Flask) -> Person:
    return a_person("manager", name="Solène Kerbiriou", approval_ceiling_minor=100_000)


def due(hours: float, **other: Any) -> Case:
    """A case whose clock runs out in so many hours."""
    at = now()
    return a_case(next_started_at=at - timedelta(days=2), next_due_at=at + timedelta(hours=hours), **other)


def section(page: str, title: str) -> str:
    """The part of Home under this heading."""
    part = next(s for s in page.split("<section")[1:] if f">{title}</h2>" in s)
    return part.split("</section>")[0]


def numbers_in(part: str, cases: list[Case]) -> list[str]:
    """The numbers of `cases` that stand in the part, in its order."""
    found = [(part.index(c.number or "?"), c.number or "") for c in cases if (c.number or "?") in part]
    return [number for _place, number in sorted(found)]


def test_ones_own_cases_stand_by_what_is_due_next(client: FlaskClient, agent: Person) -> None:
    later, late, soon = (due(h, owner_id=agent.id) for h in (30, -2, 3))
    paused = due(-50, owner_id=agent.id, next_paused=True)
    theirs, done = due(1), due(1, owner_id=agent.id, status="closed", outcome="granted")
    every = [later, late, soon, paused, theirs, done]
    part = section(sign_in(client, agent).get("/").text, "Due next")
    assert numbers_in(part, every) == [c.number for c in (late, soon, later, paused)]


def test_more_than_the_list_shows_is_counted(client: FlaskClient, agent: Person) -> None:
    for hours in range(11):
        due(hours + 1, owner_id=agent.id)
    part = section(sign_in(client, agent).get("/").text, "Due next")
    assert part.count("<li>") == 8
    assert ">11<" in part
    assert "/cases?view=mine" in part


def test_unread_replies_are_ones_own(client: FlaskClient, agent: Person) -> None:
    mine, read = due(5, owner_id=agent.id, unread=True), due(5, owner_id=agent.id)
    theirs = due(5, unread=True)
    part = section(sign_in(client, agent).get("/").text, "Unread replies")
    assert numbers_in(part, [mine, read, theirs]) == [mine.number]


def test_a_manager_sees_late_and_at_risk_worst_first(client: FlaskClient, manager: Person) -> None:
    risk, late, fine = due(2), due(-20), due(20)
    paused, closed = due(-3, next_paused=True), due(-3, status="closed", outcome="refused")
    part = section(sign_in(client, manager).get("/").text, "Late and at risk")
    assert numbers_in(part, [risk, late, fine, paused, closed]) == [late.number, risk.number]


def test_a_manager_sees_proposals_of_others(client: FlaskClient, agent: Person, manager: Person) -> None:
    house: House = furnish()
    first, second = paid(house), paid(house)
    others = logged(house, agent, charge_id=first)
    own = logged(house, manager, charge_id=second)
    of_other = proposed(agent, others, first, 47_880)
    of_self = proposed(manager, own, second, 47_880)
    part = section(sign_in(client, manager).get("/").text, "Waiting for your approval")
    assert f'href="/decisions/{of_other}"' in part
    assert f'href="/decisions/{of_self}"' not in part
    assert "Inès Belkacem" in part


def test_a_manager_sees_who_has_what(client: FlaskClient, agent: Person, manager: Person) -> None:
    for hours in (-1, 2, 50):
        due(hours, owner_id=agent.id)
    due(-4)
    part = section(sign_in(client, manager).get("/").text, "Who has what")
    row = part.split("Inès Belkacem")[1].split("</tr>")[0]
    assert row.count(">3</td>") == 1
    assert '<b class="late">1</b>' in row
    assert '<b class="risk">1</b>' in row
    assert "nobody" in part


def test_every_list_says_when_there_is_nothing(client: FlaskClient, manager: Person) -> None:
    page = sign_in(client, manager).get("/").text
    for sentence in (
        "Nothing of yours is due.",
        "You have read everything.",
        "No case is late.",
        "No decision waits for you.",
        "No case is open.",
    ):
        assert sentence in page


def test_an_agent_sees_no_lists_of_managers(client: FlaskClient, agent: Person) -> None:
    due(-5)
    page = sign_in(client, agent).get("/").text
    for title in ("Late and at risk", "Waiting for your approval", "Who has what"):
        assert f">{title}</h2>" not in page


def test_who_sees_only_the_team_counts_only_the_team(client: FlaskClient, app: Flask) -> None:
    ours, theirs = a_team(), a_team()
    entity = an_entity()
    seen, hidden = (due(-5, entity=entity, team_id=team.id) for team in (ours, theirs))
    lead = a_person("manager", sees="team", team_id=ours.id)
    page = sign_in(client, lead).get("/").text
    assert numbers_in(section(page, "Late and at risk"), [seen, hidden]) == [seen.number]
    assert hidden.number not in page
    late = section(page, "The desk now").split("view=late")[1].split("</dd>")[0]
    assert '<b class="late">1</b>' in late


@pytest.mark.parametrize("role", ["mediator", "administrator"])
def test_other_roles_see_no_cases(client: FlaskClient, role: str) -> None:
    case = due(-5)
    answer = sign_in(client, a_person(role)).get("/")
    assert answer.status_code == 200
    assert case.number not in answer.text
    assert "Due next" not in answer.text


def test_home_keeps_to_its_budget_of_queries(client: FlaskClient, agent: Person, manager: Person) -> None:
    for n in range(20):
        due(n - 5, owner_id=manager.id, unread=n % 2 == 0)
    sign_in(client, manager)
    client.get("/")
    with statements() as said:
        assert client.get("/").status_code == 200
    assert len(said) <= 8, (len(said), said)
