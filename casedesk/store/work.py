"""What a room's jobs.py registers, and what its calls may say about an attempt.

`HANDLERS = {"refund.create": create_refund}`: an effect in our database. `create_refund(session, payload, *, now)`
runs in the transaction that marks the row done, so it happens exactly once.

`CALLS = {"mail.send": Call(prepare, call, finish)}`: an effect outside. Nothing can make that exactly once, so the
row says `sending` before the call leaves, and a row found so after a crash is uncertain.

`SCHEDULE = (Timed("clock.remind", timedelta(minutes=1)),)`: a handler or call that comes back.

`SLOW = frozenset({"import.run"})`: kinds of the above that may take minutes. They have a lane of their own, so that no
reminder and no mail waits for them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

Handler = Callable[..., datetime | None]
"""``handler(session, payload, *, now)``; one of SCHEDULE may answer when it wants to run again, if not by the clock."""


@dataclass(frozen=True)
class Job:
    """An outbox row as `prepare`, `finish` and `failed` see it. `uncertain`: an attempt before may have got through."""

    id: int
    kind: str
    key: str
    payload: Mapping[str, Any]
    due_at: datetime
    attempts: int
    uncertain: bool


@dataclass(frozen=True)
class Call:
    """Work that leaves the house, in three steps; no transaction is open during the second.

    `prepare(session, job, *, now)` answers the request as plain values, or None: nothing is left to do.
    `call(request)` does it and answers a result. It raises NotDone where it surely did not happen (tried again),
    Refused where trying again is useless; after anything else nobody knows, and the row is uncertain.
    `finish(session, job, result, *, now)` writes down what came of it, with the done-mark in the same commit.
    `failed(session, job, error, *, final, now)`, where given, writes down an attempt that failed.
    An uncertain row is prepared again with `job.uncertain` (and the same `job.key`), or waits for a person.
    """

    prepare: Callable[..., Any]
    call: Callable[[Any], Any]
    finish: Callable[..., None]
    failed: Callable[..., None] | None = None
    when_uncertain: Literal["repeat", "wait"] = "repeat"


@dataclass(frozen=True)
class Timed:
    """Work of `kind` that comes back each `every`; its row stays in the outbox and is armed again in each commit."""

    kind: str
    every: timedelta


class NotDone(Exception):
    """The call surely had no effect outside (no connection, a temporary refusal): try again later."""


class Refused(Exception):
    """The other side refused for good (no such address): trying again is useless."""


_watchers: list[Callable[[str], None]] = []


def passing(point: str) -> None:
    """The worker passes `point`. Nobody watches in production; a test kills the process here."""
    for watcher in _watchers:
        watcher(point)


def watch(watcher: Callable[[str], None]) -> None:
    """Let `watcher` hear of every point that the worker passes in this process."""
    _watchers.append(watcher)
