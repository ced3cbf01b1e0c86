"""Bring a database to the newest schema, and draft the next migration from the models."""

import re
from datetime import UTC, datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData

from casedesk.store.db import writing

LONGEST_ID = 32
"""What the column of Alembic's version table holds; PostgreSQL refuses a longer identifier."""


def upgrade(engine: Engine, scripts: Path, revision: str = "head") -> None:
    """Run every migration up to `revision` in one transaction."""
    _run(engine, scripts, lambda config: command.upgrade(config, revision))


def downgrade(engine: Engine, scripts: Path, revision: str = "base") -> None:
    """Go back to `revision`; `base` leaves an empty database."""
    _run(engine, scripts, lambda config: command.downgrade(config, revision))


def revisions(engine: Engine, scripts: Path) -> tuple[str | None, str | None]:
    """(revision of the database, newest revision there is)."""
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    return current, ScriptDirectory.from_config(_config(scripts)).get_current_head()


def draft(engine: Engine, scripts: Path, metadata: MetaData, message: str) -> None:
    """Write a migration for what the models have and the database has not; read it before committing it."""
    name = re.sub(r"[^a-z0-9]+", "_", message.lower()).strip("_")
    stamp = datetime.now(UTC).strftime("%Y_%m_%d_%H%M")
    _run(
        engine,
        scripts,
        lambda config: command.revision(
            config, message, autogenerate=True, rev_id=f"{stamp}_{name}"[:LONGEST_ID].rstrip("_")
        ),
        metadata,
    )


def _run(engine: Engine, scripts: Path, what: object, metadata: MetaData | None = None) -> None:
    config = _config(scripts)
    token = writing.set(True)
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            config.attributes["metadata"] = metadata
            what(config)  # type: ignore[operator]
    finally:
        writing.reset(token)


def _config(scripts: Path) -> Config:
    config = Config()
    config.set_main_option("script_location", str(scripts))
    config.set_main_option("file_template", "%%(rev)s")
    return config
