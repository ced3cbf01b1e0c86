"""Decisions outside the verdict, counted: per clause and agent, and per reason."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, or_, select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.cases.models import Case, Decision
from casedesk.cases.queries.sight import visible
from casedesk.policy.verdict import Standing
from casedesk.rulebook.models import JudgementRule

YEAR = timedelta(days=365)
SHOWN = 60
_BEARS = (Standing.FOR.value, Standing.AGAINST.value)


@dataclass(frozen=True)
class ExceptionLine:
    """How often one agent departed from one clause; more and less than the rule, in minor units."""

    rule: str
    agent: str
    currency: str
    count: int
    approved: int
    more_minor: int
    less_minor: int


@dataclass(frozen=True)
class ReasonLine:
    reason: str
    currency: str
    count: int
    more_minor: int
    less_minor: int


@dataclass(frozen=True)
class Exceptions:
    since: datetime
    total: int
    decisions: int
    lines: tuple[ExceptionLine, ...]
    reasons: tuple[ReasonLine, ...]


def exceptions(session: Session, actor: Actor, *, now: datetime) -> Exceptions:
    """The exceptions of a year among the cases that `actor` sees. A decision counts under each clause that bears on it."""
    since = now - YEAR
    rows = session.execute(
        select(JudgementRule.rule_id, Person.name, Decision.currency, *_sums())
        .select_from(Decision)
        .join(Case, Case.id == Decision.case_id)
        .join(Person, Person.id == Decision.proposed_by)
        .join(JudgementRule, JudgementRule.judgement_id == Decision.judgement_id)
        .where(*_outside(since), visible(actor), JudgementRule.standing.in_(_BEARS))
        .group_by(JudgementRule.rule_id, Person.name, Decision.currency)
        .order_by(func.count().desc(), JudgementRule.rule_id, Person.name)
        .limit(SHOWN)
    )
    reasons = session.execute(
        select(Decision.reason_code, Decision.currency, *_sums())
        .join(Case, Case.id == Decision.case_id)
        .where(*_outside(since), visible(actor))
        .group_by(Decision.reason_code, Decision.currency)
        .order_by(func.count().desc())
    ).all()
    decisions = session.scalar(
        select(func.count())
        .select_from(Decision)
        .join(Case, Case.id == Decision.case_id)
        .where(Decision.effective_at >= since, visible(actor))
    )
    return Exceptions(
        since,
        sum(row[2] for row in reasons),
        decisions or 0,
        tuple(ExceptionLine(r[0], r[1], r[2], r[3], r[4], int(r[5]), int(r[6])) for r in rows),
        tuple(ReasonLine(r[0] or "", r[1], r[2], int(r[4]), int(r[5])) for r in reasons),
    )


def _outside(since: datetime) -> tuple[Any, ...]:
    """Decisions in force since then whose sum is not that of the rule."""
    ruled = func.coalesce(Decision.by_rule_minor, 0)
    return (
        Decision.effective_at >= since,
        Decision.state.in_(("effective", "superseded")),
        or_(Decision.amount_minor != ruled, Decision.reason_code.is_not(None)),
    )


def _sums() -> tuple[Any, ...]:
    """Count, approved by a second person, more and less than the rule."""
    off = Decision.amount_minor - func.coalesce(Decision.by_rule_minor, 0)
    return (
        func.count(),
        func.count(Decision.approved_by),
        func.coalesce(func.sum(case((off > 0, off), else_=0)), 0),
        func.coalesce(func.sum(case((off < 0, -off), else_=0)), 0),
    )
