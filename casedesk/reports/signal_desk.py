"""The scan of the database at once, for the command and the demo: the worker's steps without the worker."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from casedesk.kernel.errors import InvalidInput
from casedesk.reports import exposure
from casedesk.reports import signal_keeping as keeping
from casedesk.reports import signals as room
from casedesk.reports.findings import Scan
from casedesk.reports.signal_effects import Watch
from casedesk.reports.signal_files import day_number
from casedesk.reports.signal_models import SignalScan
from casedesk.reports.signal_money import worth_on
from casedesk.reports.signal_panel import load
from casedesk.reports.signal_scan import Known, look
from casedesk.reports.signal_source import read
from casedesk.store import clock
from casedesk.store.db import db
from casedesk.store.transaction import transaction


def scan_now(zone: str, on: date | None, *, keep: bool) -> Scan:
    """What is found as of the day `on` (today by default). Raises InvalidInput for a day that lies ahead, or no case."""
    now = clock.now()
    today = now.astimezone(ZoneInfo(zone)).date()
    as_of = on or today
    if as_of > today:
        raise InvalidInput("signals.future", day=as_of.isoformat())
    data = read(db.session(), zone=zone, as_of=as_of)
    if data is None:
        raise InvalidInput("signals.no_cases")
    loaded = load(data.cases, data.exposure, day_number(as_of.isoformat()))
    result = room.scan(loaded, worth_on(db.session(), as_of))
    if keep:
        with transaction() as session:
            keep_scan(session, zone, as_of, now=now)
    return result


def keep_scan(session: Session, zone: str, as_of: date, *, now: datetime) -> SignalScan:
    """Scan and keep what is found, in the caller's transaction. Nobody is told: who asks for it is here."""
    before = keeping.latest(session)
    known = Known(
        judged=before.judged if before else None,
        past=before.past if before else "",
        open_since=keeping.open_since(session),
        watched=tuple(Watch(*one) for one in keeping.watched(session)),
    )
    scan = SignalScan(as_of=as_of, state="running", asked_at=now, started_at=now, notes=[], few=[])
    session.add(scan)
    session.flush()
    data = read(session, zone=zone, as_of=as_of)
    if data is not None:
        for signal in keeping.keep(session, scan, look(data, as_of=as_of, known=known), now=now):
            signal.told_at, signal.told_excess = now, signal.excess
        session.flush()
    return scan


def import_exposure(rows: list[exposure.Exposed]) -> int:
    """Keep the rows of an exposure file."""
    with transaction() as session:
        return exposure.store_rows(session, rows, now=clock.now())
