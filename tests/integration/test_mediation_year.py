"""The report of a year: one count for page, table and paper, and the same as the record says file by file."""

import csv
import io
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from casedesk.mediation import commands as c
from casedesk.mediation.actions import admitting, closing, settling
from casedesk.mediation.models import Mediation
from casedesk.mediation.queries.report import year_report
from casedesk.mediation.report_words import rows
from casedesk.reports import making
from casedesk.reports import paper as on_paper
from casedesk.reports.catalog import REPORTS
from casedesk.store import clock
from casedesk.store.db import db
from casedesk.store.models import Entry
from casedesk.worker import collect, drain
from tests.factories import actor_of, send, sign_in
from tests.integration.mediations import CUSTOMER, SYSTEM, Play, a_play

ZONE = "Europe/Paris"
ENDS = {
    "mediation.declined": "declined",
    "mediation.withdrawn": "interrupted",
    "mediation.closed": "opinion",
    "mediation.agreed": "amicable",
}


def in_exchange(play: Play) -> None:
    """Another file, with whom the panel's rotation asks."""
    play.requested()
    if play.file.proposed_mediator_id == play.second.id:
        play.mediator, play.second = play.second, play.mediator
    play.appointed().admitted().notified().heard()


@pytest.fixture
def played(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Four files of one case, one after the other, over the turn of a year: declined, left, closed and agreed."""
    play = a_play(app)
    monkeypatch.setattr(clock, "now", lambda: play.now)
    play.now = datetime(2026, 12, 2, 23, 30, tzinfo=ZoneInfo("UTC"))
    play.requested().appointed()
    play.do(admitting.decline, c.Decline(play.file_id, "abusive", "La demande est abusive."), play.mediator)
    in_exchange(play.later(days=2))
    play.later(days=5).do(closing.withdraw, c.Withdraw(play.file_id, cause="court"), CUSTOMER)
    in_exchange(play.later(days=5))
    opinion = c.CloseWithOpinion(
        play.file_id,
        "Les séances manquantes donnent droit à un remboursement partiel.",
        "shared",
        "terms",
        "Afficher l’horaire",
    )
    play.later(days=10).do(closing.close_with_opinion, opinion, play.mediator)
    play.now = datetime(2026, 12, 31, 23, 30, tzinfo=ZoneInfo("UTC"))
    in_exchange(play)
    play.later(days=40).agreed()
    return play


def recount(year: int) -> dict[str, set[int]]:
    """The figures from the entries of the chains alone, by the day in the organisation's zone."""
    found: dict[str, set[int]] = {"filed": set()} | {what: set() for what in ENDS.values()}
    for entry in db.session.scalars(
        select(Entry).where(Entry.subject_kind == "mediation").order_by(Entry.id)
    ):
        if entry.happened_at.astimezone(ZoneInfo(ZONE)).year != year:
            continue
        if entry.kind == "mediation.requested":
            found["filed"].add(entry.subject_id)
        elif entry.kind in ENDS:
            found[ENDS[entry.kind]].add(entry.subject_id)
    return found


def days_in_the_record(year: int) -> list[int]:
    """From the notification to the agreement or opinion, of the files that ended so in the year."""
    spans, notified = [], {}
    for entry in db.session.scalars(
        select(Entry).where(Entry.subject_kind == "mediation").order_by(Entry.id)
    ):
        day = entry.happened_at.astimezone(ZoneInfo(ZONE)).date()
        if entry.kind == "mediation.notified":
            notified[entry.subject_id] = day
        elif entry.kind in ("mediation.agreed", "mediation.closed") and day.year == year:
            spans.append((day - notified[entry.subject_id]).days)
    return spans


@pytest.mark.parametrize("year", [2025, 2026, 2027])
def test_every_figure_counts_the_files_that_the_record_names(played: Play, year: int) -> None:
    db.session.rollback()
    figures = {f.code: f for f in year_report(db.session(), year, ZONE).figures}
    assert {code: set(figures[code].files) for code in recount(year)} == recount(year)
    assert sum(map(len, recount(2026).values())) + sum(map(len, recount(2027).values())) == 8
    spans = days_in_the_record(year)
    assert figures["duration"].mean_days == (sum(spans) / len(spans) if spans else None)


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_page_table_and_paper_say_the_same(app: Flask, played: Play, locale: str) -> None:
    db.session.rollback()
    played.later(days=60)
    reader = replace(actor_of(played.manager), locale=locale)
    with on_paper.read_by(reader, played.now):
        expected = rows(year_report(db.session(), 2026, ZONE), {})
        asked = {"from": ["2026-01-01"], "to": ["2026-12-31"]}
        made = making.answer(
            db.session(), REPORTS["mediation_year"], asked, actor=reader, zone=ZONE, now=played.now
        ).made
    told = [row.values for table in made.tables for row in table.rows if len(row.values) > 2]
    assert [(v[1], v[2]) for v in told] == [(row.count, row.of) for row in expected]
    assert all(v[-1] for v in told)
    client = sign_in(app.test_client(), played.manager)
    page = client.get(f"/mediation/report?year=2026&lang={locale}")
    assert page.status_code == 200
    body = client.get("/mediation/report.csv?year=2026").text.lstrip("\ufeff")
    lines = list(csv.reader(io.StringIO(body)))[1:]
    assert [int(line[2]) for line in lines] == [row.count for row in expected]
    assert all(line[6] for line in lines)
    for row in expected:
        assert page.text.count(f"figure={row.key}#") == bool(row.count), row.key


def test_the_year_is_drawn_as_a_pdf(app: Flask, played: Play) -> None:
    played.later(days=60)
    client = sign_in(app.test_client(), played.mediator)
    page = client.get("/mediation/report?year=2026").text
    assert 'action="/reports/mediation_year/files"' in page
    assert 'name="to" value="2026-12-31"' in page
    days = {"from": "2026-01-01", "to": "2026-12-31"}
    answer = send(client, "/reports/mediation_year/files", days)
    drain(app, collect())
    drawn = client.get(f"{answer.location}/mediation_year.pdf")
    assert drawn.data.startswith(b"%PDF")


def test_the_current_year_ends_today(app: Flask, played: Play) -> None:
    played.later(days=10)
    page = sign_in(app.test_client(), played.mediator).get("/mediation/report?year=2027").text
    assert f'name="to" value="{played.now.astimezone(ZoneInfo(ZONE)):%Y-%m-%d}"' in page


@pytest.mark.parametrize("year", ["1999", "2101", "MMXXVI", "2026.5", "-2026", "9" * 400])
def test_a_year_that_is_none_is_not_found(app: Flask, played: Play, year: str) -> None:
    client = sign_in(app.test_client(), played.mediator)
    assert client.get("/mediation/report", query_string={"year": year}).status_code == 404
    assert client.get("/mediation/report.csv", query_string={"year": year}).status_code == 404


def test_an_agreement_is_counted_as_carried_out_once_its_parts_are(app: Flask, played: Play) -> None:
    with_tasks = db.session.scalars(select(Mediation.id).where(Mediation.state == "agreed")).one()
    assert with_tasks == played.file_id

    def carried() -> tuple[int, int | None]:
        db.session.rollback()
        one = next(f for f in year_report(db.session(), 2027, ZONE).figures if f.code == "carried_out")
        return one.count, one.of

    assert carried() == (0, 0)
    drain(app, collect())
    for task in played.tasks():
        played.do(settling.fulfil, c.Fulfil(task.id), SYSTEM)
    assert carried() == (1, 1)
