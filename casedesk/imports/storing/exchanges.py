"""Exchanges of cases that the desk has: added to their chains with their own times and authors."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from casedesk.accounts.models import Person
from casedesk.cases.actions import clocks
from casedesk.cases.entries import Exchange
from casedesk.cases.models import Case, CaseAlias
from casedesk.imports.faults import RowFault
from casedesk.imports.shaping import Item
from casedesk.imports.storing.base import Context, Ready, Store, by_column, chunks, each, pointed, targets
from casedesk.store import record
from casedesk.store.record import ActorRef, Line


def prepare(session: Session, items: Sequence[Item], context: Context) -> list[Ready]:
    cases = targets(session, "cases", items, "case", context, Case.number, Case.id)
    missing = {str(item.record["case"]) for item in items if "case" in item.record} - cases.keys()
    cases.update(by_column(session, CaseAlias.alias, CaseAlias.case_id, missing))
    authors = {str(item.record["author"]).lower() for item in items if "author" in item.record}
    people = by_column(session, Person.mail, Person.id, authors)

    def columns(item: Item) -> dict[str, Any]:
        of = item.record
        if of["happened_at"] > context.now:  # type: ignore[operator]
            raise RowFault("import.in_future", "happened_at")
        return {
            "case_id": pointed(item, "case", cases, "import.no_case"),
            "at": of["happened_at"],
            "channel": of["channel"],
            "inbound": of["direction"] == "in",
            "by": people.get(str(of.get("author", "")).lower()),
        }

    return each(items, columns)


def insert_all(session: Session, ready: Sequence[Ready], context: Context) -> list[int]:
    ids = record.append_many(
        session,
        [
            (("case", columns["case_id"]), _line(item, columns), ActorRef("import", None, columns["by"]))
            for item, columns in ready
        ],
        now=context.now,
    )
    _note_contacts(session, [columns for _, columns in ready], context.now)
    return ids


def _line(item: Item, columns: dict[str, Any]) -> Line:
    of = item.record
    exchange = Exchange(
        columns["channel"],
        columns["inbound"],
        str(of["said"]),
        counterpart=str(of.get("counterpart", "")),
        title=str(of.get("title", "")),
    )
    line = exchange.line(columns["at"])
    if "author" not in of:
        return line
    return Line(line.kind, line.body, {**(line.text or {}), "author": str(of["author"])}, line.happened_at)


def _note_contacts(session: Session, stored: Sequence[dict[str, Any]], now: datetime) -> None:
    """The newest contact of each case, and its first reply, as the cases' own rows show them."""
    newest: dict[int, dict[str, Any]] = {}
    replied: dict[int, Any] = {}
    for one in stored:
        before = newest.get(one["case_id"])
        if before is None or one["at"] >= before["at"]:
            newest[one["case_id"]] = one
        if not one["inbound"]:
            replied[one["case_id"]] = min(one["at"], replied.get(one["case_id"], one["at"]))
    known: dict[int, Any] = {}
    for some in chunks(newest):
        query = select(*_SHOWN).where(Case.id.in_(some)).order_by(Case.id).with_for_update()
        known.update((row.id, row) for row in session.execute(query))
    for case_id in sorted(replied):
        if known[case_id].next_clock == "first_reply":
            clocks.cancel(session, session.get_one(Case, case_id), "first_reply", now=now)
    session.flush()
    # One statement for all: each in a statement of its own, these took half the time of an import.
    session.execute(
        _SHOW, [_shown(known[case_id], one, replied.get(case_id)) for case_id, one in sorted(newest.items())]
    )


def _shown(case: Any, newest: dict[str, Any], replied: datetime | None) -> dict[str, Any]:
    """What the row of `case` shows from now on, as the parameters of `_SHOW`."""
    later = case.last_contact_at is None or newest["at"] >= case.last_contact_at
    replies = [at for at in (case.first_reply_at, replied) if at is not None]
    return {
        "of": case.id,
        "to_at": newest["at"] if later else case.last_contact_at,
        "to_channel": newest["channel"] if later else case.last_contact_channel,
        "to_inbound": newest["inbound"] if later else case.last_contact_inbound,
        "to_replied": min(replies, default=None),
    }


_SHOWN = (
    Case.id,
    Case.last_contact_at,
    Case.last_contact_channel,
    Case.last_contact_inbound,
    Case.first_reply_at,
    Case.next_clock,
)

_cases: Any = Case.__table__

_SHOW = (
    update(_cases)
    .where(_cases.c.id == bindparam("of"))
    .values(
        version=_cases.c.version + 1,
        last_contact_at=bindparam("to_at"),
        last_contact_channel=bindparam("to_channel"),
        last_contact_inbound=bindparam("to_inbound"),
        first_reply_at=bindparam("to_replied"),
    )
)


STORE = Store(prepare, insert_all)
