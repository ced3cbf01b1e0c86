"""Codes of the rulebook's pages as a person reads them."""

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

STATES: dict[str, LazyString] = {
    "draft": _l("Draft"),
    "in_review": _l("In review"),
    "published": _l("Published"),
    "superseded": _l("Superseded"),
    "discarded": _l("Discarded"),
    "ahead": _l("Not in force yet"),
}
STATE_COLOURS = {"draft": "accent", "in_review": "risk", "published": "ok", "superseded": "", "discarded": ""}

LEVELS: dict[str, LazyString] = {
    "statute": _l("Law"),
    "network": _l("Networks"),
    "contract": _l("Terms of contract"),
    "house": _l("House policy"),
}

CONFIDENCES: dict[str, LazyString] = {
    "high": _l("high"),
    "medium": _l("medium"),
    "low": _l("weak"),
    "needs-review": _l("a person must look"),
}

ANSWERS: dict[str, LazyString] = {
    "yes": _l("yes"),
    "no": _l("no"),
    "needs-review": _l("a person decides"),
    "review": _l("a person decides"),
    "": _l("cannot be read"),
}

OUTCOMES: dict[str, LazyString] = {
    "allowed": _l("owed"),
    "refused": _l("not owed"),
    "needs_information": _l("a fact is missing"),
    "needs_review": _l("for a person"),
}

CHANGES: dict[str, LazyString] = {
    "same": _l("Same outcome, same money"),
    "now_owed": _l("Not refunded then, refunded now"),
    "no_longer_owed": _l("Refunded then, not refunded now"),
    "money": _l("Refunded both times, another amount"),
    "needs_person": _l("Needs a person now"),
    "other": _l("Open then, refused now"),
}

ASKED: dict[str, LazyString] = {
    "refund": _l("Refund"),
    "cancellation": _l("Cancellation"),
    "chargeback": _l("Chargeback"),
}

DIMENSIONS: dict[str, LazyString] = {"cause": _l("Cause"), "source": _l("Source"), "plan": _l("Plan")}

REPLAY_STATES: dict[str, LazyString] = {
    "waiting": _l("Waiting for the worker"),
    "running": _l("Running"),
    "done": _l("Done"),
    "cancelled": _l("Stopped"),
    "failed": _l("Failed"),
}

LEAVES: dict[str, LazyString] = {
    "path": _l("Length of the period"),
    "never": _l("Length where the customer was never told"),
    "late": _l("Length where the customer was told late"),
    "inside": _l("Told late means after"),
    "reach": _l("Told at the latest after"),
    "start": _l("Counted from"),
    "method": _l("How much comes back"),
    "by": _l("Counted by"),
    "answer": _l("Answer"),
    "at_least": _l("At least, days"),
    "at_most": _l("At most"),
    "first_months": _l("At the earliest, months before"),
    "last_months": _l("At the latest, months before"),
    "part": _l("Divisor of the price"),
    "cap_minor": _l("Cap, in minor units"),
    "below": _l("Below, days"),
    "share": _l("Share, per cent"),
    "bps": _l("Threshold, in ten-thousandths"),
    "more_than": _l("More events than"),
}

UNITS: dict[str, LazyString] = {
    "days": _l("calendar days"),
    "weeks": _l("weeks"),
    "months": _l("months"),
    "business days": _l("business days"),
    "business days with saturdays": _l("business days, Saturdays counted"),
}

CHOICES: dict[str, LazyString] = {
    "full": _l("everything"),
    "none": _l("nothing"),
    "days": _l("days"),
    "seconds": _l("seconds"),
    "months": _l("whole months"),
    "yes": _l("yes"),
    "no": _l("no"),
    "review": _l("a person decides"),
}

VERBS: dict[str, LazyString] = {
    "is": _l("is"),
    "is_not": _l("is not"),
    "at_most": _l("is at most"),
    "at_least": _l("is at least"),
    "below": _l("is below"),
    "above": _l("is above"),
    "before": _l("is before the day"),
    "until": _l("is on or before the day"),
    "from": _l("is on or after the day"),
    "after": _l("is after the day"),
    "no_later_than": _l("is no later, to the second, than"),
    "within_days": _l("is within a number of days of"),
    "never": _l("is known not to be"),
    "ever": _l("is known to be"),
}

GROUPS: dict[str, LazyString] = {
    "all": _l("All of these hold"),
    "any": _l("Any of these holds"),
    "none": _l("None of these holds"),
}

EFFECTS: dict[str, LazyString] = {
    "only": _l("Only if"),
    "no": _l("Not if"),
    "yes": _l("In any case if"),
    "review": _l("A person decides if"),
}

INNER: dict[str, LazyString] = {
    "when": _l("This part of the rule answers where"),
    "unless": _l("All that was paid comes back, unless"),
}

WALKS: dict[str, LazyString] = {
    "plain": _l("An ordinary day"),
    "saturday": _l("The end is a Saturday"),
    "sunday": _l("The end is a Sunday"),
    "holiday": _l("The end is a holiday"),
    "spring": _l("Clocks go forward inside"),
    "autumn": _l("Clocks go back inside"),
    "month_end": _l("Begins at the end of a month"),
    "leap": _l("Begins on a leap day"),
}
