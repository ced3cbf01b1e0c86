"""Judge, and keep judgements: facts, pack versions, calendars and verdict, so that they replay for years."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.kernel.calendar import calendar_for
from casedesk.kernel.errors import Conflict
from casedesk.policy import remedies
from casedesk.policy.facts import Facts
from casedesk.policy.pack import Packs
from casedesk.policy.reading import CalendarSource
from casedesk.policy.verdict import Verdict, digest_of
from casedesk.rulebook import calendars, packs
from casedesk.rulebook.models import Judgement, JudgementRule
from casedesk.store.bulk import insert_rows

PASSING = frozenset({"evaluate_at"})
"""Facts that change by themselves: they alone make no new judgement."""


@dataclass(frozen=True)
class About:
    """By what a judgement is counted later: cause, traffic source, plan."""

    cause: str | None = None
    source: str | None = None
    plan: str | None = None


@dataclass(frozen=True)
class Judged:
    """A verdict with the facts it read and, where it was kept, its id."""

    verdict: Verdict
    facts: Facts
    judgement_id: int = 0


def judge(session: Session, subject: str, facts: Facts, *, now: datetime) -> Judged:
    """The verdict on `facts` by the packs in force. Nothing is stored."""
    return Judged(_judge(packs.published(session), subject, facts, now), facts)


def judge_and_keep(
    session: Session,
    about_subject: tuple[str, int],
    subject: str,
    facts: Facts,
    about: About,
    *,
    since: int | None,
    now: datetime,
) -> Judged:
    """Judge, and keep the judgement unless judgement `since` rests on the same facts and says the same."""
    until = packs.newest(session)
    verdict = _judge(packs.published(session, until), subject, facts, now)
    if since is not None and _says_the_same(session.get_one(Judgement, since), facts, verdict):
        return Judged(verdict, facts, since)
    canonical = verdict.to_canonical()
    kept = Judgement(
        subject_kind=about_subject[0],
        subject_id=about_subject[1],
        judged_at=now,
        judged_for=verdict.judged_for,
        outcome=verdict.outcome.value,
        amount_minor=verdict.amount.minor if verdict.amount is not None else None,
        currency=verdict.amount.currency if verdict.amount is not None else None,
        facts={"subject": subject, "facts": facts.to_plain()},
        packs_until=until,
        pack_digests=[stamp.digest for stamp in verdict.packs],
        verdict=canonical.decode(),
        digest=digest_of(canonical),
        cause=about.cause,
        source=about.source,
        plan=about.plan,
    )
    session.add(kept)
    session.flush()
    calendars.keep(session, verdict.body.calendars)
    rules = {finding.rule: finding for finding in verdict.findings}
    rows = [
        {"judgement_id": kept.id, "rule_id": rule, "version": found.version, "standing": found.standing.value}
        for rule, found in rules.items()
    ]
    insert_rows(session, JudgementRule, rows)
    return Judged(verdict, facts, kept.id)


def replay(session: Session, judgement_id: int) -> Verdict:
    """Judge the stored facts by the stored packs and calendars again. Raises Conflict where the bytes differ."""
    kept = session.get_one(Judgement, judgement_id)
    before = Verdict.from_canonical(kept.verdict.encode())
    verdict = _judge(
        packs.published(session, kept.packs_until),
        kept.facts["subject"],
        Facts.from_plain(kept.facts["facts"]),
        kept.judged_at,
        calendars.as_stored(session, before.body.calendars),
    )
    if verdict.digest() != kept.digest:
        raise Conflict("rulebook.replay_differs", judgement=judgement_id)
    return verdict


def replays(session: Session, judgement_id: int) -> bool:
    """Do the stored facts, packs and calendars give the stored bytes again?"""
    try:
        replay(session, judgement_id)
    except Conflict:
        return False
    return True


def _judge(
    those: Packs, subject: str, facts: Facts, now: datetime, source: CalendarSource = calendar_for
) -> Verdict:
    zone = facts.value("timezone")
    on = now.astimezone(ZoneInfo(zone if isinstance(zone, str) else "UTC")).date()
    return remedies.judge_case(those, facts, subject=subject, on=on, calendars=source)


def _says_the_same(kept: Judgement, facts: Facts, verdict: Verdict) -> bool:
    def lasting(plain: Mapping[str, object]) -> dict[str, object]:
        return {name: value for name, value in plain.items() if name not in PASSING}

    amount = verdict.amount
    return (
        kept.outcome == verdict.outcome.value
        and kept.amount_minor == (amount.minor if amount is not None else None)
        and kept.pack_digests == [stamp.digest for stamp in verdict.packs]
        and lasting(kept.facts["facts"]) == lasting(facts.to_plain())
    )


def newest(session: Session, subject: tuple[str, int]) -> Judgement | None:
    """The newest judgement kept of a subject."""
    return session.scalars(
        select(Judgement)
        .where(Judgement.subject_kind == subject[0], Judgement.subject_id == subject[1])
        .order_by(Judgement.id.desc())
        .limit(1)
    ).one_or_none()
