"""What a person reads when this room refuses."""

from flask_babel import lazy_gettext as _l

ERRORS = {
    "ledger.too_much": _l(
        "Only %(left)s of this charge can still be given back. Enter that amount or less; the rest is refunded, reserved or disputed."
    ),
    "ledger.not_reserved": _l(
        "Only %(held)s of this charge is reserved. Propose a decision first, so that the amount is held."
    ),
    "ledger.not_disputed": _l("Only %(held)s of this charge is disputed. Check the amount of the dispute."),
    "ledger.no_amount": _l("Enter an amount above zero and below the limit of the ledger."),
    "ledger.known": _l("A charge with this reference is in the ledger already. Check the reference."),
    "ledger.tax": _l("The tax is a part of the amount: zero or more, and never more than it."),
    "ledger.future": _l("This is in the future. Enter the moment at which the money was captured."),
    "ledger.period": _l("Enter both days of the period, the end after the start, or none of them."),
    "ledger.reference_taken": _l(
        "The charge %(reference)s is in the ledger with another amount or currency. Check the reference."
    ),
    "ledger.key_taken": _l(
        "The movement %(key)s is in the ledger with another amount or charge. Nothing was changed; tell the administrator."
    ),
}
