"""The store of each kind."""

from casedesk.imports.storing import cases, charges, customers, exchanges, exposure, subscriptions
from casedesk.imports.storing.base import Store

STORES: dict[str, Store] = {
    "customers": customers.STORE,
    "subscriptions": subscriptions.STORE,
    "charges": charges.STORE,
    "cases": cases.STORE,
    "exchanges": exchanges.STORE,
    "exposure": exposure.STORE,
}
