"""The packs in force, parsed once a process. The database judges: shipped files enter it as published rows."""

import threading
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casedesk.kernel.errors import Conflict
from casedesk.policy.pack import Pack, Packs, load, shipped
from casedesk.rulebook.models import PackVersion

_lock = threading.Lock()
_parsed: dict[str, Pack] = {}
_listed: dict[tuple[str, int], Packs] = {}
_drafted: dict[str, Pack] = {}
_MOST_DRAFTED = 32
"""Texts of drafts that stay parsed: a draft changes often, and only its last states are looked at."""


def publish_shipped(session: Session, *, now: datetime) -> int:
    """Enter the packs of this release that the database does not have yet; how many were new.

    A published row is never changed. Raises Conflict where the release has another text under a version that
    the database holds: judgements rest on that one.
    """
    known = {
        (r.pack, r.version): r.digest
        for r in session.execute(select(PackVersion.pack, PackVersion.version, PackVersion.digest))
    }
    new = [pack for pack in shipped().packs if known.get((pack.id, pack.version)) != pack.digest]
    for pack in new:
        if (pack.id, pack.version) in known:
            raise Conflict("rulebook.pack_changed", pack=pack.id, version=pack.version)
        session.add(
            PackVersion(
                pack=pack.id,
                version=pack.version,
                valid_from=date.fromisoformat(pack.version[:10]),
                toml=pack.toml,
                digest=pack.digest,
                origin="shipped",
                published_at=now,
            )
        )
    session.flush()
    return len(new)


def published(session: Session, until: int | None = None) -> Packs:
    """Every published pack version (up to row `until`), parsed. One small statement a call; texts are read once."""
    until = newest(session) if until is None else until
    key = (str(session.get_bind().engine.url), until)
    if key not in _listed:
        rows = session.execute(
            select(PackVersion.digest, PackVersion.toml, PackVersion.pack)
            .where(PackVersion.id <= until)
            .order_by(PackVersion.id)
        ).all()
        with _lock:
            for row in rows:
                if row.digest not in _parsed:
                    _parsed[row.digest] = load(row.toml, row.pack)
            _listed[key] = Packs(_parsed[row.digest] for row in rows)
    return _listed[key]


def readable(text: str, name: str) -> Pack:
    """The pack that a text writes, read once a process. Raises PackError."""
    key = f"{name}/{text}"
    if key not in _drafted:
        if len(_drafted) >= _MOST_DRAFTED:
            _drafted.clear()
        _drafted[key] = load(text, name)
    return _drafted[key]


def newest(session: Session) -> int:
    """The id of the newest published version; 0 where none is."""
    return session.scalar(_NEWEST) or 0


_NEWEST = select(func.max(PackVersion.id))
