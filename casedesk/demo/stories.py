"""Which cases there are: who asks for what and why, on a contract made to fit, and how far the case has come."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from casedesk.accounts.actor import Actor
from casedesk.demo.calendar import before, local, working
from casedesk.demo.contracts import Buyer, Contract, Paid, Told, card
from casedesk.demo.house import HALLS, SOURCES, House, source_of
from casedesk.demo.names import Crowd
from casedesk.demo.year import APPROVABLE, CAUSES_BY_KIND, Slot, slots
from casedesk.kernel.calendar import add_months

PLAN_BY_CAUSE = {
    "unexpected_renewal": ("annual", "annual", "online_annual"),
    "changed_mind": ("online_annual", "annual", "online_monthly", "monthly"),
    "moved_away": ("committed", "annual", "monthly"),
    "health": ("annual", "committed", "monthly"),
    "commitment_misunderstood": ("committed", "committed", "annual"),
    "service_not_rendered": ("school", "monthly", "online_monthly", "annual"),
    "trial_only": ("monthly", "online_monthly"),
    "unexpected_fee": ("monthly", "committed", "annual"),
    "price_change": ("monthly", "online_monthly"),
    "unclear_terms": ("monthly", "committed", "annual"),
    "quality": ("monthly", "school", "online_monthly"),
    "duplicate_charge": ("monthly", "online_monthly", "annual"),
    "not_recognised": ("monthly", "online_monthly", "annual"),
}
LATE = 0.24
"""How many of the cases that are open, or with a third party, for more than a few days are late by now."""
_HOURS_SINCE = {
    "late": (34, 62),
    "open": (0.5, 7),
    "waiting-third-party": (1, 8),
    "waiting-approval": (2, 12),
    "waiting-customer": (5, 80),
    "decided": (5, 40),
}
"""Working hours since the customer answered what the desk had asked for, where the case is older than that."""
LARGE = ("annual", "school", "online_annual")


@dataclass
class Story:
    """One case to be played. `end`: nothing of it happens after this instant."""

    kind: str
    cause: str
    target: str
    at: datetime
    end: datetime
    contract: Contract
    charge: Paid
    channel: str
    mood: str
    hall: str
    agent: Actor
    manager: Actor
    claimed: int | None
    long: bool = False
    override: bool = False
    late: bool = False
    taken: bool = True
    direct: str | None = None
    replied: bool = True
    resumes: datetime | None = None
    """Until then the customer was asked for something; the case goes on from there."""
    script: str = ""
    priority: int = 3
    told: list[Told] = field(default_factory=list)

    @property
    def buyer(self) -> Buyer:
        return self.contract.buyer


class Author:
    """Draws up stories with their customers and contracts."""

    def __init__(self, house: House, rng: random.Random, now: datetime) -> None:
        self.house, self.rng, self.now = house, rng, now
        self.crowd = Crowd(rng)
        self.buyers: list[Buyer] = []
        self.contracts: list[Contract] = []

    # --- customers ------------------------------------------------------------------------------

    def buyer(self, country: str, since: datetime, name: str = "", mail: str = "", city: str = "") -> Buyer:
        drawn = bool(name)
        name = name or self.crowd.name(country)
        self.crowd.known.add(name)
        address, town = self.crowd.home(country)
        made = Buyer(
            country=country,
            name=name,
            mail=mail or self.crowd.mail(name, country),
            phone=self.crowd.phone(country),
            address=address,
            city=city or town,
            since=since,
            vulnerable=self.rng.random() < 0.02,
            drawn=drawn,
        )
        self.buyers.append(made)
        return made

    def contract(self, buyer: Buyer, role: str, concluded: datetime) -> Contract:
        plan = self.house.plans[buyer.country, role]
        channel = "online" if role.startswith("online") or self.rng.random() < 0.65 else "on_premises"
        made = Contract(
            buyer=buyer,
            plan=plan,
            terms=self.house.terms_at(buyer.country, concluded.date()),
            concluded=concluded,
            channel=channel,
            price=plan.price_minor,
            acquisition=source_of(self.rng),
            card=card(self.rng, self.now.date()),
            commitment=12 if role in ("annual", "committed", "online_annual") else 0,
        )
        if channel == "online":
            self._tell_online(made)
        self.contracts.append(made)
        return made

    def _tell_online(self, contract: Contract) -> None:
        """What the checkout keeps: information and, mostly, the box 'begin at once'."""
        at, draw = contract.concluded, self.rng.random()
        if draw < 0.85:
            contract.told.append(Told("withdrawal_information", at, "checkout", "shop-log"))
            contract.told.append(Told("price_of_use", at, "checkout", "shop-log"))
            contract.told.append(Told("confirmation", at + timedelta(minutes=2), "mail", "mail-log"))
        elif draw < 0.93:
            contract.told.append(Told("withdrawal_information", None, "", "shop-log"))
        box = self.rng.random()
        if box < 0.6:
            contract.told.append(Told("express_request", at, "checkout", "shop-log"))
        elif box < 0.88:
            contract.told.append(Told("express_request", None, "", "shop-log"))
        if self.rng.random() < 0.85:
            contract.told.append(Told("loss_acknowledged", None, "", "shop-log"))

    # --- cases ----------------------------------------------------------------------------------

    def story(self, kind: str, target: str, *, cause: str = "", override: bool = False, late: bool = False, name: str = "", country: str = "", slot: Slot | None = None) -> Story:  # fmt: skip
        """A case of that kind: of the slot's cause, source and instant where one is given."""
        rng = self.rng
        country = country or ("FR" if rng.random() < 0.66 else "GB")
        if not cause:
            names, weights = zip(*CAUSES_BY_KIND[kind], strict=True)
            cause = rng.choice(APPROVABLE[kind]) if override else rng.choices(names, weights)[0]
        at, end = self._span(slot, target, late) if slot else self._when(target, late)
        wanted = PLAN_BY_CAUSE[cause]
        if override:
            wanted = tuple(r for r in wanted if r in LARGE) or ("annual",)
        contract, charge = self._fitting(cause, rng.choice(wanted), country, at, name)
        if slot and slot.source:
            contract.acquisition = rng.choice([one for one in SOURCES if one[0] == slot.source])
        agents = self.house.agents[country]
        channel = self._channel(kind, at)
        made = Story(
            kind=kind,
            cause=cause,
            target=target,
            at=at,
            end=end,
            contract=contract,
            charge=charge,
            channel=channel,
            mood=rng.choices(("calm", "upset", "kind"), (55, 27, 18))[0],
            hall=rng.choice(HALLS[country]),
            agent=rng.choice(agents[1:]) if override else rng.choice(agents),
            manager=self.house.managers[country],
            claimed=self._claimed(kind, cause, charge),
            long=rng.random() < 0.15,
            override=override,
            late=late,
            priority=rng.choices((1, 2, 3, 4), (3, 12, 75, 10))[0],
        )
        if target == "closed" and not override and rng.random() < 0.12:
            made.direct = rng.choice(("withdrawn", "withdrawn", "no-answer", "duplicate"))
        return made

    def _when(self, target: str, late: bool) -> tuple[datetime, datetime]:
        """From when to when the live case of one of the design's people is told."""
        rng, now = self.rng, self.now
        if late:
            return before(now, rng.uniform(29, 48)), now
        if target == "decided":
            at = now - timedelta(days=rng.uniform(2.5, 9), minutes=rng.randrange(600))
            return at, now - timedelta(hours=rng.uniform(0.5, 30))
        if target == "waiting-customer":
            at = now - timedelta(days=rng.uniform(0.6, 8), minutes=rng.randrange(400))
            return at, min(at + timedelta(hours=20), now - timedelta(minutes=20))
        hours = rng.uniform(1, 11) if target == "waiting-approval" else rng.uniform(0.3, 23)
        return before(now, hours), now - timedelta(minutes=4)

    def _span(self, slot: Slot, target: str, late: bool) -> tuple[datetime, datetime]:
        """From when to when the case of a slot is told."""
        rng, now, at = self.rng, self.now, slot.at
        if target == "closed":
            return at, max(min(at + timedelta(days=rng.uniform(3, 24)), now - timedelta(hours=3)), at + (now - at) * 0.9)  # fmt: skip
        return at, now - timedelta(minutes=4)

    def _channel(self, kind: str, at: datetime) -> str:
        here = local(at, 9) <= at <= local(at, 18) and working(at) == at
        if kind == "chargeback":
            return "portal"
        names = ("mail", "phone", "portal", "letter", "chat") if here else ("mail", "portal")
        return self.rng.choices(names, (50, 24, 12, 6, 8) if here else (75, 25))[0]

    def _claimed(self, kind: str, cause: str, charge: Paid) -> int | None:
        if kind == "cancellation":
            return None
        if cause in ("service_not_rendered", "quality", "unclear_terms") and kind != "chargeback":
            share = self.rng.choice((0.25, 0.5, 0.75, 1.0))
            return max(500, int(charge.amount * share) // 10 * 10)
        return charge.amount

    # --- contracts that fit ---------------------------------------------------------------------

    def _fitting(self, cause: str, role: str, country: str, at: datetime, name: str) -> tuple[Contract, Paid]:
        """A contract on which `cause` can be complained of at `at`, and the charge that it is about."""
        rng = self.rng
        concluded, until = self._concluded(cause, role, at), self._billed_until(cause, at)
        contract = self.contract(self._someone(country, concluded, name), role, concluded)
        if cause == "price_change":
            raised = (at - timedelta(days=rng.randint(8, 45))).date()
            contract.bill(
                until, rng, old_price=contract.price - (500 if contract.price > 4_000 else 300), raised=raised
            )
            self._tell(
                contract, "change_notice", local(at - timedelta(days=rng.randint(50, 90)), 9, 12), "mail"
            )
        else:
            contract.bill(until, rng)
        charge = self._charge(cause, contract, at)
        charge.provider = "manual" if rng.random() < 0.25 else "sandbox"
        if cause == "unexpected_renewal":
            self._tell_renewal(contract, charge)
        if cause == "trial_only":
            self._tell(contract, "price_after_trial", contract.concluded, "checkout")
        return contract, charge

    def _concluded(self, cause: str, role: str, at: datetime) -> datetime:
        rng, evening = self.rng, self.rng.randint(17, 22)
        if cause == "unexpected_renewal":
            years = rng.choice((1, 1, 2))
            return local(at - timedelta(days=365 * years + rng.randint(4, 55)), evening, rng.randrange(60))
        if cause == "changed_mind":
            days = rng.randint(1, 13) if rng.random() < 0.82 else rng.randint(15, 40)
            return local(at - timedelta(days=days), evening, rng.randrange(60))
        if cause == "trial_only":
            return local(at - timedelta(days=rng.randint(35, 58)), evening, rng.randrange(60))
        if role in ("annual", "online_annual"):
            return local(at - timedelta(days=rng.randint(40, 300)), evening, rng.randrange(60))
        if role == "school":
            return local(at - timedelta(days=rng.randint(12, 80)), evening, rng.randrange(60))
        return local(at - timedelta(days=rng.randint(70, 320)), evening, rng.randrange(60))

    def _billed_until(self, cause: str, at: datetime) -> datetime:
        return min(
            self.now, at if cause in ("moved_away", "changed_mind", "trial_only") else at + timedelta(days=45)
        )

    def _someone(self, country: str, since: datetime, name: str) -> Buyer:
        known = [
            one
            for one in self.buyers[-400:]
            if one.country == country and one.since < since and not one.drawn
        ]
        if known and not name and self.rng.random() < 0.14:
            return self.rng.choice(known)
        return self.buyer(country, since, name=name)

    def _charge(self, cause: str, contract: Contract, at: datetime) -> Paid:
        paid = [one for one in contract.charges if one.at < at][-1]
        if cause == "unexpected_fee":
            when = working(at - timedelta(days=self.rng.randint(2, 20)))
            name = "Frais de dossier" if contract.buyer.country == "FR" else "Joining fee"
            fee = Paid(3_500, when.date(), max(when, contract.concluded), None, None, name)
            contract.charges.append(fee)
            return fee
        if cause == "duplicate_charge":
            twin = Paid(
                paid.amount, paid.on, paid.at + timedelta(minutes=3), paid.start, paid.until, paid.description
            )
            contract.charges.append(twin)
            return twin
        return paid

    def _tell(self, contract: Contract, kind: str, at: datetime, medium: str) -> None:
        draw = self.rng.random()
        if draw < 0.6:
            contract.told.append(Told(kind, max(at, contract.concluded), medium, "mail-log"))
        elif draw < 0.85:
            contract.told.append(Told(kind, None, "", "mail-log"))

    def _tell_renewal(self, contract: Contract, charge: Paid) -> None:
        """The reminder before renewal: in time, too late, never, or not to be found."""
        draw = self.rng.random()
        limit = add_months(charge.on, -1)
        middle = local(charge.at, 9, 12)
        if draw < 0.3:
            days, form = (charge.on - limit).days + self.rng.randint(35, 80), "dedicated_with_box"
        elif draw < 0.6:
            days, form = (charge.on - limit).days + self.rng.randint(3, 25), "dedicated_without_box"
        elif draw < 0.8:
            contract.told.append(Told("renewal_reminder", None, "", "mail-log"))
            return
        else:
            return
        contract.told.append(Told("renewal_reminder", middle - timedelta(days=days), form, "mail-log"))

    # --- those who never complain ---------------------------------------------------------------

    def ordinary(self, buyers: int, contracts: int) -> None:
        """Customers and contracts without a case, until there are so many."""
        rng = self.rng
        while len(self.buyers) < buyers:
            country = "FR" if rng.random() < 0.66 else "GB"
            self.buyer(
                country,
                local(self.now - timedelta(days=rng.randint(3, 760)), rng.randint(8, 22), rng.randrange(60)),
            )
        bare = {id(one) for one in self.buyers} - {id(one.buyer) for one in self.contracts}
        waiting = [one for one in self.buyers if id(one) in bare]
        others = [one for one in self.buyers if not one.drawn]
        while len(self.contracts) < contracts:
            buyer = waiting.pop() if waiting else rng.choice(others)
            since = max(buyer.since, self.now - timedelta(days=rng.randint(3, 700)))
            role = rng.choices(("annual", "monthly", "committed", "online_annual", "online_monthly", "taster", "school"), (24, 28, 14, 8, 10, 8, 8))[0]  # fmt: skip
            contract = self.contract(buyer, role, since)
            contract.bill(self._left(contract, role), rng)

    def _left(self, contract: Contract, role: str) -> datetime:
        """Until when the contract was billed: some have ended by themselves."""
        if role == "taster" or (role == "school" and self.rng.random() < 0.7):
            until = contract.concluded + timedelta(days=2)
            over = contract.concluded + timedelta(days=92)
        elif role in ("monthly", "online_monthly", "committed") and self.rng.random() < 0.3:
            over = until = contract.concluded + timedelta(days=self.rng.randint(60, 400))
        else:
            return self.now
        if over < self.now:
            contract.state, contract.ends_on = "ended", over.date()
        return min(until, self.now)


def planned(author: Author, count: int, known: list[Story]) -> list[Story]:
    """`count` stories beside those that are `known`: the year's slots, some beyond the rule, some late."""
    rng, taken = author.rng, [(one.kind, one.at) for one in known]
    return [_told(author, slot, rng) for slot in slots(rng, author.now, count, taken)]


def _told(author: Author, slot: Slot, rng: random.Random) -> Story:
    approvable = slot.cause in APPROVABLE[slot.kind]
    share = {"waiting-approval": 1.0, "decided": 0.3, "closed": 0.13}.get(slot.status, 0.0)
    override = approvable and rng.random() < share
    one = author.story(slot.kind, slot.status, cause=slot.cause, override=override, slot=slot)
    age = author.now - slot.at
    if slot.status == "open" and age < timedelta(days=1):
        one.replied, one.taken = False, rng.random() < 0.5
    elif slot.status != "closed" and age > timedelta(days=3):
        one.late = slot.status in ("open", "waiting-third-party") and rng.random() < LATE
        one.resumes = before(author.now, rng.uniform(*_HOURS_SINCE["late" if one.late else slot.status]))
    return one
