"""Tell people of the desk: one line on their Home, and a mail when somebody is there to read it. The same thing once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.cases.actions import clocks
from casedesk.cases.escalation_models import CaseNotice
from casedesk.cases.models import Case
from casedesk.cases.queries.people import standing_in
from casedesk.deadlines.rules import opening
from casedesk.store import outbox


@dataclass(frozen=True)
class Word:
    """What is told: `code` with its parameters; `key` is unique for ever together with who is told."""

    code: str
    key: str
    params: Mapping[str, Any]
    by_mail: bool = False


def tell(session: Session, case: Case, people: Iterable[int], word: Word, *, now: datetime) -> None:
    """Each of `people`, or who stands in, reads the word on Home; by mail in service time, unless seen before."""
    told = {standing_in(session, person_id, now=now) for person_id in people}
    for person_id in sorted(told):
        key = f"{word.key}-p{person_id}"
        if session.scalar(select(CaseNotice.id).where(CaseNotice.key == key)) is not None:
            continue
        notice = CaseNotice(
            key=key,
            person_id=person_id,
            case_id=case.id,
            code=word.code,
            params=dict(word.params),
            told_at=now,
        )
        session.add(notice)
        session.flush()
        if word.by_mail:
            outbox.put(
                session,
                "case.notice_mail",
                key=f"notice-{notice.id}",
                due_at=opening(now, clocks.hours_of(session, case)),
                now=now,
                subject=("case", case.id),
                notice_id=notice.id,
            )


def see(session: Session, person_id: int, notice_ids: Iterable[int] | None, *, now: datetime) -> None:
    """These notices of the person, or all, are seen."""
    wanted = select(CaseNotice).where(CaseNotice.person_id == person_id, CaseNotice.seen_at.is_(None))
    if notice_ids is not None:
        wanted = wanted.where(CaseNotice.id.in_(list(notice_ids)))
    for notice in session.scalars(wanted):
        notice.seen_at = now
    session.flush()


def see_of_case(session: Session, case_id: int, person_id: int, *, now: datetime) -> None:
    """Who acts on the case has seen what was told of it."""
    for notice in session.scalars(
        select(CaseNotice).where(
            CaseNotice.person_id == person_id, CaseNotice.case_id == case_id, CaseNotice.seen_at.is_(None)
        )
    ):
        notice.seen_at = now
    session.flush()
