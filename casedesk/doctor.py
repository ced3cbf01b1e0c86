"""`casedesk doctor`: looks at everything that the desk needs and says what to change."""

import ctypes.util
import shutil
import smtplib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from casedesk.channels.smtp import Server
from casedesk.config import DEMO_SECRET, Settings
from casedesk.kernel.errors import CasedeskError
from casedesk.store import blobs, clock, migrate, outbox
from casedesk.store.checkpoints import unsealed
from casedesk.store.db import db
from casedesk.store.models import OutboxRow

State = Literal["good", "warning", "bad"]

LEAST_FREE_BYTES = 500 * 2**20
LATE_MINUTES = 5
_PANGO = ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")
_PACKAGES = "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 (Debian), brew install pango (macOS)"


@dataclass(frozen=True)
class Finding:
    """What was looked at, how it is, and what to change where it is not well."""

    about: str
    state: State
    said: str
    change: str = ""


Look = Callable[[Settings, Path], Iterator[Finding]]


def examine(settings: Settings, scripts: Path) -> list[Finding]:
    """Every finding, in the order in which they are best mended. Needs the application's context."""
    findings: list[Finding] = []
    for look in (_configuration, _database, _worker, _redis, _letters, _disk, _files, _mail, _pages):
        findings.extend(look(settings, scripts))
    return findings


def _configuration(settings: Settings, _scripts: Path) -> Iterator[Finding]:
    if DEMO_SECRET in (settings.secret_key, settings.audit_key):
        yield Finding(
            "secrets",
            "warning",
            "the demonstration's secrets are in use",
            "set SECRET_KEY and AUDIT_KEY to the output of: "
            'python -c "import secrets; print(secrets.token_hex(32))"; then CASEDESK_PRODUCTION=1',
        )
    else:
        yield Finding("secrets", "good", "SECRET_KEY and AUDIT_KEY are your own")
    if settings.production and not settings.secure_cookies:
        yield Finding(
            "cookies", "warning", "cookies may travel unencrypted", "set BASE_URL to the https:// address"
        )


def _database(settings: Settings, scripts: Path) -> Iterator[Finding]:
    kind = "SQLite" if settings.is_sqlite else "PostgreSQL"
    try:
        with db.engine.connect() as connection:
            version = str(
                connection.scalar(
                    text("SELECT sqlite_version()" if settings.is_sqlite else "SHOW server_version")
                )
            )
        current, newest = migrate.revisions(db.engine, scripts)
    except Exception as error:
        yield Finding(
            "database",
            "bad",
            f"{kind} cannot be reached: {_first_line(error)}",
            "check DATABASE_URL and the server",
        )
        return
    if not settings.is_sqlite and int(version.split(".")[0]) < 15:
        yield Finding("database", "bad", f"PostgreSQL {version} is too old", "use PostgreSQL 15 or newer")
    else:
        yield Finding("database", "good", f"{kind} {version} answers")
    if current == newest:
        yield Finding("schema", "good", f"at {current}")
    else:
        yield Finding(
            "schema", "bad", f"at {current or 'nothing'}, newest is {newest}", "run: casedesk migrate"
        )


def _worker(settings: Settings, scripts: Path) -> Iterator[Finding]:
    try:
        late, oldest = _late_rows()
        states = outbox.counts(db.session())
        waiting = unsealed(db.session())
    except DBAPIError:  # the database is not there or not migrated, which _database said
        db.session.rollback()
        return
    if late:
        yield Finding(
            "worker",
            "bad",
            f"{late} jobs are due since {oldest} and nobody does them",
            "start: casedesk run, or casedesk worker",
        )
    else:
        yield Finding("worker", "good", f"no job is late; {waiting} entries not yet under a checkpoint")
    stuck = states.get("failed", 0) + states.get("parked", 0)
    if stuck:
        yield Finding(
            "jobs",
            "warning",
            f"{stuck} jobs were given up or wait for a person",
            "see: casedesk jobs",
        )


def _late_rows() -> tuple[int, object]:
    limit = clock.now().timestamp() - LATE_MINUTES * 60
    since = clock.now().fromtimestamp(limit, clock.now().tzinfo)
    return (
        db.session.execute(
            select(func.count(), func.min(OutboxRow.due_at)).where(
                OutboxRow.state == "ready", OutboxRow.due_at < since, OutboxRow.attempts == 0
            )
        )
        .one()
        ._tuple()
    )


def _redis(settings: Settings, _scripts: Path) -> Iterator[Finding]:
    if not settings.redis_url:
        yield Finding("queue", "good", "no Redis: one worker polls the outbox itself")
        return
    from redis import Redis
    from redis.exceptions import RedisError

    try:
        with Redis.from_url(settings.redis_url, socket_connect_timeout=3, socket_timeout=3) as connection:
            connection.ping()
        yield Finding("queue", "good", "Redis answers")
    except (RedisError, ValueError) as error:
        yield Finding(
            "queue", "bad", f"Redis cannot be reached: {_first_line(error)}", "check REDIS_URL, or unset it"
        )


def _letters(settings: Settings, _scripts: Path) -> Iterator[Finding]:
    missing = [name for name in _PANGO if not ctypes.util.find_library(name)]
    if missing:
        yield Finding(
            "letters", "warning", f"{', '.join(missing)} not found: letters wait", f"run: {_PACKAGES}"
        )
        return
    yield Finding("letters", "good", "Pango is there")


def _disk(settings: Settings, _scripts: Path) -> Iterator[Finding]:
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=settings.data_dir):
            free = shutil.disk_usage(settings.data_dir).free
    except OSError as error:
        yield Finding(
            "disk",
            "bad",
            f"{settings.data_dir} cannot be written: {error.strerror}",
            "check CASEDESK_DATA and its owner",
        )
        return
    if free < LEAST_FREE_BYTES:
        yield Finding(
            "disk",
            "bad",
            f"only {free // 2**20} MB free in {settings.data_dir}",
            "make room, or move CASEDESK_DATA",
        )
    else:
        yield Finding("disk", "good", f"{free // 2**30} GB free in {settings.data_dir}")


def _files(settings: Settings, _scripts: Path) -> Iterator[Finding]:
    probe = "0" * 64
    try:
        blobs.store().write(probe, b"probe")
        blobs.store().delete(probe)
    except (CasedeskError, OSError) as error:
        yield Finding(
            "attachments",
            "bad",
            f"cannot be stored: {_first_line(error)}",
            "check BLOB_STORE, S3_ENDPOINT, S3_BUCKET",
        )
        return
    yield Finding("attachments", "good", f"kept {'in S3' if settings.blob_store == 's3' else 'on disk'}")


def _mail(settings: Settings, _scripts: Path) -> Iterator[Finding]:
    if not settings.smtp_url:
        yield Finding(
            "mail",
            "warning",
            f"no mail server: mails are written to {settings.data_dir / 'mail'}, none is sent",
            "set SMTP_URL, for example smtp://user:password@host:587",
        )
        return
    server = Server.from_url(settings.smtp_url)
    connect = smtplib.SMTP_SSL if server.tls else smtplib.SMTP
    try:
        with connect(server.host, server.port, timeout=5) as connection:
            connection.noop()
        yield Finding("mail", "good", f"{server.host}:{server.port} answers")
    except (OSError, smtplib.SMTPException) as error:
        yield Finding(
            "mail",
            "bad",
            f"{server.host}:{server.port} does not answer: {_first_line(error)}",
            "check SMTP_URL",
        )


def _pages(settings: Settings, _scripts: Path) -> Iterator[Finding]:
    from casedesk.app import project_path

    if any((project_path("static") / "vendor").glob("*.css")):
        yield Finding("pages", "good", "styles and scripts are built")
    else:
        yield Finding("pages", "bad", "the front end is not built", "run: npm ci && npm run build")


def _first_line(error: Exception) -> str:
    return (str(getattr(error, "orig", None) or error).strip().splitlines() or [type(error).__name__])[0]
