"""What a page of a mediation asks the database, however much was said in the file: ten statements."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from casedesk.accounts.models import Person
from casedesk.cases.actions import exchanging
from casedesk.cases.commands import NewAttachment, RecordExchange
from casedesk.mediation import commands as c
from casedesk.mediation.actions import hearing, offering
from casedesk.mediation.models import Agreement, Restatement
from casedesk.portal import jobs
from casedesk.portal.actions import agreeing, linking
from casedesk.portal.actions import offering as desk_offers
from casedesk.portal.secret import address, mark
from casedesk.store import blobs, clock
from casedesk.store.db import db
from casedesk.store.transaction import transaction
from tests.factories import actor_of, send, sign_in
from tests.integration import mediations
from tests.integration.mediations import CUSTOMER, Play
from tests.integration.proposals import statements

MOST = 10
PASSPHRASE = "les mélèzes dorment sous la neige"


def in_full(play: Play) -> None:
    """Every kind of thing that a file can hold, several times over."""
    point = hearing.add_point
    for n in range(3):
        play.do(point, c.AddPoint(play.file_id, f"Point {n}"), play.mediator)
        play.do(hearing.state, c.State(play.file_id, play.point_id, f"Précision {n}"), CUSTOMER)
        play.do(hearing.write_message, c.WriteMessage(play.file_id, f"Message {n}"), play.mediator)
        due = (play.now + timedelta(days=9)).date()
        play.do(
            hearing.ask_document, c.AskDocument(play.file_id, "customer", f"Pièce {n}", due), play.mediator
        )
        with transaction() as session:
            digest = blobs.put(session, f"%PDF-1.4 {n}".encode(), "application/pdf", now=play.now)
        paper = NewAttachment(digest, f"piece-{n}.pdf", "application/pdf", 9)
        play.do(hearing.add_document, c.AddDocument(play.file_id, paper, said="Pièce"), play.manager)
    play.do(hearing.restate, c.Restate(play.file_id, customer_concern="Ses mardis"), play.mediator)
    restated = db.session.scalars(select(Restatement.id)).one()
    play.do(hearing.answer_restatement, c.AnswerRestatement(play.file_id, restated), CUSTOMER)
    first = play.proposed(minor=9_000)
    play.answered(first, CUSTOMER, accept=False)
    play.answered(first, play.manager, accept=False)
    until = (play.now + timedelta(days=9)).date()
    play.do(offering.open_offers, c.OpenOffers(play.file_id, 2_000, until), play.mediator)
    play.proposed(minor=20_000)


@pytest.fixture
def play(app: Flask) -> Play:
    made = mediations.a_play(app)
    made.now = clock.now() - timedelta(days=2)
    made.in_exchange()
    in_full(made)
    return made


def agreed(play: Play) -> None:
    proposal = play.proposed(minor=21_000)
    play.answered(proposal, CUSTOMER)
    play.answered(proposal, play.manager)
    with transaction() as session:
        agreeing.make_paper(session, session.scalars(select(Agreement.id)).one(), now=clock.now())


def asked(client: FlaskClient, url: str, shown: str) -> list[str]:
    """The statements of `url`, once what is looked up the first time is known."""
    client.get(url)
    with statements() as said:
        page = client.get(url)
    assert shown in page.text, page.text
    return said


def signed_in(app: Flask, person: Person) -> FlaskClient:
    client = app.test_client()
    sign_in(client, person)
    return client


def within(said: list[str]) -> None:
    assert len(said) <= MOST, f"{len(said)} statements\n" + "\n\n".join(said)


@pytest.mark.parametrize("settled", [False, True], ids=["exchange", "agreed"])
@pytest.mark.parametrize("who", ["mediator", "manager", "agent"])
def test_the_files_page_needs_ten_statements(app: Flask, play: Play, who: str, settled: bool) -> None:
    if settled:
        agreed(play)
    client = signed_in(app, getattr(play, who))
    within(asked(client, f"/mediation/{play.file_id}", str(play.file.number)))


def test_the_files_page_with_its_sealed_notes_open_needs_ten_statements(app: Flask, play: Play) -> None:
    client = signed_in(app, play.mediator)
    secrets = {"new_passphrase": PASSPHRASE, "again": PASSPHRASE, "understood": "y"}
    assert send(client, "/mediation/notes/setup", secrets).status_code < 400
    wrote = send(client, f"/mediation/{play.file_id}/notes", {"sealed": "Ce que seule je lis"})
    assert wrote.status_code < 400, wrote.text
    within(asked(client, f"/mediation/{play.file_id}", "Ce que seule je lis"))


def test_the_list_needs_eight_statements(app: Flask, play: Play) -> None:
    said = asked(signed_in(app, play.mediator), "/mediation", str(play.file.number))
    assert len(said) <= 8, "\n".join(said)


@pytest.mark.parametrize("settled", [False, True], ids=["exchange", "agreed"])
def test_the_customers_mediation_needs_ten_statements(
    app: Flask, client: FlaskClient, play: Play, settled: bool
) -> None:
    if settled:
        agreed(play)
    with transaction() as session:
        made = linking.renew_mediation_link(
            session, play.file_id, actor=jobs.SYSTEM, mark=mark, now=clock.now()
        )
        url = "/my/" + address(made).rpartition("/")[2]
    within(asked(client, url, str(play.file.number)))


def test_the_customers_case_needs_ten_statements(app: Flask, client: FlaskClient, play: Play) -> None:
    agent = actor_of(play.manager)
    with transaction() as session:
        digest = blobs.put(session, b"%PDF-1.4", "application/pdf", now=play.now)
        paper = NewAttachment(digest, "preuve.pdf", "application/pdf", 9)
        for n in range(12):
            command = RecordExchange(
                play.case_id, "mail", n % 2 == 0, f"Réponse {n}", attachments=(paper,) if n == 4 else ()
            )
            exchanging.record_exchange(session, command, actor=agent, now=play.now)
    with transaction() as session:
        made = linking.make_case_link(
            session, play.case_id, shown=False, actor=agent, mark=mark, now=clock.now()
        )
        url = "/my/" + address(made).rpartition("/")[2]
    with transaction() as session:
        until = (clock.now() + timedelta(days=5)).date()
        command = desk_offers.MakeOffer(play.case_id, play.case.version, 4_000, "et deux mois", until)
        desk_offers.make_offer(session, command, actor=agent, mark=mark, now=clock.now())
    within(asked(client, url, "Réponse 11"))
