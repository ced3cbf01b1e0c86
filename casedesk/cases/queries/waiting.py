"""What stands beside the places on top of every page: how many cases wait for the reader there."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.permits import Permission
from casedesk.cases.queries.approvals import count_of_waiting
from casedesk.cases.queries.tallies import MANY, few


def counts(session: Session, actor: Actor, now: datetime) -> dict[str, int]:
    """By the place: the live cases of the actor, and the proposals that the actor may approve; up to MANY + 1 of each.
    One statement."""
    wanted = {}
    if actor.may(Permission.SEE_CASES):
        wanted["/cases"] = few("mine", actor, now, MANY + 1)
    if actor.may(Permission.APPROVE):
        wanted["/approvals"] = count_of_waiting(actor)
    if not wanted:
        return {}
    return dict(zip(wanted, session.execute(select(*wanted.values())).one(), strict=True))
