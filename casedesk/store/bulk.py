"""Many rows at once: their ids before they are written, and one statement for all of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnDefault, Table, func, insert, select
from sqlalchemy.orm import Session


def take_ids(session: Session, model: Any, count: int) -> list[int]:
    """`count` new ids of `model`, rising. Inside the door only: on SQLite its lock keeps others from the same ids.

    RETURNING in the order of the parameters would write one row at a time there, at twice the cost of an import.
    """
    column = model.__table__.c.id
    if _is_sqlite(session):
        last = session.scalar(select(func.max(column))) or 0
        return list(range(last + 1, last + 1 + count))
    sequence = func.pg_get_serial_sequence(model.__tablename__, column.name)
    series = func.generate_series(1, count).table_valued("n")
    return sorted(session.scalars(select(func.nextval(sequence)).select_from(series)))


def insert_rows(session: Session, model: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows that all give the same columns. Through the mapper they would go one by one, on PostgreSQL also
    without it; there COPY takes them at once."""
    if not rows:
        return
    if _is_sqlite(session):
        session.execute(insert(model.__table__), rows)
    else:
        _copy(session, model.__table__, rows)


def _copy(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    from psycopg import sql  # 7 MB that a desk on SQLite never needs

    connection = session.connection()
    given = [column for column in table.columns if column.name in rows[0]]
    fixed = [
        column
        for column in table.columns
        if column.name not in rows[0] and isinstance(column.default, ColumnDefault)
    ]
    names = sql.SQL(", ").join(sql.Identifier(column.name) for column in (*given, *fixed))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table.name), names)
    written = [
        (c.name, c.type.dialect_impl(connection.dialect).bind_processor(connection.dialect)) for c in given
    ]
    always = [column.default.arg for column in fixed if isinstance(column.default, ColumnDefault)]
    psycopg: Any = connection.connection
    with psycopg.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            values = [row[name] if write is None else write(row[name]) for name, write in written]
            copy.write_row([*values, *always])


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"
