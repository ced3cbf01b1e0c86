"""What cases came from: active subscriptions and purchases per ISO week, source and product. Missing is missing.

Where exposure was imported, it alone counts, and weeks that it does not name are missing: a shop's subscriptions and
those that the desk happens to know are two measures, and a step from one to the other would look like a rise.
Otherwise it is counted from subscriptions and charges; a source and product has no row before its first subscription.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from casedesk.customers.models import Plan, Subscription
from casedesk.ledger.models import Charge
from casedesk.reports.findings import UNSTATED as UNSTATED
from casedesk.reports.signal_models import ExposureRow

EVERY = "*"
_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Exposed:
    """One week of one source and product. `week`: its Monday; a figure is None where it is unknown."""

    week: date
    source: str
    product: str
    active_subscriptions: int | None
    purchases: int | None


def monday(day: date) -> date:
    """The Monday of the ISO week that `day` lies in."""
    return day - timedelta(days=day.weekday())


def weekly(session: Session, *, zone: str, until: date) -> list[Exposed]:
    """Every week that began before `until` (excluded): as imported, or counted where nothing ever was imported."""
    rows = _counted(session, ZoneInfo(zone), until) if is_counted(session) else _imported(session, until)
    return sorted(rows, key=lambda row: (row.week, row.source, row.product))


def is_counted(session: Session) -> bool:
    """Does the desk count its own subscriptions and charges? Otherwise exposure was imported."""
    return session.scalar(select(ExposureRow.id).limit(1)) is None


def _imported(session: Session, until: date) -> list[Exposed]:
    rows = session.scalars(select(ExposureRow).where(ExposureRow.period < until)).all()
    return [
        Exposed(row.period, row.source, row.product, row.active_subscriptions, row.purchases) for row in rows
    ]


def _counted(session: Session, zone: ZoneInfo, until: date) -> list[Exposed]:
    """A subscription counts in each week of which it was active on a day; a purchase is a charge that was captured."""
    active: Counter[tuple[date, str, str]] = Counter()
    first: dict[tuple[str, str], date] = {}
    spans = session.execute(
        select(Subscription.source, Plan.code, Subscription.started_on, Subscription.ends_on, func.count())
        .join(Plan, Plan.id == Subscription.plan_id)
        .where(Subscription.started_on < until)
        .group_by(Subscription.source, Plan.code, Subscription.started_on, Subscription.ends_on)
    )
    change: Counter[tuple[date, str, str]] = Counter()
    for source, product, begins, ends, many in spans:
        source = source or UNSTATED
        first[source, product] = min(first.get((source, product), begins), begins)
        change[monday(begins), source, product] += many
        if ends is not None and ends < until:
            over = max(ends - timedelta(days=1), begins)
            change[monday(over) + _WEEK, source, product] -= many
    for (source, product), begins in first.items():
        running = 0
        for week in _weeks(monday(begins), until):
            running += change.get((week, source, product), 0)
            active[week, source, product] = running
    bought = _purchases(session, zone, until)
    keys = active.keys() | bought.keys()
    return [Exposed(*key, active.get(key), bought.get(key, 0)) for key in keys]


def _weeks(first: date, until: date) -> Iterator[date]:
    while first < until:
        yield first
        first += _WEEK


def _purchases(session: Session, zone: ZoneInfo, until: date) -> Counter[tuple[date, str, str]]:
    end = datetime.combine(until, time(), zone).astimezone(UTC)
    rows = session.execute(
        select(Charge.captured_at, Subscription.source, Plan.code)
        .outerjoin(Subscription, Subscription.id == Charge.subscription_id)
        .outerjoin(Plan, Plan.id == Subscription.plan_id)
        .where(Charge.captured_at < end)
    )
    return Counter(
        (monday(at.astimezone(zone).date()), source or UNSTATED, code or UNSTATED)
        for at, source, code in rows
    )


def store_rows(session: Session, rows: Iterable[Exposed], *, now: datetime) -> int:
    """Keep imported exposure; a row of the same period, source and product is replaced. How many were stored."""
    known = {(row.period, row.source, row.product): row for row in session.scalars(select(ExposureRow))}
    new = []
    stored = 0
    for row in rows:
        stored += 1
        old = known.get((row.week, row.source, row.product))
        if old is None:
            new.append(
                {
                    "period": row.week,
                    "source": row.source,
                    "product": row.product,
                    "active_subscriptions": row.active_subscriptions,
                    "purchases": row.purchases,
                    "imported_at": now,
                }
            )
        else:
            old.active_subscriptions, old.purchases = row.active_subscriptions, row.purchases
            old.imported_at = now
    if new:
        session.execute(insert(ExposureRow), new)
    session.flush()
    return stored
