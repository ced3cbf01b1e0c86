"""`casedesk policy explain`: the stored judgement of a case, by its number, in both languages, checked by a replay."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from click.testing import CliRunner
from flask import Flask

from casedesk.cases.models import Case
from casedesk.cases.policy_cli import explain
from casedesk.rulebook import packs
from casedesk.store.db import db
from casedesk.store.transaction import transaction
from tests.factories import NOW, a_person, actor_of
from tests.record_of_facts import play

FACTS = {
    "timezone": "Europe/Paris",
    "jurisdiction": "FR",
    "channel": "online",
    "contract_kind": "digital_service",
    "consumer": True,
    "contract_concluded_at": "2026-03-02T10:15:00+01:00",
    "withdrawal_information_given_at": "2026-03-02T10:15:00+01:00",
    "action_at": "2026-03-10T10:00:00+01:00",
    "express_request": False,
    "paid_minor": 35880,
    "price_minor": 35880,
    "currency": "EUR",
}


@contextmanager
def desk() -> Iterator[None]:
    yield


@pytest.fixture
def number(app: Flask) -> str:
    with transaction() as session:
        packs.publish_shipped(session, now=NOW)
    case_id = play(FACTS, actor_of(a_person("agent"))).case_id
    found = db.session().get_one(Case, case_id).number
    db.session.remove()
    return str(found)


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ["Judged again, it gives the same bytes.", "Facts", "Told of the right to withdraw"]),
        ("fr", ["Apprécié à nouveau, il donne les mêmes octets.", "Éléments", "Directive 2011/83/UE"]),
    ],
)
def test_a_stored_judgement_is_explained_in_both_languages(number: str, lang: str, said: list[str]) -> None:
    result = CliRunner().invoke(explain, [number.lower(), "--lang", lang], obj=desk)
    assert result.exit_code == 0, result.output
    for text in said[:2]:
        assert text in result.output
    assert "mail log" in result.output


def test_the_whole_judgement_comes_as_json_with_its_facts(number: str) -> None:
    told = json.loads(CliRunner().invoke(explain, [number, "--json"], obj=desk).output)
    assert told["number"] == number
    assert told["replays"] is True
    assert told["facts"]["channel"] == {"value": "online", "source": "subscription"}
    assert told["verdict"]["outcome"] in {"allowed", "needs_information"}
    assert len(told["verdict"]["digest"]) == 64


def test_a_number_that_the_desk_does_not_have_says_so(app: Flask) -> None:
    result = CliRunner().invoke(explain, ["CD-2026-9999999-X", "--lang", "fr"], obj=desk)
    assert result.exit_code == 1
    assert "Aucun dossier" in result.output
