"""Rows of the queue ready to print: every word looked up once a page, no macro and no query a row."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from casedesk.accounts.actor import Actor
from casedesk.cases import words
from casedesk.cases.event_words import clock_name
from casedesk.cases.queries.queue import QueuePage
from casedesk.cases.queries.tallies import Bounds, Tally
from casedesk.cases.queries.views import SOON
from casedesk.web import locale
from casedesk.web.clockface import ClockFace, clock_face


@dataclass(frozen=True)
class RowFace:
    """One row as text."""

    url: str
    number: str
    short: str
    customer: str
    kind: str
    cause: str
    verdict_state: str
    verdict: str
    asked: str
    act: str
    act_quiet: bool
    owner: str
    initials: str
    is_me: bool
    contact: str
    contact_title: str
    channel: str
    inbound: bool
    unread: bool
    clock: ClockFace | None
    group: str


@dataclass(frozen=True)
class GroupFace:
    """Rows under one heading; an empty label for a list that is not ordered by clock."""

    label: str
    count: int | None
    state: str
    rows: list[RowFace]


class Rows:
    """Prints rows for one reader at one moment."""

    def __init__(
        self, actor: Actor, bounds: Bounds, people: Mapping[int, Any], causes: Mapping[int, str]
    ) -> None:
        self.actor = actor
        self.bounds = bounds
        self.people = people
        self.causes = causes
        self.kinds = words.spoken(words.KIND)
        self.channels = words.spoken(words.CHANNEL)
        self.clocks: dict[str, str] = {}
        self.today = locale.local(bounds.now).date()

    def faces(self, rows: Iterable[Any]) -> list[RowFace]:
        return [self._face(row) for row in rows]

    def _face(self, row: Any) -> RowFace:
        owner = self.people.get(row.owner_id) if row.owner_id else None
        state, verdict = words.verdict_words(
            row.verdict_outcome, row.verdict_minor, row.verdict_missing, row.currency, row.kind
        )
        contact, title = self._contact(row.last_contact_at)
        cause_id = row.established_cause_id or row.stated_cause_id
        return RowFace(
            url=f"/cases/{row.id}",
            number=row.number or str(row.id),
            short=(row.number or str(row.id)).split("-", 2)[-1],
            customer=row.customer or row.claimed_name or _("Unknown customer"),
            kind=self.kinds[row.kind],
            cause=self.causes.get(cause_id, "") if cause_id else "",
            verdict_state=state,
            verdict=verdict,
            asked=locale.amount(row.claimed_minor, row.currency),
            act=words.next_act(row.kind, row.status, row.stage, row.outcome),
            act_quiet=row.status in ("waiting-customer", "closed"),
            owner=owner.name if owner else "",
            initials=owner.initials if owner else "",
            is_me=row.owner_id == self.actor.id,
            contact=contact,
            contact_title=title,
            channel=self.channels.get(row.last_contact_channel or "", ""),
            inbound=row.last_contact_inbound,
            unread=row.unread,
            clock=self._clock(row),
            group=self._group(row.next_due_at),
        )

    def _clock(self, row: Any) -> ClockFace | None:
        if row.next_clock is None or row.next_due_at is None:
            return None
        name = self.clocks.get(row.next_clock)
        if name is None:
            name = self.clocks[row.next_clock] = clock_name(row.next_clock)
        return clock_face(
            name,
            row.next_due_at,
            self.bounds.now,
            started_at=row.next_started_at,
            state="paused" if row.next_paused else None,
            risk_from=row.next_due_at - SOON,
        )

    def _contact(self, at: datetime | None) -> tuple[str, str]:
        """The hour today, the weekday within six days, else the date; and the exact moment."""
        if at is None:
            return "", ""
        day = locale.local(at).date()
        if day == self.today:
            text = locale.hour(at)
        elif self.today - day < timedelta(days=6):
            text = locale.weekday_short(at)
        else:
            text = locale.day_short(at) if day.year == self.today.year else locale.day_year(at)
        return text, locale.moment(at)

    def _group(self, due: datetime | None) -> str:
        if due is None:
            return "none"
        if due <= self.bounds.now:
            return "late"
        if due < self.bounds.midnight:
            return "today"
        return "week" if due < self.bounds.week_end else "later"


def grouped(page: QueuePage, rows: list[RowFace], tally: Tally, by_clock: bool) -> list[GroupFace]:
    """The rows under Late, Today, This week, Later where the list goes by clock; else one group without a name."""
    if not by_clock:
        return [GroupFace("", None, "", rows)] if rows else []
    # A held clock keeps the instant it had, so such a case stands among the late ones without being late.
    late = _("Late") if tally.past == tally.late else _("Late or held")
    heads = {
        "late": (late, tally.past, "late"),
        "today": (_("Today"), tally.today, ""),
        "week": (_("This week"), tally.week, ""),
        "later": (_("Later"), tally.later, ""),
        "none": (_("No clock"), None, ""),
    }
    groups: list[GroupFace] = []
    last = None
    for row in rows:
        if row.group != last:
            label, count, state = heads[row.group]
            groups.append(GroupFace(label, count if tally.is_whole else None, state, []))
            last = row.group
        groups[-1].rows.append(row)
    return groups
