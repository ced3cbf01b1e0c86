"""What the pages of lower rooms show of mediations: state and outcome, never what was said."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, bindparam, exists
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.permits import Permission
from casedesk.mediation import words
from casedesk.mediation.models import Mediation
from casedesk.mediation.queries.listing import FileLine, due_next, of_case
from casedesk.mediation.rules.states import ENDED
from casedesk.web.clockface import ClockFace
from casedesk.web.slots import Panel


@dataclass(frozen=True)
class LineFace:
    """A file in a short list, in the reader's words."""

    line: FileLine
    state: str
    turn: str
    clock: ClockFace | None


@dataclass(frozen=True)
class CaseFace:
    """The mediations of a case; `may_ask`: none is under way, and the reader may ask for one."""

    lines: list[LineFace]
    may_ask: bool
    case_id: int


def of_the_case(
    session: Session, actor: Actor, now: datetime, *, case_id: int, there: bool, **_more: Any
) -> CaseFace:
    lines = [_face(line, now) for line in of_case(session, actor, case_id)] if there else []
    running = any(face.line.state not in ENDED for face in lines)
    return CaseFace(lines, actor.may(Permission.REQUEST_MEDIATION) and not running, case_id)


def my_files(session: Session, actor: Actor, now: datetime, **_more: Any) -> list[LineFace]:
    return [_face(line, now) for line in due_next(session, actor)]


def _face(line: FileLine, now: datetime) -> LineFace:
    clock = words.face(line.next_clock, line.next_due_at, now)
    turn = words.waiting(line.waits_for, line.company, line.customer)
    if line.mediator is None and not line.mine:
        turn = _("Offered to you") if line.waits_for == "panel" else turn
    return LineFace(line, words.said(words.STATE, line.state), turn, clock)


def _asked_for() -> ColumnElement[bool]:
    return exists().where(Mediation.case_id == bindparam("case_id"))


PANELS = {
    "case.right": [Panel(Permission.SEE_CASES, of_the_case, "mediation/of_case.html", _asked_for)],
    "home.main": [Panel(Permission.MEDIATE, my_files, "mediation/home.html")],
}
