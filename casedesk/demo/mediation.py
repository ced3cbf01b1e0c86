"""Some forty mediations in every state, on cases of the demo; one as it was drawn."""

import random
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from casedesk.cases.models import Case
from casedesk.customers.models import Customer
from casedesk.deadlines.jobs import look
from casedesk.deadlines.models import Clock
from casedesk.demo.calendar import working
from casedesk.demo.house import House
from casedesk.demo.mediation_file import PlayedFile
from casedesk.demo.mediators import panel_of
from casedesk.demo.rosalind import Rosalind
from casedesk.mediation import jobs
from casedesk.mediation.queries.money import refundable
from casedesk.store.models import OutboxRow

PLAYS: tuple[tuple[str, int, str], ...] = (
    # how far it comes, how many days ago it was asked for, language
    ("requested", 1, "fr"), ("requested", 2, "en"), ("incomplete", 8, "fr"), ("taken", 5, "en"), ("taken", 12, "fr"),
    ("admissible", 9, "fr"), ("admissible", 11, "en"),
    ("notified", 14, "fr"), ("notified", 19, "en"), ("notified", 22, "fr"),
    ("exchange", 33, "fr"), ("exchange", 41, "en"), ("restated", 38, "fr"), ("restated", 52, "en"), ("asked", 45, "fr"),
    ("offers", 48, "en"), ("extended", 84, "fr"), ("late", 107, "en"),
    ("proposal", 36, "fr"), ("proposal", 58, "en"), ("half", 49, "fr"), ("half", 61, "en"), ("countered", 55, "fr"),
    ("agreed", 40, "fr"), ("agreed", 57, "en"), ("carried_out", 90, "fr"), ("carried_out", 118, "en"),
    ("carried_out", 150, "fr"), ("carried_out", 190, "fr"), ("settled_blind", 131, "en"), ("breached", 88, "fr"),
    ("closed", 96, "fr"), ("closed", 125, "en"), ("closed", 160, "fr"), ("closed", 205, "fr"), ("closed", 230, "en"),
    ("declined_elsewhere", 30, "fr"), ("declined_no_complaint", 74, "en"), ("declined_too_late", 140, "fr"),
    ("declined_out_of_scope", 171, "fr"),
    ("withdrawn_company", 66, "en"), ("withdrawn_court", 112, "fr"), ("withdrawn_settled", 183, "fr"),
    ("lapsed", 128, "fr"), ("lapsed", 145, "en"),
)  # fmt: skip

_QUIET = timedelta(days=3)


def play(session: Session, rosalind: Rosalind, house: House, rng: random.Random, *, now: datetime) -> None:
    """Every file of PLAYS and the drawn one, then what the clocks say of them by `now`."""
    panel = panel_of(session, now)
    rosalind.play(session, house, panel)
    taken: set[int] = set()
    for target, days, language in PLAYS:
        start = working(now - timedelta(days=days, hours=rng.randint(0, 6)))
        case = _case(session, language, start, taken)
        if case is not None:
            taken.add(case.id)
            PlayedFile(session, case, target, house, panel, rng, min(start, now), now).run()
            session.flush()
            session.expunge_all()
    _clocks(session, now)


def _case(session: Session, language: str, start: datetime, taken: set[int]) -> Case | None:
    """A case in `language` that was decided against the customer, in whole or part, and quiet since before `start`."""
    quiet = start - _QUIET
    last = func.coalesce(Case.closed_at, Case.decided_at, Case.last_contact_at)
    statement = (
        select(Case)
        .join(Customer, Customer.id == Case.customer_id)
        .where(
            Case.kind != "chargeback",
            Case.charge_id.is_not(None),
            Case.status.in_(("closed", "decided")),
            or_(Case.outcome == "refused", Case.outcome == "partly-granted", Case.outcome == "granted"),
            Customer.locale.like(f"{language}%"),
            Case.opened_at > start - timedelta(days=200),
            last < quiet,
            Case.last_contact_at < quiet,
            Case.id.not_in(taken),
        )
        .order_by((Case.outcome == "granted"), (Case.kind != "dispute"), Case.opened_at.desc(), Case.id)
        .limit(25)
    )
    return next((case for case in session.scalars(statement) if refundable(session, case) >= 3_000), None)


def _clocks(session: Session, now: datetime) -> None:
    """What the clocks of the files would have said by `now`, each at its instant: until none is overdue."""
    for _ in range(4):
        late = session.scalars(
            select(Clock)
            .where(Clock.subject_kind == "mediation", Clock.state == "running", Clock.due_at <= now)
            .where(Clock.breached_at.is_(None))
            .order_by(Clock.due_at, Clock.id)
        ).all()
        for clock in late:
            look(session, {"clock_id": clock.id}, now=clock.due_at + timedelta(seconds=20))
        session.flush()
        rows = session.scalars(
            select(OutboxRow)
            .where(OutboxRow.kind == "mediation.clock_breached", OutboxRow.state == "ready")
            .order_by(OutboxRow.due_at, OutboxRow.id)
        ).all()
        for row in rows:
            jobs.breached(session, dict(row.payload), now=row.due_at)
            row.state, row.done_at, row.started_at, row.attempts = "done", row.due_at, row.due_at, 1
        session.flush()
        if not rows:
            return
