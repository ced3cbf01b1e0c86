"""`python -m tests.bench.cube [CASES] [--db sqlite|postgresql]`: what the cube costs, and how fast every report answers.

The record is that of cube_data, in a database of its own that goes when the run ends (`--keep URL` uses one that is
kept). Each report is asked about each period by each of its cuts, narrowed in turn, through its query and as a
page; wall and CPU of this process and its database backend, in ms. Parallel workers are off, so that CPU is counted.
"""

import argparse
import contextvars
import itertools
import os
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, inspect, text
from sqlalchemy.engine import make_url

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.app import create_app, project_path
from casedesk.config import Settings
from casedesk.reports import cube, making, paper, report_actions
from casedesk.reports.catalog import REPORTS
from casedesk.reports.catalog.base import Report
from casedesk.schema import prepare
from casedesk.store import clock
from casedesk.store.db import db
from casedesk.store.transaction import transaction
from tests.bench.cube_data import NOW, fill
from tests.bench.speed.__main__ import POSTGRES, admin
from tests.factories import sign_in

ZONE = "Europe/Paris"
MANAGER = 26
TIMES = 3
Question = dict[str, list[str]]
PERIODS: list[Question] = [
    {"period": ["last-90"]},
    {"period": ["last-12-months"]},
    {"period": ["this-year"]},
    {"from": ["2026-02-10"], "to": ["2026-08-20"], "compare": ["year"]},
]
NARROW: list[Question] = [
    {},
    {"cause": ["cause_2"]},
    {"source": ["source5"]},
    {"kind": ["refund"], "team": ["3"]},
    {"cause": ["cause_1"], "source": ["source0"], "channel": ["mail"]},
]


def questions(report: Report) -> Iterator[Question]:
    """What managers ask of one report: every period with every cut, unnarrowed and narrowed in turn."""
    takes = [narrow for narrow in NARROW if set(narrow) <= set(report.filters)]
    turn = itertools.cycle(takes)
    for period in PERIODS if report.by_period else PERIODS[:1] * len(takes):
        for by in report.cuts or ("",):
            yield {**period, **next(turn), **({"by": [by]} if by else {})}


@dataclass(frozen=True)
class Spent:
    wall_ms: float
    cpu_ms: float
    what: str


def spent(work: Callable[[], object], what: str = "") -> Spent:
    """Wall and CPU of one run: this process and, on PostgreSQL, the backend of this thread's connection."""
    before, begun = _cpu(), time.perf_counter()
    work()
    wall = time.perf_counter() - begun
    return Spent(1000 * wall, 1000 * (_cpu() - before), what)


_backend: list[int] = []


def _cpu() -> float:
    own = time.process_time()
    for pid in _backend:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        own += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own


def _fine_cpu_of_backend() -> None:
    """Find the database process whose CPU belongs to this run, where it is on this machine."""
    if db.engine.dialect.name == "postgresql":
        with db.engine.connect() as connection:
            pid = int(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar() or 0)
        if Path(f"/proc/{pid}/stat").exists():
            _backend[:] = [pid]


@contextmanager
def desk(cases: int, kind: str, kept: str | None) -> Iterator[Flask]:
    """The application on a filled database; one that was made here goes again."""
    with tempfile.TemporaryDirectory() as folder:
        name, url = (
            f"casedesk_bench_{secrets.token_hex(4)}",
            kept or f"sqlite:///{Path(folder) / 'bench.sqlite3'}",
        )
        if kind == "postgresql" and not kept:
            admin(f"CREATE DATABASE {name}")
            url = make_url(POSTGRES).set(database=name).render_as_string(False)
        os.environ.setdefault("PGOPTIONS", "-c max_parallel_workers_per_gather=0")
        app = create_app(Settings.from_environment({"DATABASE_URL": url, "CASEDESK_DATA": folder}))
        try:
            with app.app_context():
                _filled(cases)
                _fine_cpu_of_backend()
                yield app
                db.session.remove()
                db.engine.dispose()
        finally:
            if kind == "postgresql" and not kept:
                admin(f"DROP DATABASE {name} WITH (FORCE)")


def _filled(cases: int) -> None:
    if not inspect(db.engine).has_table("cases"):
        prepare(db.engine, project_path("migrations"))
    if db.session().scalar(text("SELECT max(id) FROM cases")):
        return
    db.session.remove()
    sqlite = db.engine.dialect.name == "sqlite"
    made = spent(lambda: _in_a_deed(lambda session: fill(session, cases, checked=False)))
    print(f"{cases:,} cases of three years stored in {made.wall_ms / 1000:.0f} s", flush=True)
    with db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.exec_driver_sql("ANALYZE" if sqlite else "VACUUM ANALYZE")


def _in_a_deed(work: Callable[..., object]) -> None:
    with transaction() as session:
        work(session)


@contextmanager
def slowest() -> Iterator[list[tuple[float, str]]]:
    """CPU of each statement that is executed inside."""
    found: list[tuple[float, str]] = []
    begun: list[float] = []

    def before(*_: object) -> None:
        begun[:] = [_cpu()]

    def after(_c: object, _cursor: object, statement: str, *_: object) -> None:
        found.append((_cpu() - begun[0], " ".join(statement.split())[:150]))

    event.listen(db.engine, "before_cursor_execute", before)
    event.listen(db.engine, "after_cursor_execute", after)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", before)
        event.remove(db.engine, "after_cursor_execute", after)


def make_cube() -> None:
    with slowest() as statements:
        made = spent(lambda: _in_a_deed(lambda session: cube.rebuild(session, zone=ZONE, now=NOW)))
    print(
        f"cube made anew            {made.cpu_ms / 1000:8.1f} s CPU {made.wall_ms / 1000:8.1f} s", flush=True
    )
    for seconds, said in sorted(statements, reverse=True)[:8]:
        print(f"{seconds:12.1f} s CPU  {said}")
    with db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        sqlite = db.engine.dialect.name == "sqlite"
        connection.exec_driver_sql("ANALYZE" if sqlite else "VACUUM ANALYZE")
    moved = spent(
        lambda: _in_a_deed(
            lambda session: cube.apply(session, range(1, 501), cube.cube_sql.teach(session, ZONE))
        )
    )
    print(
        f"500 changed cases applied {moved.cpu_ms / 1000:8.2f} s CPU {moved.wall_ms / 1000:8.2f} s",
        flush=True,
    )


def measure(app: Flask, only: str) -> None:
    actor = report_actions.person_actor(db.session(), MANAGER)
    person = db.session().get(Person, MANAGER)
    assert actor is not None
    assert person is not None
    clock.now = lambda: NOW  # the pages ask the clock; the data ends here
    client = app.test_client()
    sign_in(client, person)
    print(
        f"{'report':18}{'asked':>6} | {'query p50':>9}{'p95':>8}{'CPU p95':>9} | {'page p50':>9}{'p95':>8}{'CPU p95':>9} | worst"
    )
    for code, report in REPORTS.items():
        if only in ("", code):
            _measured(client, report, actor)


def _measured(client: FlaskClient, report: Report, actor: Actor) -> None:
    queries: list[Spent] = []
    pages: list[Spent] = []
    asked = list(questions(report))
    for question in asked:
        said = "&".join(f"{name}={value}" for name, values in question.items() for value in values)
        for n in range(TIMES):
            one = spent(lambda: _answered(report, question, actor), said)  # noqa: B023
            page = spent(lambda: _page(client, report, said))  # noqa: B023
            if n:  # the first fills caches
                queries.append(one)
                pages.append(page)
    worst = max(queries, key=lambda one: one.wall_ms)
    print(
        f"{report.code:18}{len(asked):6} | {_said(queries)} | {_said(pages)} | {worst.wall_ms:.0f} {worst.what}",
        flush=True,
    )


def _answered(report: Report, question: Question, actor: Actor) -> None:
    with paper.read_by(actor, NOW):
        making.answer(db.session(), report, question, actor=actor, zone=ZONE, now=NOW)


def _page(client: FlaskClient, report: Report, said: str) -> None:
    # in a context of its own, as on a server
    answer = contextvars.Context().run(client.get, f"/reports/{report.code}?{said}")
    assert answer.status_code == 200, answer.text


def _said(found: list[Spent]) -> str:
    walls, cpus = [one.wall_ms for one in found], [one.cpu_ms for one in found]
    return f"{statistics.median(walls):9.1f}{_p95(walls):8.1f}{_p95(cpus):9.1f}"


def _p95(values: list[float]) -> float:
    return sorted(values)[max(-(-len(values) * 95 // 100) - 1, 0)]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("cases", type=int, nargs="?", default=100_000)
    parser.add_argument("--db", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--keep", metavar="URL", help="A database that stays; filled where it is empty.")
    parser.add_argument("--only", default="", metavar="REPORT")
    parser.add_argument("--as-it-is", action="store_true", help="Do not make the cube anew.")
    options = parser.parse_args()
    with desk(options.cases, options.db, options.keep) as app:
        if not options.as_it_is:
            make_cube()
        measure(app, options.only)


if __name__ == "__main__":
    main()
