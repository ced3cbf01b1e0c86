"""What the rulebook asks of the cases: which open ones rest on a rule, how they are called, under which terms they stand."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.permits import Permission
from casedesk.cases.models import Case, Cause
from casedesk.cases.queries.sight import visible
from casedesk.customers.models import Customer, Entity, Plan, Subscription, Terms
from casedesk.policy.verdict import Standing
from casedesk.rulebook.beside import CaseName, TermsLine
from casedesk.rulebook.models import JudgementRule

_RESTS = tuple(one.value for one in Standing if one is not Standing.NOT_APPLICABLE)


class Resting:
    """The answers of the cases; a reader who sees no cases gets none."""

    def open_by_rule(self, session: Session, actor: Actor) -> dict[str, int]:
        """How many open cases that `actor` sees rest on each rule."""
        if not actor.may(Permission.SEE_CASES):
            return {}
        rows = session.execute(
            select(JudgementRule.rule_id, func.count())
            .join(Case, Case.judgement_id == JudgementRule.judgement_id)
            .where(Case.status != "closed", JudgementRule.standing.in_(_RESTS), visible(actor))
            .group_by(JudgementRule.rule_id)
        )
        return {row[0]: row[1] for row in rows}

    def open_on(
        self, session: Session, actor: Actor, rules: Collection[str], limit: int
    ) -> tuple[int, list[CaseName]]:
        """How many open cases rest on any of `rules`, and the first of them by their next clock."""
        if not actor.may(Permission.SEE_CASES) or not rules:
            return 0, []
        resting = (
            select(JudgementRule.judgement_id)
            .where(JudgementRule.rule_id.in_(rules), JudgementRule.standing.in_(_RESTS))
            .where(JudgementRule.judgement_id == Case.judgement_id)
            .exists()
        )
        which = (Case.status != "closed", resting, visible(actor))
        count = session.scalar(select(func.count()).select_from(Case).where(*which)) or 0
        lines = session.execute(_names().where(*which).order_by(Case.next_due_at, Case.id).limit(limit))
        return count, [_named(row) for row in lines]

    def named(self, session: Session, actor: Actor, ids: Collection[int]) -> dict[int, CaseName]:
        """The cases of `ids` that `actor` sees."""
        if not actor.may(Permission.SEE_CASES) or not ids:
            return {}
        rows = session.execute(_names().where(Case.id.in_(ids), visible(actor)))
        return {row.id: _named(row) for row in rows}

    def causes(self, session: Session) -> dict[str, tuple[str, str]]:
        """English and French label of each cause, by code."""
        rows = session.execute(select(Cause.code, Cause.label_en, Cause.label_fr))
        return {row.code: (row.label_en, row.label_fr) for row in rows}

    def plans(self, session: Session) -> dict[str, str]:
        """Name of each plan, by code."""
        return {row.code: row.name for row in session.execute(select(Plan.code, Plan.name))}

    def terms(self, session: Session, actor: Actor) -> Sequence[TermsLine]:
        """Every version of the terms, newest first, with the open cases under it."""
        counts = {}
        if actor.may(Permission.SEE_CASES):
            rows = session.execute(
                select(Subscription.terms_id, func.count())
                .join(Case, Case.subscription_id == Subscription.id)
                .where(Case.status != "closed", visible(actor))
                .group_by(Subscription.terms_id)
            )
            counts = {row[0]: row[1] for row in rows}
        found = session.execute(
            select(Terms, Entity.name, Entity.locale, Entity.time_zone, Entity.currency)
            .join(Entity, Entity.id == Terms.entity_id)
            .order_by(Entity.name, Terms.valid_from.desc(), Terms.id.desc())
        ).all()
        seen: set[int] = set()
        lines = []
        for terms, *named in found:
            lines.append(_line(terms, named, terms.entity_id not in seen, counts.get(terms.id, 0)))
            seen.add(terms.entity_id)
        return lines


def _line(terms: Terms, named: Sequence[str], newest: bool, open_cases: int) -> TermsLine:
    entity, locale, zone, currency = named
    return TermsLine(
        id=terms.id,
        code=terms.code,
        entity=entity,
        locale=locale,
        zone=zone,
        currency=currency,
        valid_from=terms.valid_from,
        refund_window_days=terms.refund_window_days,
        proration=terms.proration,
        commitment_months=terms.commitment_months,
        notice_months=terms.notice_months,
        renewal=terms.renewal,
        renewal_months=terms.renewal_months,
        billing_day_rule=terms.billing_day_rule,
        fees=terms.fees,
        newest=newest,
        open_cases=open_cases,
    )


def _names() -> Any:
    return select(Case.id, Case.number, Case.claimed_name, Customer.name.label("customer")).outerjoin(
        Customer, Customer.id == Case.customer_id
    )


def _named(row: Any) -> CaseName:
    name = row.customer or row.claimed_name or "–"
    return CaseName(row.id, row.number or str(row.id), name, f"/cases/{row.id}")
