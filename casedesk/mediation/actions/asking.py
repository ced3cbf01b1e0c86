"""Ask for a mediation; say who speaks for whom; complete the file; establish what admissibility reads."""

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor
from casedesk.accounts.models import Person
from casedesk.accounts.permits import ROLE_PERMISSIONS, Permission
from casedesk.cases.actions.exchanging import mail_address
from casedesk.cases.actions.supplying import STATES as FACT_STATES
from casedesk.cases.facts import SuppliedLine
from casedesk.cases.models import Case, Cause, Decision
from casedesk.cases.queries.file import file_of_case
from casedesk.cases.queries.sight import case_for
from casedesk.customers.models import Customer, Entity
from casedesk.kernel.errors import InvalidInput, NotAllowed, NotFound, RuleBroken
from casedesk.kernel.refs import case_number
from casedesk.mediation import commands as c
from casedesk.mediation.actions import dating, notices, on_case
from casedesk.mediation.actions.appointing import propose_mediator
from casedesk.mediation.actions.filing import Open, opened, party, settle_turn, subject_of, tell_case, write
from casedesk.mediation.facts import Asked, admissibility_facts
from casedesk.mediation.models import Document, Mediation, Party, Point, Statement
from casedesk.mediation.queries.record import facts_told
from casedesk.mediation.rules.admissibility import ASKED
from casedesk.mediation.rules.states import ENDED
from casedesk.policy.facts import FactError, read_fact
from casedesk.rulebook import actions as rulebook
from casedesk.rulebook.actions import About, Judged

PREFIX = "MED"


def request_mediation(
    session: Session, command: c.RequestMediation, *, actor: Actor, now: datetime
) -> Mediation:
    """Open a file on a case: the customer's words, the day from which the law counts, the panel asked for a mediator.

    Raises InvalidInput without words, RuleBroken where a file runs or the case waits for an approval, NotFound.
    """
    if not command.said:
        raise InvalidInput("mediation.said", field="said")
    received = command.received_at or now
    if received > now:
        raise InvalidInput("mediation.in_future", field="received_at")
    if actor.role != "customer" and not actor.may(Permission.REQUEST_MEDIATION):
        raise NotAllowed("not_allowed")
    case = case_for(session, actor, command.case_id, lock=True)
    _check_free(session, case)
    file = _file(session, case, command, received, actor)
    at = Open(
        file, case, actor, "customer", "customer", "link" if actor.role == "customer" else command.channel
    )
    _parties(session, at, command)
    _first_words(session, at, command, received, now)
    tell_case(session, at, {"state": "requested"}, now=now)
    on_case.hand_over(session, at, now=now)
    dating.keep(session, file, "refusal", dating.refusal_day(session, file, case, now=now), now=now)
    judge_admissibility(session, file, case, now=now)
    propose_mediator(session, file, case, now=now)
    notices.received(session, at, now=now)
    settle_turn(session, at)
    return file


def name_representative(
    session: Session, command: c.NameRepresentative, *, actor: Actor, now: datetime
) -> None:
    """Say who speaks for a party: somebody of the desk for the company, anybody with a mandate for the customer.

    Raises InvalidInput for a person who may not represent, NotFound, RuleBroken.
    """
    act = "represent" if command.side == "company" else "represent_customer"
    at = opened(session, command.mediation_id, act, actor=actor)
    mine = party(session, at.file, "company" if command.side == "company" else "customer")
    if command.side == "company":
        person = _representative(session, command.person_id)
        if person.id == at.file.mediator_id:
            raise InvalidInput("mediation.representative", field="person_id")
        mine.person_id, mine.representative, mine.representative_mail = person.id, person.name, person.mail
        mine.locale = person.locale
        at.file.representative_id = person.id
        write(session, at, "represented", {"party": "company", "person": person.id}, now=now)
    else:
        if not command.name:
            raise InvalidInput("mediation.representative_name", field="name")
        mine.representative, mine.representative_mail = command.name, command.mail
        mine.mandate = command.mandate
        text = {"name": command.name, "mail": command.mail, "mandate": command.mandate}
        write(session, at, "represented", {"party": "customer"}, text, now=now)
    settle_turn(session, at)


def complete_file(session: Session, command: c.CompleteFile, *, actor: Actor, now: datetime) -> None:
    """The customer's file is whole since `at`. Raises InvalidInput for a day before the request or ahead."""
    at = opened(session, command.mediation_id, "complete", actor=actor, version=command.version)
    if not at.file.requested_at <= command.at <= now:
        raise InvalidInput("mediation.complete_when", field="at")
    at.file.complete_at = command.at
    write(session, at, "complete", {"at": command.at.isoformat()}, now=now)
    notices.stop_clock(session, at, "completion", now=now)
    judge_admissibility(session, at.file, at.case, now=now)
    settle_turn(session, at)


def supply_fact(session: Session, command: c.SupplyFact, *, actor: Actor, now: datetime) -> None:
    """Establish a fact that admissibility reads, with its source, and judge anew. Raises InvalidInput."""
    at = opened(session, command.mediation_id, "admit", actor=actor)
    if command.name not in ASKED or command.state not in FACT_STATES:
        raise InvalidInput("fact.unknown", field="name")
    if command.state == "never" and not command.source:
        raise InvalidInput("fact.never_source", field="source")
    if command.state == "known":
        try:
            read_fact(command.name, command.value)
        except FactError as error:
            raise InvalidInput("fact.value", field="value", expected="") from error
    body = {"name": command.name, "state": command.state, "value": command.value}
    write(session, at, "fact", body, {"source": command.source}, now=now)
    judge_admissibility(session, at.file, at.case, now=now)
    settle_turn(session, at)


def judge_admissibility(session: Session, file: Mediation, case: Case, *, now: datetime) -> Judged:
    """May the mediator take the case? Judged by the packs in force, kept with its facts."""
    entity = session.get_one(Entity, file.entity_id)
    told = facts_told(session, file.id)
    asked = Asked(
        seized_at=file.requested_at,
        court_seized=told.court_seized,
        other_mediator=told.other_mediator,
        wait_months=entity.mediator_body.get("min_wait_months"),
        decided=_answered(session, case),
        channel=case.channel,
        supplied=tuple(SuppliedLine(f.name, f.state, f.value, f.source) for f in told.supplied),
    )
    facts = admissibility_facts(file_of_case(session, case), asked, now=now)
    judged = rulebook.judge_and_keep(
        session,
        subject_of(file),
        "mediation",
        facts,
        About(cause=file.cause or None),
        since=file.judgement_id,
        now=now,
    )
    file.judgement_id = judged.judgement_id
    session.flush()
    return judged


def _answered(session: Session, case: Case) -> str | None:
    """How the company answered: the outcome of its newest decision in force."""
    return session.scalar(
        select(Decision.outcome)
        .where(Decision.case_id == case.id, Decision.state.in_(("effective", "superseded")))
        .order_by(Decision.n.desc())
        .limit(1)
    )


def _check_free(session: Session, case: Case) -> None:
    if case.merged_into_id is not None:
        raise RuleBroken("mediation.merged")
    if case.status == "waiting-approval":
        raise RuleBroken("mediation.waiting_approval")
    running = session.scalar(
        select(Mediation.number).where(Mediation.case_id == case.id, Mediation.state.not_in(ENDED))
    )
    if running is not None:
        raise RuleBroken("mediation.running", number=running)


def _file(
    session: Session, case: Case, command: c.RequestMediation, received: datetime, actor: Actor
) -> Mediation:
    entity = session.get_one(Entity, case.entity_id)
    customer = session.get(Customer, case.customer_id) if case.customer_id else None
    cause = session.get(Cause, case.stated_cause_id) if case.stated_cause_id else None
    file = Mediation(
        case_id=case.id,
        entity_id=entity.id,
        customer_id=case.customer_id,
        state="requested",
        kind=case.kind,
        cause=cause.code if cause else "",
        claimed_minor=case.claimed_minor,
        currency=case.currency,
        time_zone=customer.time_zone if customer else entity.time_zone,
        cross_border=bool(customer and customer.country != entity.country),
        requested_by=actor.role if actor.role == "customer" else "desk",
        channel=command.channel,
        requested_at=received,
    )
    session.add(file)
    session.flush()
    year = received.astimezone(ZoneInfo(entity.time_zone)).year
    file.number = case_number(PREFIX, year, file.id)
    session.flush()
    return file


def _parties(session: Session, at: Open, command: c.RequestMediation) -> None:
    case, file = at.case, at.file
    entity = session.get_one(Entity, file.entity_id)
    customer = session.get(Customer, case.customer_id) if case.customer_id else None
    session.add_all(
        [
            Party(
                mediation_id=file.id,
                side="customer",
                name=command.customer_name or (customer.name if customer else case.claimed_name or ""),
                mail=command.customer_mail or mail_address(session, case),
                locale=customer.locale if customer else entity.locale,
            ),
            Party(
                mediation_id=file.id,
                side="company",
                name=entity.legal_name.split(",")[0],
                mail=entity.sender_mail,
                locale=entity.locale,
            ),
        ]
    )
    session.flush()


def _first_words(
    session: Session, at: Open, command: c.RequestMediation, received: datetime, now: datetime
) -> None:
    body = {
        "case": at.case.id,
        "channel": command.channel,
        "received_at": received.isoformat(),
        "court_seized": command.court_seized,
        "other_mediator": command.other_mediator,
        "attachments": len(command.attachments),
    }
    entry = write(session, at, "requested", body, {"said": command.said}, now=now)
    titled = write(session, at, "point", {"n": 1, "code": "request"}, now=now)
    point = Point(mediation_id=at.file.id, n=1, agreed=False, entry_id=titled.id)
    session.add(point)
    session.flush()
    session.add(
        Statement(
            mediation_id=at.file.id,
            point_id=point.id,
            side="customer",
            amount_minor=at.file.claimed_minor,
            entry_id=entry.id,
            at=received,
        )
    )
    session.add_all(
        Document(
            mediation_id=at.file.id,
            side="customer",
            point_id=point.id,
            entry_id=entry.id,
            blob_digest=file.digest,
            name=file.name,
            media_type=file.media_type,
            size=file.size,
            at=received,
        )
        for file in command.attachments
    )
    session.flush()


def _representative(session: Session, person_id: int | None) -> Person:
    person = session.get(Person, person_id) if person_id else None
    if person is None:
        raise NotFound("not_found")
    if not person.active or Permission.REPRESENT_COMPANY not in ROLE_PERMISSIONS.get(person.role, ()):
        raise InvalidInput("mediation.representative", field="person_id")
    return person
