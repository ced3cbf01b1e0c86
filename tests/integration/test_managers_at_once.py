"""Two managers press a button in the same instant, through the doors and from threads: one wins, the other is told."""

import contextvars
import threading
from itertools import count

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from casedesk.accounts.models import Person
from casedesk.cases import commands as c
from casedesk.cases.actions import escalating, opening
from casedesk.cases.escalation_models import Escalation
from casedesk.cases.models import Case
from casedesk.store import clock, verify
from casedesk.store.db import db
from casedesk.store.models import Entry
from casedesk.store.transaction import transaction
from tests.factories import a_person, a_team, actor_of, an_entity, csrf, sign_in
from tests.integration.house import furnish
from tests.integration.proposals import decisions_of, logged, paid, proposed, reserved, seen

_once = count(1)


@pytest.fixture
def managers(app: Flask) -> list[Person]:
    an_entity()
    team = a_team()
    return [
        a_person("manager", name=name, team_id=team.id, approval_ceiling_minor=100_000)
        for name in ("Solène Kerbiriou", "Fiona MacAllister")
    ]


@pytest.fixture
def doors(app: Flask, managers: list[Person]) -> list[FlaskClient]:
    return [sign_in(app.test_client(), person) for person in managers]


def together(doors: list[FlaskClient], url: str, fields: list[dict[str, str]]) -> list[TestResponse]:
    """The same form from every door at once; each from a thread of its own, with a session of its own."""
    gate = threading.Barrier(len(doors))
    answers: list[TestResponse | None] = [None] * len(doors)
    forms = [
        {"csrf_token": csrf(door), "once": f"at-once-{next(_once)}", **typed}
        for door, typed in zip(doors, fields, strict=True)
    ]
    db.session.remove()

    def press(n: int) -> None:
        with doors[n].application.app_context():
            gate.wait()
            answers[n] = doors[n].post(url, data=forms[n])

    threads = [threading.Thread(target=contextvars.Context().run, args=(press, n)) for n in range(len(doors))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.remove()
    return [answer for answer in answers if answer is not None]


def won_and_lost(answers: list[TestResponse]) -> tuple[int, TestResponse]:
    """Who won, and what the other one reads."""
    assert len(answers) == 2
    codes = [answer.status_code for answer in answers]
    assert sorted(codes) == [303, 409], [codes, *(told(answer) for answer in answers)]
    return codes.index(303), answers[codes.index(409)]


def told(answer: TestResponse) -> str:
    """The box of errors of a page."""
    return answer.text.partition("cd-error-box")[2][:400]


def written(case_id: int, kind: str) -> int:
    statement = select(func.count()).where(
        Entry.subject_kind == "case", Entry.subject_id == case_id, Entry.kind == kind
    )
    return db.session.scalar(statement) or 0


@pytest.fixture
def case_id(managers: list[Person]) -> int:
    command = c.OpenCase(
        kind="refund", channel="mail", said="Bonjour.", cause_code=None, claimed_name="É. Vandenbroucke"
    )
    agent = a_person("agent", team_id=managers[0].team_id)
    with transaction() as session:
        return opening.open_case(session, command, actor=actor_of(agent), now=clock.now())


def raised(case_id: int, by: Person, to_stage: str = "manager") -> int:
    command = c.Escalate(case_id, to_stage, "no_agreement", "Qui : E. Quoi : 478,80 €.")
    with transaction() as session:
        return escalating.escalate(session, command, actor=actor_of(by), now=clock.now()).id


@pytest.mark.parametrize("_run", range(3))
def test_taking_up(case_id: int, managers: list[Person], doors: list[FlaskClient], _run: int) -> None:
    escalation_id = raised(case_id, managers[0])
    url = f"/cases/{case_id}/escalations/{escalation_id}/acknowledgement"
    winner, other = won_and_lost(together(doors, url, [{}, {}]))
    assert managers[winner].name in other.text
    row = db.session.get_one(Escalation, escalation_id)
    assert (row.state, row.acknowledged_by) == ("acknowledged", managers[winner].id)
    assert db.session.get_one(Case, case_id).owner_id == managers[winner].id
    assert written(case_id, "event.escalation_taken_up") == 1
    assert verify.verify(db.session()).faults == []


@pytest.mark.parametrize("_run", range(3))
def test_bringing_down(case_id: int, managers: list[Person], doors: list[FlaskClient], _run: int) -> None:
    raised(case_id, managers[0])
    looked = [seen(door, f"/cases/{case_id}/escalation") for door in doors]
    typed = [{**looked[n], "to_stage": "desk", "why": f"Réglé, {n}."} for n in range(2)]
    winner, other = won_and_lost(together(doors, f"/cases/{case_id}/descent", typed))
    assert f"Réglé, {1 - winner}." in other.text  # what was typed is kept
    assert written(case_id, "event.de_escalated") == 1
    assert db.session.get_one(Case, case_id).stage == "desk"


def test_who_comes_second_is_told_so_though_the_choice_is_no_longer_offered(
    case_id: int, managers: list[Person], doors: list[FlaskClient]
) -> None:
    raised(case_id, managers[0])
    looked = [seen(door, f"/cases/{case_id}/escalation") for door in doors]
    first, second = (
        door.post(
            f"/cases/{case_id}/descent",
            data={"csrf_token": csrf(door), **looked[n], "to_stage": "desk", "why": f"Réglé, {n}."},
        )
        for n, door in enumerate(doors)
    )
    assert (first.status_code, second.status_code) == (303, 409)
    assert "Réglé, 1." in second.text


@pytest.mark.parametrize("_run", range(3))
def test_raising(case_id: int, managers: list[Person], doors: list[FlaskClient], _run: int) -> None:
    looked = [seen(door, f"/cases/{case_id}/escalation") for door in doors]
    typed = [
        {**looked[n], "to_stage": "manager", "reason": "no_agreement", "summary": f"Histoire {n}."}
        for n in range(2)
    ]
    winner, other = won_and_lost(together(doors, f"/cases/{case_id}/escalations", typed))
    assert f"Histoire {1 - winner}." in other.text
    assert written(case_id, "event.escalated") == 1
    assert db.session.scalar(select(func.count()).select_from(Escalation)) == 1


@pytest.mark.parametrize("second", ["approve", "decline"])
def test_approving_and_answering(
    managers: list[Person], doors: list[FlaskClient], app: Flask, second: str
) -> None:
    house, agent = furnish(), a_person("agent", goodwill_ceiling_minor=3_000)
    charge_id = paid(house)
    case_id = logged(house, agent, charge_id=charge_id, claimed_minor=47_880)
    decision_id = proposed(agent, case_id, charge_id, 47_880)
    looked = [seen(door, f"/decisions/{decision_id}") for door in doors]
    typed = [
        {**looked[0], "answer": "approve", "said": ""},
        {**looked[1], "answer": second, "said": "Deux visites en novembre."},
    ]
    winner, other = won_and_lost(together(doors, f"/decisions/{decision_id}/answer", typed))
    approved = winner == 0 or second == "approve"
    assert [one.state for one in decisions_of(case_id)] == ["effective" if approved else "declined"]
    assert reserved(charge_id) == (47_880 if approved else 0)
    assert other.text.count('role="alert"') >= 1
    assert written(case_id, "decision.approved") == int(approved)
    assert written(case_id, "decision.declined") == int(not approved)
    assert verify.verify(db.session()).faults == []
