"""Runs the migrations on the connection that the caller hands over (casedesk.store.migrate)."""

from alembic import context
from sqlalchemy import BigInteger

from casedesk.store.db import Json, UtcDateTime


def short_types(kind, column_type, _autogen):
    """Spell the three types that every table uses by the names at the top of a migration."""
    if kind != "type":
        return False
    if isinstance(column_type, UtcDateTime):
        return "INSTANT"
    if isinstance(column_type, BigInteger):
        return "BIG"
    return "JSON" if isinstance(column_type, type(Json)) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes.get("metadata"),
    render_item=short_types,
    compare_type=True,
)
context.run_migrations()
