"""The packs in force, parsed once a process. The database judges: shipped files enter it as published rows."""

import threading
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casedesk.policy.pack import Pack, parse, shipped
from casedesk.rulebook.models import PackVersion

_lock = threading.Lock()
_parsed: dict[str, Pack] = {}
_listed: dict[tuple[str, int], tuple[Pack, ...]] = {}


def publish_shipped(session: Session, *, now: datetime) -> int:
    """Enter the packs of this release that the database does not have yet; how many were new.

    A published row is never changed: another text under a version that exists is refused by its key.
    """
    known = set(session.scalars(select(PackVersion.digest)))
    new = [pack for pack in shipped() if pack.digest not in known]
    for pack in new:
        session.add(
            PackVersion(
                pack=pack.name,
                version=pack.version,
                valid_from=pack.effective_from or date.min,
                valid_to=pack.effective_to,
                toml=pack.text,
                digest=pack.digest,
                origin="shipped",
                published_at=now,
            )
        )
    session.flush()
    return len(new)


def published(session: Session) -> tuple[Pack, ...]:
    """Every published pack version, parsed. One small statement a call; the texts are read when they are new."""
    count, newest = session.execute(select(func.count(), func.max(PackVersion.id))).one()
    key = (str(session.get_bind().engine.url), newest or 0)
    if key not in _listed:
        rows = session.execute(select(PackVersion.digest, PackVersion.toml).order_by(PackVersion.id)).all()
        with _lock:
            for row in rows:
                if row.digest not in _parsed:
                    _parsed[row.digest] = parse(row.toml)
            _listed[key] = tuple(_parsed[row.digest] for row in rows)
    del count
    return _listed[key]


def by_digest(session: Session, digests: list[str]) -> tuple[Pack, ...]:
    """The packs of a stored judgement. Raises KeyError for one that the database does not have."""
    published(session)
    return tuple(_parsed[digest] for digest in digests)
