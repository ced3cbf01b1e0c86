"""What of somebody's cases has a clock that runs: what is handed over when they are away."""

from sqlalchemy import and_
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.cases.models import Case
from casedesk.cases.queries.home import CaseLine, lines
from casedesk.cases.queries.views import LIVE

SHOWN = 20


def open_of(session: Session, actor: Actor) -> list[CaseLine]:
    """The actor's live cases with a running clock, due first first."""
    mine = and_(Case.owner_id == actor.id, LIVE, Case.next_due_at.is_not(None))
    return lines(session, mine, (Case.next_due_at, Case.id), SHOWN)
