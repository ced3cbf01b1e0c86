"""Exchanges of cases that the desk has: added to their chains with their own times and authors."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
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
    table: Any = Case.__table__
    known: dict[int, Any] = {}
    for some in chunks(newest):
        query = select(Case.id, Case.last_contact_at, Case.first_reply_at, Case.next_clock).where(
            Case.id.in_(some)
        )
        known.update((row.id, row) for row in session.execute(query.order_by(Case.id).with_for_update()))
    for case_id in sorted(replied):
        if known[case_id].next_clock == "first_reply":
            clocks.cancel(session, session.get_one(Case, case_id), "first_reply", now=now)
    session.flush()
    for case_id, one in sorted(newest.items()):
        values: dict[str, Any] = {"version": table.c.version + 1}
        if known[case_id].last_contact_at is None or one["at"] >= known[case_id].last_contact_at:
            values |= {
                "last_contact_at": one["at"],
                "last_contact_channel": one["channel"],
                "last_contact_inbound": one["inbound"],
            }
        if case_id in replied:
            first = known[case_id].first_reply_at
            values["first_reply_at"] = min(replied[case_id], first) if first else replied[case_id]
        session.execute(update(table).where(table.c.id == case_id).values(**values))


STORE = Store(prepare, insert_all)
