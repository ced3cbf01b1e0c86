"""The bytes of a mail: the same every time, nothing in them that was not asked for."""

import email
from datetime import UTC, datetime
from email.policy import default
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casedesk.channels.mail import built
from casedesk.channels.registry import CHANNELS
from casedesk.channels.rules import Outgoing, message_id_of
from casedesk.channels.smtp import Server

AT = datetime(2026, 11, 24, 9, 42, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n\r\t"), max_size=300)


def _outgoing(title: str = "Votre dossier", text: str = "Bonjour", name: str = "a.pdf") -> Outgoing:
    return Outgoing(
        message_id=message_id_of("k", "desk@cimes.example"),
        in_reply_to="",
        sender="desk@cimes.example",
        recipient="eleonore@courrier.example",
        title=title,
        text=text,
        written_at=AT,
        attachment_name=name,
    )


@given(title=TEXT, text=TEXT, name=TEXT)
def test_nothing_typed_adds_a_header_or_changes_who_gets_the_mail(title: str, text: str, name: str) -> None:
    plain = set(built(_outgoing(), b"%PDF").keys())
    got = email.message_from_bytes(built(_outgoing(title, text, name), b"%PDF").as_bytes(), policy=default)
    assert set(got.keys()) == plain
    assert got["To"] == "eleonore@courrier.example"
    assert len(list(got.iter_attachments())) == 1


@given(text=TEXT)
def test_the_same_mail_is_the_same_bytes(text: str) -> None:
    first, second = (built(_outgoing(text=text), b"%PDF").as_bytes() for _ in range(2))
    assert first == second


def test_every_key_has_its_own_message_id_and_always_the_same() -> None:
    ids = [message_id_of(f"exchange-{n}", "desk@cimes.example") for n in range(100)]
    assert all(one != other for one, other in pairwise(sorted(ids)))
    assert ids[3] == message_id_of("exchange-3", "desk@cimes.example")
    assert ids[3].endswith("@cimes.example>")


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://post.example", Server("post.example", 587, tls=False)),
        ("smtps://post.example", Server("post.example", 465, tls=True)),
        ("smtp://me%40x:p%2Fw@post.example:25", Server("post.example", 25, False, "me@x", "p/w")),
    ],
)
def test_the_setting_names_server_port_encryption_and_account(url: str, server: Server) -> None:
    assert Server.from_url(url) == server


def test_only_mail_is_carried_by_the_desk_itself() -> None:
    assert [name for name, channel in CHANNELS.items() if channel.carried] == ["mail"]
    assert [name for name, channel in CHANNELS.items() if channel.live] == ["phone", "chat", "meeting"]
