"""Reports: the figures, the pages, the files, what is refused, and who sees what."""

import csv
import io
import json
import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import event, func, select, text, update
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.cases.actions import changing, exchanging
from casedesk.cases.commands import CloseCase, RecordExchange
from casedesk.cases.models import Case, Cause, Decision
from casedesk.channels.models import OutgoingMail
from casedesk.kernel.errors import InvalidInput
from casedesk.reports import cube, exporting, figures, making, report_actions, spelled
from casedesk.reports import paper as on_paper
from casedesk.reports.asked import Asked, read
from casedesk.reports.catalog import REPORTS
from casedesk.reports.cube_models import CubeExposure
from casedesk.reports.names import names
from casedesk.reports.periods import Period
from casedesk.reports.report_models import ReportFile
from casedesk.store import clock, record
from casedesk.store.db import db
from casedesk.store.record import SYSTEM, Line
from casedesk.store.running import run_batch, run_call
from casedesk.store.transaction import transaction
from casedesk.worker import collect
from tests.case_builders import a_case, a_cause
from tests.factories import (
    a_customer,
    a_person,
    a_plan,
    a_subscription,
    a_team,
    actor_of,
    an_entity,
    send,
    sign_in,
    stored,
)

ZONE = "Europe/Paris"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
BUDGET = 8


@pytest.fixture
def manager(app: Flask) -> Person:
    return a_person("manager", sees="all", locale="en")


@pytest.fixture
def desk(app: Flask, manager: Person) -> list[int]:
    """Eighty cases of a year in two currencies, as their columns say; some answered, some closed."""
    dice = random.Random(7)
    entity, british = an_entity(), an_entity(currency="GBP", time_zone="Europe/London", country="GB")
    teams, causes = [a_team(), a_team()], [a_cause("late_fee"), a_cause("health"), a_cause("price")]
    people = [a_person(team_id=teams[0].id), a_person(team_id=teams[1].id)]
    plan = a_plan(entity)
    contracts = [a_subscription(a_customer(), plan, source=source) for source in ("facebook", "direct")]
    ids = []
    for n in range(80):
        opened = NOW - timedelta(days=dice.randrange(1, 360), hours=dice.randrange(24))
        other: dict[str, Any] = {}
        if n % 2:
            other |= {"first_reply_at": opened + timedelta(minutes=dice.randrange(5, 6000))}
        if n % 4 == 1:
            other |= {
                "status": "closed",
                "outcome": dice.choice(["granted", "refused", "withdrawn"]),
                "closed_at": min(opened + timedelta(hours=dice.randrange(1, 900)), NOW),
            }
        contract = contracts[n % 2]
        case = a_case(
            entity=british if n % 5 == 0 else entity,
            currency="GBP" if n % 5 == 0 else "EUR",
            kind=dice.choice(["refund", "dispute", "cancellation", "chargeback"]),
            team_id=teams[n % 2].id,
            owner_id=people[n % 2].id,
            stated_cause_id=causes[n % 3].id,
            source=contract.source,
            subscription_id=contract.id if n % 5 else None,
            claimed_minor=dice.randrange(1000, 90_000),
            opened_at=opened,
            **other,
        )
        with transaction() as session:
            record.append(session, ("case", case.id), Line("event.opened", {}), actor=SYSTEM, now=opened)
        ids.append(case.id)
    rebuilt()
    return ids


def rebuilt() -> None:
    with transaction() as session:
        cube.rebuild(session, zone=ZONE, now=NOW)


def made(code: str, actor: Actor, **typed: str) -> making.Answer:
    asked = {name.rstrip("_"): [value] for name, value in typed.items()}
    with on_paper.read_by(actor, NOW):
        return making.answer(db.session(), REPORTS[code], asked, actor=actor, zone=ZONE, now=NOW)


YEAR = {"from_": "2025-11-22", "to": "2026-11-22"}


@pytest.mark.parametrize("code", REPORTS)
@pytest.mark.parametrize("locale", ["en", "fr"])
def test_every_report_has_its_page_and_its_files_within_the_budget(
    app: Flask, client: FlaskClient, desk: list[int], code: str, locale: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    sign_in(client, a_person("manager", sees="all", locale=locale))
    client.get("/reports")  # what a process reads once
    client.get(f"/reports/{code}")
    statements: list[str] = []

    def count(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", count)
    page = client.get(f"/reports/{code}?from=2025-11-22&to=2026-11-22")
    event.remove(db.engine, "before_cursor_execute", count)
    assert page.status_code == 200
    assert len([s for s in statements if not s.startswith(("BEGIN", "SAVEPOINT"))]) <= BUDGET, "\n".join(
        s[:90] for s in statements
    )
    for format_ in exporting.FORMATS:
        file = client.get(f"/reports/{code}/export.{format_}?from=2025-11-22&to=2026-11-22")
        assert file.status_code == 200
        assert file.data


@pytest.mark.parametrize("code", REPORTS)
def test_a_file_holds_what_the_page_shows(app: Flask, desk: list[int], manager: Person, code: str) -> None:
    actor = actor_of(manager)
    answer = made(code, actor, **YEAR)
    with on_paper.read_by(actor, NOW):
        files = {format_: exporting.exported(answer, format_) for format_ in exporting.FORMATS}
        shown = [on_paper.table_face(table) for table in answer.made.tables]
        told = json.loads(files["json"])
        again = [
            [
                [
                    spelled.cell(_typed_back(v, c["unit"]), column)
                    for v, c, column in zip(row, table["columns"], face.columns, strict=True)
                ]
                for row in table["rows"]
            ]
            for table, face in zip(told["tables"], shown, strict=True)
        ]
    assert again == [[[cell.text for cell in cells] for cells, _total in face.rows] for face in shown]
    lines = [
        line
        for line in csv.reader(io.StringIO(files["csv"].decode("utf-8-sig")))
        if line and not line[0].startswith("#")
    ]
    assert [len(line) for line in lines] == [len(t.columns) for t in shown for _row in range(len(t.rows) + 1)]
    book = load_workbook(io.BytesIO(files["xlsx"]))
    assert len(book.sheetnames) == len(shown) + 1
    for sheet, face in zip(book.worksheets[1:], shown, strict=True):
        assert sheet.max_row == len(face.rows) + 1


def _typed_back(value: Any, unit: str) -> Any:
    return round(float(value) * 100) if unit in ("EUR", "GBP") and value is not None else value


@pytest.mark.parametrize("seed", range(10))
def test_a_figure_is_what_a_count_written_from_scratch_gives(
    app: Flask, desk: list[int], manager: Person, seed: int
) -> None:
    """SQL of its own over the cases as they stand, days cut in Python: nothing of the cube's is used."""
    dice = random.Random(seed)
    start = date(2025, 12, 1) + timedelta(days=dice.randrange(250))
    period = Period(start, start + timedelta(days=dice.randrange(5, 100)))
    cause, source = dice.choice(["late_fee", "health", "price"]), dice.choice(["facebook", "direct"])
    rows = (
        db.session()
        .execute(
            text(
                "SELECT c.opened_at, c.closed_at, c.outcome, c.currency, c.claimed_minor, k.code AS cause, c.source FROM cases c "
                "LEFT JOIN causes k ON k.id = coalesce(c.established_cause_id, c.stated_cause_id)"
            ).columns(opened_at=Case.opened_at.type, closed_at=Case.closed_at.type)
        )
        .all()
    )

    def falls(at: datetime | None) -> bool:
        return at is not None and period.start <= at.astimezone(ZoneInfo(ZONE)).date() < period.end

    typed = {"from_": str(period.start), "to": str(period.last)}
    wanted = sum(1 for row in rows if falls(row.opened_at) and row.cause == cause and row.source == source)
    volume = made("volume", actor_of(manager), cause=cause, source=source, **typed)
    assert volume.made.figures[0].value == wanted
    by_kind = made("volume", actor_of(manager), **typed)
    assert by_kind.made.figures[0].value == sum(1 for row in rows if falls(row.opened_at))
    closed = made("outcomes", actor_of(manager), **typed)
    assert closed.made.figures[0].value == sum(1 for row in rows if falls(row.closed_at))
    asked = Asked(period, "custom", None, "none")
    money = {cell.currency: cell.amount_minor for cell in figures.counted(db.session(), asked, "opened")}
    by_hand: dict[str, int] = {}
    for row in rows:
        if falls(row.opened_at):
            by_hand[row.currency] = by_hand.get(row.currency, 0) + row.claimed_minor
    assert money == by_hand


@pytest.mark.parametrize("measure", ["first_reply", "resolution"])
def test_a_median_is_the_true_one_to_two_per_cent(
    app: Flask, desk: list[int], manager: Person, measure: str
) -> None:
    ends = Case.first_reply_at if measure == "first_reply" else Case.closed_at
    rows = db.session().execute(select(Case.opened_at, ends).where(ends.is_not(None))).all()
    seconds = sorted(int((end - start).total_seconds()) for start, end in rows)
    true = seconds[(len(seconds) + 1) // 2 - 1]
    told = made(measure, actor_of(manager), **YEAR).made.figures[0].value
    assert isinstance(told, float)
    assert abs(told - true) <= 0.02 * true


@pytest.mark.parametrize("by", ["cause", "source", "kind", "team"])
def test_roll_ups_and_facts_give_the_same(app: Flask, desk: list[int], by: str) -> None:
    asked = Asked(Period(date(2026, 1, 10), date(2026, 8, 3)), "custom", None, "none")
    session = db.session()
    rolled = figures.counted(session, asked, "opened", by, step="month")
    # a scope that everybody falls under is never in a roll-up
    whole = Asked(
        asked.period,
        "custom",
        None,
        "none",
        scope=(("entity", _entity(session, 0)), ("entity", _entity(session, 1))),
    )
    assert sorted(map(repr, rolled)) == sorted(
        map(repr, figures.counted(session, whole, "opened", by, step="month"))
    )
    a = figures.durations(session, asked, "first_reply")
    assert a == figures.durations(session, whole, "first_reply")


def _entity(session: Session, place: int) -> str:
    return str(session.scalars(select(Case.entity_id).distinct().order_by(Case.entity_id)).all()[place])


def test_the_queue_lists_the_cases_of_a_mark_and_no_others(
    app: Flask, client: FlaskClient, desk: list[int], manager: Person
) -> None:
    """The stated cause of one case was corrected: the report counts one cause, and so does the queue behind it."""
    health = db.session().scalars(select(Cause.id).where(Cause.code == "health")).one()
    moved = db.session().scalars(select(Case.id).where(Case.stated_cause_id != health).limit(1)).one()
    with transaction() as session:
        session.execute(update(Case).where(Case.id == moved).values(established_cause_id=health))
    rebuilt()
    answer = made("volume", actor_of(manager), by="cause", **YEAR)
    sign_in(client, manager)
    page = client.get("/reports/volume?from=2025-11-22&to=2026-11-22&by=cause")
    for row in answer.made.tables[0].rows[:3]:
        one = row.behind["n"]
        of = "".join(f"&of_{name}={value}" for name, value in one.of.items())
        address = f"/reports/volume/cases?from=2025-11-22&to=2026-11-22&by=cause&event=opened{of}"
        assert f"event=opened{of}".replace("&", "&amp;") in page.text
        led = client.get(address)
        assert led.status_code == 303
        queue = client.get(led.location)
        assert (
            f"of {row.values[1]}<" in queue.text.replace("cases", "") or f"–{row.values[1]} of" in queue.text
        )
        assert "Volume: Cases opened" in queue.text


def test_the_queue_narrowed_to_a_figure_keeps_to_what_its_reader_sees(
    app: Flask, client: FlaskClient, desk: list[int]
) -> None:
    agent = db.session().get_one(Person, db.session().scalars(select(Case.owner_id).limit(1)).one())
    sign_in(client, agent)
    led = client.get("/reports/volume/cases?from=2025-11-22&to=2026-11-22&event=opened")
    own = db.session().scalar(select(func.count()).where(Case.owner_id == agent.id))
    assert f"of {own}" in client.get(led.location).text


@pytest.mark.parametrize(
    "figure",
    ["nonsense", "report=volume&event=opened&start=x&end=y", "report=volume&event=theft&start=2026-01-01&end=2026-02-01",
     "report=volume&event=opened&start=2026-01-01&end=2026-02-01&o.password=1",
     "report=volume&event=opened&start=2026-01-01&end=2026-02-01&o.purchase=1;2"],
)  # fmt: skip
def test_a_figure_that_is_none_is_left_out_of_the_queue_in_words(
    app: Flask, client: FlaskClient, manager: Person, figure: str
) -> None:
    sign_in(client, manager)
    page = client.get("/cases", query_string={"view": "all", "figure": figure})
    assert page.status_code == 200
    assert "figure of a report" in page.text


BAD = [
    ("?from=2026-11-20&to=2026-11-01", "ends"),
    ("?from=2026-11-20&to=2027-01-01", "has not come yet"),
    ("?from=2026-11-20", "both its first and its last day"),
    ("?from=yesterday&to=2026-11-20", "is no day"),
    ("?period=fortnight", "no period"),
    ("?cause=no_such_cause", "no cause"),
    ("?source=carrier-pigeon", "carrier-pigeon"),
    ("?team=99999", "no team"),
    ("?kind=theft", "no kind"),
    ("?compare=never", "no comparison"),
    ("?from=2024-01-01&to=2026-10-01&compare=year", "overlap"),
    ("?grain=hour", "day, week or month"),
    ("?by=moon", "moon"),
    ("?from=1526-01-01&to=2026-10-01", "years"),
    ("?from=-9999-01-01&to=2026-10-01", "is no day"),
    ("?currency=ZZZ", "ZZZ"),
]


@pytest.mark.parametrize(("query", "said"), BAD)
def test_a_question_that_cannot_be_answered_is_refused_in_words(
    app: Flask,
    client: FlaskClient,
    desk: list[int],
    manager: Person,
    query: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    sign_in(client, manager)
    page = client.get(f"/reports/volume{query}")
    assert page.status_code == 422
    assert said in page.text
    assert "rp-figures" not in page.text
    assert client.get(f"/reports/volume/export.csv{query}").status_code == 422


def test_a_report_that_does_not_exist_is_not_found(app: Flask, client: FlaskClient, manager: Person) -> None:
    sign_in(client, manager)
    for address in ("/reports/moon", "/reports/moon/cases?event=opened", "/reports/volume/cases?event=moon",
                    "/reports/volume/cases?event=opened&days=x..y", "/reports/volume/cases?event=opened&of_moon=1"):  # fmt: skip
        assert client.get(address).status_code == 404, address


def test_an_empty_desk_says_so_and_never_shows_a_zero_for_nothing(
    app: Flask, client: FlaskClient, manager: Person
) -> None:
    sign_in(client, manager)
    for code in REPORTS:
        page = client.get(f"/reports/{code}")
        assert page.status_code == 200, code
        assert "Nothing in this period" in page.text, code


def test_an_agent_sees_figures_of_own_cases_only(app: Flask, desk: list[int]) -> None:
    agent = db.session().get(
        Person, db.session().scalars(select(Case.owner_id).where(Case.owner_id.is_not(None))).first()
    )
    assert agent is not None
    own = db.session().scalar(select(func.count()).where(Case.owner_id == agent.id))
    answer = made("volume", actor_of(agent), **YEAR)
    assert answer.own_only
    assert answer.made.figures[0].value == own


@pytest.mark.parametrize(
    ("role", "sees", "hidden"), [("agent", "volume", "refunds"), ("mediator", "mediation_year", "volume")]
)
def test_each_role_has_its_reports(
    app: Flask, client: FlaskClient, role: str, sees: str, hidden: str
) -> None:
    sign_in(client, a_person(role))
    listed = client.get("/reports").text
    assert f"/reports/{sees}" in listed
    assert f"/reports/{hidden}" not in listed
    assert client.get(f"/reports/{sees}").status_code == 200
    assert client.get(f"/reports/{hidden}").status_code == 404
    assert client.get(f"/reports/{hidden}/export.csv").status_code == 404


def test_an_administrator_has_no_reports(app: Flask, client: FlaskClient) -> None:
    sign_in(client, a_person("administrator"))
    assert client.get("/reports").status_code == 403


def test_a_saved_report_is_shared_by_role_and_mailed_with_its_pdf(
    app: Flask, client: FlaskClient, desk: list[int], manager: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    sign_in(client, manager)
    fields = {"name": "Volume by cause", "shared_with": ["agent"], "by": "cause", "period": "last-90"}
    assert send(client, "/reports/volume/saved", fields).status_code == 303
    saved_id = 1
    reader = a_person("agent", locale="fr", time_zone="Europe/Paris")
    other = app.test_client()
    sign_in(other, reader)
    assert "Volume by cause" in other.get("/reports").text
    assert send(other, f"/reports/saved/{saved_id}/schedules", {"every": "week"}).status_code == 303
    mediator = app.test_client()
    sign_in(mediator, a_person("mediator"))
    assert mediator.get(f"/reports/saved/{saved_id}").status_code == 404
    monday = datetime(2026, 11, 23, 6, 1, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: monday)
    work = collect()
    with transaction() as session:
        assert report_actions.send_due(session, zone=ZONE, now=monday) == 1
        assert report_actions.send_due(session, zone=ZONE, now=monday) == 0
    file = db.session().scalars(select(ReportFile)).one()
    assert (file.asked["from"], file.asked["to"], file.locale) == (["2026-11-16"], ["2026-11-22"], "fr")
    while run_call(work) or run_batch(work):
        if db.session().scalars(select(OutgoingMail)).first():
            break
    db.session().expire_all()
    mail = db.session().scalars(select(OutgoingMail)).one()
    assert mail.recipient == reader.mail
    assert mail.attachment_name.endswith(".pdf")
    assert mail.attachment_digest
    assert "Volume" in mail.title
    assert "Vous le recevez" in mail.text


def test_a_pdf_is_drawn_by_the_worker_and_fetched_by_who_asked(
    app: Flask, client: FlaskClient, desk: list[int], manager: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    sign_in(client, manager)
    answer = send(client, "/reports/volume/files", {"period": "last-90"})
    assert answer.status_code == 303
    assert "drawing" in client.get(answer.location).text
    work = collect()
    file_id = int(answer.location.rpartition("/")[2])
    while db.session().get_one(ReportFile, file_id).state == "asked" and run_call(work):
        db.session().expire_all()
    pdf = client.get(f"{answer.location}/volume.pdf")
    assert pdf.status_code == 200
    assert pdf.data.startswith(b"%PDF")
    stranger = app.test_client()
    sign_in(stranger, a_person("manager", sees="all"))
    assert stranger.get(answer.location).status_code == 404


def test_money_is_added_up_only_at_a_rate_of_its_day(app: Flask, manager: Person) -> None:
    actor = actor_of(manager)
    with transaction() as session:
        for day, rate in ((date(2026, 10, 1), "1.10"), (date(2026, 11, 1), "1.20")):
            report_actions.enter_rate(
                session,
                day,
                "GBP",
                _decimal(rate),
                "",
                actor=actor,
                home="EUR",
                today=date(2026, 11, 22),
                now=NOW,
            )
    wanted = [
        ("GBP", date(2026, 9, 30)),
        ("GBP", date(2026, 10, 5)),
        ("GBP", date(2026, 11, 2)),
        ("EUR", date(2026, 11, 2)),
    ]
    assert figures.rates(db.session(), wanted, "EUR") == {
        ("GBP", date(2026, 10, 5)): 1.1,
        ("GBP", date(2026, 11, 2)): 1.2,
    }


@pytest.mark.parametrize(
    ("currency", "rate", "day"),
    [
        ("EUR", "1.1", "2026-11-01"),
        ("POUND", "1.1", "2026-11-01"),
        ("GBP", "0", "2026-11-01"),
        ("GBP", "1.1", "2027-01-01"),
    ],
)
def test_a_rate_that_cannot_be_is_refused(
    app: Flask, manager: Person, currency: str, rate: str, day: str
) -> None:
    with transaction() as session, pytest.raises(InvalidInput):
        report_actions.enter_rate(
            session,
            date.fromisoformat(day),
            currency,
            _decimal(rate),
            "",
            actor=actor_of(manager),
            home="EUR",
            today=date(2026, 11, 22),
            now=NOW,
        )


def _decimal(text_: str) -> Any:
    return Decimal(text_)


def test_an_imported_exposure_takes_the_place_of_the_desks_own(app: Flask) -> None:
    row = {"measure": "purchases", "day": date(2026, 5, 4), "a": "direct", "b": "p", "amount_minor": 0}
    stored(CubeExposure(**row, origin="own", n=5))
    stored(CubeExposure(**row, origin="imported", n=7))
    found = figures.exposure(db.session(), "purchases", Period(date(2026, 5, 1), date(2026, 6, 1)), by="a")
    assert [(cell.a, cell.n) for cell in found] == [("direct", 7)]


def test_what_was_said_and_closed_since_is_in_the_report_after_the_next_round(
    app: Flask, desk: list[int], manager: Person
) -> None:
    actor = actor_of(manager)
    case_id = (
        db.session()
        .scalars(select(Case.id).where(Case.status == "open", Case.first_reply_at.is_(None)))
        .first()
    )
    assert case_id is not None
    before = made("outcomes", actor, **YEAR).made.figures[0].value
    with transaction() as session:
        exchanging.record_exchange(
            session, RecordExchange(case_id, "phone", False, "Dit."), actor=actor, now=NOW
        )
    with transaction() as session:
        version = session.get_one(Case, case_id).version
        changing.close_case(session, CloseCase(case_id, version, "withdrawn"), actor=actor, now=NOW)
    with transaction() as session:
        cube.follow(session, zone=ZONE, now=NOW + timedelta(minutes=1))
    after = made("outcomes", actor, **YEAR).made.figures[0].value
    assert isinstance(before, int)
    assert after == before + 1
    with transaction() as session:
        assert cube.verify(session, zone=ZONE).is_right


def test_unknown_values_are_refused_before_a_query_is_made(app: Flask, desk: list[int]) -> None:
    known = names(db.session()).known
    with pytest.raises(InvalidInput):
        read({"cause": ["'; DROP TABLE cases; --"]}, today=date(2026, 11, 22), known=known)
    assert db.session().scalar(select(func.count()).select_from(Decision)) == 0


def test_the_rates_page_keeps_what_was_entered_and_says_what_is_wrong(
    app: Flask, client: FlaskClient, manager: Person
) -> None:
    an_entity()
    sign_in(client, manager)
    wrong = send(client, "/reports/rates", {"day": "2026-11-01", "currency": "GBP", "rate": "much"})
    assert wrong.status_code == 422
    assert "number above zero" in wrong.text
    assert "much" in wrong.text
    assert (
        send(client, "/reports/rates", {"day": "2026-11-01", "currency": "gbp", "rate": "1,17"}).status_code
        == 303
    )
    assert "1.17 EUR" in client.get("/reports/rates").text


def test_two_days_typed_without_touching_the_list_of_periods_count(
    app: Flask, client: FlaskClient, desk: list[int], manager: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    sign_in(client, manager)
    typed = client.get("/reports/volume?was=last-90&period=last-90&from=2026-10-01&to=2026-10-31")
    assert "1 Oct 2026 to 31 Oct 2026" in typed.text
    chosen = client.get("/reports/volume?was=custom&period=last-month&from=2026-09-01&to=2026-09-30")
    assert "1 Oct 2026 to 31 Oct 2026" in chosen.text
