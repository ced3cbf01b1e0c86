"""The calendars that verdicts read, kept by content: a replay in ten years reads these, not the package of its day."""

import json
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.kernel.calendar import Calendar, calendar_for
from casedesk.policy.reading import CalendarSource
from casedesk.rulebook.models import StoredCalendar
from casedesk.store.transaction import remembered

Named = tuple[str, str]
"""(name of the calendar with its marks, digest of its content), as a verdict lists it."""


_stored: set[tuple[str, str]] = set()
"""(database, digest) of calendars that another transaction has stored: content-addressed, and never taken away."""


def keep(session: Session, used: Iterable[Named], calendars: CalendarSource = calendar_for) -> None:
    """Store each calendar that is used for the first time."""
    where = str(session.get_bind().engine.url)
    wanted = {name: digest for name, digest in used if (where, digest) not in _stored}
    if not wanted:
        return
    known = set(
        session.scalars(select(StoredCalendar.digest).where(StoredCalendar.digest.in_(wanted.values())))
    )
    stored = remembered(session).setdefault("calendars", set())
    _stored.update((where, digest) for digest in known - stored)
    stored.update(wanted.values())
    for name, digest in wanted.items():
        if digest not in known:
            calendar = _by_name(name, calendars)
            session.add(StoredCalendar(digest=digest, name=name, content=json.loads(calendar.content())))
    session.flush()


def as_stored(session: Session, used: Iterable[Named]) -> CalendarSource:
    """A source that answers with the stored calendars, whatever the package says today."""
    rows = session.execute(
        select(StoredCalendar.name, StoredCalendar.content).where(
            StoredCalendar.digest.in_([digest for _, digest in used])
        )
    )
    stored = {row.name: Calendar.from_content(json.dumps(row.content)) for row in rows}

    def source(code: str, *, good_friday: bool = True, observed: bool = False) -> Calendar:
        today = calendar_for(code, good_friday=good_friday, observed=observed)
        return stored.get(today.code, today)

    return source


def _by_name(name: str, calendars: CalendarSource) -> Calendar:
    code, *marks = name.split("+")
    return calendars(code, good_friday="no-good-friday" not in marks, observed="observed" in marks)
