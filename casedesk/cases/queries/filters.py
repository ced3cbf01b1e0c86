"""What narrows a view of the queue: a frozen value, and the condition that it stands for."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select, true

from casedesk.accounts.actor import Actor
from casedesk.cases.models import Case, Cause
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
    sort: str = "clock"
    descending: bool = False


def condition(chosen: QueueFilter, actor: Actor, now: datetime) -> ColumnElement[bool]:
    """What `actor` sees of the view, narrowed by the filters."""
    parts = [visible(actor), VIEWS[chosen.view](actor, now), *_narrowings(chosen, actor, now)]
    return and_(*parts) if parts else true()


def _narrowings(chosen: QueueFilter, actor: Actor, now: datetime) -> list[ColumnElement[bool]]:
    wanted: list[tuple[object, ColumnElement[bool]]] = [
        (chosen.kinds, Case.kind.in_(chosen.kinds)),
        (chosen.statuses, Case.status.in_(chosen.statuses)),
        (chosen.owner, _owner(chosen.owner, actor)),
        (chosen.team_id, Case.team_id == chosen.team_id),
        (chosen.cause, _cause(chosen.cause)),
        (chosen.source, Case.source == chosen.source),
        (chosen.country, Customer.country == chosen.country),
        (chosen.amount_from is not None, Case.claimed_minor >= chosen.amount_from),
        (chosen.amount_to is not None, Case.claimed_minor <= chosen.amount_to),
        (chosen.opened_from, Case.opened_at >= chosen.opened_from),
        (chosen.opened_before, Case.opened_at < chosen.opened_before),
        (chosen.overdue, is_late(now)),
    ]
    return [part for given, part in wanted if given]


def _owner(owner: str, actor: Actor) -> ColumnElement[bool]:
    if owner == "nobody":
        return Case.owner_id.is_(None)
    return Case.owner_id == (actor.id if owner in ("", "me") else int(owner))


def _cause(code: str) -> ColumnElement[bool]:
    """Stated or established: who asks for a cause means either."""
    wanted = select(Cause.id).where(Cause.code == code).scalar_subquery()
    return or_(Case.stated_cause_id == wanted, Case.established_cause_id == wanted)
