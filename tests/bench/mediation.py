"""Opening a mediation's file of 200 entries, and the report of a year over 10,000 closed files.

`python -m tests.bench.mediation [FILES]`: CPU time and statements, in process, on a database of its own.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import event, insert, select

from casedesk.app import create_app, project_path
from casedesk.cases.models import Case
from casedesk.config import Settings
from casedesk.mediation import commands as c
from casedesk.mediation.actions import hearing
from casedesk.mediation.models import Closing, Mediation
from casedesk.mediation.queries.page import file_page
from casedesk.mediation.queries.report import year_report
from casedesk.schema import prepare
from casedesk.store.db import db
from casedesk.store.models import Entry
from casedesk.store.transaction import transaction
from tests.factories import NOW, actor_of, sign_in
from tests.integration.mediations import CUSTOMER, Play, a_play

ENTRIES = 200


def main() -> None:
    files = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_environment(
            {"DATABASE_URL": f"sqlite:///{Path(folder) / 'bench.sqlite3'}", "CASEDESK_DATA": folder}
        )
        app = create_app(settings)
        with app.app_context():
            prepare(db.engine, project_path("migrations"))
            play = a_play(app)
            grow(play)
            close(play, files)
            _measure(app, play, files)
            db.session.remove()
            db.engine.dispose()


def grow(play: Play) -> None:
    """A file in exchange with 200 entries on its chain."""
    play.in_exchange()
    while len(play.entries()) < ENTRIES:
        play.later(minutes=3)
        play.do(hearing.state, c.State(play.file_id, play.point_id, "Je maintiens ma position."), CUSTOMER)


def close(play: Play, files: int) -> None:
    """So many closed files on cases of their own, spread over the year."""
    file, entry = play.file, db.session.scalars(select(Entry.id).limit(1)).one()
    skip = {"id", "number", "case_id", "state", "version"}
    common = {k.key: getattr(file, k.key) for k in Mediation.__table__.columns if k.key not in skip}
    case = play.case
    shared = {k.key: getattr(case, k.key) for k in Case.__table__.columns if k.key not in ("id", "number")}
    rows = [{**shared, "number": f"BENCH-{n}"} for n in range(files)]
    with transaction() as session:
        ids = list(session.scalars(insert(Case.__table__).returning(Case.id), rows))
        made = [
            {
                **common,
                "number": f"BENCH-{n}",
                "case_id": case_id,
                "state": "closed" if n % 7 else "declined",
                "ground": None if n % 7 else "too_late",
                "requested_at": NOW - timedelta(days=n % 300),
                "version": 1,
            }
            for n, case_id in enumerate(ids)
        ]
        made_ids = list(session.scalars(insert(Mediation.__table__).returning(Mediation.id), made))
        session.execute(
            insert(Closing.__table__),
            [
                {
                    "mediation_id": mediation_id,
                    "n": 1,
                    "state": "closed" if n % 7 else "declined",
                    "favours": ("customer", "company", "shared")[n % 3],
                    "question": f"question_{n % 9}",
                    "days": n % 90,
                    "entry_id": entry,
                    "at": NOW - timedelta(days=n % 250),
                }
                for n, mediation_id in enumerate(made_ids)
            ],
        )


def _measure(app: Flask, play: Play, files: int) -> None:
    client = sign_in(app.test_client(), play.mediator)
    entries = len(play.entries())
    actor = actor_of(play.mediator)
    _line(
        f"file of {entries} entries, query",
        lambda: file_page(db.session(), actor, play.file_id, now=play.now),
        50,
    )
    _line(f"file of {entries} entries, page", lambda: client.get(f"/mediation/{play.file_id}").text, 20)
    _line(f"year report over {files:,} files", lambda: year_report(db.session(), 2026, "Europe/Paris"), 5)


def _line(name: str, ask: Callable[[], object], times: int) -> None:
    ask()
    said: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *a: said.append(a[2]))
    took = []
    for _ in range(times):
        db.session.remove()
        began = time.process_time()
        ask()
        took.append((time.process_time() - began) * 1000)
    print(f"{name:36} median {statistics.median(took):8.1f} ms CPU, {len(said) / times:.0f} statements")


if __name__ == "__main__":
    main()
