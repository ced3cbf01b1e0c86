"""How long the sweep takes over 100,000 running clocks whose looks were all lost.

`python -m tests.bench.clocks [CLOCKS] [URL]`: on SQLite, or on the empty PostgreSQL database of the URL.
"""

import json
import sys
import tempfile
import time
from datetime import timedelta

from sqlalchemy import delete, func, insert, select

from casedesk.app import create_app, project_path
from casedesk.config import Settings
from casedesk.deadlines.jobs import AT_ONCE
from casedesk.deadlines.models import Clock
from casedesk.deadlines.passing import Swept, sweep
from casedesk.deadlines.rules import ServiceHours, calendar_of, due_after, weekdays
from casedesk.store import clock, migrate
from casedesk.store.db import db
from casedesk.store.models import OutboxRow
from casedesk.store.transaction import transaction

TOGETHER = 5_000


def main(clocks: int, url: str = "") -> None:
    """Two clocks in three have run out, one in three is due later; no look of any was left in the outbox."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_environment({"CASEDESK_DATA": folder, "DATABASE_URL": url})
        app = create_app(settings)
        with app.app_context():
            migrate.upgrade(db.engine, project_path("migrations"))
            _fill(clocks)
            wall, cpu = time.perf_counter(), time.process_time()
            idle = _idle()
            total = Swept(more=True)
            while total.more:
                with transaction() as session:
                    total += sweep(session, now=clock.now(), grace=timedelta(), limit=AT_ONCE)
            spent = time.perf_counter() - wall, time.process_time() - cpu
            left = db.session.scalar(
                select(func.count()).select_from(OutboxRow).where(OutboxRow.kind == "case.clock_breached")
            )
    print(
        json.dumps(
            {
                "clocks": clocks,
                "breaches": total.breaches,
                "told": left,
                "seconds": round(spent[0], 2),
                "cpu_seconds": round(spent[1], 2),
                "idle_sweep_ms": round(idle * 1000, 2),
            }
        )
    )


def _idle() -> float:
    """One sweep that finds nothing, over the same table: what each minute costs."""
    with transaction() as session:
        began = time.perf_counter()
        sweep(session, now=clock.now() - timedelta(days=4_000), grace=timedelta(), limit=AT_ONCE)
        return time.perf_counter() - began


def _fill(clocks: int) -> None:
    now = clock.now()
    hours = ServiceHours(weekdays(9, 18), "Europe/Paris", calendar_of("FR"))
    with transaction() as session:
        session.execute(delete(OutboxRow))
    for start in range(0, clocks, TOGETHER):
        rows = []
        for n in range(start, min(start + TOGETHER, clocks)):
            began = now - timedelta(days=20, minutes=n % 9_000) if n % 3 else now
            due = due_after(began, 480, hours)
            rows.append(
                {
                    "subject_kind": "case",
                    "subject_id": n + 1,
                    "name": "decide",
                    "state": "running",
                    "by_law": False,
                    "started_at": began,
                    "due_at": due.at,
                    "next_look_at": due.at,
                    "working": due.working,
                }
            )
        with transaction() as session:
            session.execute(insert(Clock), rows)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000, *sys.argv[2:3])
