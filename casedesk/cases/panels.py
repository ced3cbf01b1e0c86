"""What this room shows on pages of other rooms: Home, a customer, a subscription."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.permits import Permission
from casedesk.cases.line_faces import ListFace, count_words, list_face
from casedesk.cases.queries import home
from casedesk.cases.queries.home import ApprovalLine, Load
from casedesk.cases.queries.views import SOON
from casedesk.web.slots import Panel


@dataclass(frozen=True)
class ApprovalsFace:
    """The oldest proposals of others, and how many wait in all."""

    lines: list[ApprovalLine]
    count: str


@dataclass(frozen=True)
class FiguresFace:
    """How the desk stands: each figure as a number, to choose its colour, and in words."""

    figures: home.Figures

    def words(self, name: str) -> str:
        return count_words(getattr(self.figures, name))


def my_due(session: Session, actor: Actor, now: datetime, **_context: Any) -> ListFace:
    return list_face(home.due_next(session, actor), now, "/cases?view=mine")


def my_unread(session: Session, actor: Actor, now: datetime, **_context: Any) -> ListFace:
    return list_face(home.unread(session, actor), now, "/cases?view=mine&sort=contact&dir=asc")


def pressing(session: Session, actor: Actor, now: datetime, **_context: Any) -> ListFace:
    return list_face(home.pressing(session, actor, soon=now + SOON), now, "/cases?view=open")


def to_approve(session: Session, actor: Actor, now: datetime, **_context: Any) -> ApprovalsFace:
    lines = home.approvals(session, actor)
    return ApprovalsFace(lines, count_words(lines[0].total if lines else 0))


def desk_figures(session: Session, actor: Actor, now: datetime, **_context: Any) -> FiguresFace:
    return FiguresFace(home.figures(session, actor, now=now, soon=now + SOON, day=now + timedelta(hours=24)))


def workload(session: Session, actor: Actor, now: datetime, **_context: Any) -> list[Load]:
    return home.workload(session, actor, now=now, soon=now + SOON)


def of_customer(
    session: Session, actor: Actor, now: datetime, *, customer_id: int, **_context: Any
) -> ListFace:
    return list_face(home.cases_of(session, actor, customer_id=customer_id), now)


def of_subscription(
    session: Session, actor: Actor, now: datetime, *, subscription_id: int, **_context: Any
) -> ListFace | None:
    lines = home.cases_of(session, actor, subscription_id=subscription_id)
    return list_face(lines, now) if lines else None


PANELS = {
    "home.main": [
        Panel(Permission.APPROVE, to_approve, "cases/home/approvals.html"),
        Panel(Permission.APPROVE, pressing, "cases/home/pressing.html"),
        Panel(Permission.SEE_CASES, my_unread, "cases/home/unread.html"),
        Panel(Permission.SEE_CASES, my_due, "cases/home/due.html"),
    ],
    "home.side": [
        Panel(Permission.SEE_CASES, desk_figures, "cases/home/figures.html"),
        Panel(Permission.APPROVE, workload, "cases/home/workload.html"),
    ],
    "customer.cases": [Panel(Permission.SEE_CASES, of_customer, "cases/of_customer.html")],
    "subscription.side": [Panel(Permission.SEE_CASES, of_subscription, "cases/of_customer.html")],
}
