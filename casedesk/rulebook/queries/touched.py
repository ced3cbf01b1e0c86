"""Has a judgement been overtaken by a newer version of a pack: would it come out differently today?"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casedesk.policy.facts import Facts
from casedesk.policy.remedies import outcome_and_amount
from casedesk.rulebook import packs
from casedesk.rulebook.models import Judgement, PackVersion


@dataclass(frozen=True)
class Newer:
    """A version that was published since a judgement."""

    title: str
    version: str
    published_at: datetime


@dataclass(frozen=True)
class Touched:
    """What a judgement gave, and what it would give by the packs of today."""

    newer: tuple[Newer, ...]
    before: str
    before_minor: int | None
    after: str
    after_minor: int | None
    currency: str


def is_current(session: Session, packs_until: int) -> bool:
    """Was nothing published since?"""
    return (session.scalar(select(func.max(PackVersion.id))) or 0) <= packs_until


def touched(session: Session, judgement_id: int, locale: str) -> Touched | None:
    """None where outcome and amount are the same by the packs of today."""
    kept = session.execute(
        select(
            Judgement.packs_until,
            Judgement.facts,
            Judgement.outcome,
            Judgement.amount_minor,
            Judgement.currency,
        ).where(Judgement.id == judgement_id)
    ).one()
    facts = Facts.from_plain(kept.facts["facts"])
    outcome, amount = outcome_and_amount(packs.published(session), facts, kept.facts["subject"])
    minor = amount.minor if amount is not None else None
    if (outcome.value, minor or 0) == (kept.outcome, kept.amount_minor or 0):
        return None
    currency = kept.currency or (
        amount.currency if amount is not None else str(facts.value("currency") or "")
    )
    return Touched(
        _newer(session, kept.packs_until, locale),
        kept.outcome,
        kept.amount_minor,
        outcome.value,
        minor,
        currency,
    )


def _newer(session: Session, until: int, locale: str) -> tuple[Newer, ...]:
    titles = {pack.id: pack.title.get(locale, pack.id) for pack in packs.published(session).packs}
    rows = session.execute(
        select(PackVersion.pack, PackVersion.version, PackVersion.published_at)
        .where(PackVersion.id > until)
        .order_by(PackVersion.id.desc())
        .limit(5)
    )
    return tuple(Newer(titles.get(row.pack, row.pack), row.version, row.published_at) for row in rows)
