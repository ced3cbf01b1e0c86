"""The triggers that make tables append-only on both databases. Called by migrations; a test looks for them."""

from sqlalchemy import Connection, text

_FUNCTION = """
CREATE OR REPLACE FUNCTION casedesk_refuse_rewrite() RETURNS trigger AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$ LANGUAGE plpgsql
"""

_TEXTS_FUNCTION = """
CREATE OR REPLACE FUNCTION casedesk_erase_with_leave() RETURNS trigger AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM erasures WHERE entry_id = OLD.entry_id) THEN
    RAISE EXCEPTION 'entry_texts is append-only: erase with leave only';
  END IF;
  RETURN OLD;
END $$ LANGUAGE plpgsql
"""


def protect(connection: Connection, table: str) -> None:
    """Refuse UPDATE, DELETE and TRUNCATE on `table`."""
    if connection.dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            connection.execute(
                text(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
                )
            )
        return
    connection.execute(text(_FUNCTION))
    connection.execute(
        text(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION casedesk_refuse_rewrite()"
        )
    )
    _refuse_truncate(connection, table)


def protect_texts(connection: Connection) -> None:
    """Refuse UPDATE of entry_texts, and DELETE of a row that no erasure names."""
    if connection.dialect.name == "sqlite":
        connection.execute(
            text(
                "CREATE TRIGGER entry_texts_no_update BEFORE UPDATE ON entry_texts "
                "BEGIN SELECT RAISE(ABORT, 'entry_texts is append-only'); END"
            )
        )
        connection.execute(
            text(
                "CREATE TRIGGER entry_texts_no_delete BEFORE DELETE ON entry_texts "
                "WHEN NOT EXISTS (SELECT 1 FROM erasures WHERE entry_id = OLD.entry_id) "
                "BEGIN SELECT RAISE(ABORT, 'entry_texts is append-only: erase with leave only'); END"
            )
        )
        return
    connection.execute(text(_FUNCTION))
    connection.execute(text(_TEXTS_FUNCTION))
    connection.execute(
        text(
            "CREATE TRIGGER entry_texts_no_update BEFORE UPDATE ON entry_texts "
            "FOR EACH ROW EXECUTE FUNCTION casedesk_refuse_rewrite()"
        )
    )
    connection.execute(
        text(
            "CREATE TRIGGER entry_texts_no_delete BEFORE DELETE ON entry_texts "
            "FOR EACH ROW EXECUTE FUNCTION casedesk_erase_with_leave()"
        )
    )
    _refuse_truncate(connection, "entry_texts")


def _refuse_truncate(connection: Connection, table: str) -> None:
    connection.execute(
        text(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION casedesk_refuse_rewrite()"
        )
    )


def unprotect(connection: Connection, table: str) -> None:
    """Drop the triggers of `table` (for a downgrade)."""
    if connection.dialect.name == "sqlite":
        for verb in ("update", "delete"):
            connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_no_{verb}"))
        return
    for name in ("append_only", "no_truncate", "no_update", "no_delete"):
        connection.execute(text(f"DROP TRIGGER IF EXISTS {table}_{name} ON {table}"))
