"""The database as the scan reads it: cases, exposure, clocks of each case. Worker only (numpy)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casedesk.cases.models import Case, Cause
from casedesk.customers.models import Plan, Subscription
from casedesk.detection.timing import BILLING_DAY, HOUR
from casedesk.ledger.models import Charge
from casedesk.reports import exposure as exposures
from casedesk.reports.findings import UNSTATED
from casedesk.reports.signal_delay import LAGS
from casedesk.reports.signal_files import (
    UNKNOWN_AGE,
    Cases,
    Codes,
    Exposure,
    day_number,
    local_days,
    local_hours,
)

Ints = NDArray[np.int64]
_DAY = 86_400


@dataclass(frozen=True)
class Read:
    """What was read: cases, with the hour of the organisation's clock and the days since their billing day, and exposure."""

    cases: Cases
    exposure: Exposure | None


def read(session: Session, *, zone: str, as_of: date) -> Read | None:
    """Cases opened before `as_of` began in `zone`, merged ones left out; None where there is none."""
    rows = session.execute(_cases(zone, as_of)).all()
    if not rows:
        return None
    cause, source, product, currency = Codes(), Codes(), Codes(), Codes()
    opened = _seconds([row.opened_at for row in rows])
    bought = _seconds([row.captured_at or row.concluded_at for row in rows])
    day = local_days(opened, zone)
    purchase = local_days(np.where(bought > 0, bought, 0), zone)
    known = (bought > 0) & (purchase <= day)
    of_day = local_hours(opened, zone)
    billing_day = np.array([row.billing_day or 0 for row in rows], dtype=np.int64)
    clocks = {
        HOUR.name: np.where(opened % _DAY == 0, -1, of_day),  # midnight sharp is a day without its hour
        BILLING_DAY.name: np.where(billing_day > 0, _since_billing(day, billing_day), -1),
    }
    cases = Cases(
        cause=np.array([cause(row.code or UNSTATED) for row in rows], dtype=np.int64),
        source=np.array([source(row.source or UNSTATED) for row in rows], dtype=np.int64),
        product=np.array([product(row.product or UNSTATED) for row in rows], dtype=np.int64),
        currency=np.array([currency(row.currency) for row in rows], dtype=np.int64),
        causes=cause.names,
        sources=source.names,
        products=product.names,
        currencies=currency.names,
        opened=opened,
        day=day,
        age=np.where(known, day - purchase, UNKNOWN_AGE),
        minor=np.array([row.claimed_minor or 0 for row in rows], dtype=np.int64),
        clocks=clocks,
        delay=_since_charge(rows, day, zone),
    )
    return Read(cases, _exposure(session, zone, as_of, first=int(day.min())))


def _since_charge(rows: Sequence[Any], day: Ints, zone: str) -> Ints:
    """Days since the charge that each case names; unknown where it names none, or a later one."""
    charged = _seconds([row.captured_at for row in rows])
    on = local_days(charged, zone)
    return np.where((charged > 0) & (on <= day), day - on, UNKNOWN_AGE)


def _cases(zone: str, as_of: date) -> Any:
    end = datetime.combine(as_of, time(), ZoneInfo(zone)).astimezone(UTC)
    return (
        select(
            Case.opened_at,
            Cause.code,
            Case.source,
            Plan.code.label("product"),
            Case.currency,
            Case.claimed_minor,
            Charge.captured_at,
            Subscription.concluded_at,
            Subscription.billing_day,
        )
        .outerjoin(Cause, Cause.id == func.coalesce(Case.established_cause_id, Case.stated_cause_id))
        .outerjoin(Subscription, Subscription.id == Case.subscription_id)
        .outerjoin(Plan, Plan.id == Subscription.plan_id)
        .outerjoin(Charge, Charge.id == Case.charge_id)
        .where(Case.opened_at < end, Case.merged_into_id.is_(None))
        .order_by(Case.opened_at, Case.id)
    )


def _seconds(moments: list[datetime | None]) -> Ints:
    return np.array([int(one.timestamp()) if one is not None else 0 for one in moments], dtype=np.int64)


def _since_billing(day: Ints, billing_day: Ints) -> Ints:
    """Days since the billing day of this month or, before it, of the month before (its last day where it is shorter)."""
    dates = day.astype("datetime64[D]")
    month = dates.astype("datetime64[M]")

    def in_month(of: Any) -> Any:
        length = ((of + 1).astype("datetime64[D]") - of.astype("datetime64[D]")).astype(np.int64)
        return of.astype("datetime64[D]") + (np.minimum(billing_day, length) - 1)

    this = in_month(month)
    last = np.where(this <= dates, this, in_month(month - 1))
    return np.asarray((dates - last).astype(np.int64))


def _exposure(session: Session, zone: str, as_of: date, *, first: int) -> Exposure | None:
    """The exposure of the weeks since the first case: before it nobody wrote cases down, which is not "no case".

    The weeks before it come along for what the first cases are about.
    """
    begins = exposures.monday(date.fromordinal(first + date(1970, 1, 1).toordinal()))
    lead = begins - timedelta(weeks=LAGS - 1)
    rows = [row for row in exposures.weekly(session, zone=zone, until=as_of) if row.week >= lead]
    subscriptions = np.array(
        [np.nan if row.active_subscriptions is None else row.active_subscriptions for row in rows]
    )
    purchases = np.array([np.nan if row.purchases is None else row.purchases for row in rows])
    measure = "active_subscriptions"
    amount = subscriptions
    if not np.isfinite(subscriptions).any():
        measure, amount = "purchases", purchases
    if not np.isfinite(amount).any():
        return None
    return Exposure(
        tuple(day_number(row.week.isoformat()) for row in rows),
        tuple(row.source for row in rows),
        tuple(row.product for row in rows),
        amount.astype(np.float64),
        measure,
        since=day_number(begins.isoformat()),
        complete=exposures.is_counted(session),
    )
