"""The money of a customer and of a subscription on the pages of lower rooms."""

from datetime import datetime

from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.permits import Permission
from casedesk.ledger.queries import MoneyView, charges_of_customer, charges_of_subscription, money_view
from casedesk.web.slots import Panel


def customer_money(session: Session, actor: Actor, now: datetime, *, customer_id: int) -> MoneyView:
    return money_view(charges_of_customer(session, customer_id))


def subscription_money(session: Session, actor: Actor, now: datetime, *, subscription_id: int) -> MoneyView:
    return money_view(charges_of_subscription(session, subscription_id), subscription_id)


PANELS = {
    "customer.money": [Panel(Permission.SEE_CUSTOMERS, customer_money, "ledger/money.html")],
    "subscription.money": [Panel(Permission.SEE_CUSTOMERS, subscription_money, "ledger/money.html")],
}
