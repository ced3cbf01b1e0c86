"""What cases came from: subscriptions and purchases per ISO week, counted or imported; missing is missing."""

from datetime import UTC, date, datetime

from flask import Flask

from casedesk.ledger import actions as ledger
from casedesk.ledger.rules import NewCharge
from casedesk.reports.exposure import Exposed, store_rows, weekly
from casedesk.store.db import db
from casedesk.store.transaction import transaction
from tests.factories import NOW, a_plan, a_subscription

ZONE = "Europe/Paris"


def _weeks(until: date) -> dict[tuple[date, str], tuple[int | None, int | None]]:
    db.session.rollback()
    rows = weekly(db.session(), zone=ZONE, until=until)
    return {(row.week, row.source): (row.active_subscriptions, row.purchases) for row in rows}


def test_a_subscription_counts_in_every_week_of_which_it_was_active_on_a_day(app: Flask) -> None:
    plan = a_plan(code="yearly")
    # [Wednesday 7 October, Monday 19 October): the last active day is Sunday the 18th
    a_subscription(plan=plan, started_on=date(2026, 10, 7), ends_on=date(2026, 10, 19), source="email")
    a_subscription(plan=plan, started_on=date(2026, 10, 14), ends_on=None, source="email")
    found = _weeks(date(2026, 10, 27))
    assert [active for (_, _), (active, _) in sorted(found.items())] == [1, 2, 1, 1]
    assert min(found)[0] == date(2026, 10, 5)  # nothing is said of the weeks before the first subscription


def test_a_purchase_falls_in_the_week_of_the_organisations_clock(app: Flask) -> None:
    subscription = a_subscription(plan=a_plan(code="monthly"), started_on=date(2026, 10, 12), source="email")
    with transaction() as session:
        ledger.capture(
            session,
            NewCharge(
                reference="ch-1",
                entity_id=subscription.entity_id,
                customer_id=subscription.customer_id,
                subscription_id=subscription.id,
                amount_minor=100,
                currency="EUR",
                captured_at=datetime(2026, 10, 18, 22, 30, tzinfo=UTC),  # Monday 00:30 in Paris
            ),
        )
    found = _weeks(date(2026, 10, 26))
    assert found == {(date(2026, 10, 12), "email"): (1, 0), (date(2026, 10, 19), "email"): (1, 1)}


def test_imported_exposure_counts_alone_and_what_it_leaves_out_is_missing(app: Flask) -> None:
    a_subscription(plan=a_plan(), started_on=date(2026, 10, 5), source="email")
    rows = [
        Exposed(date(2026, 10, 12), "email", "*", 900, None),
        Exposed(date(2026, 10, 19), "email", "*", 0, 3),
    ]
    with transaction() as session:
        assert store_rows(session, rows, now=NOW) == 2
        store_rows(session, [Exposed(date(2026, 10, 12), "email", "*", 950, None)], now=NOW)
    assert _weeks(date(2026, 11, 2)) == {
        (date(2026, 10, 12), "email"): (950, None),
        (date(2026, 10, 19), "email"): (0, 3),
    }
