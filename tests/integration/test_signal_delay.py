"""Two clocks: cases come weeks after their charge, so a campaign's young purchases are neither innocent nor a later rise."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select

from casedesk.ledger.models import Charge
from casedesk.reports.exposure import Exposed, store_rows
from casedesk.reports.signal_desk import keep_scan
from casedesk.reports.signal_models import Signal, SignalScan
from casedesk.store import clock
from casedesk.store.db import db
from casedesk.store.transaction import transaction
from tests.factories import NOW
from tests.integration.signal_weeks import (
    CAUSES,
    LAST_MONDAY,
    SOURCES,
    WEEKS,
    Business,
    a_business,
    insert_cases,
    row_at,
)

TAKES = (0.1, 0.2, 0.4, 0.3)
"""The share of cases that come 0, 1, 2 and 3 weeks after their charge."""
EARLIER = len(TAKES)
A_CASE_OF = 6 / 1_000


@pytest.fixture(autouse=True)
def _at_the_day_of_the_mockups(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def purchases(source: str, ago: int) -> int:
    """A campaign at one source sells four times as much for three weeks, and is over."""
    return 4_000 if source == "facebook" and 4 <= ago <= 6 else 1_000


def sold() -> None:
    """The purchases of each week, imported; nothing is known of subscriptions."""
    rows = [
        Exposed(LAST_MONDAY - timedelta(weeks=ago), source, "*", None, purchases(source, ago))
        for ago in range(WEEKS + EARLIER, -1, -1)
        for source in SOURCES
    ]
    with transaction() as session:
        store_rows(session, rows, now=NOW)


def charged(business: Business) -> dict[int, int]:
    """A charge for each week, by how many weeks ago."""
    rows = [
        {
            "id": 1 + ago,
            "reference": f"CH-{ago}",
            "entity_id": business.entity_id,
            "amount_minor": 10_000,
            "currency": "EUR",
            "captured_at": _at(ago, 2),
        }
        for ago in range(WEEKS + EARLIER + 1)
    ]
    with transaction() as session:
        session.execute(insert(Charge), rows)
    return {ago: 1 + ago for ago in range(WEEKS + EARLIER + 1)}


def _at(ago: int, day: int) -> datetime:
    monday = LAST_MONDAY - timedelta(weeks=ago)
    return datetime(monday.year, monday.month, monday.day, 10, tzinfo=UTC) + timedelta(days=day)


def disputed(business: Business, charges: dict[int, int], *, named: bool) -> Iterator[dict[str, Any]]:
    """As many cases as the purchases of the weeks before bring, each of one of their charges, named or not."""
    for ago in range(WEEKS, 0, -1):
        for cause in CAUSES:
            for source in SOURCES:
                rng = random.Random(f"{ago}-{cause}-{source}")
                due = [share * purchases(source, ago + lag) for lag, share in enumerate(TAKES)]
                for _ in range(round(sum(due) * A_CASE_OF + rng.uniform(-2.4, 2.4))):
                    lag = rng.choices(range(len(due)), due)[0]
                    other = {"charge_id": charges[ago + lag]} if named else {}
                    at = _at(ago, rng.randrange(2, 7)) + timedelta(minutes=rng.randrange(600))
                    yield row_at(business, cause, source, at, **other)


def looked(app: Flask, *, named: bool) -> SignalScan:
    business = a_business()
    sold()
    insert_cases(list(disputed(business, charged(business), named=named)))
    with transaction() as session:
        return keep_scan(session, "Europe/Paris", NOW.date(), now=NOW)


def at_facebook() -> list[str]:
    rises = db.session.scalars(select(Signal).where(Signal.kind == "spike", Signal.source == "facebook"))
    return [one.cause for one in rises]


def test_cases_that_follow_a_campaign_are_no_rise_where_their_charges_are_known(app: Flask) -> None:
    scan = looked(app, named=True)
    assert at_facebook() == []
    (said,) = [note["params"] for note in scan.notes if note["code"] == "signals.delay"]
    assert 10 <= said["half"] <= 18
    assert said["most"] <= 27


def test_without_the_charges_the_same_cases_look_like_a_rise(app: Flask) -> None:
    """What the correction is for: against the purchases of their own week the late cases are far too many."""
    scan = looked(app, named=False)
    assert len(at_facebook()) == len(CAUSES)
    assert "signals.delay" not in {note["code"] for note in scan.notes}


def test_the_page_names_the_purchases_of_the_week_and_not_those_that_are_due(app: Flask) -> None:
    looked(app, named=False)
    (rise, *_others) = db.session.scalars(select(Signal).where(Signal.source == "facebook")).all()
    assert rise.finding["at_risk"] == 1_000


def test_a_shop_without_subscriptions_is_held_against_its_charges(app: Flask) -> None:
    """Charges that name no contract are purchases too: a sale week brings more cases, and no rise."""
    business = a_business()
    sales = [(ago, n) for ago in range(WEEKS + EARLIER, -1, -1) for n in range(100 if 1 <= ago <= 3 else 25)]
    rows = [
        {
            "id": at,
            "reference": f"CH-{at}",
            "entity_id": business.entity_id,
            "amount_minor": 10_000,
            "currency": "EUR",
            "captured_at": _at(ago, 0) + timedelta(minutes=n),
        }
        for at, (ago, n) in enumerate(sales, 1)
    ]
    with transaction() as session:
        session.execute(insert(Charge), rows)
    returned = [
        row_at(business, "quality", "", _at(ago, 1) + timedelta(minutes=n), charge_id=at)
        for at, (ago, n) in enumerate(sales, 1)
        if n % 4 == 0 and ago > 0
    ]
    insert_cases(returned)
    with transaction() as session:
        scan = keep_scan(session, "Europe/Paris", NOW.date(), now=NOW)
    assert db.session.scalars(select(Signal).where(Signal.kind == "spike")).all() == []
    assert not {"signals.no_exposure", "signals.short_history"} & {note["code"] for note in scan.notes}
