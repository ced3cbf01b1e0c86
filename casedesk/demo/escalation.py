"""The ladder in the demo: two calendars, service times, reminders and rules; cases raised, taken up and brought down."""

import random
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.cases import handover
from casedesk.cases.actions import absences, ruling, weighing
from casedesk.cases.actions.escalating import acknowledge, come_down, escalate
from casedesk.cases.commands import AnswerWords, ComeDown, Escalate, SetAbsence, TakeUp
from casedesk.cases.escalation_jobs import HANDLERS, SYSTEM, actor_of, drafter, read_by
from casedesk.cases.escalation_models import CaseNotice, Escalation, FoundWords
from casedesk.cases.jobs import breached
from casedesk.cases.models import Case
from casedesk.cases.rules import may_change_stage
from casedesk.cases.usual_rules import USUAL
from casedesk.deadlines import changing
from casedesk.deadlines.changing import SetCalendar, SetThreshold, SetTime
from casedesk.deadlines.models import Clock
from casedesk.deadlines.passing import look_at
from casedesk.deadlines.rules import Interval
from casedesk.demo.calendar import working
from casedesk.demo.house import House
from casedesk.store.models import OutboxRow
from casedesk.store.record import SYSTEM as BY_SYSTEM

RECENT = timedelta(days=40)
OPEN_FOR = timedelta(hours=5)
"""Younger rises nobody has taken up yet."""

_WHY_DOWN = {
    "fr": ("Rappelé le client : la demande est claire, l’agent peut décider.", "Pièce reçue, plus de doute."),
    "en": (
        "Called the customer back: the request is clear, the agent can decide.",
        "Proof has come, no doubt left.",
    ),
}

Weekly = tuple[tuple[Interval, ...], ...]


def furnish(session: Session, house: House, *, now: datetime) -> None:
    """What the administrator set for the clocks a year ago."""
    whole, short = ((540, 1080),), ((540, 1020),)
    lille: Weekly = (whole, whole, whole, whole, short, ((570, 750),), ())
    leeds: Weekly = (whole, whole, whole, whole, whole, (), ())
    for names, zone, region, weekly, country in (
        (("Lille desk", "Service de Lille"), "Europe/Paris", "FR", lille, "FR"),
        (("Leeds desk", "Service de Leeds"), "Europe/London", "GB-ENG", leeds, "GB"),
    ):
        command = SetCalendar(*names, zone, region, weekly, entity_id=house.entities[country].id)
        changing.set_calendar(session, command, actor=BY_SYSTEM, now=now)
    for time in (
        SetTime("first_reply", 8 * 60),
        SetTime("first_reply", 2 * 60, customer="vulnerable"),
        SetTime("first_reply", 4 * 60, priority=1),
        SetTime("decide", 27 * 60),
        SetTime("decide", 18 * 60, kind="chargeback"),
        SetTime("decide", 9 * 60, customer="vulnerable"),
        SetTime("acknowledge", 3 * 60),
    ):
        changing.set_time(session, time, actor=BY_SYSTEM, now=now)
    for threshold in (
        SetThreshold("first_reply", -120),
        SetThreshold("decide", -240, by_mail=True),
        SetThreshold("decide", 540, "manager", by_mail=True),
        SetThreshold("acknowledge", -60, "team-lead"),
        SetThreshold("statutory", -3 * 540, "manager", by_mail=True),
    ):
        changing.set_threshold(session, threshold, actor=BY_SYSTEM, now=now)
    for rule in USUAL:
        ruling.set_rule(session, rule, actor=BY_SYSTEM, now=now)


def play(session: Session, rng: random.Random, now: datetime) -> None:
    """What the worker and the people of the ladder would have done by now."""
    _answer_words(session, rng, now)
    _notice_clocks(session, now)
    _weigh(session, now)
    _by_hand(session, rng, now)
    _take_up(session, rng, now)
    while _notice_clocks(
        session, now
    ):  # a breach raises a case, and whoever gets it has a clock of their own
        pass
    _be_away(session, now)
    seen = (
        update(CaseNotice)
        .where(CaseNotice.told_at < now - timedelta(days=1))
        .values(seen_at=CaseNotice.told_at)
    )
    session.execute(seen)
    mailed = update(OutboxRow).where(
        OutboxRow.kind == "case.notice_mail", OutboxRow.due_at <= now - timedelta(days=1)
    )
    session.execute(
        mailed.values(state="done", attempts=1, started_at=OutboxRow.due_at, done_at=OutboxRow.due_at)
    )
    session.flush()


def _notice_clocks(session: Session, now: datetime) -> bool:
    """Every threshold that a running clock has reached was noticed twenty seconds later, and told. Was there one?"""
    clocks = session.execute(
        select(Clock.id, Clock.next_look_at).where(Clock.state == "running", Clock.next_look_at <= now)
    ).all()
    for clock_id, at in clocks:
        look: datetime | None = at
        while look is not None and look <= now:
            look_at(session, clock_id, now=min(look + timedelta(seconds=20), now))
            look = session.scalar(select(Clock.next_look_at).where(Clock.id == clock_id))
    rows = session.scalars(
        select(OutboxRow)
        .where(
            OutboxRow.state == "ready",
            OutboxRow.kind.in_(("case.clock_reminded", "case.clock_breached", "case.clock_overdue")),
        )
        .order_by(OutboxRow.due_at, OutboxRow.id)
    ).all()
    for row in rows:
        handler = breached if row.kind == "case.clock_breached" else HANDLERS[row.kind]
        handler(session, dict(row.payload), now=row.due_at)
        row.state, row.attempts, row.started_at, row.done_at = "done", 1, row.due_at, row.due_at
    session.flush()
    return bool(clocks)


def _weigh(session: Session, now: datetime) -> None:
    """Live cases of the last weeks were weighed when something happened to them; the rest is past."""
    live = select(Case.id).where(Case.status != "closed", Case.opened_at > now - RECENT)
    waiting = (OutboxRow.kind == "case.weigh", OutboxRow.state == "ready", OutboxRow.due_at <= now)
    rows = session.scalars(
        select(OutboxRow)
        .where(*waiting, OutboxRow.subject_id.in_(live))
        .order_by(OutboxRow.due_at, OutboxRow.id)
    ).all()
    for row in rows:
        case = session.get_one(Case, row.payload["case_id"])
        draft = drafter(session, case, row.due_at)
        weighing.weigh(session, case, row.payload["event"], draft, actor=SYSTEM, now=row.due_at)
    session.flush()
    session.execute(
        update(OutboxRow)
        .where(*waiting)
        .values(state="done", attempts=1, started_at=OutboxRow.due_at, done_at=OutboxRow.due_at)
    )


def _answer_words(session: Session, rng: random.Random, now: datetime) -> None:
    """Owners answered what the word finder proposed, but for the newest proposals."""
    rows = session.execute(
        select(FoundWords.id, Case.id, Case.owner_id, Case.status, Case.last_contact_at)
        .join(Case, Case.id == FoundWords.case_id)
        .where(FoundWords.state == "proposed")
        .order_by(FoundWords.id)
    ).all()
    for words_id, case_id, owner_id, status, spoken_at in rows:
        old = spoken_at is None or spoken_at < now - timedelta(days=2)
        if owner_id is None or (status != "closed" and not old):
            continue
        found = session.get_one(FoundWords, words_id)
        so = rng.random() < 0.8
        if status == "closed":
            found.state = "confirmed" if so else "dismissed"
            found.answered_by, found.answered_at = owner_id, spoken_at or now
            session.get_one(Case, case_id).words_found = 0
            continue
        actor = actor_of(session.get_one(Person, owner_id))
        at = min(working((spoken_at or now) + timedelta(minutes=40)), now)
        command = AnswerWords(case_id, found.entry_id, found.kind, so)
        weighing.answer_words(session, command, actor=actor, now=at)
    session.flush()


def _by_hand(session: Session, rng: random.Random, now: datetime) -> None:
    """A few cases were raised by their agents, with the summary as drafted."""
    cases = session.scalars(
        select(Case)
        .where(
            Case.status == "open",
            Case.stage == "desk",
            Case.owner_id.is_not(None),
            Case.opened_at > now - RECENT,
        )
        .order_by(Case.id)
    ).all()
    reasons = ("customer_asks", "no_agreement", "tone", "doubt", "beyond_my_ceiling", "outside")
    for n, case in enumerate(rng.sample(list(cases), min(9, len(cases)))):
        agent = actor_of(session.get_one(Person, case.owner_id))
        at = min(working(now - timedelta(hours=3 + 19 * n)), now)
        if case.last_contact_at is None or case.last_contact_at > at:
            continue
        to_stage = "manager" if agent.is_lead or n % 3 == 0 else "team-lead"
        if not may_change_stage(agent.role, case.stage, to_stage):
            continue
        with read_by(agent):
            summary = handover.drafted(session, case.id, now=at)
        command = Escalate(case.id, to_stage, reasons[n % len(reasons)], summary)
        escalate(session, command, actor=agent, now=at)


def _take_up(session: Session, rng: random.Random, now: datetime) -> None:
    """Receivers took up what is older than a few hours, and brought some of it down again."""
    rows = session.scalars(
        select(Escalation)
        .where(Escalation.state == "open", Escalation.to_stage.in_(("team-lead", "manager")))
        .order_by(Escalation.raised_at, Escalation.id)
    ).all()
    for row in rows:
        if row.raised_at > now - OPEN_FOR or row.to_person_id is None or rng.random() < 0.06:
            continue
        receiver = actor_of(session.get_one(Person, row.to_person_id))
        at = min(working(row.raised_at + timedelta(minutes=rng.randint(12, 150))), now)
        acknowledge(session, TakeUp(row.case_id, row.id), actor=receiver, now=at)
        if rng.random() < 0.45:
            _bring_down(
                session, row, receiver, rng, min(working(at + timedelta(hours=rng.randint(1, 20))), now)
            )


def _bring_down(session: Session, row: Escalation, receiver: Actor, rng: random.Random, at: datetime) -> None:
    case = session.get_one(Case, row.case_id)
    if may_change_stage(receiver.role, case.stage, "desk") and case.status != "closed":
        why = rng.choice(_WHY_DOWN[receiver.locale])
        come_down(session, ComeDown(case.id, "desk", why), actor=receiver, now=at)


def _be_away(session: Session, now: datetime) -> None:
    """One agent is away until Thursday with a substitute, another one plans to be."""
    people = {person.mail.partition("@")[0]: person for person in session.scalars(select(Person))}
    manager = actor_of(people["solene"])
    for away, substitute, starts, ends in (
        ("hugo", "moussa", now - timedelta(days=1), now + timedelta(days=3)),
        ("tariq", "gwen", now + timedelta(days=9), now + timedelta(days=16)),
    ):
        command = SetAbsence(people[away].id, people[substitute].id, starts, ends)
        row = absences.set_absence(session, command, actor=manager, now=min(starts, now))
        if starts <= now:
            absences.begin(session, row.id, actor=SYSTEM, now=starts)
    session.execute(
        update(OutboxRow)
        .where(OutboxRow.kind == "absence.begin", OutboxRow.due_at <= now)
        .values(state="done", attempts=1, started_at=OutboxRow.due_at, done_at=OutboxRow.due_at)
    )
