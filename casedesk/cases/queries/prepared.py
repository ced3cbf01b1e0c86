"""Stand-ins for who asks and when, so that a statement is built once and asked many times.

Building a statement costs more than the database needs to answer it; its text depends on the kind of reader, the
view and the order alone.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import bindparam

from casedesk.accounts.actor import Actor
from casedesk.store.db import UtcDateTime

NOBODY = Actor(0, "", "", "agent", None, False, "all", "en", "UTC", "light", 0, 0)


class Reader(NamedTuple):
    """What of an actor shapes a statement: how far he or she sees, and whether there is a team."""

    sees: str
    in_team: bool


def reader_of(actor: Actor) -> Reader:
    return Reader(actor.sees, actor.team_id is not None)


def stand_in(reader: Reader) -> Actor:
    """An actor whose ids are parameters of the statement."""
    return replace(
        NOBODY,
        id=cast(int, bindparam("me")),
        team_id=cast(int, bindparam("team")) if reader.in_team else None,
        sees=reader.sees,
    )


def moment(name: str) -> datetime:
    """An instant that is a parameter of the statement."""
    return cast(datetime, bindparam(name, type_=UtcDateTime()))


def values_of(actor: Actor, now: datetime, **more: Any) -> dict[str, Any]:
    """The parameters of a prepared statement for this reader at this moment."""
    asked: dict[str, Any] = {"me": actor.id, "now": now, **more}
    if actor.team_id is not None:
        asked["team"] = actor.team_id
    return asked
