"""People and teams: who changes whom, what the record says of it, and who must stay."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from casedesk.accounts import actions
from casedesk.accounts.commands import PersonData
from casedesk.accounts.models import Person
from casedesk.kernel.errors import InvalidInput, RuleBroken
from casedesk.store.db import db
from casedesk.store.models import Entry, EntryText
from casedesk.store.record import DESK, ActorRef
from casedesk.store.transaction import transaction
from tests.factories import NOW, a_person, a_team, send, sign_in, stored

BOSS = ActorRef("person", 1)


def _fields(**other: object) -> dict[str, object]:
    return {
        "name": "Chloé Dürrenmatt",
        "mail": "chloe@desk.example",
        "role": "agent",
        "sees": "all",
        "goodwill_ceiling_minor": "50.00",
        "approval_ceiling_minor": "",
        "locale": "fr",
        "time_zone": "Europe/Paris",
    } | other


def test_an_administrator_adds_a_person_who_signs_in_by_a_link_that_works_once(
    client: FlaskClient, app: Flask
) -> None:
    sign_in(client, a_person("administrator"))
    added = send(client, "/people", _fields())
    assert added.status_code == 303
    person = db.session.scalars(select(Person).where(Person.mail == "chloe@desk.example")).one()
    assert (person.goodwill_ceiling_minor, person.locale, person.password_hash) == (5000, "fr", None)
    shown = send(client, f"/people/{person.id}/password-link")
    link = re.search(r"http://[^<\s]+/password/[^<\s]+", shown.text)
    assert link is not None
    path = link[0].removeprefix("http://localhost")
    theirs = app.test_client()
    secret = {"password": "quatre mots bien longs", "again": "quatre mots bien longs"}
    assert theirs.get(path).status_code == 200
    assert send(theirs, path, secret).status_code == 303
    assert (
        send(theirs, "/sign-in", {"mail": "chloe@desk.example", "password": secret["password"]}).status_code
        == 303
    )
    assert "Bonjour Chloé" in theirs.get("/").text
    again = send(app.test_client(), path, secret)
    assert again.status_code == 404
    assert "This link was used or is too old" in again.text


def test_a_changed_character_of_a_link_opens_nothing(client: FlaskClient, app: Flask) -> None:
    sign_in(client, a_person("administrator"))
    someone = a_person()
    shown = send(client, f"/people/{someone.id}/password-link")
    path = re.search(r"/password/[^<\s]+", shown.text)[0]
    for forged in (path[:-2] + "xx", path.replace("/password/", "/password/x"), "/password/x"):
        assert client.get(forged).status_code == 404


def test_every_change_of_people_and_rights_is_on_the_record(client: FlaskClient, app: Flask) -> None:
    boss = a_person("administrator", name="Danièle Rouvière")
    sign_in(client, boss)
    send(client, "/teams", {"name": "Remboursements"})
    team = 1
    send(client, "/people", _fields())
    person = db.session.scalars(select(Person).where(Person.mail == "chloe@desk.example")).one()
    send(
        client,
        f"/people/{person.id}",
        _fields(role="manager", team_id=team, is_lead="y", sees="team", version=1),
    )
    send(client, f"/people/{person.id}/departure")
    send(client, f"/people/{person.id}/return")
    kinds = db.session.scalars(
        select(Entry.kind).where(Entry.subject_kind == DESK[0]).order_by(Entry.seq)
    ).all()
    assert kinds == ["team.added", "person.added", "person.changed", "person.left", "person.back"]
    assert set(db.session.scalars(select(Entry.actor_id))) == {boss.id}
    changed = db.session.scalars(select(Entry).where(Entry.kind == "person.changed")).one()
    assert changed.body["changes"] == {
        "role": ["agent", "manager"],
        "team_id": [None, 1],
        "is_lead": [False, True],
        "sees": ["all", "team"],
    }
    page = client.get("/people/audit").text
    assert "Chloé Dürrenmatt changed: role agent → manager; team none → Remboursements" in page
    assert "Danièle Rouvière" in page


def test_names_on_the_record_of_rights_are_erasable_text(client: FlaskClient, app: Flask) -> None:
    sign_in(client, a_person("administrator"))
    send(client, "/people", _fields())
    entry = db.session.scalars(select(Entry).where(Entry.kind == "person.added")).one()
    assert "chloe" not in str(entry.body).casefold()
    assert db.session.get_one(EntryText, entry.id).text["mail"] == "chloe@desk.example"


def test_the_record_of_rights_is_read_in_pages_by_key(client: FlaskClient, app: Flask) -> None:
    sign_in(client, a_person("administrator"))
    with transaction() as session:
        for n in range(120):
            actions.add_team(session, f"Équipe {n:03d}", actor=BOSS, now=NOW)
    seen: list[str] = []
    url = "/people/audit"
    for _ in range(3):
        page = client.get(url).text
        seen += re.findall(r"Team (Équipe \d+) added", page)
        following = re.search(r'href="([^"]+)" rel="next"', page)
        url = following[1].replace("&amp;", "&") if following else ""
    assert seen == [f"Équipe {n:03d}" for n in range(119, -1, -1)]
    assert not url
    assert client.get("/people/audit?after=nonsense").status_code == 422


def test_a_manager_sees_people_and_changes_none(client: FlaskClient, app: Flask) -> None:
    someone = a_person()
    sign_in(client, a_person("manager"))
    assert someone.name in client.get("/people").text
    assert "<form" not in client.get(f"/people/{someone.id}").text.split("<main")[1].split("</main>")[0]
    for path in ("/people", f"/people/{someone.id}", f"/people/{someone.id}/departure", "/teams"):
        assert send(client, path, _fields()).status_code == 403


def test_a_deactivated_person_is_signed_out_at_once_and_cannot_use_a_link(
    client: FlaskClient, app: Flask
) -> None:
    someone = a_person()
    theirs = sign_in(app.test_client(), someone)
    assert theirs.get("/").status_code == 200
    sign_in(client, a_person("administrator"))
    send(client, f"/people/{someone.id}/departure")
    assert theirs.get("/").status_code == 303
    assert send(client, f"/people/{someone.id}/password-link").status_code == 422


def test_the_last_administrator_stays_and_nobody_deactivates_themselves(
    client: FlaskClient, app: Flask
) -> None:
    boss = a_person("administrator")
    with transaction() as session, pytest.raises(RuleBroken, match="last_administrator"):
        actions.deactivate_person(session, boss.id, actor=ActorRef("system"), now=NOW)
    sign_in(client, boss)
    answer = send(client, f"/people/{boss.id}", _fields(role="agent", mail=boss.mail, version=boss.version))
    assert answer.status_code == 422
    assert "is the last administrator" in answer.text
    a_person("administrator")
    answer = send(client, f"/people/{boss.id}/departure")
    assert "cannot deactivate yourself" in answer.text
    assert db.session.scalar(select(func.count()).select_from(Person).where(Person.active)) == 2


def test_a_stale_save_is_refused_and_keeps_what_was_typed(client: FlaskClient, app: Flask) -> None:
    someone = a_person()
    sign_in(client, a_person("administrator"))
    assert send(client, f"/people/{someone.id}", _fields(name="Erste", version=1)).status_code == 303
    second = send(client, f"/people/{someone.id}", _fields(name="Zweite", version=1))
    assert second.status_code == 409
    assert "A colleague changed Erste meanwhile" in second.text
    assert 'value="Zweite"' in second.text
    assert re.search(r'name="version"[^>]*value="2"', second.text)
    assert send(client, f"/people/{someone.id}", _fields(name="Zweite", version=2)).status_code == 303


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"name": ""}, "Type the name."),
        ({"name": "x" * 200}, "120"),
        ({"mail": "no address"}, "Type a whole mail address"),
        ({"mail": "PERSON@DESK.example"}, "is here already"),
        ({"role": "emperor"}, "Choose one of the list."),
        ({"team_id": "999"}, "This team does not exist any more"),
        ({"team_id": "9" * 40}, "not one of the things to choose from"),
        ({"is_lead": "y"}, "can lead it"),
        ({"sees": "team"}, "needs a team"),
        ({"goodwill_ceiling_minor": "12,345.678"}, "EUR has 2 decimals"),
        ({"goodwill_ceiling_minor": "lots"}, "is not an amount"),
        ({"goodwill_ceiling_minor": "9" * 30}, "more than the desk can book"),
        ({"time_zone": "Mars/Base"}, "Choose one of the list."),
    ],
)
def test_what_cannot_be_stored_is_refused_with_a_sentence(
    client: FlaskClient, app: Flask, fields: dict[str, str], sentence: str
) -> None:
    sign_in(client, a_person("administrator"))
    a_person(mail="person@desk.example")
    answer = send(client, "/people", _fields(**fields))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert db.session.scalar(select(func.count()).select_from(Person)) == 2


def test_a_form_sent_twice_adds_one_person(client: FlaskClient, app: Flask) -> None:
    sign_in(client, a_person("administrator"))
    first = send(client, "/people", _fields(once="same-token"))
    second = send(client, "/people", _fields(once="same-token"))
    assert first.headers["Location"] == second.headers["Location"]
    assert db.session.scalar(select(func.count()).select_from(Person)) == 2


def test_a_team_with_people_in_it_cannot_be_retired(client: FlaskClient, app: Flask) -> None:
    team = a_team("Résiliations")
    stored(Person(mail="a@desk.example", name="A B", role="agent", team_id=team.id, created_at=NOW))
    sign_in(client, a_person("administrator"))
    answer = send(client, f"/teams/{team.id}", {"name": "Résiliations"})
    assert answer.status_code == 422
    assert "People are still in Résiliations" in answer.text
    assert send(client, f"/teams/{team.id}", {"name": "Fins", "active": "y"}).status_code == 303
    with transaction() as session, pytest.raises(InvalidInput, match="name_taken"):
        actions.add_team(session, "Fins", actor=BOSS, now=NOW)


def test_ceilings_are_read_in_the_language_of_the_reader(client: FlaskClient, app: Flask) -> None:
    sign_in(client, a_person("administrator", locale="fr"))
    assert send(client, "/people", _fields(goodwill_ceiling_minor="1 250,50 €")).status_code == 303
    person = db.session.scalars(select(Person).where(Person.mail == "chloe@desk.example")).one()
    assert person.goodwill_ceiling_minor == 125_050
    assert PersonData("a@b.example", "A", "agent").values()["sees"] == "all"
