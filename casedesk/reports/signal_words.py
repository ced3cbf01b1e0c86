"""Codes of signals as a person reads them."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

Words = dict[str, LazyString]

STATE: Words = {
    "new": _l("new"),
    "acknowledged": _l("seen"),
    "explained": _l("explained"),
    "assigned": _l("change under way"),
    "watched": _l("effect watched"),
    "closed": _l("closed"),
}

ANNOTATION: Words = {
    "price_change": _l("Price change"),
    "new_terms": _l("New terms"),
    "campaign": _l("Campaign"),
    "outage": _l("Outage"),
    "other": _l("Something else"),
}

HELD: Words = {
    "yes": _l("Yes, it came down"),
    "no": _l("No, it rose further"),
    "unclear": _l("No effect seen"),
    "unknown": _l("Too early to say"),
}

STEP: Words = {
    "signal.found": _l("Found by the scan"),
    "signal.ended": _l("Ended: back to the usual"),
    "signal.back": _l("Going on after all"),
    "signal.gone": _l("Not seen any more"),
    "signal.acknowledged": _l("Seen"),
    "signal.reopened": _l("Opened again"),
    "signal.explained": _l("Explained"),
    "signal.assigned": _l("Change assigned"),
    "signal.action_done": _l("Change made"),
    "signal.closed": _l("Closed"),
    "signal.snoozed": _l("Snoozed"),
    "signal.voted": _l("Marked useful or not"),
}
