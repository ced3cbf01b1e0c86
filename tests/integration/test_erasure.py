"""A customer who is erased is erased everywhere: in the case, in its mediations, behind the links, on papers, in mails."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from casedesk import audit
from casedesk.cases.commands import NewAttachment
from casedesk.cases.models import Attachment, Case
from casedesk.channels.models import OutgoingMail
from casedesk.customers.actions import erase
from casedesk.mediation import commands as c
from casedesk.mediation.actions import hearing
from casedesk.mediation.models import Agreement, Document, Party
from casedesk.mediation.sealed.models import FileKey, SealedNote
from casedesk.portal import jobs as portal
from casedesk.portal.actions import agreeing, linking
from casedesk.portal.models import Offer, Paper, PartyLink
from casedesk.portal.secret import address, mark
from casedesk.schema import metadata
from casedesk.store import blobs, clock
from casedesk.store.db import db
from casedesk.store.models import Blob, Entry
from casedesk.store.transaction import transaction
from casedesk.worker import collect, drain
from tests.case_builders import a_case
from tests.factories import a_customer, actor_of, send, sign_in
from tests.integration import mediations
from tests.integration.mediations import Play

SAID = "sur vingt manquent"
MARK = "Zelie Quintard"
ORIGIN, BROWSER = "198.51.100.77", "Lynx of the Quintards"


@pytest.fixture
def play(app: Flask) -> Play:
    """A mediation in which everything was said: statements, a document, a restatement, a message, an agreement."""
    made = mediations.a_play(app)
    made.now = clock.now() - timedelta(days=2)
    made.in_exchange()
    made.do(
        hearing.restate,
        c.Restate(made.file_id, customer_concern=f"{MARK} a perdu ses mardis."),
        made.mediator,
    )
    made.do(hearing.write_message, c.WriteMessage(made.file_id, f"Madame {MARK}, merci."), made.mediator)
    with transaction() as session:
        digest = blobs.put(session, b"%PDF-1.4 planning", "application/pdf", now=made.now)
    planning = NewAttachment(digest, f"{MARK}.pdf", "application/pdf", 17)
    made.do(hearing.add_document, c.AddDocument(made.file_id, planning, said=MARK), made.manager)
    with transaction() as session:
        party = session.scalars(select(Party).where(Party.side == "customer")).one()
        party.name, party.representative, party.representative_mail = MARK, MARK, "zelie@quintard.example"
    return made.agreed()


def erased(play: Play, app: Flask) -> None:
    with transaction() as session:
        erase(session, play.house.customer.id, actor=actor_of(play.administrator), now=clock.now())
    drain(app, collect())
    mediations.fresh()


def linked(play: Play, client: FlaskClient) -> str:
    with transaction() as session:
        made = linking.renew_mediation_link(
            session, play.file_id, actor=portal.SYSTEM, mark=mark, now=clock.now()
        )
        url = "/my/" + address(made).rpartition("/")[2]
    client.environ_base |= {"REMOTE_ADDR": ORIGIN, "HTTP_USER_AGENT": BROWSER}
    assert send(client, f"{url}/words", {"said": f"Quand ? {MARK}"}).status_code == 303
    with transaction() as session:
        agreement = session.scalars(select(Agreement.id)).one()
        agreeing.make_paper(session, agreement, now=clock.now())
    return url


def everywhere(word: str) -> set[str]:
    """The columns of the database in which `word` stands."""
    found = set()
    for table in metadata().tables.values():
        for column in table.columns:
            rows = db.session.execute(
                text(f'SELECT CAST("{column.name}" AS TEXT) FROM "{table.name}"')
            ).scalars()
            if column.type.python_type is not bytes and any(word in (row or "") for row in rows):
                found.add(f"{table.name}.{column.name}")
    return found


def test_nothing_that_was_said_in_a_mediation_outlives_its_customer(
    play: Play, app: Flask, client: FlaskClient
) -> None:
    linked(play, client)
    before = [(entry.seq, entry.digest, entry.text_digest) for entry in play.entries()]
    assert everywhere(MARK) > {"mediation_parties.name", "mediation_documents.name", "papers.content"}
    assert everywhere(BROWSER) == {"papers.content"}
    erased(play, app)
    for where in (ORIGIN, BROWSER):
        assert everywhere(where) == set(), where
    assert everywhere(MARK) == set()
    assert everywhere(SAID) == set()
    assert everywhere("zelie@quintard.example") == set()
    after = [(entry.seq, entry.digest, entry.text_digest) for entry in play.entries()]
    assert after[: len(before)] == before
    assert audit.check(db.session(), lambda *_: None).faults == []


def test_documents_papers_links_and_mails_of_the_mediation_keep_digests_and_codes_only(
    play: Play, app: Flask, client: FlaskClient
) -> None:
    url = linked(play, client)
    digest = db.session.scalars(select(Document.blob_digest)).one()
    assert client.get(url).status_code == 200
    erased(play, app)
    assert db.session.execute(select(Document.name, Document.blob_digest)).all() == [("", None)]
    assert db.session.get(Blob, digest) is None
    assert client.get(url).status_code == 404
    papers = db.session.scalars(select(Paper)).all()
    assert {paper.kind for paper in papers} >= {"receipt", "agreement"}
    assert all((paper.content, paper.blob_digest) == ({}, None) and paper.digest for paper in papers)
    assert db.session.scalars(select(PartyLink.id).where(PartyLink.revoked_at.is_(None))).all() == []
    mails = select(OutgoingMail.recipient, OutgoingMail.text).where(OutgoingMail.subject_kind == "mediation")
    assert set(db.session.execute(mails).all()) == {("", "")}
    assert client.get(f"/check?code={papers[0].code}").status_code == 200


def test_bytes_that_another_case_names_too_stay_with_that_one(play: Play, app: Flask) -> None:
    digest = db.session.scalars(select(Document.blob_digest)).one()
    other = a_case(a_customer()).id
    with transaction() as session:
        entry = session.scalars(select(Entry.id).where(Entry.subject_kind == "case")).first()
        session.add(
            Attachment(
                case_id=other,
                entry_id=entry,
                name="planning.pdf",
                media_type="application/pdf",
                size=17,
                blob_digest=digest,
            )
        )
    erased(play, app)
    assert db.session.get(Blob, digest) is not None


def test_notes_that_the_mediator_sealed_go_with_the_person(play: Play, app: Flask) -> None:
    now = clock.now()
    with transaction() as session:
        by = play.mediator.id
        session.add(
            FileKey(
                mediation_id=play.file_id, author_id=by, person_id=by, box=b"k", given_at=now, given_by=by
            )
        )
        session.add(
            SealedNote(id="n1", mediation_id=play.file_id, author_id=by, box=b"sealed", sealed_at=now)
        )
    erased(play, app)
    assert db.session.scalars(select(SealedNote.id)).all() == []
    assert db.session.scalars(select(FileKey.person_id)).all() == []


def test_a_case_on_legal_hold_keeps_its_mediation_and_papers(
    play: Play, app: Flask, client: FlaskClient
) -> None:
    linked(play, client)
    with transaction() as session:
        session.get_one(Case, play.case_id).legal_hold = True
    erased(play, app)
    assert MARK in play.words()
    assert all(paper.content for paper in db.session.scalars(select(Paper)))


def test_an_open_offer_falls_with_the_erasure(play: Play, app: Flask) -> None:
    entry = play.entries()[0].id
    with transaction() as session:
        now = clock.now()
        session.add(
            Offer(
                case_id=play.case_id,
                amount_minor=9_000,
                currency="EUR",
                made_by=play.agent.id,
                made_at=now,
                expires_at=now + timedelta(days=5),
                entry_id=entry,
            )
        )
    erased(play, app)
    assert db.session.scalars(select(Offer.state)).one() == "withdrawn"


def test_the_pages_of_an_erased_file_say_so(play: Play, app: Flask, client: FlaskClient) -> None:
    erased(play, app)
    sign_in(client, play.mediator)
    page = client.get(f"/mediation/{play.file_id}")
    assert page.status_code == 200
    assert "erased" in page.text
    assert MARK not in page.text
    assert client.get("/mediation").status_code == 200
