"""Cases as they stood elsewhere: their number is kept as alias, their times and authors as they were.

What was said opens the record with the actor `import`; a case that is still live gets its clocks from now on.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

import casedesk.rulebook.models  # noqa: F401 - the table of cases points at judgements
from casedesk.accounts.models import Person, Team
from casedesk.cases.actions.clocks import SERVICE_MINUTES, service_hours
from casedesk.cases.entries import Event, Exchange
from casedesk.cases.models import Case, CaseAlias, CaseItem, CaseTag, Cause
from casedesk.customers.models import Customer, Subscription
from casedesk.deadlines import actions as deadlines
from casedesk.deadlines.actions import NewClock
from casedesk.deadlines.rules import due_after
from casedesk.imports.faults import RowFault
from casedesk.imports.shaping import Item
from casedesk.imports.storing.base import (
    Context,
    Ready,
    Store,
    by_column,
    chunks,
    currency,
    each,
    entity,
    minor,
    pointed,
    targets,
)
from casedesk.kernel.errors import RuleBroken
from casedesk.kernel.refs import case_number
from casedesk.ledger import actions as ledger
from casedesk.ledger.models import Charge
from casedesk.store import outbox, record
from casedesk.store.bulk import insert_rows, take_ids
from casedesk.store.record import ActorRef, Line

IMPORT = ActorRef("import")

_cases: Any = Case.__table__

JUDGED_AT_ONCE = 10

_LEFT_TO_DO = ("open", "waiting-customer", "waiting-third-party")


def prepare(session: Session, items: Sequence[Item], context: Context) -> list[Ready]:
    house = entity(session, context)
    customers = targets(session, "customers", items, "customer", context, Customer.reference, Customer.id)
    subscriptions = targets(
        session, "subscriptions", items, "subscription", context, Subscription.reference, Subscription.id
    )
    charges = targets(session, "charges", items, "charge", context, Charge.reference, Charge.id)
    bought = _rows(session, Subscription, subscriptions.values())
    paid = _rows(session, Charge, charges.values())
    people = _people(session, items)
    teams = by_column(session, Team.name, Team.id, _named(items, "team"))

    def columns(item: Item) -> dict[str, Any]:
        of = item.record
        customer = pointed(item, "customer", customers, "import.no_customer")
        subscription = bought.get(pointed(item, "subscription", subscriptions, "import.no_subscription"))
        charge = paid.get(pointed(item, "charge", charges, "import.no_charge"))
        for thing, name in ((subscription, "subscription"), (charge, "charge")):
            if thing is not None and customer is not None and thing.customer_id not in (None, customer):
                raise RowFault("import.not_theirs", name, reference=of[name])
        status, outcome = _status(item)
        opened = _past(item, "opened_at", context.now)
        closed = of.get("closed_at") if status == "closed" else None
        return {
            "entity_id": house.id,
            "kind": of["kind"],
            "status": status,
            "stage": of.get("stage", "desk" if status in ("decided", "closed") else "intake"),
            "outcome": outcome,
            "priority": int(str(of.get("priority", 3))),
            "owner_id": people.get(str(of.get("owner", "")).lower()),
            "team_id": teams.get(str(of.get("team", ""))),
            "customer_id": customer,
            "claimed_name": None if customer else of.get("claimed_name"),
            "claimed_contact": None if customer else of.get("claimed_contact"),
            "subscription_id": subscription.id if subscription else None,
            "charge_id": charge.id if charge else None,
            "stated_cause_id": _cause(session, item, "cause", context),
            "established_cause_id": _cause(session, item, "established_cause", context),
            "channel": of.get("channel", "mail"),
            "claimed_minor": minor(item, "amount"),
            "currency": currency(item, "amount") or house.currency,
            "source": of.get("source", subscription.source if subscription else "unknown"),
            "medium": of.get("medium", subscription.medium if subscription else ""),
            "campaign": of.get("campaign", subscription.campaign if subscription else ""),
            "occurred_at": of.get("occurred_at", opened),
            "opened_at": opened,
            "first_reply_at": _past(item, "first_reply_at", context.now),
            "decided_at": _past(item, "decided_at", context.now),
            "closed_at": (closed or of.get("decided_at", opened)) if status == "closed" else None,
            "last_contact_at": opened,
            "last_contact_channel": of.get("channel", "mail"),
            "last_contact_inbound": True,
            "imported": True,
        }

    return each(items, columns)


def _rows(session: Session, model: Any, ids: Any) -> dict[int | None, Any]:
    """What the checks read of subscriptions or charges, by id."""
    names = ["id", "customer_id"] + (["source", "medium", "campaign"] if model is Subscription else [])
    found: dict[int | None, Any] = {}
    for some in chunks(set(ids)):
        rows = session.execute(select(*(getattr(model, name) for name in names)).where(model.id.in_(some)))
        found.update((row.id, row) for row in rows)
    return found


def _named(items: Sequence[Item], name: str) -> set[str]:
    return {str(item.record[name]) for item in items if name in item.record}


def _people(session: Session, items: Sequence[Item]) -> dict[str, int]:
    """Agents and managers by mail address; who is not known here owns nothing, the name stays in the record."""
    wanted = {mail.lower() for name in ("owner", "author") for mail in _named(items, name)}
    found: dict[str, int] = {}
    for some in chunks(wanted):
        rows = session.execute(select(Person.mail, Person.id, Person.role).where(Person.mail.in_(some)))
        found.update((row.mail, row.id) for row in rows if row.role in ("agent", "manager"))
    return found


def _status(item: Item) -> tuple[str, str | None]:
    status = str(item.record.get("status", "open"))
    outcome = item.record.get("outcome")
    if status == "waiting-approval":
        raise RowFault("import.waiting_approval", "status")
    if status == "closed" and outcome is None:
        raise RowFault("import.closed_needs_outcome", "outcome")
    return status, str(outcome) if outcome and status in ("decided", "closed") else None


def _past(item: Item, name: str, now: datetime) -> Any:
    value: Any = item.record.get(name)
    if value is not None and value > now:
        raise RowFault("import.in_future", name)
    return value


def _cause(session: Session, item: Item, name: str, context: Context) -> int | None:
    code = item.record.get(name)
    if code is None:
        return None
    causes: dict[str, int] = context.cache.setdefault("causes", {})
    if not causes:
        causes.update((row.code, row.id) for row in session.execute(select(Cause.code, Cause.id)))
    if code not in causes:
        labels = context.mapping.causes.get(str(code))
        if not isinstance(labels, dict) or not {"en", "fr"} <= labels.keys():
            raise RowFault("import.cause", name, cause=str(code)[:60])
        made = Cause(
            code=str(code), label_en=str(labels["en"]), label_fr=str(labels["fr"]), position=len(causes) + 1
        )
        session.add(made)
        session.flush()
        causes[str(code)] = made.id
    return causes[str(code)]


# --- storing ------------------------------------------------------------------------------------


def insert_all(session: Session, ready: Sequence[Ready], context: Context) -> list[int]:
    ids = take_ids(session, Case, len(ready))
    stored = [(item, columns, case_id) for (item, columns), case_id in zip(ready, ids, strict=True)]
    house = entity(session, context)
    zone, prefix = ZoneInfo(house.time_zone), house.case_prefix
    rows = [
        {
            "id": case_id,
            "number": case_number(prefix, columns["opened_at"].astimezone(zone).year, case_id),
            **columns,
        }
        for _, columns, case_id in stored
    ]
    insert_rows(session, Case, rows)
    _keep_aliases(session, stored, context)
    insert_rows(session, CaseItem, [_item_row(columns, case_id) for _, columns, case_id in stored])
    tags = [{"case_id": i, "tag": tag} for item, _, i in stored for tag in item.record.get("tags", ())]  # type: ignore[attr-defined]
    insert_rows(session, CaseTag, tags)
    lines = [line for item, columns, case_id in stored for line in _lines(item, columns, case_id, context)]
    record.append_many(session, lines, now=context.now)
    _start_clocks(session, [(columns, case_id) for _, columns, case_id in stored], context)
    for item, columns, case_id in stored:
        _give_back(session, item, columns, case_id)
    _have_judged(session, [i for _, columns, i in stored if columns["status"] != "closed"], context)
    return ids


def _have_judged(session: Session, cases: Sequence[int], context: Context) -> None:
    """Leave the first verdict of cases that are not closed to the worker, a few at a time: each takes milliseconds."""
    work = [
        (f"import-judge-{some[0]}", ("import", some[0]), {"cases": some})
        for some in chunks(cases, JUDGED_AT_ONCE)
    ]
    outbox.put_many(session, "import.judge", work, due_at=context.now, now=context.now)


def _keep_aliases(
    session: Session, stored: Sequence[tuple[Item, dict[str, Any], int]], context: Context
) -> None:
    """The number that a case had there, as alias (with its source where another case has it)."""
    if context.mapping.fields["reference"].digest:
        return
    taken = by_column(session, CaseAlias.alias, CaseAlias.alias, (item.reference for item, _, _ in stored))
    insert_rows(
        session,
        CaseAlias,
        [
            {
                "alias": f"{context.mapping.source}/{item.reference}"
                if item.reference in taken
                else item.reference,
                "case_id": case_id,
            }
            for item, _, case_id in stored
        ],
    )


def _item_row(columns: dict[str, Any], case_id: int) -> dict[str, Any]:
    names = ("subscription_id", "charge_id", "claimed_minor", "currency")
    return {"case_id": case_id, **{name: columns[name] for name in names}}


def _lines(
    item: Item, columns: dict[str, Any], case_id: int, context: Context
) -> list[tuple[tuple[str, int], Line, ActorRef]]:
    """How the case's record begins: opened there, what was said, and how it stood when it came."""
    subject = ("case", case_id)
    names = ("kind", "channel", "source", "claimed_minor", "currency")
    author = item.record.get("author")
    lines = [Event("opened", {name: columns[name] for name in names}).line(columns["opened_at"])]
    said = item.record.get("said")
    if said:
        exchange = Exchange(
            columns["channel"], True, str(said), counterpart=str(columns["claimed_name"] or "")
        )
        lines.append(exchange.line(columns["occurred_at"]))
    stood = {
        "from": context.mapping.source,
        "status": columns["status"],
        "outcome": columns["outcome"],
        "decided_at": columns["decided_at"].isoformat() if columns["decided_at"] else None,
        "closed_at": columns["closed_at"].isoformat() if columns["closed_at"] else None,
    }
    text = {"reference": item.reference} | ({"author": str(author)} if author else {})
    lines.append(Event("imported", stood, text).line())
    return [(subject, line, IMPORT) for line in lines]


def _start_clocks(session: Session, stored: Sequence[tuple[dict[str, Any], int]], context: Context) -> None:
    """The desk has its usual time from the moment it got the case: what was late elsewhere is not late here."""
    live = [(columns, i) for columns, i in stored if columns["status"] in _LEFT_TO_DO]
    if not live:
        return
    hours = service_hours(entity(session, context))
    for name in ("first_reply", "decide"):
        due = due_after(context.now, SERVICE_MINUTES[name], hours)
        clock = NewClock(name, due.at, due.working)
        wanted = [i for columns, i in live if name == "decide" or columns["first_reply_at"] is None]
        held = {i for columns, i in live if columns["status"] == "waiting-customer"}
        deadlines.start_many(session, "case", wanted, clock, held=held, now=context.now)
        shown = [
            {"of": i, "held": i in held}
            for columns, i in live
            if (name == "first_reply") == (columns["first_reply_at"] is None)
        ]
        if shown:
            values = {"next_clock": name, "next_started_at": context.now, "next_due_at": due.at}
            session.execute(
                update(_cases)
                .where(_cases.c.id == bindparam("of"))
                .values(next_paused=bindparam("held"), **values),
                shown,
            )


def _give_back(session: Session, item: Item, columns: dict[str, Any], case_id: int) -> None:
    """Put a refund that was paid elsewhere in the ledger, so that nobody pays it again."""
    amount = minor(item, "refunded")
    if not amount or columns["charge_id"] is None:
        return
    try:
        ledger.refund_unreserved(
            session,
            columns["charge_id"],
            amount,
            key=f"import-case-{case_id}",
            case_id=case_id,
            now=columns["closed_at"] or columns["decided_at"] or columns["opened_at"],
        )
    except RuleBroken as error:
        raise RowFault("import.refund_too_much", "refunded", charge=item.record["charge"]) from error


STORE = Store(prepare, insert_all)
