"""What the pages of lower rooms show of signals: Home the new ones, a case the signal that it is one of many of."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.permits import Permission
from casedesk.reports import signal_items as items
from casedesk.reports import signal_queries as queries
from casedesk.web.slots import Panel

SHOWN = 4
LESSONS = 2


@dataclass(frozen=True)
class CaseSignal:
    id: int
    sentence: str


@dataclass(frozen=True)
class OfCase:
    """What is known of a case's cause: the open signals that it is one of many of, and what earlier ones taught."""

    signals: list[CaseSignal]
    lessons: list[queries.Taught]


@dataclass(frozen=True)
class HomeSignals:
    items: list[items.Item]
    new: int


def of_case(
    session: Session, actor: Actor, now: datetime, *, case_id: int, there: bool, **_context: Any
) -> OfCase | None:
    """The open signals that the case belongs to, in a sentence each, and the lessons of its cause; nothing without."""
    if not there:
        return None
    found = queries.signals_of_case(session, case_id, _zone())
    signals = [
        CaseSignal(signal.id, items.one_of_many(signal, {signal.cause: (en, fr)}, now.date()))
        for signal, en, fr in found
    ]
    lessons = queries.lessons_of_case(session, case_id, LESSONS)
    return OfCase(signals, lessons) if signals or lessons else None


def on_home(session: Session, actor: Actor, now: datetime, **_context: Any) -> HomeSignals | None:
    """The worst of the signals that nobody has looked at yet; nothing where all are known."""
    today = now.astimezone(ZoneInfo(_zone())).date()
    rows = queries.new_ones(session, today, SHOWN)
    if not rows:
        return None
    names = items.names_of([(one.cause, en, fr) for one, en, fr, _all in rows], today)
    return HomeSignals([items.item(one, None, names, today) for one, *_labels in rows], rows[0][3])


def _zone() -> str:
    return str(current_app.extensions["settings"].time_zone)


PANELS = {
    "case.right": [Panel(Permission.SEE_CASES, of_case, "signals/of_case.html", queries.case_is_of_one)],
    "home.main": [Panel(Permission.SEE_SIGNALS, on_home, "signals/on_home.html")],
}
