"""Mails leave by the outbox, through real servers, and the record says what became of them."""

import email
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.policy import default

import pytest
from flask import Flask
from sqlalchemy import select, text

from casedesk.channels import actions, jobs, queries, smtp
from casedesk.channels.models import OutgoingMail
from casedesk.channels.rules import NewMail, message_id_of
from casedesk.kernel.errors import InvalidInput, NotFound, RuleBroken
from casedesk.store import blobs, clock, outbox
from casedesk.store.db import db
from casedesk.store.models import Entry, OutboxRow
from casedesk.store.record import SYSTEM
from casedesk.store.running import Work, run_call
from casedesk.store.transaction import transaction
from tests.integration.mailserver import Dying, MailServer, Post, Slow, free_port

WORK = Work({}, jobs.CALLS)


@pytest.fixture
def post_to(app: Flask) -> Callable[[str], None]:
    """Point the desk at a mail server."""

    def point(url: str) -> None:
        app.extensions["settings"] = replace(app.extensions["settings"], smtp_url=url)

    return point


def _queue(**other: object) -> int:
    values: dict[str, object] = {
        "subject": ("case", 7),
        "entry_id": 3,
        "key": "exchange-3",
        "sender": "serviceclients@cimes.example",
        "recipient": "éléonore@müller.example" if other.pop("idn", False) else "eleonore@courrier.example",
        "title": "Cimes, votre dossier",
        "text": "Bonjour,\n\nNous avons bien reçu votre message.",
    }
    with transaction() as session:
        return actions.queue_mail(session, NewMail(**(values | other)), now=clock.now()).id  # type: ignore[arg-type]


def _due_now() -> None:
    """The waits after a failure are over."""
    with transaction() as session:
        session.execute(text("UPDATE outbox SET claimed_until = NULL WHERE state = 'ready'"))


def _mail(mail_id: int) -> OutgoingMail:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(OutgoingMail, mail_id)


def _events() -> list[tuple[str, dict]]:
    db.session.rollback()
    rows = db.session.execute(select(Entry.kind, Entry.body).where(Entry.subject_id == 7).order_by(Entry.seq))
    return [(row.kind, row.body) for row in rows]


def test_a_mail_leaves_once_with_what_was_written(app: Flask, post_to: Callable[[str], None]) -> None:
    mail_id = _queue(in_reply_to="<asked@courrier.example>")
    with MailServer(Post()) as server:
        post_to(server.url)
        assert run_call(WORK)
        assert not run_call(WORK)
    [got] = server.post.mails
    assert got["Subject"] == "Cimes, votre dossier"
    assert got["From"] == "serviceclients@cimes.example"
    assert got["To"] == "eleonore@courrier.example"
    assert got["Message-ID"] == message_id_of("exchange-3", "serviceclients@cimes.example")
    assert got["In-Reply-To"] == got["References"] == "<asked@courrier.example>"
    assert got.get_content().split() == ["Bonjour,", "Nous", "avons", "bien", "reçu", "votre", "message."]
    mail = _mail(mail_id)
    assert (mail.state, mail.attempts, mail.possibly_twice, mail.last_error) == ("sent", 1, False, None)
    assert mail.sent_at is not None
    assert _events() == []


def test_a_pdf_goes_with_the_mail(app: Flask, post_to: Callable[[str], None]) -> None:
    with transaction() as session:
        digest = blobs.put(session, b"%PDF-1.7 letter", "application/pdf", now=clock.now())
    _queue(attachment_digest=digest, attachment_name="Décision CD-2026-0000001-X.pdf")
    with MailServer(Post()) as server:
        post_to(server.url)
        run_call(WORK)
    [attached] = list(server.post.mails[0].iter_attachments())
    assert attached.get_filename() == "Décision CD-2026-0000001-X.pdf"
    assert attached.get_content_type() == "application/pdf"
    assert attached.get_content() == b"%PDF-1.7 letter"


def test_a_refused_address_is_final_and_on_the_record(app: Flask, post_to: Callable[[str], None]) -> None:
    mail_id = _queue()
    with MailServer(Post(refuse="550 5.1.1 no such mailbox")) as server:
        post_to(server.url)
        run_call(WORK)
        _due_now()
        assert not run_call(WORK)
    mail = _mail(mail_id)
    assert (mail.state, mail.attempts) == ("failed", 1)
    assert "no such mailbox" in (mail.last_error or "")
    assert _events() == [("event.mail_failed", {"mail": mail_id, "entry": 3, "attempts": 1})]


@pytest.mark.parametrize("post", [Post(refuse="451 try later"), Post(answer="452 disk full")])
def test_a_temporary_refusal_waits_and_is_tried_again(
    app: Flask, post_to: Callable[[str], None], post: Post
) -> None:
    mail_id = _queue()
    with MailServer(post) as server:
        post_to(server.url)
        run_call(WORK)
        assert _mail(mail_id).state == "waiting"
        assert not run_call(WORK)  # not before its wait is over
        post.refuse, post.answer = "", "250 taken"
        _due_now()
        run_call(WORK)
    mail = _mail(mail_id)
    assert (mail.state, mail.attempts, mail.possibly_twice) == ("sent", 2, False)


def test_no_mail_server_at_the_address_loses_nothing(app: Flask, post_to: Callable[[str], None]) -> None:
    mail_id = _queue()
    post_to(f"smtp://127.0.0.1:{free_port()}")
    run_call(WORK)
    mail = _mail(mail_id)
    assert mail.state == "waiting"
    assert "127.0.0.1" in (mail.last_error or "")


def test_a_server_that_hangs_up_before_its_answer_gets_the_same_mail_again_and_it_is_marked(
    app: Flask, post_to: Callable[[str], None]
) -> None:
    mail_id = _queue()
    with MailServer(Dying()) as server:
        post_to(server.url)
        run_call(WORK)
        _due_now()
        run_call(WORK)
    assert len(server.post.raw) == 2
    assert server.post.raw[0] == server.post.raw[1]  # byte for byte, so also the Message-ID
    mail = _mail(mail_id)
    assert (mail.state, mail.attempts, mail.possibly_twice) == ("sent", 2, True)
    assert _events() == [("event.mail_twice", {"mail": mail_id, "entry": 3, "attempt": 2})]


def test_a_server_that_dawdles_leaves_the_mail_uncertain(
    app: Flask, post_to: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp.deliver, "__kwdefaults__", {"timeout_s": 0.3})
    mail_id = _queue()
    with MailServer(Slow()) as server:
        post_to(server.url)
        run_call(WORK)
    db.session.rollback()
    row = db.session.scalars(select(OutboxRow)).one()
    assert (row.state, row.uncertain) == ("ready", True)
    assert _mail(mail_id).state == "sending"


def test_a_worker_that_died_while_sending_sends_again_and_says_so(
    app: Flask, post_to: Callable[[str], None]
) -> None:
    mail_id = _queue()
    now = clock.now()
    with transaction() as session:  # what a dead worker leaves behind
        [job] = outbox.due(session, ["mail.send"], limit=1, now=now)
        jobs.prepare(session, job, now=now)
        outbox.send(session, job, until=now - timedelta(seconds=1), now=now)
    with MailServer(Post()) as server:
        post_to(server.url)
        run_call(WORK)
    assert _mail(mail_id).possibly_twice
    assert [kind for kind, _ in _events()] == ["event.mail_twice"]


def test_without_a_mail_server_mails_lie_on_disk_and_are_called_written(app: Flask) -> None:
    mail_id = _queue()
    run_call(WORK)
    folder = app.extensions["settings"].data_dir / "mail"
    [path] = folder.iterdir()
    got = email.message_from_bytes(path.read_bytes(), policy=default)
    assert got["Message-ID"] == _mail(mail_id).message_id
    assert _mail(mail_id).state == "written"


def test_a_settled_mail_is_sent_again_under_its_message_id(
    app: Flask, post_to: Callable[[str], None]
) -> None:
    mail_id = _queue()
    with pytest.raises(RuleBroken, match=r"mail\.on_its_way"), transaction() as session:
        actions.resend(session, mail_id, actor=SYSTEM, now=clock.now())
    with MailServer(Post()) as server:
        post_to(server.url)
        run_call(WORK)
        with transaction() as session:
            actions.resend(session, mail_id, actor=SYSTEM, now=clock.now())
        run_call(WORK)
    first, second = server.post.mails
    assert first["Message-ID"] == second["Message-ID"]
    mail = _mail(mail_id)
    assert (mail.state, mail.attempts, mail.possibly_twice) == ("sent", 2, False)
    assert [kind for kind, _ in _events()] == ["event.mail_resent"]
    with pytest.raises(NotFound), transaction() as session:
        actions.resend(session, 999, actor=SYSTEM, now=clock.now())


def test_an_erased_mail_never_leaves(app: Flask, post_to: Callable[[str], None]) -> None:
    mail_id = _queue()
    with transaction() as session:
        assert actions.erase_mails(session, ("case", 7)) == 1
    with MailServer(Post()) as server:
        post_to(server.url)
        run_call(WORK)
    assert server.post.raw == []
    mail = _mail(mail_id)
    assert (mail.state, mail.recipient, mail.text, mail.title) == ("stopped", "", "", "")
    with pytest.raises(RuleBroken, match=r"mail\.erased"), transaction() as session:
        actions.resend(session, mail_id, actor=SYSTEM, now=clock.now())


@pytest.mark.parametrize(
    "recipient", ["", "nobody", "@x.example", "a@", "a@b c", "a\r\nBcc: all@x.example", "a@b..c"]
)
def test_what_is_no_address_is_refused_before_anything_is_stored(app: Flask, recipient: str) -> None:
    with pytest.raises(InvalidInput, match=r"mail\.address"):
        _queue(recipient=recipient)
    assert db.session.scalars(select(OutgoingMail.id)).all() == []


def test_letters_of_other_scripts_need_a_server_that_carries_them(
    app: Flask, post_to: Callable[[str], None]
) -> None:
    first, second = _queue(idn=True), _queue(idn=True, key="exchange-4")
    with MailServer(Post(), enable_SMTPUTF8=True) as server:
        post_to(server.url)
        run_call(WORK)
    assert server.post.mails[0]["To"] == "éléonore@xn--mller-kva.example"
    with MailServer(Post(), enable_SMTPUTF8=False) as server:
        post_to(server.url)
        run_call(WORK)
    assert (_mail(first).state, _mail(second).state) == ("sent", "failed")


def test_the_newest_delivery_of_each_entry_is_shown(app: Flask) -> None:
    _queue()
    newer = _queue(key="again")
    _queue(key="letter", entry_id=None)
    shown = queries.deliveries_of_case(db.session(), 7)
    assert {entry: delivery.mail_id for entry, delivery in shown.items()} == {3: newer}
    assert not shown[3].may_be_resent
    assert queries.mail_counts(db.session()) == {"waiting": 3}
