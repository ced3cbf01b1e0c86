"""`python -m tests.bench.cube [CASES]`: how long the cube takes to be made, to follow, and to answer.

Cases of our own generator in a SQLite file of their own: 20 causes, 10 sources, 8 teams, three years, each with the
first line of its record. CPU seconds of this process; the file lies in a temporary folder and goes with it.
"""

import random
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from casedesk.accounts.models import Team
from casedesk.app import create_app, project_path
from casedesk.cases.models import Case, Cause
from casedesk.config import Settings
from casedesk.customers.models import Entity
from casedesk.reports import cube, figures
from casedesk.reports.asked import Asked
from casedesk.reports.periods import Period, add_months
from casedesk.schema import prepare
from casedesk.store.db import db
from casedesk.store.models import Entry, Head
from casedesk.store.transaction import transaction

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ZONE = "Europe/Paris"
TOGETHER = 20_000


def fill(cases: int) -> None:
    """Store `cases` cases with their first entry."""
    dice = random.Random(5)
    with transaction() as session:
        session.add(
            Entity(
                id=1, code="e", name="E", legal_name="E", address="-", country="FR", locale="fr", time_zone=ZONE,
                currency="EUR", sender_mail="e@e.example", mediator_body={},
            )
        )  # fmt: skip
        session.add_all(
            Cause(id=n, code=f"cause_{n}", label_en=f"C{n}", label_fr=f"C{n}") for n in range(1, 21)
        )
        session.add_all(Team(id=n, name=f"T{n}") for n in range(1, 9))
    for start in range(1, cases + 1, TOGETHER):
        ids = range(start, min(start + TOGETHER, cases + 1))
        opened = {i: NOW - timedelta(minutes=dice.randrange(3 * 365 * 1440)) for i in ids}
        with transaction() as session:
            session.execute(insert(_table(Case)), [_case(i, opened[i], dice) for i in ids])
            session.execute(insert(_table(Entry)), [_entry(i, opened[i]) for i in ids])
            session.execute(
                insert(_table(Head)),
                [
                    {
                        "subject_kind": "case",
                        "subject_id": i,
                        "seq": 1,
                        "digest": "x",
                        "mac": "x",
                        "sealed_seq": 0,
                    }
                    for i in ids
                ],
            )


def _table(model: Any) -> Any:
    return model.__table__


def _case(case_id: int, opened: datetime, dice: random.Random) -> dict[str, Any]:
    closed = opened + timedelta(minutes=dice.randrange(60, 20_000))
    done = closed < NOW
    return {
        "id": case_id,
        "number": f"B-{case_id}",
        "entity_id": 1,
        "kind": dice.choice(("refund", "dispute", "cancellation", "chargeback")),
        "status": "closed" if done else "open",
        "outcome": dice.choice(("granted", "refused")) if done else None,
        "team_id": dice.randrange(1, 9),
        "stated_cause_id": dice.randrange(1, 21),
        "channel": "mail",
        "claimed_minor": dice.randrange(1000, 90_000),
        "currency": "EUR",
        "source": f"source{dice.randrange(10)}",
        "occurred_at": opened,
        "opened_at": opened,
        "first_reply_at": opened + timedelta(minutes=dice.randrange(5, 4000)),
        "closed_at": closed if done else None,
    }


def _entry(case_id: int, at: datetime) -> dict[str, Any]:
    return {
        "subject_kind": "case",
        "subject_id": case_id,
        "seq": 1,
        "kind": "event.opened",
        "happened_at": at,
        "recorded_at": at,
        "actor_kind": "system",
        "body": {},
        "key_id": "k",
        "digest": f"d{case_id}",
    }


def cpu(work: Callable[[], object], times: int = 1) -> float:
    """CPU seconds of one run, the best of `times`."""
    best = float("inf")
    for _ in range(times):
        begun = time.process_time()
        work()
        best = min(best, time.process_time() - begun)
    return best


def main(cases: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'bench.sqlite3'}"
        app = create_app(Settings.from_environment({"DATABASE_URL": url, "CASEDESK_DATA": folder}))
        with app.app_context():
            prepare(db.engine, project_path("migrations"))
            fill(cases)
            print(f"{cases:,} cases")
            print(f"made anew                           {cpu(_rebuild):8.2f} s")
            print(f"500 changed cases applied           {cpu(_follow):8.2f} s")
            months = Period(add_months(NOW.date().replace(day=1), -12), NOW.date().replace(day=1))
            asked = Asked(months, "custom", None, "none")
            narrow = asked.narrowed(kind="refund", source="source3")
            session = db.session()
            for said, work in (
                (
                    "report by month x queue, 12 months  ",
                    lambda: figures.counted(session, asked, "opened", "team", step="month"),
                ),
                (
                    "the same, narrowed by kind and source",
                    lambda: figures.counted(session, narrow, "opened", "team", step="month"),
                ),
                (
                    "median and 90th percentile of a year ",
                    lambda: figures.durations(session, asked, "first_reply"),
                ),
                (
                    "cause by source of a year            ",
                    lambda: figures.counted(session, asked, "opened", "cause", "source"),
                ),
            ):
                print(f"{said} {1000 * cpu(work, 5):6.1f} ms")
            db.session.remove()
            db.engine.dispose()


def _rebuild() -> None:
    with transaction() as session:
        cube.rebuild(session, zone=ZONE, now=NOW)


def _follow() -> None:
    with transaction() as session:
        cube.apply(session, range(1, 501), cube.cube_sql.teach(session, ZONE))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
