"""What narrows a view of the queue: a frozen value, and the condition that it stands for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, true

from casedesk.accounts.actor import Actor
from casedesk.cases.models import Case, Cause
from casedesk.cases.queries import figured
from casedesk.cases.queries.sight import visible
from casedesk.cases.queries.views import VIEWS, is_late
from casedesk.customers.models import Customer


@dataclass(frozen=True)
class QueueFilter:
    """One view with its filters and order. Empty fields do not narrow; amounts are minor units."""

    view: str = "mine"
    kinds: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    owner: str = ""
    """me, nobody, or the id of a person."""
    team_id: int | None = None
    cause: str = ""
    source: str = ""
    country: str = ""
    amount_from: int | None = None
    amount_to: int | None = None
    opened_from: datetime | None = None
    opened_before: datetime | None = None
    overdue: bool = False
    figure: str = ""
    """The code of a figure of a report: its cases and no others."""
    sort: str = "clock"
    descending: bool = False


def condition(chosen: QueueFilter, actor: Actor, now: datetime) -> ColumnElement[bool]:
    """What `actor` sees of the view, narrowed by the filters."""
    parts = [visible(actor), VIEWS[chosen.view](actor, now), *_narrowings(chosen, actor, now)]
    return and_(*parts) if parts else true()


def _narrowings(chosen: QueueFilter, actor: Actor, now: datetime) -> list[ColumnElement[bool]]:
    parts: list[ColumnElement[bool]] = [
        make(value)
        for field, make in _BY_FIELD.items()
        if (value := getattr(chosen, field)) not in (None, "", ())
    ]
    if chosen.owner:
        parts.append(_owner(chosen.owner, actor))
    if chosen.overdue:
        parts.append(is_late(now))
    return parts


def _owner(owner: str, actor: Actor) -> ColumnElement[bool]:
    if owner == "nobody":
        return Case.owner_id.is_(None)
    return Case.owner_id == (actor.id if owner == "me" else int(owner))


def _cause(code: str) -> ColumnElement[bool]:
    """Stated or established: who asks for a cause means either."""
    wanted = select(Cause.id).where(Cause.code == code).scalar_subquery()
    return or_(Case.stated_cause_id == wanted, Case.established_cause_id == wanted)


_BY_FIELD: dict[str, Callable[[Any], ColumnElement[bool]]] = {
    "kinds": Case.kind.in_,
    "statuses": Case.status.in_,
    "team_id": lambda value: Case.team_id == value,
    "cause": _cause,
    "source": lambda value: Case.source == value,
    "country": lambda value: Customer.country == value,
    "amount_from": lambda value: Case.claimed_minor >= value,
    "amount_to": lambda value: Case.claimed_minor <= value,
    "opened_from": lambda value: Case.opened_at >= value,
    "opened_before": lambda value: Case.opened_at < value,
    "figure": figured.condition,
}
