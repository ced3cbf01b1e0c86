"""One of everything: what the tests walk through that open every door with every key.

A new room adds its things to `a_world`; a thing is named as the addresses name it (``case_id``, ``letter_id``).
"""

from dataclasses import asdict, dataclass
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from casedesk.accounts.models import Person
from casedesk.cases.actions import exchanging, opening
from casedesk.cases.actions.absences import set_absence
from casedesk.cases.actions.escalating import escalate
from casedesk.cases.actions.ruling import set_rule
from casedesk.cases.commands import (
    Escalate,
    MoneyLine,
    NewAttachment,
    OpenCase,
    RecordExchange,
    SetAbsence,
)
from casedesk.cases.models import Attachment, Cause
from casedesk.cases.usual_rules import USUAL
from casedesk.channels.models import OutgoingMail
from casedesk.customers.models import ContactPoint, Plan, Terms
from casedesk.deadlines import changing
from casedesk.deadlines.changing import SetCalendar, SetThreshold, SetTime
from casedesk.deadlines.models import ClockThreshold
from casedesk.documents.models import Letter
from casedesk.imports import actions as imports
from casedesk.imports.actions import NewImport
from casedesk.mediation.actions.appointing import ChangeMediator, appoint, change_mediator
from casedesk.mediation.actions.asking import request_mediation
from casedesk.mediation.commands import Appoint, RequestMediation
from casedesk.mediation.models import Document
from casedesk.portal.actions import linking
from casedesk.portal.secret import mark
from casedesk.refunds.models import RefundIntent
from casedesk.reports import report_actions as reports
from casedesk.reports import signal_actions as signals
from casedesk.reports.findings import CellFound
from casedesk.reports.report_actions import SaveReport
from casedesk.reports.signal_models import Signal, SignalScan
from casedesk.rulebook import drafts, packs, replaying
from casedesk.rulebook.drafts import AddExample
from casedesk.store import blobs, clock
from casedesk.store.record import SYSTEM
from casedesk.store.running import run_batch
from casedesk.store.transaction import transaction
from casedesk.worker import collect
from tests.factories import NOW, a_person, a_team, actor_of, stored
from tests.integration.house import charge, decided, furnish
from tests.integration.verdicts import owed_pro_rata

ROLES = ("agent", "manager", "mediator", "administrator")

OF_A_CASE = ("case_id", "attachment_id", "letter_id", "mail_id", "decision_id")
"""Things that are seen only by who sees their case."""


@dataclass(frozen=True)
class World:
    people: dict[str, Person]
    ids: dict[str, int | str]


def a_world(app: Flask) -> World:
    """A desk with one of everything: people of each role, a customer with a contract, two cases, a letter, a refund."""
    stored(
        Cause(code="unexpected_renewal", label_en="Unexpected renewal", label_fr="Reconduction inattendue")
    )
    with transaction() as session:
        packs.publish_shipped(session, now=NOW)
    team = a_team("Remboursements")
    people = {role: a_person(role, team_id=team.id, approval_ceiling_minor=100_000) for role in ROLES}
    house, spare = furnish(), a_person(name="Chloé Dürrenmatt")
    with transaction() as session:
        charge_id, second = charge(session, house).id, charge(session, house).id
    case_id = _opened(house.customer.id, house.subscription.id, second, people["manager"])
    work = collect()
    decided_case, decision_id = decided(house, (MoneyLine(charge_id, 47_880),), verdict=owed_pro_rata())
    while run_batch(work):
        pass
    with transaction() as session:
        run_id = _uploaded(session, people["manager"])
        draft_id, replay_id = _drafted(session, people["manager"])
        ids: dict[str, int | str] = {
            "case_id": case_id,
            "decision_id": decision_id,
            "attachment_id": _last(session, Attachment.id),
            "mail_id": _last(session, OutgoingMail.id),
            "letter_id": _last(session, Letter.id),
            "intent_id": _last(session, RefundIntent.id),
            "contact_id": _last(session, ContactPoint.id),
            "customer_id": house.customer.id,
            "subscription_id": house.subscription.id,
            "cause_id": _last(session, Cause.id),
            "person_id": spare.id,
            "team_id": team.id,
            "run_id": run_id,
            **_reports(session, people["manager"]),
            **_signals(session, people["manager"]),
            **_ladder(session, case_id, people["manager"], spare),
            "token": "x",
            "code": "x",
            "name": "goods_received_at",
            "offer_id": 1,
            "file_id": 1,
            "my_letter": 1,
            "my_proposal": 1,
            "link_id": _linked(session, case_id, people["manager"]),
            "pack": "contract",
            "rule": "CONTRACT-NOTICE-MONTHS",
            "draft_id": draft_id,
            "example_id": 0,
            "replay_id": replay_id,
            "terms_id": _last(session, Terms.id),
            "plan_id": _last(session, Plan.id),
            "business_id": house.entity.id,
            "place": f"case-{decided_case}-reply",
            **_mediated(session, decided_case, people),
        }
    return World(people, ids)


def _mediated(session: Session, case_id: int, people: dict[str, Person]) -> dict[str, int | str]:
    """A mediation of the case, taken by the mediator, with a document of the customer."""
    now, mediator = clock.now(), people["mediator"]
    change = ChangeMediator(mediator.id, ("refund",), ("fr",), 9, True)
    change_mediator(session, change, actor=actor_of(people["administrator"]), now=now)
    digest = blobs.put(session, b"%PDF-1.4 plan", "application/pdf", now=now)
    file = NewAttachment(digest, "planning.pdf", "application/pdf", 13)
    asked = RequestMediation(case_id, "Je saisis le médiateur.", attachments=(file,))
    mediation_id = request_mediation(session, asked, actor=actor_of(people["manager"]), now=now).id
    appoint(session, Appoint(mediation_id, mediator.id), actor=actor_of(mediator), now=now)
    return {"mediation_id": mediation_id, "document_id": _last(session, Document.id), "act": "message"}


def _ladder(session: Session, case_id: int, manager: Person, away: Person) -> dict[str, int | str]:
    """The case raised to a manager, somebody who is to be away, and one of each setting of the clocks."""
    now = clock.now()
    raising = Escalate(case_id, "manager", "doubt", "Doute sur la date.")
    absence = SetAbsence(away.id, manager.id, now + timedelta(days=9), now + timedelta(days=12))
    days: tuple[tuple[tuple[int, int], ...], ...] = (((540, 1080),),) * 5 + ((), ())
    hours = SetCalendar("Desk", "Service", "Europe/Paris", "FR", days)
    setting = changing.set_time(session, SetTime("decide", 600), actor=SYSTEM, now=now)
    changing.set_threshold(session, SetThreshold("decide", -60), actor=SYSTEM, now=now)
    return {
        "escalation_id": escalate(session, raising, actor=actor_of(manager), now=now).id,
        "absence_id": set_absence(session, absence, actor=actor_of(manager), now=now).id,
        "calendar_id": changing.set_calendar(session, hours, actor=SYSTEM, now=now).id,
        "time_id": setting.id,
        "threshold_id": _last(session, ClockThreshold.id),
        "rule_id": set_rule(session, USUAL[0], actor=SYSTEM, now=now).id,
    }


def _opened(customer_id: int, subscription_id: int, charge_id: int, owner: Person) -> int:
    """A case with the customer's mail, a file and a reply that left."""
    with transaction() as session:
        digest = blobs.put(session, b"%PDF-1.4 proof", "application/pdf", now=NOW)
        file = NewAttachment(digest, "preuve.pdf", "application/pdf", 14)
        command = OpenCase(
            kind="refund",
            channel="mail",
            said="Bonjour, je souhaite être remboursée.",
            cause_code="unexpected_renewal",
            customer_id=customer_id,
            subscription_id=subscription_id,
            charge_id=charge_id,
            attachments=(file,),
        )
        actor, now = actor_of(owner), clock.now()
        case_id = opening.open_case(session, command, actor=actor, now=now)
        reply = RecordExchange(case_id, "mail", False, "Nous revenons vers vous.", happened_at=now)
        exchanging.record_exchange(session, reply, actor=actor, now=now)
    return case_id


def _linked(session: Session, case_id: int, by: Person) -> int:
    """A link to the case that its customer was mailed."""
    return linking.make_case_link(
        session, case_id, shown=False, actor=actor_of(by), mark=mark, now=clock.now()
    ).id


def _uploaded(session: Session, person: Person) -> int:
    """An import that nobody has started yet."""
    mapping = 'kind = "customers"\nsource = "old"\n[fields]\nreference = "id"\nname = "name"\n'
    new = NewImport("customers", "old", "clients.csv", b"id;name\n1;Ana\n", mapping, {})
    return imports.upload(session, new, person_id=person.id, now=NOW).id


def _drafted(session: Session, person: Person) -> tuple[int, int]:
    """A draft of the terms with an example beside one rule, and a replay of it that was asked for."""
    actor = actor_of(person)
    draft = drafts.start(session, "contract", actor=actor, now=NOW)
    facts = {"timezone": "Europe/Paris", "notice_given_at": "2026-10-12T10:00:00Z", "notice_months": 1}
    example = AddExample(draft.id, draft.edit, "CONTRACT-NOTICE-MONTHS", "One month", facts, "yes")
    drafts.add_example(session, example, actor=actor, now=NOW)
    days = replaying.Chosen(NOW.date(), NOW.date())
    return draft.id, replaying.ask(session, draft.id, days, zone="Europe/Paris", actor=actor, now=NOW).id


def _reports(session: Session, person: Person) -> dict[str, int | str]:
    """A saved report with its schedule, and a file of it (a_report_file)."""
    actor, now = actor_of(person), clock.now()
    saved = reports.save(
        session, SaveReport("Volume", "volume", {"period": ["last-90"]}), actor=actor, now=now
    )
    plan = reports.schedule(session, saved.id, "week", actor=actor, zone="Europe/Paris", now=now)
    file = reports.ask_file(
        session, "volume", {"period": ["last-90"]}, actor=actor, zone="Europe/Paris", now=now
    )
    reports.keep_file(session, file.id, b"%PDF-1.7 volume", "volume.pdf", now=now)
    return {
        "code": "volume",
        "format_": "csv",
        "name": "volume",
        "file_id": file.id,
        "saved_id": saved.id,
        "schedule_id": plan.id,
    }


def _signals(session: Session, person: Person) -> dict[str, int | str]:
    """A signal with a change to make, and something on the time axis."""
    actor, now, day = actor_of(person), clock.now(), NOW.date()
    scan = SignalScan(as_of=day, asked_at=now, notes=[], few=[])
    session.add(scan)
    session.flush()
    cell = CellFound(
        "unexpected_renewal", "facebook", 41, 14.0, 2.9, 2.1, 4.0, 2.9, 2.6, 27.0, {"EUR": 135_000}, 0.0001
    )
    found = Signal(
        kind=cell.kind, cause=cell.cause, source=cell.source, observed=cell.observed, expected=cell.expected,
        excess=cell.excess, excess_money=cell.excess_money, score=cell.score, finding=asdict(cell), picture={},
        first_scan_id=scan.id, last_scan_id=scan.id, found_at=now,
    )  # fmt: skip
    session.add(found)
    session.flush()
    change = signals.Assigned("The price in the subject of the notice", person.id, day)
    happened = signals.Happened(day, "other", "Notices moved to a new sender")
    return {
        "signal_id": found.id,
        "action_id": signals.assign(session, found.id, change, actor=actor, now=now).id,
        "annotation_id": signals.annotate(session, happened, actor=actor, now=now).id,
    }


def _last(session: Session, column: object) -> int:
    found = session.scalar(select(func.max(column)))  # type: ignore[call-overload]
    assert found is not None, f"the world has no {column}"
    return int(found)
