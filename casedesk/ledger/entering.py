"""A charge that came by no import: who may import money enters it by hand, and the record of the desk says who did."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.customers.models import Customer, Subscription
from casedesk.kernel.errors import InvalidInput, NotFound, RuleBroken
from casedesk.ledger import actions as ledger
from casedesk.ledger.models import Charge
from casedesk.ledger.rules import EnterCharge, NewCharge
from casedesk.store import outbox
from casedesk.store.record import DESK, Line, append


def enter_charge(session: Session, command: EnterCharge, *, actor: Actor, now: datetime) -> Charge:
    """What was captured on a contract, under the checks of an import; its live cases are judged anew.

    Raises InvalidInput, RuleBroken where the customer was erased, NotFound.
    """
    contract = session.get(Subscription, command.subscription_id)
    if contract is None:
        raise NotFound("not_found")
    if session.get_one(Customer, contract.customer_id).erased_at is not None:
        raise RuleBroken("customer.erased")
    _check(session, command, now)
    charge = ledger.capture(session, _captured(command, contract))
    body = {
        "name": charge.reference,
        "charge": charge.id,
        "subscription": contract.id,
        "amount_minor": charge.amount_minor,
        "currency": charge.currency,
    }
    append(session, DESK, Line("charge.entered", body), actor=actor.ref, now=now)
    outbox.put(
        session,
        "subscription.disclosed",
        key=f"charged-{charge.id}",
        due_at=now,
        now=now,
        subject=("subscription", contract.id),
        subscription_id=contract.id,
    )
    return charge


def _check(session: Session, command: EnterCharge, now: datetime) -> None:
    if session.scalar(select(Charge.id).where(Charge.reference == command.reference)) is not None:
        raise InvalidInput("ledger.known", field="reference")
    if command.amount_minor <= 0:
        raise InvalidInput("ledger.no_amount", field="amount")
    if not 0 <= command.tax_minor <= command.amount_minor:
        raise InvalidInput("ledger.tax", field="tax")
    if command.captured_at > now:
        raise InvalidInput("ledger.future", field="captured_at")
    starts, ends = command.period_starts_on, command.period_ends_on
    if (starts is None) != (ends is None) or (starts and ends and ends <= starts):
        raise InvalidInput("ledger.period", field="period_ends_on")


def _captured(command: EnterCharge, contract: Subscription) -> NewCharge:
    return NewCharge(
        reference=command.reference,
        entity_id=contract.entity_id,
        amount_minor=command.amount_minor,
        currency=command.currency,
        captured_at=command.captured_at,
        customer_id=contract.customer_id,
        subscription_id=contract.id,
        tax_minor=command.tax_minor,
        period_starts_on=command.period_starts_on,
        period_ends_on=command.period_ends_on,
        description=command.description,
        network=command.network,
    )
