"""Order the refunds of an effective decision, and have providers pay them: once per key."""

from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy.orm import Session

from casedesk.accounts.actor import not_a_person
from casedesk.ledger.models import Charge
from casedesk.refunds import actions
from casedesk.refunds.providers import KNOWN, PROVIDERS, Paid, Request
from casedesk.refunds.rules import PAID, provider_of
from casedesk.store.work import Call, Job

SYSTEM = not_a_person("system")


def create(session: Session, payload: dict[str, Any], *, now: datetime) -> None:
    """The decision is effective: order what it pays."""
    actions.create_intents(session, payload["case_id"], payload["decision_id"], actor=SYSTEM, now=now)


def prepare(session: Session, job: Job, *, now: datetime) -> Request | None:
    """What to ask of the provider; None where the refund was paid meanwhile."""
    _case, intent = actions.locked_pair(session, job.payload["intent_id"])
    if intent.state == PAID:
        return None
    charge = session.get_one(Charge, intent.charge_id)
    actions.mark_sending(session, intent)
    return Request(
        key=intent.key,
        provider=provider_of(charge.provider, intent.means, KNOWN),
        charge_reference=charge.reference,
        provider_reference=charge.provider_reference,
        amount_minor=intent.amount_minor,
        currency=intent.currency,
    )


def call(request: Request) -> tuple[str, Paid]:
    """Ask the provider. An attempt that nobody knows of is asked again under the same key."""
    data_dir = current_app.extensions["settings"].data_dir
    return request.provider, PROVIDERS[request.provider].pay(request, data_dir)


def finish(session: Session, job: Job, result: tuple[str, Paid], *, now: datetime) -> None:
    case, intent = actions.locked_pair(session, job.payload["intent_id"])
    provider, paid = result
    if intent.state != PAID:
        actions.settle(session, case, intent, provider, paid.reference, actor=SYSTEM, now=now)


def failed(session: Session, job: Job, error: str, *, final: bool, now: datetime) -> None:
    case, intent = actions.locked_pair(session, job.payload["intent_id"])
    if intent.state != PAID:
        actions.mark_failed(session, case, intent, error, final=final, actor=SYSTEM, now=now)


HANDLERS = {"refund.create": create}
CALLS = {"refund.pay": Call(prepare, call, finish, failed)}
