"""Read what a decision letter is made of: from a decision that was taken, or from one that is being typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.models import Person
from casedesk.cases.actions.exchanging import mail_address
from casedesk.cases.models import Case, Decision, DecisionLine
from casedesk.customers.models import Customer, Entity, Plan, Subscription
from casedesk.documents.facts import Addressee, Basis, Clause, Kept, LetterFacts, PaidLine, Sender
from casedesk.documents.quoting import applied, explained
from casedesk.documents.tongue import language
from casedesk.ledger.models import Charge
from casedesk.policy.pack import Packs
from casedesk.policy.verdict import Finding, Level, Outcome, Standing, Verdict
from casedesk.rulebook import packs as rulebook
from casedesk.rulebook.models import Judgement
from casedesk.store.models import EntryText, Head

_KEPT = ("kept_share", "part_of_price", "given_and_penalty", "separate_parts", "already_refunded")
"""Steps of a reckoning whose amount the business keeps, or has given back before."""


@dataclass(frozen=True)
class Terms:
    """What is decided, taken or typed: the money by charge, the contract's end, the desk's own words."""

    lines: tuple[tuple[int, int, str, str], ...]
    effect: str
    effect_on: date | None
    own_words: str
    judgement_id: int | None
    signed_by: int
    approved_by: int | None
    dated_at: datetime
    locale: str = ""


def terms_of(session: Session, decision: Decision, *, now: datetime) -> Terms:
    """What the decision says."""
    lines = session.execute(
        select(DecisionLine.charge_id, DecisionLine.amount_minor, DecisionLine.method, DecisionLine.means)
        .where(DecisionLine.decision_id == decision.id)
        .order_by(DecisionLine.id)
    )
    words: Mapping[str, Any] = (
        session.scalar(select(EntryText.text).where(EntryText.entry_id == decision.entry_id)) or {}
    )
    return Terms(
        lines=tuple((r[0], r[1], r[2], r[3]) for r in lines),
        effect=decision.subscription_effect,
        effect_on=decision.effect_on,
        own_words=str(words.get("letter", "")),
        judgement_id=decision.judgement_id,
        signed_by=decision.proposed_by,
        approved_by=decision.approved_by,
        dated_at=decision.effective_at or now,
        locale=decision.letter_locale,
    )


def gathered(session: Session, case: Case, terms: Terms) -> LetterFacts:
    """The facts of the letter on `case` under `terms`, in a handful of statements."""
    row = session.execute(
        select(Entity, Customer, Subscription, Plan.name)
        .select_from(Entity)
        .outerjoin(Customer, Customer.id == case.customer_id)
        .outerjoin(Subscription, Subscription.id == case.subscription_id)
        .outerjoin(Plan, Plan.id == Subscription.plan_id)
        .where(Entity.id == case.entity_id)
    ).one()
    entity, subscription = row.Entity, row.Subscription
    addressee = _addressee(session, case, row.Customer, entity, terms.locale)
    head = session.get(Head, ("case", case.id))
    return LetterFacts(
        number=case.number or "",
        kind=case.kind,
        subscription_reference=subscription.reference if subscription else "",
        plan=row.name or "",
        asked_at=case.occurred_at,
        dated_at=terms.dated_at,
        claimed_minor=case.claimed_minor,
        currency=case.currency,
        total_minor=sum(line[1] for line in terms.lines),
        lines=_lines(session, terms, subscription),
        effect=terms.effect,
        effect_on=terms.effect_on,
        basis=_basis(session, terms.judgement_id, addressee.locale),
        own_words=terms.own_words,
        sender=Sender(
            entity.name,
            entity.legal_name,
            entity.address,
            entity.sender_mail,
            entity.time_zone,
            entity.mediator_body,
            entity.country,
        ),
        addressee=addressee,
        record_seq=head.seq if head else 0,
        record_digest=head.digest if head else "",
        **_signatures(session, terms),
    )


def _addressee(
    session: Session, case: Case, customer: Customer | None, entity: Entity, locale: str
) -> Addressee:
    mail = mail_address(session, case)
    if customer is None:
        return Addressee(case.claimed_name or "", "", "", language(locale or entity.locale), mail)
    spoken = language(locale or customer.locale)
    return Addressee(customer.name, customer.salutation, customer.address, spoken, mail)


def _lines(session: Session, terms: Terms, subscription: Subscription | None) -> tuple[PaidLine, ...]:
    ids = [line[0] for line in terms.lines]
    charges = {c.id: c for c in session.scalars(select(Charge).where(Charge.id.in_(ids)))} if ids else {}
    return tuple(
        PaidLine(
            charge_reference=charges[charge_id].reference,
            charged_minor=charges[charge_id].amount_minor,
            period_starts_on=charges[charge_id].period_starts_on,
            period_ends_on=charges[charge_id].period_ends_on,
            amount_minor=amount,
            method=method,
            means=means,
            card_brand=subscription.payment_brand if subscription else "",
            card_digits=subscription.payment_last4 if subscription else "",
        )
        for charge_id, amount, method, means in terms.lines
        if amount
    )


def _signatures(session: Session, terms: Terms) -> dict[str, str]:
    ids = [one for one in (terms.signed_by, terms.approved_by) if one]
    names = {r[0]: r[1] for r in session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))}
    approved = names.get(terms.approved_by or 0, "") if terms.approved_by != terms.signed_by else ""
    return {"signed_by": names.get(terms.signed_by, ""), "approved_by": approved}


def _basis(session: Session, judgement_id: int | None, locale: str) -> Basis | None:
    if judgement_id is None:
        return None
    row = session.execute(
        select(Judgement.verdict, Judgement.packs_until).where(Judgement.id == judgement_id)
    ).one()
    verdict = Verdict.from_canonical(row.verdict.encode())
    return basis_of(verdict, rulebook.published(session, row.packs_until), locale)


def basis_of(verdict: Verdict, packs: Packs, locale: str) -> Basis:
    """What a letter says of the verdict: only what the outcome rests on, in the packs' own words."""
    resting = [found for found in verdict.findings if found.rule in verdict.reasons]
    told = [f for f in resting if f.standing in (Standing.FOR, Standing.AGAINST)]
    by_statute = any(found.level is Level.STATUTE for found in resting)
    carrying = next(
        (f for f in verdict.findings if f.amount and f.amount == verdict.amount and f.steps), None
    )
    due = [duty.deadline for duty in verdict.obligations if duty.deadline is not None]
    return Basis(
        outcome=verdict.outcome.value,
        by_rule_minor=verdict.amount.minor if verdict.amount is not None else None,
        by_statute=by_statute and verdict.outcome is Outcome.ALLOWED,
        paid_minor=_paid(carrying),
        kept=_kept(carrying),
        clauses=_clauses(told, carrying, packs, locale),
        set_aside=tuple(f.rule for f in verdict.findings if f.standing is Standing.SET_ASIDE),
        pay_by=min((one.last_local_date for one in due), default=None),
    )


def _clauses(
    told: Sequence[Finding], carrying: Finding | None, packs: Packs, locale: str
) -> tuple[Clause, ...]:
    """What the outcome rests on, then what lets us keep a share, each once."""
    clauses = [applied(found, packs, locale) for found in told]
    if carrying is not None and carrying not in told and _kept(carrying):
        clauses.append(explained(carrying, packs, locale))
    return tuple(dict.fromkeys(clause for clause in clauses if clause is not None))


def _paid(carrying: Finding | None) -> int | None:
    if carrying is None:
        return None
    paid = [step.params["amount"].minor for step in carrying.steps if step.code == "paid"]  # type: ignore[attr-defined]
    return paid[0] if paid else None


def _kept(carrying: Finding | None) -> tuple[Kept, ...]:
    if carrying is None:
        return ()
    kept = []
    for step in carrying.steps:
        if step.code in _KEPT:
            used, period = step.params.get("used"), step.params.get("period")
            whole = isinstance(used, int) and isinstance(period, int)
            kept.append(
                Kept(
                    step.code,
                    step.params["amount"].minor,  # type: ignore[attr-defined]
                    used if whole else None,  # type: ignore[arg-type]
                    period if whole else None,  # type: ignore[arg-type]
                )
            )
    return tuple(one for one in kept if one.minor)
