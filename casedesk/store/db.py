"""The database object, the column types and the settings of each connection."""

import contextvars
from datetime import UTC, datetime
from typing import Annotated, Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Engine, Integer, LargeBinary, MetaData, event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column, registry
from sqlalchemy.types import TypeDecorator

BUSY_TIMEOUT_MS = 5_000

BigId = BigInteger().with_variant(Integer, "sqlite")
"""Identifiers and minor units: 64 bits on both databases (SQLite's integer is 64 bits by itself)."""

Json = JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")

Id = Annotated[int, mapped_column(BigId, primary_key=True)]


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. Aware in, aware (UTC) out; a naive value is a programming error and is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

_TYPES: dict[Any, Any] = {
    datetime: UtcDateTime,
    int: BigId,
    dict[str, Any]: Json,
    list[Any]: Json,
    list[str]: Json,
    bytes: LargeBinary,
}


class Base(DeclarativeBase):
    registry = registry(metadata=MetaData(naming_convention=_NAMES), type_annotation_map=_TYPES)


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})

writing: contextvars.ContextVar[bool] = contextvars.ContextVar("writing", default=False)
"""True while a door is open in this thread: SQLite then begins with the write lock taken."""


def tune(engine: Engine) -> None:
    """Set up each connection of `engine`: explicit BEGIN, foreign keys and WAL on SQLite, READ COMMITTED on PostgreSQL."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _sqlite_connect)
        event.listen(engine, "begin", _sqlite_begin)


def _sqlite_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin or commit by itself
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        "foreign_keys=ON",
        "synchronous=FULL",  # what was acknowledged survives a power cut
        "temp_store=MEMORY",
        "cache_size=-1000",  # 1 MB for each of the threads; the system keeps the rest once for all
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _sqlite_begin(connection: Any) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing.get() else "BEGIN")


def values(row: Any) -> tuple[Any, ...]:
    """The values of a row, for a frozen dataclass with the same fields in the same order."""
    return tuple(row)
