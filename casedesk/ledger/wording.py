"""Codes of this room as a person reads them."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

NETWORK_NAMES: dict[str, str | LazyString] = {
    "visa": "Visa",
    "mastercard": "Mastercard",
    "cb": "CB",
    "amex": "American Express",
    "paypal": "PayPal",
    "sepa": _l("SEPA direct debit"),
    "transfer": _l("Bank transfer"),
    "cash": _l("Cash"),
}
"""What a charge was paid with; imports may bring others."""
