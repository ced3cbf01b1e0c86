"""What cases are measured against: purchases by day, active subscriptions on the first of each month, charges by day.

Renewals too, each until the next. Made from subscriptions and charges; rows with the
origin `imported` are the business's own weekly figures: where there are any of a measure, they alone count.
"""

from collections import defaultdict
from datetime import date, datetime

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from casedesk.reports.cube_models import CubeExposure, CubeState
from casedesk.reports.cube_sql import Dialect
from casedesk.reports.signal_models import ExposureRow

OWN = "own"
DAYS_OF_WEEK = 7


def rebuild(session: Session, dialect: Dialect, *, now: datetime) -> None:
    """Make the desk's own exposure anew; contracts run on until the month of `now` at least."""
    session.execute(text("DELETE FROM cube_exposure WHERE origin = 'own'"))
    for statement in (_purchases(dialect), _charges(dialect)):
        session.execute(
            text(f"INSERT INTO cube_exposure (measure, day, a, b, origin, n, amount_minor) {statement}")
        )
    rows = _active(session, dialect, now.date().replace(day=1))
    if rows:
        session.execute(insert(CubeExposure), rows)
    _renew(session)
    _take_imported(session)
    state = session.get(CubeState, 1)
    if state is not None:
        state.exposure_day = now.date()


def _purchases(dialect: Dialect) -> str:
    day = dialect.day("s.concluded_at")
    return (
        f"SELECT 'purchases', {day}, s.source, p.code, 'own', count(*), sum(s.price_minor) "
        "FROM subscriptions s JOIN plans p ON p.id = s.plan_id GROUP BY 2, 3, 4"
    )


def _charges(dialect: Dialect) -> str:
    day = dialect.day("c.captured_at")
    return (
        f"SELECT 'charges', {day}, lower(c.network), c.currency, 'own', count(*), sum(c.amount_minor) "
        "FROM charges c GROUP BY 2, 3, 4"
    )


def _renew(session: Session) -> None:
    """Each renewed period until the next one begins: a contract that is not renewed again stays at risk."""
    session.execute(text("DELETE FROM cube_renewals"))
    each = (
        "SELECT sp.starts_on, s.started_on, s.source, p.code, lead(sp.starts_on) OVER "
        "(PARTITION BY sp.subscription_id ORDER BY sp.starts_on) AS next_on FROM subscription_periods sp "
        "JOIN subscriptions s ON s.id = sp.subscription_id JOIN plans p ON p.id = s.plan_id"
    )
    last = "date '9999-12-31'" if session.get_bind().dialect.name == "postgresql" else "'9999-12-31'"
    for a, b in (("source", "code"), ("'*'", "'*'")):
        session.execute(
            text(
                "INSERT INTO cube_renewals (starts_on, ends_on, a, b, n) "
                f"SELECT starts_on, coalesce(next_on, {last}), {a}, {b}, count(*) FROM ({each}) r "
                "WHERE starts_on > started_on GROUP BY 1, 2, 3, 4"
            )
        )


def _take_imported(session: Session) -> None:
    """The business's own weekly figures as days: purchases on the week's Monday, active subscriptions on the first of a
    month that the week holds."""
    session.execute(text("DELETE FROM cube_exposure WHERE origin = 'imported'"))
    rows = []
    for one in session.scalars(select(ExposureRow)):
        about = {"a": one.source, "b": one.product, "origin": "imported", "amount_minor": 0}
        first = _next(one.period) if one.period.day > 1 else one.period
        if one.active_subscriptions is not None and (first - one.period).days < DAYS_OF_WEEK:
            rows.append({"measure": "active", "day": first, "n": one.active_subscriptions, **about})
        if one.purchases is not None:
            rows.append({"measure": "purchases", "day": one.period, "n": one.purchases, **about})
    if rows:
        session.execute(insert(CubeExposure), rows)


def _active(session: Session, dialect: Dialect, until: date) -> list[dict[str, object]]:
    """Subscriptions that ran on the first of each month: those begun before, less those ended."""
    months: dict[tuple[str, str], dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for column, step in (("started_on", 1), ("ends_on", -1)):
        month = dialect.month(f"s.{column}")
        found = session.execute(
            text(
                f"SELECT {month} AS month, s.source, p.code, count(*) FROM subscriptions s "
                f"JOIN plans p ON p.id = s.plan_id WHERE s.{column} IS NOT NULL GROUP BY 1, 2, 3"
            )
        )
        for month_text, source, plan, count in found:
            months[source, plan][_next(_date(month_text))] += step * count
    return [row for cell, steps in months.items() for row in _running(cell, steps, until)]


def _running(cell: tuple[str, str], steps: dict[date, int], until: date) -> list[dict[str, object]]:
    if not steps:
        return []
    rows: list[dict[str, object]] = []
    month, last, running = min(steps), max(until, *steps), 0
    while month <= last:
        running += steps.get(month, 0)
        rows.append(
            {
                "measure": "active",
                "day": month,
                "a": cell[0],
                "b": cell[1],
                "origin": OWN,
                "n": max(running, 0),
                "amount_minor": 0,
            }
        )
        month = _next(month)
    return rows


def _next(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _date(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))
