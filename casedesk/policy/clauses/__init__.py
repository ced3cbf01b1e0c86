"""The kinds of clause, one file each, by the name that packs use.

A kind's `read(params)` turns a pack's table into a Clause; an unknown key in the table is an error.
"""

from collections.abc import Callable

from casedesk.policy.clauses import (
    admissibility,
    advance,
    allocation,
    amount,
    answer_deadline,
    backward_window,
    billing_end,
    capped_retention,
    cash_rounding,
    change_of_terms,
    commitment,
    dispute_guard,
    duty,
    minor_units,
    notice,
    penalty_scale,
    precedence,
    proration,
    provider_deadline,
    ratio_threshold,
    reminder,
    requirements,
    void_invoice,
    window,
)
from casedesk.policy.clauses.base import Clause, Params

CLAUSES: dict[str, Callable[[Params], Clause]] = {
    "admissibility": admissibility.read,
    "advance": advance.read,
    "allocation": allocation.read,
    "amount": amount.read,
    "answer_deadline": answer_deadline.read,
    "backward_window": backward_window.read,
    "billing_end": billing_end.read,
    "capped_retention": capped_retention.read,
    "cash_rounding": cash_rounding.read,
    "change_of_terms": change_of_terms.read,
    "commitment": commitment.read,
    "dispute_guard": dispute_guard.read,
    "duty": duty.read,
    "minor_units": minor_units.read,
    "notice": notice.read,
    "penalty_scale": penalty_scale.read,
    "precedence": precedence.read,
    "proration": proration.read,
    "provider_deadline": provider_deadline.read,
    "ratio_threshold": ratio_threshold.read,
    "reminder": reminder.read,
    "requirements": requirements.read,
    "void_invoice": void_invoice.read,
    "window": window.read,
}
