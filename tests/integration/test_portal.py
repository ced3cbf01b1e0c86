"""The customer's page behind a link: who gets in, what stands there, what every act leaves, what it never shows."""

import io
import re
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select, update

from casedesk.accounts.models import Person
from casedesk.cases.actions import deciding, exchanging, opening
from casedesk.cases.commands import AnswerDecision, FactLine, OpenCase, RecordExchange, RecordNote
from casedesk.cases.escalation_models import CaseNotice
from casedesk.cases.models import Act, Attachment, Case, Cause, Decision, SuppliedFact
from casedesk.channels import filling
from casedesk.channels.models import OutgoingMail
from casedesk.customers.actions import erase
from casedesk.deadlines.actions import live_names
from casedesk.kernel.errors import InvalidInput, NotAllowed, RuleBroken
from casedesk.ledger import actions as ledger
from casedesk.ledger.models import Charge
from casedesk.mediation.models import Mediation
from casedesk.portal import tokens
from casedesk.portal.actions import linking, offering
from casedesk.portal.models import Offer, Paper, PartyLink, Receipt
from casedesk.portal.rules import CHECKS_PER_ORIGIN, LINK_LASTS, POSTS_PER_LINK
from casedesk.portal.secret import address, mark
from casedesk.refunds.models import RefundIntent
from casedesk.schema import metadata
from casedesk.store import clock
from casedesk.store.db import db
from casedesk.store.models import Entry
from casedesk.store.transaction import transaction
from casedesk.worker import collect, drain
from tests.factories import a_person, a_subscription, actor_of, send, sign_in, stored
from tests.integration.house import House, charge, furnish

SAID = "Bonjour, je découvre un prélèvement de 478,80 € et souhaite être remboursée."


@dataclass
class Desk:
    """Éléonore's case, the agent who has it, and the link that was mailed to her."""

    house: House
    agent: Person
    case_id: int
    token: str

    @property
    def url(self) -> str:
        return f"/my/{self.token}"


@pytest.fixture
def desk(app: Flask) -> Desk:
    stored(
        Cause(code="unexpected_renewal", label_en="Unexpected renewal", label_fr="Reconduction inattendue")
    )
    house = furnish()
    agent = a_person(name="Inès Belkacem", approval_ceiling_minor=100_000, goodwill_ceiling_minor=20_000)
    with transaction() as session:
        paid = charge(session, house).id
        command = OpenCase(
            kind="refund", channel="mail", said=SAID, cause_code="unexpected_renewal", claimed_minor=47_880,
            customer_id=house.customer.id, subscription_id=house.subscription.id, charge_id=paid,
        )  # fmt: skip
        case_id = opening.open_case(session, command, actor=actor_of(agent), now=clock.now())
    return Desk(house, agent, case_id, token_of(new_link(agent, case_id)))


def new_link(agent: Person, case_id: int, *, shown: bool = False) -> int:
    with transaction() as session:
        actor = actor_of(agent)
        return linking.make_case_link(
            session, case_id, shown=shown, actor=actor, mark=mark, now=clock.now()
        ).id


def token_of(link_id: int) -> str:
    return address(db.session.get_one(PartyLink, link_id)).rpartition("/")[2]


def offer(desk: Desk, minor: int = 9_000, days: int = 5) -> int:
    with transaction() as session:
        case = session.get_one(Case, desk.case_id)
        command = offering.MakeOffer(
            case.id, case.version, minor, "et deux mois d’accès", (clock.now() + timedelta(days=days)).date()
        )
        made = offering.make_offer(session, command, actor=actor_of(desk.agent), mark=mark, now=clock.now())
        return made.id


def entries(kind: str = "exchange") -> list[Entry]:
    db.session.rollback()
    return list(db.session.scalars(select(Entry).where(Entry.kind == kind).order_by(Entry.id)))


# Who gets in


def test_the_link_opens_the_case_without_an_account_in_the_customers_language(
    desk: Desk, client: FlaskClient
) -> None:
    page = client.get(desk.url)
    assert page.status_code == 200
    assert '<html lang="fr"' in page.text
    assert "Éléonore Vandenbroucke-Lefèvre" in page.text
    assert SAID.replace("€", "€") in page.text
    assert "casedesk" not in re.sub(r"/static\S+", "", page.text).lower()
    assert '<html lang="en"' in client.get(desk.url + "?lang=en").text


def test_forged_ended_revoked_and_unknown_links_all_get_the_same_plain_page(
    desk: Desk, client: FlaskClient, app: Flask
) -> None:
    ended, revoked = new_link(desk.agent, desk.case_id), new_link(desk.agent, desk.case_id)
    gone = [token_of(ended), token_of(revoked)]
    with transaction() as session:
        session.execute(update(PartyLink).where(PartyLink.id == ended).values(expires_at=clock.now()))
        actor = actor_of(desk.agent)
        linking.revoke(session, desk.case_id, revoked, actor=actor, now=clock.now())
    flipped = desk.token[:-1] + ("A" if desk.token[-1] != "A" else "B")
    other = tokens.written(99_999, "0" * 32, app.extensions["settings"].secret_key)
    tried = [*gone, flipped, other, "x", "é" * 40, desk.token[:39], "A" * 40, desk.token.swapcase()]
    answers = [client.get(f"/my/{token}") for token in tried]
    assert {answer.status_code for answer in answers} == {404}
    bare = {re.sub(r'content="[^"]{20,}"', "", answer.text) for answer in answers}
    assert len(bare) == 1
    assert "newest mail" in answers[0].text


def test_a_link_ends_by_itself_and_with_the_person(desk: Desk, client: FlaskClient) -> None:
    with transaction() as session:
        at = clock.now() - LINK_LASTS["case"]
        session.execute(update(PartyLink).values(made_at=at, expires_at=at + LINK_LASTS["case"]))
    assert client.get(desk.url).status_code == 404
    fresh = token_of(new_link(desk.agent, desk.case_id))
    assert client.get(f"/my/{fresh}").status_code == 200
    administrator = a_person("administrator")
    with transaction() as session:
        session.execute(update(Case).values(status="closed", outcome="withdrawn"))
        erase(session, desk.house.customer.id, actor=actor_of(administrator), now=clock.now())
    assert client.get(f"/my/{fresh}").status_code == 404


def test_neither_database_nor_mail_table_nor_log_holds_an_address_that_opens(
    desk: Desk, client: FlaskClient, app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    client.get(desk.url)
    send(client, f"{desk.url}/messages", {"said": "Bonjour"})
    dump = "\n".join(
        repr(row) for table in metadata().sorted_tables for row in db.session.execute(select(table))
    )
    assert desk.token not in dump.replace(f"/my/{desk.token}/receipts", "")
    assert desk.token not in caplog.text
    drain(app, collect())
    mails = [path.read_bytes() for path in (app.extensions["settings"].data_dir / "mail").glob("*.eml")]
    assert any(desk.token[:30].encode() in mail.replace(b"=\n", b"").replace(b"=\r\n", b"") for mail in mails)


def test_a_mark_that_a_customer_types_is_not_turned_into_a_link(desk: Desk) -> None:
    assert filling.filled("[[link:1:" + "0" * 32 + "]]") == "[[link:1:" + "0" * 32 + "]]"
    genuine = mark(db.session.scalars(select(PartyLink)).first())
    assert filling.filled(f"voir {genuine}").endswith(desk.token)


def test_the_pages_of_a_link_are_private(desk: Desk, client: FlaskClient) -> None:
    headers = client.get(desk.url).headers
    assert "noindex" in headers["X-Robots-Tag"]
    assert headers["Cache-Control"] == "private, no-store"
    assert headers["X-Frame-Options"] == "DENY"
    policy = headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_a_form_without_its_csrf_value_does_nothing_and_keeps_what_was_typed(
    desk: Desk, client: FlaskClient
) -> None:
    before = len(entries())
    answer = client.post(f"{desk.url}/messages", data={"said": "à garder"})
    assert answer.status_code == 400
    assert "à garder" in answer.text
    assert "casedesk" not in re.sub(r"/static\S+", "", answer.text).lower()
    assert len(entries()) == before


def test_one_link_cannot_flood_the_desk(desk: Desk, client: FlaskClient) -> None:
    codes = [
        send(client, f"{desk.url}/messages", {"said": f"n {n}"}).status_code
        for n in range(POSTS_PER_LINK + 2)
    ]
    assert codes[:POSTS_PER_LINK] == [303] * POSTS_PER_LINK
    assert codes[-1] == 422


def test_a_link_opens_its_own_case_and_no_file_or_paper_of_another(desk: Desk, client: FlaskClient) -> None:
    with transaction() as session:
        command = OpenCase(
            "refund", "mail", "autre", None, claimed_name="Autre", claimed_contact="a@b.example"
        )
        other = opening.open_case(session, command, actor=actor_of(desk.agent), now=clock.now())
    theirs = token_of(new_link(desk.agent, other))
    upload = {"said": "x", "files": (io.BytesIO(b"%PDF-1.4 secret"), "secret.pdf")}
    receipt = send(client, f"/my/{theirs}/messages", upload)
    code = receipt.headers["Location"].rpartition("/")[2]
    file_id = db.session.scalar(select(func.max(Attachment.id)))
    assert client.get(f"/my/{theirs}/files/{file_id}").status_code == 200
    assert client.get(f"{desk.url}/files/{file_id}").status_code == 404
    assert client.get(f"{desk.url}/receipts/{code}").status_code == 404
    assert client.get(f"{desk.url}/papers/{code}.pdf").status_code == 404


# What stands there


def test_notes_calls_and_names_of_the_desk_stay_inside(desk: Desk, client: FlaskClient) -> None:
    actor, now = actor_of(desk.agent), clock.now()
    with transaction() as session:
        exchanging.record_note(
            session, RecordNote(desk.case_id, "offer her the whole fee"), actor=actor, now=now
        )
        call = RecordExchange(desk.case_id, "phone", False, "polite, would come back", minutes=4)
        exchanging.record_exchange(session, call, actor=actor, now=now)
        reply = RecordExchange(desk.case_id, "mail", False, "Nous revenons vers vous.")
        exchanging.record_exchange(session, reply, actor=actor, now=now)
    page = client.get(desk.url).text
    assert "Nous revenons vers vous." in page
    assert "Inès, " in page
    for inside in ("whole fee", "would come back", "Belkacem", "waiting", "judgement"):
        assert inside not in page, inside


def test_the_page_costs_few_statements(desk: Desk, client: FlaskClient) -> None:
    client.get(desk.url)
    counted: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: counted.append(a[2]))
    client.get(desk.url)
    reads = [one for one in counted if one.lstrip().upper().startswith("SELECT")]
    assert len(reads) <= 10, reads


# What an act leaves


def test_a_message_with_a_file_is_an_inbound_exchange_of_the_portal_with_a_receipt(
    desk: Desk, client: FlaskClient, app: Flask
) -> None:
    answer = send(
        client,
        f"{desk.url}/messages",
        {
            "said": "Voici la preuve <b>jointe</b>.",
            "files": (io.BytesIO(b"%PDF-1.4 preuve"), "../preuve.pdf"),
        },
    )
    assert answer.status_code == 303
    entry = entries()[-1]
    assert (entry.actor_kind, entry.body["channel"], entry.body["inbound"]) == ("customer", "portal", True)
    assert db.session.get_one(Case, desk.case_id).unread
    page = client.get(answer.headers["Location"])
    assert "Votre message est bien arrivé" in page.text
    assert "&lt;b&gt;jointe&lt;/b&gt;" in page.text
    receipt = db.session.scalars(select(Receipt)).one()
    paper = db.session.get_one(Paper, receipt.paper_id)
    assert (receipt.act, receipt.entry_id) == ("message", entry.id)
    assert paper.content["origin"] == "127.0.0.1"
    drain(app, collect())
    mail = db.session.scalars(select(OutgoingMail).order_by(OutgoingMail.id.desc())).first()
    paper = db.session.scalars(select(Paper)).one()
    assert mail is not None
    assert tokens.grouped(paper.code) in mail.text
    pdf = client.get(f"{desk.url}/papers/{paper.code}.pdf")
    assert pdf.status_code == 200
    assert pdf.data.startswith(b"%PDF-")


def test_the_same_form_sent_twice_is_one_message(desk: Desk, client: FlaskClient) -> None:
    fields = {"said": "une fois", "once": "same-once-token"}
    first = send(client, f"{desk.url}/messages", fields)
    second = send(client, f"{desk.url}/messages", fields)
    assert first.headers["Location"] == second.headers["Location"]
    assert db.session.scalar(select(func.count()).select_from(Receipt)) == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"said": ""}, "Écrivez d’abord"),
        ({"said": "x" * 20_001}, "20000"),
        ({"said": "x", "files": (io.BytesIO(b"MZ\x90\x00program"), "x.exe")}, "x.exe"),
    ],
)
def test_a_poor_message_is_refused_with_what_to_change(
    desk: Desk, client: FlaskClient, fields: dict[str, object], said: str
) -> None:
    answer = send(client, f"{desk.url}/messages", fields)
    assert answer.status_code == 422
    assert said in answer.text


def withdrawn(desk: Desk) -> tuple[int, str]:
    """(case, its page) of a contract of five days ago: only whether the service was asked for at once is not known."""
    began, actor = clock.now() - timedelta(days=5), actor_of(desk.agent)
    young = a_subscription(
        desk.house.customer, desk.house.plan, concluded_at=began, accepted_at=began, started_on=began.date()
    )
    known = (
        FactLine("withdrawal_information_given_at", "known", began.isoformat(), "mail log"),
        FactLine("leisure_specific_date", "never", None, "the plan"),
    )
    with transaction() as session:
        paid = charge(
            session, House(desk.house.entity, desk.house.customer, desk.house.plan, young, desk.agent)
        )
        command = OpenCase(
            kind="refund", channel="mail", said=SAID, cause_code="unexpected_renewal", claimed_minor=47_880,
            customer_id=desk.house.customer.id, subscription_id=young.id, charge_id=paid.id, facts=known,
        )  # fmt: skip
        case_id = opening.open_case(session, command, actor=actor, now=clock.now())
    return case_id, f"/my/{token_of(new_link(desk.agent, case_id))}"


def test_a_missing_fact_that_the_customer_knows_is_asked_and_supplied_with_its_source(
    desk: Desk, client: FlaskClient
) -> None:
    case_id, url = withdrawn(desk)
    asked = re.findall(r'action="/my/[^"]+/facts/([a-z_]+)"', client.get(url).text)
    assert {"express_request", "service_fully_performed_at"} <= set(asked)
    assert send(client, f"{url}/facts/express_request", {"value": "perhaps"}).status_code == 422
    assert send(client, f"{url}/facts/express_request", {"value": "false"}).status_code == 303
    fact = db.session.scalars(select(SuppliedFact).where(SuppliedFact.name == "express_request")).one()
    assert (fact.value, fact.source.partition(":")[0]) == ({"v": False}, "entry")
    assert "/facts/" not in client.get(url).text
    assert db.session.get_one(Case, case_id).verdict_outcome == "allowed"


def test_a_fact_that_is_not_asked_cannot_be_supplied(desk: Desk, client: FlaskClient) -> None:
    for name in ("price_minor", "jurisdiction", "nothing", "paid_minor"):
        assert send(client, f"{desk.url}/facts/{name}", {"value": "1"}).status_code == 404
    assert db.session.scalar(select(func.count()).select_from(SuppliedFact)) == 0


def test_the_proof_of_the_request_is_made_once_and_can_be_checked_by_anyone(
    desk: Desk, client: FlaskClient, app: Flask
) -> None:
    answer = send(client, f"{desk.url}/proof")
    again = send(client, f"{desk.url}/proof")
    assert answer.headers["Location"] == again.headers["Location"]
    paper = db.session.scalars(select(Paper)).one()
    drain(app, collect())
    checked = app.test_client().get(f"/check?code={tokens.grouped(paper.code).lower()}")
    assert checked.status_code == 200
    assert paper.digest in checked.text
    assert "Vandenbroucke" not in checked.text
    assert "prélèvement" not in checked.text


# Checking a paper


def test_unknown_codes_all_get_the_same_answer(client: FlaskClient) -> None:
    answers = [client.get(f"/check?code={code}") for code in ("x", "0" * 26, "A" * 26, "%F0%9F%98%80")]
    assert {answer.status_code for answer in answers} == {404}
    bare = {re.sub(r'value="[^"]*"|content="[^"]{20,}"', "", answer.text) for answer in answers}
    assert len(bare) == 1


def test_a_paper_whose_words_or_entry_were_changed_does_not_pass(desk: Desk, client: FlaskClient) -> None:
    send(client, f"{desk.url}/messages", {"said": "Bonjour"})
    paper = db.session.scalars(select(Paper)).one()
    assert "p-done" in client.get(f"/check?code={paper.code}").text
    changed = {**paper.content, "company": "Somebody else"}
    with transaction() as session:
        session.execute(update(Paper).values(content=changed))
    assert "p-bad" in client.get(f"/check?code={paper.code}").text


def test_checking_is_slowed_down(client: FlaskClient) -> None:
    codes = [client.get(f"/check?code={n}").status_code for n in range(CHECKS_PER_ORIGIN + 1)]
    assert codes[-1] == 422
    assert set(codes[:-1]) == {404}


# Offers


def test_an_offer_is_accepted_once_with_a_receipt_and_the_act_on_record(
    desk: Desk, client: FlaskClient
) -> None:
    offer_id = offer(desk)
    page = client.get(desk.url).text
    assert "90,00" in page
    assert page.index(">Accepter<") < page.index(">Refuser<")
    assert not re.search(r'type="hidden"[^>]*name="answer"|name="answer"[^>]*type="hidden"', page)
    assert '<input type="hidden" name="version" value="1">' in page
    answer = send(client, f"{desk.url}/offers/{offer_id}", {"version": "1", "answer": "accept"})
    assert answer.status_code == 303
    assert "acceptance" in list(db.session.scalars(select(Act.kind)))
    again = send(client, f"{desk.url}/offers/{offer_id}", {"version": "1", "answer": "refuse"})
    assert again.status_code == 409
    assert db.session.get_one(Offer, offer_id).state == "accepted"


def accepted(desk: Desk, client: FlaskClient, offer_id: int) -> str:
    """Accept, and what the receipt says."""
    fields = {"version": "1", "answer": "accept", "understood": "y"}
    answer = send(client, f"{desk.url}/offers/{offer_id}", fields)
    assert answer.status_code == 303, answer.text
    return client.get(answer.location).text


def decided(desk: Desk) -> Decision:
    db.session.rollback()
    return db.session.scalars(select(Decision).where(Decision.case_id == desk.case_id)).one()


def told(desk: Desk) -> list[str]:
    kinds = select(Entry.kind).where(Entry.subject_kind == "case", Entry.subject_id == desk.case_id)
    return [kind for kind in db.session.scalars(kinds.order_by(Entry.seq)) if "offer" in kind]


def test_an_accepted_offer_is_decided_and_its_refund_ordered_once(
    desk: Desk, client: FlaskClient, app: Flask
) -> None:
    case_id, url = withdrawn(desk)
    assert send(client, f"{url}/facts/express_request", {"value": "false"}).status_code == 303
    owed = replace(desk, case_id=case_id, token=url.rpartition("/")[2])
    page = accepted(owed, client, offer(owed, 47_880))
    assert "a ordonné le paiement" in page
    decision = decided(owed)
    assert (decision.state, decision.amount_minor, decision.proposed_by) == (
        "effective",
        47_880,
        desk.agent.id,
    )
    assert told(owed) == ["event.offer_carried_out"]
    decision_id = decision.id
    drain(app, collect())
    db.session.rollback()
    intents = db.session.scalars(select(RefundIntent).where(RefundIntent.case_id == case_id)).all()
    assert [(one.amount_minor, one.decision_id) for one in intents] == [(47_880, decision_id)]


def test_an_accepted_offer_that_needs_a_second_person_waits_for_one(desk: Desk, client: FlaskClient) -> None:
    page = accepted(desk, client, offer(desk))
    assert "seconde personne" in page
    decision = decided(desk)
    assert decision.state == "proposed"
    assert decision.approval_reasons
    assert db.session.get_one(Case, desk.case_id).status == "waiting-approval"
    assert "approval" in live_names(db.session(), ("case", desk.case_id))
    command = AnswerDecision(decision.id, decision.version, approve=True)
    with pytest.raises(NotAllowed, match="own"), transaction() as session:
        deciding.answer_decision(session, command, actor=actor_of(desk.agent), now=clock.now())


def test_an_accepted_offer_whose_money_is_gone_is_watched_by_people(desk: Desk, client: FlaskClient) -> None:
    offer_id = offer(desk)
    with transaction() as session:
        charge_id = session.scalars(select(Charge.id)).one()
        ledger.reserve(session, charge_id, 40_000, key="elsewhere", case_id=desk.case_id, now=clock.now())
    page = accepted(desk, client, offer_id)
    assert "à la main" in page
    db.session.rollback()
    assert db.session.scalars(select(Decision.id)).all() == []
    assert told(desk) == ["event.offer_by_hand"]
    assert db.session.get_one(Offer, offer_id).state == "accepted"
    assert "decide" in live_names(db.session(), ("case", desk.case_id))
    assert set(db.session.scalars(select(CaseNotice.code))) == {"offer_by_hand"}
    assert desk.agent.id in set(db.session.scalars(select(CaseNotice.person_id)))


def test_an_answer_after_the_last_day_comes_too_late_and_says_so(desk: Desk, client: FlaskClient) -> None:
    offer_id = offer(desk)
    with transaction() as session:
        session.execute(update(Offer).values(expires_at=clock.now() - timedelta(seconds=1)))
    answer = send(client, f"{desk.url}/offers/{offer_id}", {"version": "1", "answer": "accept"})
    assert answer.status_code == 409
    assert db.session.get_one(Offer, offer_id).state == "open"


@pytest.mark.parametrize(
    "fields",
    [{}, {"version": "1"}, {"version": "x", "answer": "accept"}, {"version": "1", "answer": "maybe"}],
)
def test_an_answer_that_is_none_changes_nothing(
    desk: Desk, client: FlaskClient, fields: dict[str, str]
) -> None:
    offer_id = offer(desk)
    assert send(client, f"{desk.url}/offers/{offer_id}", fields).status_code in (409, 422)
    assert db.session.get_one(Offer, offer_id).state == "open"


def test_the_desk_offers_nothing_below_what_the_law_gives_nor_more_than_was_asked(
    desk: Desk, client: FlaskClient
) -> None:
    case_id, url = withdrawn(desk)
    assert send(client, f"{url}/facts/express_request", {"value": "false"}).status_code == 303
    owed = replace(desk, case_id=case_id)
    assert db.session.get_one(Case, case_id).verdict_minor == 47_880
    with pytest.raises(InvalidInput, match="below_law"):
        offer(owed, 47_879)
    with pytest.raises(InvalidInput, match="too_much"):
        offer(owed, 47_881)
    assert offer(owed, 47_880)


# The desk's side


def test_an_agent_mails_shows_and_revokes_links(desk: Desk, app: Flask) -> None:
    agent = sign_in(app.test_client(), desk.agent)
    url = f"/cases/{desk.case_id}/links"
    assert send(agent, url).status_code == 303
    shown = send(agent, f"{url}/address")
    address_ = re.search(r"/my/([\w-]{40})", shown.text)
    assert address_
    assert app.test_client().get(f"/my/{address_[1]}").status_code == 200
    link = db.session.scalars(select(PartyLink).order_by(PartyLink.id.desc())).first()
    assert link is not None
    assert link.shown_by == desk.agent.id
    assert address_[1] not in agent.get(url).text
    assert send(agent, f"{url}/{link.id}/revocation").status_code == 303
    assert app.test_client().get(f"/my/{address_[1]}").status_code == 404


def test_no_link_is_mailed_where_no_address_is_known(desk: Desk) -> None:
    with transaction() as session:
        command = OpenCase("refund", "phone", "sans adresse", None, claimed_name="Sans Adresse")
        case_id = opening.open_case(session, command, actor=actor_of(desk.agent), now=clock.now())
    with pytest.raises(RuleBroken, match="no_mail"):
        new_link(desk.agent, case_id)
    assert new_link(desk.agent, case_id, shown=True)


def test_somebody_signed_in_at_the_desk_is_the_customer_behind_the_link(desk: Desk, app: Flask) -> None:
    agent = sign_in(app.test_client(), desk.agent)
    send(agent, f"{desk.url}/messages", {"said": "Bonjour"})
    assert entries()[-1].actor_kind == "customer"


# The way to the mediator


def test_the_way_to_the_mediator_is_shown_to_a_consumer_who_got_no_answer(
    desk: Desk, client: FlaskClient
) -> None:
    assert "/mediation" not in client.get(desk.url).text
    assert client.get(f"{desk.url}/mediation").status_code == 404
    with transaction() as session:
        session.execute(update(Case).values(opened_at=clock.now() - timedelta(days=70)))
    assert f"{desk.url}/mediation" in client.get(desk.url).text
    fields = {"said": "Je demande le remboursement entier.", "court": "no", "other": "no"}
    answer = send(client, f"{desk.url}/mediation", fields)
    assert answer.status_code == 303
    file = db.session.scalars(select(Mediation)).one()
    assert (file.state, file.requested_by) == ("requested", "customer")
    there = answer.headers["Location"].split("/receipts/")[0]
    page = client.get(there)
    assert page.status_code == 200
    assert file.number in page.text  # type: ignore[operator]
