"""The demo keeps what it promises: enough of every kind and state, true texts, a whole record."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Integer, case, create_engine, func, select
from sqlalchemy.orm import Session

from casedesk import audit
from casedesk.accounts.models import Person
from casedesk.app import create_app, project_path
from casedesk.cases.models import Case, Decision
from casedesk.cases.rules import KINDS, STATUSES
from casedesk.config import Settings
from casedesk.customers.models import Customer, Subscription
from casedesk.deadlines.models import Clock
from casedesk.demo.generate import generate
from casedesk.demo.house import PEOPLE
from casedesk.demo.phrases import words
from casedesk.demo.year import EVERY, PLANTED
from casedesk.ledger.models import Charge
from casedesk.reports.signal_models import Signal, SignalAction, SignalLesson
from casedesk.schema import prepare
from casedesk.store.db import db, tune
from casedesk.store.models import Entry, EntryText, OutboxRow

NOW = datetime(2026, 11, 24, 9, 42, tzinfo=UTC)


@pytest.fixture(scope="module")
def demo(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One whole demo for all tests of this file; it takes a minute."""
    if request.config.getoption("--db") != "sqlite":
        pytest.skip("the demo is made once, on SQLite")
    home: Path = tmp_path_factory.mktemp("demo")
    url = f"sqlite:///{home / 'demo.sqlite3'}"
    engine = create_engine(url)
    tune(engine)
    prepare(engine, project_path("migrations"))
    engine.dispose()
    app = create_app(Settings.from_environment({"DATABASE_URL": url, "CASEDESK_DATA": str(home)}))
    with app.app_context():
        generate("no password", seed=7, now=NOW)
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def session(demo: Flask) -> Iterator[Session]:
    found = db.session()
    yield found
    found.rollback()


def how_many(session: Session, model: type, *where: object) -> int:
    return session.scalar(select(func.count()).select_from(model).where(*where)) or 0  # type: ignore[arg-type]


def test_it_has_the_size_of_a_year(session: Session) -> None:
    assert how_many(session, Customer) == 2_000
    assert how_many(session, Subscription) == 3_000
    assert how_many(session, Case) == 1_500
    assert how_many(session, Charge) > 8_000
    assert how_many(session, Person) == len(PEOPLE)
    days = session.execute(select(func.min(Case.opened_at), func.max(Case.opened_at))).one()
    assert days[1] - days[0] > timedelta(days=330)
    assert days[1] < NOW


def test_the_last_weeks_are_no_flood(session: Session) -> None:
    """Cases come as the shop grows: the last four whole weeks bring at most double what the quarter before brought."""
    weeks = [(NOW - at).days // 7 for at in session.scalars(select(Case.opened_at))]
    lately, before = sum(1 <= ago < 5 for ago in weeks) / 4, sum(8 <= ago < 21 for ago in weeks) / 13
    assert lately < 2 * before


def test_every_status_has_fifteen_cases_of_every_kind(session: Session) -> None:
    rows = session.execute(select(Case.status, Case.kind, func.count()).group_by(Case.status, Case.kind))
    found = {(row[0], row[1]): row[2] for row in rows}
    few = {(s, k): found.get((s, k), 0) for s in STATUSES for k in KINDS if found.get((s, k), 0) < 15}
    assert not few


def test_forty_cases_have_five_exchanges_or_more(session: Session) -> None:
    talked = (
        select(Entry.subject_id)
        .where(Entry.kind == "exchange", Entry.subject_kind == "case")
        .group_by(Entry.subject_id)
        .having(func.count() >= 5)
    )
    assert how_many(session, talked.subquery()) >= 40  # type: ignore[arg-type]


def test_thirty_decisions_go_beyond_the_rule_with_reason_and_approval(session: Session) -> None:
    beyond = how_many(
        session,
        Decision,
        Decision.amount_minor > func.coalesce(Decision.by_rule_minor, 0),
        Decision.reason_code.is_not(None),
        Decision.approved_by.is_not(None),
        Decision.approved_by != Decision.proposed_by,
    )
    assert beyond >= 30


def test_twenty_clocks_are_late_and_others_are_due_today_and_this_week(session: Session) -> None:
    running = select(Clock.due_at).where(Clock.state == "running")
    due = [row[0] - NOW for row in session.execute(running)]
    assert sum(left <= timedelta(0) for left in due) >= 20
    assert sum(timedelta(0) < left <= timedelta(hours=9) for left in due) >= 5
    assert sum(timedelta(hours=9) < left <= timedelta(days=5) for left in due) >= 20
    unnoticed = how_many(
        session, Clock, Clock.state == "running", Clock.due_at < NOW, Clock.breached_at.is_(None)
    )
    assert unnoticed == 0


def test_both_languages_and_several_sources_are_there(session: Session) -> None:
    rows = session.execute(
        select(Customer.locale, func.count())
        .join(Case, Case.customer_id == Customer.id)
        .group_by(Customer.locale)
    )
    locales = {row[0]: row[1] for row in rows}
    assert min(locales["fr"], locales["en"]) > 300
    assert len(set(session.scalars(select(Case.source)))) >= 6


def test_people_have_names_of_their_own_and_say_things_of_their_own(session: Session) -> None:
    names = list(session.scalars(select(Customer.name)))
    assert len(set(names)) == len(names) == 2_000
    assert [name for name in names if re.search(r"\d|customer|client|test", name.lower())] == []
    said = list(
        session.scalars(
            select(EntryText.text).join(Entry, Entry.id == EntryText.entry_id).where(Entry.kind == "exchange")
        )
    )
    assert len({text["said"] for text in said}) > len(said) * 3 // 4


def test_the_record_is_whole_and_the_ledger_agrees(session: Session) -> None:
    report = audit.check(session, lambda _done, _all: None, None)
    assert report.faults == []


def test_texts_are_filled_and_agree_with_the_case(session: Session) -> None:
    """No placeholder is left; a sum that the first message names is one of the contract's."""
    rows = session.execute(
        select(EntryText.text, Charge.amount_minor, Case.claimed_minor)
        .join(Entry, Entry.id == EntryText.entry_id)
        .join(Case, (Case.id == Entry.subject_id) & (Entry.subject_kind == "case"))
        .join(Charge, Charge.id == Case.charge_id)
        .where(Entry.kind == "exchange", Entry.seq <= 3)
    ).all()
    assert len(rows) >= 1_500
    for text, amount, claimed in rows:
        said = text["said"]
        assert "{" not in said
        assert not re.search(r"(?i)customer \d|lorem|foo\b", said)
        sums = {
            int(re.sub(r"\D", "", found))
            for found in re.findall(r"£[\d,]+\.\d\d|[\d\u202f\u00a0 ]+,\d\d(?=\u00a0€)", said)
        }
        assert sums <= {amount, claimed}, (said, amount, claimed)


def test_few_texts_are_said_twice(session: Session) -> None:
    first = session.scalars(
        select(EntryText.text)
        .join(Entry, Entry.id == EntryText.entry_id)
        .where(Entry.kind == "exchange", Entry.seq <= 3, Entry.subject_kind == "case")
    ).all()
    assert len({text["said"] for text in first}) > 0.9 * len(first)


def test_the_people_of_the_design_are_there(session: Session) -> None:
    for name, claimed in (("Éléonore Vandenbroucke-Lefèvre", 47_880), ("Théo Nguyên-Larroque", 35_880)):
        found = session.execute(
            select(Case.claimed_minor, Case.status)
            .join(Customer, Customer.id == Case.customer_id)
            .where(Customer.name == name)
        ).one()
        assert found.claimed_minor == claimed


def test_a_year_of_mails_and_letters_does_not_leave_when_the_worker_starts(session: Session) -> None:
    ready = session.execute(
        select(OutboxRow.kind, func.sum(case((OutboxRow.due_at <= NOW, 1), else_=0)).cast(Integer))
        .where(OutboxRow.state == "ready")
        .group_by(OutboxRow.kind)
    )
    due = {row[0]: row[1] for row in ready}
    assert due.get("letter.compose", 0) <= 150
    assert due.get("mail.send", 0) <= 300
    assert due.get("refund.create", 0) == 0


def test_the_scan_finds_what_was_planted_and_little_else(session: Session) -> None:
    """Every planted recurrence is found at its source; of what is still high on the last week, most was planted."""
    rows = session.scalars(select(Signal).where(Signal.kind != "timing")).all()
    found = {(one.cause, one.source) for one in rows}
    assert {(one.cause, one.source.strip(EVERY)) for one in PLANTED} <= found
    high = [one for one in rows if not one.ended and one.kind == "spike"]
    planted = {(one.cause, one.source.strip(EVERY)) for one in PLANTED if not one.last}
    assert sum((one.cause, one.source) in planted for one in high) >= len(high) / 2


def test_signals_stand_in_several_states_and_one_change_is_made(session: Session) -> None:
    states = {one.state for one in session.scalars(select(Signal))}
    assert {"new", "explained", "assigned", "closed"} <= states
    assert how_many(session, SignalAction, SignalAction.done_on.is_not(None)) == 1
    assert how_many(session, SignalLesson) == 1


@pytest.mark.parametrize("locale", ["fr", "en"])
def test_both_languages_have_words_for_the_same_things(locale: str) -> None:
    def shape(thing: object) -> object:
        return {k: shape(v) for k, v in thing.items()} if isinstance(thing, dict) else None

    assert shape(words(locale)) == shape(words("fr"))
    flat = str(words(locale))
    known = {"first", "name", "plan", "amount", "asked", "paid", "on", "since", "hall", "last4", "agent"}
    assert set(re.findall(r"\{(\w+)\}", flat)) <= known
