"""The case page: what it shows, within how many statements, and what comes back when a deed is refused."""

import io
import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from casedesk.accounts.models import Person
from casedesk.cases.actions import exchanging, opening
from casedesk.cases.commands import NewAttachment, OpenCase, RecordExchange, RecordNote
from casedesk.cases.models import Attachment, Case
from casedesk.channels.models import OutgoingMail
from casedesk.rulebook import packs
from casedesk.store import blobs, clock
from casedesk.store.db import db
from casedesk.store.models import Draft, Entry, EntryText
from casedesk.store.transaction import transaction
from tests.case_builders import a_cause
from tests.factories import NOW, a_person, a_team, actor_of, send, sign_in
from tests.integration.house import House, charge, furnish


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def house(app: Flask, now: None) -> House:
    a_cause("unexpected_renewal")
    with transaction() as session:
        packs.publish_shipped(session, now=NOW)
    return furnish()


@pytest.fixture
def me(app: Flask, house: House) -> Person:
    return a_person("agent", name="Inès Belkacem", team_id=a_team().id, goodwill_ceiling_minor=3_000)


@pytest.fixture
def desk(app: Flask, me: Person) -> FlaskClient:
    return sign_in(app.test_client(), me)


@pytest.fixture
def case_id(house: House, me: Person) -> int:
    return a_logged_case(house, me)


def a_logged_case(house: House, me: Person, **other: object) -> int:
    """A refund case that came by mail an hour ago, with its charge."""
    with transaction() as session:
        charge_id = charge(session, house).id
    with transaction() as session:
        command = OpenCase(
            kind="refund",
            channel="mail",
            said="Je souhaite être remboursée.",
            cause_code="unexpected_renewal",
            said_at=NOW - timedelta(hours=1),
            customer_id=house.customer.id,
            subscription_id=house.subscription.id,
            charge_id=charge_id,
            claimed_minor=47_880,
            **other,  # type: ignore[arg-type]
        )
        return opening.open_case(session, command, actor=actor_of(me), now=NOW)


def fields(html: str, form: str = "composer") -> dict[str, str]:
    """The hidden fields that a browser would send back with the form of that id."""
    part = html.split(f'id="{form}"', 1)[1].split("</form>", 1)[0]
    found = re.findall(r'<input[^>]*name="(version|seen|write|entry)"[^>]*value="([^"]*)"', part)
    return dict(found)


def test_the_page_shows_customer_contract_money_verdict_and_clocks(
    desk: FlaskClient, case_id: int, house: House
) -> None:
    html = desk.get(f"/cases/{case_id}").text
    for shown in (
        "Éléonore Vandenbroucke-Lefèvre",
        "Consumer, Lille (FR)",
        house.subscription.reference,
        "478.80",
        "Je souhaite être remboursée.",
        "Opened from mail",
        "First reply",
        'id="verdict"',
        "Ours",
    ):
        assert shown in html, shown


def test_a_case_of_twenty_exchanges_needs_ten_statements(
    app: Flask, desk: FlaskClient, case_id: int, me: Person
) -> None:
    with transaction() as session:
        for n in range(20):
            command = RecordExchange(case_id, "mail", n % 2 == 0, f"Message {n}")
            exchanging.record_exchange(session, command, actor=actor_of(me), now=NOW)
        exchanging.record_note(session, RecordNote(case_id, "Internal"), actor=actor_of(me), now=NOW)
    desk.get(f"/cases/{case_id}")
    said: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *args: said.append(args[2]))
    html = desk.get(f"/cases/{case_id}").text
    assert "Message 19" in html
    assert len(said) <= 10, "\n".join(said)


def test_a_reply_is_recorded_and_left_to_be_sent(desk: FlaskClient, case_id: int) -> None:
    hidden = fields(desk.get(f"/cases/{case_id}").text)
    answer = send(
        desk,
        f"/cases/{case_id}/exchanges",
        {
            **hidden,
            "said": "Bonjour Madame,\nnous revenons vers vous.",
            "acts": ["information"],
            "then_status": "waiting-customer",
        },
    )
    assert answer.status_code == 303
    mail = db.session.scalars(select(OutgoingMail)).one()
    assert (mail.text, mail.state) == ("Bonjour Madame,\nnous revenons vers vous.", "waiting")
    page = desk.get(answer.headers["Location"]).text
    assert "nous revenons vers vous." in page
    assert "Reply recorded" in page
    assert "With customer" in page


def test_a_call_keeps_when_who_and_what_was_promised(desk: FlaskClient, case_id: int) -> None:
    sent = {
        "write": "call",
        "channel": "phone",
        "inbound": "1",
        "minutes": "6",
        "happened_at": "2026-11-24T09:30",
        "said": "Wants it to end.",
        "promise": "Call back",
        "promised_until": "2026-11-26T12:00",
    }
    assert send(desk, f"/cases/{case_id}/exchanges", sent).status_code == 303
    page = desk.get(f"/cases/{case_id}").text
    assert "called, 6 min" in page
    assert "noted by Inès Belkacem" in page
    assert "Promised until Thu 26 Nov 2026 12:00: Call back" in page
    assert db.session.scalars(select(OutgoingMail)).all() == []


def test_a_note_is_internal_and_nothing_is_sent(desk: FlaskClient, case_id: int) -> None:
    assert send(desk, f"/cases/{case_id}/notes", {"said": "Never came in since."}).status_code == 303
    page = desk.get(f"/cases/{case_id}").text
    assert "internal, never sent" in page
    assert db.session.scalars(select(OutgoingMail)).all() == []


def test_a_correction_is_shown_with_its_original(desk: FlaskClient, case_id: int) -> None:
    send(desk, f"/cases/{case_id}/notes", {"said": "Came in July."})
    note = db.session.scalars(select(Entry.id).where(Entry.kind == "note")).one()
    form = desk.get(f"/cases/{case_id}?correct={note}").text
    assert "Came in July.</textarea>" in form
    assert (
        send(desk, f"/cases/{case_id}/corrections", {"entry": str(note), "said": "Came in June."}).status_code
        == 303
    )
    page = desk.get(f"/cases/{case_id}").text
    assert page.count("Came in July.") == 2
    assert "Corrects an earlier entry" in page
    assert "Corrected later" in page


def test_a_refused_form_keeps_what_was_typed(desk: FlaskClient, case_id: int) -> None:
    sent = {
        "write": "call",
        "channel": "phone",
        "inbound": "1",
        "minutes": "many",
        "happened_at": "2026-02-30T10:00",
        "said": "A long talk.",
        "promise": "Something",
    }
    answer = send(desk, f"/cases/{case_id}/exchanges", sent)
    assert answer.status_code == 422
    for kept in ("A long talk.", "many", "2026-02-30T10:00", "Something", "February 2026 has 28 days"):
        assert kept in answer.text, kept
    assert db.session.scalars(select(Entry.id).where(Entry.kind == "exchange")).all().__len__() == 1


def test_empty_words_are_refused_with_a_sentence(desk: FlaskClient, case_id: int) -> None:
    for address in ("exchanges", "notes", "corrections"):
        answer = send(desk, f"/cases/{case_id}/{address}", {"said": " \x00 "})
        assert answer.status_code == 422, address
        assert "Write what was said before you save." in answer.text


def test_a_reply_to_a_case_that_changed_is_held_back_and_shows_what_is_new(
    app: Flask, desk: FlaskClient, case_id: int, house: House
) -> None:
    hidden = fields(desk.get(f"/cases/{case_id}").text)
    colleague = sign_in(app.test_client(), a_person("manager", name="Chloé Dürrenmatt"))
    other = fields(colleague.get(f"/cases/{case_id}").text)
    assert (
        send(colleague, f"/cases/{case_id}/exchanges", {**other, "said": "I answered already."}).status_code
        == 303
    )
    answer = send(desk, f"/cases/{case_id}/exchanges", {**hidden, "said": "My own answer."})
    assert answer.status_code == 409
    assert "This case changed while you wrote" in answer.text
    assert "Chloé Dürrenmatt: an exchange" in answer.text
    assert "My own answer.</textarea>" in answer.text
    again = fields(answer.text)
    assert send(desk, f"/cases/{case_id}/exchanges", {**again, "said": "My own answer."}).status_code == 303


def test_a_double_submit_is_one_entry(desk: FlaskClient, case_id: int) -> None:
    sent = {"said": "Once only.", "once": "the-same-token"}
    first = send(desk, f"/cases/{case_id}/notes", sent)
    second = send(desk, f"/cases/{case_id}/notes", sent)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.headers["Location"] == second.headers["Location"]
    assert len(db.session.scalars(select(Entry.id).where(Entry.kind == "note")).all()) == 1


def test_owner_team_cause_and_tags_change_with_their_values_before(
    desk: FlaskClient, case_id: int, me: Person
) -> None:
    manager = a_person("manager", name="Solène Kerbiriou")
    page = desk.get(f"/cases/{case_id}?change=1").text
    assert f'<option selected value="{me.id}">' in page
    version = re.findall(r'name="version"[^>]*value="(\d+)"', page)[0]
    sent = {
        "version": version,
        "owner_id": str(manager.id),
        "team_id": "",
        "priority": "2",
        "stated_cause_id": "",
        "established_cause_id": "",
        "tags": "gym, renewal",
    }
    assert send(desk, f"/cases/{case_id}/changes", sent).status_code == 303
    case = db.session.get_one(Case, case_id)
    assert (case.owner_id, case.team_id, case.priority, case.stated_cause_id) == (manager.id, None, 2, None)
    page = desk.get(f"/cases/{case_id}").text
    assert "Owner: Inès Belkacem → Solène Kerbiriou" in page
    assert "gym, renewal" in page


def test_a_stale_change_is_refused_and_says_what_is_new(desk: FlaskClient, case_id: int) -> None:
    version = db.session.get_one(Case, case_id).version
    sent = {"version": str(version), "priority": "1"}
    assert send(desk, f"/cases/{case_id}/changes", sent).status_code == 303
    answer = send(desk, f"/cases/{case_id}/changes", {**sent, "priority": "4"})
    assert answer.status_code == 409
    assert "Priority: 3, usual → 1, urgent" in answer.text
    assert '<option selected value="4">' in answer.text


def test_a_fact_is_set_with_its_source_and_judged_anew(desk: FlaskClient, case_id: int) -> None:
    page = desk.get(f"/cases/{case_id}?fact=express_request_to_begin").text
    name = "withdrawal_information_given_at"
    page = desk.get(f"/cases/{case_id}?fact={name}").text
    assert "When was the customer told of the right to withdraw?" in page
    refused = send(
        desk,
        f"/cases/{case_id}/facts",
        {"name": name, "state": "known", "value": "2026-13-01T10:00", "source": "mail log"},
    )
    assert refused.status_code == 422
    assert "There is no month 13" in refused.text
    assert "2026-13-01T10:00" in refused.text
    done = send(
        desk,
        f"/cases/{case_id}/facts",
        {"name": name, "state": "known", "value": "2026-10-12T10:00", "source": "mail log"},
    )
    assert done.status_code == 303
    assert (
        "Fact set: Told of the right to withdraw, Mon 12 Oct 2026 10:00" in desk.get(f"/cases/{case_id}").text
    )


def test_never_needs_a_source(desk: FlaskClient, case_id: int) -> None:
    sent = {"name": "withdrawal_information_given_at", "state": "never"}
    answer = send(desk, f"/cases/{case_id}/facts", sent)
    assert answer.status_code == 422
    assert "a statement, or a complete register" in answer.text


def test_a_case_closes_only_with_an_outcome(desk: FlaskClient, case_id: int) -> None:
    version = str(db.session.get_one(Case, case_id).version)
    assert (
        "A case closes with an outcome" in send(desk, f"/cases/{case_id}/closing", {"version": version}).text
    )
    assert (
        send(desk, f"/cases/{case_id}/closing", {"version": version, "outcome": "withdrawn"}).status_code
        == 303
    )
    assert "Closed: Withdrawn" in desk.get(f"/cases/{case_id}").text


def test_files_are_checked_kept_and_served_to_who_may_open_them(
    app: Flask, desk: FlaskClient, case_id: int
) -> None:
    page = b"<script>alert(1)</script>"
    sent = {"write": "letter", "channel": "letter", "inbound": "1", "said": "With a proof."}
    refused = send(
        desk,
        f"/cases/{case_id}/exchanges",
        {**sent, "files": (io.BytesIO(page), "proof.pdf")},
        content_type="multipart/form-data",
    )
    assert refused.status_code == 422
    assert "With a proof." in refused.text
    files = {"files": (io.BytesIO(b"%PDF-1.4 proof"), "../../Attestation médicale.pdf"), "grade": "medical"}
    assert (
        send(
            desk, f"/cases/{case_id}/exchanges", {**sent, **files}, content_type="multipart/form-data"
        ).status_code
        == 303
    )
    file = db.session.scalars(select(Attachment)).one()
    assert (file.name, file.grade) == ("Attestation médicale.pdf", "medical")
    assert desk.get(f"/attachments/{file.id}").status_code == 403
    assert f'href="/attachments/{file.id}"' not in desk.get(f"/cases/{case_id}").text
    opened = sign_in(app.test_client(), a_person("manager")).get(f"/attachments/{file.id}")
    assert opened.data == b"%PDF-1.4 proof"
    assert opened.headers["X-Content-Type-Options"] == "nosniff"
    assert opened.headers["Content-Disposition"].startswith(
        "inline; filename*=UTF-8''Attestation%20m%C3%A9dicale.pdf"
    )


def test_who_may_not_see_the_case_sees_nothing_of_it(
    app: Flask, case_id: int, house: House, me: Person
) -> None:
    with transaction() as session:
        digest = blobs.put(session, b"%PDF-1.4 x", "application/pdf", now=NOW)
        command = RecordExchange(
            case_id, "letter", True, "x", attachments=(NewAttachment(digest, "x.pdf", "application/pdf", 9),)
        )
        exchanging.record_exchange(session, command, actor=actor_of(me), now=NOW)
    file_id = db.session.scalars(select(Attachment.id)).one()
    stranger = sign_in(app.test_client(), a_person("agent", sees="assigned"))
    assert stranger.get(f"/cases/{case_id}").status_code == 404
    assert stranger.get(f"/attachments/{file_id}").status_code == 404
    assert stranger.get(f"/cases/{case_id}/decision").status_code == 404
    for deed in ("exchanges", "notes", "facts", "changes", "closing", "corrections", "decision"):
        answer = send(
            stranger,
            f"/cases/{case_id}/{deed}",
            {"said": "x", "version": "1", "name": "channel", "state": "unknown"},
        )
        assert answer.status_code in (404, 422), deed
        assert "Éléonore" not in answer.text
    assert send(stranger, f"/drafts/case-{case_id}-reply", {"said": "x"}).status_code == 404


def test_a_draft_is_kept_per_person_and_gone_once_sent(app: Flask, desk: FlaskClient, case_id: int) -> None:
    saved = send(desk, f"/drafts/case-{case_id}-reply", {"said": "Bonjour, je", "recipient": "x@y.example"})
    assert saved.json == {"at": "10:42"}
    page = desk.get(f"/cases/{case_id}").text
    assert "Bonjour, je</textarea>" in page
    assert "Draft saved 10:42" in page
    assert "Bonjour, je" not in sign_in(app.test_client(), a_person("manager")).get(f"/cases/{case_id}").text
    hidden = fields(page)
    assert (
        send(
            desk,
            f"/cases/{case_id}/exchanges",
            {**hidden, "said": "Bonjour, je reviens.", "recipient": "x@y.example"},
        ).status_code
        == 303
    )
    assert db.session.scalars(select(Draft)).all() == []


def test_an_owner_marks_a_message_as_read(desk: FlaskClient, case_id: int) -> None:
    assert "Mark as read" in desk.get(f"/cases/{case_id}").text
    assert send(desk, f"/cases/{case_id}/reading").status_code == 303
    assert "Mark as read" not in desk.get(f"/cases/{case_id}").text


def test_html_in_every_field_stays_text(desk: FlaskClient, case_id: int) -> None:
    nasty = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    send(desk, f"/cases/{case_id}/notes", {"said": nasty})
    send(
        desk,
        f"/cases/{case_id}/exchanges",
        {"write": "call", "channel": "phone", "said": nasty, "promise": nasty, "title": nasty},
    )
    page = desk.get(f"/cases/{case_id}").text
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert page.count("&lt;script&gt;alert(1)") >= 3


def test_a_long_case_shows_its_newest_entries_and_the_way_to_older_ones(
    desk: FlaskClient, case_id: int, me: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from casedesk.cases.queries import timeline

    monkeypatch.setattr(timeline.timeline, "__kwdefaults__", {"before": None, "size": 5})
    with transaction() as session:
        for n in range(12):
            exchanging.record_note(
                session, RecordNote(case_id, f"Note number {n}."), actor=actor_of(me), now=NOW
            )
    page = desk.get(f"/cases/{case_id}").text
    assert "Note number 11." in page
    assert "Note number 2." not in page
    older = re.findall(r'href="(/cases/\d+\?before=[^"#]+)', page)[0]
    assert "Note number 6." in desk.get(older).text


def test_an_erased_text_is_said_to_be_erased(app: Flask, desk: FlaskClient, case_id: int) -> None:
    text = db.session.scalars(select(EntryText)).first()
    assert text is not None
    page = desk.get(f"/cases/{case_id}").text
    assert "The text was erased" not in page
