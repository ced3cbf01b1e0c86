"""Tables as JSON lines and back, alike on both databases: what backup, restore and export are made of.

The tables are read as the database has them (reflected), so that a backup of an older schema loads into that schema
and is then migrated.
"""

import base64
import json
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Date,
    DateTime,
    LargeBinary,
    MetaData,
    Table,
    bindparam,
    func,
    insert,
    select,
    text,
    update,
)

CHUNK = 500

Row = dict[str, Any]


def tables(connection: Connection, names: Collection[str]) -> list[Table]:
    """The tables of `names` that the database has, those that others refer to first."""
    found = MetaData()
    found.reflect(connection, only=lambda name, _: name in names)
    return list(found.sorted_tables)


def lines(connection: Connection, table: Table, without: Collection[str] = ()) -> Iterator[str]:
    """Every row of `table` as a line of JSON, in the order of its key."""
    columns = [column for column in table.columns if column.name not in without]
    rows = connection.execution_options(yield_per=1_000).execute(
        select(*columns).order_by(*table.primary_key.columns)
    )
    names = [column.name for column in columns]
    for row in rows:
        yield json.dumps(
            dict(zip(names, map(_plain, row), strict=True)), ensure_ascii=False, separators=(",", ":")
        )


def load(connection: Connection, table: Table, rows: Iterable[str], *, append_only: bool) -> int:
    """Insert `rows` (lines of JSON) into the empty `table`. Answers how many.

    A row may refer to a later one of the same table; such a column is filled in a second step, except where the
    table is append-only: there a row can only refer to one before it.
    """
    later = [] if append_only else _own_references(table)
    read = {column.name: _reader(column, connection.dialect.name) for column in table.columns}
    count, links, chunk = 0, [], []
    for line in rows:
        row = {name: read[name](value) for name, value in json.loads(line).items() if name in read}
        if any(row.get(name) is not None for name in later):
            links.append({f"to_{name}": row[name] for name in (*later, *_key(table))})
            row |= dict.fromkeys(later)
        chunk.append(row)
        count += 1
        if len(chunk) == CHUNK:
            connection.execute(insert(table), chunk)
            chunk = []
    if chunk:
        connection.execute(insert(table), chunk)
    if links:
        connection.execute(_link(table, later), links)
    _advance_sequence(connection, table)
    return count


def _key(table: Table) -> list[str]:
    return [column.name for column in table.primary_key.columns]


def _own_references(table: Table) -> list[str]:
    return [
        column.name
        for column in table.columns
        if any(key.column.table is table for key in column.foreign_keys)
    ]


def _link(table: Table, later: list[str]) -> Any:
    statement = update(table).values({name: bindparam(f"to_{name}") for name in later})
    for name in _key(table):
        statement = statement.where(table.c[name] == bindparam(f"to_{name}"))
    return statement


def _advance_sequence(connection: Connection, table: Table) -> None:
    """New rows get numbers after the loaded ones (SQLite does so by itself)."""
    key = _key(table)
    if connection.dialect.name != "postgresql" or len(key) != 1:
        return
    sequence = connection.scalar(select(func.pg_get_serial_sequence(table.name, key[0])))
    newest = connection.scalar(select(func.max(table.c[key[0]])))
    if sequence and newest:
        connection.execute(
            text("SELECT setval(:sequence, :newest)"), {"sequence": sequence, "newest": newest}
        )


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return (value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    return value


def _reader(column: Column[Any], dialect: str) -> Any:
    kind = column.type
    if isinstance(kind, DateTime):
        return lambda value: _instant(value, naive=dialect == "sqlite")
    if isinstance(kind, Date):
        return lambda value: date.fromisoformat(value) if value is not None else None
    if isinstance(kind, LargeBinary):
        return lambda value: base64.b64decode(value) if value is not None else None
    if isinstance(kind, JSON):
        kind.none_as_null = True
    return lambda value: value


def _instant(value: str | None, *, naive: bool) -> datetime | None:
    if value is None:
        return None
    instant = datetime.fromisoformat(value)
    return instant.replace(tzinfo=None) if naive else instant
