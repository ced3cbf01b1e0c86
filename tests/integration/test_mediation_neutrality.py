"""A mediator is neutral by the panel's check, by the lock on the case, and by the database itself; two who act at once."""

import contextvars
import threading
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from casedesk.accounts.models import Person, Team
from casedesk.cases import commands as cases
from casedesk.cases.actions.exchanging import record_note
from casedesk.cases.models import Case, CaseActor
from casedesk.kernel.errors import CasedeskError, Conflict, NotAllowed, RuleBroken
from casedesk.mediation import commands as c
from casedesk.mediation import jobs
from casedesk.mediation.actions import appointing, proposing
from casedesk.mediation.models import Appointment
from casedesk.store.db import db
from casedesk.store.models import Entry
from casedesk.store.transaction import transaction
from tests.case_builders import a_case
from tests.factories import actor_of, send, sign_in, stored
from tests.integration.mediations import CUSTOMER, Play, a_play, fresh


@pytest.fixture
def play(app: Flask) -> Play:
    return a_play(app)


def took_part(play: Play, case_id: int, role: str = "agent") -> None:
    """The mediator once worked on that case as something else."""
    with transaction() as session:
        entry_id = session.query(Entry.id).order_by(Entry.id).first()[0]  # type: ignore[index]
        session.add(
            CaseActor(case_id=case_id, person_id=play.mediator.id, as_role=role, first_entry_id=entry_id)
        )


def test_who_took_part_in_the_case_is_neither_proposed_nor_appointed(play: Play) -> None:
    took_part(play, play.case_id)
    play.requested()
    assert play.file.proposed_mediator_id == play.second.id
    with pytest.raises(RuleBroken, match="not_neutral"):
        play.do(appointing.appoint, c.Appoint(play.file_id, play.mediator.id), play.administrator)


def test_who_took_part_in_another_case_of_the_customer_is_not_appointed(play: Play) -> None:
    took_part(play, a_case(play.house.customer, play.house.entity).id)
    play.requested()
    with pytest.raises(RuleBroken, match="not_neutral"):
        play.do(appointing.appoint, c.Appoint(play.file_id, play.mediator.id), play.administrator)


def row(play: Play, case_id: int) -> Appointment:
    return Appointment(
        mediation_id=play.file_id,
        case_id=case_id,
        mediator_id=play.mediator.id,
        appointed_by=None,
        appointed_at=play.now,
        checked={},
        declaration_entry_id=1,
    )


def test_the_database_refuses_who_took_another_part(play: Play) -> None:
    took_part(play, play.case_id)
    play.requested()
    with pytest.raises(IntegrityError, match="another part"), transaction() as session:
        session.add(row(play, play.case_id))


def test_the_database_looks_at_the_cases_that_were_merged(play: Play) -> None:
    other = a_case(None, play.house.entity).id
    took_part(play, other)
    play.requested()
    with transaction() as session:
        session.get_one(Case, other).merged_into_id = play.case_id
    with pytest.raises(IntegrityError, match="another part"), transaction() as session:
        session.add(row(play, play.case_id))


def test_the_database_refuses_the_appointed_any_other_part(play: Play) -> None:
    play.requested().appointed()
    with pytest.raises(IntegrityError, match="no other part"):
        took_part(play, play.case_id)
    with pytest.raises(IntegrityError, match="no other part"), transaction() as session:
        session.execute(
            text(
                "INSERT INTO case_actors (case_id, person_id, as_role, first_entry_id) "
                "VALUES (:case, :person, 'agent', 1)"
            ),
            {"case": play.case_id, "person": play.mediator.id},
        )


def looked_at(play: Play) -> None:
    """The worker's look of every five minutes."""
    with transaction() as session:
        jobs.watch(session, {}, now=play.now)


def stepped_back(play: Play) -> None:
    assert (play.file.mediator_id, play.file.proposed_mediator_id) == (None, play.second.id)
    recused = [entry.body["reason"] for entry in play.entries() if entry.kind == "mediation.recused"]
    assert recused == ["earlier_part"]
    looked_at(play)
    assert [e.kind for e in play.entries()].count("mediation.recused") == 1


def test_who_is_still_neutral_stays(play: Play) -> None:
    play.in_exchange()
    looked_at(play)
    assert play.file.mediator_id == play.mediator.id


def test_a_merge_recuses_the_mediator_of_who_took_part_in_the_other_case(play: Play) -> None:
    other = a_case(None, play.house.entity).id
    took_part(play, other)
    play.requested().appointed()
    with transaction() as session:
        session.get_one(Case, other).merged_into_id = play.case_id
    looked_at(play)
    stepped_back(play)


def test_a_customer_who_is_found_later_recuses_who_worked_on_their_other_case(play: Play) -> None:
    other = a_case(None, play.house.entity).id
    took_part(play, other)
    play.requested().appointed()
    with transaction() as session:
        session.get_one(Case, other).customer_id = play.house.customer.id
    looked_at(play)
    stepped_back(play)


@pytest.mark.parametrize("moved", ["mediator", "case"])
def test_a_mediator_who_comes_to_the_team_of_the_case_steps_back(play: Play, moved: str) -> None:
    play.in_exchange()
    team = stored(Team(name="Lyon")).id
    for what in (moved, {"mediator": "case", "case": "mediator"}[moved]):
        looked_at(play)
        assert play.file.mediator_id == play.mediator.id
        with transaction() as session:
            if what == "case":
                session.get_one(Case, play.case_id).team_id = team
            else:
                session.get_one(Person, play.mediator.id).team_id = team
    looked_at(play)
    stepped_back(play)


def test_a_recused_mediator_hands_over_to_the_next(play: Play) -> None:
    play.in_exchange()
    play.do(appointing.recuse, c.Recuse(play.file_id, "tie", "Un cousin y travaille."), play.mediator)
    assert (play.file.mediator_id, play.file.proposed_mediator_id) == (None, play.second.id)
    play.do(appointing.appoint, c.Appoint(play.file_id, play.second.id), play.second)
    assert play.file.mediator_id == play.second.id


def test_without_the_declaration_nobody_is_appointed(play: Play) -> None:
    play.requested()
    with pytest.raises(CasedeskError, match="declaration"):
        play.do(
            appointing.appoint,
            c.Appoint(play.file_id, play.mediator.id, declares_no_ties=False),
            play.mediator,
        )


def at_once(app: Flask, *deeds: Callable[[], object]) -> list[object]:
    """Each deed in a thread of its own, begun together; what each answered or was refused with."""
    gate, answers = threading.Barrier(len(deeds)), [None] * len(deeds)

    def run(n: int, deed: Callable[[], object]) -> None:
        with app.app_context():
            gate.wait()
            try:
                answers[n] = deed()  # type: ignore[call-overload]
            except Exception as refused:
                answers[n] = refused  # type: ignore[call-overload]
            finally:
                db.session.remove()

    threads = [
        threading.Thread(target=contextvars.Context().run, args=(run, n, deed))
        for n, deed in enumerate(deeds)
    ]
    db.session.remove()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return list(answers)


def test_of_two_mediators_who_take_a_file_at_once_one_has_it_and_the_other_is_told(
    app: Flask, play: Play
) -> None:
    play.requested()
    version = play.file.version
    both = [
        lambda who=who: play.do(
            appointing.appoint, c.Appoint(play.file_id, who.id, version), play.administrator
        )
        for who in (play.mediator, play.second)
    ]
    answers = at_once(app, *both)
    refused = [one for one in answers if isinstance(one, CasedeskError)]
    assert len(refused) == 1, answers
    assert isinstance(refused[0], Conflict)
    fresh()
    assert db.session.query(Appointment).filter_by(ended_at=None).count() == 1


def test_of_an_acceptance_and_a_newer_proposal_at_once_only_one_stands(app: Flask, play: Play) -> None:
    play.in_exchange()
    first = play.proposed(play.manager, 10_000)
    proposal_id, now = first.id, play.now
    accept = c.AnswerProposal(play.file_id, proposal_id, accept=True, understood=True)
    answers = at_once(
        app,
        lambda: play.do(proposing.answer_proposal, accept, CUSTOMER),
        lambda: play.proposed(play.manager, 9_000),
    )
    refused = [one for one in answers if isinstance(one, CasedeskError)]
    assert len(refused) == 1, answers
    assert play.file.state in ("agreed", "proposal")
    assert now == play.now


def test_a_mediator_appointed_while_the_other_part_is_recorded_never_has_both(app: Flask, play: Play) -> None:
    """Whoever comes second is refused: the appointment locks the case, as every entry of the case does."""
    play.requested()
    agent_now = actor_of(play.mediator)

    def work() -> object:
        with transaction() as session:
            return record_note(
                session, cases.RecordNote(play.case_id, "Vu."), actor=agent_now, now=play.now
            ).id

    answers = at_once(
        app,
        work,
        lambda: play.do(appointing.appoint, c.Appoint(play.file_id, play.mediator.id), play.mediator),
    )
    fresh()
    roles = {r for (r,) in db.session.query(CaseActor.as_role).filter_by(person_id=play.mediator.id)}
    assert roles <= {"mediator"}, answers


def test_a_mediator_who_became_an_agent_is_told_why_the_case_cannot_be_worked_on(
    play: Play, client: FlaskClient
) -> None:
    play.requested().appointed()
    with transaction() as session:
        session.get_one(Person, play.mediator.id).role = "agent"
    now_agent = stored_person(play.mediator.id)
    with pytest.raises(NotAllowed, match=r"case\.mediates"):
        play.do(record_note, cases.RecordNote(play.case_id, "Rappelée."), now_agent)
    sign_in(client, stored_person(play.mediator.id))
    answer = send(client, f"/cases/{play.case_id}/notes", {"said": "Rappelée.", "text": "Rappelée."})
    assert answer.status_code < 500


def test_the_role_of_who_mediates_is_changed_once_they_stepped_back(play: Play, client: FlaskClient) -> None:
    play.requested().appointed()
    sign_in(client, play.administrator)
    person = stored_person(play.mediator.id)
    fields = {
        "name": person.name, "mail": person.mail, "role": "agent", "sees": person.sees, "locale": person.locale,
        "time_zone": person.time_zone, "version": str(person.version),
    }  # fmt: skip
    refused = send(client, f"/people/{person.id}", fields)
    assert refused.status_code == 422
    assert "step back" in refused.text
    play.do(appointing.recuse, c.Recuse(play.file_id, "tie"), play.mediator)
    assert send(client, f"/people/{person.id}", fields).status_code == 303
    assert stored_person(person.id).role == "agent"


def stored_person(person_id: int) -> Person:
    fresh()
    return db.session.get_one(Person, person_id)
