"""A worker, relay or queue worker that kills itself with -9 when it passes a named point. Started by the tests.

python -m tests.jobs.dying_worker ROLE POINT PASSES
"""

import os
import signal
import sys
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from casedesk import worker
from casedesk.app import create_app
from casedesk.store import record
from casedesk.store.running import Work
from casedesk.store.work import watch

NOTE = "test.note"
CLAIM = timedelta(seconds=2)


def write_note(session: Session, payload: dict[str, Any], *, now: Any) -> None:
    """One entry on the case: an effect that can be counted."""
    line = record.Line("note", {"n": payload["n"]})
    record.append(session, ("case", payload["case_id"]), line, actor=record.SYSTEM, now=now)


def work() -> Work:
    """All that the rooms registered, a countable handler, and a short patience with calls."""
    rooms = worker.collect()
    return replace(rooms, handlers={**rooms.handlers, NOTE: write_note}, call_limit=CLAIM)


def die_at(point: str, passes: int) -> None:
    """From now on the process dies, without any clean-up, when it passes `point` the `passes`-th time."""
    left = [passes]

    def watcher(passed: str) -> None:
        if passed == point:
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)

    watch(watcher)


def main(role: str, point: str, passes: int) -> None:
    die_at(point, passes)
    app = create_app()
    if role == "embedded":
        worker.run(app, work(), worker.stop_on_signals())
        return
    from redis import Redis

    from casedesk import relay

    connection = Redis.from_url(os.environ["REDIS_URL"])
    if role == "relay":
        relay.relay(app, work(), connection, worker.stop_on_signals(), claim=CLAIM)
    else:
        relay.serve(app, work(), connection)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
