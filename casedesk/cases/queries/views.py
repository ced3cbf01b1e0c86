"""The views of the queue: which cases each shows, as conditions that the indexes of `cases` answer."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, literal_column, true

from casedesk.accounts.actor import Actor
from casedesk.accounts.permits import Permission
from casedesk.cases.models import Case

SOON = timedelta(hours=7)
"""A clock with less than this left is at risk: it has to be kept in this working day."""

# Literals, not parameters: the partial index on open cases is only used where the statement repeats its text.
LIVE: ColumnElement[bool] = Case.status != literal_column("'closed'")
CLOSED: ColumnElement[bool] = Case.status == literal_column("'closed'")

Condition = Callable[[Actor, datetime], ColumnElement[bool]]


def is_late(now: datetime) -> ColumnElement[bool]:
    """Past the due instant of its next clock, and the clock runs."""
    return and_(LIVE, Case.next_due_at <= now, Case.next_paused.is_(False))


VIEWS: dict[str, Condition] = {
    "mine": lambda actor, now: and_(Case.owner_id == actor.id, LIVE),
    "team": lambda actor, now: and_(Case.team_id == actor.team_id, LIVE),
    "unassigned": lambda actor, now: and_(Case.owner_id.is_(None), LIVE),
    "late": lambda actor, now: is_late(now),
    "approve": lambda actor, now: Case.status == literal_column("'waiting-approval'"),
    "pay": lambda actor, now: Case.status == literal_column("'decided'"),
    "closed": lambda actor, now: CLOSED,
    "open": lambda actor, now: LIVE,
    "all": lambda actor, now: true(),
}

NEWEST_FIRST = ("closed", "all")
"""Views without a next clock to go by: they start with what was opened last."""


def views_of(actor: Actor) -> list[str]:
    """The views that mean something to `actor`, in the order of the tabs."""
    hidden = set()
    if actor.team_id is None:
        hidden.add("team")
    if not actor.may(Permission.APPROVE):
        hidden.add("approve")
    return [code for code in VIEWS if code not in hidden]
