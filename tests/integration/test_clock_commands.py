"""`casedesk clocks`: lists, workings and the sweep, for people in two languages and for programs."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import delete

from casedesk.cases.cli import clocks
from casedesk.cases.models import Case
from casedesk.deadlines import actions as deadlines
from casedesk.deadlines.actions import NewClock
from casedesk.deadlines.rules import ServiceHours, calendar_of, due_after
from casedesk.store import clock
from casedesk.store.db import db
from casedesk.store.models import OutboxRow
from casedesk.store.transaction import transaction
from tests.case_builders import a_case

ROUND_THE_CLOCK = ServiceHours((((0, 1440),),) * 7, "Europe/Paris", calendar_of("FR"))


@pytest.fixture
def number(app: Flask) -> str:
    """A case whose clock to decide ran out an hour ago, and nobody looked."""
    case = a_case(next_clock=None)
    began = clock.now() - timedelta(hours=2)
    due = due_after(began, 60, ROUND_THE_CLOCK)
    with transaction() as session:
        deadlines.start(session, ("case", case.id), NewClock("decide", due.at, due.working), now=began)
        session.execute(delete(OutboxRow))
        return session.get_one(Case, case.id).number or ""


def run(app: Flask, *words: str) -> Result:
    @contextmanager
    def desk() -> Iterator[Flask]:
        with app.app_context():
            yield app

    db.session.remove()
    return CliRunner().invoke(clocks, list(words), obj=desk)


@pytest.mark.parametrize(
    ("lang", "name", "state"), [("en", "Decide", "late"), ("fr", "Décider", "en retard")]
)
def test_the_list_and_the_working_are_read_in_two_languages(
    app: Flask, number: str, lang: str, name: str, state: str
) -> None:
    listed = run(app, "list", "--which", "late", "--lang", lang)
    assert listed.exit_code == 0, listed.output
    assert f"{number}\t{name}\t{state}" in listed.output
    told = run(app, "explain", number, "--lang", lang)
    assert told.exit_code == 0, told.output
    assert f"{name}, {state}" in told.output
    assert ("1 h of service time" if lang == "en" else "1 h de temps de service") in told.output


def test_a_program_reads_one_object_a_line(app: Flask, number: str) -> None:
    [line] = [json.loads(one) for one in run(app, "list", "--json").output.splitlines()]
    assert (line["subject"], line["clock"], line["state"]) == (number, "decide", "late")
    [working] = [
        json.loads(one) for one in run(app, "explain", str(line["id"]), "--json").output.splitlines()
    ]
    assert working["agrees"] is True
    assert working["counted"]


def test_the_sweep_says_what_it_found_and_how_late_it_came(app: Flask, number: str) -> None:
    told = json.loads(run(app, "sweep", "--json").output)
    assert (told["clocks"], told["breaches"]) == (1, 1)
    assert 3_500 < told["latest_look_s"] < 3_700
    assert "Échéances examinées\u00a0: 0." in run(app, "sweep", "--lang", "fr").output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("explain", "CD-1999-0000000-X"), "There is no clock or case “CD-1999-0000000-X”"),
        (("explain", "CD-1999-0000000-X", "--lang", "fr"), "Il n’y a ni échéance ni dossier"),
        (("explain", "9" * 400), "There is no clock or case"),
        (("explain", "-1"), "No such option"),
        (("list", "--which", "soon"), "is not one of"),
        (("list", "--limit", "0"), "is not in the range"),
        (("list", "--lang", "de"), "is not one of"),
        (("sweep", "--limit", "many"), "is not a valid integer"),
    ],
)
def test_a_bad_argument_is_answered_with_a_sentence(
    app: Flask, number: str, words: tuple[str, ...], said: str
) -> None:
    refused = run(app, *words)
    assert refused.exit_code != 0
    assert said in refused.output
    assert "Traceback" not in refused.output
