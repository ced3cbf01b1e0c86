"""Codes of this room as a person reads them."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

KIND_NAMES: dict[str, LazyString] = {
    "customers": _l("Customers"),
    "subscriptions": _l("Contracts"),
    "charges": _l("Charges"),
    "cases": _l("Cases"),
    "exchanges": _l("Exchanges"),
    "exposure": _l("Exposure: subscriptions and purchases by week"),
}

STATE_NAMES: dict[str, LazyString] = {
    "ready": _l("not started"),
    "waiting": _l("waits for the worker"),
    "running": _l("running"),
    "done": _l("done"),
    "failed": _l("stopped"),
}

STATE_COLOURS = {"ready": "", "waiting": "", "running": "accent", "done": "ok", "failed": "late"}
