"""Signals over the database: found by the worker, kept week by week, told once, worked on, and said on the page."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, event, select, update

from casedesk import audit
from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.cases.models import Case
from casedesk.channels.models import OutgoingMail
from casedesk.detection.causes import DEFAULT as CELLS
from casedesk.detection.changes import DEFAULT as RISES
from casedesk.detection.timing import DEFAULT as TIMING
from casedesk.kernel.errors import InvalidInput, RuleBroken
from casedesk.reports import signal_actions as actions
from casedesk.reports import signal_beside, signal_faces, signal_jobs, signal_queries, wording
from casedesk.reports import signal_keeping as keeping
from casedesk.reports.report_actions import enter_rate
from casedesk.reports.signal_actions import Assigned, Happened, Lesson
from casedesk.reports.signal_desk import keep_scan
from casedesk.reports.signal_findings import found_of
from casedesk.reports.signal_models import ExposureRow, Signal, SignalAction, SignalScan, SignalWeek
from casedesk.reports.signal_money import weigh
from casedesk.store import clock
from casedesk.store.db import db
from casedesk.store.models import Entry, OutboxRow
from casedesk.store.running import Work
from casedesk.store.transaction import transaction
from tests.case_builders import a_case
from tests.factories import NOW, a_person, actor_of, send, sign_in
from tests.integration.signal_weeks import (
    LAST_MONDAY,
    SOURCES,
    Business,
    a_business,
    as_usual,
    expose,
    insert_cases,
    open_weeks,
    rising,
    row_at,
    work,
)

ZONE = "Europe/Paris"
WORK = Work(signal_jobs.HANDLERS, signal_jobs.CALLS)
TODAY = NOW.date()


@pytest.fixture
def business(app: Flask) -> Business:
    return a_business()


@pytest.fixture
def manager(app: Flask) -> Actor:
    return actor_of(a_person("manager", locale="fr", time_zone=ZONE))


@pytest.fixture(autouse=True)
def _at_the_day_of_the_mockups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def scan(as_of: date = TODAY) -> SignalScan:
    with transaction() as session:
        return keep_scan(session, ZONE, as_of, now=NOW)


def signals(*where: Any) -> list[Signal]:
    db.session.expunge_all()
    db.session.rollback()
    found = list(db.session.scalars(select(Signal).where(*where).order_by(Signal.id)))
    db.session.expunge_all()  # what a test holds stays as it was read
    return found


def the_rise() -> Signal:
    (found,) = signals(
        Signal.cause == "unexpected_renewal", Signal.source == "facebook", Signal.kind == "spike"
    )
    return found


@pytest.fixture
def found(business: Business) -> Signal:
    """Renewals from Facebook, found."""
    expose()
    open_weeks(business, rising)
    scan()
    return the_rise()


# --- the scan -------------------------------------------------------------------------------------------


def test_the_worker_finds_the_rise_at_its_source_and_keeps_each_week(
    business: Business, manager: Actor
) -> None:
    expose()
    open_weeks(business, rising)
    with transaction() as session:
        asked = keeping.ask(session, as_of=TODAY, actor=manager, now=NOW).id
        assert keeping.ask(session, as_of=TODAY, actor=manager, now=NOW).id == asked
    work(WORK)
    rise = the_rise()
    assert (rise.state, rise.ended, rise.since) == ("new", False, LAST_MONDAY - timedelta(weeks=4))
    assert rise.observed > 2 * rise.expected
    weeks = db.session.scalars(select(SignalWeek).where(SignalWeek.signal_id == rise.id)).all()
    assert [week.week for week in weeks] == [LAST_MONDAY - timedelta(weeks=ago) for ago in (4, 3, 2, 1)]
    assert sum(week.observed for week in weeks) == rise.observed
    assert {week.at_risk for week in weeks} == {1_000}
    scanned = db.session.get_one(SignalScan, asked)
    assert (scanned.state, scanned.judged, scanned.asked_by) == (
        "done",
        LAST_MONDAY - timedelta(weeks=1),
        manager.id,
    )
    assert (scanned.done, scanned.of) == (scanned.of, scanned.of)
    said = wording.sentence(found_of(rise.finding))
    assert said.startswith(
        f"Unexpected renewal from Facebook: {rise.observed} cases since 26 October 2026 where "
    )
    assert "for 1,000 active subscriptions" in said


def test_nothing_unusual_raises_nothing(business: Business) -> None:
    expose()
    open_weeks(business, as_usual)
    scan()
    assert signals(Signal.kind == "cell") == []
    assert signals(Signal.ended.is_(False), Signal.kind == "spike") == []


def _episodes() -> set[tuple[Any, ...]]:
    """What is on file: each episode with the newest figures of each of its weeks."""
    found = set()
    for signal in signals(Signal.kind == "spike"):
        newest = {
            row.week: (row.week, row.observed, round(row.expected, 6), row.low, row.high)
            for row in db.session.scalars(
                select(SignalWeek).where(SignalWeek.signal_id == signal.id).order_by(SignalWeek.scan_id)
            )
        }
        key = (signal.cause, signal.source, signal.since, signal.last, signal.observed, signal.ended)
        found.add((*key, tuple(newest.values())))
    return found


def _forget() -> None:
    """As if nobody had ever scanned. The figures are append-only, so the rows are left and hidden by a new source name."""
    with transaction() as session:
        for signal in session.scalars(select(Signal)):
            signal.source, signal.ended = f"forgotten {signal.id}", True
            signal.since = signal.last = date(2000, 1, 3)
        session.execute(update(SignalScan).values(past="", judged=None))


def _ups_and_downs(cause: str, source: str, ago: int) -> float:
    """Two rises at one source, one of a whole cause."""
    if cause == "quality" and 9 <= ago <= 12:
        return 2.6
    if (cause, source) == ("unexpected_renewal", "facebook"):
        return 3.2 if ago in (18, 17, 16) or ago <= 4 else 1.0
    return 1.0


def test_scanned_week_by_week_or_from_scratch_the_episodes_are_the_same(business: Business) -> None:
    expose()
    open_weeks(business, _ups_and_downs)
    for ago in range(22, -1, -1):
        scan(min(LAST_MONDAY - timedelta(weeks=ago), TODAY))
    by_week = _episodes()
    assert {(one[0], one[1]) for one in by_week} >= {("quality", ""), ("unexpected_renewal", "facebook")}
    _forget()
    scan()
    from_scratch = {one for one in _episodes() if not one[1].startswith("forgotten")}
    assert from_scratch == by_week


def test_a_second_scan_of_the_same_day_changes_nothing(found: Signal) -> None:
    before = _episodes()
    weeks = db.session.scalars(select(SignalWeek.id)).all()
    scan()
    assert _episodes() == before
    assert db.session.scalars(select(SignalWeek.id)).all() == weeks


def test_cases_that_get_another_cause_later_are_counted_anew(found: Signal, business: Business) -> None:
    rows = db.session.scalars(
        select(Case.id).where(
            Case.source == "facebook",
            Case.stated_cause_id == business.causes["unexpected_renewal"],
            Case.opened_at >= NOW - timedelta(weeks=5),
        )
    ).all()
    moved = [case_id for n, case_id in enumerate(rows) if n % 3]
    with transaction() as session:
        session.execute(
            update(Case).where(Case.id.in_(moved)).values(established_cause_id=business.causes["quality"])
        )
    scan()
    (gone,) = signals(Signal.id == found.id)
    assert gone.ended
    assert gone.picture["gone"] is True
    assert signals(Signal.cause == "quality", Signal.source == "facebook", Signal.ended.is_(False))


def test_merged_cases_are_counted_once(found: Signal, business: Business) -> None:
    with transaction() as session:
        first, *others = session.scalars(
            select(Case).where(Case.source == "facebook", Case.opened_at >= NOW - timedelta(weeks=2)).limit(3)
        )
        for one in others:
            one.merged_into_id = first.id
    assert scan().cases == db.session.scalar(select(SignalScan.cases).where(SignalScan.id == 1)) - 2  # type: ignore[operator]


def test_imports_land_on_their_own_dates_and_a_stamped_one_raises_no_alarm(business: Business) -> None:
    expose()
    open_weeks(business)
    stamp = NOW - timedelta(days=5, hours=2)
    insert_cases([row_at(business, "quality", "email", stamp, imported=True) for _ in range(200)])
    scanned = scan()
    assert [note["params"]["cases"] for note in scanned.notes if note["code"] == "signals.stamped"] == [200]
    assert not signals(Signal.cause == "quality", Signal.ended.is_(False))


def test_missing_exposure_is_missing_and_zero_exposure_with_cases_is_said(business: Business) -> None:
    expose()
    open_weeks(business)
    with transaction() as session:
        gap = [LAST_MONDAY - timedelta(weeks=ago) for ago in (10, 9)]
        session.execute(delete(ExposureRow).where(ExposureRow.period.in_(gap), ExposureRow.source == "email"))
        zero = LAST_MONDAY - timedelta(weeks=6)
        session.execute(
            update(ExposureRow)
            .where(ExposureRow.period == zero, ExposureRow.source == "direct")
            .values(active_subscriptions=0)
        )
    notes = {note["code"]: note["params"] for note in scan().notes}
    assert notes["signals.gap"] == {"source": "email", "weeks": 2}
    assert notes["signals.zero_exposure"]["source"] == "direct"
    assert notes["signals.unknown_exposure"]["source"] == "email"


def test_a_source_that_falls_silent_is_said(business: Business) -> None:
    expose()
    open_weeks(business, lambda _cause, source, ago: 0.0 if source == "direct" and ago <= 5 else 1.0)
    codes = {(note["code"], note["params"].get("source")) for note in scan().notes}
    assert ("signals.cases_stop", "direct") in codes


def test_a_renamed_cause_asks_whether_it_was_relabelled(business: Business) -> None:
    def renamed(cause: str, source: str, ago: int) -> float:
        return {"quality": 0.0, "price_change": 2.0}.get(cause, 1.0) if ago <= 4 else 1.0

    expose()
    open_weeks(business, renamed)
    scan()
    (rise,) = signals(Signal.cause == "price_change", Signal.ended.is_(False), Signal.kind == "spike")
    assert rise.source == ""
    assert rise.finding["renamed_from"] == ["quality"]
    assert "re-labelling?" in wording.sentence(found_of(rise.finding))


def test_ten_weeks_are_too_few_to_judge(business: Business) -> None:
    expose()
    open_weeks(business, rising, since=10)
    scanned = scan()
    assert signals(Signal.kind == "spike") == []
    assert {"signals.short_history"} <= {note["code"] for note in scanned.notes}
    assert scanned.judged is None


def test_the_week_that_is_not_over_is_shown_and_not_judged(found: Signal, business: Business) -> None:
    rows = [
        row_at(business, "unexpected_renewal", "facebook", datetime(2026, 11, 23, 9 + n, 3 * n, tzinfo=UTC))
        for n in range(3)
    ]
    insert_cases(rows)
    scan()
    rise = the_rise()
    assert rise.last == LAST_MONDAY - timedelta(weeks=1)
    assert rise.picture["partial"] == {"week": "2026-11-23", "observed": 3, "days": 1}


def test_days_and_weeks_are_those_of_the_organisation(found: Signal, business: Business) -> None:
    """Sunday 23:30 UTC is Monday in Paris: the case belongs to the next week."""
    before = the_rise().observed
    sunday = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    insert_cases([row_at(business, "unexpected_renewal", "facebook", sunday)])
    scan()
    assert the_rise().observed == before
    assert the_rise().picture["partial"]["observed"] == 1


def test_a_year_of_53_weeks_and_the_change_of_clocks_move_no_week(business: Business) -> None:
    expose(first=110)
    open_weeks(business, since=110)
    scanned = scan()
    assert scanned.weeks == 110
    assert not signals(Signal.ended.is_(False), Signal.kind == "spike")


def test_an_empty_desk_has_nothing_to_look_at(app: Flask, manager: Actor) -> None:
    with transaction() as session:
        asked = keeping.ask(session, as_of=TODAY, actor=manager, now=NOW).id
    work(WORK)
    stored = db.session.get_one(SignalScan, asked)
    assert (stored.state, stored.notes[0]["code"]) == ("done", "signals.nothing_yet")


def test_one_case_is_too_few_for_anything(business: Business) -> None:
    insert_cases([row_at(business, "quality", "email", NOW - timedelta(days=9))])
    scanned = scan()
    assert scanned.state == "done"
    assert signals() == []


def test_more_than_a_scan_can_hold_is_refused_on_the_page(
    business: Business, page: FlaskClient, manager: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("casedesk.reports.signal_panel.MOST_ENTRIES", 10)
    open_weeks(business, since=4)
    _scan_by_worker(manager)
    assert db.session.scalars(select(SignalScan.error)).all() == ["signals.too_large"]
    assert "4 sources by 3 causes by 1 products are more than one scan can hold" in page.get("/signals").text


def test_the_scan_runs_once_after_each_day_of_the_organisation(business: Business, app: Flask) -> None:
    evening = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)
    with transaction() as session:
        again = signal_jobs.nightly(session, {}, now=evening)
        assert again == datetime(2026, 11, 24, 23, 5, tzinfo=UTC)
        signal_jobs.nightly(session, {}, now=evening + timedelta(minutes=20))
        assert session.scalars(select(SignalScan.as_of)).all() == [date(2026, 11, 24)]
        session.execute(update(SignalScan).values(state="done"))
        signal_jobs.nightly(session, {}, now=again)
        assert session.scalars(select(SignalScan.as_of).order_by(SignalScan.id)).all()[-1] == date(
            2026, 11, 25
        )


# --- who is told ----------------------------------------------------------------------------------------


def _mails() -> list[OutgoingMail]:
    db.session.expunge_all()
    db.session.rollback()
    return list(db.session.scalars(select(OutgoingMail).order_by(OutgoingMail.id)))


def _scan_by_worker(actor: Actor) -> None:
    with transaction() as session:
        keeping.ask(session, as_of=TODAY, actor=actor, now=NOW)
    work(WORK)


def test_managers_get_one_mail_an_episode_in_their_language(business: Business, manager: Actor) -> None:
    a_person("manager", locale="en", mail="fiona@desk.example")
    a_person("agent")
    expose()
    open_weeks(business, rising)
    _scan_by_worker(manager)
    _scan_by_worker(manager)
    french, english = _mails()
    assert (french.recipient, english.recipient) == (manager.mail, "fiona@desk.example")
    assert "Reconduction inattendue, provenance Facebook" in french.text
    assert french.title.startswith("1 alerte dans Signaux")
    assert "Unexpected renewal from Facebook: " in english.text
    assert f"/signals/{the_rise().id}" in english.text


def test_another_mail_comes_only_when_it_has_grown_by_half(business: Business, manager: Actor) -> None:
    expose()
    open_weeks(business, rising)
    _scan_by_worker(manager)
    at = datetime(2026, 11, 18, 9, 0, tzinfo=UTC)
    few = [
        row_at(business, "unexpected_renewal", "facebook", at + timedelta(minutes=7 * n)) for n in range(6)
    ]
    insert_cases(few)
    _scan_by_worker(manager)
    assert len(_mails()) == 1
    many = [
        row_at(business, "unexpected_renewal", "facebook", at + timedelta(minutes=5 * n)) for n in range(60)
    ]
    insert_cases(many)
    _scan_by_worker(manager)
    assert len(_mails()) == 2


def test_at_night_the_mail_waits_for_the_morning(
    business: Business, manager: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = datetime(2026, 11, 24, 23, 6, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: night)
    expose()
    open_weeks(business, rising)
    _scan_by_worker(manager)
    assert _mails() == []
    (waiting,) = db.session.scalars(select(OutboxRow).where(OutboxRow.kind == "signals.tell"))
    assert waiting.due_at == datetime(2026, 11, 25, 7, 0, tzinfo=UTC)


def test_nobody_is_told_of_a_snoozed_signal_that_grows(
    business: Business, manager: Actor, found: Signal
) -> None:
    with transaction() as session:
        actions.snooze(session, found.id, TODAY + timedelta(days=10), "Known", actor=manager, now=NOW)
        session.get_one(Signal, found.id).told_excess = 1.0
    _scan_by_worker(manager)
    assert _mails() == []


def test_the_digest_says_what_is_open_and_what_is_due(found: Signal, manager: Actor) -> None:
    monday = datetime(2026, 11, 23, 0, 6, tzinfo=UTC)
    with transaction() as session:
        actions.assign(
            session,
            found.id,
            Assigned("Announce the price", manager.id, date(2026, 11, 20)),
            actor=manager,
            now=NOW,
        )
        signal_jobs.nightly(session, {}, now=monday)
        signal_jobs.nightly(session, {}, now=monday + timedelta(hours=2))
    rows = db.session.scalars(select(OutboxRow).where(OutboxRow.kind == "signals.digest")).all()
    assert [row.due_at for row in rows] == [datetime(2026, 11, 23, 7, 0, tzinfo=UTC)]
    payload = dict(rows[0].payload)
    with transaction() as session:
        signal_jobs.send_digest(session, payload, now=NOW)
    (mail,) = [one for one in _mails() if "semaine" in one.title]
    assert (
        "Announce the price (Reconduction inattendue, provenance Facebook), attendu le 20 novembre 2026, en retard"
        in mail.text
    )
    assert mail.title == "Signaux de la semaine\u00a0: 1 en cours, 1 nouveaux"


# --- the life of a signal -------------------------------------------------------------------------------


def _kinds(signal_id: int) -> list[str]:
    db.session.expunge_all()
    db.session.rollback()
    return list(
        db.session.scalars(
            select(Entry.kind)
            .where(Entry.subject_kind == "signal", Entry.subject_id == signal_id)
            .order_by(Entry.seq)
        )
    )


def test_a_change_is_assigned_made_and_its_effect_measured(business: Business, manager: Actor) -> None:
    def cured(cause: str, source: str, ago: int) -> float:
        if (cause, source) != ("unexpected_renewal", "facebook"):
            return 1.0
        return 3.0 if 9 <= ago <= 16 else 1.0

    expose()
    open_weeks(business, cured)
    scan(LAST_MONDAY - timedelta(weeks=10))
    rise = the_rise()
    with transaction() as session:
        action = actions.assign(
            session, rise.id, Assigned("A clearer notice", manager.id, TODAY), actor=manager, now=NOW
        )
        actions.finish_action(session, action.id, LAST_MONDAY - timedelta(weeks=9), actor=manager, now=NOW)
    scan()
    done = db.session.get_one(SignalAction, action.id)
    assert done.held == "yes"
    assert done.effect is not None
    assert done.effect["weeks_after"] == 8
    assert done.effect["before"] > 2 > 1.5 > done.effect["after"]
    assert done.effect["low"] < done.effect["change"] < done.effect["high"] < 1
    assert _kinds(rise.id) == ["signal.found", "signal.assigned", "signal.action_done", "signal.ended"]
    assert the_rise().state == "watched"


def test_a_signal_is_closed_with_a_lesson_that_is_found_again(found: Signal, manager: Actor) -> None:
    with transaction() as session:
        actions.explain(session, found.id, "Notices lie in a promotions folder", actor=manager, now=NOW)
        lesson = Lesson("Sender moved; notices unread", "Sender back, “Échéance” in the subject", "yes")
        actions.close(session, found.id, lesson, actor=manager, now=NOW)
        assert [one.found for one in signal_queries.lessons(session, words="echeance NOTICES")] == [
            lesson.found
        ]
        assert signal_queries.lessons(session, words="never written") == []
        assert [one.held for one in signal_queries.lessons(session, cause="unexpected_renewal")] == ["yes"]
    scan()
    assert the_rise().state == "closed"


def test_what_the_table_does_not_allow_is_refused(found: Signal, manager: Actor) -> None:
    with transaction() as session:
        actions.close(session, found.id, Lesson("Seen", "", "unknown"), actor=manager, now=NOW)
    with pytest.raises(RuleBroken), transaction() as session:
        actions.explain(session, found.id, "Too late", actor=manager, now=NOW)
    with transaction() as session:
        assert actions.acknowledge(session, found.id, actor=manager, now=NOW).state == "acknowledged"
    assert _kinds(found.id)[-2:] == ["signal.closed", "signal.reopened"]


@pytest.mark.parametrize("until", [TODAY, TODAY + timedelta(days=93)])
def test_a_snooze_ends_between_tomorrow_and_three_months(found: Signal, manager: Actor, until: date) -> None:
    with pytest.raises(InvalidInput), transaction() as session:
        actions.snooze(session, found.id, until, "Known", actor=manager, now=NOW)


def test_a_person_has_one_vote(found: Signal, manager: Actor) -> None:
    with transaction() as session:
        for useful in (True, True, False):
            actions.vote(session, found.id, useful=useful, actor=manager, now=NOW)
        counted = signal_queries.scans(session)
    assert (counted.useful, counted.voted) == (0, 1)


def test_the_record_of_a_signal_is_a_chain_like_any_other(found: Signal, manager: Actor) -> None:
    with transaction() as session:
        actions.acknowledge(session, found.id, actor=manager, now=NOW)
    faults = audit.check(db.session(), lambda _done, _all: None, None).faults
    assert [fault for fault in faults if fault.subject and fault.subject[0] == "signal"] == []


# --- the pages ------------------------------------------------------------------------------------------


@pytest.fixture
def page(client: FlaskClient) -> FlaskClient:
    return sign_in(client, a_person("manager", locale="en", time_zone=ZONE))


def test_the_page_says_shows_and_counts(found: Signal, page: FlaskClient) -> None:
    answer = page.get("/signals")
    assert answer.status_code == 200
    html = answer.text
    assert " ×</b>" in html
    assert f"<b>{found.observed} cases since 26 October" in html
    assert "The same cause, by source" in html
    narrowed = (
        "view=all&amp;cause=unexpected_renewal&amp;source=facebook&amp;since=2026-10-26&amp;until=2026-11-22"
    )
    assert f"/cases?{narrowed}" in html
    assert "Chance alone would do this to one series less than once in 1,000 weeks." in html
    assert 'class="bar hot"' in html


def test_the_link_opens_as_many_cases_as_the_signal_counts(found: Signal, page: FlaskClient) -> None:
    html = page.get(signal_beside.cases_url(found)).text
    assert str(found.observed) in html


def test_the_page_in_french_has_no_english_left(found: Signal, client: FlaskClient) -> None:
    html = sign_in(client, a_person("manager", locale="fr", time_zone=ZONE)).get("/signals").text
    assert "Reconduction inattendue, provenance Facebook\u00a0: <b>" in html
    for english in ("more than usual", "Useful?", "What to do", "too few", "Expected<", "Table<"):
        assert english not in html


def test_agents_do_not_see_signals_but_their_case_names_its_own(
    found: Signal, business: Business, client: FlaskClient, app: Flask
) -> None:
    case = a_case(
        id=900_001,  # the history was stored with ids of its own
        status="open",
        source="facebook",
        opened_at=NOW - timedelta(days=8),
        stated_cause_id=business.causes["unexpected_renewal"],
    )
    other = a_case(
        id=900_002,
        source="email",
        opened_at=NOW - timedelta(days=8),
        stated_cause_id=business.causes["unexpected_renewal"],
    )
    agent = sign_in(client, a_person("agent", locale="en", sees="all"))
    assert agent.get("/signals").status_code == 403
    assert "One of many" in agent.get(f"/cases/{case.id}").text
    assert "One of many" not in agent.get(f"/cases/{other.id}").text
    who = actor_of(a_person("manager"))
    with transaction() as session:
        lesson = Lesson("Notices lay unread in a folder", "The sender is back", "yes")
        actions.close(session, found.id, lesson, actor=who, now=NOW)
    for one in (case, other):  # a lesson is of the cause, wherever its case comes from
        html = agent.get(f"/cases/{one.id}").text
        assert "Notices lay unread in a folder" in html
        assert "One of many" not in html


def test_home_shows_new_signals_to_managers(found: Signal, page: FlaskClient) -> None:
    assert f"/signals/{found.id}" in page.get("/").text
    send(page, f"/signals/{found.id}/acknowledgement")
    assert f"/signals/{found.id}" not in page.get("/").text


def test_the_whole_life_by_the_page(found: Signal, page: FlaskClient) -> None:
    owner = a_person("agent", name="Chloé Dürrenmatt")
    at = f"/signals/{found.id}"
    posts = [
        ("acknowledgement", {}),
        ("votes", {"useful": "yes"}),
        ("annotations", {"on": "2026-10-20", "kind": "campaign", "said": "Autumn campaign", "here": "y"}),
        ("actions", {"change": "Price in the subject", "owner_id": owner.id, "due_on": "2026-12-04"}),
        ("snooze", {"until": "2026-12-01", "why": "Change under way"}),
    ]
    for name, fields in posts:
        answer = send(page, f"{at}/{name}", fields)
        assert (answer.status_code, answer.location) == (303, at), (name, answer.text[:400])
    html = page.get(at).text
    for said in ("Price in the subject", "Chloé Dürrenmatt", "Autumn campaign", "snoozed until 1 Dec"):
        assert said in html
    action = db.session.scalar(select(SignalAction.id))
    assert send(page, f"{at}/actions/{action}/done", {"done_on": "2026-11-20"}).status_code == 303
    closing = {"found": "Notices unread", "done": "Moved the sender back", "held": "unknown"}
    assert send(page, f"{at}/closing", closing).status_code == 303
    assert "Notices unread" in page.get("/signals/lessons?q=sender").text
    assert the_rise().state == "closed"


@pytest.mark.parametrize(
    ("name", "fields", "said"),
    [
        ("explanation", {"text": " "}, "Write why it rose"),
        ("actions", {"change": "", "owner_id": "x", "due_on": "soon"}, "Write what is to be changed."),
        ("snooze", {"until": "2026-11-24", "why": "x"}, "Choose a day from tomorrow"),
        ("closing", {"found": ""}, "Write what was found"),
        ("annotations", {"on": "2026-02-31", "kind": "party", "said": "x"}, "Choose one of the list."),
    ],
)
def test_what_is_missing_is_asked_for_and_what_was_typed_stays(
    found: Signal, page: FlaskClient, name: str, fields: dict[str, str], said: str
) -> None:
    answer = send(page, f"/signals/{found.id}/{name}", fields)
    assert answer.status_code == 422
    assert said in answer.text


def test_unknown_signals_and_votes_are_not_found(found: Signal, page: FlaskClient) -> None:
    assert page.get("/signals/999").status_code == 404
    assert page.get("/signals?view=other").status_code == 404
    assert send(page, "/signals/999/acknowledgement").status_code == 404
    assert send(page, f"/signals/{found.id}/votes", {"useful": "perhaps"}).status_code == 404
    assert send(page, f"/signals/{found.id}/actions/99/done", {"done_on": "2026-11-20"}).status_code == 404


def test_a_scan_is_asked_for_by_hand_and_its_progress_read(business: Business, page: FlaskClient) -> None:
    assert send(page, "/signals/scans").status_code == 303
    assert "Looking at the data" in page.get("/signals").text
    assert "hx-trigger" in page.get("/signals/scan").text
    work(WORK)
    assert page.get("/signals/scan").headers["HX-Refresh"] == "true"


def test_the_page_needs_few_statements(found: Signal, page: FlaskClient) -> None:
    page.get("/signals")
    seen: list[str] = []

    def note(_conn: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        page.get(f"/signals/{found.id}")
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    asked = [one for one in seen if one.lstrip().upper().startswith("SELECT")]
    assert len(asked) <= 18, asked


def test_the_rates_on_the_page_are_those_that_detection_holds() -> None:
    kept = dict(signal_faces.KEPT)
    assert kept == {
        "rises_of_causes": RISES.cause_rate,
        "rises_at_sources": RISES.cell_rate,
        "cells": CELLS.rate,
        "timing": TIMING.rate,
    }


def test_an_annotation_of_published_terms_stands_on_the_time_axis(found: Signal, page: FlaskClient) -> None:
    from tests.factories import terms

    terms(code="2026-10", valid_from=date(2026, 10, 1))
    html = page.get(f"/signals/{found.id}").text
    assert "Terms 2026-10" in html


def test_an_annotation_is_withdrawn_and_not_deleted(found: Signal, manager: Actor) -> None:
    with transaction() as session:
        made = actions.annotate(
            session, Happened(date(2026, 10, 20), "outage", "Site down"), actor=manager, now=NOW
        )
        assert [one.said for one in signal_queries.annotations(session, found)] == ["Site down"]
        actions.withdraw_annotation(session, made.id, actor=manager, now=NOW)
        session.flush()
        assert signal_queries.annotations(session, found) == []
        assert made.withdrawn_at is not None


def test_people_who_left_are_told_nothing(business: Business, app: Flask) -> None:
    left = a_person("manager", active=False)
    assert left.id not in [person.id for person in signal_jobs.readers(db.session())]
    assert isinstance(left, Person)


def test_every_source_of_the_desk_is_in_the_table(found: Signal) -> None:
    assert {row["source"] for row in found.picture["sources"]} == set(SOURCES)
    assert next(row["says"] for row in found.picture["sources"]) == "high"


def _costs(found: Signal, amounts: dict[str, int], *, cause: str) -> int:
    """Another open signal like `found` that costs `amounts`."""
    columns = {
        c.name: getattr(found, c.name) for c in Signal.__table__.columns if c.name not in ("id", "version")
    }
    with transaction() as session:
        row = Signal(**{**columns, "cause": cause, "excess_money": amounts, "excess": 1.0})
        session.add(row)
        session.flush()
        weigh(session, TODAY)
        return row.id


def _listed(page: FlaskClient) -> list[int]:
    return [int(at) for at in re.findall(r'href="/signals/(\d+)" data-row', page.get("/signals").text)]


def test_the_worst_stand_first_at_the_desk_s_own_rates_of_exchange(found: Signal, page: FlaskClient) -> None:
    in_pounds = _costs(found, {"GBP": found.excess_money["EUR"] - 100}, cause="quality")
    in_yen = _costs(found, {"JPY": 9_000_000}, cause="price_change")
    assert _listed(page) == [found.id, in_pounds, in_yen]
    assert "No rate of exchange is known for GBP, JPY" in page.get("/signals").text
    actor = actor_of(a_person("administrator"))
    with transaction() as session:
        for currency, rate in (("GBP", Decimal("1.2")), ("JPY", Decimal("0.00001"))):
            enter_rate(session, TODAY, currency, rate, "", actor=actor, home="EUR", today=TODAY, now=NOW)
    assert _listed(page) == [in_pounds, found.id, in_yen]
    assert "No rate of exchange" not in page.get("/signals").text
    home = page.get("/").text
    assert home.index(f"/signals/{in_pounds}") < home.index(f"/signals/{found.id}")
    assert _costs(found, {"GBP": 1}, cause="quality") not in _listed(page)[:3]


def test_a_rate_of_last_spring_compares_nothing_today(found: Signal, page: FlaskClient) -> None:
    _costs(found, {"GBP": 1_000}, cause="quality")
    actor, spring = actor_of(a_person("administrator")), TODAY - timedelta(days=200)
    with transaction() as session:
        enter_rate(session, spring, "GBP", Decimal("1.2"), "", actor=actor, home="EUR", today=TODAY, now=NOW)
    assert "No rate of exchange is known for GBP" in page.get("/signals").text
