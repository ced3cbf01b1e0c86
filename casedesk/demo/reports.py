"""What managers of the demo keep of reports: rates of exchange, a saved report that the desk shares, a weekly mail."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.models import Person
from casedesk.reports import cube, report_actions
from casedesk.reports.periods import add_months
from casedesk.reports.report_actions import SaveReport

WORTH = (
    "1.19",
    "1.18",
    "1.17",
    "1.18",
    "1.16",
    "1.15",
    "1.16",
    "1.17",
    "1.15",
    "1.14",
    "1.15",
    "1.16",
    "1.15",
)
"""What a pound was worth in euros on the first of each month, the oldest first: plausible, not real."""


def keep(session: Session, *, zone: str, now: datetime) -> None:
    """Enter the rates, save two reports, and bring the cube up to now."""
    manager_id = session.scalar(
        select(Person.id).where(Person.role == "manager").order_by(Person.id).limit(1)
    )
    actor = report_actions.person_actor(session, manager_id) if manager_id is not None else None
    if actor is None:
        return
    today = now.astimezone(ZoneInfo(zone)).date()
    for back, worth in enumerate(reversed(WORTH)):
        first = add_months(today.replace(day=1), -back)
        report_actions.enter_rate(
            session, first, "GBP", Decimal(worth), "demo", actor=actor, home="EUR", today=today, now=now
        )
    french = actor.locale == "fr"
    refunds = SaveReport(
        "Remboursements par provenance" if french else "Refunds by source",
        "refunds",
        {"period": ["last-month"], "by": ["source"], "compare": ["before"]},
        ("manager",),
    )
    volume = SaveReport(
        "Dossiers par équipe" if french else "Cases by team",
        "volume",
        {"period": ["last-90"], "by": ["team"], "grain": ["week"]},
        ("agent", "manager"),
    )
    report_actions.save(session, volume, actor=actor, now=now)
    saved = report_actions.save(session, refunds, actor=actor, now=now)
    report_actions.schedule(session, saved.id, "month", actor=actor, zone=zone, now=now)
    cube.rebuild(session, zone=zone, now=now)
