"""What a movement does to a charge's balance, and how much is left to give back. Integer minor units."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Balance:
    """The sums of a charge: captured, held for decisions, given back, held by a dispute of the payer's bank."""

    captured: int = 0
    reserved: int = 0
    refunded: int = 0
    disputed: int = 0

    @property
    def left(self) -> int:
        """What can still be given back."""
        return self.captured - self.reserved - self.refunded - self.disputed

    @property
    def sound(self) -> bool:
        """Is no sum negative, and no more held or given back than was captured?"""
        return min(self.captured, self.reserved, self.refunded, self.disputed, self.left) >= 0


EFFECTS: dict[str, Balance] = {
    "capture": Balance(captured=1),
    "reserve": Balance(reserved=1),
    "release": Balance(reserved=-1),
    "refund": Balance(reserved=-1, refunded=1),
    "credit": Balance(reserved=-1, refunded=1),
    "dispute": Balance(disputed=1),
    "dispute_won": Balance(disputed=-1),
}
"""By kind of movement, how each sum changes per minor unit moved. Money leaves only out of a reservation."""


def moved(balance: Balance, kind: str, amount_minor: int) -> Balance:
    """The balance after `amount_minor` moved; it may not be sound."""
    effect = EFFECTS[kind]
    return Balance(
        captured=balance.captured + effect.captured * amount_minor,
        reserved=balance.reserved + effect.reserved * amount_minor,
        refunded=balance.refunded + effect.refunded * amount_minor,
        disputed=balance.disputed + effect.disputed * amount_minor,
    )


def summed(movements: Iterable[tuple[str, int]]) -> Balance:
    """The balance that these movements (kind, minor units) add up to."""
    balance = Balance()
    for kind, amount_minor in movements:
        balance = moved(balance, kind, amount_minor)
    return balance


@dataclass(frozen=True)
class NewCharge:
    """A charge as it was captured. `reference` names it in the outer world and is unique."""

    reference: str
    entity_id: int
    amount_minor: int
    currency: str
    captured_at: datetime
    customer_id: int | None = None
    subscription_id: int | None = None
    tax_minor: int = 0
    period_starts_on: date | None = None
    period_ends_on: date | None = None
    description: str = ""
    network: str = ""
    provider: str = ""
    provider_reference: str = ""

    @property
    def key(self) -> str:
        """The key of its capture in the ledger."""
        return f"capture-{self.reference}"


@dataclass(frozen=True)
class EnterCharge:
    """A charge of a contract as somebody read it off a statement: gross, with the tax in it, in minor units."""

    subscription_id: int
    reference: str
    amount_minor: int
    currency: str
    captured_at: datetime
    network: str = ""
    tax_minor: int = 0
    period_starts_on: date | None = None
    period_ends_on: date | None = None
    description: str = ""
