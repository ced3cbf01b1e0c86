"""Cimes, who sells the yearly plan 'Intégrale', and Éléonore, who bought it: what money and letters are tested with."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from casedesk.accounts.models import Person
from casedesk.cases.actions.deciding import FOLLOWERS
from casedesk.cases.commands import MoneyLine
from casedesk.cases.models import Decision, DecisionLine
from casedesk.customers.models import Customer, Entity, Plan, Subscription
from casedesk.ledger import actions as ledger
from casedesk.ledger.models import Charge
from casedesk.ledger.rules import NewCharge
from casedesk.policy.verdict import Verdict
from casedesk.rulebook import packs
from casedesk.rulebook.models import Judgement
from casedesk.store import clock, outbox, record
from casedesk.store.record import Line
from casedesk.store.transaction import transaction
from tests.case_builders import a_case
from tests.factories import NOW, a_customer, a_person, a_plan, a_subscription, an_entity

__all__ = ["NOW", "House", "charge", "decided", "furnish"]

_serial = count(1)

MEDIATOR = {
    "name": "Médiation des loisirs sportifs",
    "website": "mediation-loisirs.example",
    "address": "9, quai Voltaire, 75007 Paris",
}


@dataclass(frozen=True)
class House:
    entity: Entity
    customer: Customer
    plan: Plan
    subscription: Subscription
    person: Person


def furnish(*, locale: str = "fr") -> House:
    """The business, its customer and the manager Inès; each stored at once."""
    entity = an_entity(
        legal_name="Cimes SAS, capital 120 000 €, RCS Paris 900 000 000",
        address="14, rue de la Fontaine-au-Roi\n75011 Paris",
        mediator_body=MEDIATOR,
    )
    customer = a_customer(
        locale=locale,
        salutation="Madame" if locale == "fr" else "Ms",
        address="Appartement 12, résidence des Tisserands\n87, rue du Faubourg-de-Roubaix\n59800 Lille",
    )
    plan = a_plan(entity, name="Intégrale")
    return House(entity, customer, plan, a_subscription(customer, plan), a_person("manager"))


def charge(session: Session, house: House, amount_minor: int = 47_880, **other: Any) -> Charge:
    """A captured yearly fee."""
    return ledger.capture(
        session,
        NewCharge(
            reference=f"ch-{next(_serial)}",
            entity_id=house.entity.id,
            customer_id=house.customer.id,
            subscription_id=house.subscription.id,
            amount_minor=amount_minor,
            currency="EUR",
            captured_at=NOW,
            period_starts_on=date(2026, 10, 12),
            period_ends_on=date(2027, 10, 12),
            description="Intégrale",
            **other,
        ),
    )


def decided(
    house: House, lines: tuple[MoneyLine, ...], *, verdict: Verdict | None = None, **other: Any
) -> tuple[int, int]:
    """A case of Éléonore's with an effective decision that pays `lines`: (case id, decision id).

    The rows are those that deciding leaves; without the engine, so that the verdict is the test's own.
    """
    total = sum(line.amount_minor for line in lines)
    agent, manager = a_person("agent", name="Inès Belkacem"), a_person("manager", name="Solène Kerbiriou")
    case = a_case(
        house.customer,
        house.entity,
        status="decided",
        outcome="granted",
        subscription_id=house.subscription.id,
        charge_id=lines[0].charge_id if lines else None,
        occurred_at=NOW - timedelta(days=4),
    )
    with transaction() as session:
        judgement = _judgement(session, case.id, verdict) if verdict else None
        texts = {"letter": other.pop("letter_text", ""), "reason": "Jamais venue depuis la reconduction."}
        entry = record.append(
            session,
            ("case", case.id),
            Line("decision.proposed", {"n": 1}, texts),
            actor=record.SYSTEM,
            now=NOW,
        )
        values: dict[str, Any] = {
            "case_id": case.id,
            "n": 1,
            "state": "effective",
            "outcome": "granted" if total else "refused",
            "by_rule_minor": verdict.amount.minor if verdict and verdict.amount else None,
            "amount_minor": total,
            "currency": "EUR",
            "judgement_id": judgement,
            "reason_code": "goodwill",
            "subscription_effect": "keep",
            "proposed_by": agent.id,
            "proposed_at": NOW,
            "approved_by": manager.id,
            "effective_at": NOW,
            "approval_reasons": ["beyond_rule"],
            "letter_locale": house.customer.locale,
            "entry_id": entry.id,
        }
        decision = Decision(**(values | other))
        session.add(decision)
        session.flush()
        for line in lines:
            session.add(DecisionLine(decision_id=decision.id, **asdict(line)))
            key = f"decision-{decision.id}-{line.charge_id}-{line.method}"
            ledger.reserve(session, line.charge_id, line.amount_minor, key=key, case_id=case.id, now=NOW)
        for follower, kind in FOLLOWERS.items():
            outbox.put(
                session,
                kind,
                key=f"{follower}-{decision.id}",
                due_at=clock.now(),
                now=clock.now(),
                subject=("case", case.id),
                case_id=case.id,
                decision_id=decision.id,
            )
        return case.id, decision.id


def _judgement(session: Session, case_id: int, verdict: Verdict) -> int:
    kept = Judgement(
        subject_kind="case",
        subject_id=case_id,
        judged_at=NOW,
        judged_for=verdict.judged_for,
        outcome=verdict.outcome.value,
        amount_minor=verdict.amount.minor if verdict.amount else None,
        currency=verdict.amount.currency if verdict.amount else None,
        facts={"subject": "refund", "facts": {}},
        packs_until=packs.newest(session),
        pack_digests=[],
        verdict=verdict.to_canonical().decode(),
        digest=verdict.digest(),
    )
    session.add(kept)
    session.flush()
    return kept.id
