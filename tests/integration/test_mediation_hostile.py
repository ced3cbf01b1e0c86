"""What reaches a mediation and its door that should not: bad sums, bad files, links that open nothing, answers too late;
and two who act at the same instant through their own pages: one wins, the other is told."""

import contextvars
import io
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from casedesk.accounts.models import Person
from casedesk.mediation import commands as c
from casedesk.mediation.actions import hearing
from casedesk.mediation.models import (
    Agreement,
    Answer,
    Appointment,
    Document,
    Mediation,
    Proposal,
    RestatementAnswer,
)
from casedesk.portal import jobs
from casedesk.portal.actions import linking
from casedesk.portal.models import PartyLink
from casedesk.portal.secret import address, mark
from casedesk.store import clock
from casedesk.store.db import db
from casedesk.store.models import Entry
from casedesk.store.transaction import transaction
from tests.factories import a_person, send, sign_in
from tests.integration import mediations
from tests.integration.mediations import CUSTOMER, Play

LIMIT_MB = 25


@pytest.fixture
def play(app: Flask) -> Play:
    made = mediations.a_play(app)
    made.now = clock.now() - timedelta(days=2)
    return made.in_exchange()


def link(play: Play) -> str:
    with transaction() as session:
        made = linking.renew_mediation_link(
            session, play.file_id, actor=jobs.SYSTEM, mark=mark, now=clock.now()
        )
        return "/my/" + address(made).rpartition("/")[2]


def as_(app: Flask, person: Person) -> FlaskClient:
    return sign_in(app.test_client(), person)


def count(column: object) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count(column))) or 0  # type: ignore[arg-type]


SUMS = ["-5", "1e9", "99999999999999999999", "12 USD", "200 £", "abc", "NaN", "0,001", "478,81", "<b>5</b>"]


def test_a_sum_that_cannot_be_is_refused_and_kept_in_the_form(app: Flask, play: Play) -> None:
    client = as_(app, play.manager)
    until = (clock.now() + timedelta(days=9)).date().isoformat()
    for amount in SUMS:
        fields = {"refund": amount, "effect": "keep", "within_days": "15", "expires_on": until, "version": ""}
        answer = send(client, f"/mediation/{play.file_id}/acts/propose", fields)
        assert answer.status_code == 422, amount
        assert "cd-error" in answer.text, amount
        assert amount.replace("<", "&lt;").replace(">", "&gt;") in answer.text, amount
    assert count(Proposal.id) == 0


FILES = [
    (b"", "leer.pdf"),
    (b"MZ\x90\x00 program", "facture.pdf.exe"),
    (b"x" * (LIMIT_MB * 1024 * 1024 + 1), "gros.pdf"),
]


def test_files_that_cannot_be_kept_are_refused_with_why_on_both_doors(
    app: Flask, client: FlaskClient, play: Play
) -> None:
    url, desk = link(play), as_(app, play.manager)
    doors = [(client, f"{url}/documents"), (desk, f"/mediation/{play.file_id}/acts/add_document")]
    for who, there in doors:
        for data, name in FILES:
            fields = {"said": "Ma pièce", "files": (io.BytesIO(data), name)}
            answer = send(who, there, fields)
            assert answer.status_code in (413, 422), (there, name, answer.status_code)
            assert "error" in answer.text or f"{LIMIT_MB} MB" in answer.text, (there, name)
    assert count(Document.id) == 0


def test_a_link_that_opens_nothing_lets_nobody_act(play: Play, client: FlaskClient) -> None:
    """Forged, of another subject, revoked and run out: the same plain page for each act, and nothing is written."""
    proposal = play.proposed()
    url = link(play)
    before = count(Entry.id)
    acts = {
        "statement": {"point_id": str(play.point_id), "said": "x"},
        "words": {"said": "x"},
        "restatement": {"restatement_id": "1", "answer": "confirm"},
        f"proposals/{proposal.id}": {"version": "1", "answer": "accept", "understood": "y"},
        "figures": {"round_id": "1", "amount": "5"},
        "leaving": {"said": "x", "sure": "y"},
        "documents": {"said": "x"},
        "messages": {"said": "x"},
    }
    forged = url[:-3] + ("AAA" if not url.endswith("AAA") else "BBB")
    refusals = {send(client, f"{forged}/{act}", fields).status_code for act, fields in acts.items()}
    with transaction() as session:
        session.execute(update(PartyLink).values(expires_at=clock.now() - timedelta(seconds=1)))
    refusals |= {send(client, f"{url}/{act}", fields).status_code for act, fields in acts.items()}
    with transaction() as session:
        session.execute(
            update(PartyLink).values(expires_at=clock.now() + timedelta(days=1), revoked_at=clock.now())
        )
    refusals |= {send(client, f"{url}/{act}", fields).status_code for act, fields in acts.items()}
    assert refusals <= {404, 422}  # 422: too many misses of one origin, in words that say so
    assert count(Entry.id) == before


def test_answers_after_the_last_day_come_too_late_at_the_desk_too(app: Flask, play: Play) -> None:
    proposal = play.proposed()
    with transaction() as session:
        session.execute(update(Proposal).values(expires_at=clock.now() - timedelta(minutes=1)))
    fields = {"proposal_id": str(proposal.id), "proposal_version": "1", "accept": "yes", "understood": "y"}
    answer = send(as_(app, play.manager), f"/mediation/{play.file_id}/acts/answer", fields)
    assert answer.status_code == 409
    assert count(Answer.id) == 0


def at_once(app: Flask, *deeds: Callable[[], int]) -> list[int]:
    """Each deed in a thread of its own, begun together: the statuses that they were answered with."""
    gate, answers = threading.Barrier(len(deeds)), [0] * len(deeds)

    def run(n: int, deed: Callable[[], int]) -> None:
        with app.app_context():
            gate.wait()
            answers[n] = deed()
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
    return answers


def test_of_two_mediators_appointed_at_once_one_has_the_file_and_the_other_page_is_told(
    app: Flask, play: Play
) -> None:
    play.do(mediations.appointing.recuse, c.Recuse(play.file_id, "tie", "Un cousin."), play.mediator)
    third = a_person("mediator", name="Cléo Troisième")
    change = mediations.ChangeMediator(third.id, ("dispute",), ("fr",), 5, True)
    play.do(mediations.appointing.change_mediator, change, play.administrator)
    version = str(play.file.version)
    other = a_person("administrator", name="Un autre administrateur")
    url = f"/mediation/{play.file_id}/appointment"
    pairs = [(as_(app, play.administrator), play.second), (as_(app, other), third)]

    def deed(client: FlaskClient, who: int) -> Callable[[], int]:
        fields = {"mediator_id": str(who), "declares": "1", "version": version}
        return lambda: send(client, url, fields).status_code

    assert sorted(at_once(app, *(deed(client, who.id) for client, who in pairs))) == [303, 409]
    db.session.rollback()
    running = select(Appointment.mediator_id).where(Appointment.ended_at.is_(None))
    assert db.session.scalars(running).all() == [play.file.mediator_id]


def test_of_two_parties_who_answer_and_leave_at_once_only_one_is_heard(
    app: Flask, client: FlaskClient, play: Play
) -> None:
    proposal = play.proposed()
    play.answered(proposal, play.manager)
    url, manager = link(play), as_(app, play.manager)
    yes = {"version": "1", "answer": "accept", "understood": "y"}
    leave = {"cause": "withdrew", "said": "Nous partons."}
    answers = at_once(
        app,
        lambda: send(client, f"{url}/proposals/{proposal.id}", yes).status_code,
        lambda: send(manager, f"/mediation/{play.file_id}/acts/withdraw", leave).status_code,
    )
    assert answers.count(303) == 1
    assert set(answers) - {303} <= {404, 409, 422}
    state = db.session.scalars(select(Mediation.state)).one()
    assert (state, count(Agreement.id)) == (("agreed", 1) if answers[0] == 303 else ("withdrawn", 0))


def test_of_one_party_in_two_windows_one_answer_stands(app: Flask, play: Play) -> None:
    restated = play.do(hearing.restate, c.Restate(play.file_id, customer_concern="Ses mardis"), play.mediator)
    url, restated_id = link(play), restated.id
    clients = [app.test_client(), app.test_client()]
    words = [
        {"restatement_id": str(restated_id), "answer": "confirm"},
        {"restatement_id": str(restated_id), "answer": "correct", "corrected": "Pas tout à fait."},
    ]
    deeds = [
        lambda client=client, fields=fields: send(client, f"{url}/restatement", fields).status_code
        for client, fields in zip(clients, words, strict=True)
    ]
    assert sorted(at_once(app, *deeds)) == [303, 422]
    assert count(RestatementAnswer.id) == 1


def test_of_two_managers_who_carry_a_part_out_at_once_one_is_told(app: Flask, play: Play) -> None:
    proposal = play.proposed(parts=(mediations.Part("apology", said="Nos excuses"),))
    play.answered(proposal, CUSTOMER)
    play.answered(proposal, play.manager)
    task = play.tasks()[0].id
    url = f"/mediation/{play.file_id}/acts/fulfil"
    windows = [as_(app, play.manager), as_(app, play.mediator)]
    fields = {"task_id": str(task), "said": "Envoyées."}
    deeds = [lambda client=client: send(client, url, fields).status_code for client in windows]
    answers = sorted(at_once(app, *deeds))
    assert answers[0] == 303
    assert answers[1] in (404, 409, 422)
    db.session.rollback()
    told = select(func.count()).where(Entry.kind == "mediation.task_done")
    assert db.session.scalar(told) == 1
