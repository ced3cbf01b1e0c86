"""What every room leans on: amounts, dates and clocks as people write them, refusals, HTML from outside."""

import re
import sqlite3
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, event, func, select, text
from sqlalchemy.engine import make_url
from werkzeug.datastructures import MultiDict
from wtforms import IntegerField, StringField
from wtforms.validators import InputRequired

from casedesk.accounts.models import Team
from casedesk.kernel.errors import Conflict, NotAllowed, NotFound, RuleBroken, Unavailable
from casedesk.kernel.money import Money
from casedesk.store.db import db
from casedesk.web import addresses, clean, errors, fields, locale
from casedesk.web.amounts import AmountRefused, read_amount
from casedesk.web.clockface import clock_face, time_left
from casedesk.web.form import DeskForm
from casedesk.web.paging import read_cursor, write_cursor
from tests.factories import a_person, actor_of, csrf, send, sign_in

NOW = datetime(2026, 11, 24, 9, 42, tzinfo=UTC)
NB, NNB = "\u00a0", "\u202f"


def reading(app: Flask, language: str, zone: str = "Europe/Paris") -> Any:
    """A request whose reader has `language` and `zone`."""
    person = a_person(locale=language, time_zone=zone)
    context = app.test_request_context()
    context.push()
    g.actor = actor_of(person)
    locale.forget()
    return context


@pytest.fixture
def english(app: Flask) -> Any:
    context = reading(app, "en")
    yield app
    context.pop()


@pytest.fixture
def french(app: Flask) -> Any:
    context = reading(app, "fr")
    yield app
    context.pop()


@pytest.mark.parametrize(
    ("typed", "currency", "minor"),
    [
        ("427.64", "EUR", 42764),
        ("1,234.56", "EUR", 123456),
        ("1,234", "EUR", 123400),
        ("12,50", "EUR", 1250),
        ("1.234,56", "EUR", 123456),
        ("1 234.5", "EUR", 123450),
        ("1'234.50", "CHF", 123450),
        (" 12 EUR", "EUR", 1200),
        ("12 €", "EUR", 1200),
        (".5", "EUR", 50),
        ("0", "EUR", 0),
        ("12.500", "EUR", 1250),
        ("1,234,567.89", "EUR", 123456789),
        ("1,000", "JPY", 1000),
        ("1.234", "KWD", 1234),
    ],
)
def test_amounts_are_read_as_an_english_reader_writes_them(
    english: Flask, typed: str, currency: str, minor: int
) -> None:
    assert read_amount(typed, currency) == minor


@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("427,64", 42764),
        (f"1{NNB}234,56{NB}€", 123456),
        ("1 234,56", 123456),
        ("12.50", 1250),
        ("1.234,56", 123456),
        ("1.234.567", 123456700),
    ],
)
def test_amounts_are_read_as_a_french_reader_writes_them(french: Flask, typed: str, minor: int) -> None:
    assert read_amount(typed, "EUR") == minor


@pytest.mark.parametrize(
    ("typed", "currency", "sentence"),
    [
        ("12,345.678", "EUR", "EUR has 2 decimals: “12,345.678” has more."),
        ("1.2", "JPY", "JPY has no decimals: “1.2” has some."),
        ("1,2,3", "EUR", "“1,2,3” can be read in two ways. Write it like 1,234.56."),
        ("1,23,456.00", "EUR", "can be read in two ways"),
        ("1.2.3,4", "EUR", "can be read in two ways"),
        ("lots", "EUR", "“lots” is not an amount. Write it like 1,234.56."),
        ("1e3", "EUR", "is not an amount"),
        ("١٢", "EUR", "is not an amount"),
        (",", "EUR", "is not an amount"),
        ("-5", "EUR", "Write the amount without a sign."),
        ("9" * 40, "EUR", "is more than the desk can book"),
        ("10,000,000,000,000.01", "EUR", "is more than the desk can book"),
        ("5", "XXX", "The currency XXX is not known."),
    ],
)
def test_what_is_no_amount_is_refused_with_what_to_write(
    english: Flask, typed: str, currency: str, sentence: str
) -> None:
    with pytest.raises(AmountRefused, match=re.escape(sentence)):
        read_amount(typed, currency)


def test_a_thousand_or_a_little_more_than_one_is_asked_back_in_french(french: Flask) -> None:
    with pytest.raises(AmountRefused, match="peut se lire de deux façons"):
        read_amount("1.234", "EUR")


@pytest.mark.parametrize("language", ["en", "fr"])
def test_an_amount_that_the_desk_writes_it_reads_again(app: Flask, language: str) -> None:
    context = reading(app, language)

    @settings(max_examples=150, deadline=None)
    @given(st.integers(0, 10**15), st.sampled_from(["EUR", "JPY", "KWD", "CHF", "USD", "CLF"]))
    def both_ways(minor: int, currency: str) -> None:
        assert read_amount(locale.amount(minor, currency), currency) == minor
        assert read_amount(locale.money(minor, currency), currency) == minor

    both_ways()
    context.pop()


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40))
def test_no_text_breaks_the_reading_of_dates(typed: str) -> None:
    for read in (fields.read_day, lambda text: fields.read_moment(text, "Europe/Paris")):
        with suppress(ValueError):
            assert read(typed) is not None


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2026-11-24", date(2026, 11, 24)),
        ("24/11/2026", date(2026, 11, 24)),
        ("24.11.2026", date(2026, 11, 24)),
        ("2028-02-29", date(2028, 2, 29)),
    ],
)
def test_days_are_read_as_browsers_and_people_write_them(english: Flask, typed: str, day: date) -> None:
    assert fields.read_day(typed) == day


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("2026-02-31", "This date does not exist: February 2026 has 28 days."),
        ("31/04/2026", "This date does not exist: April 2026 has 30 days."),
        ("2026-13-01", "There is no month 13."),
        ("0026-01-01", "out of range"),
        ("tomorrow", "“tomorrow” is not a date."),
        ("24 November", "is not a date"),
    ],
)
def test_days_that_do_not_exist_are_refused_with_why(english: Flask, typed: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        fields.read_day(typed)


@pytest.mark.parametrize(
    ("typed", "zone", "instant"),
    [
        ("2026-11-24T10:42", "Europe/Paris", datetime(2026, 11, 24, 9, 42, tzinfo=UTC)),
        ("24/11/2026 10:42", "Europe/Paris", datetime(2026, 11, 24, 9, 42, tzinfo=UTC)),
        ("2026-10-25T02:30", "Europe/Paris", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
        ("2026-11-24T10:42:59", "Asia/Kathmandu", datetime(2026, 11, 24, 4, 57, tzinfo=UTC)),
    ],
)
def test_moments_are_read_on_the_readers_clock(
    english: Flask, typed: str, zone: str, instant: datetime
) -> None:
    assert fields.read_moment(typed, zone) == instant


def test_an_hour_that_the_clocks_leap_over_is_refused_with_the_next(english: Flask) -> None:
    with pytest.raises(
        ValueError, match=r"02:30 does not exist on that day: the clocks go forward. Write 03:30."
    ):
        fields.read_moment("2026-03-29T02:30", "Europe/Paris")


@pytest.mark.parametrize(
    ("left", "en", "fr"),
    [
        (timedelta(minutes=12), "12 min", "12 min"),
        (timedelta(hours=4, minutes=18), "4 h 18", "4 h 18"),
        (timedelta(hours=5, minutes=6), "5 h 06", "5 h 06"),
        (timedelta(hours=19, minutes=40), "19 h", "19 h"),
        (timedelta(hours=26, minutes=18), "Wed 25, 13:00", "mer. 25, 13:00"),
        (timedelta(days=49), "12 Jan", "12 janv."),
        (-timedelta(hours=19), "19 h late", "19 h de retard"),
        (-timedelta(days=3, hours=2), "3 days late", "3 jours de retard"),
    ],
)
def test_clocks_say_what_is_left_and_after_a_day_the_date(
    app: Flask, left: timedelta, en: str, fr: str
) -> None:
    for language, words in (("en", en), ("fr", fr)):
        context = reading(app, language)
        assert time_left(NOW + left, NOW) == words
        context.pop()


@pytest.mark.parametrize(
    ("left", "state"),
    [
        (-timedelta(minutes=1), "late"),
        (timedelta(hours=2), "risk"),
        (timedelta(hours=9), "today"),
        (timedelta(days=3), ""),
    ],
)
def test_the_face_of_a_clock_is_late_at_risk_today_or_fine(
    english: Flask, left: timedelta, state: str
) -> None:
    risk_from = NOW - timedelta(hours=1) if state == "risk" else NOW + timedelta(hours=50)
    face = clock_face("Decide", NOW + left, NOW, started_at=NOW - timedelta(days=1), risk_from=risk_from)
    assert face.state == state
    assert face.title is not None
    assert face.title.endswith("CET")


def test_money_and_dates_are_written_as_the_reader_writes_them(app: Flask) -> None:
    moment = datetime(2026, 11, 20, 15, 38, tzinfo=UTC)
    expected = {
        "en": (
            f"1,234.56{NB}EUR",
            f"1,000{NB}JPY",
            "Fri 20 Nov 2026",
            "Fri 20 Nov 2026 16:38",
            "12 Jan 2027",
        ),
        "fr": (
            f"1{NNB}234,56{NB}€",
            f"1{NNB}000{NB}JPY",
            "ven. 20 nov. 2026",
            "ven. 20 nov. 2026 16:38",
            "12 janv. 2027",
        ),
    }
    for language, words in expected.items():
        context = reading(app, language)
        said = (
            locale.money(123456, "EUR"),
            locale.money(1000, "JPY"),
            locale.day(moment),
            locale.moment(moment),
            locale.day_short_year(date(2027, 1, 12)),
        )
        assert said == words
        assert locale.amount(None, "EUR") == "–"
        context.pop()


def test_an_instant_falls_on_the_day_of_the_readers_zone(app: Flask) -> None:
    context = reading(app, "en", "Pacific/Auckland")
    assert locale.day(datetime(2026, 11, 24, 20, tzinfo=UTC)) == "Wed 25 Nov 2026"
    tag = str(locale.time_tag(datetime(2026, 11, 24, 20, tzinfo=UTC)))
    assert 'datetime="2026-11-24T20:00:00+00:00"' in tag
    assert "NZDT (Pacific/Auckland)" in tag
    context.pop()


@pytest.mark.parametrize(
    ("dirty", "clean_"),
    [
        ("<p>Bonjour <b>vous</b></p>", "<p>Bonjour <b>vous</b></p>"),
        ("<script>alert(1)</script>x", "x"),
        ('<a href="javascript:alert(1)" onclick="x()">a</a>', '<a rel="noopener noreferrer nofollow">a</a>'),
        ('<img src=x onerror=alert(1)><p style="color:red">x</p>', "<p>x</p>"),
        ("<svg><style><a title='</style><img src onerror=alert(1)>'>", None),
        ("<form action=//evil><input name=a></form>", ""),
        ('<meta http-equiv=refresh content="0;url=//evil"><base href=//evil>', ""),
    ],
)
def test_html_from_outside_loses_what_could_act(dirty: str, clean_: str | None) -> None:
    result = str(clean.clean_html(dirty))
    if clean_ is not None:
        assert result == clean_
    assert not re.search(r"<(script|img|svg|form|style|meta|base)|\son\w+=|javascript:", result)


def test_the_words_of_html_are_its_paragraphs() -> None:
    assert clean.text_of(
        "<p>Bonjour&nbsp;!</p><p>Un <b>mot</b> &amp; un autre<br>suite</p><style>p{}</style>"
    ) == (f"Bonjour{NB}!\nUn mot & un autre\nsuite")


class _SomeForm(DeskForm):
    name = StringField("Name", [InputRequired()])
    age = IntegerField("Age")


def test_a_form_speaks_the_readers_language_and_tidies_what_was_typed(french: Flask) -> None:
    french.config["WTF_CSRF_ENABLED"] = False
    form = _SomeForm(MultiDict({"name": "", "age": "x"}))
    assert not form.validate()
    assert [sentence for _, sentence in form.faults] == [
        "Ce champ est requis.",
        "N'est pas un entier valide.",
    ] or all(not re.search(r"\b(This|Not|field)\b", sentence) for _, sentence in form.faults)
    tidied = _SomeForm(MultiDict({"name": "  e\u0301le\x00ve\x07\r\n ", "age": str(2**70)}))
    assert tidied.name.data == "éleve"
    assert not tidied.validate()
    assert "trop grand" in tidied.faults[0][1]


@pytest.mark.parametrize(
    ("refusal", "status"),
    [
        (NotFound("not_found"), 404),
        (NotAllowed("not_allowed"), 403),
        (Conflict("store.stale"), 409),
        (RuleBroken("people.not_oneself"), 422),
        (Unavailable("store.gone"), 503),
    ],
)
def test_a_refusal_is_a_page_for_people_and_problem_json_for_programs(
    app: Flask, refusal: Exception, status: int
) -> None:
    person = a_person(locale="fr")
    _plant(app, refusal)
    client = sign_in(app.test_client(), person)
    page = client.get("/planted")
    assert page.status_code == status
    assert str(errors.SENTENCES[refusal.code])[:20] not in page.text  # type: ignore[attr-defined]
    assert '<html lang="fr"' in page.text
    problem = client.get("/planted", headers={"Accept": "application/json"})
    assert (problem.status_code, problem.mimetype) == (status, "application/problem+json")
    assert problem.json["type"] == refusal.code  # type: ignore[attr-defined, index]


def test_sums_in_a_refusal_are_written_as_the_reader_writes_them(french: Flask) -> None:
    errors.SENTENCES["planted.sum"] = "Il reste %(left)s."  # type: ignore[assignment]
    assert (
        errors.sentence(RuleBroken("planted.sum", left=Money(123456, "EUR")))
        == f"Il reste 1{NNB}234,56{NB}€."
    )


def test_what_broke_is_noted_under_a_code_and_shows_nothing_of_the_inside(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    _plant(app, ZeroDivisionError("secret inside"))
    client = sign_in(app.test_client(), a_person())
    page = client.get("/planted")
    assert page.status_code == 500
    assert "secret inside" not in page.text
    code = re.search(r"the code ([0-9A-F]{6})", page.text)
    assert code is not None
    assert code[1] in caplog.text


def test_a_number_beyond_64_bits_that_got_past_a_form_is_a_sentence(app: Flask) -> None:
    def huge() -> str:
        db.session.execute(select(Team).where(Team.id == 2**80)).all()
        db.session.execute(text("SELECT CAST(:n AS bigint)"), {"n": 2**80}).all()
        return ""

    _plant_view(app, huge)
    answer = sign_in(app.test_client(), a_person()).get("/planted")
    assert answer.status_code == 422
    assert "larger or of another kind" in answer.text


def test_a_locked_or_lost_database_keeps_what_was_typed_and_stores_nothing(
    app: Flask, is_postgresql: bool, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = sign_in(app.test_client(), a_person("administrator"))
    token = csrf(client)
    if is_postgresql:
        _lose_connection_at(database_url, "INSERT INTO teams")
        answer = client.post("/teams", data={"csrf_token": token, "once": "a", "name": "Été <Lille>"})
    else:
        monkeypatch.setattr("casedesk.store.db.BUSY_TIMEOUT_MS", 50)
        db.engine.dispose()
        writer = sqlite3.connect(make_url(database_url).database or "", isolation_level=None)
        writer.execute("BEGIN IMMEDIATE")
        answer = client.post("/teams", data={"csrf_token": token, "once": "a", "name": "Été <Lille>"})
        writer.execute("ROLLBACK")
        writer.close()
    assert answer.status_code in (409, 503)
    assert "nothing was saved" in answer.text
    assert "Été &lt;Lille&gt;" in answer.text
    assert db.session.scalar(select(func.count()).select_from(Team)) == 0
    again = client.post("/teams", data={"csrf_token": token, "once": "a", "name": "Été <Lille>"})
    assert again.status_code == 303
    db.session.remove()
    assert db.session.scalars(select(Team.name)).all() == ["Été <Lille>"]


def _lose_connection_at(database_url: str, statement: str) -> None:
    """End the server's side of the connection just before `statement` runs for the first time."""
    lost: list[int] = []

    @event.listens_for(db.engine, "before_cursor_execute")
    def lose(connection: Any, cursor: Any, sql: str, *_: Any) -> None:
        if sql.startswith(statement) and not lost:
            lost.append(connection.connection.dbapi_connection.info.backend_pid)
            admin = create_engine(database_url, isolation_level="AUTOCOMMIT")
            with admin.connect() as other:
                other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": lost[0]})
            admin.dispose()


@pytest.mark.parametrize(
    "cursor", ["", "x", "====", "bnVsbA", "e30", "WzFd", "W1tdXQ", "\U0001f600", "WyI" * 50]
)
def test_a_cursor_that_nobody_wrote_is_refused(cursor: str) -> None:
    from casedesk.kernel.errors import InvalidInput

    assert read_cursor(write_cursor("2026-11-24", None, 7), 3) == ["2026-11-24", None, 7]
    with pytest.raises(InvalidInput, match=r"page\.cursor"):
        read_cursor(cursor, 3)


def test_ids_that_no_database_holds_are_addresses_that_do_not_exist(app: Flask, client: FlaskClient) -> None:
    sign_in(client, a_person())
    assert client.get(f"/customers/{2**63}").status_code == 404
    assert client.get(f"/customers/{2**63 - 1}").status_code == 404
    assert addresses.LARGEST_ID == 2**63 - 1


def test_what_was_typed_into_a_refused_form_is_sent_again_from_the_page(
    client: FlaskClient, app: Flask
) -> None:
    sign_in(client, a_person("administrator"))
    refused = client.post("/teams", data={"csrf_token": "stale", "once": "b", "name": "Litiges"})
    assert refused.status_code == 400
    assert "open too long" in refused.text
    token = re.search(r'name="csrf_token" value="([^"]+)"', refused.text.split("<main")[1])
    assert token is not None
    assert client.post("/teams", data={"csrf_token": token[1], "name": "Litiges"}).status_code == 303
    assert db.session.scalars(select(Team.name)).all() == ["Litiges"]


def test_a_refused_form_of_another_site_shows_nothing_of_it(client: FlaskClient, app: Flask) -> None:
    sign_in(client, a_person("administrator"))
    headers = {"Origin": "https://evil.example"}
    refused = client.post("/teams", data={"csrf_token": "stale", "name": "planted"}, headers=headers)
    assert refused.status_code == 400
    assert "planted" not in refused.text


def test_sending_twice_does_once_and_shows_the_first_result(client: FlaskClient, app: Flask) -> None:
    sign_in(client, a_person("administrator"))
    for _ in range(2):
        answer = send(client, "/teams", {"name": "Litiges", "once": "same"})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/teams")
    assert db.session.scalar(select(func.count()).select_from(Team)) == 1


def _plant(app: Flask, refusal: Exception) -> None:
    def view() -> str:
        raise refusal

    _plant_view(app, view)


def _plant_view(app: Flask, view: Any) -> None:
    view.casedesk_permit = "see_home"
    app._got_first_request = False
    app.add_url_rule("/planted", "planted", view)
