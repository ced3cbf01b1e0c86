"""The kinds of entry a case's record holds: what each keeps in codes (body) and what is personal (text).

An exchange has a channel and may be sent; a note has neither a channel nor a recipient, and nothing that sends
accepts it: the two are different types from the form to the table's `kind`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from casedesk.store.record import Line


@dataclass(frozen=True)
class ActLine:
    """What a message legally is: one of rules.ACTS, with the instants that count."""

    kind: str
    declared_at: datetime | None = None
    sent_at: datetime | None = None
    received_at: datetime | None = None
    subscription_id: int | None = None


@dataclass(frozen=True)
class Exchange:
    """One documented contact. `promise` and `promised_until` are what was promised until when."""

    channel: str
    inbound: bool
    said: str
    counterpart: str = ""
    title: str = ""
    promise: str = ""
    promised_until: datetime | None = None
    acts: tuple[ActLine, ...] = ()
    minutes: int | None = None
    attachments: int = 0

    def line(self, happened_at: datetime | None, corrects_id: int | None = None) -> Line:
        body: dict[str, Any] = {
            "channel": self.channel,
            "inbound": self.inbound,
            "acts": [act.kind for act in self.acts],
            "attachments": self.attachments,
        }
        if self.promised_until:
            body["promised_until"] = self.promised_until.isoformat()
        if self.minutes is not None:
            body["minutes"] = self.minutes
        text = {"said": self.said, "with": self.counterpart, "title": self.title, "promise": self.promise}
        return Line("exchange", body, {k: v for k, v in text.items() if v}, happened_at, corrects_id)


@dataclass(frozen=True)
class Note:
    """An internal remark: for colleagues only. It has no channel and no recipient, by type."""

    said: str

    def line(self, corrects_id: int | None = None) -> Line:
        return Line("note", {}, {"said": self.said}, None, corrects_id)


@dataclass(frozen=True)
class Event:
    """Something happened to the case: `what` is a code, `params` codes, numbers and ids; never personal text."""

    what: str
    params: Mapping[str, Any] = field(default_factory=dict)
    text: Mapping[str, Any] | None = None

    def line(self, happened_at: datetime | None = None) -> Line:
        return Line(f"event.{self.what}", dict(self.params), self.text, happened_at)
