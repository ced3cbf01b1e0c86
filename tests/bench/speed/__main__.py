"""`make bench`: CPU a request, memory and cold start beside the goals, on SQLite or PostgreSQL.

CPU is user + system of server and database by the operating system's own account, over many requests of one
page alone; the ratio to the bare page of the same run is what compares between machines.
"""

import argparse
import os
import secrets
import shutil
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from casedesk.app import create_app, project_path
from casedesk.config import Settings
from casedesk.schema import prepare
from casedesk.store.db import db
from casedesk.store.transaction import transaction
from tests.bench.speed.data import COMMON, PASSWORD, RARE, Shape, agent_mail, fill
from tests.bench.speed.server import ROOT, Browser, Server, serving

POSTGRES = os.environ.get("TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")


@dataclass(frozen=True)
class Work:
    """One page or deed: how to ask for it, how to know that it answered, and what it may cost."""

    name: str
    ask: Callable[[Browser, int], str]
    proof: str
    at_most_ms: float
    times_bare: float | None = None


@dataclass(frozen=True)
class Figure:
    name: str
    cpu_ms: float
    p50_ms: float
    p95_ms: float
    p95_at_8_ms: float
    goal: Work


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--db", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument(
        "--keep",
        action="store_true",
        help="keep the filled PostgreSQL database for the next run, as on SQLite",
    )
    options = parser.parse_args()
    url = database(options.db, Shape(options.cases), keep=options.keep)
    environ = {"DATABASE_URL": url, "CASEDESK_DATA": str(ROOT / "build" / "bench")}
    try:
        with serving(
            "tests.bench.speed.bare:app", environ | {"DATABASE_URL": driver(url)}, ready="/1"
        ) as server:
            bare = measure(
                server,
                Work("bare page", lambda b, n: body(b, f"/{n % options.cases + 1}"), "<h1>CD-", 0.5),
                options.requests * 3,
            )
        with serving("casedesk.serve:application()", environ, ready="/health") as server:
            figures = [measure(server, work, options.requests) for work in works(options.cases)]
            pss, cold = server.pss_mb(), server.cold_start_s
    finally:
        if options.db == "postgresql":
            admin(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")
    report(options.db, options.cases, bare, figures, pss, cold)


def works(cases: int) -> list[Work]:
    """The workloads that the desk is judged by, beside the goals."""
    long_case = cases // 2 // 500 * 500 or 1
    return [
        Work(
            "list, status and owner, page 1",
            lambda b, n: body(b, "/cases?view=all&status=open&owner=3"),
            "data-row",
            7,
            14,
        ),
        Work("all open, page 1", lambda b, n: body(b, "/cases?view=open"), "data-row", 8),
        Work("all open, last page", lambda b, n: body(b, "/cases?view=open&last=1"), "data-row", 8),
        Work("all cases, last page", lambda b, n: body(b, "/cases?view=all&last=1"), "data-row", 8),
        Work("case with 20 exchanges", lambda b, n: body(b, f"/cases/{long_case}"), "cd-entry", 9, 18),
        Work("log a case", lambda b, n: log_a_case(b, n % (cases * 2 // 5) + 1), "/cases/", 12, 25),
        Work("reply", lambda b, n: reply(b, n % cases + 1), "/cases/", 12),
    ]


def body(browser: Browser, path: str) -> str:
    answer = browser.get(path)
    return answer.body if answer.status == 200 else f"{answer.status} {answer.location}"


def log_a_case(browser: Browser, customer: int) -> str:
    token = browser.csrf("/cases/new")
    fields = [
        ("csrf_token", token), ("once", secrets.token_urlsafe(12)), ("customer_id", str(customer)),
        ("subscription_id", str(customer)), ("charge_id", str(customer)), ("kind", "refund"), ("channel", "phone"),
        ("said", "Changed her mind and wants the money back."), ("cause", "cause_1"), ("claimed", "478.80"),
    ]  # fmt: skip
    answer = browser.post("/cases/new", fields)
    return answer.location if answer.status == 303 else f"{answer.status} {answer.body[:2000]}"


def reply(browser: Browser, case_id: int) -> str:
    token = browser.csrf("/cases/new")
    fields = [
        ("csrf_token", token), ("once", secrets.token_urlsafe(12)), ("channel", "mail"), ("direction", "out"),
        ("said", "We have your request and answer by Friday."),
    ]  # fmt: skip
    answer = browser.post(f"/cases/{case_id}/exchanges", fields)
    return answer.location if answer.status == 303 else f"{answer.status} {answer.body[:2000]}"


def measure(server: Server, work: Work, requests: int) -> Figure:
    """Ask for one page alone, first one client and then eight; every answer is checked for content."""
    bare = work.name == "bare page"
    browser = signed_in(server.port, bare)
    for n in range(10):
        proven(work, browser, n)
    before, times = server.cpu_s(), []
    for n in range(10, 10 + requests):
        started = time.perf_counter()
        proven(work, browser, n)
        times.append((time.perf_counter() - started) * 1000)
    cpu = (server.cpu_s() - before) / requests * 1000
    print(f"{work.name}: {cpu:.2f} ms CPU", flush=True)
    at_8 = eight_clients(server, work, requests, bare)
    return Figure(work.name, cpu, statistics.median(times), quantile(times), quantile(at_8), work)


def eight_clients(server: Server, work: Work, requests: int, bare: bool) -> list[float]:
    """Eight people who are signed in already, at once; what each request took, in ms."""
    times: list[float] = []
    faults: list[BaseException] = []
    browsers = [signed_in(server.port, bare, agent=number + 3) for number in range(8)]

    def run(number: int) -> None:
        try:
            for n in range(requests // 8):
                started = time.perf_counter()
                proven(work, browsers[number], 10_000 + number * 1_000 + n)
                times.append((time.perf_counter() - started) * 1000)
        except BaseException as fault:
            faults.append(fault)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if faults:
        raise faults[0]
    return times


def signed_in(port: int, bare: bool, agent: int = 1) -> Browser:
    browser = Browser(port)
    if not bare:
        browser.sign_in(agent_mail(agent), PASSWORD)
    return browser


def proven(work: Work, browser: Browser, n: int) -> None:
    answer = work.ask(browser, n)
    if work.proof not in answer:
        raise RuntimeError(f"{work.name}: {work.proof!r} is not in the answer: {answer[:600]}")


def quantile(times: list[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


def database(kind: str, shape: Shape, *, keep: bool = False) -> str:
    """The URL of a freshly filled database; on SQLite, and with `keep`, a copy of one that is kept for the next run."""
    if kind == "postgresql":
        name = f"casedesk_bench_{secrets.token_hex(4)}"
        if keep:
            admin(f"CREATE DATABASE {name} TEMPLATE {kept_on_postgresql(shape)}")
        else:
            admin(f"CREATE DATABASE {name}")
            build(postgresql_url(name), shape)
        return postgresql_url(name)
    kept = ROOT / "build" / "bench" / f"cases-{shape.cases}.sqlite3"
    kept.parent.mkdir(parents=True, exist_ok=True)
    if not kept.exists():
        build(f"sqlite:///{kept}", shape)
    used = kept.with_name("used.sqlite3")
    for old in kept.parent.glob("used.sqlite3*"):
        old.unlink()
    shutil.copyfile(kept, used)
    return f"sqlite:///{used}"


def kept_on_postgresql(shape: Shape) -> str:
    """The name of the filled database that runs copy; filled now where there is none."""
    name = f"casedesk_bench_kept_{shape.cases}"
    if not admin(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
        admin(f"CREATE DATABASE {name}")
        build(postgresql_url(name), shape)
    return name


def postgresql_url(name: str) -> str:
    return make_url(POSTGRES).set(database=name, drivername="postgresql").render_as_string(False)


def build(url: str, shape: Shape) -> None:
    print(f"filling {shape.cases:,} cases ...", flush=True)
    app = create_app(
        Settings.from_environment({"DATABASE_URL": url, "CASEDESK_DATA": str(Path(ROOT, "build", "bench"))})
    )
    with app.app_context():
        prepare(db.engine, project_path("migrations"))
        with transaction() as session:
            fill(session, shape)
        with db.engine.connect() as connection:
            if db.engine.dialect.name == "sqlite":
                connection.exec_driver_sql("ANALYZE")
                connection.commit()
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            else:
                for table in (
                    "people",
                    "teams",
                    "causes",
                    "customers",
                    "subscriptions",
                    "charges",
                    "entries",
                    "cases",
                    "clocks",
                    "judgements",
                    "entities",
                    "plans",
                    "terms",
                ):
                    connection.execute(
                        text(
                            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
                        )
                    )
                connection.commit()
        db.engine.dispose()
    if url.startswith("postgresql"):
        admin("VACUUM ANALYZE", database=make_url(url).database)


def admin(statement: str, database: str | None = None) -> bool:
    """Run `statement` on the server; did it find rows?"""
    target = make_url(driver(POSTGRES))
    engine = create_engine(
        target.set(database=database) if database else target, isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        result = connection.execute(text(statement))
        found = bool(result.returns_rows and result.all())
    engine.dispose()
    return found


def driver(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def report(kind: str, cases: int, bare: Figure, figures: list[Figure], pss: float, cold: float) -> None:
    """The table for the README."""
    print(f"\n{kind}, {cases:,} cases; bare page {bare.cpu_ms:.2f} ms CPU (p50 {bare.p50_ms:.1f} ms)\n")
    print("| workload | CPU ms | at most | x bare | p50 ms | p95 ms | p95 ms, 8 clients |")
    print("|---|---|---|---|---|---|---|")
    for f in figures:
        ratio = f.cpu_ms / bare.cpu_ms
        kept = f.cpu_ms <= f.goal.at_most_ms or (f.goal.times_bare is not None and ratio <= f.goal.times_bare)
        mark = "" if kept else " (over)"
        print(
            f"| {f.name} | {f.cpu_ms:.1f}{mark} | {f.goal.at_most_ms:g} | {ratio:.0f} | {f.p50_ms:.1f} | {f.p95_ms:.1f} | {f.p95_at_8_ms:.1f} |"
        )
    print(
        f"\nmemory {pss:.0f} MB PSS of the web processes (at most 110); cold start {cold:.2f} s (at most 1.3)"
    )
    print(f"searched words: {RARE!r} in 20 exchanges, {COMMON!r} in 30 %")


if __name__ == "__main__":
    main()
