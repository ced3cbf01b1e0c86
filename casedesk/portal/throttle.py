"""How often a link may act and an origin may miss: counted in the table that sign-ins are counted in."""

import hashlib
import logging
from datetime import datetime

from sqlalchemy import case, literal
from sqlalchemy.dialects import postgresql, sqlite

from casedesk.accounts.models import Attempts
from casedesk.kernel.errors import Conflict, Unavailable
from casedesk.portal.rules import WINDOW
from casedesk.store.transaction import notes

log = logging.getLogger("casedesk")


def is_too_many(kind: str, who: str, limit: int, now: datetime) -> bool:
    """Count one of `kind` by `who`; is that more than `limit` in a quarter of an hour?"""
    try:
        return _counted(f"{kind}:{hashlib.sha256(who.encode()).hexdigest()}", now) > limit
    except (Conflict, Unavailable) as busy:
        # A page is not refused for a count that could not be kept.
        log.info("%s not counted: %s", kind, busy.code)
        return False


def _counted(key: str, now: datetime) -> int:
    with notes() as session:
        insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
        over = Attempts.since < now - WINDOW
        counted = session.execute(
            insert(Attempts)
            .values(key=key, count=1, since=now)
            .on_conflict_do_update(
                index_elements=[Attempts.key],
                set_={
                    "count": case((over, 1), else_=Attempts.count + 1),
                    "since": case((over, literal(now, Attempts.since.type)), else_=Attempts.since),
                },
            )
            .returning(Attempts.count)
        ).scalar_one()
    return int(counted)
