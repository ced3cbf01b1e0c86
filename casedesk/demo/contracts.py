"""Customers, their contracts and what they paid, drawn up in memory."""

import random
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from casedesk.customers.models import Plan, Terms
from casedesk.kernel.calendar import add_months

ZONES = {"FR": "Europe/Paris", "GB": "Europe/London"}


@dataclass
class Buyer:
    """A customer of the demo; `id` is known once stored."""

    country: str
    name: str
    mail: str
    phone: str
    address: str
    city: str
    since: datetime
    kind: str = "consumer"
    salutation: str = ""
    vulnerable: bool = False
    drawn: bool = False
    """One of the design's people: nobody else's cases are theirs."""
    id: int = 0

    @property
    def locale(self) -> str:
        return "fr" if self.country == "FR" else "en"


@dataclass
class Paid:
    """A charge of a contract. `until` is exclusive."""

    amount: int
    on: date
    at: datetime
    start: date | None
    until: date | None
    description: str
    provider: str = "sandbox"
    id: int = 0


@dataclass
class Told:
    kind: str
    at: datetime | None
    medium: str
    source: str


@dataclass
class Contract:
    """A subscription of the demo with its charges, oldest first."""

    buyer: Buyer
    plan: Plan
    terms: Terms
    concluded: datetime
    channel: str
    price: int
    acquisition: tuple[str, str, str]
    card: tuple[str, str, str]
    state: str = "active"
    ends_on: date | None = None
    renewed_at: datetime | None = None
    commitment: int = 0
    charges: list[Paid] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    reference: str = ""
    id: int = 0

    @property
    def zone(self) -> str:
        return ZONES[self.buyer.country]

    @property
    def started(self) -> date:
        return self.concluded.astimezone(ZoneInfo(self.zone)).date()

    def bill(
        self, until: datetime, rng: random.Random, *, old_price: int | None = None, raised: date | None = None
    ) -> None:
        """Draw up the charges from the conclusion to `until`; before `raised` they are at the old price."""
        step, n = self.plan.interval_months, 0
        while True:
            start = add_months(self.started, step * n)
            at = self.concluded if n == 0 else _morning(start, self.zone, rng)
            if at >= until or (n and not step):
                break
            price = old_price if old_price and raised and start < raised else self.price
            end = add_months(self.started, step * (n + 1)) if step else add_months(start, 3)
            self.charges.append(Paid(price, start, at, start, end, self.plan.name))
            if self.commitment and n and step * n % self.commitment == 0:
                self.renewed_at = at
            n += 1


def _morning(day: date, zone: str, rng: random.Random) -> datetime:
    return datetime.combine(day, time(5, rng.randrange(60), rng.randrange(60)), ZoneInfo(zone)).astimezone(
        UTC
    )


def card(rng: random.Random, today: date) -> tuple[str, str, str]:
    """Brand, last four digits and expiry."""
    expiry = today + timedelta(days=rng.randint(20, 1_400))
    return rng.choice(("Visa", "Visa", "Mastercard", "CB")), f"{rng.randrange(10_000):04d}", f"{expiry:%Y-%m}"
