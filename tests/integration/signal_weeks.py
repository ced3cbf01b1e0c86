"""Weeks of cases for tests of signals: three causes at four sources, sixty-two weeks up to the day of the mock-ups."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import insert, select

from casedesk.cases.models import Case, Cause
from casedesk.kernel.refs import case_number
from casedesk.reports.exposure import Exposed, store_rows
from casedesk.store import clock
from casedesk.store.running import Work, run_batch, run_call
from casedesk.store.transaction import transaction
from tests.case_builders import a_cause
from tests.factories import an_entity

PARIS = ZoneInfo("Europe/Paris")
CAUSES = {
    "unexpected_renewal": ("Unexpected renewal", "Reconduction inattendue"),
    "quality": ("Quality", "Qualité"),
    "price_change": ("Price change", "Changement de prix"),
}
SOURCES = ("facebook", "google-search", "email", "direct")
WEEKS = 62
USUAL = 6
LAST_MONDAY = date(2026, 11, 23)
"""The week of the mock-ups' day, which is not over."""

Times = Callable[[str, str, int], float]
"""Cause, source and weeks before `LAST_MONDAY` to how many times the usual number of cases comes."""


@dataclass(frozen=True)
class Business:
    entity_id: int
    causes: dict[str, int]


def as_usual(cause: str, source: str, ago: int) -> float:
    return 1.0


def rising(cause: str, source: str, ago: int) -> float:
    """Renewals from Facebook at three times the usual for the last four whole weeks."""
    return 3.0 if (cause, source) == ("unexpected_renewal", "facebook") and ago <= 4 else 1.0


def a_business() -> Business:
    entity = an_entity()
    causes = {code: a_cause(code, label_en=en, label_fr=fr).id for code, (en, fr) in CAUSES.items()}
    return Business(entity.id, causes)


def open_weeks(
    business: Business, times: Times = as_usual, *, seed: int = 3, until: int = 1, since: int = WEEKS
) -> int:
    """Cases of the weeks from `since` to `until` before this one, both included; how many. Amounts 100.00 EUR."""
    rows = []
    for ago in range(since, until - 1, -1):
        monday = LAST_MONDAY - timedelta(weeks=ago)
        for cause in CAUSES:
            for source in SOURCES:
                rng = random.Random(f"{seed}-{ago}-{cause}-{source}")
                many = _poisson(rng, USUAL * times(cause, source, ago))
                rows += [_row(business, cause, source, monday, rng) for _ in range(many)]
    insert_cases(rows)
    return len(rows)


def _poisson(rng: random.Random, mean: float) -> int:
    gone, n = rng.expovariate(1.0), 0
    while gone < mean:
        gone, n = gone + rng.expovariate(1.0), n + 1
    return n


def _row(business: Business, cause: str, source: str, monday: date, rng: random.Random) -> dict[str, Any]:
    begins = datetime(monday.year, monday.month, monday.day, tzinfo=PARIS).astimezone(UTC)
    return row_at(business, cause, source, begins + timedelta(seconds=rng.randrange(60, 7 * 86_000)))


def row_at(business: Business, cause: str, source: str, at: datetime, **other: Any) -> dict[str, Any]:
    return {
        "entity_id": business.entity_id,
        "kind": "refund",
        "status": "closed",
        "stage": "desk",
        "outcome": "granted",
        "stated_cause_id": business.causes[cause],
        "channel": "mail",
        "claimed_minor": 10_000,
        "currency": "EUR",
        "source": source,
        "occurred_at": at,
        "opened_at": at,
        "closed_at": at,
        **other,
    }


def insert_cases(rows: list[dict[str, Any]]) -> list[int]:
    with transaction() as session:
        last = session.scalar(select(Case.id).order_by(Case.id.desc()).limit(1)) or 0
        numbered = [
            row | {"id": last + n, "number": case_number("CD", 2026, last + n)}
            for n, row in enumerate(rows, 1)
        ]
        if numbered:
            session.execute(insert(Case), numbered)
        return [row["id"] for row in numbered]


def expose(*, first: int = WEEKS, last: int = 0, active: int = 1_000, source: str | None = None) -> None:
    """Imported exposure: as many active subscriptions at each source in each week."""
    rows = [
        Exposed(LAST_MONDAY - timedelta(weeks=ago), name, "*", active, None)
        for ago in range(first, last - 1, -1)
        for name in ([source] if source else SOURCES)
    ]
    with transaction() as session:
        store_rows(session, rows, now=clock.now())


def work(jobs: Work) -> None:
    """Everything that is due now."""
    while run_batch(jobs) or run_call(jobs):
        pass


def cause_of(code: str, session: Any) -> int:
    return int(session.scalar(select(Cause.id).where(Cause.code == code)))
