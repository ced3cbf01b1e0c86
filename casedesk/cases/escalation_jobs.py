"""What the worker does for the ladder: words to people when a clock speaks, rules weighed, absences begun and ended.

Registered in this room's `jobs.HANDLERS`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from flask import g
from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor, not_a_person
from casedesk.accounts.models import Person
from casedesk.accounts.sign_ins import PERSON_COLUMNS
from casedesk.cases import handover, notice_words
from casedesk.cases.actions import absences
from casedesk.cases.actions.telling import Word, tell
from casedesk.cases.actions.weighing import weigh
from casedesk.cases.actions.writing import show_next_clock
from casedesk.cases.escalation_models import CaseNotice
from casedesk.cases.models import Case
from casedesk.cases.queries.people import leads_of, managers_of
from casedesk.channels import actions as channels
from casedesk.channels.actions import NewMail
from casedesk.customers.models import Entity
from casedesk.deadlines.models import ClockThreshold
from casedesk.deadlines.settings import STATUTORY
from casedesk.web import locale

SYSTEM = not_a_person("system")


def reminded(session: Session, payload: dict[str, Any], *, now: datetime) -> None:
    """A clock of the case is soon due: tell who the threshold says."""
    case = _locked(session, payload["subject_id"])
    if case.status != "closed":
        _tell(session, case, payload, "clock_reminded", now)


def overdue(session: Session, payload: dict[str, Any], *, now: datetime) -> None:
    """A clock of the case is past due by a threshold: tell, and weigh the case against the rules."""
    case = _locked(session, payload["subject_id"])
    if case.status != "closed":
        _tell(session, case, payload, "clock_overdue", now)
        weigh_breach(session, case, payload, now=now)


def weigh_breach(session: Session, case: Case, payload: dict[str, Any], *, now: datetime) -> None:
    """Compare the case with the rules for a clock that has run out, so long ago."""
    minutes = payload.get("threshold", 0)
    event = {
        "trigger": "clock_breached",
        "clock": payload["clock"],
        "minutes": minutes,
        "occasion": f"clock-{payload.get('clock_id', payload['clock'])}-{payload['due_at_was']}-{minutes}",
    }
    weigh(session, case, event, drafter(session, case, now), actor=SYSTEM, now=now)


def tell_breach(session: Session, case: Case, payload: dict[str, Any], *, now: datetime) -> None:
    """The owner reads on Home that a clock has run out."""
    if case.status != "closed":
        _tell(session, case, payload, "clock_breached", now)


def weigh_case(session: Session, payload: dict[str, Any], *, now: datetime) -> None:
    """Compare the case with the rules of escalation, as it stands and for what has just happened."""
    case = _locked(session, payload["case_id"])
    weigh(session, case, payload["event"], drafter(session, case, now), actor=SYSTEM, now=now)


def moved(session: Session, payload: dict[str, Any], *, now: datetime) -> None:
    """A clock was reckoned anew under changed hours: lists show the new instant."""
    show_next_clock(session, _locked(session, payload["subject_id"]))
    session.flush()


def notice_mail(session: Session, payload: dict[str, Any], *, now: datetime) -> None:
    """Mail a notice that was not seen on Home before somebody's hours began."""
    notice = session.get(CaseNotice, payload["notice_id"])
    person = session.get(Person, notice.person_id) if notice else None
    case = session.get(Case, notice.case_id) if notice and notice.case_id else None
    if notice is None or person is None or case is None or not person.active or notice.seen_at is not None:
        return
    with read_by(actor_of(person)):
        title, text = notice_words.mail(notice.code, notice.params, case.number or str(case.id))
    channels.queue_mail(
        session,
        NewMail(
            subject=("case", case.id),
            entry_id=None,
            key=f"notice-{notice.key}",
            sender=session.get_one(Entity, case.entity_id).sender_mail,
            recipient=person.mail,
            title=title,
            text=text,
        ),
        now=now,
    )


def absence_begins(session: Session, payload: dict[str, Any], *, now: datetime) -> None:
    absences.begin(session, payload["absence_id"], actor=SYSTEM, now=now)


def absence_ends(session: Session, payload: dict[str, Any], *, now: datetime) -> None:
    absences.end(session, payload["absence_id"], actor=SYSTEM, now=now)


def drafter(session: Session, case: Case, now: datetime) -> handover.Draft:
    """Drafts the summary in the language of the case's entity: nobody has been chosen to read it yet."""
    entity = session.get_one(Entity, case.entity_id)
    reader = Actor(**{**SYSTEM.__dict__, "locale": entity.locale, "time_zone": entity.time_zone})

    def draft(case: Case, _to_stage: str) -> str:
        with read_by(reader):
            return handover.drafted(session, case.id, now=now)

    return draft


@contextmanager
def read_by(actor: Actor) -> Iterator[None]:
    """What is worded inside is in the language and zone of `actor`."""
    before = g.get("actor")
    g.actor = actor
    locale.forget()
    try:
        yield
    finally:
        g.actor = before
        locale.forget()


def actor_of(person: Person) -> Actor:
    return Actor(*(getattr(person, column.key) for column in PERSON_COLUMNS))


def _tell(session: Session, case: Case, payload: dict[str, Any], code: str, now: datetime) -> None:
    minutes = payload.get("threshold", 0)
    threshold = _threshold(session, payload["clock"], minutes)
    params = {"clock": payload["clock"], "due_at": payload["due_at_was"], "minutes": minutes}
    key = f"{code}-{case.id}-{payload.get('clock_id', payload['clock'])}-{payload['due_at_was']}-{minutes}"
    who = _who(session, case, threshold.tell if threshold else "owner")
    tell(session, case, who, Word(code, key, params, bool(threshold and threshold.by_mail)), now=now)


def _threshold(session: Session, clock: str, minutes: int) -> ClockThreshold | None:
    rows = session.scalars(
        select(ClockThreshold).where(
            ClockThreshold.clock.in_((clock, STATUTORY)), ClockThreshold.minutes == minutes
        )
    ).all()
    return next((row for row in rows if row.clock == clock), rows[0] if rows else None)


def _who(session: Session, case: Case, tell_whom: str) -> list[int]:
    """Whom a threshold means; where there is nobody, the next above."""
    if tell_whom == "owner" and case.owner_id is not None:
        return [case.owner_id]
    if tell_whom in ("owner", "team-lead") and (leads := leads_of(session, case.team_id)):
        return leads
    return managers_of(session, case.team_id)


def _locked(session: Session, case_id: int) -> Case:
    return session.scalars(select(Case).where(Case.id == case_id).with_for_update()).one()


HANDLERS = {
    "case.clock_reminded": reminded,
    "case.clock_overdue": overdue,
    "case.clock_moved": moved,
    "case.weigh": weigh_case,
    "case.notice_mail": notice_mail,
    "absence.begin": absence_begins,
    "absence.end": absence_ends,
}
