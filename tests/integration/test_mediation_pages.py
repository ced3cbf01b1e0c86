"""The mediator's pages: every cell of the table on page, link and action; who sees what; nothing said leaks."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from casedesk.accounts.models import Person
from casedesk.mediation import commands as c
from casedesk.mediation.actions import closing, hearing
from casedesk.mediation.models import Mediation
from casedesk.mediation.queries.report import year_report
from casedesk.mediation.routes.deeds import DEEDS, act_of
from casedesk.mediation.rules.states import STATES, may
from casedesk.store.db import db
from casedesk.store.transaction import transaction
from tests.factories import NOW, a_person, send, sign_in
from tests.integration.mediations import CUSTOMER, Play, a_play
from tests.integration.proposals import statements

SAID = "Villeurbanne"


@pytest.fixture
def play(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Play:
    """A file in exchange at the moment of the tests' clock."""
    made = a_play(app)
    monkeypatch.setattr("casedesk.store.clock.now", lambda: made.now)
    return made


def as_(app: Flask, person: Person) -> FlaskClient:
    return sign_in(app.test_client(), person)


def put_into(play: Play, state: str) -> None:
    """Say that the file is in `state`: the rows of the table are tried one by one, whatever came before."""
    with transaction() as session:
        session.execute(update(Mediation).where(Mediation.id == play.file_id).values(state=state))


def offered(html: str) -> set[str]:
    return set(re.findall(r"[?&]do=(\w+)", html))


@pytest.mark.parametrize("role", ["mediator", "company", "desk", "panel"])
def test_page_link_and_action_agree_with_every_cell_of_the_table(app: Flask, play: Play, role: str) -> None:
    play.in_exchange()
    play.proposed()
    person = {
        "mediator": play.mediator,
        "company": play.manager,
        "desk": play.agent,
        "panel": play.administrator,
    }[role]
    client = as_(app, person)
    url = f"/mediation/{play.file_id}"
    for state in STATES:
        put_into(play, state)
        page = client.get(url)
        if role == "panel":
            assert page.status_code == 403
            continue
        allowed = {deed for deed in DEEDS if may(state, act_of(deed), role)}
        assert offered(page.text) <= allowed, (state, role)
        for deed in DEEDS:
            shown = f'action="{url}/acts/{deed}' in client.get(f"{url}?do={deed}").text
            assert shown == (deed in allowed), (state, role, deed)
            if deed not in allowed:
                answer = send(client, f"{url}/acts/{deed}", {})
                assert answer.status_code == 409, (state, role, deed)  # type: ignore[attr-defined]


def test_an_unknown_act_or_file_is_not_found(app: Flask, play: Play) -> None:
    play.in_exchange()
    client = as_(app, play.mediator)
    assert send(client, f"/mediation/{play.file_id}/acts/bribe", {}).status_code == 404  # type: ignore[attr-defined]
    assert client.get("/mediation/999999").status_code == 404


def test_what_is_said_is_shown_to_its_mediator_and_parties_alone(app: Flask, play: Play) -> None:
    play.in_exchange()
    url = f"/mediation/{play.file_id}"
    assert SAID in as_(app, play.mediator).get(url).text
    assert SAID in as_(app, play.manager).get(url).text
    outline = as_(app, play.agent).get(url)
    assert outline.status_code == 200
    assert SAID not in outline.text
    assert as_(app, play.second).get(url).status_code == 404
    assert as_(app, play.administrator).get(url).status_code == 403


def test_what_is_said_is_in_no_search_list_case_or_report(app: Flask, play: Play) -> None:
    play.in_exchange()
    agent, mediator = as_(app, play.agent), as_(app, play.mediator)
    for client, path in (
        (agent, f"/cases/{play.case_id}"),
        (agent, f"/search?q={SAID}"),
        (agent, "/cases"),
        (agent, "/mediation?view=running"),
        (mediator, f"/search?q={SAID}"),
        (mediator, "/mediation/report"),
        (mediator, "/mediation/report.csv"),
    ):
        answer = client.get(path)
        said = answer.text.replace(f'value="{SAID}"', "").replace(f"q={SAID}", "")
        assert f"à {SAID}" not in said, path


def test_the_companys_answer_is_not_on_the_page_of_the_other_before_both_answered(
    app: Flask, play: Play
) -> None:
    play.in_exchange()
    proposal = play.proposed()
    play.answered(proposal, CUSTOMER)
    company = as_(app, play.manager).get(f"/mediation/{play.file_id}").text
    assert "accepted on" not in company
    assert "shown once both have answered" in company
    mediator = as_(app, play.mediator).get(f"/mediation/{play.file_id}").text
    assert "accepted on" in mediator


def test_a_stale_form_is_told_so_and_keeps_what_was_typed(app: Flask, play: Play) -> None:
    play.in_exchange()
    client = as_(app, play.mediator)
    url = f"/mediation/{play.file_id}"
    version = play.file.version
    play.do(hearing.add_point, c.AddPoint(play.file_id, "Information"), play.mediator)
    with transaction() as session:
        session.get_one(Mediation, play.file_id).cause = "changed"
    answer = send(
        client,
        f"{url}/acts/extend",
        {"version": str(version), "until": "2027-03-01", "said": "Une expertise est en cours."},
    )
    assert answer.status_code == 409  # type: ignore[attr-defined]
    assert "Une expertise est en cours." in answer.text  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("act", "fields"),
    [
        ("propose", {"refund": "-12", "expires_on": "2026-12-08", "within_days": "15"}),
        ("propose", {"refund": "9999999999999999999", "expires_on": "2026-12-08"}),
        ("propose", {"refund": "12", "expires_on": "", "within_days": "x"}),
        ("extend", {"until": "2026-02-31", "said": "x"}),
        ("state", {"point_id": "999999", "said": "x"}),
        ("state", {"point_id": "\x00", "said": ""}),
        ("answer", {"proposal_id": "7", "accept": "perhaps"}),
        ("fact", {"name": "jurisdiction", "value": "FR", "state": "known"}),
        ("close", {"opinion": "", "favours": "me"}),
        ("ask_document", {"side": "nobody", "said": "x", "due_on": "2026-12-01"}),
        ("add_document", {}),
        ("offer_blind", {"round_id": "1", "amount": "abc"}),
        ("fulfil", {"task_id": "99999"}),
    ],
)
def test_bad_input_is_answered_with_a_sentence(
    app: Flask, play: Play, act: str, fields: dict[str, str]
) -> None:
    play.in_exchange()
    for person in (play.mediator, play.manager):
        answer = send(as_(app, person), f"/mediation/{play.file_id}/acts/{act}", fields)
        assert answer.status_code in (404, 409, 422), answer.status_code  # type: ignore[attr-defined]


def test_the_mediator_records_an_answer_that_came_by_letter(app: Flask, play: Play) -> None:
    play.in_exchange()
    proposal = play.proposed()
    answer = send(
        as_(app, play.mediator),
        f"/mediation/{play.file_id}/acts/answer",
        {
            "proposal_id": str(proposal.id),
            "for_side": "customer",
            "how": "letter",
            "accept": "yes",
            "understood": "y",
        },
    )
    assert answer.status_code == 303  # type: ignore[attr-defined]
    entry = next(entry for entry in play.entries() if entry.kind == "mediation.answer")
    assert (entry.body["side"], entry.body["how"], entry.actor_id) == ("customer", "letter", play.mediator.id)


def test_a_request_from_the_case_opens_a_file(app: Flask, play: Play) -> None:
    client = as_(app, play.agent)
    assert "/mediation/new" in client.get(f"/cases/{play.case_id}").text
    answer = send(
        client,
        "/mediation",
        {"case_id": str(play.case_id), "said": "Je saisis le médiateur.", "channel": "letter"},
    )
    assert answer.status_code == 303  # type: ignore[attr-defined]
    assert "MED-2026-" in client.get(f"/cases/{play.case_id}").text


def test_the_year_report_adds_up_to_the_record(app: Flask, play: Play) -> None:
    play.in_exchange()
    play.do(closing.withdraw, c.Withdraw(play.file_id, cause="court"), CUSTOMER)
    report = year_report(db.session(), 2026, "Europe/Paris")
    figures = {(f.code, f.sub): f for f in report.figures}
    assert figures["filed", ""].files == (play.file_id,)
    assert figures["interrupted_cause", "court"].files == (play.file_id,)
    page = as_(app, play.mediator).get("/mediation/report?year=2026&figure=interrupted")
    assert play.file.number in page.text
    csv = as_(app, play.manager).get("/mediation/report.csv?year=2026")
    assert csv.text.startswith("\ufeff")
    assert "Taken to court" in csv.text


def test_the_pages_ask_the_database_a_bounded_number_of_times(app: Flask, play: Play) -> None:
    play.in_exchange()
    play.proposed()
    client = as_(app, play.mediator)
    client.get("/mediation")
    with statements() as listed:
        client.get("/mediation")
    assert len(listed) <= 8, "\n".join(listed)
    with statements() as shown:
        client.get(f"/mediation/{play.file_id}")
    assert len(shown) <= 10, "\n".join(shown)


def test_whoever_keeps_the_panel_sees_files_without_their_parties(app: Flask, play: Play) -> None:
    play.requested()
    client = as_(app, play.administrator)
    page = client.get("/mediation/panel").text
    assert play.file.number in page
    assert "Vandenbroucke" not in page
    answer = send(
        client,
        f"/mediation/{play.file_id}/appointment",
        {"mediator_id": str(play.second.id), "declares": "1", "version": str(play.file.version)},
    )
    assert answer.status_code == 303  # type: ignore[attr-defined]
    assert play.file.mediator_id == play.second.id


def test_a_mediator_of_the_panel_is_changed_by_form(app: Flask, play: Play) -> None:
    client = as_(app, play.administrator)
    stranger = a_person("mediator", name="Nouvelle")
    fields = {"fields_": "dispute", "locales": "fr", "capacity": "5", "available": "y", "version": "0"}
    assert send(client, f"/mediation/panel/{stranger.id}", fields).status_code == 303  # type: ignore[attr-defined]
    assert send(client, f"/mediation/panel/{stranger.id}", fields).status_code == 409  # type: ignore[attr-defined]
    worse = {**fields, "version": "1", "capacity": "-4"}
    assert send(client, f"/mediation/panel/{stranger.id}", worse).status_code == 422  # type: ignore[attr-defined]


def test_home_shows_a_mediator_what_is_offered_and_due(app: Flask, play: Play) -> None:
    play.requested()
    proposed = next(p for p in (play.mediator, play.second) if p.id == play.file.proposed_mediator_id)
    assert play.file.number in as_(app, proposed).get("/").text
    play.now = NOW + timedelta(minutes=5)
    answer = send(
        as_(app, proposed),
        f"/mediation/{play.file_id}/acts/accept_appointment",
        {"declares": "y", "version": str(play.file.version)},
    )
    assert answer.status_code == 303  # type: ignore[attr-defined]
    assert play.file.mediator_id == proposed.id
