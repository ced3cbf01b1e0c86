"""What the rules read of a request for mediation: place, customer, complaint, answer, and what was declared. Pure.

A register that is complete founds a no: the file itself for what nobody alleged, the record for an answer not given.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from casedesk.cases.facts import CaseFile, SuppliedLine, facts_of
from casedesk.policy.facts import Facts

_PLACE = ("timezone", "jurisdiction", "holiday_calendar", "consumer")

_WRITTEN = ("mail", "letter", "portal")


@dataclass(frozen=True)
class Asked:
    """The request: when, what the customer declared (None: not asked), what the charter asks to wait, and how the
    company answered the complaint (None: it did not; outcomes of the case's decision)."""

    seized_at: datetime
    court_seized: bool | None
    other_mediator: bool | None
    wait_months: int | None
    decided: str | None
    channel: str
    supplied: tuple[SuppliedLine, ...] = ()


_REPLIES = {"granted": "accepted", "partly-granted": "partly_accepted", "refused": "refused"}


def admissibility_facts(file: CaseFile, asked: Asked, *, now: datetime) -> Facts:
    """The facts of the question whether the mediator may take the case."""
    known = facts_of(file, now=now)
    values: dict[str, object] = {}
    sources: dict[str, str] = {}

    def put(name: str, value: object, source: str) -> None:
        if value is not None:
            values[name], sources[name] = value, source

    plain = known.to_plain()
    for name in _PLACE:
        put(name, plain.get(name, {}).get("value"), "customer")
    complaint = _complaint(file, asked.channel)
    put("written_complaint_at", complaint.isoformat() if complaint else None, "exchange")
    put("mediator_seized_at", asked.seized_at.isoformat(), "request")
    put("court_seized", asked.court_seized, "declared")
    put("other_mediator", asked.other_mediator, "declared")
    put("alleged_abusive", False, "file")
    put("mediator_min_wait_months", asked.wait_months, "charter")
    put("trader_reply", _REPLIES.get(asked.decided, "none") if asked.decided else "none", "record")
    put("evaluate_at", now.isoformat(), "clock")
    for line in asked.supplied:
        values.pop(line.name, None)
        if line.state != "unknown":
            values[line.name] = line.value if line.state == "known" else _no(line.name)
            sources[line.name] = line.source
    return Facts.lenient(values, {name: source for name, source in sources.items() if name in values})


def deadline_facts(
    place: Mapping[str, Any],
    *,
    start_at: datetime,
    event: str,
    parts: Sequence[datetime],
    extension: Mapping[str, Any] | None,
    now: datetime,
) -> Facts:
    """The facts of a legal period of the file: `place` gives zone, jurisdiction and calendar."""
    return Facts.lenient(
        {
            **{
                name: place[name]
                for name in ("timezone", "jurisdiction", "holiday_calendar")
                if name in place
            },
            "start_at": start_at.isoformat(),
            "start_event": event,
            "action_at": max(now, start_at).isoformat(),
            "extension": dict(extension) if extension else "none",
            "file_parts_received_at": [one.isoformat() for one in parts] if len(parts) > 1 else "none",
        },
        {},
    )


def _complaint(file: CaseFile, channel: str) -> datetime | None:
    """When the customer first complained in writing: as recorded, else the first request where it came in writing."""
    said = [act.at for act in file.acts if act.kind == "written_complaint"]
    if not said and channel in _WRITTEN:
        said = [act.at for act in file.acts if act.kind in ("refund_request", "termination", "withdrawal")]
    return min(said) if said else None


def _no(name: str) -> object:
    return {"court_seized": False, "other_mediator": False, "alleged_abusive": False}.get(
        name, "none" if name in ("trader_reply", "mediator_min_wait_months") else "never"
    )
