"""What a person reads on a clock."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from casedesk.web import locale
from casedesk.web.clockface import clock_face

NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)  # a Tuesday, 12:00 in Paris


@pytest.fixture(params=["en", "fr"])
def language(request: pytest.FixtureRequest) -> Iterator[str]:
    app = Flask("clocks")
    locale.init_app(app, "Europe/Paris")
    with app.test_request_context(headers={"Accept-Language": request.param}):
        yield request.param


def left(**span: float) -> str:
    return clock_face("Decide", NOON + timedelta(**span), NOON).left


def test_a_clock_of_today_counts_hours_and_minutes(language: str) -> None:
    assert left(hours=4, minutes=18) == "4 h 18"
    assert left(hours=5, minutes=6) == "5 h 06"
    assert left(minutes=12) == "12 min"


def test_a_late_clock_says_by_how_much(language: str) -> None:
    said = {
        "en": ("1 h 12 late", "19 h late", "3 days late"),
        "fr": ("1 h 12 de retard", "19 h de retard", "3 jours de retard"),
    }
    assert (left(hours=-1, minutes=-12), left(hours=-19), left(days=-3)) == said[language]


def test_a_clock_of_this_week_shows_day_and_hour_and_a_later_one_the_date(language: str) -> None:
    said = {"en": ("Thu 26, 12:00", "12 Jan"), "fr": ("jeu. 26, 12:00", "12 janv.")}
    assert (left(days=2), left(days=49)) == said[language]


def test_the_hour_is_that_of_the_reader_and_the_instant_for_machines_is_universal(language: str) -> None:
    face = clock_face("Decide", NOON + timedelta(days=2), NOON)
    assert face.due == "2026-11-26T11:00:00+00:00"
    assert (face.title or "").endswith("2026 12:00 CET")


def test_the_state_follows_the_time(language: str) -> None:
    due = NOON + timedelta(hours=6)
    assert clock_face("Decide", due, NOON).state == "today"
    assert clock_face("Decide", due, NOON, risk_from=NOON - timedelta(hours=1)).state == "risk"
    assert clock_face("Decide", due, due - timedelta(seconds=1)).state == "today"
    assert clock_face("Decide", due, due).state == "late"
    assert clock_face("Decide", due + timedelta(days=3), NOON).state == ""


def test_a_paused_clock_has_no_instant(language: str) -> None:
    face = clock_face("Mediation", NOON, NOON, state="paused")
    assert (face.state, face.due) == ("paused", None)


def test_the_dial_shows_the_quarters_used(language: str) -> None:
    start, due = NOON, NOON + timedelta(hours=8)
    moments = [start, start + timedelta(hours=2), start + timedelta(hours=5), due + timedelta(days=1)]
    shown = [clock_face("Decide", due, now, started_at=start).quarter for now in moments]
    assert shown == [0, 1, 2, 3]
