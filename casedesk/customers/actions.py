"""The verbs of the room: customers, contracts, what they were told."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.customers.models import Entity, Period, Subscription
from casedesk.kernel.errors import NotFound
from casedesk.store import record
from casedesk.store.record import Line


def end_subscription(
    session: Session, subscription_id: int, *, ends_on: date | None, at_period_end: bool, actor: Actor, now: datetime
) -> date:
    """End the contract on `ends_on`, else with its paid period or today; the first day without access. Recorded."""
    subscription = session.get(Subscription, subscription_id, with_for_update=True)
    if subscription is None:
        raise NotFound("not_found")
    entity = session.get_one(Entity, subscription.entity_id)
    today = now.astimezone(ZoneInfo(entity.time_zone)).date()
    last = ends_on or (_period_end(session, subscription_id) if at_period_end else None) or today
    subscription.ends_on = last
    subscription.state = "ended" if last <= today else "cancelled"
    line = Line("event.subscription_ended", {"ends_on": last.isoformat(), "at_period_end": at_period_end})
    record.append(session, ("subscription", subscription_id), line, actor=actor.ref, now=now)
    session.flush()
    return last


def _period_end(session: Session, subscription_id: int) -> date | None:
    return session.scalar(select(func.max(Period.ends_on)).where(Period.subscription_id == subscription_id))
