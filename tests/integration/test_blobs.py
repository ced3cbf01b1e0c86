"""Bytes by content: kept once, whole or not at all, gone when the last one lets go; on disk and in S3."""

import io
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from casedesk.channels.models import OutgoingMail
from casedesk.config import Settings
from casedesk.kernel.errors import InvalidInput, NotFound, Unavailable
from casedesk.store import blobs, blobstores, clock, uploads
from casedesk.store.db import db
from casedesk.store.models import Blob
from casedesk.store.running import run_batch
from casedesk.store.transaction import transaction
from casedesk.worker import collect

PNG = b"\x89PNG\r\n\x1a\n" + bytes.fromhex("0000000d49484452000000010000000108060000001f15c489")


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The address of a real S3 server in this process."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(params=["disk", "s3"])
def stored(request: pytest.FixtureRequest, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The application with its bytes on disk or in S3."""
    if request.param == "s3":
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.setenv(name, "test")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        import boto3

        address = request.getfixturevalue("s3")
        boto3.client("s3", endpoint_url=address).create_bucket(Bucket="desk")
        app.extensions["blobs"] = blobstores.S3Store("desk", address)
    return app


def _put(data: bytes) -> str:
    with transaction() as session:
        return blobs.put(session, data, "image/png", now=clock.now())


def _mail(digest: str) -> OutgoingMail:
    return OutgoingMail(
        subject_kind="case",
        subject_id=1,
        message_id="<m@desk>",
        sender="desk@example.org",
        recipient="c@example.org",
        title="t",
        text="x",
        attachment_digest=digest,
        created_at=clock.now(),
    )


def test_the_same_bytes_are_kept_once_and_come_back_as_they_were(stored: Flask) -> None:
    assert _put(PNG) == _put(PNG)
    assert blobs.read(_put(PNG)) == PNG
    assert db.session.scalar(select(func.count()).select_from(Blob)) == 1


def test_a_blob_goes_when_the_last_reference_does(stored: Flask) -> None:
    digest = _put(PNG)
    with transaction() as session:
        mail = _mail(digest)
        session.add(mail)
        assert not blobs.release(session, digest, now=clock.now())
    assert blobs.read(digest) == PNG
    with transaction() as session:
        session.delete(session.get(OutgoingMail, mail.id))
        assert blobs.release(session, digest, now=clock.now())
    run_batch(collect())
    with pytest.raises(NotFound):
        blobs.read(digest)


def test_bytes_stored_again_before_the_deletion_stay(stored: Flask) -> None:
    digest = _put(PNG)
    with transaction() as session:
        blobs.release(session, digest, now=clock.now())
    _put(PNG)
    run_batch(collect())
    assert blobs.read(digest) == PNG


def test_a_refused_deed_leaves_no_row(stored: Flask) -> None:
    def refused() -> None:
        with transaction() as session:
            blobs.put(session, PNG, "image/png", now=clock.now())
            raise ValueError("refused")

    with pytest.raises(ValueError, match="refused"):
        refused()
    assert db.session.scalar(select(func.count()).select_from(Blob)) == 0


def test_a_file_changed_on_disk_is_not_served(app: Flask, settings: Settings) -> None:
    digest = _put(PNG)
    (settings.data_dir / "blobs" / digest[:2] / digest).write_bytes(b"something else")
    with pytest.raises(NotFound, match="damaged"):
        blobs.read(digest)


@pytest.mark.parametrize("digest", ["../../etc/passwd", "", "A" * 64, "0" * 63 + "/"])
def test_a_digest_that_is_none_names_no_file(app: Flask, digest: str) -> None:
    with pytest.raises(NotFound):
        blobs.read(digest)


def test_an_s3_store_out_of_reach_says_so(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    app.extensions["blobs"] = blobstores.S3Store("desk", "http://127.0.0.1:9")
    with pytest.raises(Unavailable):
        _put(PNG)


def test_writers_of_the_same_bytes_do_not_disturb_each_other(app: Flask) -> None:
    failures = []

    def store() -> None:
        try:
            with app.app_context():
                _put(PNG * 1000)
                db.session.remove()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=store) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert blobs.read(_put(PNG * 1000)) == PNG * 1000


def test_the_store_is_chosen_by_setting(settings: Settings) -> None:
    assert isinstance(blobstores.from_settings(settings), blobstores.DiskStore)
    chosen = blobstores.from_settings(replace(settings, blob_store="s3", s3_bucket="desk"))
    assert isinstance(chosen, blobstores.S3Store)


def _archive(*members: str) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for member in members:
            archive.writestr(member, "x")
    return data.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "media_type", "kept_as"),
    [
        (b"%PDF-1.7 x", "contract.txt", "application/pdf", "contract.pdf"),
        (PNG, "proof.exe", "image/png", "proof.exe.png"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(50), "photo.jpeg", "image/jpeg", "photo.jpeg"),
        ("Réponse".encode("cp1252"), "lettre.txt", "text/plain", "lettre.txt"),
        (b"a;b\n1;2", "rows.csv", "text/csv", "rows.csv"),
        (_archive("word/document.xml"), "a.docx", next(k for k in uploads.ALLOWED if "word" in k), "a.docx"),
    ],
)
def test_what_a_file_is_comes_from_its_bytes(data: bytes, name: str, media_type: str, kept_as: str) -> None:
    upload = uploads.check(data, name, limit_mb=1)
    assert (upload.media_type, upload.name) == (media_type, kept_as)


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"<html><script>alert(1)</script>", "invoice.pdf"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'>", "logo.png"),
        (b"MZ\x90\x00" + bytes(200), "photo.jpg"),
        (_archive("word/document.xml", "word/vbaProject.bin"), "letter.docx"),
        (_archive("setup.exe"), "letter.docx"),
        (b"PK\x03\x04 broken", "letter.docx"),
        (b"#!/bin/sh\nrm", "notes.txt"),
        (bytes(300), "notes.txt"),
        (b"", "empty.pdf"),
        (b"%PDF-1.7" + bytes(2**20), "large.pdf"),
    ],
)
def test_a_file_that_could_do_harm_is_refused(data: bytes, name: str) -> None:
    with pytest.raises(InvalidInput, match=r"upload\."):
        uploads.check(data, name, limit_mb=1)


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\facture n° 3.pdf", "facture n° 3.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie x.pdf"),
        ("exe.\u202efdp", "exe.fdp"),
        ("con.txt", "attachment-con.txt"),
        ("...", "attachment"),
        ("", "attachment"),
    ],
)
def test_a_name_does_no_harm(given_name: str, kept: str) -> None:
    assert uploads.safe_name(given_name) == kept


@given(st.text(max_size=400))
def test_any_name_becomes_a_short_one_without_path_or_control(name: str) -> None:
    safe = uploads.safe_name(name)
    assert 0 < len(safe) <= 140
    assert "/" not in safe
    assert "\\" not in safe
    assert safe.isprintable()
    assert safe not in (".", "..")
    assert Path(safe).name == safe
