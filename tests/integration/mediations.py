"""A house with a case and a panel of mediators: what mediations are tested with. Each step commits, as its door would."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor, not_a_person
from casedesk.accounts.models import Person
from casedesk.cases import commands as cases
from casedesk.cases.actions import opening
from casedesk.cases.entries import ActLine
from casedesk.cases.models import Case
from casedesk.mediation import commands as c
from casedesk.mediation.actions import admitting, appointing, asking, hearing, proposing
from casedesk.mediation.actions.appointing import ChangeMediator
from casedesk.mediation.models import Mediation, Point, Proposal, Task
from casedesk.mediation.rules.proposals import Part
from casedesk.rulebook import packs
from casedesk.store.db import db
from casedesk.store.models import Entry, EntryText
from casedesk.store.transaction import transaction
from tests.factories import NOW, a_person, actor_of
from tests.integration.house import House, charge, furnish

CUSTOMER, SYSTEM = not_a_person("customer"), not_a_person("system")

Answer = TypeVar("Answer")


@dataclass
class Play:
    """One case, its people, and the file once it is asked for. `now` is the clock of the play."""

    house: House
    agent: Person
    manager: Person
    mediator: Person
    second: Person
    administrator: Person
    case_id: int
    charge_id: int
    now: datetime = field(default=NOW)
    file_id: int = 0

    def do(self, action: Callable[..., Answer], command: Any, actor: Actor | Person) -> Answer:
        """Do `action` as `actor` in a transaction of its own."""
        who = actor if isinstance(actor, Actor) else actor_of(actor)
        with transaction() as session:
            return action(session, command, actor=who, now=self.now)

    def later(self, **span: float) -> "Play":
        self.now += timedelta(**span)
        return self

    @property
    def file(self) -> Mediation:
        fresh()
        return db.session.get_one(Mediation, self.file_id)

    @property
    def case(self) -> Case:
        fresh()
        return db.session.get_one(Case, self.case_id)

    @property
    def point_id(self) -> int:
        fresh()
        return db.session.scalars(select(Point.id).where(Point.mediation_id == self.file_id)).first() or 0

    def requested(self, actor: Actor | Person = CUSTOMER, **other: Any) -> "Play":
        command = c.RequestMediation(
            self.case_id,
            **{
                "said": "Onze séances sur vingt manquent, je demande le remboursement de l’année.",
                "court_seized": False,
                "other_mediator": False,
                **other,
            },
        )
        self.file_id = self.do(asking.request_mediation, command, actor).id
        return self

    def appointed(self) -> "Play":
        self.do(appointing.appoint, c.Appoint(self.file_id, self.mediator.id), self.mediator)
        return self

    def admitted(self) -> "Play":
        self.do(admitting.admit, c.Admit(self.file_id, said="La réclamation est établie."), self.mediator)
        return self

    def notified(self) -> "Play":
        self.do(
            asking.name_representative,
            c.NameRepresentative(self.file_id, "company", person_id=self.manager.id),
            self.agent,
        )
        self.do(admitting.notify, c.Notify(self.file_id), self.mediator)
        return self

    def heard(self) -> "Play":
        """The company has answered: statements are exchanged."""
        command = c.State(self.file_id, self.point_id, "Un cours équivalent était ouvert à Villeurbanne.")
        self.do(hearing.state, command, self.manager)
        return self

    def in_exchange(self) -> "Play":
        return self.requested().appointed().admitted().notified().heard()

    def proposed(self, by: Actor | Person | None = None, minor: int = 20_000, **other: Any) -> Proposal:
        parts = other.pop("parts", (Part("refund", minor),))
        command = c.Propose(self.file_id, parts, expires_on=(self.now + timedelta(days=14)).date(), **other)
        return self.do(proposing.propose, command, by or self.mediator)

    def answered(self, proposal: Proposal, by: Actor | Person, *, accept: bool = True) -> Proposal:
        command = c.AnswerProposal(self.file_id, proposal.id, accept=accept, understood=True)
        return self.do(proposing.answer_proposal, command, by)

    def agreed(self) -> "Play":
        proposal = self.proposed()
        self.answered(proposal, CUSTOMER)
        self.answered(proposal, self.manager)
        return self

    def tasks(self) -> list[Task]:
        fresh()
        return list(
            db.session.scalars(select(Task).where(Task.mediation_id == self.file_id).order_by(Task.id))
        )

    def entries(self) -> list[Entry]:
        fresh()
        return list(
            db.session.scalars(
                select(Entry)
                .where(Entry.subject_kind == "mediation", Entry.subject_id == self.file_id)
                .order_by(Entry.seq)
            )
        )

    def words(self) -> str:
        """Everything that was said in the file, as one text."""
        ids = [entry.id for entry in self.entries()]
        texts = db.session.scalars(select(EntryText.text).where(EntryText.entry_id.in_(ids)))
        return "\n".join(str(text) for text in texts)


def a_play(app: Flask, *, minor: int = 47_880, claimed: int = 47_880, kind: str = "dispute") -> Play:
    """A case of the house with a written complaint of two months ago, a paid charge, and two mediators on the panel."""
    with transaction() as session:
        packs.publish_shipped(session, now=NOW)
    house = furnish()
    agent = a_person("agent", name="Inès Belkacem")
    manager = a_person("manager", name="Solène Kerbiriou", approval_ceiling_minor=200_000)
    mediators = [a_person("mediator", name=name) for name in ("Agnès Thiollier", "Bérengère Aubignac")]
    administrator = a_person("administrator", name="Margaux Delacroix")
    complained = NOW - timedelta(days=67)
    with transaction() as session:
        charge_id = charge(session, house, minor).id
        case_id = _opened(session, house, agent, charge_id, kind, claimed, complained)
    for mediator in mediators:
        change = ChangeMediator(mediator.id, ("dispute", "refund"), ("fr",), 12, True)
        with transaction() as session:
            appointing.change_mediator(session, change, actor=actor_of(administrator), now=NOW)
    return Play(house, agent, manager, mediators[0], mediators[1], administrator, case_id, charge_id)


def _opened(
    session: Session, house: House, agent: Person, charge_id: int, kind: str, claimed: int, at: datetime
) -> int:
    return opening.open_case(
        session,
        cases.OpenCase(
            kind=kind,
            channel="mail",
            said="Le cours du mardi n’a plus lieu.",
            cause_code=None,
            said_at=at,
            customer_id=house.customer.id,
            subscription_id=house.subscription.id,
            charge_id=charge_id,
            claimed_minor=claimed,
            acts=(ActLine("written_complaint", declared_at=at, sent_at=at, received_at=at),),
        ),
        actor=actor_of(agent),
        now=at,
    )


def fresh() -> None:
    db.session.rollback()
    db.session.expire_all()
