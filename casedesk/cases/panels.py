"""What this room shows on pages of other rooms: Home, a customer, a subscription."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.permits import Permission
from casedesk.cases import words
from casedesk.cases.event_words import clock_name
from casedesk.cases.queries.home import (
    ApprovalLine,
    CaseLine,
    Figures,
    approvals,
    cases_of,
    due_next,
    figures,
    unread,
)
from casedesk.cases.queries.views import SOON
from casedesk.web.clockface import ClockFace, clock_face
from casedesk.web.slots import Panel


@dataclass(frozen=True)
class LineFace:
    """A case in a short list."""

    url: str
    number: str
    name: str
    kind: str
    act: str
    unread: bool
    clock: ClockFace | None
    opened_at: datetime


@dataclass(frozen=True)
class ListFace:
    """A short list with its whole count and the view that has all of it."""

    lines: list[LineFace]
    count: int
    url: str


def _face(line: CaseLine, now: datetime) -> LineFace:
    clock = None
    if line.next_due_at is not None and line.next_clock is not None:
        clock = clock_face(
            clock_name(line.next_clock),
            line.next_due_at,
            now,
            started_at=line.next_started_at,
            state="paused" if line.next_paused else None,
            risk_from=line.next_due_at - SOON,
        )
    return LineFace(
        f"/cases/{line.id}",
        line.number,
        line.name or _("Unknown customer"),
        words.said(words.KIND, line.kind),
        words.next_act(line.kind, line.status, line.stage, line.outcome),
        line.unread,
        clock,
        line.opened_at,
    )


def my_due(session: Session, actor: Actor, now: datetime, **_context: Any) -> ListFace:
    lines = due_next(session, actor)
    return ListFace([_face(line, now) for line in lines], len(lines), "/cases?view=mine")


def my_unread(session: Session, actor: Actor, now: datetime, **_context: Any) -> ListFace | None:
    lines = unread(session, actor)
    return (
        ListFace([_face(line, now) for line in lines], len(lines), "/cases?view=mine&sort=contact&dir=desc")
        if lines
        else None
    )


def to_approve(
    session: Session, actor: Actor, now: datetime, **_context: Any
) -> Sequence[ApprovalLine] | None:
    return approvals(session, actor) or None


def desk_figures(session: Session, actor: Actor, now: datetime, **_context: Any) -> Figures:
    return figures(session, actor, now=now, soon=now + SOON, day=now + timedelta(hours=24))


def of_customer(
    session: Session, actor: Actor, now: datetime, *, customer_id: int, **_context: Any
) -> ListFace:
    lines = cases_of(session, actor, customer_id=customer_id)
    return ListFace([_face(line, now) for line in lines], len(lines), "")


def of_subscription(
    session: Session, actor: Actor, now: datetime, *, subscription_id: int, **_context: Any
) -> ListFace | None:
    lines = cases_of(session, actor, subscription_id=subscription_id)
    return ListFace([_face(line, now) for line in lines], len(lines), "") if lines else None


PANELS = {
    "home.main": [
        Panel(Permission.APPROVE, to_approve, "cases/home_approvals.html"),
        Panel(Permission.SEE_CASES, my_unread, "cases/home_unread.html"),
        Panel(Permission.SEE_CASES, my_due, "cases/home_due.html"),
    ],
    "home.side": [Panel(Permission.SEE_CASES, desk_figures, "cases/home_figures.html")],
    "customer.cases": [Panel(Permission.SEE_CASES, of_customer, "cases/of_customer.html")],
    "subscription.side": [Panel(Permission.SEE_CASES, of_subscription, "cases/of_customer.html")],
}
