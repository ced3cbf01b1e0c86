"""What pages show of escalations: where a case stands on the ladder, who has what to take up, what was told to whom."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    cast,
    func,
    join,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session, aliased

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.cases.escalation_models import Absence, CaseNotice, Escalation, EscalationRule, FoundWords
from casedesk.cases.models import Case
from casedesk.cases.queries.people import away_at
from casedesk.cases.queries.sight import visible
from casedesk.cases.queries.tallies import MANY
from casedesk.customers.models import Customer
from casedesk.store.db import values
from casedesk.store.models import EntryText

SHOWN = 8

_Raiser, _Receiver, _Taker = aliased(Person), aliased(Person), aliased(Person)


@dataclass(frozen=True)
class Rise:
    """One escalation of a case as its page shows it; `summary` is empty after an erasure."""

    id: int
    n: int
    reason: str
    rule_en: str | None
    rule_fr: str | None
    from_stage: str
    to_stage: str
    state: str
    raised_by: int | None
    raiser: str | None
    raised_at: datetime
    to_person_id: int | None
    receiver: str | None
    taker: str | None
    acknowledged_at: datetime | None
    ended_at: datetime | None
    entry_id: int
    summary: str


def rises_of(session: Session, case_id: int, *, only: int | None = None) -> list[Rise]:
    """The escalations of the case, the newest first; one of them where `only` names it. One statement."""
    asked = {"case": case_id} if only is None else {"case": case_id, "only": only}
    rows = session.execute(_rises(only is not None), asked)
    return [Rise(*values((*row[:-1], _said(row[-1])))) for row in rows]


@cache
def _rises(one: bool) -> Select[*tuple[Any, ...]]:
    """Built once: the page of every case asks it."""
    found = (
        select(
            Escalation.id,
            Escalation.n,
            Escalation.reason,
            EscalationRule.name_en,
            EscalationRule.name_fr,
            Escalation.from_stage,
            Escalation.to_stage,
            Escalation.state,
            Escalation.raised_by,
            _Raiser.name,
            Escalation.raised_at,
            Escalation.to_person_id,
            _Receiver.name,
            _Taker.name,
            Escalation.acknowledged_at,
            Escalation.ended_at,
            Escalation.entry_id,
            EntryText.text,
        )
        .outerjoin(EscalationRule, EscalationRule.id == Escalation.rule_id)
        .outerjoin(_Raiser, _Raiser.id == Escalation.raised_by)
        .outerjoin(_Receiver, _Receiver.id == Escalation.to_person_id)
        .outerjoin(_Taker, _Taker.id == Escalation.acknowledged_by)
        .outerjoin(EntryText, EntryText.entry_id == Escalation.entry_id)
        .where(Escalation.case_id == bindparam("case"))
        .order_by(Escalation.n.desc())
    )
    return found.where(Escalation.id == bindparam("only")) if one else found


def _said(text: Any) -> str:
    return str(text.get("said", "")) if text else ""


@dataclass(frozen=True)
class Words:
    """Something that a message seems to mention, to be confirmed."""

    entry_id: int
    kind: str


_WORDS = (
    select(FoundWords.entry_id, FoundWords.kind)
    .where(FoundWords.case_id == bindparam("case"), FoundWords.state == "proposed")
    .order_by(FoundWords.entry_id, FoundWords.id)
)


def words_to_answer(session: Session, case_id: int) -> list[Words]:
    rows = session.execute(_WORDS, {"case": case_id})
    return [Words(*row) for row in rows]


@dataclass(frozen=True)
class ToTakeUp:
    """An escalated case that waits to be taken up."""

    case_id: int
    number: str
    name: str | None
    to_stage: str
    reason: str
    rule_en: str | None
    rule_fr: str | None
    raiser: str | None
    raised_at: datetime
    receiver: str | None
    due_at: datetime | None
    next_clock: str | None
    total: int


@dataclass(frozen=True)
class NoticeLine:
    """A line of Home that was told to the reader and not seen yet."""

    id: int
    case_id: int | None
    number: str | None
    name: str | None
    code: str
    params: dict[str, Any]
    told_at: datetime
    total: int


@dataclass(frozen=True)
class Away:
    """Somebody who is away now, and who stands in until when."""

    person: str
    substitute: str
    ends_at: datetime
    total: int


@dataclass(frozen=True)
class ForHome:
    """What Home shows of the ladder: cases to take up, notices not seen, who is away."""

    take_ups: list[ToTakeUp]
    notices: list[NoticeLine]
    away: list[Away]


def for_home(session: Session, actor: Actor, *, now: datetime) -> ForHome:
    """Everything that Home shows of the ladder, in one statement.

    To take up: what names the actor; a manager also sees what waits on the whole desk.
    """
    rows = session.execute(union_all(_take_ups(actor), _notices(actor), _away(now))).all()
    by = {what: [row for row in rows if row.what == what] for what in ("take_up", "notice", "away")}
    return ForHome(
        [ToTakeUp(*values((*row[3:15], row.total))) for row in by["take_up"]],
        [
            NoticeLine(
                row.of, row.case_id, row.number, row.name, row.code, json.loads(row.more), row.at, row.total
            )
            for row in by["notice"]
        ],
        [Away(row.name, row.other, row.at, row.total) for row in by["away"]],
    )


def _row(what: str, condition: ColumnElement[bool], source: Any, **given: Any) -> list[Any]:
    """One shape for the three lists: every column by name, empty where a list has none."""
    columns: list[tuple[str, Any]] = [
        ("of", Integer()),
        ("more", String()),
        ("case_id", Case.id.type),
        ("number", String()),
        ("name", String()),
        ("stage", String()),
        ("code", String()),
        ("rule_en", String()),
        ("rule_fr", String()),
        ("raiser", String()),
        ("at", Escalation.raised_at.type),
        ("other", String()),
        ("due_at", Case.next_due_at.type),
        ("clock", String()),
    ]
    made = [literal(what).label("what")]
    made += [given.get(name, cast(null(), kind)).label(name) for name, kind in columns]
    counted = select(literal(1)).select_from(source).where(condition).limit(MANY + 1).subquery()
    return [*made, select(func.count()).select_from(counted).scalar_subquery().label("total")]


def _take_ups(actor: Actor) -> Any:
    mine: ColumnElement[bool] = Escalation.to_person_id == actor.id
    if actor.role == "manager":
        mine = or_(mine, Escalation.to_stage.in_(("team-lead", "manager")))
    open_to = and_(Escalation.state == "open", mine, visible(actor))
    source = join(Escalation, Case, Case.id == Escalation.case_id)
    columns = _row(
        "take_up",
        open_to,
        source,
        of=Escalation.id,
        case_id=Case.id,
        number=func.coalesce(Case.number, ""),
        name=func.coalesce(Customer.name, Case.claimed_name),
        stage=Escalation.to_stage,
        code=Escalation.reason,
        rule_en=EscalationRule.name_en,
        rule_fr=EscalationRule.name_fr,
        raiser=_Raiser.name,
        at=Escalation.raised_at,
        other=_Receiver.name,
        due_at=Case.next_due_at,
        clock=Case.next_clock,
    )
    first = (
        select(*columns)
        .select_from(source)
        .outerjoin(Customer, Customer.id == Case.customer_id)
        .outerjoin(EscalationRule, EscalationRule.id == Escalation.rule_id)
        .outerjoin(_Raiser, _Raiser.id == Escalation.raised_by)
        .outerjoin(_Receiver, _Receiver.id == Escalation.to_person_id)
        .where(open_to)
        .order_by((Escalation.to_person_id == actor.id).desc(), Escalation.raised_at, Escalation.id)
        .limit(SHOWN)
        .subquery()
    )
    return select(first)


def _notices(actor: Actor) -> Any:
    unseen = and_(CaseNotice.person_id == actor.id, CaseNotice.seen_at.is_(None))
    columns = _row(
        "notice",
        unseen,
        CaseNotice,
        of=CaseNotice.id,
        more=cast(CaseNotice.params, String()),
        case_id=CaseNotice.case_id,
        number=Case.number,
        name=func.coalesce(Customer.name, Case.claimed_name),
        code=CaseNotice.code,
        at=CaseNotice.told_at,
    )
    newest = (
        select(*columns)
        .select_from(CaseNotice)
        .outerjoin(Case, Case.id == CaseNotice.case_id)
        .outerjoin(Customer, Customer.id == Case.customer_id)
        .where(unseen)
        .order_by(CaseNotice.told_at.desc(), CaseNotice.id.desc())
        .limit(SHOWN)
        .subquery()
    )
    return select(newest)


def _away(now: datetime) -> Any:
    lasts = away_at(now)
    columns = _row(
        "away", lasts, Absence, of=Absence.id, name=_Raiser.name, at=Absence.ends_at, other=_Receiver.name
    )
    some = (
        select(*columns)
        .select_from(Absence)
        .join(_Raiser, _Raiser.id == Absence.person_id)
        .join(_Receiver, _Receiver.id == Absence.substitute_id)
        .where(lasts)
        .order_by(Absence.ends_at, Absence.id)
        .limit(SHOWN)
        .subquery()
    )
    return select(some)


@dataclass(frozen=True)
class RuleLine:
    """A rule of escalation with how often it spoke and how often it raised a case."""

    id: int
    name_en: str
    name_fr: str
    trigger: str
    clock: str | None
    minutes: int
    words: str | None
    times: int
    kind: str | None
    amount_minor: int | None
    currency: str
    to_stage: str
    active: bool
    version: int
    raised: int


def rules_of_escalation(session: Session) -> Sequence[RuleLine]:
    """All rules, those in use first, by trigger."""
    raised = (
        select(func.count())
        .select_from(Escalation)
        .where(Escalation.rule_id == EscalationRule.id)
        .correlate(EscalationRule)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            EscalationRule.id,
            EscalationRule.name_en,
            EscalationRule.name_fr,
            EscalationRule.trigger_kind,
            EscalationRule.clock,
            EscalationRule.minutes,
            EscalationRule.words,
            EscalationRule.times,
            EscalationRule.kind,
            EscalationRule.amount_minor,
            EscalationRule.currency,
            EscalationRule.to_stage,
            EscalationRule.active,
            EscalationRule.version,
            raised,
        ).order_by(EscalationRule.active.desc(), EscalationRule.trigger_kind, EscalationRule.id)
    )
    return [RuleLine(*values(row)) for row in rows]
