"""Some forty mediations in every state, played through the room's own actions on cases of the demo; one as it was drawn."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from casedesk.accounts.actor import Actor, not_a_person
from casedesk.accounts.models import Person
from casedesk.accounts.sign_ins import PERSON_COLUMNS
from casedesk.cases.actions.exchanging import record_exchange
from casedesk.cases.actions.opening import open_case
from casedesk.cases.commands import NewAttachment, OpenCase, RecordExchange
from casedesk.cases.entries import ActLine
from casedesk.cases.models import Case, Cause, Decision
from casedesk.customers.models import Customer, Entity
from casedesk.deadlines.jobs import look
from casedesk.deadlines.models import Clock
from casedesk.demo.calendar import local, working
from casedesk.demo.contracts import Contract
from casedesk.demo.house import House
from casedesk.demo.mediation_words import DEFAULT, MATTERS, OF_CAUSE, Words
from casedesk.demo.stories import Author
from casedesk.mediation import commands as c
from casedesk.mediation import jobs
from casedesk.mediation.actions import (
    admitting,
    appointing,
    asking,
    closing,
    hearing,
    offering,
    proposing,
    settling,
)
from casedesk.mediation.actions.appointing import ChangeMediator
from casedesk.mediation.models import Mediation, Point, Proposal, Task
from casedesk.mediation.queries.money import refundable
from casedesk.mediation.rules.proposals import Part
from casedesk.refunds import actions as refunds
from casedesk.store import blobs
from casedesk.store.models import OutboxRow
from casedesk.web.locale import money

CUSTOMER, SYSTEM = not_a_person("customer"), not_a_person("system")

PANEL = (
    ("agnes@cimes.example", ("dispute", "cancellation"), ("fr",), 14),
    ("berengere@cimes.example", ("dispute", "refund"), ("fr",), 12),
    ("aurelien@cimes.example", ("refund", "cancellation", "dispute"), ("en", "fr"), 12),
)

PLAYS: tuple[tuple[str, int, str], ...] = (
    # how far it comes, how many days ago it was asked for, language
    ("requested", 1, "fr"), ("requested", 2, "en"), ("incomplete", 8, "fr"), ("taken", 5, "en"), ("taken", 12, "fr"),
    ("admissible", 9, "fr"), ("admissible", 11, "en"),
    ("notified", 14, "fr"), ("notified", 19, "en"), ("notified", 22, "fr"),
    ("exchange", 33, "fr"), ("exchange", 41, "en"), ("restated", 38, "fr"), ("restated", 52, "en"), ("asked", 45, "fr"),
    ("offers", 48, "en"), ("extended", 84, "fr"), ("late", 107, "en"),
    ("proposal", 36, "fr"), ("proposal", 58, "en"), ("half", 49, "fr"), ("half", 61, "en"), ("countered", 55, "fr"),
    ("agreed", 40, "fr"), ("agreed", 57, "en"), ("carried_out", 90, "fr"), ("carried_out", 118, "en"),
    ("carried_out", 150, "fr"), ("carried_out", 190, "fr"), ("settled_blind", 131, "en"), ("breached", 88, "fr"),
    ("closed", 96, "fr"), ("closed", 125, "en"), ("closed", 160, "fr"), ("closed", 205, "fr"), ("closed", 230, "en"),
    ("declined_elsewhere", 30, "fr"), ("declined_no_complaint", 74, "en"), ("declined_too_late", 140, "fr"),
    ("declined_out_of_scope", 171, "fr"),
    ("withdrawn_company", 66, "en"), ("withdrawn_court", 112, "fr"), ("withdrawn_settled", 183, "fr"),
    ("lapsed", 128, "fr"), ("lapsed", 145, "en"),
)  # fmt: skip

_QUIET = timedelta(days=3)


@dataclass
class Panel:
    """Who mediates, and who keeps the panel, as actors."""

    mediators: dict[int, Actor]
    keeper: Actor


class Drawn:
    """The file that the design was drawn with: Rosalind Achterberg-Ménard, 612,00 € for a year of half the sessions."""

    def __init__(self, author: Author, now: datetime) -> None:
        self.now = now
        concluded = local(now - timedelta(days=294), 18, 12)
        buyer = author.buyer(
            "FR", local(now - timedelta(days=300), 9, 0), "Rosalind Achterberg-Ménard",
            "rosalind.am@courrier.example", "Lyon",
        )  # fmt: skip
        buyer.address, buyer.salutation, buyer.vulnerable = (
            "4, rue Casimir-Perier\n69002 Lyon",
            "Madame",
            False,
        )
        self.contract: Contract = author.contract(buyer, "annual", concluded)
        self.contract.price, self.contract.channel = 61_200, "on_premises"
        self.contract.bill(now, author.rng)
        self.contract.reference = "S-117802"

    def case(self, session: Session, house: House) -> int:
        """Her complaint of 18 September and the refusal of 29 September, as the strip of the file shows them."""
        hugo, now, contract = house.agents["FR"][-1], self.now, self.contract
        at = local(now - timedelta(days=67), 9, 14)
        paid = contract.charges[0]
        case_id = open_case(
            session,
            OpenCase(
                kind="dispute",
                channel="mail",
                said=(
                    "Bonjour, le cours du mardi n’a plus lieu depuis le 14 septembre, sans un mot de votre part. J’ai payé "
                    "612,00 € pour l’année. Je vous demande de me rembourser.\n\nRosalind Achterberg-Ménard"
                ),
                cause_code="service_not_rendered",
                said_at=at,
                customer_id=contract.buyer.id,
                subscription_id=contract.id,
                charge_id=paid.id,
                claimed_minor=paid.amount,
                acts=(ActLine("written_complaint", declared_at=at, sent_at=at, received_at=at),),
            ),
            actor=hugo,
            now=at + timedelta(minutes=40),
        )
        said = (
            "Bonjour Madame, des travaux occupent la salle de Lyon Confluence. Un cours équivalent vous est ouvert à "
            "Villeurbanne. Nous ne pouvons donc pas rembourser l’année.\nHugo Castagnède"
        )
        record_exchange(
            session,
            RecordExchange(case_id, "mail", False, said),
            actor=hugo,
            now=working(at + timedelta(days=11)),
        )
        return case_id


def play(session: Session, drawn: Drawn, house: House, rng: random.Random, *, now: datetime) -> None:
    """Every file of PLAYS and the drawn one, then what the clocks say of them by `now`."""
    panel = _panel(session, now)
    _rosalind(session, drawn, house, panel)
    taken: set[int] = set()
    for target, days, language in PLAYS:
        start = working(now - timedelta(days=days, hours=rng.randint(0, 6)))
        case = _case(session, language, start, taken)
        if case is not None:
            taken.add(case.id)
            _File(session, case, target, house, panel, rng, min(start, now), now).run()
            session.flush()
            session.expunge_all()
    _clocks(session, now)


class _File:
    """One file being played; `at` is its clock."""

    def __init__(
        self,
        session: Session,
        case: Case,
        target: str,
        house: House,
        panel: Panel,
        rng: random.Random,
        at: datetime,
        now: datetime,
    ) -> None:
        self.session, self.case, self.target, self.panel = session, case, target, panel
        self.rng, self.at, self.now, self.file_id = rng, at, now, 0
        entity = session.get_one(Entity, case.entity_id)
        customer = session.get_one(Customer, case.customer_id)
        self.manager = house.managers["FR" if entity.country == "FR" else "GB"]
        self.locale = customer.locale[:2]
        cause = session.get(Cause, case.stated_cause_id) if case.stated_cause_id else None
        self.cause = cause.code if cause else ""
        self.words: Words = MATTERS[OF_CAUSE.get(self.cause, DEFAULT)][self.locale]
        left = refundable(session, case)
        self.asked = min(case.claimed_minor or left, left) or left

    @property
    def file(self) -> Mediation:
        return self.session.get_one(Mediation, self.file_id)

    @property
    def mediator(self) -> Actor:
        return self.panel.mediators[self.file.mediator_id or 0]

    def later(self, days: float) -> datetime:
        """The next step so many days on, in working time, never beyond now."""
        shift = timedelta(days=days * self.rng.uniform(0.8, 1.2))
        self.at = min(max(working(self.at + shift), self.at + timedelta(minutes=3)), self.now)
        return self.at

    def do(self, action: Callable[..., Any], command: Any, actor: Actor) -> Any:
        done = action(self.session, command, actor=actor, now=self.at)
        self.session.flush()
        return done

    def run(self) -> None:
        self._request()
        if self.target == "requested":
            return
        self._take()
        if self.target.startswith("declined"):
            self._decline()
        elif self.target == "incomplete":
            self._ask_document("customer", 12)
        elif self.target != "taken":
            self._admit()

    def _request(self) -> None:
        said = self.words["request"].format(asked=money(self.asked, self.case.currency, self.locale))
        elsewhere = self.target == "declined_elsewhere"
        command = c.RequestMediation(
            self.case.id, said, court_seized=elsewhere, other_mediator=False, channel="mail"
        )
        self.file_id = self.do(asking.request_mediation, command, CUSTOMER).id

    def _take(self) -> None:
        self.later(1.2)
        proposed = self.file.proposed_mediator_id
        mediator = self.panel.mediators[proposed or next(iter(self.panel.mediators))]
        self.do(appointing.appoint, c.Appoint(self.file_id, mediator.id), mediator)

    def _decline(self) -> None:
        self.later(5)
        ground = self.target.removeprefix("declined_")
        command = c.Decline(self.file_id, ground, self.words["decline"])
        self.do(admitting.decline, command, self.mediator)

    def _admit(self) -> None:
        self.later(4)
        said = {"fr": "Les pièces établissent la réclamation et la réponse de l’entreprise."}.get(
            self.locale, "The papers show the complaint and the company's answer."
        )
        self.do(admitting.admit, c.Admit(self.file_id, said=said), self.mediator)
        if self.target == "admissible":
            return
        self._represent()
        self.later(0.3)
        self.do(admitting.notify, c.Notify(self.file_id), self.mediator)
        if self.target == "lapsed":
            return
        if self.target == "withdrawn_settled":
            self._leave(CUSTOMER, "settled")
        elif self.target != "notified":
            self._hear()

    def _represent(self) -> None:
        command = c.NameRepresentative(self.file_id, "company", person_id=self.manager.id)
        self.do(asking.name_representative, command, self.manager)

    def _hear(self) -> None:
        points = self._points()
        self.later(9)
        self.do(hearing.state, c.State(self.file_id, points[0], self.words["company"]), self.manager)
        self.later(1)
        second = self.do(hearing.add_point, c.AddPoint(self.file_id, self.words["point"]), self.mediator).id
        self.later(2)
        self.do(hearing.state, c.State(self.file_id, second, self.words["point_customer"]), CUSTOMER)
        self.later(1.5)
        self.do(hearing.state, c.State(self.file_id, second, self.words["point_company"]), self.manager)
        self.do(
            hearing.add_point,
            c.AddPoint(self.file_id, _undisputed(self.locale), agreed=True, said=self.words["agreed"]),
            self.mediator,
        )
        self._document(second)
        if self.target in ("exchange", "late"):
            return
        if self.target == "withdrawn_court":
            self._leave(CUSTOMER, "court")
        elif self.target == "withdrawn_company":
            self._leave(self.manager, "withdrew")
        else:
            self._understand()

    def _document(self, point: int) -> None:
        text = f"{self.words['document']}\n\n{self.file.number}\n".encode()
        digest = blobs.put(self.session, text, "text/plain", now=self.at)
        name = {"fr": "pièce jointe.txt"}.get(self.locale, "attachment.txt")
        file = NewAttachment(digest, name, "text/plain", len(text))
        self.do(hearing.add_document, c.AddDocument(self.file_id, file, point_id=point), self.manager)

    def _points(self) -> list[int]:
        return list(self.session.scalars(select(Point.id).where(Point.mediation_id == self.file_id)))

    def _understand(self) -> None:
        self.later(2)
        self.do(hearing.write_message, c.WriteMessage(self.file_id, self.words["message"]), self.mediator)
        command = c.Restate(
            self.file_id,
            customer_concern=self.words["customer_concern"],
            customer_need=self.words["customer_need"],
            company_concern=self.words["company_concern"],
            company_need=self.words["company_need"],
            facts_agreed=self.words["agreed"],
            points_open=self.words["open"],
        )
        restated = self.do(hearing.restate, command, self.mediator)
        self.later(1.5)
        self.do(hearing.answer_restatement, c.AnswerRestatement(self.file_id, restated.id), CUSTOMER)
        if self.target == "restated":
            return
        self.later(1)
        self.do(hearing.answer_restatement, c.AnswerRestatement(self.file_id, restated.id), self.manager)
        if self.target == "asked":
            self._ask_document("company", 10)
        elif self.target == "extended":
            self._extend()
        elif self.target == "offers":
            self._offers(settle=False)
        elif self.target == "settled_blind":
            self._offers(settle=True)
        else:
            self._negotiate()

    def _ask_document(self, side: str, days: int) -> None:
        self.later(1)
        due = (max(self.at, self.now - timedelta(days=4)) + timedelta(days=days)).date()
        due = min(due, (self.at + timedelta(days=29)).date())
        self.do(
            hearing.ask_document,
            c.AskDocument(self.file_id, side, self.words["document"], due),
            self.mediator,
        )

    def _extend(self) -> None:
        self.at = max(self.at, self.now - timedelta(days=6))
        until = (self.file.due_on or self.now.date()) + timedelta(days=45)
        self.do(admitting.extend, c.Extend(self.file_id, until, self.words["extension"]), self.mediator)

    def _offers(self, *, settle: bool) -> None:
        self.later(2)
        self.at = self.at if settle else max(self.at, self.now - timedelta(days=3))
        until = (self.at + timedelta(days=12)).date()
        distance = max(500, self.asked // 20 // 100 * 100)
        one = self.do(offering.open_offers, c.OpenOffers(self.file_id, distance, until), self.mediator)
        self.later(1)
        high, low = self.asked * 8 // 10, self.asked * 3 // 10
        self.do(offering.offer_blind, c.OfferBlind(self.file_id, one.id, high, understood=True), CUSTOMER)
        if not settle:
            return
        self.later(1)
        self.do(offering.offer_blind, c.OfferBlind(self.file_id, one.id, low), self.manager)
        self.later(1)
        self.do(offering.offer_blind, c.OfferBlind(self.file_id, one.id, high), self.manager)
        self._pay()

    def _negotiate(self) -> None:
        self.later(2)
        first = self._propose(CUSTOMER, (Part("refund", self.asked),))
        self.later(2)
        small = max(100, self.asked * 3 // 10 // 100 * 100)
        extra = Part("extension", months=2, within_days=10)
        if self.target == "countered":
            self._propose(self.manager, (Part("refund", small), extra), counters_id=first.id)
            return
        self._answer(first, self.manager, accept=False)
        self.later(1)
        second = self._propose(self.manager, (Part("refund", small), extra))
        if self.target == "proposal" and self.locale == "en":
            return
        self.later(2)
        self._answer(second, CUSTOMER, accept=False)
        self._conclude()

    def _conclude(self) -> None:
        self.later(3)
        middle = max(100, self.asked * 6 // 10 // 100 * 100 + self.rng.choice((0, 50, 90)))
        parts: tuple[Part, ...] = (Part("refund", min(middle, self.asked)),)
        if self.target not in ("closed", "proposal", "half"):
            parts += (Part("apology", within_days=10, said=self.words["apology"]),)
        last = self._propose(self.mediator, parts, said=self.words["reasons"])
        if self.target == "proposal":
            return
        self.later(3)
        self._answer(last, CUSTOMER, accept=True)
        if self.target == "half":
            return
        self.later(3)
        if self.target == "closed":
            self._answer(last, self.manager, accept=False)
            self._close()
            return
        self._answer(last, self.manager, accept=True)
        if self.target in ("carried_out", "agreed"):
            self._pay()

    def _propose(
        self, by: Actor, parts: tuple[Part, ...], *, said: str = "", counters_id: int | None = None
    ) -> Proposal:
        until = (max(self.at, self.now - timedelta(days=4)) + timedelta(days=12)).date()
        until = min(until, (self.at + timedelta(days=85)).date())
        command = c.Propose(self.file_id, parts, expires_on=until, said=said, counters_id=counters_id)
        made: Proposal = self.do(proposing.propose, command, by)
        return made

    def _answer(self, proposal: Proposal, by: Actor, *, accept: bool) -> None:
        command = c.AnswerProposal(self.file_id, proposal.id, accept=accept, understood=accept)
        self.do(proposing.answer_proposal, command, by)

    def _close(self) -> None:
        self.later(4)
        favours = self.rng.choice(("customer", "shared", "shared", "company"))
        command = c.CloseWithOpinion(
            self.file_id, self.words["opinion"], favours, self.cause, self.words["recommendation"]
        )
        self.do(closing.close_with_opinion, command, self.mediator)

    def _leave(self, who: Actor, cause: str) -> None:
        self.later(6)
        said = self.words["leaves"] if who is CUSTOMER else ""
        self.do(closing.withdraw, c.Withdraw(self.file_id, said, cause=cause), who)

    def _pay(self) -> None:
        """The desk orders the refund at once; where that is a while ago, it was paid and the rest done."""
        decision = self.session.scalars(
            select(Decision).where(Decision.case_id == self.case.id).order_by(Decision.n.desc()).limit(1)
        ).one()
        case = self.session.get_one(Case, self.case.id)
        ordered = refunds.create_intents(self.session, case.id, decision.id, actor=SYSTEM, now=self.at)
        self.session.execute(_ordered(decision.id, self.at))
        if self.target == "agreed":
            return
        self.later(2)
        for intent in ordered:
            reference = f"sbx_{self.rng.getrandbits(64):016x}"
            refunds.settle(self.session, case, intent, "sandbox", reference, actor=SYSTEM, now=self.at)
        settling.watch(self.session, self.file_id, actor=SYSTEM, now=self.at)
        self.later(2)
        for task_id in self.session.scalars(
            select(Task.id).where(Task.mediation_id == self.file_id, Task.state == "open")
        ).all():
            self.do(settling.fulfil, c.Fulfil(task_id), self.manager)


def _rosalind(session: Session, drawn: Drawn, house: House, panel: Panel) -> None:
    """As the mock-up has it: asked for 50 days ago, notified after nine, the mediator's 391,00 € answered by one side."""
    now, solene = drawn.now, house.managers["FR"]
    agnes = next(one for one in panel.mediators.values() if one.name.startswith("Agnès"))
    case_id = drawn.case(session, house)

    def at(days: int, hour: int = 10, minute: int = 0) -> datetime:
        return min(local(now - timedelta(days=days), hour, minute), now)

    def do(action: Callable[..., Any], command: Any, actor: Actor, when: datetime) -> Any:
        done = action(session, command, actor=actor, now=when)
        session.flush()
        return done

    request = c.RequestMediation(
        case_id,
        "Le cours du mardi n’a plus lieu depuis le 14 septembre. Onze séances sur vingt manquent.",
        court_seized=False,
        other_mediator=False,
    )
    file_id = do(asking.request_mediation, request, CUSTOMER, at(50)).id
    do(appointing.appoint, c.Appoint(file_id, agnes.id), panel.keeper, at(49))
    reply = c.SupplyFact(file_id, "trader_reply", "known", "refused", "Courriel du 29 septembre")
    do(asking.supply_fact, reply, agnes, at(48))
    said = "Réclamation écrite du 18 septembre et refus du 29 septembre au dossier."
    do(admitting.admit, c.Admit(file_id, said=said), agnes, at(42))
    represent = c.NameRepresentative(file_id, "company", person_id=solene.id)
    do(asking.name_representative, represent, solene, at(42, 15))
    do(admitting.notify, c.Notify(file_id), agnes, at(41))
    first = session.scalars(select(Point.id).where(Point.mediation_id == file_id)).one()
    told = "Travaux dans la salle de Lyon Confluence. Un cours équivalent était ouvert à Villeurbanne, six séances ont été suivies."
    do(hearing.state, c.State(file_id, first, told), solene, at(21))
    notice = do(hearing.add_point, c.AddPoint(file_id, "Information"), agnes, at(21, 11)).id
    sum_of = do(hearing.add_point, c.AddPoint(file_id, "Montant"), agnes, at(21, 12)).id
    none = "Aucun message avant le premier mardi annulé."
    do(hearing.state, c.State(file_id, notice, none), CUSTOMER, at(20))
    mail = "Courriel du 11 septembre à tous les membres de la salle."
    do(hearing.state, c.State(file_id, notice, mail), solene, at(20, 15))
    do(hearing.state, c.State(file_id, sum_of, "L’année entière.", 61_200), CUSTOMER, at(20, 16))
    do(hearing.state, c.State(file_id, sum_of, "Et deux mois d’accès.", 30_000), solene, at(20, 17))
    both = (
        "Contrat du 3 février 2026, 612,00 € payés. Pas de cours à Lyon Confluence du 14 septembre au 20 novembre. "
        "Réclamation écrite le 18 septembre."
    )
    do(hearing.add_point, c.AddPoint(file_id, "Non contesté", agreed=True, said=both), agnes, at(19))
    for side, point, name in (
        (CUSTOMER, first, "Planning affiché.txt"),
        (solene, first, "Relevé des entrées.txt"),
        (solene, notice, "Courriel.txt"),
    ):
        text = f"{name}\nMED\n".encode()
        digest = blobs.put(session, text, "text/plain", now=at(19))
        file = NewAttachment(digest, name, "text/plain", len(text))
        do(hearing.add_document, c.AddDocument(file_id, file, point_id=point), side, at(19, 14))
    asked = c.AskDocument(
        file_id, "company", "Relevé des entrées de septembre", (now + timedelta(days=6)).date()
    )
    do(hearing.ask_document, asked, agnes, at(7))
    one = c.Propose(file_id, (_ends(61_200)), expires_on=at(5).date())
    opened = do(proposing.propose, one, CUSTOMER, at(15))
    do(proposing.answer_proposal, c.AnswerProposal(file_id, opened.id, accept=False), solene, at(12))
    months = (Part("refund", 30_000), Part("extension", months=2))
    second = do(proposing.propose, c.Propose(file_id, months, expires_on=at(4).date()), solene, at(11))
    do(proposing.answer_proposal, c.AnswerProposal(file_id, second.id, accept=False), CUSTOMER, at(8))
    why = (
        "Onze séances sur vingt manquent ; six ont été suivies ailleurs, ce qui réduit la perte sans l’effacer. Le contrat "
        "prend fin, la part manquante est rendue."
    )
    until = (now + timedelta(days=10)).date()
    mine = do(proposing.propose, c.Propose(file_id, _ends(39_100), expires_on=until, said=why), agnes, at(4))
    yes = c.AnswerProposal(file_id, mine.id, accept=True, understood=True)
    do(proposing.answer_proposal, yes, CUSTOMER, at(2))


def _ends(minor: int) -> tuple[Part, ...]:
    ends = Part("changed_term", effect="end_now", said="Fin du contrat au 14 septembre")
    return (Part("refund", minor), ends)


def _panel(session: Session, now: datetime) -> Panel:
    people = {person.mail: person for person in session.scalars(select(Person).order_by(Person.id))}
    keeper = _actor(next(p for p in people.values() if p.role == "administrator"))
    began = now - timedelta(days=330)
    mediators = {}
    for mail, fields, locales, capacity in PANEL:
        person = people[mail]
        change = ChangeMediator(person.id, fields, locales, capacity, True)
        appointing.change_mediator(session, change, actor=keeper, now=began)
        mediators[person.id] = _actor(person)
    return Panel(mediators, keeper)


def _actor(person: Person) -> Actor:
    return Actor(*(getattr(person, column.key) for column in PERSON_COLUMNS))


def _case(session: Session, language: str, start: datetime, taken: set[int]) -> Case | None:
    """A case in `language` that was decided against the customer, in whole or part, and quiet since before `start`."""
    quiet = start - _QUIET
    last = func.coalesce(Case.closed_at, Case.decided_at, Case.last_contact_at)
    statement = (
        select(Case)
        .join(Customer, Customer.id == Case.customer_id)
        .where(
            Case.kind != "chargeback",
            Case.charge_id.is_not(None),
            Case.status.in_(("closed", "decided")),
            or_(Case.outcome == "refused", Case.outcome == "partly-granted", Case.outcome == "granted"),
            Customer.locale.like(f"{language}%"),
            Case.opened_at > start - timedelta(days=200),
            last < quiet,
            Case.last_contact_at < quiet,
            Case.id.not_in(taken),
        )
        .order_by((Case.outcome == "granted"), (Case.kind != "dispute"), Case.opened_at.desc(), Case.id)
        .limit(25)
    )
    return next((case for case in session.scalars(statement) if refundable(session, case) >= 3_000), None)


def _clocks(session: Session, now: datetime) -> None:
    """What the clocks of the files would have said by `now`, each at its instant: until none is overdue."""
    for _ in range(4):
        late = session.scalars(
            select(Clock)
            .where(Clock.subject_kind == "mediation", Clock.state == "running", Clock.due_at <= now)
            .where(Clock.breached_at.is_(None))
            .order_by(Clock.due_at, Clock.id)
        ).all()
        for clock in late:
            look(session, {"clock_id": clock.id}, now=clock.due_at + timedelta(seconds=20))
        session.flush()
        rows = session.scalars(
            select(OutboxRow)
            .where(OutboxRow.kind == "mediation.clock_breached", OutboxRow.state == "ready")
            .order_by(OutboxRow.due_at, OutboxRow.id)
        ).all()
        for row in rows:
            jobs.breached(session, dict(row.payload), now=row.due_at)
            row.state, row.done_at, row.started_at, row.attempts = "done", row.due_at, row.due_at, 1
        session.flush()
        if not rows:
            return


def _ordered(decision_id: int, at: datetime) -> Any:
    return (
        update(OutboxRow)
        .where(OutboxRow.key == f"refund-{decision_id}")
        .values(state="done", done_at=at, started_at=at, attempts=1)
    )


def _undisputed(locale: str) -> str:
    return {"fr": "Non contesté"}.get(locale, "Not disputed")
