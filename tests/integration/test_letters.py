"""A decision becomes a letter: written, drawn, kept, sent or printed, seen by who may see the case."""

import io
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select, text

from casedesk.accounts.actor import Actor
from casedesk.cases.actions.erasing import erase_of_customer
from casedesk.cases.actions.judging import judge_case, owed
from casedesk.cases.commands import MoneyLine, ProposeDecision
from casedesk.cases.models import Case, Decision
from casedesk.channels import jobs as channels
from casedesk.channels.models import OutgoingMail
from casedesk.customers.models import ContactPoint
from casedesk.documents import actions, jobs, pdf, queries
from casedesk.documents.content import LetterContent
from casedesk.documents.models import Letter
from casedesk.documents.quoting import applied
from casedesk.kernel.errors import NotFound, RuleBroken
from casedesk.policy.pack import shipped
from casedesk.policy.verdict import Finding, Standing
from casedesk.rulebook import actions as rulebook
from casedesk.rulebook import packs
from casedesk.rulebook.models import Judgement
from casedesk.store import blobs, clock
from casedesk.store.db import db
from casedesk.store.models import Blob, Entry, EntryText, OutboxRow
from casedesk.store.running import Work, run_batch, run_call
from casedesk.store.transaction import transaction
from casedesk.web.slots import render_slot
from tests.case_builders import a_case
from tests.factories import NOW, a_person, actor_of, send, sign_in
from tests.integration.house import House, charge, decided, furnish
from tests.integration.mailserver import MailServer, Post
from tests.integration.verdicts import owed_pro_rata

WORK = Work(jobs.HANDLERS, {**jobs.CALLS, **channels.CALLS})


@pytest.fixture
def house(app: Flask) -> House:
    with transaction() as session:
        packs.publish_shipped(session, now=NOW)
    return furnish()


@pytest.fixture
def manager(house: House) -> Actor:
    return actor_of(a_person("manager"))


def _decided(house: House, **other: Any) -> tuple[int, int]:
    with transaction() as session:
        charge_id = charge(session, house).id
    values: dict[str, Any] = {"verdict": owed_pro_rata(), "letter_text": "Vous n’êtes pas venue."}
    return decided(house, (MoneyLine(charge_id, 47_880),), **(values | other))


def _letter(house: House, **other: Any) -> Letter:
    """The letter of a decision, written and drawn."""
    case_id, _decision = _decided(house, **other)
    _work()
    return _of(case_id)


def _of(case_id: int) -> Letter:
    db.session.rollback()
    db.session.expire_all()
    letter = db.session.scalars(select(Letter).filter_by(case_id=case_id)).one()
    db.session.expunge(letter)
    return letter


def _work(kinds: tuple[str, ...] = ("letter.render",)) -> None:
    """Run what is due, calls of `kinds` only."""
    run_batch(Work(jobs.HANDLERS))
    work = Work({}, {kind: WORK.calls[kind] for kind in kinds})
    while run_call(work):
        pass
    db.session.rollback()


def _nobody_has_mail(house: House) -> None:
    with transaction() as session:
        session.execute(text(f"DELETE FROM contact_points WHERE customer_id = {house.customer.id}"))


def _pdf(letter: Letter) -> PdfReader:
    assert letter.blob_digest is not None
    return PdfReader(io.BytesIO(blobs.read(letter.blob_digest)))


def _words(reader: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in reader.pages).replace("\u00a0", " ").split())


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        (
            "fr",
            (
                "Madame,",
                "Nous vous remboursons la totalité, soit 478,80 €.",
                "Part correspondant aux 39 jours écoulés (39 sur 365) − 51,16 €",
                "Remboursement dû en application de la loi 427,64 €",
                "L’avis a été envoyé hors délai. Entre trois mois et un mois",
                "(Code de la consommation, L215-1)",
                "au plus tard le vendredi 4 décembre 2026",
                "Médiation des loisirs sportifs",
                "Page 1 sur 1",
            ),
        ),
        (
            "en",
            (
                "Dear Ms Vandenbroucke-Lefèvre,",
                "We refund the whole amount, 478.80 EUR.",
                "Share for the 39 days used (39 of 365) − 51.16 EUR",
                "What we add as a gesture + 51.16 EUR",
                "Friday 4 December 2026",
                "Page 1 of 1",
            ),
        ),
    ],
)
def test_the_pdf_says_sum_reckoning_reason_payment_and_recourse_in_the_customers_language(
    house: House, locale: str, said: tuple[str, ...]
) -> None:
    reader = _pdf(_letter(furnish(locale=locale)))
    words = _words(reader)
    assert [sentence for sentence in said if sentence not in words] == []
    assert len(reader.pages) == 1
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == locale
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert "/StructTreeRoot" in root
    assert ((reader.metadata and reader.metadata.title) or "").startswith(("Remboursement", "Refund"))


def test_every_font_of_the_pdf_is_embedded(house: House) -> None:
    fonts: Any = _pdf(_letter(house)).pages[0]["/Resources"]["/Font"]
    descriptors = [f["/DescendantFonts"][0]["/FontDescriptor"] for f in fonts.values()]
    assert descriptors
    assert all("/FontFile2" in d or "/FontFile3" in d for d in descriptors)


def test_the_letter_is_on_the_record_once_and_prints_the_digest_it_stands_on(house: House) -> None:
    case_id, decision_id = _decided(house)
    before = db.session.scalars(select(Entry.digest).filter_by(subject_id=case_id)).all()[-1]
    for _ in range(2):
        with transaction() as session:
            actions.compose_letter(session, case_id, decision_id, actor=jobs.SYSTEM, now=clock.now())
    letter = _of(case_id)
    entry = db.session.get_one(Entry, letter.entry_id)
    assert (entry.kind, entry.body["channel"], entry.body["inbound"]) == ("exchange", "letter", False)
    content = LetterContent.from_plain(letter.content)
    assert db.session.get_one(EntryText, entry.id).text["said"] == content.text
    assert before.startswith(content.digest.replace(" ", ""))
    assert len(content.digest.replace(" ", "")) == 32


def test_the_letter_leaves_by_mail_with_its_pdf(app: Flask, house: House) -> None:
    letter = _letter(house)
    assert letter.state == "rendered"
    with MailServer(Post()) as server:
        app.extensions["settings"] = replace(app.extensions["settings"], smtp_url=server.url)
        _work(("mail.send",))
    [mail] = server.post.mails
    [attached] = list(mail.iter_attachments())
    assert attached.get_filename() == f"Décision {_number(letter)}.pdf"
    assert attached.get_content() == blobs.read(letter.blob_digest or "")
    assert "Nous vous remboursons la totalité" in " ".join(
        mail.get_body().get_content().replace("\u00a0", " ").split()  # type: ignore[union-attr]
    )
    [line] = queries.letters_of_case(db.session(), letter.case_id)
    assert (line.mail_state, line.may_be_sent_again) == ("sent", True)


def _number(letter: Letter) -> str:
    return db.session.get_one(Case, letter.case_id).number or ""


def test_without_a_mail_address_the_letter_waits_to_be_printed_and_is_posted_once(
    house: House, manager: Actor
) -> None:
    _nobody_has_mail(house)
    letter = _letter(house)
    assert letter.state == "to_print"
    with pytest.raises(RuleBroken, match=r"letter\.no_address"), transaction() as session:
        actions.send_again(session, letter.id, actor=manager, now=clock.now())
    for _ in range(2):
        with transaction() as session:
            actions.mark_posted(session, letter.id, actor=manager, now=clock.now())
    kinds = db.session.scalars(select(Entry.kind).filter_by(subject_id=letter.case_id)).all()
    assert kinds.count("event.letter_posted") == 1
    assert db.session.scalars(select(OutgoingMail)).all() == []


def test_a_letter_to_print_is_mailed_once_an_address_is_known(house: House, manager: Actor) -> None:
    _nobody_has_mail(house)
    letter = _letter(house)
    with transaction() as session:
        session.add(
            ContactPoint(
                customer_id=house.customer.id, kind="mail", value="e@x.example", value_key="e@x.example"
            )
        )
    with transaction() as session:
        actions.send_again(session, letter.id, actor=manager, now=clock.now())
    assert db.session.scalars(select(OutgoingMail.recipient)).all() == ["e@x.example"]
    assert _of(letter.case_id).state == "rendered"


def test_without_the_libraries_letters_wait_and_are_drawn_when_they_are_there(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id, _decision = _decided(house)
    monkeypatch.setattr(pdf, "can_draw", lambda: False)
    _work()
    [line] = queries.letters_of_case(db.session(), case_id)
    assert (line.state, line.waits_for_renderer, line.has_pdf) == ("waiting", True, False)
    with transaction() as session:
        jobs.take_up_waiting(session, {}, now=clock.now())
    assert _of(case_id).last_error is not None
    monkeypatch.undo()
    with transaction() as session:
        jobs.take_up_waiting(session, {}, now=clock.now())
    _work()
    assert _of(case_id).state == "rendered"


def test_a_letter_that_cannot_be_drawn_is_on_the_record_and_can_be_drawn_again(
    house: House, manager: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id, _decision = _decided(house)
    run_batch(Work(jobs.HANDLERS))
    with transaction() as session:
        session.execute(text("UPDATE outbox SET attempts = 9 WHERE kind = 'letter.render'"))

    def broken(_content: LetterContent) -> bytes:
        raise TypeError("no PDF was drawn")

    monkeypatch.setattr(pdf, "drawn", broken)
    _work()
    letter = _of(case_id)
    assert (letter.state, letter.last_error) == ("failed", "TypeError: no PDF was drawn")
    monkeypatch.undo()
    with transaction() as session:
        actions.send_again(session, letter.id, actor=manager, now=clock.now())
    _work()
    assert _of(case_id).state == "rendered"
    kinds = db.session.scalars(select(Entry.kind).filter_by(subject_id=case_id)).all()
    assert [k for k in kinds if k.startswith("event.letter")] == [
        "event.letter_failed",
        "event.letter_drawn_again",
    ]


def test_what_was_typed_is_words_in_the_letter_and_fetches_nothing(app: Flask, house: House) -> None:
    typed = '</p><img src="file:///etc/passwd"><link rel="attachment" href="file:///etc/passwd"><b>x'
    reader = _pdf(_letter(house, letter_text=typed))
    assert "file:///etc/passwd" in _words(reader)
    assert reader.attachments == {}


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "http://127.0.0.1/letter.css",
        "https://letter.invalid.example/letter.css",
        "https://letter.invalid/../css/desk.css",
        "https://letter.invalid/%2e%2e/css/desk.css",
        "https://letter.invalid//etc/passwd",
        "https://letter.invalid/nothing.css",
        "https://letter.invalid/",
    ],
)
def test_a_letter_is_served_its_own_folder_and_nothing_else(app: Flask, url: str) -> None:
    with pytest.raises(pdf.NotServed):
        pdf.served(Path(app.static_folder or "") / "documents", url)


def test_the_pdf_is_seen_by_who_may_see_the_case(house: House, client: FlaskClient) -> None:
    letter = _letter(house)
    url = f"/letters/{letter.id}.pdf"
    assert client.get(url).status_code == 303
    sign_in(client, a_person("agent"))
    shown = client.get(url)
    assert (shown.status_code, shown.mimetype) == (200, "application/pdf")
    assert shown.data == blobs.read(letter.blob_digest or "")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert "filename" in shown.headers["Content-Disposition"]
    assert client.get("/letters/999999.pdf").status_code == 404
    sign_in(client, a_person("agent", sees="assigned"))
    assert client.get(url).status_code == 404
    assert send(client, f"/letters/{letter.id}/resend").status_code == 404
    assert send(client, f"/letters/{letter.id}/posting").status_code == 404
    mail_id = db.session.scalars(select(OutgoingMail.id)).one()
    assert send(client, f"/mails/{mail_id}/resend").status_code == 404


def test_a_letter_that_is_not_drawn_yet_says_so(house: House, client: FlaskClient) -> None:
    case_id, _decision = _decided(house)
    run_batch(Work(jobs.HANDLERS))
    sign_in(client, a_person("agent"))
    shown = client.get(f"/letters/{_of(case_id).id}.pdf", headers={"Accept": "text/html"})
    assert shown.status_code == 404
    assert "not drawn yet" in shown.text


def test_letters_and_mails_are_sent_again_from_the_page_under_the_same_message_id(
    house: House, client: FlaskClient
) -> None:
    letter = _letter(house)
    sign_in(client, a_person("agent"))
    assert send(client, f"/letters/{letter.id}/resend").status_code == 422  # it is on its way
    _work(("mail.send",))
    assert send(client, f"/letters/{letter.id}/resend").status_code == 303
    mail_id = db.session.scalars(select(OutgoingMail.id)).one()
    assert f"/mails/{mail_id}/resend" not in client.get(f"/cases/{letter.case_id}").text
    _work(("mail.send",))
    assert f"/mails/{mail_id}/resend" in client.get(f"/cases/{letter.case_id}").text
    assert send(client, f"/mails/{mail_id}/resend").status_code == 303
    keys = db.session.scalars(select(OutboxRow.key).filter_by(kind="mail.send")).all()
    assert len(keys) == 3
    assert len(set(keys)) == 3
    assert send(client, "/mails/999999/resend").status_code == 404


def test_the_preview_says_what_the_letter_will_say(app: Flask, house: House, manager: Actor) -> None:
    case_id, decision_id = _decided(house, subscription_effect="end_now", effect_on=date(2026, 11, 20))
    with transaction() as session:
        decision = session.get_one(Decision, decision_id)
        session.get_one(Case, case_id).judgement_id = decision.judgement_id
    charge_id = db.session.scalar(
        text(f"SELECT charge_id FROM decision_lines WHERE decision_id = {decision_id}")
    )
    command = ProposeDecision(
        case_id,
        1,
        (MoneyLine(int(charge_id or 0), 47_880),),
        letter_text="Vous n’êtes pas venue.",
        subscription_effect="end_now",
        effect_on=date(2026, 11, 20),
    )
    shown = queries.preview(db.session(), manager, command, now=NOW)
    run_batch(Work(jobs.HANDLERS))
    sent = LetterContent.from_plain(_of(case_id).content)
    assert shown.parts == sent.parts
    assert (shown.gist, shown.opening, shown.subject) == (sent.gist, sent.opening, sent.subject)
    with pytest.raises(NotFound):
        queries.preview(db.session(), actor_of(a_person("agent", sees="assigned")), command, now=NOW)


def test_the_preview_is_shown_in_the_customers_language_to_an_english_reader(
    app: Flask, house: House, manager: Actor
) -> None:
    case_id, _decision = _decided(house)
    with app.test_request_context("/"):
        g.actor, g.now = manager, NOW
        shown = str(render_slot("decide.letter", command=ProposeDecision(case_id, 1)))
    assert '<article class="l-body cd-paper" lang="fr"' in shown
    assert "Nous ne pouvons pas vous rembourser" in shown


def test_erasing_a_customer_takes_the_words_of_letters_and_mails_and_the_pdf_away(
    house: House, manager: Actor
) -> None:
    letter = _letter(house)
    with transaction() as session:
        erase_of_customer(session, house.customer.id, actor=manager, now=clock.now())
    run_batch(Work(jobs.HANDLERS))
    letter, digest = _of(letter.case_id), letter.blob_digest
    assert (letter.content, letter.blob_digest) == ({}, None)
    assert db.session.get(Blob, digest) is None
    mail = db.session.execute(select(OutgoingMail.text, OutgoingMail.recipient, OutgoingMail.state)).one()
    assert tuple(mail) == ("", "", "stopped")
    [line] = queries.letters_of_case(db.session(), letter.case_id)
    assert (line.subject, line.may_be_sent_again) == ("", False)


def test_no_web_process_loads_the_renderer(tmp_path: Path) -> None:
    program = (
        "import sys; from casedesk.app import create_app; create_app(); "
        "print([m for m in ('weasyprint', 'pydyf', 'fontTools') if m in sys.modules])"
    )
    here = {**os.environ, "CASEDESK_DATA": str(tmp_path)}
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=here
    )
    assert found.stdout.strip() == "[]"


def test_the_case_page_shows_how_far_the_letter_got(app: Flask, house: House, manager: Actor) -> None:
    letter = _letter(house)

    def said() -> str:
        with app.test_request_context("/"):
            g.actor, g.now = manager, NOW
            return str(render_slot("case.right", case_id=letter.case_id))

    assert "On its way" in said()
    assert f"/letters/{letter.id}.pdf" in said()
    _work(("mail.send",))
    assert "Written to disk" in said()
    assert f"/letters/{letter.id}/resend" in said()


def test_a_clause_is_quoted_from_the_rule_that_it_is_an_exception_to_where_no_exception_holds() -> None:
    packs_now = shipped()
    [(pack, rule)] = packs_now.versions("FR-WD-EXC")[-1:]

    def found(standing: Standing, code: str) -> Finding:
        return Finding(
            rule.id,
            rule.version,
            pack.id,
            rule.level,
            standing,
            code,
            {"first": date(2026, 11, 30)},
            rule.citation,
        )

    inside = applied(found(Standing.FOR, "window.inside"), packs_now, "fr")
    assert inside is not None
    assert inside.text.startswith("Dans le délai")
    assert "30 nov" in inside.text
    assert "Le consommateur peut se rétracter" in inside.text
    assert inside.citation == packs_now.rule("FR-WD-14")[1].citation.text
    against = applied(found(Standing.AGAINST, "withdrawal.fully_performed"), packs_now, "en")
    assert against is not None
    assert against.text.startswith("The service was fully performed")
    assert against.citation == rule.citation.text


def test_every_rule_that_a_verdict_may_rest_on_can_be_quoted_in_both_languages() -> None:
    for pack in shipped().packs:
        for rule in pack.rules:
            assert rule.explain.get("en"), rule.id
            assert rule.explain.get("fr"), rule.id


def test_a_verdict_that_owes_nothing_is_kept_as_zero_and_not_as_open(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = owed_pro_rata(paid=1_000, kept=1_000)
    monkeypatch.setattr(rulebook, "_judge", lambda *_args, **_more: nothing)
    case_id = a_case(house.customer, house.entity, subscription_id=house.subscription.id).id
    agent = actor_of(a_person())
    with transaction() as session:
        judge_case(session, session.get_one(Case, case_id), actor=agent, now=NOW)
    assert db.session.scalars(select(Case.verdict_minor).where(Case.id == case_id)).one() == 0
    kept = select(Judgement.amount_minor, Judgement.currency).where(Judgement.subject_id == case_id)
    assert tuple(db.session.execute(kept).one()) == (0, "EUR")
    assert owed(nothing).amount_minor == 0
