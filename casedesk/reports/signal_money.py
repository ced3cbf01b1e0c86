"""The desk's own rates of exchange, for the order of signals."""

from datetime import date, timedelta

from sqlalchemy import and_, func, select, update
from sqlalchemy.orm import Session

from casedesk.customers.models import Entity
from casedesk.reports.cube_models import FxRate
from casedesk.reports.signal_models import Signal
from casedesk.reports.worth import Worth

RATE_HOLDS = timedelta(days=40)
"""How long a rate stands for the days after it."""


def worth_on(session: Session, today: date) -> Worth:
    """The organisation's currency (that of its first business) and what others are worth in it. One statement."""
    first = select(func.min(Entity.id)).scalar_subquery()
    fresh = and_(FxRate.day <= today, FxRate.day >= today - RATE_HOLDS)
    rows = session.execute(
        select(Entity.currency, FxRate.currency, FxRate.rate_billionths)
        .outerjoin(FxRate, fresh)
        .where(Entity.id == first)
        .order_by(FxRate.day, FxRate.id)
    ).all()
    return Worth(rows[0][0] if rows else "", {of: rate / 1e9 for _home, of, rate in rows if of})


def weigh(session: Session, today: date) -> None:
    """Every signal weighs what it costs by today's rates: the order of the list, of Home and of the mails.

    Bookkeeping beside the signal: it moves no version, so nobody's open page is out of date by it.
    """
    worth = worth_on(session, today)
    for signal_id, amounts, weight in session.execute(
        select(Signal.id, Signal.excess_money, Signal.weight)
    ).all():
        value = worth.of(amounts)
        if value != weight:
            session.execute(
                update(Signal)
                .where(Signal.id == signal_id)
                .values(weight=value)
                .execution_options(synchronize_session=False)
            )
