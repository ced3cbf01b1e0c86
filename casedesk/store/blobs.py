"""Bytes kept once, by content: on disk under the data directory, or in an S3-compatible store by setting.

The row of a blob is written in the deed's transaction, its bytes before: bytes without a row cost only space, a row
without bytes would be a lost document. Who refers to a blob is asked of the tables when it is released.
"""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import Column, exists, func, or_, select
from sqlalchemy.orm import Session

from casedesk.kernel.errors import NotFound
from casedesk.store import outbox
from casedesk.store.blobstores import BlobStore
from casedesk.store.db import Base
from casedesk.store.models import Blob


def put(session: Session, data: bytes, media_type: str, *, now: datetime) -> str:
    """Keep `data` and answer its digest (SHA-256, hex); the same bytes are kept once."""
    digest = hashlib.sha256(data).hexdigest()
    _hold(session, digest)
    if session.get(Blob, digest) is None:
        store().write(digest, data)
        session.add(Blob(digest=digest, size=len(data), media_type=media_type, stored_at=now))
        session.flush()
    return digest


def read(digest: str) -> bytes:
    """The bytes of `digest`. Raises NotFound where they are gone, or are not what was stored."""
    data = store().read(digest)
    if hashlib.sha256(data).hexdigest() != digest:
        raise NotFound("blob.damaged", digest=digest[:12])
    return data


def release(session: Session, digest: str, *, now: datetime) -> bool:
    """Let go of `digest` if nothing refers to it any more: the row goes now, the bytes after the commit."""
    session.flush()
    if is_referred_to(session, digest):
        return False
    blob = session.get(Blob, digest)
    if blob is None:
        return False
    session.delete(blob)
    session.flush()
    key = f"blob-{digest[:32]}-{now.timestamp():.6f}"
    outbox.put(session, "blob.delete", key=key, due_at=now, now=now, digest=digest)
    return True


def is_referred_to(session: Session, digest: str) -> bool:
    """Does any row of any room still name `digest`?"""
    named = [exists().where(column == digest) for column in referring_columns()]
    return bool(session.scalar(select(or_(*named))))


def referring_columns() -> Iterator[Column[Any]]:
    """Every column that names a blob: by foreign key, or marked ``info={"blob": True}``."""
    for table in Base.metadata.tables.values():
        for column in table.columns:
            if column.info.get("blob") or any(
                key.target_fullname == "blobs.digest" for key in column.foreign_keys
            ):
                yield column


def delete_bytes(session: Session, payload: dict[str, Any], *, now: datetime) -> None:
    """Delete the bytes of a released blob, unless they were stored again meanwhile.

    In the transaction that holds the digest, so that nobody stores the same bytes between the look and the deletion.
    """
    _hold(session, payload["digest"])
    if session.get(Blob, payload["digest"]) is None:
        store().delete(payload["digest"])


def store() -> BlobStore:
    """Where this installation keeps its bytes."""
    made: BlobStore = current_app.extensions["blobs"]
    return made


def _hold(session: Session, digest: str) -> None:
    """One at a time per digest; on SQLite the write transaction is that already."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(int(digest[:15], 16))))
