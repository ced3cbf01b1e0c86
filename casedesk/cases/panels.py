"""What this room shows on pages of other rooms: Home, a customer, a subscription."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import g
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.permits import Permission
from casedesk.cases.ladder_faces import NoticeFace, TakeUpFace, notice_face, take_up_face
from casedesk.cases.line_faces import ListFace, count_words, list_face
from casedesk.cases.queries import escalation, home
from casedesk.cases.queries.escalation import Away, ForHome
from casedesk.cases.queries.home import ApprovalLine, Loads, Mine
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


@dataclass(frozen=True)
class TakeUps:
    """The cases that wait to be taken up, with how many in all."""

    lines: list[TakeUpFace]
    count: str


@dataclass(frozen=True)
class Notices:
    """What was told to the reader and not seen yet, with how much in all."""

    lines: list[NoticeFace]
    count: str


def to_take_up(session: Session, actor: Actor, now: datetime, **_context: Any) -> TakeUps | None:
    """Nothing for an agent who leads no team: nobody raises a case to them."""
    if not (actor.is_lead or actor.may(Permission.APPROVE)):
        return None
    lines = _ladder(session, actor, now).take_ups
    return (
        TakeUps([take_up_face(line, now) for line in lines], count_words(lines[0].total)) if lines else None
    )


def notices(session: Session, actor: Actor, now: datetime, **_context: Any) -> Notices | None:
    lines = _ladder(session, actor, now).notices
    return Notices([notice_face(line) for line in lines], count_words(lines[0].total)) if lines else None


def away(session: Session, actor: Actor, now: datetime, **_context: Any) -> list[Away]:
    return _ladder(session, actor, now).away


def _mine(session: Session, actor: Actor) -> Mine:
    """The reader's own cases, read once for two panels."""
    if "home_mine" not in g:
        g.home_mine = home.mine(session, actor)
    found: Mine = g.home_mine
    return found


def _ladder(session: Session, actor: Actor, now: datetime) -> ForHome:
    """What Home shows of the ladder, read once for its three panels."""
    if "home_ladder" not in g:
        g.home_ladder = escalation.for_home(session, actor, now=now)
    found: ForHome = g.home_ladder
    return found


def my_due(session: Session, actor: Actor, now: datetime, **_context: Any) -> ListFace:
    return list_face(_mine(session, actor).due, now, "/cases?view=mine")


def my_unread(session: Session, actor: Actor, now: datetime, **_context: Any) -> ListFace:
    return list_face(_mine(session, actor).unread, now, "/cases?view=mine&sort=contact&dir=asc")


def pressing(session: Session, actor: Actor, now: datetime, **_context: Any) -> ListFace:
    return list_face(home.pressing(session, actor, soon=now + SOON), now, "/cases?view=open")


def to_approve(session: Session, actor: Actor, now: datetime, **_context: Any) -> ApprovalsFace:
    lines = home.approvals(session, actor)
    return ApprovalsFace(lines, count_words(lines[0].total if lines else 0))


def desk_figures(session: Session, actor: Actor, now: datetime, **_context: Any) -> FiguresFace:
    return FiguresFace(home.figures(session, actor, now=now, soon=now + SOON, day=now + timedelta(hours=24)))


def workload(session: Session, actor: Actor, now: datetime, **_context: Any) -> Loads:
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
        Panel(Permission.WORK_CASE, to_take_up, "cases/home/take_up.html"),
        Panel(Permission.APPROVE, to_approve, "cases/home/approvals.html"),
        Panel(Permission.APPROVE, pressing, "cases/home/pressing.html"),
        Panel(Permission.SEE_CASES, my_unread, "cases/home/unread.html"),
        Panel(Permission.SEE_CASES, my_due, "cases/home/due.html"),
        Panel(Permission.WORK_CASE, notices, "cases/home/notices.html"),
    ],
    "home.side": [
        Panel(Permission.SEE_CASES, desk_figures, "cases/home/figures.html"),
        Panel(Permission.APPROVE, workload, "cases/home/workload.html"),
        Panel(Permission.WORK_CASE, away, "cases/home/away.html"),
    ],
    "customer.cases": [Panel(Permission.SEE_CASES, of_customer, "cases/of_customer.html")],
    "subscription.side": [Panel(Permission.SEE_CASES, of_subscription, "cases/of_customer.html")],
}
