"""A mediation from the customer's own link: statement, documents, restatement, proposal, sealed figure, leaving; and the
paper of the agreement, which anyone can check without reading it."""

import io
import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from casedesk.accounts.models import Person
from casedesk.channels.models import OutgoingMail
from casedesk.customers.models import Customer
from casedesk.mediation import commands as c
from casedesk.mediation.actions import hearing, offering
from casedesk.mediation.models import (
    Agreement,
    Answer,
    BlindOffer,
    Document,
    Mediation,
    Proposal,
    RestatementAnswer,
    Statement,
)
from casedesk.portal import jobs, tokens
from casedesk.portal.actions import agreeing, linking
from casedesk.portal.models import Paper, PartyLink, Receipt
from casedesk.portal.secret import address, mark
from casedesk.store import clock
from casedesk.store.db import db
from casedesk.store.transaction import transaction
from casedesk.worker import collect, drain
from tests.factories import send, sign_in
from tests.integration import mediations
from tests.integration.mediations import Play


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


def test_a_running_mediation_without_a_link_gets_one_by_mail_and_once(play: Play, app: Flask) -> None:
    for _ in range(2):
        with transaction() as session:
            jobs.send_links(session, {}, now=clock.now())
    assert len(db.session.scalars(select(PartyLink)).all()) == 1
    mails = db.session.scalars(select(OutgoingMail.text).where(OutgoingMail.text.contains("[[link:"))).all()
    assert len(mails) == 1


def test_a_link_that_cannot_be_mailed_is_not_made_and_keeps_nobody_waiting(play: Play, app: Flask) -> None:
    with transaction() as session:
        customer = session.get_one(Customer, play.file.customer_id)
        customer.erased_at = clock.now()
    with transaction() as session:
        jobs.send_links(session, {}, now=clock.now())
    assert db.session.scalars(select(PartyLink)).all() == []


def test_the_page_shows_both_sides_and_nothing_sealed(play: Play, client: FlaskClient) -> None:
    page = client.get(link(play))
    assert page.status_code == 200
    assert "Onze séances sur vingt manquent" in page.text
    assert "Villeurbanne" in page.text
    assert play.file.number in page.text  # type: ignore[operator]


def test_statement_document_and_message_by_link_are_the_customers_and_receipted(
    play: Play, client: FlaskClient
) -> None:
    url = link(play)
    words = {"point_id": str(play.point_id), "said": "Le mardi était annoncé par affiche."}
    assert send(client, f"{url}/statement", words).status_code == 303
    newest = db.session.scalars(select(Statement).order_by(Statement.id.desc())).first()
    assert newest is not None
    assert newest.side == "customer"
    file = {"said": "Planning", "files": (io.BytesIO(b"%PDF-1.4 planning"), "planning.pdf")}
    assert send(client, f"{url}/documents", file).status_code == 303
    document = db.session.scalars(select(Document)).one()
    assert (document.side, document.name) == ("customer", "planning.pdf")
    assert client.get(f"{url}/files/{document.id}").data == b"%PDF-1.4 planning"
    assert send(client, f"{url}/words", {"said": "Quand aurai-je une réponse ?"}).status_code == 303
    acts = list(db.session.scalars(select(Receipt.act).order_by(Receipt.id)))
    assert acts == ["statement", "document", "message"]


def test_what_the_mediator_understood_is_confirmed_or_put_right(play: Play, client: FlaskClient) -> None:
    play.do(hearing.restate, c.Restate(play.file_id, customer_concern="Les mardis perdus."), play.mediator)
    url = link(play)
    page = client.get(url).text
    assert "Les mardis perdus." in page
    number = re.search(r'name="restatement_id" value="(\d+)"', page)
    assert number
    fields = {"restatement_id": number[1], "answer": "correct", "corrected": ""}
    assert send(client, f"{url}/restatement", fields).status_code == 422
    fields["corrected"] = "Les mardis et les jeudis."
    assert send(client, f"{url}/restatement", fields).status_code == 303
    assert db.session.scalars(select(RestatementAnswer.answer)).one() == "corrected"
    send(client, f"{url}/restatement", {**fields, "corrected": "Les lundis."})
    db.session.rollback()
    assert db.session.scalars(select(RestatementAnswer.answer)).all() == ["corrected"]


def test_no_hidden_field_speaks_over_what_the_page_sends(play: Play, client: FlaskClient) -> None:
    """A browser sends a name twice if it stands in a form twice, and the first one counts."""
    day = (clock.now() + timedelta(days=9)).date()
    play.do(hearing.restate, c.Restate(play.file_id, customer_concern="Ses mardis"), play.mediator)
    play.do(hearing.ask_document, c.AskDocument(play.file_id, "customer", "Le planning", day), play.mediator)
    play.do(offering.open_offers, c.OpenOffers(play.file_id, 5_000, day), play.mediator)
    play.proposed()
    page = client.get(link(play)).text
    found: set[str] = set()
    for form in re.findall(r"<form\b.*?</form>", page, re.DOTALL):
        hidden = [
            re.search(r'name="(\w+)"', tag)[1]  # type: ignore[index]
            for tag in re.findall(r"<input[^>]*type=\"hidden\"[^>]*>", form)
        ]
        buttons = set(re.findall(r'<button[^>]*\bname="(\w+)"', form))
        assert len(hidden) == len(set(hidden)), hidden
        assert not buttons & set(hidden)
        found |= {*hidden, *buttons}
    assert found >= {"answer", "restatement_id", "request_id", "round_id", "point_id", "version"}


def test_the_mediators_proposal_is_accepted_once_and_the_other_side_does_not_see_it_yet(
    play: Play, client: FlaskClient
) -> None:
    proposal = play.proposed()
    url = link(play)
    page = client.get(url).text
    assert "200,00" in page
    yes = {"version": str(proposal.version), "answer": "accept"}
    assert send(client, f"{url}/proposals/{proposal.id}", yes).status_code == 422  # not ticked
    yes["understood"] = "y"
    assert send(client, f"{url}/proposals/{proposal.id}", yes).status_code == 303
    assert send(client, f"{url}/proposals/{proposal.id}", yes | {"answer": "refuse"}).status_code in (
        409,
        422,
    )
    assert db.session.scalars(select(Answer.answer)).one() == "accepted"
    assert db.session.get_one(Proposal, proposal.id).state == "open"


def test_an_answer_to_a_proposal_that_ran_out_is_refused(play: Play, client: FlaskClient) -> None:
    proposal = play.proposed()
    url = link(play)
    with transaction() as session:
        session.execute(update(Proposal).values(expires_at=clock.now() - timedelta(minutes=1)))
    yes = {"version": str(proposal.version), "answer": "accept", "understood": "y"}
    assert send(client, f"{url}/proposals/{proposal.id}", yes).status_code == 409


@pytest.mark.parametrize("amount", ["", "-5", "1e9", "0", "999999999999", "12,345", "12 USD", "<b>5</b>"])
def test_a_figure_that_is_none_is_refused(play: Play, client: FlaskClient, amount: str) -> None:
    day = (play.now + timedelta(days=9)).date()
    one = play.do(offering.open_offers, c.OpenOffers(play.file_id, 5_000, day), play.mediator)
    url = link(play)
    fields = {"round_id": str(one.id), "amount": amount, "understood": "y"}
    assert send(client, f"{url}/figures", fields).status_code in (409, 422)
    assert db.session.scalars(select(BlindOffer)).all() == []


def test_a_sealed_figure_stands_in_no_mail_page_or_receipt(play: Play, client: FlaskClient) -> None:
    day = (play.now + timedelta(days=9)).date()
    one = play.do(offering.open_offers, c.OpenOffers(play.file_id, 5_000, day), play.mediator)
    url = link(play)
    fields = {"round_id": str(one.id), "amount": "312,47", "understood": "y"}
    answer = send(client, f"{url}/figures", fields)
    assert answer.status_code == 303
    shown = client.get(answer.headers["Location"]).text + client.get(url).text
    shown += "".join(db.session.scalars(select(OutgoingMail.text)))
    shown += "".join(map(str, db.session.scalars(select(Paper.content))))
    assert "312" not in shown.replace(url, "")


def test_the_customer_leaves_when_they_want(play: Play, client: FlaskClient) -> None:
    url = link(play)
    assert client.get(f"{url}/leaving").status_code == 200
    assert send(client, f"{url}/leaving", {"said": "x"}).status_code == 422
    assert send(client, f"{url}/leaving", {"sure": "y"}).status_code == 303
    assert db.session.get_one(Mediation, play.file_id).state == "withdrawn"
    assert client.get(url).status_code == 200
    assert client.get(f"{url}/leaving").status_code == 404


# The agreement


def agreed(play: Play, client: FlaskClient) -> tuple[str, Paper]:
    """The customer accepts by link, the company at the desk; the worker makes the paper."""
    proposal = play.proposed()
    url = link(play)
    yes = {"version": str(proposal.version), "answer": "accept", "understood": "y"}
    assert send(client, f"{url}/proposals/{proposal.id}", yes).status_code == 303
    play.answered(proposal, play.manager)
    with transaction() as session:
        jobs.make_agreements(session, {}, now=clock.now())
    return url, db.session.scalars(select(Paper).where(Paper.kind == "agreement")).one()


def test_the_agreement_says_who_accepted_when_how_and_from_where(play: Play, client: FlaskClient) -> None:
    _url, paper = agreed(play, client)
    section = paper.content["sections"][0]
    signatures = [value for label, value in section["rows"] if label.startswith(("Signé", "Signed"))]
    assert len(signatures) == 2
    assert any("127.0.0.1" in one for one in signatures)
    assert all(re.search(r"\d\d:\d\d:\d\d", one) for one in signatures)
    agreement = db.session.scalars(select(Agreement)).one()
    assert agreement.digest in str(paper.content)
    assert agreeing.missing(db.session()) == []


def test_the_agreement_is_a_tagged_pdf_that_both_sides_get_and_anyone_can_check(
    play: Play, client: FlaskClient, app: Flask
) -> None:
    url, paper = agreed(play, client)
    drain(app, collect())
    pdf = client.get(f"{url}/papers/{paper.code}.pdf")
    assert pdf.status_code == 200
    assert b"/StructTreeRoot" in pdf.data or b"/MarkInfo" in pdf.data or pdf.data.startswith(b"%PDF-")
    of_company = sign_in(app.test_client(), play.manager)
    assert of_company.get(f"/mediation/{play.file_id}/agreement.pdf").data == pdf.data
    stranger = sign_in(app.test_client(), play.agent)
    assert stranger.get(f"/mediation/{play.file_id}/agreement.pdf").status_code == 404
    checked = app.test_client().get(f"/check?code={tokens.grouped(paper.code)}")
    assert paper.digest in checked.text
    assert "p-done" in checked.text
    for inside in ("200,00", "Vandenbroucke", "séances"):
        assert inside not in checked.text


def test_a_settled_link_of_a_customer_is_not_the_desks(play: Play, app: Flask) -> None:
    manager = sign_in(app.test_client(), play.manager)
    assert send(manager, f"/mediation/{play.file_id}/links").status_code == 403
    mediator: Person = play.mediator
    assert send(sign_in(app.test_client(), mediator), f"/mediation/{play.file_id}/links").status_code == 303
