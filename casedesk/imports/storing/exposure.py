"""Exposure: active subscriptions and purchases by week, source and product, as signals and reports measure cases against.

The reference of a row holds its figures, so a row that was corrected in the file takes the place of what it said before.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.imports.faults import RowFault
from casedesk.imports.shaping import Item
from casedesk.imports.storing.base import Context, Ready, Store, each
from casedesk.reports.exposure import EVERY, UNSTATED, Exposed, monday, store_rows
from casedesk.reports.signal_models import ExposureRow


def prepare(session: Session, items: Sequence[Item], context: Context) -> list[Ready]:
    seen: set[tuple[object, ...]] = set()

    def columns(item: Item) -> dict[str, Any]:
        of = item.record
        period, active, bought = of["period"], of.get("active_subscriptions"), of.get("purchases")
        assert isinstance(period, date)
        if period > context.now.date():
            raise RowFault("import.in_future", "period")
        if active is None and bought is None:
            raise RowFault(
                "import.missing", "active_subscriptions", column="active_subscriptions / purchases"
            )
        for name in ("active_subscriptions", "purchases"):
            if isinstance(found := of.get(name), int) and found < 0:
                raise RowFault("import.negative", name, amount=str(found))
        row = {
            "week": monday(period),
            "source": of.get("source") or UNSTATED,
            "product": of.get("product") or EVERY,
            "active_subscriptions": active,
            "purchases": bought,
        }
        key = (row["week"], row["source"], row["product"])
        if key in seen:
            raise RowFault("import.exposure_twice", "period", week=row["week"])
        seen.add(key)
        return row

    return each(items, columns)


def insert_all(session: Session, ready: Sequence[Ready], context: Context) -> list[int]:
    rows = [Exposed(**columns) for _, columns in ready]
    store_rows(session, rows, now=context.now)
    weeks = {row.week for row in rows}
    ids = {
        (one.period, one.source, one.product): one.id
        for one in session.scalars(select(ExposureRow).where(ExposureRow.period.in_(weeks)))
    }
    return [ids[row.week, row.source, row.product] for row in rows]


STORE = Store(prepare, insert_all)
