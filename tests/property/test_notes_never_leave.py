"""An internal note is a type that nothing carries: no word of one is in any mail, letter, job or payment."""

import json
import secrets
from collections.abc import Sequence

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.cases.actions import exchanging, opening
from casedesk.cases.commands import CorrectEntry, OpenCase, ProposeDecision, RecordExchange, RecordNote
from casedesk.cases.entries import Note
from casedesk.channels import jobs, mail
from casedesk.channels.models import OutgoingMail
from casedesk.documents import queries as documents
from casedesk.store.db import db
from casedesk.store.models import Entry, OutboxRow
from casedesk.store.transaction import transaction
from casedesk.store.work import Job
from tests.factories import NOW, a_person, actor_of
from tests.integration.house import furnish

DEEDS = st.lists(
    st.sampled_from(["note", "mail", "call", "correct_note", "correct_mail", "letter"]), max_size=12
)


@pytest.fixture
def agent(app: Flask) -> Actor:
    return actor_of(a_person("agent"))


@pytest.fixture
def case_id(agent: Actor) -> int:
    house = furnish()
    opened = OpenCase("refund", "mail", "Bonjour", None, customer_id=house.customer.id)
    with transaction() as session:
        return opening.open_case(session, opened, actor=agent, now=NOW)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds=DEEDS)
def test_no_word_of_a_note_is_in_anything_that_leaves(
    agent: Actor, case_id: int, deeds: Sequence[str]
) -> None:
    inside, outside = [], []
    for deed in deeds:
        word = f"w{secrets.token_hex(8)}"
        (inside if deed in ("note", "correct_note") else outside).append(word)
        with transaction() as session:
            _do(session, deed, case_id, word, agent)
    left = _everything_that_leaves(case_id, agent)
    assert [word for word in inside if word in left] == []
    mailed = [word for deed, word in _told(deeds, inside, outside) if deed == "mail"]
    assert [word for word in mailed if word not in left] == []
    db.session.rollback()


def test_a_note_has_neither_a_channel_nor_a_recipient() -> None:
    line = Note("only for us").line()
    assert (line.kind, line.body) == ("note", {})
    with pytest.raises(TypeError):
        RecordNote(1, "only for us", recipient="e@x.example")  # type: ignore[call-arg]


def _do(session: Session, deed: str, case_id: int, word: str, agent: Actor) -> None:
    if deed == "note":
        exchanging.record_note(session, RecordNote(case_id, word), actor=agent, now=NOW)
    elif deed == "mail":
        said = RecordExchange(case_id, "mail", inbound=False, said=word)
        exchanging.record_exchange(session, said, actor=agent, now=NOW)
    elif deed == "call":
        said = RecordExchange(case_id, "phone", inbound=True, said=word)
        exchanging.record_exchange(session, said, actor=agent, now=NOW)
    elif deed == "letter":
        said = RecordExchange(case_id, "letter", inbound=False, said=word)
        exchanging.record_exchange(session, said, actor=agent, now=NOW)
    else:
        kind = "note" if deed == "correct_note" else "exchange"
        wrong = session.scalars(
            select(Entry.id)
            .where(Entry.subject_kind == "case", Entry.subject_id == case_id, Entry.kind == kind)
            .limit(1)
        ).one_or_none()
        if wrong is not None:
            exchanging.correct_entry(session, CorrectEntry(case_id, wrong, word), actor=agent, now=NOW)


def _told(deeds: Sequence[str], inside: list[str], outside: list[str]) -> list[tuple[str, str]]:
    """Each deed with its word."""
    words = {True: iter(inside), False: iter(outside)}
    return [(deed, next(words[deed in ("note", "correct_note")])) for deed in deeds]


def _everything_that_leaves(case_id: int, agent: Actor) -> str:
    """Mails as their bytes, the jobs that carry them, and the letter as it would be drawn now."""
    pieces = []
    with transaction() as session:
        for mail_id in session.scalars(select(OutgoingMail.id).order_by(OutgoingMail.id)).all():
            job = Job(0, "mail.send", "k", {"mail_id": mail_id}, NOW, 0, False)
            outgoing = jobs.prepare(session, job, now=NOW)
            assert outgoing is not None
            pieces.append(mail.built(outgoing, None).get_content())
        pieces += [json.dumps(payload) for payload in session.scalars(select(OutboxRow.payload))]
        pieces.append(documents.preview(session, agent, ProposeDecision(case_id, 1), now=NOW).text)
    return "\n".join(pieces)
