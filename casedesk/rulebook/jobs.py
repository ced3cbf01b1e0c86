"""The worker's part: a replay as calls of some seconds each, every one leaving the next."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from casedesk.kernel.errors import Conflict, Unavailable
from casedesk.rulebook import replaying
from casedesk.rulebook.models import Replay
from casedesk.store import clock
from casedesk.store.models import OutboxRow
from casedesk.store.work import Call, Job, NotDone

ALIVE = timedelta(minutes=2)


@dataclass(frozen=True)
class Request:
    replay_id: int
    job_id: int


def prepare(session: Session, job: Job, *, now: datetime) -> Request | None:
    """The replay to go on with; None where it was stopped meanwhile."""
    replay_id = int(job.payload["replay_id"])
    return Request(replay_id, job.id) if replaying.begin(session, replay_id) else None


def call(request: Request) -> bool:
    """Some seconds of the replay. A repeated call goes on from the last slice that was kept."""

    def kept(session: Session) -> None:
        alive = update(OutboxRow).where(OutboxRow.id == request.job_id)
        session.execute(alive.values(claimed_until=clock.now() + ALIVE))

    try:
        return replaying.run(request.replay_id, clock=clock.now, kept=kept)
    except (Conflict, Unavailable) as error:
        raise NotDone(str(error)) from error


def finish(session: Session, job: Job, ended: bool, *, now: datetime) -> None:
    """Leave the next call, unless the replay is at its end."""
    if not ended:
        replay = session.get_one(Replay, int(job.payload["replay_id"]))
        replaying.leave(session, replay.id, replay.last_id, now=now)


def failed(session: Session, job: Job, error: str, *, final: bool, now: datetime) -> None:
    if final:
        replaying.fail(session, int(job.payload["replay_id"]), error, now=now)


CALLS = {"rulebook.replay": Call(prepare, call, finish, failed)}
