"""The worker's part: the whole import as one call, in transactions of its own; begun again after a crash it goes on.

Both kinds are slow work: they run in a lane of their own, and between two transactions let others write.
"""

import logging
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import force_locale
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from casedesk.accounts.actor import not_a_person
from casedesk.accounts.models import Person
from casedesk.cases.actions.judging import judge_case
from casedesk.cases.models import Case
from casedesk.imports import actions
from casedesk.imports.errorfile import MEDIA
from casedesk.imports.faults import FileFault, MappingFault
from casedesk.imports.mapping import parse
from casedesk.imports.running import Tally, open_run, store_all
from casedesk.imports.sentences import sentence, sentences
from casedesk.kernel.errors import Conflict, Unavailable
from casedesk.store import blobs, clock
from casedesk.store.db import db
from casedesk.store.models import OutboxRow
from casedesk.store.work import Call, Job, NotDone, Refused, Timed

log = logging.getLogger("casedesk.imports")

SYSTEM = not_a_person("system")

ALIVE = timedelta(minutes=2)

TURN_SECONDS = 0.05


@dataclass(frozen=True)
class Request:
    run_id: int
    job_id: int
    toml: str
    digest: str
    joined: dict[str, str]
    locale: str


@dataclass(frozen=True)
class Result:
    tally: Tally
    error_file: bytes | None
    media_type: str


def prepare(session: Session, job: Job, *, now: datetime) -> Request | None:
    """The files and the mapping; None where the import was done meanwhile."""
    run = actions.locked(session, job.payload["run_id"])
    if run.state == actions.DONE or run.file_digest is None:
        return None
    run.state = actions.RUNNING
    person = session.get(Person, run.person_id) if run.person_id else None
    locale = person.locale if person else "en"
    return Request(run.id, job.id, run.mapping["toml"], run.file_digest, run.mapping["files"], locale)


def call(request: Request) -> Result:
    """Store everything. Rows that an earlier attempt stored are known already."""

    def open_file(name: str) -> bytes:
        if name not in request.joined:
            raise FileFault("import.file_missing", file=name)
        return blobs.read(request.joined[name])

    def kept(session: Session, tally: Tally) -> None:
        actions.progress(session, request.run_id, tally)
        alive = update(OutboxRow).where(OutboxRow.id == request.job_id)
        session.execute(alive.values(claimed_until=clock.now() + ALIVE))

    with force_locale(request.locale):
        try:
            run = open_run(blobs.read(request.digest), parse(request.toml), open_file)
            store_all(
                run, dry_run=False, clock=clock.now, kept=kept, progress=lambda _tally: let_others_write()
            )
        except FileFault as fault:
            raise Refused(sentence(fault)) from fault
        except MappingFault as faults:
            raise Refused(" ".join(sentences(faults))) from faults
        except (Conflict, Unavailable) as error:
            raise NotDone(str(error)) from error
        return Result(run.tally, run.error_file(), MEDIA[run.table.form])


def finish(session: Session, job: Job, result: Result, *, now: datetime) -> None:
    actions.finish(
        session, job.payload["run_id"], result.tally, result.error_file, result.media_type, now=now
    )


def failed(session: Session, job: Job, error: str, *, final: bool, now: datetime) -> None:
    if final:
        actions.fail(session, job.payload["run_id"], error.removeprefix("Refused: "), now=now)


def judge(session: Session, payload: dict[str, Any], *, now: datetime) -> None:
    """The imported cases that nobody has judged since get their first verdict. One that cannot be judged waits for
    whoever opens it next; it holds up no other."""
    cases = session.scalars(
        select(Case)
        .where(Case.id.in_(payload["cases"]), Case.judgement_id.is_(None))
        .order_by(Case.id)
        .with_for_update()
    ).all()
    for case in cases:
        try:
            with session.begin_nested():
                judge_case(session, case, actor=SYSTEM, now=now)
                session.flush()
        except (OperationalError, Conflict, Unavailable):
            raise
        except Exception:
            log.exception("the imported case %s could not be judged", case.id)


def let_others_write() -> None:
    """On SQLite only one can write at a time: who waits looks again at least this often, and gets a turn."""
    if db.engine.dialect.name == "sqlite":
        time.sleep(TURN_SECONDS)


def expire(session: Session, _payload: dict[str, Any], *, now: datetime) -> None:
    """Files of imports go after their time."""
    actions.expire(session, now=now)


def customer_erased(session: Session, payload: dict[str, Any], *, now: datetime) -> None:
    """The files that may still name an erased customer go at once."""
    actions.forget_customer(session, payload["customer_id"], now=now)


HANDLERS = {"import.judge": judge, "import.expire": expire, "case.customer_erased": customer_erased}

SCHEDULE = (Timed("import.expire", timedelta(days=1)),)

CALLS = {"import.run": Call(prepare, call, finish, failed)}

SLOW = frozenset({"import.run", "import.judge"})
