"""Drafts: the last one saved stays, each person has their own, and the deed takes it away."""

from datetime import UTC, datetime

from flask import Flask

from casedesk.store import drafts
from casedesk.store.db import db
from casedesk.store.transaction import transaction

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def test_the_last_draft_of_a_place_stays(app: Flask) -> None:
    drafts.save(1, "case-7-reply", {"said": "Bonj"}, now=NOW)
    drafts.save(1, "case-7-reply", {"said": "Bonjour"}, now=NOW)
    drafts.save(2, "case-7-reply", {"said": "Hello"}, now=NOW)
    draft = drafts.load(db.session(), 1, "case-7-reply")
    assert draft == drafts.DraftView("case-7-reply", {"said": "Bonjour"}, NOW)
    assert drafts.load(db.session(), 1, "case-new") is None


def test_a_deed_that_is_refused_keeps_the_draft_and_one_that_is_done_takes_it(app: Flask) -> None:
    drafts.save(1, "case-new", {"said": "x"}, now=NOW)
    try:
        with transaction() as session:
            drafts.drop(session, 1, "case-new")
            raise ValueError("refused")
    except ValueError:
        assert drafts.load(db.session(), 1, "case-new") is not None
    with transaction() as session:
        drafts.drop(session, 1, "case-new")
    assert drafts.load(db.session(), 1, "case-new") is None


def test_a_draft_can_be_thrown_away(app: Flask) -> None:
    drafts.save(1, "case-new", {"said": "x"}, now=NOW)
    drafts.discard(1, "case-new")
    assert drafts.load(db.session(), 1, "case-new") is None
