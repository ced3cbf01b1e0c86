"""The door: the one write transaction of a request or job, and the guard that refuses writes beside it.

A check-then-write through a naive session refunds ten times what was captured. So the door ends the read
transaction first and then begins with the lock taken (SQLite), or at READ COMMITTED with row locks taken by
the action (PostgreSQL).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import ORMExecuteState, Session
from sqlalchemy.orm.exc import StaleDataError

from casedesk.kernel.errors import Conflict, Unavailable
from casedesk.store.db import db, writing

_SERIALISATION = {"40001", "40P01", "55P03"}


@contextmanager
def transaction() -> Iterator[Session]:
    """Open the one write of this request or job; commit on success, roll back on any error.

    Raises Conflict where another writer was first or SQLite stayed locked, Unavailable where the database
    went away; in both cases nothing was stored.
    """
    session = db.session()
    if session.info.get("door"):
        raise RuntimeError("a transaction is already open: actions take a session, they do not open one")
    with _open(session):
        yield session


@contextmanager
def notes() -> Iterator[Session]:
    """A short transaction of its own for bookkeeping, on tables marked ``info={"notes": True}`` only.

    For sign-in throttles, last seen, drafts: things that must be kept even where the deed is refused, and
    that never belong to the record. Not while the door is open: on SQLite that would wait for itself.
    """
    if writing.get():
        raise RuntimeError("notes() while the door is open")
    session = Session(db.engine, expire_on_commit=False, info={"notes": True})
    try:
        with _open(session):
            yield session
    finally:
        session.close()


def remembered(session: Session) -> dict[Any, Any]:
    """What actions may remember of this transaction until it ends: what they locked, what they know to be stored."""
    here = session.get_transaction()
    held = session.info.get("remembered")
    if held is None or held[0] is not here:
        held = session.info["remembered"] = (here, {})
    known: dict[Any, Any] = held[1]
    return known


@contextmanager
def _open(session: Session) -> Iterator[None]:
    session.rollback()  # ends the read transaction: what is decided on is read again, under lock
    session.expunge_all()
    token = writing.set(True)
    session.info["door"] = True
    try:
        session.connection()
        yield
        session.commit()
    except BaseException as error:
        session.rollback()
        refusal = _refusal(error)
        if refusal is not None:
            raise refusal from error
        raise
    finally:
        session.info["door"] = False
        writing.reset(token)


def _refusal(error: BaseException) -> Conflict | Unavailable | None:
    if isinstance(error, StaleDataError):
        return Conflict("store.stale")
    if isinstance(error, IntegrityError) or not isinstance(error, DBAPIError):
        return None
    if error.connection_invalidated:
        return Unavailable("store.gone")
    if getattr(error.orig, "sqlstate", None) in _SERIALISATION:
        return Conflict("store.stale")
    if "database is locked" in str(error.orig):
        return Conflict("store.busy")
    return None


def _may_write(session: Session, table: object) -> bool:
    if not session.info.get("door"):
        return False
    return not session.info.get("notes") or bool(getattr(table, "info", {}).get("notes"))


@event.listens_for(Session, "before_flush")
def _no_write_outside_the_door(session: Session, *_: object) -> None:
    for thing in (*session.new, *session.dirty, *session.deleted):
        if not _may_write(session, type(thing).__table__):
            raise RuntimeError(f"write to {type(thing).__tablename__} outside transaction()")


@event.listens_for(Session, "do_orm_execute")
def _no_bulk_write_outside_the_door(state: ORMExecuteState) -> None:
    if state.is_insert or state.is_update or state.is_delete:
        table = getattr(state.statement, "table", None)
        if not _may_write(state.session, table):
            raise RuntimeError(f"write to {table} outside transaction()")
