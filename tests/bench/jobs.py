"""How many no-op jobs the embedded worker does a second. `python -m tests.bench.jobs [JOBS]`, on DATABASE_URL's empty desk."""

import sys
import tempfile
import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from casedesk.app import create_app, project_path
from casedesk.config import Settings
from casedesk.store import clock, migrate
from casedesk.store.db import db
from casedesk.store.models import OutboxRow
from casedesk.store.running import Work, run_batch
from casedesk.store.transaction import transaction

KIND = "bench.nothing"


@dataclass(frozen=True)
class Pace:
    """Jobs done, by the clock on the wall and by the processor's."""

    jobs: int
    seconds: float
    cpu_seconds: float

    @property
    def a_second(self) -> float:
        return self.jobs / self.seconds

    @property
    def a_cpu_second(self) -> float:
        return self.jobs / self.cpu_seconds


def measure(jobs: int) -> Pace:
    """Let the embedded worker do `jobs` no-op jobs, each row marked in the commit of its batch. Needs a context."""
    now = clock.now()
    rows = [
        {"kind": KIND, "key": f"bench-{now.timestamp()}-{n}", "payload": {"n": n}, "due_at": now, "state": "ready",
         "attempts": 0, "created_at": now}
        for n in range(jobs)
    ]  # fmt: skip
    with transaction() as session:
        session.execute(insert(OutboxRow.__table__), rows)
    work = Work({KIND: _nothing})
    began, cpu = time.perf_counter(), time.process_time()
    done = 0
    while did := run_batch(work):
        done += did
    pace = Pace(done, time.perf_counter() - began, time.process_time() - cpu)
    if done != jobs:
        raise RuntimeError(f"{done} of {jobs} jobs were done")
    return pace


def _nothing(_session: Session, _payload: dict[str, Any], *, now: object) -> None:
    """No effect: what is measured is the way there and back."""


def main() -> None:
    jobs = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings.from_environment({"CASEDESK_DATA": folder}))
        with app.app_context():
            migrate.upgrade(db.engine, project_path("migrations"))
            pace = measure(jobs)
            db.session.remove()
            db.engine.dispose()
    print(f"{pace.jobs} no-op jobs: {pace.a_second:,.0f} a second, {pace.a_cpu_second:,.0f} a CPU second")


if __name__ == "__main__":
    main()
