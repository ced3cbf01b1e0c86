"""What a person reads when this room refuses."""

from flask_babel import lazy_gettext as _l

ERRORS = {
    "refund.reference": _l("Type the bank's reference of the payment, so that it can be found again."),
    "refund.on_its_way": _l(
        "The payment provider is paying this refund. Wait for its answer; paying by hand as well would pay twice."
    ),
    "refund.not_failed": _l("This refund has not failed, so there is nothing to try again."),
    "refund.by_hand": _l("This refund is paid by hand. Pay it, then confirm it with the bank's reference."),
}
