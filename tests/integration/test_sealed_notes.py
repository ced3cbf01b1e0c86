"""Sealed notes against the four threats: a stolen database with its settings, an administrator who resets a password,
ciphertexts that were swapped, and what logs and error pages hold. Then the life of a key: handed over, destroyed, lost."""

import json
import logging
import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select, update

from casedesk import backup, export
from casedesk.accounts import sign_ins
from casedesk.accounts.actions import set_password
from casedesk.accounts.models import Person
from casedesk.accounts.passwords import hashed
from casedesk.app import project_path
from casedesk.kernel.errors import NotFound, RuleBroken
from casedesk.mediation.models import Mediation
from casedesk.mediation.sealed import actions, jobs, queries
from casedesk.mediation.sealed.commands import Opened, SealNote
from casedesk.mediation.sealed.models import FileKey, NotesKey, SealedNote, Unlocking
from casedesk.mediation.sealed.rules import IDLE, KEPT_AFTER_END
from casedesk.schema import metadata
from casedesk.store import clock
from casedesk.store.db import db
from casedesk.store.models import Entry
from casedesk.store.record import SYSTEM
from casedesk.store.transaction import transaction
from casedesk.worker import collect, drain
from tests.case_builders import a_case
from tests.factories import NOW, a_customer, a_person, actor_of, send, sign_in, stored

SAID = "Accepterait 380 euros si le paiement arrive avant Noël"
PASSPHRASE = "glacier marmotte septembre fenouil"


@dataclass
class Notes:
    """A mediator with a key, a file and a note in it."""

    mediator: Person
    file: Mediation
    note_id: str
    code: str


def a_file(mediator: Person | None, **other: Any) -> Mediation:
    customer = a_customer()
    case = a_case(customer)
    values: dict[str, Any] = {
        "number": f"MED-2026-{case.id:04d}",
        "case_id": case.id,
        "entity_id": case.entity_id,
        "customer_id": customer.id,
        "state": "exchange",
        "kind": "dispute",
        "currency": "EUR",
        "time_zone": "Europe/Paris",
        "requested_by": "customer",
        "channel": "mail",
        "requested_at": NOW,
        "mediator_id": mediator.id if mediator else None,
    }
    file = stored(Mediation(**(values | other)))
    db.session.expunge_all()  # keeps its values, whatever the session rolls back
    return file


def set_up(person: Person, passphrase: str = PASSPHRASE) -> str:
    with transaction() as session:
        return actions.set_up(session, passphrase, actor=actor_of(person), now=clock.now())


def opened(person: Person, passphrase: str = PASSPHRASE) -> Opened:
    row = queries.secrets_of(db.session(), person.id)
    assert row is not None
    return actions.open_by_passphrase(row, passphrase)


def sealed(person: Person, file: Mediation, said: str = SAID) -> str:
    command, key = SealNote(file.id, said, "customer"), opened(person)
    with transaction() as session:
        return actions.seal(session, command, key, actor=actor_of(person), now=clock.now())


@pytest.fixture
def kept(app: Flask) -> Notes:
    mediator = a_person("mediator", name="Agathe Thibodeaux")
    file, code = a_file(mediator), set_up(mediator)
    return Notes(mediator, file, sealed(mediator, file), code)


def read(person: Person, file: Mediation, passphrase: str = PASSPHRASE) -> list[str]:
    return [note.said for note in actions.read(db.session(), file.id, opened(person, passphrase))]


def unlock(client: FlaskClient, passphrase: str = PASSPHRASE) -> Any:
    return send(client, "/mediation/notes/unlocking", {"passphrase": passphrase})


# Threat 1: everything that lies on the machine


def test_database_disk_settings_backup_and_export_hold_no_clear_text(
    app: Flask, kept: Notes, tmp_path: Path
) -> None:
    client = sign_in(app.test_client(), kept.mediator)
    assert unlock(client).status_code == 303
    drain(app, collect())
    backup.backup(tmp_path / "desk.zip", project_path("migrations"), now=clock.now())
    export.export(db.session(), tmp_path / "export", now=clock.now())
    dump = "\n".join(
        repr([bytes(value) if isinstance(value, bytes | memoryview) else value for value in row])
        for table in metadata().sorted_tables
        for row in db.session.execute(select(table))
    )
    lying = [dump.encode(), repr(app.extensions["settings"]).encode(), repr(app.config).encode()]
    lying += [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    import zipfile

    with zipfile.ZipFile(tmp_path / "desk.zip") as archive:
        lying += [archive.read(name) for name in archive.namelist()]
    for secret in (SAID, "380 euros", PASSPHRASE, kept.code, kept.code.replace("-", "")):
        assert not [one for one in lying if secret.encode() in one], secret
    assert not list((tmp_path / "export").glob("*sealed*")) + list((tmp_path / "export").glob("notes*"))


def test_what_lies_in_the_database_opens_no_note_without_passphrase_code_or_cookie(kept: Notes) -> None:
    row = queries.secrets_of(db.session(), kept.mediator.id)
    assert row is not None
    for guess in ("", PASSPHRASE.upper(), kept.mediator.mail, row.by_passphrase.hex()):
        with pytest.raises(Exception, match=r"notes\.passphrase"):
            actions.open_by_passphrase(row, guess)


def test_that_a_note_was_sealed_leaves_no_entry_and_moves_no_list(app: Flask, kept: Notes) -> None:
    kinds = set(db.session.scalars(select(Entry.kind).where(Entry.subject_kind == "mediation")))
    assert not kinds
    before = db.session.get_one(Mediation, kept.file.id).version
    sealed(kept.mediator, kept.file, "Encore une")
    db.session.expire_all()
    assert db.session.get_one(Mediation, kept.file.id).version == before


# Threat 2: an administrator


def test_an_administrator_who_resets_the_password_and_signs_in_reads_nothing(app: Flask, kept: Notes) -> None:
    client = sign_in(app.test_client(), kept.mediator)
    unlock(client)
    with transaction() as session:
        new = hashed("the administrators choice")
        set_password(session, kept.mediator.id, new, replaces=None, actor=SYSTEM, now=clock.now())
    assert client.get("/mediation/notes").status_code == 303  # signed out everywhere
    thief = sign_in(app.test_client(), kept.mediator)
    thief.set_cookie("notes", client.get_cookie("notes", path="/mediation").value, path="/mediation")  # type: ignore[union-attr]
    page = thief.get("/mediation/notes")
    assert page.status_code == 200
    assert "15 minutes" not in page.text  # locked: the unlocking belonged to the sign-in before
    assert unlock(thief, "the administrators choice").status_code == 422


@pytest.mark.parametrize("role", ["agent", "manager", "administrator", "mediator"])
def test_nobody_else_reaches_the_notes_by_any_door(app: Flask, kept: Notes, role: str) -> None:
    other = a_person(role)
    client = sign_in(app.test_client(), other)
    url = f"/mediation/{kept.file.id}/notes"
    wanted = {404} if role == "mediator" else {403}
    assert {send(client, url, {"sealed": "x"}).status_code} == wanted
    assert {client.get(f"{url}/leaving").status_code} == wanted
    assert {send(client, f"{url}/handover").status_code} == wanted
    assert {send(client, f"{url}/destruction").status_code} == wanted


# Threat 3: swapped and changed ciphertexts


def test_ciphertexts_swapped_between_notes_or_files_are_refused(kept: Notes) -> None:
    second = sealed(kept.mediator, kept.file, "La direction irait à 400")
    boxes = {row.id: row.box for row in db.session.execute(select(SealedNote.id, SealedNote.box))}
    with transaction() as session:
        for at, taken in ((kept.note_id, second), (second, kept.note_id)):
            session.execute(update(SealedNote).where(SealedNote.id == at).values(box=boxes[taken]))
    with pytest.raises(RuleBroken, match="tampered"):
        read(kept.mediator, kept.file)


def test_a_note_and_its_key_moved_to_another_file_of_the_same_mediator_are_refused(kept: Notes) -> None:
    elsewhere = a_file(kept.mediator)
    with transaction() as session:
        session.execute(update(SealedNote).values(mediation_id=elsewhere.id))
        session.execute(update(FileKey).values(mediation_id=elsewhere.id))
    with pytest.raises(RuleBroken, match="tampered"):
        read(kept.mediator, elsewhere)


def test_a_public_key_swapped_in_the_database_gets_no_note(kept: Notes) -> None:
    thief = a_person("mediator")
    set_up(thief, "thief thief cellar lantern")
    theirs = db.session.scalar(select(NotesKey.public).where(NotesKey.person_id == thief.id))
    with transaction() as session:
        session.execute(update(NotesKey).where(NotesKey.person_id == kept.mediator.id).values(public=theirs))
    fresh = a_file(kept.mediator)
    sealed(kept.mediator, fresh, "Pour moi seule")
    assert read(kept.mediator, fresh) == ["Pour moi seule"]  # wrapped for the key that is open


# Threat 4: logs and error pages


def test_log_and_error_page_of_a_save_that_fails_hold_nothing(
    app: Flask, kept: Notes, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    client = sign_in(app.test_client(), kept.mediator)
    unlock(client)
    with transaction() as session:  # the table is gone in the middle of the save
        session.execute(delete(FileKey))
    monkeypatch.setattr(actions.sealing, "seal_note", _breaks)
    answer = send(client, f"/mediation/{kept.file.id}/notes", {"sealed": SAID})
    assert answer.status_code == 500
    assert "380" not in answer.text
    told = (
        "\n".join([record.getMessage() + str(record.exc_text or "") for record in caplog.records])
        + caplog.text
    )
    assert "seal_note" in told or "ZeroDivisionError" in told
    for secret in (SAID, "380", PASSPHRASE):
        assert secret not in told


def _breaks(*_args: object) -> bytes:
    return bytes(1 // 0)


@pytest.mark.parametrize("how", ["without csrf", "signed out"])
def test_a_refused_form_does_not_echo_note_or_secrets(app: Flask, kept: Notes, how: str) -> None:
    client = app.test_client()
    typed = {"sealed": SAID, "passphrase": PASSPHRASE, "new_passphrase": PASSPHRASE, "recovery": kept.code}
    url = f"/mediation/{kept.file.id}/notes"
    if how == "without csrf":
        answer = sign_in(client, kept.mediator).post(url, data=typed)
    else:
        answer = send(client, url, typed)
    assert answer.status_code in (400, 401)
    for secret in (SAID, PASSPHRASE, kept.code):
        assert secret not in answer.text


# Working with notes


def test_the_recovery_code_is_shown_once_and_the_warning_is_plain(app: Flask) -> None:
    mediator = a_person("mediator")
    client = sign_in(app.test_client(), mediator)
    page = client.get("/mediation/notes")
    assert "your notes are gone" in page.text
    fields = {"new_passphrase": PASSPHRASE, "again": PASSPHRASE, "understood": "y"}
    made = send(client, "/mediation/notes/setup", fields)
    code = re.search(r"(?:[0-9A-Z]{4}-){7}[0-9A-Z]{4}", made.text)
    assert made.status_code == 200
    assert code
    assert code[0] not in client.get("/mediation/notes").text
    assert send(client, "/mediation/notes/setup", fields).status_code == 409


@pytest.mark.parametrize(
    ("typed", "again", "said"),
    [
        ("too short", "too short", "too short"),
        ("aaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaa", "easy to guess"),
        (PASSPHRASE, PASSPHRASE + "!", "differ"),
    ],
)
def test_a_poor_passphrase_is_refused_with_what_to_change(
    app: Flask, typed: str, again: str, said: str
) -> None:
    client = sign_in(app.test_client(), a_person("mediator"))
    fields = {"new_passphrase": typed, "again": again, "understood": "y"}
    answer = send(client, "/mediation/notes/setup", fields)
    assert answer.status_code == 422
    assert said in answer.text


def test_the_cookie_is_for_the_server_alone_and_ends_after_a_quarter_of_an_hour_of_rest(
    app: Flask, kept: Notes
) -> None:
    client = sign_in(app.test_client(), kept.mediator)
    cookie = unlock(client).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Path=/mediation" in cookie
    assert "15 minutes" in client.get("/mediation/notes").text
    with transaction() as session:
        session.execute(update(Unlocking).values(seen_at=clock.now() - IDLE))
    assert "15 minutes" not in client.get("/mediation/notes").text
    with transaction() as session:
        jobs.end_unlockings(session, {}, now=clock.now())
    assert db.session.scalar(select(Unlocking.id)) is None


def test_a_note_typed_while_the_notes_locked_themselves_is_not_lost(app: Flask, kept: Notes) -> None:
    client = sign_in(app.test_client(), kept.mediator)
    url = f"/mediation/{kept.file.id}/notes"
    answer = send(client, url, {"sealed": "Revient mardi", "with_side": "company"})
    assert answer.status_code == 422
    assert "Revient mardi" in answer.text
    assert "passphrase" in answer.text
    again = {"sealed": "Revient mardi", "with_side": "company", "passphrase": PASSPHRASE}
    assert send(client, url, again).status_code == 303
    assert read(kept.mediator, kept.file) == [SAID, "Revient mardi"]


def test_guessing_the_passphrase_is_slowed_down(app: Flask, kept: Notes) -> None:
    client = sign_in(app.test_client(), kept.mediator)
    answers = [unlock(client, f"wrong guess {n}").text for n in range(6)]
    assert "Too many attempts" in answers[-1]
    assert "Too many attempts" in unlock(client).text


def test_the_recovery_code_gives_a_new_passphrase_and_the_notes_stay(app: Flask, kept: Notes) -> None:
    client = sign_in(app.test_client(), kept.mediator)
    new = "ruisseau cardamome violon tuile"
    fields = {"recovery": kept.code.lower(), "new_passphrase": new, "again": new}
    assert send(client, "/mediation/notes/secrets", fields).status_code == 200
    db.session.expire_all()
    assert read(kept.mediator, kept.file, new) == [SAID]
    assert send(client, "/mediation/notes/secrets", fields).status_code == 422  # the old code is spent


def test_both_secrets_lost_the_notes_are_gone(app: Flask, kept: Notes) -> None:
    client = sign_in(app.test_client(), kept.mediator)
    new = "ruisseau cardamome violon tuile"
    fields = {"new_passphrase": new, "again": new, "understood": "y"}
    assert send(client, "/mediation/notes/anew", fields).status_code == 200
    db.session.expire_all()
    assert read(kept.mediator, kept.file, new) == []
    assert db.session.scalar(select(SealedNote.id)) is None


# Recusal and the end


def _successor(kept: Notes, *, with_key: bool = True) -> Person:
    successor = a_person("mediator", name="Bastien Okonkwo")
    if with_key:
        set_up(successor)
    with transaction() as session:
        session.execute(update(Mediation).values(mediator_id=successor.id))
    return successor


def test_notes_handed_over_open_for_the_successor_and_no_longer_for_who_wrote_them(kept: Notes) -> None:
    successor = _successor(kept)
    sealed(successor, kept.file, "Écrit avant la remise")
    key = opened(kept.mediator)
    with transaction() as session:
        actions.hand_over(session, kept.file.id, key, actor=actor_of(kept.mediator), now=clock.now())
    assert read(successor, kept.file) == [SAID, "Écrit avant la remise"]
    assert read(kept.mediator, kept.file) == []
    with pytest.raises(NotFound):
        queries.sealed_file(db.session(), actor_of(kept.mediator), kept.file.id)
    entry = db.session.scalars(select(Entry).where(Entry.kind == "event.sealed_handed_over")).one()
    assert entry.body == {"from": kept.mediator.id, "to": successor.id}


def test_nothing_is_handed_over_to_somebody_without_a_key(kept: Notes) -> None:
    _successor(kept, with_key=False)
    key = opened(kept.mediator)
    with pytest.raises(RuleBroken, match="without_key"), transaction() as session:
        actions.hand_over(session, kept.file.id, key, actor=actor_of(kept.mediator), now=clock.now())
    assert read(kept.mediator, kept.file) == [SAID]


def test_who_was_recused_reads_and_hands_over_but_writes_nothing_more(app: Flask, kept: Notes) -> None:
    _successor(kept)
    client = sign_in(app.test_client(), kept.mediator)
    unlock(client)
    assert send(client, f"/mediation/{kept.file.id}/notes", {"sealed": "x"}).status_code == 403
    assert "Bastien Okonkwo" in client.get(f"/mediation/{kept.file.id}/notes/leaving").text
    assert send(client, f"/mediation/{kept.file.id}/notes/handover").status_code == 303


def test_destroyed_notes_are_gone_also_after_a_restore(app: Flask, kept: Notes) -> None:
    with transaction() as session:
        actions.destroy(session, kept.file.id, actor=actor_of(kept.mediator), now=clock.now())
    assert read(kept.mediator, kept.file) == []
    drain(app, collect())
    listing = app.extensions["settings"].data_dir / "erasures.jsonl"
    listed = [json.loads(line) for line in listing.read_text(encoding="utf-8").splitlines()]
    assert [one["what"] for one in listed] == ["sealed_notes"]
    sealed(kept.mediator, kept.file, "revenu avec la sauvegarde")
    with transaction() as session:
        assert backup.REPLAYS["sealed_notes"](session, listed[0], now=clock.now()) == 1
    assert db.session.scalar(select(SealedNote.id)) is None


def test_notes_end_by_rule_thirty_days_after_the_file(kept: Notes) -> None:
    ended = clock.now()
    with transaction() as session:
        session.execute(update(Mediation).values(state="closed", ended_at=ended))
    with transaction() as session:
        jobs.destroy_by_rule(session, {}, now=ended + KEPT_AFTER_END - timedelta(minutes=1))
    assert read(kept.mediator, kept.file) == [SAID]
    with transaction() as session:
        jobs.destroy_by_rule(session, {}, now=ended + KEPT_AFTER_END + timedelta(minutes=1))
    assert db.session.scalar(select(SealedNote.id)) is None
    assert db.session.scalar(select(FileKey.box)) is None


def test_signing_out_locks_the_notes(app: Flask, kept: Notes) -> None:
    client = sign_in(app.test_client(), kept.mediator)
    unlock(client)
    row = db.session.scalars(select(Unlocking)).one()
    with client.session_transaction() as session:
        assert row.sign_in == sign_ins.digest(session["_user_id"])
    send(client, "/sign-out")
    again = sign_in(client, kept.mediator)
    assert "15 minutes" not in again.get("/mediation/notes").text
