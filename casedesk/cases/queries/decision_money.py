"""The figures of a decision: by rule, proposed, beyond; and the charges on which money can be given back."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from casedesk.cases.queries.sheet import CaseSheet
from casedesk.cases.rules import Owed
from casedesk.ledger import queries as ledger
from casedesk.ledger.queries import ChargeLine

MOST_PARTS = 24
"""So many charges are offered one by one; an amount in one sum reaches all of them."""


@dataclass(frozen=True)
class Sums:
    """Minor units of the case's currency. `by_rule` is None where the verdict is open, `chosen` where nothing is."""

    currency: str
    by_rule: int | None
    whole: int
    left: int
    chosen: int | None
    due: Owed

    @property
    def beyond(self) -> int:
        """How far the choice goes beyond the rule (below zero: less); an open verdict gives nothing."""
        return 0 if self.chosen is None else self.chosen - (self.by_rule or 0)


def offered(session: Session, head: CaseSheet) -> list[ChargeLine]:
    """The charges on which the case can pay: the one in dispute, then its contract's, then the customer's others."""
    case = head.case
    if case.customer_id:
        known = ledger.charges_of_customer(session, case.customer_id)
    else:
        known = ledger.charges(session, [case.charge_id] if case.charge_id else [])
    own = [charge for charge in known if charge.currency == case.currency]
    return sorted(own, key=lambda c: (c.id != case.charge_id, c.subscription_id != case.subscription_id))


def parts_of(charges: Sequence[ChargeLine]) -> list[ChargeLine]:
    """The charges that are offered one by one; none where there is only one to choose."""
    some = [charge for charge in charges if charge.refundable > 0][:MOST_PARTS]
    return some if len(some) > 1 else []


def whole_of(head: CaseSheet, charges: Sequence[ChargeLine]) -> int:
    """What 'the whole fee' is: all that is left of the charge in dispute, else of the contract, else of the customer."""
    case = head.case
    for wanted in (
        [c for c in charges if c.id == case.charge_id],
        [c for c in charges if case.subscription_id and c.subscription_id == case.subscription_id],
        list(charges),
    ):
        if wanted:
            return sum(charge.refundable for charge in wanted)
    return 0


def by_rule_of(due: Owed) -> int | None:
    """What the verdict gives; None where it is open."""
    if due.outcome == "allowed":
        return due.amount_minor or 0
    return 0 if due.outcome == "refused" else None
