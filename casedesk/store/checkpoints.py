"""Checkpoints: the worker's commitment, within a minute, to the heads of all chains.

A chain per case lets writers of different cases never wait for each other, but a case that vanished with its chain
would leave no trace. So every half minute the heads that moved since the checkpoint before become the leaves of a
Merkle root; the checkpoints form a chain of their own under the audit key. Each one therefore commits to every head
there ever was, and costs only what changed: a head that did not move is still under the checkpoint that saw it last.
"""

import hashlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.orm import Session

from casedesk.store.keyring import AuditKey, audit_key
from casedesk.store.models import Checkpoint, CheckpointHead, Head
from casedesk.store.record import ZERO, instant

AT_ONCE = 5_000
"""Heads under one checkpoint at most, so that an import of 100,000 cases holds no lock for long."""

_heads: Any = Head.__table__
_leaves: Any = CheckpointHead.__table__
_SEAL = (
    update(_heads)
    .where(_heads.c.subject_kind == bindparam("kind"), _heads.c.subject_id == bindparam("id_"))
    .values(sealed_seq=bindparam("to"))
)


def make(session: Session, _payload: object, *, now: datetime) -> datetime | None:
    """Write a checkpoint over the heads that moved; nothing where none did. Answers `now` where more are left."""
    key = audit_key()
    moved = session.execute(_moved()).all()
    if not moved:
        return None
    before = newest(session)
    leaves = sorted(_leaf(row) for row in moved)
    checkpoint = Checkpoint(
        n=before.n + 1 if before else 1,
        at=now,
        cases=(before.cases if before else 0) + sum(_is_new_case(row) for row in moved),
        entries=(before.entries if before else 0) + sum(row.seq - row.sealed_seq for row in moved),
        merkle_root=merkle_root(leaves),
        prev=before.mac if before else ZERO,
        key_id=key.key_id,
        mac="",
    )
    checkpoint.mac = digest_checkpoint(key, checkpoint)
    session.add(checkpoint)
    session.flush()
    session.execute(
        insert(_leaves),
        [{"n": checkpoint.n, **_key(row), "seq": row.seq, "digest": row.digest} for row in moved],
    )
    session.execute(
        _SEAL, [{"kind": row.subject_kind, "id_": row.subject_id, "to": row.seq} for row in moved]
    )
    return now + timedelta(seconds=1) if len(moved) == AT_ONCE else None


def newest(session: Session) -> Checkpoint | None:
    """The latest checkpoint: its `mac` is what a decision letter prints."""
    return session.scalars(select(Checkpoint).order_by(Checkpoint.n.desc()).limit(1)).one_or_none()


def unsealed(session: Session) -> int:
    """How many entries are not yet under a checkpoint."""
    return int(session.scalar(select(func.coalesce(func.sum(Head.seq - Head.sealed_seq), 0))) or 0)


def merkle_root(leaves: Iterable[bytes]) -> str:
    """The root over `leaves` in their order; a level's odd last node goes up as it is (RFC 6962 prefixes)."""
    level = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves]
    while len(level) > 1:
        pairs = [
            hashlib.sha256(b"\x01" + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=False)
        ]
        level = pairs + ([level[-1]] if len(level) % 2 else [])
    return level[0].hex() if level else ZERO


def leaf(subject_kind: str, subject_id: int, seq: int, digest: str) -> bytes:
    """One head as a leaf."""
    return f"{subject_kind}/{subject_id}/{seq}/{digest}".encode()


def digest_checkpoint(key: AuditKey, one: Any) -> str:
    """The keyed digest of a checkpoint on top of the one before it."""
    totals = f"{one.n}/{one.cases}/{one.entries}"
    return key.mac("checkpoint", totals, instant(one.at), one.merkle_root, one.prev)


def _moved() -> Any:
    # A head that is being written to is left to the next round: the worker waits for nobody.
    return (
        select(_heads.c.subject_kind, _heads.c.subject_id, _heads.c.seq, _heads.c.sealed_seq, _heads.c.digest)
        .where(_heads.c.seq > _heads.c.sealed_seq)
        .order_by(_heads.c.subject_kind, _heads.c.subject_id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )


def _leaf(row: Any) -> bytes:
    return leaf(row.subject_kind, row.subject_id, row.seq, row.digest)


def _key(row: Any) -> dict[str, Any]:
    return {"subject_kind": row.subject_kind, "subject_id": row.subject_id}


def _is_new_case(row: Any) -> bool:
    return bool(row.subject_kind == "case" and row.sealed_seq == 0)
