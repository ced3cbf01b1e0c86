"""A case in a short list, in the reader's words: on Home, on a customer, in a search."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from casedesk.cases import words
from casedesk.cases.event_words import clock_name
from casedesk.cases.queries.home import CaseLine
from casedesk.cases.queries.tallies import MANY
from casedesk.cases.queries.views import SOON
from casedesk.web import locale
from casedesk.web.clockface import ClockFace, clock_face


@dataclass(frozen=True)
class LineFace:
    """A case in a short list."""

    url: str
    number: str
    name: str
    kind: str
    act: str
    unread: bool
    clock: ClockFace | None
    opened_at: datetime


@dataclass(frozen=True)
class ListFace:
    """A short list with its whole count, as words, and the view that has all of it (empty: this is all)."""

    lines: list[LineFace]
    count: str
    url: str = ""


def line_face(line: CaseLine, now: datetime) -> LineFace:
    """The line in the reader's language and zone."""
    kind = words.said(words.KIND, line.kind)
    if line.claimed_minor is not None:
        kind = f"{kind} {locale.money(line.claimed_minor, line.currency)}"
    return LineFace(
        f"/cases/{line.id}",
        line.number or str(line.id),
        line.name or _("Unknown customer"),
        kind,
        words.next_act(line.kind, line.status, line.stage, line.outcome),
        line.unread,
        _clock(line, now),
        line.opened_at,
    )


def list_face(lines: Iterable[CaseLine], now: datetime, url: str = "") -> ListFace:
    """The list; a link to all of it only where it shows less."""
    rows = list(lines)
    total = rows[0].total if rows else 0
    return ListFace([line_face(line, now) for line in rows], count_words(total), url)


def count_words(count: int) -> str:
    """``12``, ``1,000+``: nobody works from the exact figure beyond."""
    return str(count) if count <= MANY else "1\u202f000+" if locale.reader_locale() == "fr" else "1,000+"


def _clock(line: CaseLine, now: datetime) -> ClockFace | None:
    if line.next_due_at is None or line.next_clock is None:
        return None
    return clock_face(
        clock_name(line.next_clock),
        line.next_due_at,
        now,
        started_at=line.next_started_at,
        state="paused" if line.next_paused else None,
        risk_from=line.next_due_at - SOON,
    )
