"""Agreements to look at: those whose money has been paid, and is not yet said to be."""

from sqlalchemy import String, cast, exists, literal, select
from sqlalchemy.orm import Session

from casedesk.mediation.models import Task
from casedesk.refunds.models import RefundIntent
from casedesk.store.models import OutboxRow

AT_ONCE = 50


def to_watch(session: Session) -> list[int]:
    """Files with an open task of money whose order was done and of which nothing is still to be paid."""
    unpaid = exists().where(RefundIntent.decision_id == Task.decision_id, RefundIntent.state != "paid")
    waiting = exists().where(
        OutboxRow.subject_kind == "case",
        OutboxRow.kind == "refund.create",
        OutboxRow.state != "done",
        OutboxRow.key == literal("refund-") + cast(Task.decision_id, String),
    )
    statement = (
        select(Task.mediation_id)
        .where(Task.state == "open", Task.decision_id.is_not(None), ~unpaid, ~waiting)
        .distinct()
        .order_by(Task.mediation_id)
        .limit(AT_ONCE)
    )
    return list(session.scalars(statement))
