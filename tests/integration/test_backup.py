"""A desk that lost its database and gets it back, on either database, without what was erased meanwhile."""

import json
import secrets
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.engine import make_url

from casedesk import audit, backup, export
from casedesk.app import create_app, project_path
from casedesk.cases.models import Case, Cause
from casedesk.channels.models import OutgoingMail
from casedesk.config import Settings
from casedesk.customers.actions import erase
from casedesk.customers.models import Customer
from casedesk.ledger.models import ChargeBalance
from casedesk.mediation.models import Party
from casedesk.schema import metadata
from casedesk.store import blobs, clock, outbox, record
from casedesk.store.db import db
from casedesk.store.erasure import erase_texts
from casedesk.store.keyring import AuditKey, install
from casedesk.store.models import Entry, EntryText, OutboxRow
from casedesk.store.transaction import transaction
from casedesk.worker import collect, drain
from tests.case_builders import a_case, a_cause
from tests.conftest import POSTGRES
from tests.factories import a_person, actor_of, sign_in
from tests.integration import mediations
from tests.integration.house import charge, furnish

SCRIPTS = project_path("migrations")
PDF = b"%PDF-1.7 the contract"


@pytest.fixture
def desk(app: Flask) -> Flask:
    """A desk with a case and its record, money, a file, a cause merged into a later one, and work still to do."""
    house = furnish()
    with transaction() as session:
        charge(session, house)
    older, newer = a_cause("renewal_old"), a_cause("renewal")
    case = a_case(house.customer, house.entity, stated_cause_id=older.id)
    with transaction() as session:
        session.get_one(Cause, older.id).merged_into_id = newer.id
        for i in range(3):
            line = record.Line("exchange", {"channel": "mail", "n": i}, {"said": f"Où est ma réponse ? {i}"})
            record.append(session, ("case", case.id), line, actor=record.SYSTEM, now=clock.now())
        blobs.put(session, PDF, "application/pdf", now=clock.now())
    drain(app, collect())
    return app


@pytest.fixture
def lost(
    desk: Flask, settings: Settings, is_postgresql: bool, tmp_path: Path
) -> Iterator[Callable[..., Flask]]:
    """Call to lose the database and the files, and to get an empty place for them: the application on it."""
    opened: list[Flask] = []
    databases: list[str] = []

    def lose(*, postgresql: bool = is_postgresql) -> Flask:
        db.session.remove()
        for blob in (settings.data_dir / "blobs").rglob("*"):
            if blob.is_file():
                blob.unlink()
        if postgresql:
            name = f"casedesk_test_{secrets.token_hex(6)}"
            _admin(f"CREATE DATABASE {name}")
            databases.append(name)
            url = make_url(POSTGRES).set(database=name).render_as_string(hide_password=False)
        else:
            url = f"sqlite:///{tmp_path / 'new.sqlite3'}"
        fresh = create_app(replace(settings, database_url=url))
        opened.append(fresh)
        return fresh

    yield lose
    for fresh in opened:
        with fresh.app_context():
            db.session.remove()
            db.engine.dispose()
    for name in databases:
        _admin(f"DROP DATABASE {name} WITH (FORCE)")


def _admin(statement: str) -> None:
    engine = create_engine(POSTGRES, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _rows() -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table that a backup keeps."""
    db.session.remove()
    return {
        name: [tuple(row) for row in db.session.execute(select(table).order_by(*table.primary_key.columns))]
        for name, table in metadata().tables.items()
        if name not in backup.NOT_KEPT
    }


@contextmanager
def _inside(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield
        db.session.remove()


def test_a_desk_that_lost_everything_gets_it_back(
    desk: Flask, lost: Callable[..., Flask], tmp_path: Path
) -> None:
    before = _rows()
    done = backup.backup(tmp_path / "desk.zip", SCRIPTS, now=clock.now())
    assert (done.files, done.files_missing, done.rows) == (1, 0, sum(map(len, before.values())))
    with _inside(lost()):
        back = backup.restore(tmp_path / "desk.zip", SCRIPTS, now=clock.now())
        after = _rows()
        assert (back.rows, back.files, back.files_missing) == (done.rows, 1, 0)
        assert {name for name in before if before[name] != after[name]} == set()
        assert blobs.read(db.session.scalars(select(blobs.Blob.digest)).one()) == PDF
        assert audit.check(db.session(), lambda *_: None).faults == []


def test_a_restored_desk_goes_on_where_it_was(
    desk: Flask, lost: Callable[..., Flask], tmp_path: Path
) -> None:
    backup.backup(tmp_path / "desk.zip", SCRIPTS, now=clock.now())
    fresh = lost()
    with _inside(fresh):
        backup.restore(tmp_path / "desk.zip", SCRIPTS, now=clock.now())
        case = a_case()
        with transaction() as session:
            line = record.Line("note", {}, {"said": "back"})
            record.append(session, ("case", case.id), line, actor=record.SYSTEM, now=clock.now())
        drain(fresh, collect())
    with _inside(fresh):
        assert audit.check(db.session(), lambda *_: None).faults == []
        assert sign_in(fresh.test_client(), a_person("manager")).get("/").status_code == 200


@pytest.mark.postgresql
def test_a_backup_of_one_database_comes_back_on_the_other(
    desk: Flask, lost: Callable[..., Flask], is_postgresql: bool, tmp_path: Path
) -> None:
    before = _rows()
    backup.backup(tmp_path / "desk.zip", SCRIPTS, now=clock.now())
    with _inside(lost(postgresql=not is_postgresql)):
        backup.restore(tmp_path / "desk.zip", SCRIPTS, now=clock.now())
        assert {name for name, rows in _rows().items() if before[name] != rows} == set()
        assert audit.check(db.session(), lambda *_: None).faults == []


def test_what_was_erased_after_the_backup_does_not_come_back(
    desk: Flask, lost: Callable[..., Flask], tmp_path: Path
) -> None:
    backup.backup(tmp_path / "desk.zip", SCRIPTS, now=clock.now())
    with transaction() as session:
        ids = session.scalars(select(Entry.id).where(Entry.kind == "exchange").order_by(Entry.id)).all()
        erase_texts(session, ids[:2], actor=record.SYSTEM, now=clock.now(), reason="customer_asked")
    drain(desk, collect())
    with _inside(lost()):
        back = backup.restore(tmp_path / "desk.zip", SCRIPTS, now=clock.now())
        assert back.erased_again == 2
        assert db.session.scalars(select(EntryText.entry_id)).all() == [ids[2]]
        assert audit.check(db.session(), lambda *_: None).faults == []


def test_a_customer_erased_after_the_backup_does_not_come_back(
    desk: Flask, lost: Callable[..., Flask], tmp_path: Path
) -> None:
    customer_id = db.session.scalars(select(Customer.id)).one()
    administrator = actor_of(a_person("administrator"))
    backup.backup(tmp_path / "desk.zip", SCRIPTS, now=clock.now())
    with transaction() as session:
        erase(session, customer_id, actor=administrator, now=clock.now())
    drain(desk, collect())
    fresh = lost()
    with _inside(fresh):
        assert backup.restore(tmp_path / "desk.zip", SCRIPTS, now=clock.now()).erased_again >= 1
        drain(fresh, collect())
    with _inside(fresh):
        again = db.session.scalars(select(Customer)).one()
        assert (again.name, again.erased_at is not None) == ("", True)
        assert db.session.scalars(select(EntryText.entry_id)).all() == []
        assert audit.check(db.session(), lambda *_: None).faults == []


def test_a_mediation_of_a_customer_erased_after_the_backup_does_not_come_back(
    desk: Flask, lost: Callable[..., Flask], tmp_path: Path
) -> None:
    play = mediations.a_play(desk).in_exchange()
    backup.backup(tmp_path / "desk.zip", SCRIPTS, now=clock.now())
    with transaction() as session:
        erase(session, play.house.customer.id, actor=actor_of(play.administrator), now=clock.now())
    drain(desk, collect())
    fresh = lost()
    with _inside(fresh):
        backup.restore(tmp_path / "desk.zip", SCRIPTS, now=clock.now())
        drain(fresh, collect())
    with _inside(fresh):
        assert play.words() == ""
        assert db.session.scalars(select(Party.name).where(Party.side == "customer")).all() == [""]
        mails = select(OutgoingMail.recipient).where(OutgoingMail.subject_kind == "mediation")
        assert set(db.session.scalars(mails)) == {""}
        assert audit.check(db.session(), lambda *_: None).faults == []


def test_what_was_still_to_be_sent_is_sent_and_said_uncertain(
    desk: Flask, lost: Callable[..., Flask], tmp_path: Path
) -> None:
    now = clock.now()
    with transaction() as session:
        outbox.put(session, "mail.send", key="mail-1", due_at=now, now=now, mail_id=1)
    backup.backup(tmp_path / "desk.zip", SCRIPTS, now=now)
    with _inside(lost()):
        backup.restore(tmp_path / "desk.zip", SCRIPTS, now=now)
        row = db.session.scalars(select(OutboxRow).where(OutboxRow.key == "mail-1")).one()
        assert (row.state, row.uncertain) == ("ready", True)
        assert not any(db.session.scalars(select(OutboxRow.uncertain).where(OutboxRow.key.like("every/%"))))


def test_a_restored_desk_keeps_its_guards(desk: Flask, lost: Callable[..., Flask], tmp_path: Path) -> None:
    backup.backup(tmp_path / "desk.zip", SCRIPTS, now=clock.now())
    with _inside(lost()):
        backup.restore(tmp_path / "desk.zip", SCRIPTS, now=clock.now())
        for sql in ("DELETE FROM entries", "UPDATE charges SET amount_minor = 1", "DELETE FROM entry_texts"):
            with pytest.raises(Exception, match="append-only"):
                db.session.execute(text(sql))
            db.session.rollback()
        assert db.session.scalar(select(func.count()).select_from(ChargeBalance)) == 1


def test_a_desk_in_use_is_never_overwritten(desk: Flask, tmp_path: Path) -> None:
    backup.backup(tmp_path / "desk.zip", SCRIPTS, now=clock.now())
    cases = db.session.scalar(select(func.count()).select_from(Case))
    with pytest.raises(backup.RestoreError, match="not empty"):
        backup.restore(tmp_path / "desk.zip", SCRIPTS, now=clock.now())
    assert db.session.scalar(select(func.count()).select_from(Case)) == cases


def test_a_backup_under_another_key_is_refused(
    desk: Flask, lost: Callable[..., Flask], tmp_path: Path
) -> None:
    backup.backup(tmp_path / "desk.zip", SCRIPTS, now=clock.now())
    with _inside(lost()):
        install(AuditKey.from_text("another key of thirty-two letters"))
        with pytest.raises(backup.RestoreError, match="AUDIT_KEY"):
            backup.restore(tmp_path / "desk.zip", SCRIPTS, now=clock.now())


def test_a_damaged_or_foreign_file_is_refused(
    desk: Flask, lost: Callable[..., Flask], tmp_path: Path
) -> None:
    file = tmp_path / "desk.zip"
    backup.backup(file, SCRIPTS, now=clock.now())
    whole = file.read_bytes()
    foreign = tmp_path / "foreign.zip"
    with zipfile.ZipFile(foreign, "w") as archive:
        archive.writestr("readme.txt", "hello")
    at = whole.index(b"tables/entries.jsonl") + 100
    damaged = {
        "cut": whole[: len(whole) // 2],
        "empty": b"",
        "flipped": whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :],
        "foreign": foreign.read_bytes(),
    }
    with _inside(lost()):
        for what, data in damaged.items():
            file.write_bytes(data)
            with pytest.raises(backup.RestoreError, match=r"damaged|not a backup"):
                backup.restore(file, SCRIPTS, now=clock.now())
            assert what


def test_signed_in_people_sign_in_again_after_a_restore(
    desk: Flask, lost: Callable[..., Flask], tmp_path: Path
) -> None:
    sign_in(desk.test_client(), a_person("agent"))
    backup.backup(tmp_path / "desk.zip", SCRIPTS, now=clock.now())
    with zipfile.ZipFile(tmp_path / "desk.zip") as archive:
        assert "tables/people.jsonl" in archive.namelist()
        assert "tables/sign_ins.jsonl" not in archive.namelist()


@pytest.mark.parametrize("target", ["out", "out.zip"])
def test_the_business_data_can_be_taken_elsewhere(desk: Flask, tmp_path: Path, target: str) -> None:
    a_person("agent", password="correct horse battery")
    counts = export.export(db.session(), tmp_path / target, now=clock.now())
    if target.endswith(".zip"):
        with zipfile.ZipFile(tmp_path / target) as archive:
            files = {name: archive.read(name).decode() for name in archive.namelist()}
    else:
        files = {path.name: path.read_text(encoding="utf-8") for path in (tmp_path / target).iterdir()}
    assert {name: len(files[f"{name}.jsonl"].splitlines()) for name in counts} == counts
    assert counts["entries"] == 3
    assert "Où est ma réponse ? 0" in files["entry_texts.jsonl"]
    customer = json.loads(files["customers.jsonl"].splitlines()[0])
    assert customer["name"] == db.session.scalars(select(Customer.name)).first()
    assert "$argon2" not in "".join(files.values())
    assert not export.TECHNICAL & counts.keys()
